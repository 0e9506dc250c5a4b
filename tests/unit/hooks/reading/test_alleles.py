"""What a report writes of alleles, whatever their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.reading import alleles
from hooks.reading.words import LONGEST_TEXT
from tests.unit.hooks.reading import KNOWLEDGE

GENES = KNOWLEDGE.genes


def stated(symbol: str, text: str) -> set[str]:
    """The diplotypes that *text* states, as text."""
    return {str(found) for found in alleles.diplotypes(GENES[symbol], text, GENES)}


def named(symbol: str, text: str) -> set[str]:
    """The haplotypes that *text* names."""
    return set(alleles.haplotype(GENES[symbol], text, GENES))


@pytest.mark.parametrize(
    ("symbol", "text", "haplotypes"),
    [
        ("CYP2C19", "CYP2C19*2", {"*2"}),
        ("CYP2C19", "CYP2C19 *2 or *3", set()),
        ("CYP2C19", "*2/*3", set()),
        ("CYP2C19", "wild type", set()),
        ("CYP2D6", "*36+*10", {"*36 + *10"}),
        ("CYP2D6", "*1 x 2", {"*1x2"}),
        ("HLA-B", "HLA-B*57:01", {"*57:01"}),
        ("DPYD", "c.2846A>T", {"c.2846A>T"}),
        ("DPYD", "HapB3", {"HapB3"}),
        ("DPYD", "c.9999A>T", set()),
        ("CYP2C19", "CYP2D6*4", set()),
    ],
)
def test_a_haplotype_is_named_by_its_allele(symbol: str, text: str, haplotypes: set[str]) -> None:
    assert named(symbol, text) == haplotypes


@pytest.mark.parametrize("text", ["*2 not detected", "No *2", "*2 absent"])
def test_a_negated_haplotype_is_none(text: str) -> None:
    assert named("CYP2C19", text) == set()


@pytest.mark.parametrize("symbol", ["CYP2C19", "CYP2D6", "DPYD", "G6PD", "HLA-B"])
@given(text=st.text() | st.text("*/+x≥N(). 0123456789:ABc>T-,;|#hlazygous", max_size=60))
def test_no_text_raises(symbol: str, text: str) -> None:
    stated(symbol, text)
    named(symbol, text)


def test_an_endless_allele_number_does_not_raise() -> None:
    stated("CYP2C19", "*1/*" + "1" * 5000)


@pytest.mark.parametrize("text", ["*1/*2" + " " * LONGEST_TEXT, "*" * 20_000, "*1 + " * 5_000])
def test_a_text_that_is_too_long_for_one_result_states_nothing(text: str) -> None:
    assert stated("CYP2C19", text) == set()
