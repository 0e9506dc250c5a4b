"""Genetic results to gene results: one a gene, from every form in which reports state it."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from hooks.clinical.codes import ReportTables
from hooks.clinical.facts import (
    AlleleStatus,
    Diplotype,
    GeneResult,
    Missing,
    Record,
    ReportedPhenotype,
    Why,
)
from hooks.clinical.genes import Gene, scored
from hooks.clinical.scores import Score
from hooks.reading.alleles import diplotypes, haplotype, segment
from hooks.reading.phenotypes import phenotype, score, score_text, vocabulary
from hooks.reading.resources import (
    Answer,
    Resource,
    as_dict,
    as_list,
    as_text,
    entries,
    is_of_patient,
    reference,
)
from hooks.reading.statements import Statement, statements
from hooks.reading.statuses import presence, statuses
from hooks.reading.words import doubtful

NO_GENE = Missing("genetic result", Why.UNREADABLE, "a result on file names no gene")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one statement was read as; *unreadable* says why, if nothing could be."""

    statement: Statement
    candidates: frozenset[Diplotype] = frozenset()
    reported: frozenset[ReportedPhenotype] = frozenset()
    statuses: frozenset[AlleleStatus] = frozenset()
    allele: str = ""
    unreadable: str = ""

    @property
    def source(self) -> tuple[str, str]:
        """Which laboratory states what kind of thing: a newer one of these replaces an older."""
        statement = self.statement
        laboratory = statement.evidence.performer.casefold() or statement.evidence.reference
        kind = "phenotype" if statement.holds in {"phenotype", "implication"} else "alleles"
        return laboratory, f"status {statement.allele}" if statement.holds == "status" else kind


def gene_record(
    answer: Answer,
    patient_id: str,
    tables: ReportTables,
    wanted: Container[str] | None = None,
) -> Record[GeneResult]:
    """The genes that *answer* tells of; if there is no answer, everything in it is missing.

    Only results of *patient_id* count, and of *wanted* genes, if these are given. What an
    incomplete answer does not hold is not fetched, and what it holds may not be the last word.
    Beside a result that names no gene, every gene without one is unreadable: it may be of it.
    """
    if isinstance(answer, Missing):
        return Record(otherwise=Why.NOT_FETCHED, detail=answer.detail)
    own = own_observations(answer.resource, patient_id, answer.source, tables)
    stated = list(statements(own, answer.source, tables))
    nameless = any(_is_of_no_gene(each, tables) for each in stated)
    if wanted is not None:
        stated = [each for each in stated if not each.gene or each.gene in wanted]
    found = gene_results(stated, tables)
    if answer.remark is not None:
        detail = answer.remark.detail
        part = {symbol: _incomplete(result, detail) for symbol, result in found.items()}
        return Record(part, Why.NOT_FETCHED, detail, (NO_GENE,) if nameless else ())
    if nameless:
        return Record(found, NO_GENE.why, NO_GENE.detail, (NO_GENE,))
    return Record(found)


def own_observations(
    bundle: Resource | None, patient_id: str, source: str, tables: ReportTables
) -> Iterator[Resource]:
    """The Observations of *bundle* that are about the patient and may tell of a gene, each once."""
    seen: dict[str, list[Resource]] = {}
    for resource in entries(bundle, "Observation"):
        if not _may_tell(resource, tables) or not is_of_patient(resource, patient_id, source):
            continue
        if resource in seen.get(reference(resource), ()):
            continue
        seen.setdefault(reference(resource), []).append(resource)
        contained = [
            inner
            for inner in as_list(resource, "contained")
            if isinstance(inner, dict) and is_of_patient(inner, patient_id, source)
        ]
        yield {**resource, "contained": contained} if "contained" in resource else resource


def _may_tell(resource: Resource, tables: ReportTables) -> bool:
    """A first look that most results do not pass: is any of their codes one that we read?"""
    if "contained" in resource or _has_code(resource, tables):
        return True
    parts = as_list(resource, "component") if "component" in resource else ()
    return any(_has_code(part, tables) for part in parts)


def _has_code(part: object, tables: ReportTables) -> bool:
    for coding in as_list(as_dict(part, "code"), "coding"):
        if as_text(coding, "code").strip() in tables.code_words:
            return True
    return False


def gene_results(
    stated: Iterable[Statement], tables: ReportTables
) -> dict[str, GeneResult | Missing]:
    """One result a gene, over all laboratories and forms."""
    by_gene: dict[str, list[Reading]] = {}
    for statement in stated:
        if _is_absent_variant(statement):
            continue
        for symbol in _genes_of(statement, tables):
            gene = tables.genes[symbol]
            reading = _read(replace(statement, gene=symbol), gene, tables)
            by_gene.setdefault(symbol, []).append(reading)
    return {symbol: _result(symbol, readings) for symbol, readings in by_gene.items()}


def _is_of_no_gene(statement: Statement, tables: ReportTables) -> bool:
    """Whether *statement* says something, and neither it nor its report says of which gene."""
    if statement.foreign or _is_absent_variant(statement) or _genes_of(statement, tables):
        return False
    return any(segment(text, "", tables.genes) for text in statement.texts)


def _is_absent_variant(statement: Statement) -> bool:
    """A variant that is not there says nothing on the other alleles."""
    return statement.holds == "variant" and "absent" in statement.answers


def _genes_of(statement: Statement, tables: ReportTables) -> list[str]:
    """The gene of *statement*; without one, every known gene that its text names."""
    if statement.gene:
        return [statement.gene]
    words = " ".join(statement.texts).casefold()
    return [symbol for symbol in tables.genes if symbol.casefold() in words]


def _read(statement: Statement, gene: Gene, tables: ReportTables) -> Reading:
    if not statement.final:
        return Reading(statement, unreadable="is not final")
    if statement.holds == "haplotype":
        return _read_haplotype(statement, gene, tables)
    if statement.holds == "status":
        return _read_status(statement)
    if statement.holds == "variant":
        return Reading(statement, unreadable="is a variant, not yet read into alleles")
    return _read_words(statement, gene, tables)


def _read_words(statement: Statement, gene: Gene, tables: ReportTables) -> Reading:
    """Alleles, phenotypes and single-allele answers, from all words of the statement."""
    told = [diplotypes(gene, text, tables.genes) for text in statement.texts]
    stated = {found for found in told if found}
    if len(stated) > 1:
        return Reading(statement, unreadable="states different alleles")
    reading = Reading(
        statement,
        candidates=next(iter(stated), frozenset()),
        reported=_reported(statement, gene, tables),
        statuses=_told_statuses(statement, gene, tables),
    )
    silent = (text for text, found in zip(statement.texts, told, strict=True) if not found)
    plain = not any(_takes_back(text, gene, tables) for text in silent)
    if plain and (reading.candidates or reading.reported or reading.statuses):
        return reading
    return replace(reading, unreadable="cannot be read")


def _takes_back(text: str, gene: Gene, tables: ReportTables) -> bool:
    """Whether *text*, which states no alleles, states nothing else either and casts doubt."""
    if not doubtful(text):
        return False
    told = phenotype(gene, text, tables.terms, tables.genes)
    return told is None and not (gene.method == "hla" and statuses(gene, text, tables.genes))


def _reported(
    statement: Statement, gene: Gene, tables: ReportTables
) -> frozenset[ReportedPhenotype]:
    """The laboratory's own phenotype: coded, else in words; a bare score stands for one as well."""
    points = score_text(statement.score) or next(
        (points for text in statement.texts if (points := score(text))), ""
    )
    coded = statement.answers & vocabulary(gene)
    worded = {
        found.phenotype
        for text in statement.texts
        if (found := phenotype(gene, text, tables.terms, tables.genes)) is not None
    }
    named = {*coded, *worded}
    if not named and points:
        named = {call.phenotype for call in scored(gene, "", {Score.parse(points)})}
    return frozenset(ReportedPhenotype(gene.symbol, name, points) for name in named)


def _told_statuses(
    statement: Statement, gene: Gene, tables: ReportTables
) -> frozenset[AlleleStatus]:
    if gene.method != "hla":
        return frozenset()
    told = frozenset[AlleleStatus]().union(
        *(statuses(gene, text, tables.genes) for text in statement.texts)
    )
    alleles = [status.allele for status in told]
    return told if len(set(alleles)) == len(alleles) else frozenset()


def _read_status(statement: Statement) -> Reading:
    """A test for one allele: present or absent, by its coded answer or in words."""
    told: set[bool | None] = {a == "present" for a in statement.answers & {"present", "absent"}}
    names = rf"{re.escape(statement.gene)}|{re.escape(statement.allele)}"
    said = (re.sub(names, " ", text, flags=re.IGNORECASE) for text in statement.texts)
    told |= {presence(text) for text in said if re.search(r"[A-Za-z]{3}", text)}
    answer = told.pop() if len(told) == 1 else None
    if answer is None:
        return Reading(statement, unreadable="does not say plainly present or absent")
    status = AlleleStatus(statement.gene, statement.allele, answer)
    return Reading(statement, statuses=frozenset({status}))


def _read_haplotype(statement: Statement, gene: Gene, tables: ReportTables) -> Reading:
    names = {haplotype(gene, text, tables.genes) for text in statement.texts} - {frozenset()}
    alleles = names.pop() if len(names) == 1 else frozenset()
    if len(alleles) != 1:
        return Reading(statement, unreadable="names no single allele")
    return Reading(statement, allele=next(iter(alleles)))


def _result(symbol: str, readings: list[Reading]) -> GeneResult | Missing:
    """One result from all *readings*: the newest of each laboratory, all laboratories together."""
    used: list[Reading] = []
    left: list[Reading] = []
    for reading in _newest(_paired(symbol, readings)):
        (left if reading.unreadable else used).append(reading)
    remarks = tuple(_remark(symbol, reading) for reading in left)
    if not used:
        return remarks[0]
    evidence = {reading.statement.evidence for reading in used}
    return GeneResult(
        symbol,
        frozenset().union(*(reading.candidates for reading in used)),
        frozenset().union(*(reading.reported for reading in used)),
        frozenset().union(*(reading.statuses for reading in used)),
        tuple(sorted(evidence, key=lambda e: (e.on or date.min, e.reference), reverse=True)),
        remarks,
        doubted=any(_doubts(reading, used) for reading in left),
    )


def _doubts(reading: Reading, used: list[Reading]) -> bool:
    """Whether *reading*, which could not be read, may be newer than all that could be."""
    on = reading.statement.on
    newest = max(each.statement.on for each in used)
    return reading.statement.final and (on == date.min or on > newest)


def _paired(symbol: str, readings: list[Reading]) -> list[Reading]:
    """Haplotypes to diplotypes: two of one laboratory and day make one.

    Another number of them is left out beside a genotype that was drawn from them.
    """
    rest = [reading for reading in readings if not reading.allele]
    groups: dict[tuple[str, ...], list[Reading]] = {}
    for reading in readings:
        if reading.allele:
            groups.setdefault(_occasion(reading.statement), []).append(reading)
    drawn_from = {url for r in rest if r.candidates for url in r.statement.derived_from}
    for group in groups.values():
        if len(group) == 2 or not drawn_from & {r.statement.evidence.reference for r in group}:
            rest.append(_diplotype_of(symbol, group))
    return rest


def _occasion(statement: Statement) -> tuple[str, ...]:
    """What haplotypes of one test have in common: laboratory and day; without both, the report."""
    laboratory = statement.evidence.performer.casefold()
    if not laboratory and statement.on == date.min:
        return ("", statement.evidence.reference)
    return laboratory, statement.on.isoformat()


def _diplotype_of(symbol: str, group: list[Reading]) -> Reading:
    if len(group) != 2:
        detail = "is one haplotype without the other" if len(group) == 1 else "is one of many"
        return replace(group[0], allele="", unreadable=detail)
    alleles = (reading.allele for reading in group)
    return replace(group[0], allele="", candidates=frozenset({Diplotype.of(symbol, *alleles)}))


def _newest(readings: list[Reading]) -> Iterator[Reading]:
    """What its own laboratory has not replaced; a result without a date replaces nothing."""
    days: dict[tuple[str, str], list[date]] = {}
    for reading in readings:
        if reading.statement.final:
            days.setdefault(reading.source, []).append(reading.statement.on)
    newest = {source: max(on) for source, on in days.items() if date.min not in on}
    for reading in readings:
        on = reading.statement.on
        if not reading.statement.final or newest.get(reading.source, on) == on:
            yield reading


def _incomplete(result: GeneResult | Missing, detail: str) -> GeneResult | Missing:
    """*result* beside others that were not fetched: one of them may be newer, or contradict it."""
    if isinstance(result, Missing):
        return result
    remark = Missing(result.gene, Why.NOT_FETCHED, detail)
    return replace(result, remarks=(*result.remarks, remark), doubted=True)


def _remark(symbol: str, reading: Reading) -> Missing:
    detail = f"{reading.statement.evidence.reference} {reading.unreadable}"
    return Missing(symbol, Why.UNREADABLE, detail)
