"""The variants that one laboratory found on one day, put together: what they leave possible."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from hooks.clinical.facts import Diplotype, Evidence, Missing
from hooks.clinical.genes import Gene, GeneCall
from hooks.clinical.haplotypes import Definitions, Fitting, fitting
from hooks.reading.positions import called
from hooks.reading.statements import Statement
from hooks.reading.variants import Phase

MOST = 300  # diplotypes; of more, one for each pair of functions stands for all
NOT_CALLED = "has no position that could be called"


@dataclass(frozen=True, slots=True)
class VariantTest:
    """All variants of one gene from one laboratory and day.

    *fitting* are the diplotypes that they leave possible, or None: then *unreadable* says why.
    """

    statements: tuple[Statement, ...]
    fitting: Fitting | None = None
    unreadable: str = ""

    @property
    def newest(self) -> Statement:
        """The statement that stands for all."""
        return max(self.statements, key=lambda each: (each.on, each.evidence.reference))

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The results, each once."""
        return tuple(dict.fromkeys(statement.evidence for statement in self.statements))

    @property
    def doubts(self) -> tuple[str, ...]:
        """What the variants leave open, beside the diplotypes."""
        found = self.fitting
        if found is None or not found.open:
            return ()
        return ("further variants of this gene were not tested",)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is left out of the diplotypes, without changing what they are judged as."""
        found = self.fitting
        if found is None or found.count <= MOST:
            return ()
        return (
            f"{found.count} diplotypes fit the variants; one for each pair of functions stands",
        )


def variant_tests(
    gene: Gene,
    definitions: Definitions,
    statements: Iterable[Statement],
    phases: Iterable[Phase],
    sex: str | Missing,
) -> list[VariantTest]:
    """One test for each laboratory and day among *statements*, which all tell of *gene*."""
    groups: dict[tuple[str, ...], list[Statement]] = {}
    for statement in statements:
        groups.setdefault(_occasion(statement), []).append(statement)
    known = list(phases)
    return [_test(gene, definitions, tuple(group), known, sex) for group in groups.values()]


def agree(
    gene: Gene, named: frozenset[Diplotype], fitting: frozenset[Diplotype], sex: str | Missing
) -> bool:
    """Whether a named diplotype fits the variants, or one that is judged like it."""
    if named & fitting:
        return True
    first, second = (
        {(call.phenotype, call.score) for each in group for call in _calls(gene, each, sex)}
        for group in (named, fitting)
    )
    return bool(first & second)


def _calls(gene: Gene, diplotype: Diplotype, sex: str | Missing) -> frozenset[GeneCall]:
    called = gene.calls(diplotype, sex)
    return frozenset() if isinstance(called, Missing) else called


def _occasion(statement: Statement) -> tuple[str, ...]:
    """Laboratory and day; results with neither are of one test if they are of one server."""
    laboratory = statement.evidence.performer.casefold()
    if not laboratory and statement.on == date.min:
        return ("", statement.evidence.source)
    return laboratory, statement.on.isoformat()


def _test(
    gene: Gene,
    definitions: Definitions,
    statements: tuple[Statement, ...],
    phases: list[Phase],
    sex: str | Missing,
) -> VariantTest:
    facts = [fact for statement in statements for fact in statement.facts]
    calls = called(definitions, facts, phases, sex)
    if definitions.not_called:
        calls = []
    if isinstance(calls, str):
        return VariantTest(statements, unreadable=calls)
    if not calls and not definitions.not_called:
        return VariantTest(statements, unreadable=NOT_CALLED)
    found = fitting(definitions, calls, _functions(gene, definitions), MOST)
    if isinstance(found, Missing):
        return VariantTest(statements, unreadable=f"cannot be read into alleles: {found.detail}")
    return VariantTest(statements, found)


def _functions(gene: Gene, definitions: Definitions) -> dict[str, str]:
    """The function of each named allele; alleles that the gene's table does not have share one."""
    known = {name: gene.allele(name) for name, _ in definitions.alleles}
    return {
        name: gene.alleles[found] if isinstance(found, str) else "" for name, found in known.items()
    }
