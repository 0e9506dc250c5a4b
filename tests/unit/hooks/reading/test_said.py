"""What a result says in words: doubt before absence before presence."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.logic import Truth
from hooks.reading.said import answered, in_order, said

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("Detected", YES),
        ("POSITIVE (80% of cells)", YES),
        ("Amplified", YES),
        ("Mutation identified", YES),
        ("Not detected", NO),
        ("Undetected", NO),
        ("non-reactive", NO),
        ("not amplified", NO),
        ("Wild type", NO),
        ("wild-type", NO),
        ("No mutation detected", NO),
        ("Negative, no mutation detected", NO),
        ("No evidence of rearrangement", NO),
        ("Microsatellite stable", NO),
        ("proficient (pMMR)", NO),
        ("MSS", NO),
        ("Normal", NO),
        ("Equivocal", UNKNOWN),
        ("Indeterminate: insufficient tissue", UNKNOWN),
        ("Positive?", UNKNOWN),
        ("not performed", UNKNOWN),
        ("Not increased", UNKNOWN),
        ("QNS", UNKNOWN),
        ("Result pending", UNKNOWN),
        ("test failed", UNKNOWN),
        ("KRAS gene", None),
        ("Abnormal", None),
        ("", None),
    ],
)
def test_a_text_says_one_thing(text: str, truth: Truth | None) -> None:
    assert said(text) is truth


@pytest.mark.parametrize(
    "text",
    [
        "Detected; not detected",
        "KRAS positive, NRAS negative",
        "KRAS wild type, BRAF V600E detected",
        "No KRAS, NRAS mutations detected",
        "not detected but V600K detected",
        "Positive. Negative.",
    ],
)
def test_a_text_that_says_two_things_says_nothing_plainly(text: str) -> None:
    assert said(text) is UNKNOWN


def test_a_test_may_have_words_of_its_own() -> None:
    high, low = re.compile("high"), re.compile("low")

    assert said("high", high, low) is YES
    assert said("low", high, low) is NO
    assert said("high", None, low) is None
    assert said("low in one part, high in another", high, low) is UNKNOWN


def test_a_long_text_is_not_read() -> None:
    assert said("Positive" + " " * 500) is UNKNOWN


@given(st.text(max_size=600))
def test_no_text_is_too_strange(text: str) -> None:
    assert said(text) in {YES, NO, UNKNOWN, None}


@pytest.mark.parametrize(
    ("answers", "truth"),
    [
        ({"present", "somatic"}, YES),
        ({"absent"}, NO),
        ({"no-call"}, UNKNOWN),
        ({"present", "absent"}, UNKNOWN),
        ({"somatic"}, None),
    ],
)
def test_coded_answers_have_to_agree(answers: set[str], truth: Truth | None) -> None:
    assert answered(answers) is truth


@pytest.mark.parametrize(
    ("code", "words", "truth"),
    [
        (YES, None, YES),
        (YES, UNKNOWN, YES),
        (YES, YES, YES),
        (YES, NO, UNKNOWN),
        (None, NO, NO),
        (None, None, None),
    ],
)
def test_codes_go_before_words_unless_they_are_contradicted(
    code: Truth | None, words: Truth | None, truth: Truth | None
) -> None:
    assert in_order(code, words) is truth
