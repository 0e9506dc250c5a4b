"""Series of readings from home and wearables: enough, of the right device, in the window."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from hooks.clinical.elements import Interval
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import PatientChart
from tests.unit.hooks.reading import Json, coded, fetched
from tests.unit.hooks.reading.elements import ago, chart, gap, known, number, observed, truth, why

CUFF = {"display": "Home blood pressure monitor"}
WATCH = {"display": "Smartwatch"}
SCALE = {"display": "Home scale"}
NO_ANSWER = Missing("x", Why.NOT_FETCHED, "the server did not answer")


def reading(name: str, value: float, days: float, device: object = CUFF, **more: Any) -> Json:
    told = {"effectiveDateTime": ago(days=days), "device": device, "id": f"r{days}"}
    return observed(name, value, **(told | more))


def pulses(*values: float, device: object = WATCH, **more: Any) -> list[Json]:
    """Resting heart rates, one a day, the last of today."""
    told = reversed(list(enumerate(reversed(values))))
    return [reading("resting_heart_rate", v, days, device, **more) for days, v in told]


def pressures(
    count: int = 12, days: int = 3, device: object = CUFF, first: float = 0
) -> list[Json]:
    """So many systolic values from 120 up, spread over so many days."""
    return [
        reading("sbp", 120 + n, first + n % days + n / 1000, device, id=f"sbp-{n}")
        for n in range(count)
    ]


def weights(*values: float, device: object = SCALE) -> list[Json]:
    """Weights, one a day, the last of today."""
    told = reversed(list(enumerate(reversed(values))))
    return [reading("weight", v, days, device) for days, v in told]


def test_a_median_of_readings_on_three_days_is_one_line_with_the_last() -> None:
    found = known(chart(*pulses(60, 44, 45)), "rest_hr")

    assert found.value == Interval.exactly(Decimal(45))
    assert found.shown == "7 days, 3 readings: median 45, last 45 /min"
    [read] = found.evidence
    assert (read.reference, read.performer) == ("Observation/r0", "Smartwatch")


@pytest.mark.parametrize("device", [WATCH, CUFF, None])
def test_a_resting_heart_rate_counts_whatever_took_it(device: object) -> None:
    assert number(chart(*pulses(48, 47, 46, 45, device=device)), "rest_hr").value == 46.5


def test_a_clinic_heart_rate_is_no_resting_one() -> None:
    clinic = [reading("hr_clinic", 45, days) for days in range(5)]
    assert why(chart(*clinic), "rest_hr") is Why.NOT_RECORDED


@pytest.mark.parametrize(
    "found",
    [
        pulses(45, 45),
        [reading("resting_heart_rate", 45 + n, n / 100) for n in range(9)],
        [reading("resting_heart_rate", 45, days) for days in (8, 9, 10)],
        pulses(45, 45, 45, status="preliminary"),
        pulses(45, 45, 45, valueQuantity={"value": 45, "comparator": "<", "unit": "/min"}),
        pulses(5, 5, 5),
    ],
)
def test_too_few_readings_days_or_usable_ones_leave_it_unknown(found: list[Json]) -> None:
    told = gap(chart(*found), "rest_hr")

    assert (told.what, told.why) == ("rest_hr", Why.NOT_RECORDED)
    assert told.detail.endswith("within 7 days; at least 3 on 3 days are needed")


def test_what_is_lacking_is_counted() -> None:
    assert gap(chart(*pressures(count=11)), "home_sbp").detail.startswith("11 readings on 3 days")
    assert gap(chart(*pressures(days=2)), "home_sbp").detail.startswith("12 readings on 2 days")


def test_home_pressure_is_the_mean_of_twelve_readings_on_three_days() -> None:
    found = known(chart(*pressures()), "home_sbp")

    assert found.value == Interval.exactly(Decimal("125.5"))
    assert found.shown == "14 days, 12 readings: mean 125.5, last 120 mmHg"


def test_pressures_within_a_panel_are_read_from_its_components() -> None:
    panels = [
        {
            **reading("sbp", 1, n % 3 + n / 1000, valueQuantity=None),
            "code": coded("loinc", "85354-9"),
            "component": [
                {"code": coded("loinc", "8480-6"), "valueQuantity": {"value": 130, "unit": "mmHg"}},
                {"code": coded("loinc", "8462-4"), "valueQuantity": {"value": 80, "unit": "mmHg"}},
            ],
        }
        for n in range(12)
    ]
    assert number(chart(*panels), "home_sbp").value == 130
    assert number(chart(*panels), "home_dbp").value == 80


def test_the_window_counts_whole_days() -> None:
    assert number(chart(*pressures(first=12)), "home_sbp").value
    assert why(chart(*pressures(first=13)), "home_sbp") is Why.NOT_RECORDED


@pytest.mark.parametrize("device", [WATCH, None, {"display": "Dinamap"}])
def test_pressures_of_the_clinic_or_a_wearable_are_not_home_pressures(device: object) -> None:
    assert why(chart(*pressures(device=device)), "home_sbp") is Why.NOT_RECORDED


def test_home_pressures_are_no_clinic_pressure() -> None:
    assert why(chart(*pressures()), "sbp") is Why.NOT_RECORDED


@pytest.mark.parametrize("device", [WATCH, CUFF])
def test_saturation_is_the_median_of_three_readings_on_two_days(device: object) -> None:
    found = [reading("spo2_clinic", v, d, device) for v, d in ((90, 1), (92, 1.1), (97, 2))]

    assert number(chart(*found), "spo2_home").value == 92
    assert known(chart(*found), "spo2_home").shown == "7 days, 3 readings: median 92, last 90%"
    assert why(chart(*found[:2]), "spo2_home") is Why.NOT_RECORDED


def test_a_reading_that_was_sent_twice_counts_once() -> None:
    twice = [*pulses(45, 46, 47), *pulses(47)]
    assert known(chart(*twice), "rest_hr").shown.startswith("7 days, 3 readings")


def test_readings_of_a_day_without_a_time_count_each() -> None:
    def days(count: int) -> list[Json]:
        of = [f"2026-11-{18 + n % 4}" for n in range(count)]
        return [reading("sbp", 150, 0, effectiveDateTime=on, id=f"s{n}") for n, on in enumerate(of)]

    assert number(chart(*days(12)), "home_sbp") == Interval.exactly(Decimal(150))
    assert why(chart(*days(11)), "home_sbp") is Why.NOT_RECORDED
    assert why(chart(*days(11), *days(11)), "home_sbp") is Why.NOT_RECORDED


def test_a_gain_is_the_last_weight_less_the_first_of_the_window() -> None:
    found = chart(*weights(70, 80.1, 81, 82.2, 82.6))

    assert known(found, "wt_gain_3d").shown == "3 days, 4 readings: 2.5 kg, from 80.1 kg to 82.6 kg"
    assert number(found, "wt_gain_7d").value == Decimal("12.6")
    assert len(known(found, "wt_gain_7d").evidence) == 2
    assert number(chart(*weights(82, 81, 80)), "wt_gain_3d").value == -2


@pytest.mark.parametrize(
    "found", [weights(80, 82), weights(80, 81, 82, device=None), weights(80, 81, 82, device=WATCH)]
)
def test_too_few_weights_or_those_of_the_clinic_tell_no_gain(found: list[Json]) -> None:
    assert gap(chart(*found), "wt_gain_3d").what == "wt_gain_3d"


@pytest.mark.parametrize("name", ["rest_hr", "home_dbp", "wt_gain_7d", "spo2_home"])
def test_a_failed_query_leaves_it_unknown(name: str) -> None:
    assert gap(chart(vitals=NO_ANSWER), name) == Missing(
        name, Why.NOT_FETCHED, "the server did not answer"
    )


@pytest.mark.parametrize(
    ("device", "named"),
    [
        ({"reference": "#d"}, "Pulsar 5"),
        ({"reference": "#other"}, ""),
        ({"display": "x" * 99}, "x" * 60),
    ],
)
def test_the_device_stands_for_a_performer_that_is_not_named(device: Json, named: str) -> None:
    held = [{"resourceType": "Device", "id": "d", "deviceName": [{"name": "Pulsar 5"}]}]
    found = chart(*pulses(45, 46, 47, device=device, contained=held))

    assert known(found, "rest_hr").evidence[0].performer == named
    by = [{"display": "Ward 3"}]
    told = known(chart(*pulses(45, 46, 47, performer=by)), "rest_hr")
    assert told.evidence[0].performer == "Ward 3"


def ecg(says: str, days: float = 1, device: object = WATCH, **more: Any) -> Json:
    told = {"effectiveDateTime": ago(days=days), "device": device, "id": f"e{days}"}
    return observed("ecg_device", says, **(told | more))


AF = {"valueString": None, "valueCodeableConcept": coded("snomed", "49436004")}


@pytest.mark.parametrize(
    "found", [[ecg("", **AF)], [ecg("Atrial fibrillation", 30), ecg("Sinus rhythm")]]
)
def test_any_fibrillation_in_a_wearable_s_ecg_counts(found: list[Json]) -> None:
    told = known(chart(*found), "ecg_af_device")

    assert (told.value, told.shown) == (Truth.YES, "atrial fibrillation")
    assert len(told.evidence) == 1


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([], Why.NOT_RECORDED),
        ([ecg("Atrial fibrillation", 30.1)], Why.NOT_RECORDED),
        ([ecg("Atrial fibrillation", device=None)], Why.NOT_RECORDED),
        ([ecg("Atrial fibrillation", status="preliminary")], Why.NOT_RECORDED),
        ([ecg("Possible atrial fibrillation")], Why.UNREADABLE),
    ],
)
def test_what_is_old_in_doubt_or_of_the_clinic_tells_nothing(
    found: list[Json], reason: Why
) -> None:
    assert why(chart(*found), "ecg_af_device") is reason


def test_a_readable_ecg_without_it_says_no() -> None:
    found = known(chart(ecg("Normal sinus rhythm")), "ecg_af_device")

    assert (found.value, found.shown) == (Truth.NO, "no atrial fibrillation")


def test_half_an_answer_may_show_it_and_never_excludes_it() -> None:
    remark = Missing("results", Why.NOT_FETCHED, "a page is missing")

    def half(*found: Json) -> PatientChart:
        return chart(results=replace(fetched(*found), remark=remark))

    assert truth(half(ecg("AFib")), "ecg_af_device") is Truth.YES
    assert gap(half(ecg("Sinus rhythm")), "ecg_af_device").detail == "a page is missing"
