"""Filtration rate, creatinine clearance, and a creatinine that rises."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from tests.unit.hooks.reading import Json
from tests.unit.hooks.reading.elements import (
    ago,
    chart,
    gap,
    known,
    number,
    observed,
    truth,
    why,
)

UNBORN = Missing("birth date", Why.NOT_RECORDED)
YEARS = {year: date(2026 - year, 1, 1) for year in range(150)}


def creatinine(level: object, **elements: Any) -> Json:
    return observed("scr", level, **elements)


def drawn(level: float, hours: float) -> Json:
    return creatinine(level, effectiveDateTime=ago(hours=hours), id=f"scr-{hours}")


# CKD-EPI 2021: worked examples 2 and 5 of the catalogue (equations/ckdepi2021_examples.csv)
@pytest.mark.parametrize(
    ("sex", "years", "level", "rate"),
    [("female", 55, 1.0, "66.5321"), ("male", 70, 2.5, "26.9638")],
)
def test_a_rate_is_estimated_where_none_is_reported(
    sex: str, years: int, level: float, rate: str
) -> None:
    opened = chart(creatinine(level), born=YEARS[years], sex=sex)

    estimated = number(opened, "egfr").value

    assert estimated is not None
    assert round(estimated, 4) == Decimal(rate)
    shown = f"by CKD-EPI 2021 from creatinine {level:g} mg/dL, {years} years, {sex}"
    assert known(opened, "egfr").note == f"eGFR {shown}"
    assert known(opened, "egfr").evidence[0].reference == "Observation/scr-1"
    assert known(opened, "egfr").shown == f"{Decimal(rate):.4g} mL/min/1.73 m²"


def test_a_reported_rate_goes_before_an_estimate() -> None:
    assert number(chart(observed("egfr", 44), creatinine(3)), "egfr").value == 44


@pytest.mark.parametrize(
    "unusable",
    [
        observed("egfr", 44, effectiveDateTime=ago(days=400)),
        observed("egfr", 44, status="preliminary"),
        observed("egfr", 44, "L/h", effectiveDateTime=ago(hours=25)),
        observed("egfr", 44, "L/h"),
    ],
    ids=["stale", "preliminary", "older and unreadable", "of the same sample and unreadable"],
)
def test_an_estimate_stands_in_for_a_rate_that_does_not_count(unusable: Json) -> None:
    assert known(chart(unusable, creatinine(1)), "egfr").note


def test_an_older_creatinine_does_not_stand_in_for_a_newer_unreadable_rate() -> None:
    for at, before in ((ago(hours=1), ago(days=1)), ("2026-11-20", "2026-11-19")):
        newer = observed("egfr", 44, "L/h", effectiveDateTime=at)
        older = creatinine(1, effectiveDateTime=before)

        assert gap(chart(newer, older), "egfr").why is Why.UNREADABLE


def test_a_creatinine_of_the_same_day_stands_in_for_an_unreadable_rate() -> None:
    same = observed("egfr", 44, "L/h", effectiveDateTime="2026-11-20")

    assert known(chart(same, creatinine(1, effectiveDateTime="2026-11-20")), "egfr")


@pytest.mark.parametrize(
    ("more", "reason", "detail"),
    [
        ({"born": UNBORN}, Why.NOT_RECORDED, "birth date is not recorded"),
        ({"sex": Missing("sex", Why.NOT_RECORDED)}, Why.NOT_RECORDED, "sex is not recorded"),
        (
            {"born": YEARS[17]},
            Why.NOT_RECORDED,
            "an adult age is not recorded: the formula is for adults",
        ),
        (
            {"born": Missing("birth date", Why.NOT_FETCHED)},
            Why.NOT_FETCHED,
            "birth date is not fetched",
        ),
    ],
)
def test_a_rate_is_estimated_for_adults_of_known_sex(
    more: dict[str, Any], reason: Why, detail: str
) -> None:
    assert gap(chart(creatinine(1), **more), "egfr") == Missing("egfr", reason, detail)


def test_a_rate_that_is_too_old_says_why_it_is_not_estimated_either() -> None:
    stale = observed("egfr", 44, effectiveDateTime="2024-05-01")

    assert gap(chart(stale), "egfr") == Missing(
        "egfr", Why.OUTDATED, "the newest is of 2024-05-01; creatinine is not recorded"
    )


# Cockcroft-Gault: worked examples 2 and 4 of the catalogue (cockcroft_gault_examples.csv)
@pytest.mark.parametrize(
    ("sex", "years", "kilograms", "level", "clearance"),
    [("female", 80, 60, 1.5, "28.333"), ("male", 68, 100, 2.0, "50.000")],
)
def test_a_clearance_is_calculated_with_the_actual_weight(
    sex: str, years: int, kilograms: float, level: float, clearance: str
) -> None:
    results = creatinine(level), observed("weight", kilograms), observed("crcl_reported", 99)
    opened = chart(*results, born=YEARS[years], sex=sex)

    found = number(opened, "crcl").value

    assert found is not None
    assert round(found, 3) == Decimal(clearance)


def test_a_clearance_tells_what_it_was_calculated_from() -> None:
    found = known(chart(creatinine(1.2), observed("weight", 72), sex="male"), "crcl")

    assert found.shown == "58.33 mL/min"
    assert found.note == (
        "creatinine clearance (Cockcroft-Gault) by Cockcroft-Gault from creatinine 1.2 mg/dL, "
        "actual body weight 72 kg, 70 years, male"
    )
    assert [each.reference for each in found.evidence] == [
        "Observation/scr-1",
        "Observation/weight-1",
    ]


def test_a_creatinine_below_a_bound_gives_a_clearance_above_one() -> None:
    found = number(chart(creatinine("<0.5 mg/dL"), observed("weight", 72), sex="male"), "crcl")

    assert (found.low, found.high, found.over) == (Decimal(140), None, True)


def test_the_reported_clearance_counts_where_none_can_be_calculated() -> None:
    reported = observed("crcl_reported", 40)

    for opened in (chart(reported), chart(reported, creatinine(1), born=YEARS[10])):
        assert number(opened, "crcl").value == 40
        assert "not calculated" in known(opened, "crcl").note


def test_the_reported_clearance_does_not_hide_a_newer_unreadable_creatinine() -> None:
    reported = observed("crcl_reported", 40, effectiveDateTime=ago(days=3))

    assert why(chart(reported, creatinine(1, unit="stone")), "crcl") is Why.UNREADABLE
    assert why(chart(creatinine(1)), "crcl") is Why.NOT_RECORDED


@pytest.mark.parametrize(
    "opened",
    [
        chart(creatinine(1), observed("weight", 15)),
        chart(creatinine(1), observed("weight", 70), born=YEARS[140]),
    ],
)
def test_a_clearance_of_what_cannot_be_is_none(opened: Any) -> None:
    assert why(opened, "crcl") is Why.UNREADABLE


LEVELS = st.decimals("0.2", "20", places=2)


@given(LEVELS, st.sampled_from(["<", "<=", ">", ">="]), st.decimals("0.01", "1", places=2))
def test_intervals_of_creatinine_hold_every_rate_and_clearance_that_they_allow(
    bound: Decimal, sign: str, share: Decimal
) -> None:
    weight = observed("weight", 72)
    told = chart(creatinine(f"{sign}{bound} mg/dL"), weight)
    level = bound * share if "<" in sign else min(bound / share, Decimal(25))
    if not Decimal("0.1") <= level or level == bound:
        return
    exact = chart(creatinine(float(level)), weight)

    for name in ("egfr", "crcl"):
        possible, true = number(told, name), number(exact, name).value
        assert true is not None
        assert possible.low is None or true >= possible.low
        assert possible.high is None or true <= possible.high
        assert (possible.low is None) == (">" in sign)


@pytest.mark.parametrize(
    ("first", "second", "hours", "rose"),
    [
        (1.0, 1.3, 48, Truth.YES),
        (1.0, 1.29, 48, Truth.NO),
        (1.0, 1.3, 49, Truth.NO),
        (1.0, 1.5, 24 * 7, Truth.YES),
        (1.0, 1.49, 24 * 7, Truth.NO),
        (1.6, 1.0, 24, Truth.NO),
    ],
)
def test_creatinine_rises_by_0_3_in_48_hours_or_to_1_5_times_in_7_days(
    first: float, second: float, hours: float, rose: Truth
) -> None:
    assert truth(chart(drawn(second, 3), drawn(first, 3 + hours)), "aki_kdigo") is rose


def test_a_rise_tells_both_levels() -> None:
    found = known(chart(drawn(1.0, 30), drawn(1.4, 2), drawn(0.9, 20)), "aki_kdigo")

    assert found.shown == "creatinine 0.9 mg/dL on 2026-11-21, 1.4 mg/dL on 2026-11-22"
    assert [each.reference for each in found.evidence] == [
        "Observation/scr-20",
        "Observation/scr-2",
    ]


@pytest.mark.parametrize(
    "results",
    [
        [drawn(1.0, 3)],
        [drawn(1.0, 3), drawn(2.0, 3) | {"status": "corrected"}],
        [drawn(1.0, 3), drawn(2.0, 24 * 7 + 4)],
        [drawn(2.0, 24 * 8), drawn(1.0, 24 * 9)],
    ],
    ids=["one", "one draw", "too far apart", "long ago"],
)
def test_without_two_draws_of_the_last_days_nobody_knows(results: list[Json]) -> None:
    assert gap(chart(*results), "aki_kdigo") == Missing(
        "aki_kdigo", Why.NOT_RECORDED, "creatinine was not drawn twice in 7 days"
    )


def test_a_corrected_level_takes_the_place_of_the_one_before() -> None:
    withdrawn, corrected = drawn(2.0, 3), drawn(1.0, 3) | {"status": "corrected"}

    assert truth(chart(drawn(1.0, 30), corrected, withdrawn), "aki_kdigo") is Truth.NO


def test_without_any_creatinine_nobody_knows_either() -> None:
    assert gap(chart(), "aki_kdigo").detail == "creatinine is not recorded"


def test_a_draw_that_cannot_be_read_may_have_been_the_rise() -> None:
    odd = creatinine("see comment", effectiveDateTime=ago(hours=10))

    assert why(chart(drawn(1.0, 3), drawn(1.0, 30), odd), "aki_kdigo") is Why.UNREADABLE
    assert truth(chart(drawn(1.4, 3), drawn(1.0, 30), odd), "aki_kdigo") is Truth.YES


def test_a_bound_may_hide_a_rise() -> None:
    low = creatinine("<1.0 mg/dL", effectiveDateTime=ago(hours=30))

    assert truth(chart(low, drawn(1.6, 3)), "aki_kdigo") is Truth.YES
    assert why(chart(low, drawn(1.1, 3)), "aki_kdigo") is Why.UNREADABLE
    high = creatinine(">20 mg/dL", effectiveDateTime=ago(hours=3))
    assert truth(chart(drawn(4, 30), high), "aki_kdigo") is Truth.YES
    assert why(chart(drawn(19.9, 30), high), "aki_kdigo") is Why.UNREADABLE


def test_a_date_without_a_time_is_no_earlier_draw_of_its_own_day() -> None:
    day = creatinine(1.0, effectiveDateTime="2026-11-22")

    assert why(chart(day, drawn(2.0, 3)), "aki_kdigo") is Why.NOT_RECORDED
    earlier = creatinine(1.0, effectiveDateTime="2026-11-21")
    assert truth(chart(earlier, drawn(2.0, 3)), "aki_kdigo") is Truth.YES
