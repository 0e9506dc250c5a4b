"""Genetic results to gene results: one a gene, from every form in which reports state it."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from datetime import date

from hooks.clinical.codes import ReportTables
from hooks.clinical.facts import (
    AlleleStatus,
    GeneResult,
    Missing,
    Record,
    ReportedPhenotype,
    Why,
)
from hooks.clinical.genes import Gene, scored
from hooks.clinical.scores import Score
from hooks.reading.alleles import haplotype, stated
from hooks.reading.consents import OPEN, Permission
from hooks.reading.phenotypes import phenotype, score, score_text, vocabulary
from hooks.reading.readings import Reading, newest, paired
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
from hooks.reading.segments import named_genes, segment
from hooks.reading.statements import Statement, statements
from hooks.reading.statuses import presence, statuses
from hooks.reading.variant_tests import VariantTest, agree, variant_tests
from hooks.reading.whose import Transplant, not_of_patient, spoiled
from hooks.reading.words import doubtful

AGAINST_ALLELES = "the variants and the alleles on file contradict each other"
UNTOLD_SEX = Missing("sex", Why.NOT_FETCHED)
NO_POSITIONS = "tells of a variant, which is not read for this gene"
NO_GENE = Missing("genetic result", Why.UNREADABLE, "a result on file names no gene")


def gene_record(
    answer: Answer,
    patient_id: str,
    tables: ReportTables,
    wanted: Container[str] | None = None,
    sex: str | Missing = UNTOLD_SEX,
    received: tuple[Transplant, ...] = (),
    allowed: Permission = OPEN,
) -> Record[GeneResult]:
    """The genes that *answer* tells of; if there is no answer, everything in it is missing.

    Only results of *patient_id* count, that the transplants *received* leave valid, and of
    *wanted* genes, if these are given. *sex* decides how many chromosomes the variants of a gene
    on X are read for. A result that is not *allowed* is told as unreadable, without a word of what
    it holds. What an incomplete answer does not hold is not fetched, and what it holds may not be
    the last word. Beside a result that names no gene, every gene without one is unreadable: that
    result may be of it.
    """
    if isinstance(answer, Missing):
        return Record(otherwise=Why.NOT_FETCHED, detail=answer.detail)
    own = own_observations(answer.resource, patient_id, answer.source, tables)
    stated = list(statements(own, answer.source, tables, wanted, allowed))
    nameless = {each.withheld or NO_GENE for each in stated if _is_of_no_gene(each, tables)}
    remarks = tuple(sorted(nameless, key=lambda gap: gap is not NO_GENE))
    if wanted is not None:
        stated = [each for each in stated if not each.gene or each.gene in wanted]
    own_genes = (_marked(each, patient_id) for each in stated)
    found = gene_results(own_genes, tables, sex, received)
    if answer.remark is not None:
        detail = answer.remark.detail
        part = {symbol: _incomplete(result, detail) for symbol, result in found.items()}
        return Record(part, Why.NOT_FETCHED, detail, remarks)
    if remarks:
        return Record(found, remarks[0].why, remarks[0].detail, remarks)
    return Record(found)


def own_observations(
    bundle: Resource | None, patient_id: str, source: str, tables: ReportTables
) -> Iterator[Resource]:
    """The results and reports of *bundle* on the patient that may tell of a gene, each once."""
    seen: dict[str, list[Resource]] = {}
    for resource in (*entries(bundle, "Observation"), *entries(bundle, "DiagnosticReport")):
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


def _marked(statement: Statement, patient_id: str) -> Statement:
    """*statement*, marked if it is on the patient's record and not on the patient."""
    reason = not_of_patient(statement.focus, statement.specimen, patient_id)
    return replace(statement, unusable=reason) if reason else statement


def gene_results(
    stated: Iterable[Statement],
    tables: ReportTables,
    sex: str | Missing = UNTOLD_SEX,
    received: tuple[Transplant, ...] = (),
) -> dict[str, GeneResult | Missing]:
    """One result a gene, over all laboratories and forms."""
    by_gene: dict[str, list[Reading]] = {}
    variants: dict[str, list[Statement]] = {}
    listed = list(stated)
    for statement in listed:
        for symbol in _genes_of(statement, tables) if _tells(statement) else ():
            gene = tables.genes[symbol]
            own = replace(statement, gene=symbol)
            if received and not own.unusable:
                reason = spoiled(gene, own.evidence.on, own.specimen, received)
                own = replace(own, unusable=reason)
            reading = _read(own, gene, tables)
            usable = own.final and not own.unusable and own.withheld is None
            bare = usable and own.facts and _is_bare(reading)
            if bare and symbol in tables.loci.genes:
                variants.setdefault(symbol, []).append(own)
            else:
                found = replace(reading, unreadable=NO_POSITIONS) if bare else reading
                by_gene.setdefault(symbol, []).append(found)
    counted = (s for s in listed if s.final and not s.unusable and s.withheld is None)
    phases = [phase for statement in counted for phase in statement.phases]
    for symbol, told in variants.items():
        definitions = tables.loci.genes[symbol]
        named = any(reading.candidates for reading in by_gene.get(symbol, ()))
        if definitions.not_called and named:
            continue
        tests = variant_tests(tables.genes[symbol], definitions, told, phases, sex)
        by_gene.setdefault(symbol, []).extend(_test_reading(symbol, test) for test in tests)
    return {
        symbol: _result(tables.genes[symbol], readings, sex) for symbol, readings in by_gene.items()
    }


def _tells(statement: Statement) -> bool:
    """Whether *statement* is of alleles; a variant at no position of ours is not."""
    return statement.holds != "phase" and (statement.holds != "variant" or bool(statement.facts))


def _is_bare(reading: Reading) -> bool:
    """Whether nothing but single variants could be read."""
    return not (reading.candidates or reading.reported or reading.statuses)


def _test_reading(symbol: str, test: VariantTest) -> Reading:
    found = test.fitting
    if found is None:
        return Reading(test.newest, unreadable=test.unreadable, evidence=test.evidence)
    doubts, notes = (
        tuple(Missing(symbol, Why.UNREADABLE, detail) for detail in told)
        for told in (test.doubts, test.notes)
    )
    return Reading(
        test.newest, found.diplotypes, evidence=test.evidence, doubts=doubts, notes=notes
    )


def _is_of_no_gene(statement: Statement, tables: ReportTables) -> bool:
    """Whether *statement* says something, and neither it nor its report says of which gene."""
    told = statement.holds != "phase" and not _is_absent_variant(statement)
    if statement.foreign or not told or _genes_of(statement, tables):
        return False
    return any(segment(text, "", tables.genes) for text in statement.texts)


def _is_absent_variant(statement: Statement) -> bool:
    """A variant that is not there, wherever that is."""
    return statement.holds == "variant" and "absent" in statement.answers


def _genes_of(statement: Statement, tables: ReportTables) -> list[str]:
    """The gene of *statement*; without one, every known gene that its text names."""
    if statement.gene:
        return [statement.gene]
    return named_genes(" ".join(statement.texts), tables.genes)


def _read(statement: Statement, gene: Gene, tables: ReportTables) -> Reading:
    if statement.withheld is not None:
        return Reading(statement, unreadable=statement.withheld.detail)
    if statement.unusable:
        return Reading(statement, unreadable=statement.unusable)
    if not statement.final:
        return Reading(statement, unreadable="is not final")
    if statement.holds == "note":
        return Reading(statement, unreadable="has no value, only a note")
    if statement.holds == "haplotype":
        return _read_haplotype(statement, gene, tables)
    if statement.holds == "status":
        return _read_status(statement)
    if statement.holds == "variant":
        return Reading(statement)
    return _read_words(statement, gene, tables)


def _read_words(statement: Statement, gene: Gene, tables: ReportTables) -> Reading:
    """Alleles, phenotypes and single-allele answers, from all words of the statement."""
    told = {text: stated(gene, text, tables.genes) for text in statement.texts}
    different = {each.diplotypes for each in told.values() if each.diplotypes}
    if len(different) > 1:
        return Reading(statement, unreadable="states different alleles")
    beside = [each.beside if each.diplotypes else text for text, each in told.items()]
    reading = Reading(
        statement,
        candidates=next(iter(different), frozenset()),
        reported=_reported(statement, beside, gene, tables),
        statuses=_told_statuses(statement, gene, tables),
    )
    silent = (text for text, each in told.items() if not each.diplotypes)
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
    statement: Statement, beside: list[str], gene: Gene, tables: ReportTables
) -> frozenset[ReportedPhenotype]:
    """The laboratory's own phenotype: coded, else in words; a bare score stands for one as well."""
    points = score_text(statement.score) or next(
        (points for text in beside if (points := score(text))), ""
    )
    coded = statement.answers & vocabulary(gene)
    worded = {
        found.phenotype
        for text in beside
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


def _result(gene: Gene, readings: list[Reading], sex: str | Missing) -> GeneResult | Missing:
    """One result from all *readings*: the newest of each laboratory, all laboratories together."""
    used: list[Reading] = []
    left: list[Reading] = []
    for reading in newest(paired(gene.symbol, readings)):
        (left if reading.unreadable else used).append(reading)
    used, conflicts = _beside_alleles(gene, used, sex)
    remarks = tuple(_remark(gene.symbol, reading) for reading in left)
    if not used:
        return remarks[0]
    doubts = tuple(doubt for reading in used for doubt in reading.doubts)
    notes = tuple(note for reading in used for note in reading.notes)
    evidence = {each for r in used for each in r.evidence or (r.statement.evidence,)}
    return GeneResult(
        gene.symbol,
        frozenset().union(*(reading.candidates for reading in used)),
        frozenset().union(*(reading.reported for reading in used)),
        frozenset().union(*(reading.statuses for reading in used)),
        tuple(sorted(evidence, key=lambda e: (e.on or date.min, e.reference), reverse=True)),
        (*conflicts, *doubts, *notes, *remarks),
        doubted=bool(doubts) or any(_doubts(reading, used) for reading in left),
    )


def _beside_alleles(
    gene: Gene, used: list[Reading], sex: str | Missing
) -> tuple[list[Reading], list[Missing]]:
    """Variants beside alleles that a laboratory named: evidence for them, or a conflict."""
    named = [reading for reading in used if reading.candidates and not reading.evidence]
    kept, conflicts = [], []
    for reading in used:
        if not reading.evidence or not named:
            kept.append(reading)
        elif all(agree(gene, each.candidates, reading.candidates, sex) for each in named):
            kept.append(replace(reading, candidates=frozenset(), doubts=(), notes=()))
        else:
            kept.append(reading)
            conflicts.append(Missing(gene.symbol, Why.CONFLICTING, AGAINST_ALLELES))
    return kept, conflicts


def _doubts(reading: Reading, used: list[Reading]) -> bool:
    """Whether *reading*, which could not be read, may be newer than all that could be."""
    on = reading.statement.on
    newest = max(each.statement.on for each in used)
    counts = reading.statement.final and not reading.statement.unusable
    return counts and (on == date.min or on > newest)


def _incomplete(result: GeneResult | Missing, detail: str) -> GeneResult | Missing:
    """*result* beside others that were not fetched: one of them may be newer, or contradict it."""
    if isinstance(result, Missing):
        return result
    remark = Missing(result.gene, Why.NOT_FETCHED, detail)
    return replace(result, remarks=(*result.remarks, remark), doubted=True)


def _remark(symbol: str, reading: Reading) -> Missing:
    if reading.statement.withheld is not None:
        return replace(reading.statement.withheld, what=symbol)
    detail = f"{reading.statement.evidence.reference} {reading.unreadable}"
    return Missing(symbol, Why.UNREADABLE, detail)
