"""Numbers that are calculated from measured ones."""

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
    UCUM,
    ago,
    chart,
    gap,
    known,
    number,
    observed,
    truth,
    why,
)

WORN = {"device": {"display": "Acme Watch 5"}}


def high(value: object, unit: str = "U/L", **more: object) -> Json:
    """A reference range up to *value*."""
    return {"high": {"value": value, "unit": unit, "code": unit, "system": UCUM}} | more


def test_a_reported_bmi_goes_before_a_calculated_one() -> None:
    both = observed("weight", 80), observed("height", 200)

    assert number(chart(observed("bmi", 31), *both), "bmi").value == 31
    assert number(chart(*both), "bmi").value == 20
    assert known(chart(*both), "bmi").note == (
        "BMI calculated from body weight 80 kg and height 200 cm"
    )


def test_a_bmi_that_cannot_be_read_is_not_calculated_away() -> None:
    odd = observed("bmi", 31, "stone")

    assert why(chart(odd, observed("weight", 80), observed("height", 200)), "bmi") is Why.UNREADABLE


def test_a_bmi_needs_weight_and_height() -> None:
    assert gap(chart(observed("weight", 80)), "bmi").detail == "body height is not recorded"
    assert gap(chart(observed("height", 180)), "bmi").detail == "body weight is not recorded"


@pytest.mark.parametrize(
    ("born", "fresh"),
    [
        (date(1956, 1, 1), True),
        (date(2015, 1, 1), False),
        (Missing("birth date", Why.NOT_RECORDED), False),
    ],
)
def test_an_old_height_counts_for_those_who_no_longer_grow(born: Any, fresh: bool) -> None:
    results = observed("weight", 80), observed("height", 200, effectiveDateTime=ago(days=366))
    opened = chart(*results, born=born)

    if fresh:
        assert number(opened, "bmi").value == 20
    else:
        assert gap(opened, "bmi").detail == "body height is outdated: a child grows"


@pytest.mark.parametrize(
    ("ranges", "times", "whose"),
    [
        ([high(50)], "2.4", "the laboratory's upper limit of 50 U/L"),
        ([high(50, "[IU]/L")], "2.4", "the laboratory's upper limit of 50 U/L"),
        ([{"type": {"coding": [{"code": "critical"}]}} | high(900), high(50)], "2.4", "50 U/L"),
        ([high(50, type={"coding": [{"code": "normal"}]})], "2.4", "50 U/L"),
        ([high(0.8, "ukat/L")], "3", "the usual upper limit of 40 U/L"),
        ([{"high": {"value": 50}}], "3", "the usual upper limit of 40 U/L"),
        ([high(0)], "3", "the usual"),
        ([{"low": {"value": 3}}, "odd", {"high": 3}], "3", "the usual"),
        ([], "3", "the usual upper limit of 40 U/L"),
    ],
)
def test_alt_is_a_multiple_of_the_laboratory_s_limit_in_its_unit_else_of_40(
    ranges: list[Json], times: str, whose: str
) -> None:
    opened = chart(observed("alt", 120, referenceRange=ranges))

    assert number(opened, "alt_xuln").value == Decimal(times)
    assert whose in known(opened, "alt_xuln").note
    assert known(opened, "alt_xuln").note.startswith(
        "ALT as a multiple of the upper limit from 120"
    )


def test_alt_in_another_unit_is_held_against_a_limit_in_that_unit() -> None:
    own = observed("alt", 2, "ukat/L", referenceRange=[high(0.8, "ukat/L")])
    other = observed("alt", 2, "ukat/L", referenceRange=[high(40)])

    assert number(chart(own), "alt_xuln").value == Decimal("2.5")
    assert number(chart(other), "alt_xuln").value == 3


def test_alt_below_a_bound_is_a_multiple_below_one() -> None:
    found = number(chart(observed("alt", "<10 U/L")), "alt_xuln")

    assert (found.low, found.high, found.under) == (None, Decimal("0.25"), True)
    assert why(chart(), "alt_xuln") is Why.NOT_RECORDED
    assert why(chart(observed("alt", "odd")), "alt_xuln") is Why.UNREADABLE


@pytest.mark.parametrize(("albumin", "corrected"), [(4, "8"), (5, "8"), (3, "8.8"), (2.5, "9.2")])
def test_calcium_is_corrected_for_an_albumin_below_4(albumin: float, corrected: str) -> None:
    opened = chart(observed("calcium", 8), observed("albumin", albumin))

    assert number(opened, "calcium_corr").value == Decimal(corrected)
    assert f"albumin {albumin:g} g/dL" in known(opened, "calcium_corr").note


def test_without_albumin_the_corrected_calcium_is_not_below_the_measured_one() -> None:
    opened = chart(observed("calcium", 9))

    found = number(opened, "calcium_corr")

    assert found.less(Decimal("8.5")) is Truth.NO
    assert found.less(Decimal("9.5")) is Truth.UNKNOWN
    assert known(opened, "calcium_corr").shown == "≥9 mg/dL"
    assert "albumin is not recorded" in known(opened, "calcium_corr").note
    assert why(chart(observed("albumin", 3)), "calcium_corr") is Why.NOT_RECORDED


@given(
    st.decimals("5", "15", places=1),
    st.decimals("0.5", "7", places=1),
    st.sampled_from(["<", "<=", ">", ">="]),
    st.decimals("0", "1", places=2),
)
def test_an_interval_of_albumin_holds_every_corrected_calcium_that_it_allows(
    calcium: Decimal, bound: Decimal, sign: str, share: Decimal
) -> None:
    lower = Decimal("0.5") + (bound - Decimal("0.5")) * share
    true = lower if "<" in sign else bound + (7 - bound) * share
    if true == bound and "=" not in sign:
        return
    told = [observed("calcium", float(calcium)), observed("albumin", f"{sign}{bound} g/dL")]

    found = number(chart(*told), "calcium_corr")
    exact = calcium + Decimal("0.8") * max(4 - true, Decimal(0))

    assert found.low is not None
    assert found.high is not None
    assert found.less(exact) is not Truth.YES or exact > found.high
    assert found.low <= exact <= found.high
    assert not (found.over and exact == found.low)
    assert not (found.under and exact == found.high)


def test_the_time_below_range_is_the_sum_of_both_levels() -> None:
    low, very_low = observed("tbr70", 3.5), observed("tbr54", 0.6)

    assert number(chart(low, very_low), "tbr_total").value == Decimal("4.1")
    assert known(chart(low, very_low), "tbr_total").shown == "4.1%"


def test_the_time_at_one_level_is_the_least_time_below_range() -> None:
    found = number(chart(observed("tbr70", 5)), "tbr_total")

    assert found.less(Decimal(4)) is Truth.NO
    assert found.less(Decimal(6)) is Truth.UNKNOWN
    assert why(chart(), "tbr_total") is Why.NOT_RECORDED


@pytest.mark.parametrize(("gmi", "hba1c", "apart"), [(7.9, 7.1, "0.8"), (7.1, 7.9, "0.8")])
def test_the_glucose_indicator_and_hba1c_lie_apart_either_way(
    gmi: float, hba1c: float, apart: str
) -> None:
    both = chart(observed("gmi", gmi), observed("hba1c", hba1c))

    assert number(both, "gmi_gap").value == Decimal(apart)
    assert why(chart(observed("gmi", gmi)), "gmi_gap") is Why.NOT_RECORDED


@pytest.mark.parametrize(("active", "enough"), [(70, Truth.YES), (69.9, Truth.NO)])
def test_a_sensor_has_to_be_active_for_70_percent(active: float, enough: Truth) -> None:
    assert truth(chart(observed("cgm_active", active)), "cgm_ok") is enough


@pytest.mark.parametrize(("days", "enough"), [(13, Truth.YES), (12, Truth.NO)])
def test_a_summary_of_less_than_14_days_is_not_enough(days: int, enough: Truth) -> None:
    period = {"start": ago(days=days + 1), "end": ago(days=1)}
    told = observed("cgm_active", 90, effectiveDateTime=None, effectivePeriod=period)

    assert truth(chart(told), "cgm_ok") is enough
    assert why(chart(), "cgm_ok") is Why.NOT_RECORDED


@pytest.mark.parametrize(("qrs", "wide"), [(119, Truth.NO), (120, Truth.YES), (150, Truth.YES)])
def test_a_qrs_complex_is_wide_from_120_ms(qrs: float, wide: Truth) -> None:
    assert truth(chart(observed("qrs", qrs)), "wide_qrs") is wide
    assert why(chart(), "wide_qrs") is Why.NOT_RECORDED


def test_a_qtc_of_a_device_alone_is_told_from_one_of_the_clinic() -> None:
    worn, clinic = observed("qtc", 470) | WORN, observed("qtc", 450)
    stale = observed("qtc", 450, effectiveDateTime=ago(days=91))

    assert truth(chart(worn), "qtc_device_only") is Truth.YES
    assert truth(chart(worn, stale), "qtc_device_only") is Truth.YES
    assert known(chart(worn), "qtc_device_only").shown == "470 ms, by a device"
    assert truth(chart(worn, clinic), "qtc_device_only") is Truth.NO
    assert truth(chart(stale | WORN), "qtc_device_only") is Truth.NO
    assert truth(chart(), "qtc_device_only") is Truth.NO


def test_a_qtc_that_cannot_be_read_leaves_open_whose_it_is() -> None:
    odd, worn = observed("qtc", "odd"), observed("qtc", 470) | WORN
    failed = Missing("results", Why.NOT_FETCHED, "timed out")

    assert why(chart(odd, worn), "qtc_device_only") is Why.UNREADABLE
    assert why(chart(odd | WORN), "qtc_device_only") is Why.UNREADABLE
    assert why(chart(results=failed), "qtc_device_only") is Why.NOT_FETCHED


@pytest.mark.parametrize(
    "name", ["egfr", "crcl", "bmi", "alt_xuln", "calcium_corr", "tbr_total", "cgm_ok", "aki_kdigo"]
)
def test_what_failed_is_never_absent(name: str) -> None:
    assert why(chart(results=Missing("results", Why.NOT_FETCHED)), name) is Why.NOT_FETCHED
