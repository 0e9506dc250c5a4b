"""Observations as rows: the newest value as it was reported, and a line of those of its unit."""

from typing import Any

import pytest

from app.pages.results import ResultRow, result_rows
from tests.unit.hooks.reading import ABSENT, KNOWLEDGE, loinc, observation

GENETIC = KNOWLEDGE.result_codes
SODIUM = loinc("2951-2", "Sodium")


def quantity(value: object, unit: str = "mmol/L", **more: object) -> dict[str, Any]:
    return {"valueQuantity": {"value": value, "unit": unit, **more}}


def sodium(value: object, on: str, **more: Any) -> dict[str, Any]:
    return observation(SODIUM, **quantity(value), effectiveDateTime=on, **more)


def rows(*observations: dict[str, Any]) -> list[ResultRow]:
    return list(result_rows(observations, GENETIC))


def row(*observations: dict[str, Any]) -> ResultRow:
    [found] = rows(*observations)
    return found


def test_the_newest_value_stands_whatever_the_order_they_came_in() -> None:
    found = row(sodium(141, "2026-03-01"), sodium(139, "2026-01-01"))
    assert (found.name, found.value, found.on) == ("Sodium", "141\u00a0mmol/L", "2026-03-01")


def test_several_values_make_a_line_and_one_does_not() -> None:
    assert row(sodium(141, "2026-03-01")).trend is None
    line = row(sodium(141, "2026-03-01"), sodium(139, "2026-01-01")).trend
    assert line is not None
    assert line.words == "2 results since 2026-01-01, from 139 to 141"


def test_a_line_joins_one_unit_only() -> None:
    other = observation(SODIUM, **quantity(3.2, "g/L"), effectiveDateTime="2025-01-01")
    line = row(other, sodium(139, "2026-01-01"), sodium(141, "2026-03-01")).trend
    assert line is not None
    assert line.words.startswith("2 results")


def test_a_value_below_the_limit_is_shown_and_is_no_point() -> None:
    below = observation(SODIUM, **quantity(1, comparator="<"), effectiveDateTime="2026-04-01")
    found = row(sodium(139, "2026-01-01"), sodium(141, "2026-03-01"), below)
    assert found.value == "<1\u00a0mmol/L"
    assert found.trend is None


@pytest.mark.parametrize(
    ("elements", "shown"),
    [
        (quantity(5, ""), "5"),
        (quantity(5, "", code="mg"), "5\u00a0mg"),
        ({"valueString": "cloudy"}, "cloudy"),
        ({"valueCodeableConcept": {"coding": [{"display": "Positive"}]}}, "Positive"),
        ({"valueBoolean": False}, "no"),
        ({"valueBoolean": True}, "yes"),
        ({"valueInteger": 0}, "0"),
    ],
)
def test_a_value_of_any_kind_is_shown_as_it_is_written(
    elements: dict[str, Any], shown: str
) -> None:
    assert row(observation(SODIUM, **elements)).value == shown


@pytest.mark.parametrize("elements", [{}, quantity("5"), quantity(None), {"valueQuantity": "5"}])
def test_what_has_no_value_that_can_be_read_makes_no_row(elements: dict[str, Any]) -> None:
    assert rows(observation(SODIUM, **elements)) == []


def test_components_are_rows_of_their_own() -> None:
    parts = [
        {"code": loinc("8480-6", "Systolic"), **quantity(141, "mmHg")},
        {"code": loinc("8462-4", "Diastolic"), **quantity(88, "mmHg")},
        "broken",
    ]
    found = rows(observation(loinc("85354-9", "Blood pressure"), component=parts))
    assert [each.name for each in found] == ["Diastolic", "Systolic"]


def test_what_was_withdrawn_is_not_shown_and_what_is_not_final_says_so() -> None:
    wrong = sodium(500, "2026-05-01", status="entered-in-error")
    early = sodium(141, "2026-04-01", status="preliminary")
    found = row(wrong, early)
    assert (found.value, found.remark) == ("141\u00a0mmol/L", "preliminary")


def test_high_and_low_are_said_in_words() -> None:
    flag = [{"coding": [{"code": "HH"}]}]
    assert row(sodium(160, "2026-01-01", interpretation=flag)).remark == "critically high"


def test_genetic_results_are_no_rows_here() -> None:
    assert rows(observation("84413-4", "CYP2C19 *2/*2")) == []


def test_a_result_without_a_date_is_shown_as_the_oldest() -> None:
    found = row(
        observation(SODIUM, **quantity(150), effectiveDateTime=ABSENT), sodium(139, "2026-01-01")
    )
    assert found.value == "139\u00a0mmol/L"
    assert row(observation(SODIUM, **quantity(150), effectiveDateTime=ABSENT)).on == "no date"


def test_results_without_a_code_go_by_their_words() -> None:
    found = rows(
        observation({"text": "Mood"}, "good"),
        observation({"text": "mood"}, "better", effectiveDateTime="2025-01-01"),
        observation({}, "x"),
    )
    assert [(each.name, each.value) for each in found] == [
        ("mood", "better"),
        ("without a name", "x"),
    ]
