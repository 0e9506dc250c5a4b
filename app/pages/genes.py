"""Genetic results as the service reads them, and those that it does not, as they are written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.pages.results import concept_name, value_of
from hooks.clinical.facts import GeneResult, Missing, PatientFacts, Why
from hooks.clinical.genes import Gene
from hooks.knowledge import Knowledge
from hooks.reading.newest import WITHDRAWN
from hooks.reading.resources import Resource, as_dict, as_text, dated, reference

NO_ALLELES = "phenotype only"
AS_WRITTEN = "as written in the report"


@dataclass(frozen=True, slots=True)
class GeneRow:
    """One gene: result, what it means, date; *doubt* is what could not be read or told."""

    gene: str
    result: str
    phenotype: str
    on: str
    doubt: str = ""


def gene_rows(
    facts: PatientFacts, observations: Iterable[Resource], knowledge: Knowledge
) -> tuple[GeneRow, ...]:
    """A row for each gene that a report tells of, then the reports that tell of none we know."""
    found = facts.genes.found
    rows = [_row(knowledge.genes[gene], found[gene], facts) for gene in sorted(found)]
    read = {
        each.reference
        for result in found.values()
        if isinstance(result, GeneResult)
        for each in result.evidence
    }
    return (*rows, *_unread(observations, read))


def _row(gene: Gene, result: GeneResult | Missing, facts: PatientFacts) -> GeneRow:
    if isinstance(result, Missing):
        why = "not recorded" if result.why is Why.NOT_RECORDED else result.why.value
        return GeneRow(gene.symbol, "", "", "", f"{why}: {result.detail}" if result.detail else why)
    days = [each.on for each in result.evidence if each.on]
    meant, unclear = _meaning(gene, result, facts)
    doubts = [*unclear, *(each.detail or each.why.value for each in result.remarks)]
    return GeneRow(
        gene.symbol,
        " or ".join(sorted(map(str, (*result.candidates, *result.statuses)))) or NO_ALLELES,
        " or ".join(meant),
        max(days).isoformat() if days else "no date",
        "; ".join(dict.fromkeys(doubts)),
    )


def _meaning(gene: Gene, result: GeneResult, facts: PatientFacts) -> tuple[list[str], list[str]]:
    """What the alleles mean by our tables, else what the laboratory concluded; and what of it
    cannot be told."""
    read = [] if gene.method == "hla" else [gene.calls(c, facts.sex) for c in result.candidates]
    unclear = sorted({calls.detail for calls in read if isinstance(calls, Missing)})
    told = {call.phenotype for calls in read if not isinstance(calls, Missing) for call in calls}
    return sorted(told or {str(each) for each in result.reported}), unclear


def _unread(observations: Iterable[Resource], read: set[str]) -> Iterator[GeneRow]:
    for each in observations:
        value = value_of(each)
        if value and reference(each) not in read and as_text(each, "status") not in WITHDRAWN:
            name, day = concept_name(as_dict(each, "code")), dated(each)
            on = day.isoformat() if day else "no date"
            yield GeneRow(name, value, "", on, AS_WRITTEN)
