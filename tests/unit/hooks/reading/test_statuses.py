"""Tests for one allele: present or absent, as a report says it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.reading.statuses import presence, statuses
from tests.unit.hooks.reading import KNOWLEDGE

GENES = KNOWLEDGE.genes


def told(text: str, symbol: str = "HLA-B") -> set[str]:
    """The single-allele answers that *text* gives."""
    return {str(status) for status in statuses(GENES[symbol], text, GENES)}


@pytest.mark.parametrize(
    ("text", "present"),
    [
        ("Positive", True),
        ("DETECTED", True),
        ("Present (heterozygous)", True),
        ("Negative", False),
        ("not detected", False),
        ("Not  present", False),
        ("Absent", False),
        ("undetected", False),
        ("Non-reactive", False),
    ],
)
def test_an_answer_is_present_or_absent(text: str, present: bool) -> None:
    assert presence(text) is present


@pytest.mark.parametrize(
    "text",
    [
        "",
        "presence",
        "present/absent",
        "Positive, negative",
        "Indeterminate",
        "inconclusive, negative",
        "Negative control failed",
        "pending",
        "Not tested",
        "POS",
        "+",
        "see report",
        "negative " * 1000,
    ],
)
def test_what_says_neither_or_both_is_no_answer(text: str) -> None:
    assert presence(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Not negative",
        "non-negative",
        "not conclusively negative",
        "presumptive negative",
        "not tested; negative",
    ],
)
def test_a_doubtful_negative_is_not_absent(text: str) -> None:
    assert presence(text) is not False


@pytest.mark.parametrize(
    "text",
    [
        "not positive",
        "none detected",
        "No allele detected",
        "cannot be detected",
        "0 copies detected",
    ],
)
def test_a_negated_positive_is_not_present(text: str) -> None:
    assert presence(text) is not True


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("HLA-B*57:01 positive", {"*57:01 positive"}),
        ("HLA-B*57:01:01 Positive", {"*57:01 positive"}),
        ("HLA-B*57:01: Negative", {"*57:01 negative"}),
        ("HLA-B*57:01 not detected", {"*57:01 negative"}),
        ("HLA-B*57:01 was not detected", {"*57:01 negative"}),
        ("Negative for HLA-B*57:01", {"*57:01 negative"}),
        ("Positive for HLA-B*15:02", {"*15:02 positive"}),
        (
            "HLA-B*57:01: Negative. HLA-B*15:02: Positive",
            {"*57:01 negative", "*15:02 positive"},
        ),
        ("HLA-B*57:01 and HLA-B*58:01 negative", {"*57:01 negative", "*58:01 negative"}),
    ],
)
def test_text_may_answer_for_single_alleles(text: str, answers: set[str]) -> None:
    assert told(text) == answers


@pytest.mark.parametrize(
    "text",
    [
        "negative",
        "HLA-B*57:01",
        "HLA-B*57:03 positive",
        "HLA-B57 positive",
        "HLA-B*57:01 - Not tested",
        "HLA-B*57:01 undetermined",
        "HLA-B*57:01: see report. negative control passed",
        "negative for HLA-B*57:01 positive",
        "HLA-A*31:01 positive",
    ],
)
def test_text_that_does_not_answer_plainly_gives_no_status(text: str) -> None:
    assert told(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "HLA-B*57:01 negative (insufficient DNA)",
        "HLA-B*57:01: negative control failed",
        "HLA-B*57:01 negative/indeterminate",
    ],
)
def test_doubt_behind_a_negative_answer_makes_it_none(text: str) -> None:
    assert told(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "HLA-B*57:01 is not positive",
        "not positive for HLA-B*57:01",
        "mother positive for HLA-B*57:01; HLA-B*57:01 negative",
    ],
)
def test_a_negated_or_foreign_positive_is_not_positive(text: str) -> None:
    assert "*57:01 positive" not in told(text)


@given(st.text() | st.text("HLA-B*57:01 negativpostdc.;/?", max_size=60))
def test_no_text_raises(text: str) -> None:
    presence(text)
    told(text)
