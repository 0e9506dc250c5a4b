"""Measured numbers, point by point as the rule catalogue counts results."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.elements import Interval, Known
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import instant
from hooks.reading.elements import READERS, calculated, kidneys, numbers, series
from hooks.reading.elements.numbers import interval
from hooks.reading.resources import Fetched
from tests.unit.hooks.reading import Json, bundle, coded, json_of, loinc
from tests.unit.hooks.reading.elements import (
    NOW,
    TABLES,
    UCUM,
    ago,
    chart,
    gap,
    known,
    number,
    observed,
    why,
)


def value(*results: object, name: str = "potassium") -> Decimal | None:
    return number(chart(*results), name).value


def reason(*results: object, name: str = "potassium") -> Why:
    return why(chart(*results), name)


def test_every_analyte_is_an_element() -> None:
    read = {*numbers.READERS, *calculated.READERS, *kidneys.READERS}
    read |= {each.analyte for each in series.SERIES.values()}

    assert set(TABLES.analytes.analytes) & set(TABLES.elements) <= read
    assert set(numbers.MEASURED) <= set(TABLES.analytes.analytes)


# 1. any code of the element, of the Observation or of a component
@pytest.mark.parametrize("code", ["2823-3", "6298-4", "39789-3", "32713-0"])
def test_1_each_code_of_an_element_counts(code: str) -> None:
    assert value(observed("potassium", 4.1, code=code)) == Decimal("4.1")


def test_1_a_component_counts_and_the_head_of_its_panel_is_no_result() -> None:
    part = {"code": loinc("2823-3"), "valueQuantity": {"value": 4.1, "unit": "mmol/L"}}
    panel = observed("potassium", component=[part])

    assert value(panel) == Decimal("4.1")
    assert value(panel | {"code": loinc("24323-8")}) == Decimal("4.1")
    assert reason(observed("potassium")) is Why.UNREADABLE


def test_1_the_rates_that_count_race_are_never_read() -> None:
    told = observed("egfr", 60, code="88293-6"), observed("egfr", 60, code="48643-1")

    assert reason(*told, name="egfr") is Why.NOT_RECORDED


# 2. status
@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_2_what_is_final_counts(status: str) -> None:
    assert value(observed("potassium", 4.1, status=status)) == Decimal("4.1")


@pytest.mark.parametrize(
    "status", ["registered", "preliminary", "cancelled", "entered-in-error", "unknown", None]
)
def test_2_nothing_else_does_neither_to_fire_nor_to_reassure(status: str | None) -> None:
    newer = observed("potassium", 6.9, status=status, effectiveDateTime=ago(hours=1))

    assert isinstance(gap(chart(newer), "potassium"), Missing)
    assert value(newer, observed("potassium", 4.1)) == Decimal("4.1")


# 3. dataAbsentReason
def test_3_what_says_why_it_has_no_value_is_none() -> None:
    newer = observed(
        "potassium", 6.9, dataAbsentReason={"text": "error"}, effectiveDateTime=ago(hours=1)
    )

    assert reason(newer) is Why.NOT_RECORDED
    assert value(newer, observed("potassium", 4.1)) == Decimal("4.1")


# 4. value
@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("4,1 mmol/L", "4.1", "4.1"),
        ("<2.5 mmol/L", None, "2.5"),
        ("≤ 2,5 mEq/L", None, "2.5"),
        (">=7 mmol/L", "7", None),
        ("> 7 mmol/L", "7", None),
    ],
)
def test_4_a_number_in_words_counts(text: str, low: str | None, high: str | None) -> None:
    for told in (
        observed("potassium", text),
        observed("potassium", valueCodeableConcept={"text": text}),
    ):
        found = number(chart(told), "potassium")
        assert (found.low, found.high) == (low and Decimal(low), high and Decimal(high))


@pytest.mark.parametrize("text", ["high", "4.1", "4.1 mmol/L or so", "see comment", ""])
def test_4_other_words_are_no_number(text: str) -> None:
    assert reason(observed("potassium", text)) is Why.UNREADABLE


def test_4_what_may_be_thousands_or_thousandths_is_no_number() -> None:
    assert reason(observed("anc", "1,500 /uL"), name="anc") is Why.UNREADABLE
    assert value(observed("scr", "0,512 mg/dL"), name="scr") == Decimal("0.512")


@pytest.mark.parametrize(
    ("comparator", "over", "under"),
    [("<", False, True), ("<=", False, False), (">", True, False), (">=", False, False)],
)
def test_4_a_comparator_gives_an_interval(comparator: str, over: bool, under: bool) -> None:
    told = observed("egfr", 30)
    told["valueQuantity"]["comparator"] = comparator

    found = number(chart(told), "egfr")

    assert (found.over, found.under) == (over, under)
    assert (found.low is None) == (comparator in {"<", "<="})


def test_4_below_30_is_below_45_and_nobody_knows_whether_below_15() -> None:
    told = observed("egfr", "<30 mL/min/1.73m2")

    found = number(chart(told), "egfr")

    assert found.less(Decimal(45)) is Truth.YES
    assert found.less(Decimal(15)) is Truth.UNKNOWN


# 5. unit
@pytest.mark.parametrize("unit", ["MMOL/L", "mmol/l", "mg/dL"])
def test_5_a_unit_that_is_not_in_the_table_is_unreadable(unit: str) -> None:
    assert reason(observed("potassium", 4.1, unit)) is Why.UNREADABLE


def test_5_the_code_of_a_unit_goes_before_its_words() -> None:
    told = observed("scr", 1.2)
    told["valueQuantity"] = {"value": 106, "unit": "micromol", "code": "umol/L", "system": UCUM}

    assert number(chart(told), "scr").value == Decimal("1.199072")


def test_5_a_bare_number_counts_only_where_the_table_allows_it() -> None:
    bare = {"valueQuantity": {"value": 2}}

    assert value(observed("inr", "2,5"), name="inr") == Decimal("2.5")
    assert value(observed("inr") | bare, name="inr") == 2
    assert reason(observed("potassium") | bare) is Why.UNREADABLE


# 6. plausible range
@pytest.mark.parametrize(
    ("told", "counts"), [(1.5, True), (10, True), (1.49, False), (10.1, False)]
)
def test_6_the_plausible_range_is_of_the_converted_value(told: float, counts: bool) -> None:
    if counts:
        assert value(observed("potassium", told)) == Decimal(str(told))
    else:
        assert reason(observed("potassium", told)) is Why.UNREADABLE
    assert reason(observed("scr", 1.2, "umol/L"), name="scr") is Why.UNREADABLE


# 7. time
def test_7_the_first_time_that_is_given_counts() -> None:
    told = observed("potassium", 4.1, effectiveDateTime=None)
    older = observed("potassium", 3.9, effectiveDateTime=ago(days=3))

    period = {"effectivePeriod": {"start": ago(days=9), "end": ago(hours=3)}}
    assert value(told | period, older) == Decimal("4.1")
    assert value(told | {"effectiveInstant": ago(hours=3)}, older) == Decimal("4.1")
    assert value(told | {"issued": ago(hours=3)}, older) == Decimal("4.1")
    assert value(told, older) == Decimal("3.9")


@pytest.mark.parametrize(("hours", "counts"), [(0.9, True), (1, True), (1.1, False), (48, False)])
def test_7_more_than_an_hour_to_come_is_rejected(hours: float, counts: bool) -> None:
    ahead = observed("potassium", 6.9, effectiveDateTime=ago(hours=-hours))

    assert value(ahead, observed("potassium", 4.1)) == Decimal("6.9" if counts else "4.1")


# 8. the latest, and ties
def test_8_the_latest_counts_then_corrected_then_amended_then_final_then_issue() -> None:
    final = observed("potassium", 4.1, issued=ago(hours=2))
    later = observed("potassium", 4.2, issued=ago(hours=1))
    amended = observed("potassium", 4.3, status="amended")
    corrected = observed("potassium", 4.4, status="corrected")
    newer = observed("potassium", 4.5, effectiveDateTime=ago(hours=1))

    assert value(later, final) == Decimal("4.2")
    assert value(final, later, amended) == Decimal("4.3")
    assert value(corrected, amended, later) == Decimal("4.4")
    assert value(newer, corrected) == Decimal("4.5")


def test_8_results_of_one_moment_that_differ_are_a_conflict() -> None:
    assert reason(observed("potassium", 4.1), observed("potassium", 4.2)) is Why.CONFLICTING
    assert value(observed("potassium", 4.1), observed("potassium", 4.1)) == Decimal("4.1")


def test_8_a_rate_without_race_wins_at_one_moment() -> None:
    preferred = observed("egfr", 55, code="98979-8")
    other = observed("egfr", 60, code="33914-3", issued=ago(hours=1))
    newer = observed("egfr", 62, code="33914-3", effectiveDateTime=ago(hours=1))

    assert value(other, preferred, name="egfr") == 55
    assert value(other, preferred, newer, name="egfr") == 62


# 9. a newer one that was rejected
@pytest.mark.parametrize(
    "rejected",
    [observed("potassium", 4.1, "stone"), observed("potassium", 99), observed("potassium", "high")],
    ids=["unit", "implausible", "unparseable"],
)
def test_9_a_newer_rejected_result_leaves_the_element_unknown(rejected: Json) -> None:
    newer = rejected | {"effectiveDateTime": ago(hours=1)}
    older = rejected | {"effectiveDateTime": ago(days=2)}

    assert reason(observed("potassium", 4.1), newer) is Why.UNREADABLE
    assert value(observed("potassium", 4.1), older) == Decimal("4.1")


def test_9_a_correction_that_cannot_be_read_leaves_the_element_unknown() -> None:
    corrected = observed("potassium", "see comment", status="corrected")

    assert reason(observed("potassium", 4.1), corrected) is Why.UNREADABLE


# 10. age
@pytest.mark.parametrize(("seconds", "fresh"), [(0, True), (1, False)])
def test_10_a_result_of_exactly_the_greatest_age_counts(seconds: int, fresh: bool) -> None:
    told = observed("potassium", 4.1, effectiveDateTime=ago(days=30, seconds=seconds))

    if fresh:
        assert value(told) == Decimal("4.1")
    else:
        assert gap(chart(told), "potassium") == Missing(
            "potassium", Why.OUTDATED, "the newest is of 2026-10-23"
        )


@pytest.mark.parametrize("at", ["T00:00:01Z", "T12:00:00Z", "T23:59:59Z"])
@pytest.mark.parametrize(("day", "fresh"), [("2026-10-23", True), ("2026-10-22", False)])
def test_10_as_of_a_day_whole_days_are_counted(day: str, at: str, fresh: bool) -> None:
    told = observed("potassium", 4.1, effectiveDateTime=day + at)
    judged = replace(chart(told), now=instant(date(2026, 11, 22)))

    if fresh:
        assert known(judged, "potassium").value == Interval.exactly(Decimal("4.1"))
    else:
        assert why(judged, "potassium") is Why.OUTDATED


@pytest.mark.parametrize(("on", "fresh"), [("2026-10-23", True), ("2026-10-22", False)])
def test_10_a_date_without_a_time_ages_by_days(on: str, fresh: bool) -> None:
    told = observed("potassium", 4.1, effectiveDateTime=on)

    assert isinstance(chart(told).look(TERM), Known if fresh else Missing)


TERM = numbers.Term("potassium")


@pytest.mark.parametrize(
    "note",
    [
        {"note": [{"text": "Specimen grossly HAEMOLYSED"}]},
        {"note": [{"text": "hemolyzed sample"}]},
        {"interpretation": [{"text": "Hemolysis present"}]},
        {"specimen": {"display": "haemolytic serum"}},
    ],
)
def test_potassium_of_a_haemolysed_specimen_is_unknown(note: Json) -> None:
    spoiled = observed("potassium", 6.9, effectiveDateTime=ago(hours=1)) | note

    assert reason(spoiled) is Why.UNREADABLE
    assert reason(spoiled, observed("potassium", 4.1)) is Why.UNREADABLE
    assert value(observed("sodium", 140) | note, name="sodium") == 140


@pytest.mark.parametrize("text", ["not haemolysed", "No hemolysis", "fasting"])
def test_a_specimen_that_is_not_haemolysed_is_fit(text: str) -> None:
    assert value(observed("potassium", 4.1, note=[{"text": text}])) == Decimal("4.1")


@pytest.mark.parametrize("name", ["sbp", "dbp", "hr_clinic", "qtc", "spo2_clinic"])
def test_readings_of_home_and_of_wearables_never_count_for_the_clinic(name: str) -> None:
    values = {"sbp": 150, "dbp": 90, "hr_clinic": 70, "qtc": 450, "spo2_clinic": 97}
    clinic = observed(name, values[name], effectiveDateTime=ago(hours=20))
    worn = observed(name, values[name] + 1, device={"display": "Acme Watch 5"})
    at_home = observed(name, values[name] + 2, method={"text": "home monitor"})

    assert value(worn, at_home, clinic, name=name) == values[name]
    assert gap(chart(worn, at_home), name).detail == numbers.NOT_CLINIC
    assert reason(name=name) is Why.NOT_RECORDED


def test_a_weight_may_be_from_home() -> None:
    assert value(observed("weight", 80, method={"text": "home scale"}), name="weight") == 80


@pytest.mark.parametrize("name", ["uracil", "pdl1_cps"])
def test_an_analyte_without_a_code_is_not_recorded_even_where_nothing_was_fetched(
    name: str,
) -> None:
    unasked = Missing(name, Why.NOT_FETCHED)

    assert gap(chart(results=unasked), name) == Missing(name, Why.NOT_RECORDED, numbers.NO_CODE)


def test_what_failed_or_came_in_part_is_not_absent() -> None:
    failed = Missing("results", Why.NOT_FETCHED, "timed out")
    partly = Fetched(bundle(observed("potassium", 4.1)), remark=failed)

    for answer in (failed, partly):
        assert gap(chart(results=answer), "potassium") == Missing(
            "potassium", Why.NOT_FETCHED, "timed out"
        )


def test_a_result_is_shown_with_where_it_was_read() -> None:
    found = known(chart(observed("egfr", 28)), "egfr")

    assert (found.shown, found.note) == ("28 mL/min/1.73 m²", "")
    assert found.evidence[0].reference == "Observation/egfr-1"
    assert found.evidence[0].on == NOW.date().replace(day=21)


def test_a_converted_result_is_shown_as_it_was_reported_as_well() -> None:
    found = known(chart(observed("scr", 106, "umol/L")), "scr")

    assert found.shown == "1.199 mg/dL"
    assert found.note == "creatinine was reported as 106 µmol/L"
    assert known(chart(observed("scr", 1.2)), "scr").note == ""


def test_a_remark_of_the_table_stands_beside_a_result_of_its_code() -> None:
    capillary = known(chart(observed("inr", 5, code="46418-0")), "inr")

    assert "venous blood" in capillary.note
    assert known(chart(observed("inr", 5)), "inr").note == ""
    assert "antibody clone" in known(chart(observed("pdl1_tps", 60)), "pdl1_tps").note


def test_a_local_code_of_a_site_is_found_under_its_own_system() -> None:
    told = coded("https://lab.example/codes", "URA")

    assert list(numbers.filed_under({"code": told})) == [("https://lab.example/codes", "URA")]
    assert list(numbers.filed_under({"code": {"coding": [{"code": "URA"}, "odd"]}})) == []


def test_what_is_no_number_lies_anywhere() -> None:
    assert interval(Known(Truth.YES)) == Interval(None, None)


@pytest.mark.parametrize(
    ("name", "told", "unit", "own"),
    [
        ("hba1c", 53, "mmol/mol", "7.00044"),
        ("glucose", 10, "mmol/L", "180.16"),
        ("potassium", 4, "mEq/L", "4"),
        ("calcium", 2.5, "mmol/L", "10.0195"),
        ("hemoglobin", 120, "g/L", "12"),
        ("anc", 1.5, "10*9/L", "1500"),
        ("platelets", 150000, "/uL", "150"),
        ("bilirubin", 17.1, "umol/L", "0.9997686"),
        ("lvef", 0.35, "1", "35"),
        ("qtc", 0.46, "s", "460"),
        ("weight", 150, "[lb_av]", "68.0388555"),
        ("uacr", 3, "mg/mmol", "26.52"),
    ],
)
def test_reported_units_are_converted(name: str, told: float, unit: str, own: str) -> None:
    assert value(observed(name, told, unit), name=name) == Decimal(own)


@given(st.sampled_from(sorted({*numbers.MEASURED} & {*TABLES.analytes.filed})), st.data())
def test_a_conversion_keeps_the_direction_of_a_comparator(name: str, data: st.DataObject) -> None:
    units = TABLES.analytes.analytes[name].units
    unit = data.draw(st.sampled_from(sorted(units)))
    conversion = units[unit]
    own = (conversion.low + conversion.high) / 2
    sign = data.draw(st.sampled_from(["<", "<=", ">", ">="]))
    value = float((own - conversion.offset) / conversion.factor)
    told = observed(name, valueQuantity={"value": value, "unit": unit, "comparator": sign})

    found = number(chart(told), name)

    assert (found.low is None, found.high is None) == ("<" in sign, ">" in sign)
    assert (found.over, found.under) == (sign == ">", sign == "<")


NAMES = (
    *("status", "final", "code", "coding", "system", "http://loinc.org", "component", "note"),
    *("valueQuantity", "value", "unit", "kg", "comparator", "effectiveDateTime", "2026-11-01"),
    *("effectivePeriod", "start", "issued", "device", "display", "method", "text", "category"),
    *("performer", "reference", "#d1", "contained", "id", "d1", "interpretation", "referenceRange"),
    *("high", "type", "specimen", "valueString", "valueCodeableConcept", "hasMember"),
)


@given(st.lists(json_of(*NAMES)), st.sampled_from(sorted(TABLES.analytes.filed.keys() & READERS)))
def test_nothing_that_a_server_sends_raises(pieces: list[Any], name: str) -> None:
    sound = observed(name, 40.0)
    broken = [sound | piece for piece in pieces if isinstance(piece, dict)]
    opened = chart(*pieces, *broken, sound)

    for each in (name, *calculated.READERS, *kidneys.READERS):
        assert isinstance(opened.look(numbers.Term(each)), Known | Missing)
