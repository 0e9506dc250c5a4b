"""Laws of reading variants, on the alleles of every gene that we have."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hooks.clinical.facts import Diplotype, Missing
from hooks.clinical.haplotypes import Called, Definitions, Site, fitting, fitting_diplotypes
from hooks.knowledge import load

GENES = {symbol: gene for symbol, gene in load().loci.genes.items() if not gene.not_called}


@st.composite
def carriers(draw: st.DrawFn, symbol: str) -> tuple[Diplotype, list[Called]]:
    """Two named alleles of a gene, and what a test of all its positions finds, in phase."""
    gene = GENES[symbol]
    first = draw(st.sampled_from(gene.alleles))
    second = first if gene.copies == "one" else draw(st.sampled_from(gene.alleles))
    single = gene.copies == "one"
    calls = []
    for position, site in gene.sites.items():
        letters = tuple(_letter(draw, site, changes) for _, changes in (first, second))
        calls.append(Called(position, letters[:1] if single else letters, "" if single else "all"))
    named = (first[0],) if single else (first[0], second[0])
    return Diplotype.of(symbol, *named), calls


def _letter(draw: st.DrawFn, site: Site, changes: object) -> str:
    assert isinstance(changes, dict)
    letters = sorted(changes.get(site.position, {site.reference}))
    return letters[0] if len(letters) == 1 else draw(st.sampled_from(letters))


def unphased(calls: list[Called]) -> list[Called]:
    return [replace(call, letters=tuple(sorted(call.letters)), phase="") for call in calls]


def found(gene: Definitions, calls: list[Called]) -> frozenset[Diplotype]:
    told = fitting_diplotypes(gene, calls)
    return frozenset() if isinstance(told, Missing) else told


@pytest.mark.parametrize("symbol", GENES)
@given(st.data())
@settings(max_examples=15)
def test_two_named_alleles_are_among_their_own_candidates(symbol: str, data: st.DataObject) -> None:
    diplotype, calls = data.draw(carriers(symbol))
    assert diplotype in found(GENES[symbol], calls)
    assert diplotype in found(GENES[symbol], unphased(calls))


@pytest.mark.parametrize("symbol", GENES)
@given(st.data())
@settings(max_examples=10)
def test_phase_never_adds_a_diplotype(symbol: str, data: st.DataObject) -> None:
    _, calls = data.draw(carriers(symbol))
    assert found(GENES[symbol], calls) <= found(GENES[symbol], unphased(calls))


@pytest.mark.parametrize("symbol", GENES)
@given(st.data())
@settings(max_examples=10)
def test_the_order_of_positions_never_matters(symbol: str, data: st.DataObject) -> None:
    _, calls = data.draw(carriers(symbol))
    mixed = data.draw(st.permutations(calls))
    assert found(GENES[symbol], calls) == found(GENES[symbol], list(mixed))


@pytest.mark.parametrize("symbol", GENES)
@given(st.data())
@settings(max_examples=10)
def test_a_position_less_never_removes_a_candidate(symbol: str, data: st.DataObject) -> None:
    _, calls = data.draw(carriers(symbol))
    calls = unphased(calls)
    dropped = data.draw(st.sets(st.sampled_from([call.position for call in calls]), max_size=8))
    fewer = [call for call in calls if call.position not in dropped]
    assert found(GENES[symbol], calls) <= found(GENES[symbol], fewer)


@pytest.mark.parametrize("symbol", GENES)
@given(st.data())
@settings(max_examples=10)
def test_few_diplotypes_have_the_functions_of_all(symbol: str, data: st.DataObject) -> None:
    gene = GENES[symbol]
    _, calls = data.draw(carriers(symbol))
    kept = unphased(calls)[: data.draw(st.integers(0, 6))]
    functions = {name: f"{len(name) % 3}" for name, _ in gene.alleles}
    few = fitting(gene, kept, functions, most=3)
    assert not isinstance(few, Missing)

    def told(diplotypes: frozenset[Diplotype]) -> set[tuple[str, ...]]:
        return {tuple(sorted(functions[name] for name in d.alleles)) for d in diplotypes}

    assert told(few.diplotypes) == told(found(gene, kept))
