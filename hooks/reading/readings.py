"""What statements were read as: which replaces which, and which belong together."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from hooks.clinical.facts import AlleleStatus, Diplotype, Evidence, Missing, ReportedPhenotype
from hooks.reading.statements import Statement


@dataclass(frozen=True, slots=True)
class Reading:
    """What one statement was read as; *unreadable* says why, if nothing could be.

    The variants of one test are one reading: *evidence* are all of its results, *doubts* say what
    it leaves open, *notes* what is left out of it.
    """

    statement: Statement
    candidates: frozenset[Diplotype] = frozenset()
    reported: frozenset[ReportedPhenotype] = frozenset()
    statuses: frozenset[AlleleStatus] = frozenset()
    allele: str = ""
    unreadable: str = ""
    evidence: tuple[Evidence, ...] = ()
    doubts: tuple[Missing, ...] = ()
    notes: tuple[Missing, ...] = ()

    @property
    def source(self) -> tuple[str, str]:
        """Which laboratory states what kind of thing: a newer one of these replaces an older."""
        statement = self.statement
        laboratory = statement.evidence.performer.casefold() or statement.evidence.reference
        kind = "phenotype" if statement.holds in {"phenotype", "implication"} else "alleles"
        if self.evidence or statement.holds == "variant":
            kind = "variants"
        return laboratory, f"status {statement.allele}" if statement.holds == "status" else kind


def paired(symbol: str, readings: list[Reading]) -> list[Reading]:
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


def newest(readings: list[Reading]) -> Iterator[Reading]:
    """What its own laboratory has not replaced; a result without a date replaces nothing."""
    days: dict[tuple[str, str], list[date]] = {}
    for reading in readings:
        if replaces(reading.statement):
            days.setdefault(reading.source, []).append(reading.statement.on)
    latest = {source: max(on) for source, on in days.items() if date.min not in on}
    for reading in readings:
        on = reading.statement.on
        if not replaces(reading.statement) or latest.get(reading.source, on) == on:
            yield reading


def replaces(statement: Statement) -> bool:
    """Whether a newer *statement* takes the place of older ones."""
    return statement.final and not statement.unusable
