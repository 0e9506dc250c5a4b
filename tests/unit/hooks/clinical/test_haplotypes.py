"""From called positions to every diplotype that fits, on invented alleles."""

from collections.abc import Iterable

import pytest

from hooks.clinical.facts import Missing, Why
from hooks.clinical.haplotypes import (
    Called,
    Definition,
    Definitions,
    Fitting,
    Site,
    defined,
    fitting,
    fitting_diplotypes,
)

A, C, G, T = (frozenset({letter}) for letter in "ACGT")
SITES = (
    Site("PAIR", "chr1", 1, ("A", "G")),
    Site("PAIR", "chr1", 2, ("C", "T")),
    Site("PAIR", "chr1", 3, ("G", "A", "T")),
)
ALLELES: tuple[tuple[str, Definition], ...] = (
    ("*1", {}),
    ("*2", {1: G}),
    ("*3", {2: T}),
    ("*4", {1: G, 2: T}),
    ("*5", {3: A}),
    ("*6", {3: T}),
)
PAIR = defined("PAIR", SITES, ALLELES)
VARIANTS = defined(
    "VARIANTS",
    SITES,
    [("Reference", {}), ("a", {1: G}), ("b", {2: T}), ("a, c (d)", {1: G, 3: A}), ("e", {3: T})],
    rule="combines",
)
LINKED = defined("LINKED", SITES, ALLELES, copies="one-in-men")
ROUND = defined(
    "ROUND", SITES, [("Reference", {}), ("a", {1: G}), ("b", {2: T})], "one", "combines"
)


def calls(text: str) -> list[Called]:
    """`1:A/G 2:C|T` as calls; `|` gives all of them one phase, one letter is one chromosome."""
    found = []
    for part in text.split():
        position, _, letters = part.partition(":")
        phase = "p" if "|" in letters else ""
        found.append(Called(int(position), tuple(letters.replace("|", "/").split("/")), phase))
    return found


def told(gene: Definitions, text: str) -> set[str]:
    found = fitting_diplotypes(gene, calls(text))
    assert isinstance(found, frozenset), found
    return {str(diplotype) for diplotype in found}


def why_not(gene: Definitions, text: str) -> str:
    found = fitting_diplotypes(gene, calls(text))
    assert isinstance(found, Missing)
    assert found.why is Why.UNREADABLE
    return found.detail


def possible(gene: Definitions, text: str) -> Fitting:
    found = fitting(gene, calls(text), {}, 100)
    assert isinstance(found, Fitting)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1:A/A 2:C/C 3:G/G", {"*1/*1"}),
        ("1:A/G 2:C/C 3:G/G", {"*1/*2"}),
        ("1:A/G 2:C/T 3:G/G", {"*1/*4", "*2/*3"}),
        ("1:A|G 2:C|T 3:G/G", {"*1/*4"}),
        ("1:A|G 2:T|C 3:G/G", {"*2/*3"}),
        ("1:G|A 2:T|C 3:G/G", {"*1/*4"}),
        ("1:A/A 2:C/C 3:A/T", {"*5/*6"}),
        ("1:G/G 2:T/T 3:G/G", {"*4/*4"}),
    ],
)
def test_all_diplotypes_that_fit_are_told(text: str, expected: set[str]) -> None:
    assert told(PAIR, text) == expected


def test_a_position_that_was_not_called_excludes_nothing() -> None:
    assert told(PAIR, "1:A/A 3:G/G") == {"*1/*1", "*1/*3", "*3/*3"}
    assert len(told(PAIR, "")) == 21


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1:G/? 2:C/C 3:G/G", {"*1/*2", "*2/*2"}),
        ("1:A/A 2:C/C 3:G/*", {"*1/*5", "*1/*6"}),
        ("1:A/A 2:C/C 3:*/*", {"*5/*5", "*6/*6"}),
        ("1:A|A 2:C|C 3:G|*", {"*1/*5", "*1/*6"}),
    ],
)
def test_a_letter_that_is_not_told_leaves_every_letter_possible(
    text: str, expected: set[str]
) -> None:
    assert told(PAIR, text) == expected


def test_an_allele_that_may_have_either_letter_fits_both() -> None:
    either = defined("PAIR", SITES, [("*1", {}), ("*7", {1: A | G, 2: T})])
    assert told(either, "1:A/G 2:C/T 3:G/G") == {"*1/*7"}
    assert told(either, "1:A/A 2:C/T 3:G/G") == {"*1/*7"}


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("1:A/A 2:C/C 3:G/C", "no named allele has what was found at 3"),
        ("1:G/G 2:C/C 3:A/A", "no named alleles have the variants that were found"),
        ("1:G", "one chromosome lacks a part of the gene"),
    ],
)
def test_what_fits_no_named_allele_is_never_the_reference(text: str, detail: str) -> None:
    assert why_not(PAIR, text) == detail


def test_a_gene_that_variants_cannot_tell_says_so() -> None:
    gene = defined("PAIR", SITES, ALLELES, not_called="it has copies")
    assert why_not(gene, "1:A/A") == "it has copies"


def test_alleles_of_one_name_are_one() -> None:
    gene = defined("PAIR", SITES, [("*1", {}), ("*2", {1: G}), ("*2", {1: G, 3: A})])
    assert told(gene, "1:A/G 2:C/C") == {"*1/*2"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1:G 2:C 3:G", {"*2"}),
        ("1:G 2:C/C 3:G", {"*2"}),
        ("1:G 2:C", {"*2"}),
        ("1:A 2:C", {"*1", "*5", "*6"}),
        ("3:*", {"*5", "*6"}),
        ("1:G/G 2:C/C 3:G/G", {"*2/*2"}),
    ],
)
def test_a_gene_on_x_may_be_there_once(text: str, expected: set[str]) -> None:
    assert told(LINKED, text) == expected


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("1:G 2:C/T", "two different letters where there is one chromosome"),
        ("1:G 2:T 3:A", "no named alleles have the variants that were found"),
    ],
)
def test_one_chromosome_has_one_letter_and_one_allele(text: str, detail: str) -> None:
    assert why_not(LINKED, text) == detail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1:A 2:C", {"Reference"}),
        ("1:G 2:C", {"a"}),
        ("1:A", {"Reference", "b"}),
        ("1:G 2:T", {"a/b"}),
    ],
)
def test_mitochondria_have_one_call_of_all_variants(text: str, expected: set[str]) -> None:
    assert told(ROUND, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1:A/A 2:C/C 3:G/G", "Reference/Reference"),
        ("1:A/G 2:C/T 3:G/G", "a/b"),
        ("1:A/G 2:C/C 3:G/A", "Reference/a, c (d)"),
        ("1:A/G 2:C/T 3:G/A", "a, c (d)/b"),
        ("1:G/G 2:C/T 3:G/A", "a/a, c (d)/b"),
        ("1:G/G 2:C/T 3:G/G", "a/a/b"),
        ("1:G/? 2:C/T 3:G/T", "a/b/e"),
        ("1:A|G 2:C|T 3:G/G", "Reference/a + b"),
        ("1:A|G 2:C|T 3:G/T", "a + b/e"),
        ("1:A|G 2:C|T 3:T|G", "a + b/e"),
        ("1:A|G 2:T|C 3:G/G", "a/b"),
    ],
)
def test_variants_that_no_two_alleles_hold_are_listed(text: str, expected: str) -> None:
    assert told(VARIANTS, text) == {expected}


def test_two_variants_that_make_one_allele_are_not_two() -> None:
    assert told(VARIANTS, "1:A/G 2:T/T 3:G/A") == {"a, c (d)/b/b"}


@pytest.mark.parametrize("text", ["1:A/A 2:C/C 3:G/A", "1:A/A 2:C/T 3:A/T", "1:G/G 2:T/T 3:*/*"])
def test_a_variant_of_no_allele_makes_the_whole_unreadable(text: str) -> None:
    assert why_not(VARIANTS, text) == "no named alleles have the variants that were found"


@pytest.mark.parametrize(
    ("gene", "text", "expected"),
    [
        (VARIANTS, "1:A/G 2:C/T", True),
        (VARIANTS, "1:A/G 2:C/T 3:G/G", False),
        (VARIANTS, "1:A/G", False),
        (VARIANTS, "1:G/G 2:C/T", True),
        (ROUND, "1:G", True),
        (ROUND, "1:A", False),
        (PAIR, "1:A/G 2:C/T", False),
    ],
)
def test_variants_that_were_not_tested_may_lie_beside_those_found(
    gene: Definitions, text: str, expected: bool
) -> None:
    assert possible(gene, text).open is expected


FUNCTIONS = {"*1": "normal", "*2": "none", "*3": "normal", "*4": "none"}


def names(found: Fitting | Missing) -> set[str]:
    assert isinstance(found, Fitting)
    return {str(diplotype) for diplotype in found.diplotypes}


def test_of_too_many_diplotypes_one_a_pair_of_functions_stands_for_all() -> None:
    found = fitting(PAIR, calls("3:G/G"), FUNCTIONS, most=5)
    assert isinstance(found, Fitting)
    assert found.count == 10
    assert names(found) == {"*1/*1", "*1/*2", "*2/*2"}


def test_functions_of_which_no_pair_fits_are_left_out() -> None:
    found = fitting(PAIR, calls("1:A/G 3:G/G"), FUNCTIONS, most=1)
    assert names(found) == {"*1/*2"}


def test_of_too_many_alleles_of_one_chromosome_one_a_function_stands_for_all() -> None:
    found = fitting(LINKED, calls("3:G 3:G"), FUNCTIONS, most=2)
    assert isinstance(found, Fitting)
    assert found.count == 4
    assert names(found) == {"*3", "*4"}


def reordered(parts: Iterable[str]) -> str:
    return " ".join(reversed(list(parts)))


@pytest.mark.parametrize("text", ["1:A/G 2:C/T 3:G/G", "1:A|G 2:T|C 3:G/G", "1:A/G 2:C/T"])
def test_the_order_of_positions_does_not_matter(text: str) -> None:
    assert told(PAIR, text) == told(PAIR, reordered(text.split()))
