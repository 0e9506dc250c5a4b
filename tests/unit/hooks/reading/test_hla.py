"""HLA typings in text and GL strings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.reading import alleles
from tests.unit.hooks.reading import KNOWLEDGE

GENES = KNOWLEDGE.genes
HLA_ALLELES = st.from_regex(r"\A[0-9]{2}:[0-9]{2}\Z")


def stated(symbol: str, text: str) -> set[str]:
    """The diplotypes that *text* states, as text."""
    return {str(found) for found in alleles.diplotypes(GENES[symbol], text, GENES)}


@pytest.mark.parametrize(
    "text",
    [
        "HLA-B*57:01/HLA-B*08:01",
        "HLA-B*57:01,HLA-B*08:01",
        "HLA-B*08:01, *57:01",
        "B*57:01 B*08:01",
        "57:01, 08:01",
        "HLA-B*08:01 and HLA-B*57:01, high resolution typing",
        "hla#3.31.0#HLA-B*08:01+HLA-B*57:01",
        "hla#3.31.0#HLA-A*03:01+HLA-A*30:01^HLA-B*57:01+HLA-B*08:01",
    ],
)
def test_two_hla_alleles_are_a_typing(text: str) -> None:
    assert stated("HLA-B", text) == {"*08:01/*57:01"}


@pytest.mark.parametrize(
    ("text", "typings"),
    [
        ("HLA-B*57:01:01:01/*08:01:01G", {"*08:01:01G/*57:01:01:01"}),
        ("HLA-B*57", {"*57"}),
        ("HLA-B*08:01", {"*08:01"}),
        ("HLA-B*08:01 homozygous", {"*08:01"}),
        ("hla#3.31.0#HLA-B*08:01/HLA-B*40:01+HLA-B*07:02", {"*07:02/*08:01", "*07:02/*40:01"}),
        (
            "hla#3.31.0#HLA-B*57:01+HLA-B*08:01|HLA-B*15:02+HLA-B*08:01",
            {"*08:01/*57:01", "*08:01/*15:02"},
        ),
        ("HLA-B*08:01 | HLA-B*40:01", {"*08:01", "*40:01"}),
    ],
)
def test_a_typing_keeps_its_fields_and_its_ambiguity(text: str, typings: set[str]) -> None:
    assert stated("HLA-B", text) == typings


@pytest.mark.parametrize(
    "text",
    [
        "hla#3.33.0#HLA-B*08:01/HLA-B*40:01",
        "hla#3.33.0#HLA-B*08:01+HLA-B*40:01+HLA-B*07:02",
        "HLA-B*08:01/HLA-B*40:01 failed",
        "HLA-B*57:01 positive",
        "HLA-B*57:01 kit, lot 08:01",
        "HLA-B*08:01, HLA-B*40:01, HLA-B*07:02",
        "HLA-B*15:XX",
        "",
    ],
)
def test_what_is_no_typing_states_none(text: str) -> None:
    assert stated("HLA-B", text) == set()


def test_an_alternative_that_cannot_be_read_makes_the_typing_unreadable() -> None:
    assert stated("HLA-B", "hla#3.31.0#HLA-B*57:01|HLA-B*08:01+HLA-B*40:01") == set()


def test_a_time_of_day_is_no_allele() -> None:
    assert stated("HLA-B", "HLA-B*08:01 (2024-05-01 10:30)") <= {"*08:01"}


@pytest.mark.parametrize(
    "text",
    [
        "HLA-B*08:01, HLA-C*07:01",
        "HLA-A*02:01, HLA-B*08:01, HLA-C*07:01",
        "HLA-B*08:01+HLA-C*07:01",
        "B*08:01, C*07:01",
        "A*02:01 B*08:01",
    ],
)
def test_an_allele_of_another_locus_is_not_the_second_one(text: str) -> None:
    assert stated("HLA-B", text) <= {"*08:01"}


def test_a_time_of_day_behind_a_comma_is_no_allele() -> None:
    assert stated("HLA-B", "HLA-B*08:01, 12:30") <= {"*08:01"}


@given(HLA_ALLELES, HLA_ALLELES)
def test_the_order_of_hla_alleles_does_not_matter(first: str, second: str) -> None:
    assert len(stated("HLA-B", f"*{first}/*{second}")) == 1
    assert stated("HLA-B", f"*{first}/*{second}") == stated("HLA-B", f"*{second}/*{first}")


@pytest.mark.parametrize(
    ("text", "typings"),
    [
        ("HLA-B*57:01:01G+HLA-B*15:02:01", {"*15:02:01/*57:01:01G"}),
        ("HLA-B*57:01P/HLA-B*08:01P", {"*08:01P/*57:01P"}),
        ("HLA-B*5701/B*0801", {"*0801/*5701"}),
        ("HLA-A*01:01~HLA-B*08:01+HLA-A*02:01~HLA-B*57:01", {"*08:01/*57:01"}),
        (
            "hla#3.50.0#HLA-B*57:01:01/HLA-B*57:01:02+HLA-B*15:02:01^HLA-A*31:01+HLA-A*02:01",
            {"*15:02:01/*57:01:01", "*15:02:01/*57:01:02"},
        ),
    ],
)
def test_groups_and_many_fields_are_kept(text: str, typings: set[str]) -> None:
    assert stated("HLA-B", text) == typings


@pytest.mark.parametrize("text", ["HLA-B*15:XX, HLA-B*08:01", "HLA-B*15:AETTG", "B*15:BJT/B*08:01"])
def test_a_code_for_many_alleles_leaves_the_typing_open(text: str) -> None:
    assert stated("HLA-B", text) == set()
