"""HER2 on a chart: scores in words, codes and numbers, and in situ hybridisation."""

from typing import Any

import pytest

from hooks.clinical.elements import Known
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from tests.unit.hooks.reading.elements.marked import (
    INTERPRETATION,
    Json,
    coded,
    neg,
    observation,
    pos,
    result,
    truth,
)

YES, NO, OPEN = Truth.YES, Truth.NO, Why.UNREADABLE
IHC, OTHER_IHC, OVERALL, ISH = "85319-2", "72383-3", "48676-1", "85318-4"
POSITIVE, NEGATIVE = coded("LA6576-8"), coded("LA6577-6")


def told(*results: Json) -> tuple[Truth | Why, Truth | Why, Truth | Why]:
    """Positive, low, not positive."""
    positive, low, negative = (
        truth(pos(name, *results)) for name in ("HER2_pos", "HER2_low", "HER2_neg")
    )
    return positive, low, negative


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3+", (YES, NO, NO)),
        ("IHC 3+ (positive)", (YES, NO, NO)),
        ("Score 3", (YES, NO, NO)),
        ("2+", (OPEN, OPEN, OPEN)),
        ("2+ (equivocal)", (OPEN, OPEN, OPEN)),
        ("1+", (NO, YES, YES)),
        ("Negative (1+)", (NO, YES, YES)),
        ("0", (NO, NO, YES)),
        ("IHC 0", (NO, NO, YES)),
        ("Negative", (NO, OPEN, YES)),
        ("Negative (0)", (NO, NO, YES)),
        ("negative, 0", (NO, NO, YES)),
        ("0 (negative)", (NO, NO, YES)),
        (NEGATIVE, (NO, OPEN, YES)),
        ("Positive", (YES, NO, NO)),
        (POSITIVE, (YES, NO, NO)),
        ("Equivocal", (OPEN, OPEN, OPEN)),
        ("1+ to 2+", (OPEN, OPEN, OPEN)),
        ("see report", (OPEN, OPEN, OPEN)),
        ("10%", (OPEN, OPEN, OPEN)),
    ],
)
def test_the_score_of_a_stain_decides(value: Any, expected: tuple[Truth | Why, ...]) -> None:
    assert told(result(IHC, value)) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"valueInteger": 3}, YES),
        ({"valueQuantity": {"value": 1.0}}, NO),
        ({"valueQuantity": {"value": 2.5}}, OPEN),
        ({"valueInteger": 30}, OPEN),
        ({"valueInteger": True}, OPEN),
        ({"valueString": "3+", "dataAbsentReason": {}}, OPEN),
        ({"valueString": "3+", "interpretation": [coded("NEG", INTERPRETATION)]}, OPEN),
        ({"valueString": "0", "interpretation": [coded("POS", INTERPRETATION)]}, OPEN),
        ({"valueString": "3+", "interpretation": [coded("POS", INTERPRETATION)]}, YES),
    ],
)
def test_a_score_may_be_a_number_and_codes_may_not_contradict_it(
    more: Json, expected: Truth | Why
) -> None:
    assert truth(pos("HER2_pos", observation(coded(IHC), **more))) is expected


@pytest.mark.parametrize(
    ("stain", "hybridisation", "expected"),
    [
        ("2+", "Not amplified", (NO, YES, YES)),
        ("2+", "Amplified", (YES, NO, NO)),
        ("2+", NEGATIVE, (NO, YES, YES)),
        ("1+", "Not amplified", (NO, YES, YES)),
        ("0", "Not amplified", (NO, NO, YES)),
        ("0", "Amplified", (YES, NO, NO)),
        ("3+", "Not amplified", (YES, NO, NO)),
        ("2+", "Failed", (OPEN, OPEN, OPEN)),
    ],
)
def test_hybridisation_settles_an_equivocal_stain(
    stain: str, hybridisation: Any, expected: tuple[Truth | Why, ...]
) -> None:
    assert told(result(IHC, stain), result(ISH, hybridisation)) == expected


def test_a_card_tells_both_methods() -> None:
    found = pos("HER2_low", result(IHC, "2+"), result(ISH, "Not amplified"))

    assert isinstance(found, Known)
    assert found.shown == "IHC 2+, ISH negative"
    assert [each.reference for each in found.evidence] == ["Observation/1", "Observation/2"]


def test_a_stain_that_needs_hybridisation_says_so() -> None:
    detail = "IHC 2+: needs in situ hybridisation"

    assert pos("HER2_pos", result(IHC, "2+")) == Missing("HER2_pos", OPEN, detail)
    assert truth(neg("HER2_pos", result(IHC, "2+"))) is OPEN


def test_the_latest_stain_wins() -> None:
    first, later = result(IHC, "3+", on="2025-01-01"), result(OTHER_IHC, "0", on="2026-01-01")

    assert told(first, later) == (NO, NO, YES)


def test_a_newer_stain_that_cannot_be_read_leaves_it_open() -> None:
    first, later = result(IHC, "3+", on="2025-01-01"), result(IHC, "see report")

    assert told(first, later) == (OPEN, OPEN, OPEN)


def test_an_overall_reading_of_the_same_day_does_not_hide_the_score() -> None:
    assert told(result(IHC, "1+"), result(OVERALL, NEGATIVE)) == (NO, YES, YES)


def test_results_without_a_date_have_to_agree() -> None:
    undated = result(IHC, "3+", effectiveDateTime=None)

    assert truth(pos("HER2_pos", undated)) is YES
    assert truth(pos("HER2_pos", undated, result(IHC, "0"))) is OPEN


def test_what_is_not_final_or_withdrawn_does_not_count() -> None:
    waiting = result(IHC, "3+", status="preliminary")

    assert pos("HER2_pos", waiting) == Missing("HER2_pos", OPEN, "no result on file is final")
    assert truth(pos("HER2_pos", waiting, result(IHC, "0", on="2025-01-01"))) is NO
    assert truth(pos("HER2_pos", result(IHC, "3+", status="cancelled"))) is Why.NOT_RECORDED


def test_nothing_on_file_is_not_recorded() -> None:
    assert pos("HER2_low") == Missing("HER2_low", Why.NOT_RECORDED)


def test_the_latest_may_be_missing_from_half_an_answer() -> None:
    remark = Missing("markers", Why.NOT_FETCHED, "further pages")

    assert truth(pos("HER2_pos", result(IHC, "3+"), remark=remark)) is Why.NOT_FETCHED
