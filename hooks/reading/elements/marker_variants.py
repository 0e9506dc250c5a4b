"""Variants as markers read them: gene, change, found or not, source class, significance, copies."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from hooks.clinical.codes import ReportTables
from hooks.clinical.facts import Evidence
from hooks.clinical.logic import Truth
from hooks.clinical.markers import FETAL, GERMLINE, PATHOGENIC, SOMATIC, Variant
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
from hooks.reading.said import agreed, answered, in_order, said, sentences
from hooks.reading.statements import gene_value, named_gene
from hooks.reading.variants import holds_of, words_in
from hooks.reading.words import zygosities

CHANGES = frozenset({"hgvs", "change-type"})
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


def genes_of(observation: Resource, tables: ReportTables) -> frozenset[str]:
    """Our genes that *observation* may speak of, by components; by words where there are none."""
    parts = [p for p in as_list(observation, "component") if holds_of(p, tables) == "gene"]
    named = {named_gene(gene_value(part), tables) for part in parts} - {""}
    words = [*_changes(observation, tables), *values(observation, tables)]
    if parts:
        words = [word for word in words if FUSION.search(word)]
    else:
        words += texts(as_dict(observation, "code"))
    return frozenset(named.union(*(symbols(word, tables) for word in words)))


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
    genes = genes_of(observation, tables)
    changes, told = _changes(observation, tables), values(observation, tables)
    coded = frozenset(answers(observation, tables))
    if not changes and coded.isdisjoint({"present", "absent", "no-call", *STATES}):
        for part in [part for text in told for part in sentences(text)] or [""]:
            own = frozenset(symbols(part, tables)) & genes or genes
            change = (part.strip(),) if CHANGE.search(part) else ()
            found = _found(coded, (part,), named=bool(change))
            yield _variant(observation, tables, where, own, change, found)
        return
    named = (*changes, *(text for text in told if CHANGE.search(text)))
    yield _variant(observation, tables, where, genes, named, _found(coded, told, named=False))


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


def _variant(
    observation: Resource,
    tables: ReportTables,
    where: Scope,
    genes: frozenset[str],
    changes: tuple[str, ...],
    found: Truth,
) -> Variant:
    words = [*_parts(observation, "allelic-state", tables), *changes, *values(observation, tables)]
    states = _part_answers(observation, "allelic-state", tables) | answers(observation, tables)
    return Variant(
        genes=genes,
        changes=changes,
        found=Truth.UNKNOWN if "dataAbsentReason" in observation else found,
        evidence=where.evidence,
        at=where.at,
        source_class=_source_class(observation, tables),
        significance=_significance(observation, tables),
        zygosity=frozenset(states & STATES) | _states(words),
        final=where.final,
    )


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


def _changes(observation: Resource, tables: ReportTables) -> tuple[str, ...]:
    """The words of the components that tell the change, each once."""
    words = [
        plain(word)
        for part in as_list(observation, "component")
        if holds_of(part, tables) in CHANGES
        for word in words_in(part)
    ]
    return tuple(dict.fromkeys(words))


def _parts(observation: Resource, holds: str, tables: ReportTables) -> list[str]:
    """The words of the components that hold *holds*."""
    parts = (p for p in as_list(observation, "component") if holds_of(p, tables) == holds)
    return [plain(word) for part in parts for word in words_in(part)]


def _part_answers(observation: Resource, holds: str, tables: ReportTables) -> set[str]:
    """The coded answers of the components that hold *holds*."""
    parts = (p for p in as_list(observation, "component") if holds_of(p, tables) == holds)
    return {answer for part in parts for answer in answers(part, tables)}


def _states(words: Iterable[str]) -> frozenset[str]:
    found = {f"{each}zygous" for word in words for each in zygosities(word)}
    return frozenset(found | {"compound" for word in words if COMPOUND.search(word)})


def _source_class(observation: Resource, tables: ReportTables) -> str:
    """The source class; empty if it is not told, the words themselves if they are not plain."""
    told = _part_answers(observation, "source-class", tables) & CLASSES
    words = _parts(observation, "source-class", tables)
    told = told or {word.casefold().strip() for word in words}
    return told.pop() if len(told) == 1 else ", ".join(sorted(told))


def _significance(observation: Resource, tables: ReportTables) -> str:
    """PATHOGENIC or a key of HARMLESS; empty if nothing is told, `not clear` for other words."""
    words = _parts(observation, "significance", tables)
    told = _part_answers(observation, "significance", tables)
    told &= {PATHOGENIC, "uncertain", "benign"}
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
