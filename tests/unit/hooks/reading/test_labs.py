"""Measured values: which result counts, and when none does."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.analytes import Analyte, AnalyteTables, Conversion
from hooks.clinical.facts import LabResult, Missing, Record, Why
from hooks.reading.labs import lab_record
from hooks.reading.resources import Fetched
from tests.unit.hooks.reading import (
    KNOWLEDGE,
    Json,
    bundle,
    component,
    fetched,
    json_of,
    loinc,
    observation,
)

TODAY = date(2026, 11, 21)
UCUM = "http://unitsofmeasure.org"
WEIGHT = "29463-7"
INR = AnalyteTables(
    {"inr": Analyte("inr", "1", 30, {"": Conversion(Decimal(1), Decimal("0.5"), Decimal(20))})},
    {("loinc", "6301-6"): "inr"},
)
RATIO = AnalyteTables(
    {
        "ratio": Analyte(
            "ratio",
            "%",
            90,
            {"mmol/mol": Conversion(Decimal("0.1"), Decimal(2), Decimal(20), Decimal("2.15"))},
        )
    },
    {("loinc", "4548-4"): "ratio"},
)


def quantity(value: object, unit: str = "kg", **more: object) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit} | more


def weight(value: object, on: str = "2026-03-01", **more: Any) -> Json:
    """A final body weight."""
    amount = value if isinstance(value, dict) else quantity(value)
    return observation(WEIGHT, effectiveDateTime=on, valueQuantity=amount, **more)


def said(text: str, on: str = "2026-03-01") -> Json:
    """A body weight in words."""
    return observation(WEIGHT, text, effectiveDateTime=on)


def labs(*resources: object, tables: AnalyteTables = KNOWLEDGE.analytes) -> Record[LabResult]:
    names = ["weight", "height"] if tables is KNOWLEDGE.analytes else tables.analytes
    return lab_record(fetched(*resources), "p1", tables, TODAY, names)


def found(*resources: object, name: str = "weight") -> LabResult:
    result = labs(*resources).get(name)
    assert isinstance(result, LabResult), result
    return result


def value(*resources: object, name: str = "weight") -> Decimal:
    return found(*resources, name=name).value


def gap(*resources: object, name: str = "weight") -> Why:
    result = labs(*resources).get(name)
    assert isinstance(result, Missing), result
    assert result.what == name
    return result.why


def test_a_weight_is_read_with_where_and_when_it_was_measured() -> None:
    result = found(weight(80.5, on="2026-03-01T08:15:00+01:00"))

    assert (result.analyte, result.value, result.unit) == ("weight", Decimal("80.5"), "kg")
    assert result.evidence.reference == "Observation/o1"
    assert result.evidence.on == date(2026, 3, 1)
    assert result.evidence.source == "prefetch"


@pytest.mark.parametrize("code", ["29463-7", "3141-9"])
def test_each_code_of_an_analyte_counts(code: str) -> None:
    assert value(observation(code, valueQuantity=quantity(80), effectiveDateTime="2026-03-01"))


@pytest.mark.parametrize(
    ("amount", "kilograms"),
    [
        (quantity(80500, "g"), "80.5"),
        (quantity(100, "[lb_av]"), "45.359237"),
        ({"value": 100, "unit": "lb"}, "45.359237"),
        ({"value": 80, "code": "kg"}, "80"),
        ({"value": 80, "unit": " kg "}, "80"),
        (quantity(80) | {"unit": "kilogram"}, "80"),
        (
            {"value": 80, "unit": "kg", "code": "258683005", "system": "http://snomed.info/sct"},
            "80",
        ),
    ],
)
def test_a_value_is_converted_to_the_analyte_s_own_unit(amount: Json, kilograms: str) -> None:
    assert value(weight(amount)) == Decimal(kilograms)


def test_metres_and_inches_are_a_height() -> None:
    tall = observation("8302-2", valueQuantity=quantity(1.8, "m"), effectiveDateTime="2020-01-01")
    inches = observation("8302-2", valueQuantity=quantity(70, "[in_i]"))

    assert value(tall, name="height") == 180
    assert value(inches, name="height") == Decimal("177.8")


def test_a_conversion_may_add_something() -> None:
    result = observation(
        "4548-4", valueQuantity=quantity(50, "mmol/mol"), effectiveDateTime="2026-11-01"
    )

    told = labs(result, tables=RATIO).get("ratio")
    assert isinstance(told, LabResult)
    assert told.value == Decimal("7.15")


@pytest.mark.parametrize(
    "amount",
    [
        quantity(80, "KG"),
        quantity(80, "stone"),
        {"value": 80},
        quantity(80) | {"unit": "lb"},
        quantity(None),
        quantity("80"),
        quantity(True),
        quantity(80, comparator="ad"),
        quantity(10**400),
        quantity(float("inf")),
        quantity(float("nan")),
        {},
    ],
    ids=repr,
)
def test_a_value_without_a_plain_number_and_unit_is_unreadable(amount: Json) -> None:
    assert gap(weight(amount)) is Why.UNREADABLE


@pytest.mark.parametrize("kilograms", [0.29, 400.1, 0, -80])
def test_a_value_that_cannot_be_is_unreadable(kilograms: float) -> None:
    assert gap(weight(kilograms)) is Why.UNREADABLE


@pytest.mark.parametrize("kilograms", [0.3, 400])
def test_the_ends_of_the_plausible_range_count(kilograms: float) -> None:
    assert value(weight(kilograms)) == Decimal(str(kilograms))


@pytest.mark.parametrize(
    ("sign", "kept"), [("<", "<"), ("<=", "<="), (">", ">"), (">=", ">="), ("", "")]
)
def test_a_comparator_is_kept(sign: str, kept: str) -> None:
    assert found(weight(quantity(150, comparator=sign))).comparator == kept


@pytest.mark.parametrize(
    ("text", "kilograms", "sign"),
    [
        ("80 kg", "80", ""),
        ("80,5 kg", "80.5", ""),
        ("80.5kg", "80.5", ""),
        (" >= 150 kg ", "150", ">="),
        ("≤ 150 kg", "150", "<="),
    ],
)
def test_a_number_in_words_counts_with_its_unit(text: str, kilograms: str, sign: str) -> None:
    assert (value(said(text)), found(said(text)).comparator) == (Decimal(kilograms), sign)


def test_a_number_in_the_text_of_a_concept_counts() -> None:
    told = observation(WEIGHT, {"text": "80 kg"}, effectiveDateTime="2026-03-01")

    assert value(told) == 80


@pytest.mark.parametrize(
    "text", ["80", "", "kg", "about 80 kg", "80 kg or so", "1.234,5 kg", "80-85 kg", "8" * 200]
)
def test_other_words_are_no_number(text: str) -> None:
    assert gap(said(text)) is Why.UNREADABLE


@pytest.mark.parametrize("told", [{"valueString": "2,5"}, {"valueInteger": 2}])
def test_a_bare_number_counts_where_the_table_allows_it(told: Json) -> None:
    result = observation("6301-6", effectiveDateTime="2026-11-20", **told)

    assert isinstance(labs(result, tables=INR).get("inr"), LabResult)


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_a_result_that_is_final_counts(status: str) -> None:
    assert value(weight(80, status=status)) == 80


@pytest.mark.parametrize("status", ["preliminary", "registered", "unknown", "", None])
def test_a_result_that_is_not_final_is_on_file_and_never_counts(status: str | None) -> None:
    assert gap(weight(80, status=status)) is Why.UNREADABLE
    assert value(weight(80), weight(90, on="2026-04-01", status=status)) == 80


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_result_that_was_withdrawn_is_not_there(status: str) -> None:
    assert gap(weight(80, status=status)) is Why.NOT_RECORDED


def test_a_result_that_says_why_it_has_no_value_is_none() -> None:
    absent = weight({}, dataAbsentReason={"text": "refused"}, on="2026-10-01")

    assert gap(absent) is Why.NOT_RECORDED
    assert value(absent, weight(80)) == 80


def test_another_patient_s_result_is_not_there() -> None:
    assert gap(weight(80, subject={"reference": "Patient/p2"})) is Why.NOT_RECORDED


def test_other_results_are_passed_over() -> None:
    other = observation("99999-9", valueQuantity=quantity(1, "mg/dL"))

    assert gap(other) is Why.NOT_RECORDED
    assert labs(other).found == {}


def test_the_newest_result_counts_wherever_it_stands() -> None:
    older, newer = weight(80, on="2026-03-01"), weight(85, on="2026-03-02")

    assert value(older, newer) == value(newer, older) == 85


def test_instants_are_compared_not_their_text() -> None:
    first = weight(80, on="2026-03-01T09:30:00+02:00")
    second = weight(85, on="2026-03-01T08:00:00Z")

    assert value(first, second) == 85


def test_at_one_moment_a_corrected_result_wins_then_the_one_issued_last() -> None:
    final, corrected = weight(80, issued="2026-03-03T08:00:00Z"), weight(85, status="corrected")
    assert value(corrected, final) == 85

    later = weight(90, issued="2026-03-04T08:00:00Z")
    assert value(final, later) == 90


def test_results_of_one_moment_that_differ_are_a_conflict() -> None:
    assert gap(weight(80), weight(85)) is Why.CONFLICTING
    assert value(weight(80), weight(quantity(80000, "g"))) == 80


@pytest.mark.parametrize("newer", ["2026-03-02", "2026-03-01T23:00:00Z", "2026-03-01"])
def test_a_newer_result_that_cannot_be_used_leaves_the_analyte_unknown(newer: str) -> None:
    usable = weight(80, on="2026-03-01T08:00:00Z")

    assert gap(usable, weight(quantity(80, "stone"), on=newer)) is Why.UNREADABLE


def test_an_older_result_that_cannot_be_used_does_not_matter() -> None:
    assert value(weight(80), weight(quantity(80, "stone"), on="2026-02-28")) == 80


@pytest.mark.parametrize(("on", "fresh"), [("2025-11-21", True), ("2025-11-20", False)])
def test_a_result_grows_too_old(on: str, fresh: bool) -> None:
    if fresh:
        assert value(weight(80, on=on)) == 80
    else:
        assert gap(weight(80, on=on)) is Why.OUTDATED


def test_a_height_lasts_longer_than_a_weight() -> None:
    assert value(
        observation("8302-2", valueQuantity=quantity(170, "cm"), effectiveDateTime="2017-01-01"),
        name="height",
    )


@pytest.mark.parametrize(
    "on",
    [
        *("2026-11-22", "2026-11-22T01:00:00Z", "2026-11-21T23:00:00-08:00"),
        *("2026", "2026-03", "soon"),
    ],
)
def test_a_result_of_no_day_or_of_a_day_to_come_never_counts(on: str) -> None:
    assert gap(weight(80, on=on)) is Why.UNREADABLE
    assert value(weight(85, on=on), weight(80)) == 80


@pytest.mark.parametrize("on", ["2026-11-22T08:00:00+13:00", "2026-11-22T00:59:00Z"])
def test_a_result_counts_up_to_an_hour_ahead_of_the_clock_wherever_it_was_taken(on: str) -> None:
    assert value(weight(80, on=on)) == 80


@pytest.mark.parametrize("on", ["2026-03-01T99:00:00Z", "9999-12-31", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_cannot_be_is_none(on: str) -> None:
    assert gap(weight(80, on=on)) is Why.UNREADABLE


def test_a_time_without_a_zone_is_taken_for_utc() -> None:
    assert value(weight(80, on="2026-03-01T08:00:00"), weight(85, on="2026-03-01T07:00:00Z")) == 80


@pytest.mark.parametrize(
    "when",
    [
        {"effectivePeriod": {"start": "2026-01-01", "end": "2026-03-01"}},
        {"effectiveInstant": "2026-03-01T08:00:00Z"},
        {"issued": "2026-03-01T08:00:00Z"},
    ],
)
def test_the_end_of_a_period_an_instant_and_the_time_of_issue_are_times(when: Json) -> None:
    result = weight(80) | when
    del result["effectiveDateTime"]

    assert found(result).evidence.on == date(2026, 3, 1)


def test_a_component_is_a_result_with_the_time_and_status_of_the_whole() -> None:
    panel = observation(
        "85353-1",
        effectiveDateTime="2026-03-01",
        component=[
            {"code": loinc(WEIGHT), "valueQuantity": quantity(80)},
            component("8302-2", "170 cm"),
            "odd",
        ],
    )

    assert value(panel) == 80
    assert value(panel, name="height") == 170
    assert gap(panel | {"status": "preliminary"}) is Why.UNREADABLE


def test_nothing_on_file_is_not_recorded() -> None:
    assert gap() is Why.NOT_RECORDED


def test_what_nobody_names_is_not_read() -> None:
    assert lab_record(fetched(weight(80)), "p1", KNOWLEDGE.analytes, TODAY, []) == Record()


def test_what_was_not_fetched_is_not_nothing() -> None:
    answer = Missing("results", Why.NOT_FETCHED, "not asked for")

    assert lab_record(answer, "p1", KNOWLEDGE.analytes, TODAY, ["weight"]).get("weight") == Missing(
        "weight", Why.NOT_FETCHED, "not asked for"
    )


def test_an_answer_with_pages_missing_tells_no_newest_result() -> None:
    gone = Missing("results", Why.NOT_FETCHED, "there are more pages")
    answer = Fetched(bundle(weight(80)), remark=gone)

    assert lab_record(answer, "p1", KNOWLEDGE.analytes, TODAY, ["weight"]).get("weight") == Missing(
        "weight", Why.NOT_FETCHED, "there are more pages"
    )


@given(
    st.lists(
        json_of(
            "status",
            "final",
            "code",
            "coding",
            "system",
            "http://loinc.org",
            WEIGHT,
            "component",
            "valueQuantity",
            "value",
            "unit",
            "kg",
            "comparator",
            "effectiveDateTime",
            "2026-03-01",
            "effectivePeriod",
            "issued",
        )
    )
)
def test_nothing_that_a_server_sends_raises(pieces: list[Any]) -> None:
    sound = weight(80)
    broken = [sound | piece for piece in pieces if isinstance(piece, dict)]

    assert isinstance(labs(*pieces, *broken), Record)


def test_nothing_is_read_where_nothing_is_asked_for() -> None:
    assert lab_record(fetched(weight(70)), "p1", KNOWLEDGE.analytes, TODAY, ()) == Record()
