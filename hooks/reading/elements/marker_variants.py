"""Variants as markers read them: gene, change, found or not, source class, significance, copies."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from hooks.clinical.codes import ReportTables
from hooks.clinical.facts import Evidence
from hooks.clinical.logic import Truth
from hooks.clinical.markers import FETAL, GERMLINE, PATHOGENIC, SOMATIC, Variant
from hooks.reading.genes_named import gene_value, named_gene
from hooks.reading.moments import moment
from hooks.reading.newest import STATUSES, WITHDRAWN, rank
from hooks.reading.plain import plain
from hooks.reading.resources import (
    Resource,
    as_dict,
    as_list,
    as_text,
    codings,
    evidence,
    texts,
)
from hooks.reading.said import ANSWERS, agreed, answered, in_order, said, sentences
from hooks.reading.variants import holds_of, words_in
from hooks.reading.words import zygosities

CHANGES = ("hgvs", "change-type")
READ = frozenset({*CHANGES, "allelic-state", "source-class", "significance"})
STATES = frozenset({"homozygous", "heterozygous", "hemizygous", "compound"})
CLASSES = frozenset({GERMLINE, SOMATIC, FETAL})
CHANGE = re.compile(
    r"\b[cgpmr]\.\S|\b[A-Z][a-z]{0,2}\d{2,4}(?:[A-Z*]|\b)|fusion|rearr|::|\bITD\b|\bex(?:on)?\W?\d"
    r"|(?<![A-Za-z])(?:del|dup|ins|inv|t)\(|\bPI[\s*]{0,2}[MSZ]{2}\b",
)
FUSION = re.compile(r"fusion|rearr|translocation|::|-", re.IGNORECASE)
SYMBOL = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
CONFLICT = re.compile(r"\bconflict", re.IGNORECASE)
UNCERTAIN = re.compile(r"\buncertain|\bunknown significance|\bVUS\b", re.IGNORECASE)
BENIGN = re.compile(r"\bbenign\b|\b(?:not|non)[\s-]?pathogenic", re.IGNORECASE)
HARMFUL = re.compile(r"\bpathogenic", re.IGNORECASE)
COMPOUND = re.compile(r"\bcompound", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scope:
    """What all that one Observation says has in common; *rank* orders results of one moment."""

    evidence: Evidence
    at: datetime | None
    final: bool
    rank: tuple[int, int, datetime]


def scope(observation: Resource, source: str, now: datetime) -> Scope | None:
    """The scope of *observation*; None if it was withdrawn. Nothing of the future is final."""
    status = as_text(observation, "status")
    if status in WITHDRAWN:
        return None
    at = moment(observation)
    final = status in STATUSES and not (at is not None and at.is_to_come(now))
    start = at.first if at is not None else None
    return Scope(evidence(observation, source), start, final, rank(observation))


@dataclass(frozen=True, slots=True)
class Parts:
    """What the components of a variant tell, by what they hold: words, and coded answers.

    *genes* are those that components name; *named* says that there are such components.
    """

    words: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, set[str]] = field(default_factory=dict)
    genes: set[str] = field(default_factory=set)
    named: bool = False

    @property
    def changes(self) -> tuple[str, ...]:
        """The words that tell the change, each once."""
        told = (word for holds in CHANGES for word in self.words.get(holds, ()))
        return tuple(dict.fromkeys(told))


def parts_of(observation: Resource, tables: ReportTables) -> Parts:
    """The components of *observation*, in one pass."""
    words: dict[str, list[str]] = {}
    coded: dict[str, set[str]] = {}
    genes: set[str] = set()
    named = False
    for part in as_list(observation, "component"):
        holds = holds_of(part, tables)
        if holds == "gene":
            named = True
            genes.add(named_gene(gene_value(part), tables))
        elif holds in READ:
            words.setdefault(holds, []).extend(plain(word) for word in words_in(part))
            coded.setdefault(holds, set()).update(answers(part, tables))
    return Parts(words, coded, genes - {""}, named)


def genes_of(
    observation: Resource, parts: Parts, told: Iterable[str], tables: ReportTables
) -> frozenset[str]:
    """Our genes that *observation* speaks of: by components, by words where there are none."""
    words = [*parts.changes, *told]
    if parts.named:
        words = [word for word in words if FUSION.search(word)]
    else:
        words += texts(as_dict(observation, "code"))
    return frozenset(parts.genes.union(*(symbols(word, tables) for word in words)))


def symbols(text: str, tables: ReportTables) -> set[str]:
    """The genes of ours whose symbols stand in *text* as words of capital letters."""
    words = {part for word in SYMBOL.findall(text[:1000]) for part in (word, *word.split("-"))}
    known = {tables.gene_codes.get(word.casefold(), "") for word in words if not word.isdigit()}
    return known - {""}


def variants(
    observation: Resource, tables: ReportTables, source: str, now: datetime
) -> Iterator[Variant]:
    """What *observation* says of variants: one, or one a sentence where all is told in words."""
    where = scope(observation, source, now)
    if where is None:
        return
    parts, told = parts_of(observation, tables), values(observation, tables)
    genes = genes_of(observation, parts, told, tables)
    coded = frozenset(answers(observation, tables))
    common = _common(observation, parts, told, coded, where)
    if not parts.changes and coded.isdisjoint({*ANSWERS, *STATES}):
        for sentence in [part for text in told for part in sentences(text)] or [""]:
            own = frozenset(symbols(sentence, tables)) & genes or genes
            change = (sentence.strip(),) if CHANGE.search(sentence) else ()
            found = _found(coded, (sentence,), named=bool(change))
            yield _variant(common, own, change, found, (sentence,))
        return
    named = (*parts.changes, *(text for text in told if CHANGE.search(text)))
    yield _variant(common, genes, named, _found(coded, told, named=False), told)


def _common(
    observation: Resource, parts: Parts, told: Iterable[str], coded: frozenset[str], where: Scope
) -> Variant:
    """What holds for every variant of *observation*; what was found is UNKNOWN as yet."""
    states = parts.answers.get("allelic-state", set()) | coded
    return Variant(
        genes=frozenset(),
        changes=(),
        found=Truth.UNKNOWN if "dataAbsentReason" in observation else Truth.YES,
        evidence=where.evidence,
        at=where.at,
        source_class=_source_class(parts),
        significance=_significance(parts),
        zygosity=frozenset(states & STATES) | _states(parts.words.get("allelic-state", ())),
        final=where.final,
    )


def _variant(
    common: Variant,
    genes: frozenset[str],
    changes: tuple[str, ...],
    found: Truth,
    told: Iterable[str],
) -> Variant:
    states = _states((*changes, *told))
    return replace(
        common,
        genes=genes,
        changes=changes,
        found=Truth.UNKNOWN if common.found is Truth.UNKNOWN else found,
        zygosity=common.zygosity | states,
    )


def _found(coded: frozenset[str], told: Iterable[str], *, named: bool) -> Truth:
    """Whether the variant was found: coded answers first; words may not contradict them.

    A text that does no more than name a change says that it was found.
    """
    by_code = answered(coded)
    if by_code is None and coded & STATES:
        by_code = Truth.YES
    by_words = agreed(said(text) for text in told)
    found = in_order(by_code, by_words)
    if found is not None:
        return found
    return Truth.YES if named else Truth.UNKNOWN


def values(part: Resource, tables: ReportTables) -> tuple[str, ...]:
    """The words of the value of *part*, without codes that are known."""
    concept = as_dict(part, "valueCodeableConcept")
    known = {code for system, code in codings(concept) if (system, code) in tables.answers}
    words = (*texts(concept), as_text(part, "valueString"))
    return tuple(plain(word) for word in words if word.strip() and word not in known)


def answers(part: Resource, tables: ReportTables) -> set[str]:
    """What the coded value of *part* and its coded interpretation mean."""
    concepts = (as_dict(part, "valueCodeableConcept"), *as_list(part, "interpretation"))
    codes = (code for concept in concepts for code in codings(concept))
    return {tables.answers[code] for code in codes if code in tables.answers}


def _states(words: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for word in words:
        found |= {f"{each}zygous" for each in zygosities(word)}
        found |= {"compound"} if COMPOUND.search(word) else set()
    return frozenset(found)


def _source_class(parts: Parts) -> str:
    """The source class; empty if it is not told, the words themselves if they are not plain."""
    told = parts.answers.get("source-class", set()) & CLASSES
    told = told or {word.casefold().strip() for word in parts.words.get("source-class", ())}
    return told.pop() if len(told) == 1 else ", ".join(sorted(told))


def _significance(parts: Parts) -> str:
    """PATHOGENIC or a key of HARMLESS; empty if nothing is told, `not clear` for other words."""
    words = parts.words.get("significance", ())
    told = parts.answers.get("significance", set()) & {PATHOGENIC, "uncertain", "benign"}
    if not told:
        told = {_significance_in(word) for word in words} - {""}
    if len(told) > 1:
        return "conflicting"
    return next(iter(told), "not clear" if words else "")


def _significance_in(word: str) -> str:
    """What a display says, e.g. `Pathogenic/Likely pathogenic`; empty if none of our words."""
    if CONFLICT.search(word):
        return "conflicting"
    if UNCERTAIN.search(word):
        return "uncertain"
    harmful = HARMFUL.search(BENIGN.sub(" ", word))
    if BENIGN.search(word):
        return "conflicting" if harmful else "benign"
    return PATHOGENIC if harmful else ""
