"""Which part of a text speaks of which gene."""

import pytest

from hooks.reading import alleles
from hooks.reading.segments import named_genes, segment
from tests.unit.hooks.reading import KNOWLEDGE

GENES = KNOWLEDGE.genes


def stated(symbol: str, text: str) -> set[str]:
    """The diplotypes that *text* states, as text."""
    return {str(found) for found in alleles.diplotypes(GENES[symbol], text, GENES)}


@pytest.mark.parametrize(
    ("text", "diplotypes"),
    [
        ("CYP2C19 *1/*2; CYP2D6 *4/*4", {"*1/*2"}),
        ("CYP2D6 *4/*4, CYP2C19 *1/*2", {"*1/*2"}),
        ("CYP2C9 *1/*1", set()),
        ("CYP2D6 *4/*4; CYP2C19: see attached", set()),
        ("CYP2C9*1/*1 CYP2C19", set()),
    ],
)
def test_another_genes_result_in_the_same_text_is_not_ours(text: str, diplotypes: set[str]) -> None:
    assert stated("CYP2C19", text) == diplotypes


@pytest.mark.parametrize(
    "text",
    [
        "CYP2C19: failed; CYP1A2 *1/*1",
        "CYP2A6 *1/*1",
        "UGT2B15 *1/*1",
        "CYP 2D6 *1/*1",
        "cyp2d6 *1/*1",
    ],
)
def test_the_result_of_a_gene_that_we_do_not_know_is_not_ours(text: str) -> None:
    assert stated("CYP2C19", text) == set()


def test_a_result_of_ours_beside_one_of_an_unknown_gene_is_plain() -> None:
    assert stated("CYP2C19", "CYP2C19 *2/*2, CYP3A5 *1/*1") == {"*2/*2"}


def test_a_short_name_of_another_gene_is_not_ours() -> None:
    assert stated("CYP2C19", "2D6 *1/*1") == set()


def test_a_longer_symbol_is_not_a_shorter_one() -> None:
    assert segment("CYP2C19 *2/*2", "CYP2C9", GENES) == ""
    assert segment("xHLA-B 1", "HLA-B", GENES) == "xHLA-B 1"


def test_words_before_our_gene_count_where_no_other_is_named() -> None:
    assert segment("Positive for HLA-B*57:01", "HLA-B", GENES) == "Positive for *57:01"
    assert segment("HLA-A positive. HLA-B *57:01", "HLA-B", GENES) == " *57:01"


def test_a_short_name_of_ours_is_ours() -> None:
    assert segment("2C19 *1/*2; 2D6 *4/*4", "CYP2C19", GENES) == " *1/*2; "
    assert segment("B*57:01", "HLA-B", GENES) == "*57:01"


@pytest.mark.parametrize(
    ("text", "genes"),
    [
        ("CYP2C19 *1/*2, cyp2d6 *4/*4", ["CYP2C19", "CYP2D6"]),
        ("2C19 *1/*2", ["CYP2C19"]),
        ("B*57:01", ["HLA-B"]),
        ("CYP2C19A *1", []),
        ("*1/*2", []),
        ("CYP1A2 *1/*1", []),
    ],
)
def test_the_genes_that_a_text_names_are_told(text: str, genes: list[str]) -> None:
    assert sorted(named_genes(text, GENES)) == genes
