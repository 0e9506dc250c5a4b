"""The rules from alleles to phenotypes: every pair of alleles, against the counts of the source."""

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import combinations_with_replacement, permutations, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import Diplotype, Missing
from hooks.clinical.genes import INDETERMINATE, UNASSIGNED, Gene, GeneCall
from hooks.knowledge import load

FOLDER = Path(__file__).parent / "genes"
GENES = load().genes
CALLED = {symbol: gene for symbol, gene in GENES.items() if gene.method != "hla"}
NOT_COUNTED = {
    "CFTR": "the source states the rule without a count",
    "CYP4F2": "CPIC assigns neither functions nor phenotypes",
    "HLA-A": "a status an allele, no diplotypes",
    "HLA-B": "a status an allele, no diplotypes",
    "IFNL3": "CPIC assigns no phenotypes",
}
BEST_BESIDE_WORST = {
    "CFTR": "one responsive variant is enough",
    "CYP2D6": "three copies of a normal allele make up for one without function",
}
BESIDE_REFERENCE = {"RYR1": "the source counts each variant beside the reference only"}


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected(symbol: str) -> Counter[tuple[str, str]]:
    """Rule and phenotype -> how many diplotypes, as phenotype tables of CPIC's data count them."""
    return Counter(
        {
            (row["rule"], row["phenotype"]): int(row["diplotypes"])
            for row in rows("diplotype_counts")
            if row["gene"] == symbol
        }
    )


COUNTED = sorted({row["gene"] for row in rows("diplotype_counts")})
ORDERS = {row["gene"]: (row["worst"], row["phenotypes"].split(";")) for row in rows("risk_order")}


def diplotypes(gene: Gene) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every diplotype that the source counts, with the sex of the patient."""
    names = [name for name, value in gene.alleles.items() if value != UNASSIGNED]
    if gene.symbol in BESIDE_REFERENCE:
        yield from (((gene.reference, name), "female") for name in names)
        return
    if gene.method in {"hemizygous", "mitochondrial"}:
        yield from (((name,), "male") for name in names)
    if gene.method != "mitochondrial":
        yield from ((pair, "female") for pair in combinations_with_replacement(names, 2))


def call(gene: Gene, alleles: tuple[str, ...], sex: str = "female") -> GeneCall:
    """The one call that *alleles* lead to."""
    told = gene.calls(Diplotype.of(gene.symbol, *alleles), sex)
    assert not isinstance(told, Missing), told
    (only,) = told
    return only


def rule(gene: Gene, alleles: tuple[str, ...], told: GeneCall) -> str:
    if gene.ranges:
        return f"score {told.score}"
    return " + ".join(sorted(gene.alleles[name] for name in alleles))


@pytest.mark.parametrize("symbol", COUNTED)
def test_every_rule_covers_as_many_diplotypes_as_the_source_counts(symbol: str) -> None:
    gene = GENES[symbol]
    counted: Counter[tuple[str, str]] = Counter()
    for alleles, sex in diplotypes(gene):
        told = call(gene, alleles, sex)
        counted[rule(gene, alleles, told), told.phenotype] += 1

    assert counted == expected(symbol)


def test_every_gene_is_counted_or_has_its_reason() -> None:
    assert {*COUNTED, *NOT_COUNTED} == GENES.keys()
    assert not NOT_COUNTED.keys() & set(COUNTED)
    assert BESIDE_REFERENCE.keys() <= set(COUNTED)


@pytest.mark.parametrize("symbol", ["CACNA1S", "CFTR", "RYR1"])
def test_one_deciding_variant_and_nothing_else_makes_the_first_phenotype(symbol: str) -> None:
    gene = GENES[symbol]
    first = gene.precedence[0]
    for pair in combinations_with_replacement(gene.alleles, 2):
        decided = first in {gene.alleles[name] for name in pair}
        assert (call(gene, pair).phenotype == gene.phenotypes[(first,)]) is decided


# Laws


def called_pairs(symbol: str) -> st.SearchStrategy[tuple[str, str]]:
    """Two alleles of a gene that have functions."""
    gene = GENES[symbol]
    known = [name for name, value in gene.alleles.items() if value != UNASSIGNED]
    return st.tuples(st.sampled_from(known), st.sampled_from(known))


def test_every_gene_with_an_order_names_all_its_phenotypes() -> None:
    assert ORDERS.keys() == CALLED.keys() - {"CYP4F2", "IFNL3"}
    for symbol, (worst, order) in ORDERS.items():
        gene = GENES[symbol]
        assert {*gene.phenotypes.values(), *gene.ranges} - {INDETERMINATE} == set(order)
        assert worst in gene.alleles.values()


@pytest.mark.parametrize("symbol", sorted(ORDERS))
def test_a_worst_function_instead_of_another_never_lowers_the_risk(symbol: str) -> None:
    gene, (worst, order) = GENES[symbol], ORDERS[symbol]
    by_value = {value: name for name, value in gene.alleles.items() if value != UNASSIGNED}
    for first, second in product(by_value.values(), repeat=2):
        before, after = call(gene, (first, second)), call(gene, (by_value[worst], second))
        if INDETERMINATE not in {before.phenotype, after.phenotype}:
            assert order.index(after.phenotype) >= order.index(before.phenotype)


@given(st.data(), st.sampled_from(sorted(ORDERS)))
def test_a_worst_allele_instead_of_another_never_lowers_the_risk(
    data: st.DataObject, symbol: str
) -> None:
    gene, (worst, order) = GENES[symbol], ORDERS[symbol]
    first, second = data.draw(called_pairs(symbol))
    bad = data.draw(st.sampled_from([a for a, value in gene.alleles.items() if value == worst]))

    before, after = call(gene, (first, second)), call(gene, (bad, second))

    if INDETERMINATE not in {before.phenotype, after.phenotype}:
        assert order.index(after.phenotype) >= order.index(before.phenotype)


@pytest.mark.parametrize("symbol", sorted(ORDERS))
def test_a_worst_allele_beside_any_other_is_never_the_best_phenotype(symbol: str) -> None:
    gene, (worst, order) = GENES[symbol], ORDERS[symbol]
    bad = next(name for name, value in gene.alleles.items() if value == worst)
    others = [name for name, value in gene.alleles.items() if value != UNASSIGNED]

    told = {call(gene, (bad, other)).phenotype for other in others}

    assert (order[0] in told) is (symbol in BEST_BESIDE_WORST)


@given(st.sampled_from(sorted(CALLED)), st.data(), st.sampled_from(["male", "female"]))
def test_an_unknown_allele_yields_no_phenotype_unless_another_decides(
    symbol: str, data: st.DataObject, sex: str
) -> None:
    gene = CALLED[symbol]
    name = data.draw(st.sampled_from(sorted(gene.alleles)))
    odd = data.draw(st.sampled_from(["*999", "novel", "c.1A>T", "m.1A>T", "?", ""]))

    told = gene.calls(Diplotype.of(symbol, name, odd), sex)

    if gene.alleles[name] in gene.precedence[:1]:
        assert not isinstance(told, Missing)
        assert {each.phenotype for each in told} == {gene.phenotypes[(gene.precedence[0],)]}
    else:
        assert isinstance(told, Missing)


@given(st.sampled_from(sorted(CALLED)), st.data(), st.sampled_from(["male", "female"]))
def test_the_order_of_alleles_never_matters(symbol: str, data: st.DataObject, sex: str) -> None:
    gene = CALLED[symbol]
    names = data.draw(st.lists(st.sampled_from(sorted(gene.alleles)), min_size=1, max_size=3))

    told = [gene.calls(Diplotype(symbol, turned), sex) for turned in permutations(names)]

    assert len({_meaning(each) for each in told}) == 1


def _meaning(told: frozenset[GeneCall] | Missing) -> object:
    """What *told* says, without the spelling of the diplotype and which gap came first."""
    if isinstance(told, Missing):
        return told.why
    return frozenset((each.phenotype, str(each.score)) for each in told)
