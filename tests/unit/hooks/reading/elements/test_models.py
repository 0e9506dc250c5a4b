"""Equations and scores of what other elements tell, by a small table of readers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Evidence, Missing, Order, Why
from hooks.clinical.logic import Truth
from hooks.knowledge import load
from hooks.reading.charts import ChartTables, OrderChart, PatientChart
from hooks.reading.elements.models import ORDER_READERS, READERS
from tests.unit.hooks.small import patient

MODELS = load().models
QT = frozenset({"firstin", "secondin", "thirdin"})
TABLES = ChartTables(drug_classes={"QT_RISK": QT}, models=MODELS)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ON = date(2026, 3, 1)
NOT_RECORDED = Missing("", Why.NOT_RECORDED)
NOT_FETCHED = Missing("conditions", Why.NOT_FETCHED, "no answer")
Told = Mapping[str, object]


def read(term: Term, told: Told) -> Known | Missing:
    """`{"tc": "200"}` is a number, `{"cond diabetes": True}` a predicate; others are not so."""
    name = " ".join((term.name, *map(str, term.args)))
    value = told.get(name, told.get(term.name, False))
    if isinstance(value, Known | Missing):
        return value
    if isinstance(value, str):
        evidence = (Evidence(f"Observation/{term.name}", ON),)
        return Known(Interval.exactly(Decimal(value)), f"{value} units", evidence)
    evidence = (Evidence(f"Condition/{name}", ON),) if value else ()
    return Known(Truth.YES if value else Truth.NO, "", evidence)


def looked(name: str, told: Told, drug: str = "", tables: ChartTables = TABLES) -> Known | Missing:
    terms = ("age", "female", "sbp", "bp_tx", "tc", "hdl", "on", "cond", "hist", "smoker", "egfr")
    more = ("bmi", "ast", "alt", "platelets", "bilirubin", "sodium", "inr", "scr", "albumin")
    fakes = {each: lambda _, term: read(term, told) for each in (*terms, *more, "potassium", "qtc")}
    chart = PatientChart({}, "p1", tables, NOW, patient(), READERS | fakes, ORDER_READERS)
    return OrderChart(chart, Order("MedicationRequest/1", (drug,)), drug).look(Term(name))


def known(name: str, told: Told, drug: str = "") -> Known:
    found = looked(name, told, drug)
    assert isinstance(found, Known), found
    return found


def missing(name: str, told: Told) -> Missing:
    found = looked(name, told)
    assert isinstance(found, Missing), found
    return found


def number(found: Known) -> Decimal:
    assert isinstance(found.value, Interval)
    assert found.value.value is not None
    return found.value.value


HEART: Told = {
    "age": Known(Interval.exactly(Decimal(50)), "50 years"),
    "female": True,
    "sbp": "160",
    "bp_tx": True,
    "tc": "200",
    "hdl": "45",
    "cond diabetes": True,
    "egfr": "90",
    "bmi": "35",
}
LIVER: Told = {
    "age": "50",
    "ast": "40",
    "alt": "40",
    "platelets": "200",
    "bilirubin": "6",
    "sodium": "131",
    "inr": "1.5",
    "scr": "1.5",
    "albumin": "2.2",
}
INPATIENT: Told = {"age": "70", "female": True, "on LOOP": True, "potassium": "3.4", "qtc": "455"}


class TestPrevent:
    def test_the_example_of_the_paper_comes_out_in_percent(self) -> None:
        found = known("prevent_ascvd", HEART)

        assert number(found) == pytest.approx(Decimal("9.1951"), abs=Decimal("0.0001"))
        assert found.shown == "9.1 %"

    def test_the_inputs_stand_beside_it_with_their_dates(self) -> None:
        found = known("prevent_ascvd", HEART)

        assert "from age 50 years, female, systolic blood pressure 160 units of 2026-03-01" in (
            found.note
        )
        assert "total cholesterol 200 units of 2026-03-01" in found.note
        assert "statin no, diabetes yes of 2026-03-01, smoking no" in found.note
        assert "what is not recorded counts as absent" in found.note
        assert Evidence("Observation/tc", ON) in found.evidence
        assert Evidence("Condition/cond diabetes", ON) in found.evidence

    @pytest.mark.parametrize("name", ["cond t1dm", "cond t2dm"])
    def test_any_kind_of_diabetes_counts(self, name: str) -> None:
        other = {**HEART, "cond diabetes": False, name: True}

        assert number(known("prevent_ascvd", other)) == number(known("prevent_ascvd", HEART))

    def test_a_man_has_another_risk(self) -> None:
        found = known("prevent_ascvd", {**HEART, "female": False})

        assert number(found) == pytest.approx(Decimal("10.1944"), abs=Decimal("0.0001"))
        assert ", male," in found.note

    @pytest.mark.parametrize("name", ["age", "female", "tc", "hdl", "sbp", "egfr", "bmi", "smoker"])
    def test_without_an_input_there_is_no_risk(self, name: str) -> None:
        found = missing("prevent_ascvd", {**HEART, name: NOT_RECORDED})

        assert found.why is Why.NOT_RECORDED
        assert found.detail.startswith("without ")
        assert found.detail.endswith("(not recorded)")

    def test_every_input_that_is_missing_is_named_and_what_was_not_fetched_decides(self) -> None:
        found = missing(
            "prevent_ascvd",
            {**HEART, "tc": NOT_RECORDED, "on": NOT_FETCHED, "cond diabetes": Known(Truth.UNKNOWN)},
        )

        assert found == Missing(
            "prevent_ascvd",
            Why.NOT_FETCHED,
            "without total cholesterol (not recorded), statin (no answer),"
            " diabetes (cannot be told)",
        )

    def test_a_value_that_is_only_bounded_is_no_input(self) -> None:
        above = Known(Interval.reported(Decimal(90), ">"), ">90")

        assert missing("prevent_ascvd", {**HEART, "egfr": above}).detail == (
            "without eGFR (not one plain value)"
        )

    @pytest.mark.parametrize(
        ("name", "value", "label"),
        [("tc", "350", "total cholesterol"), ("age", "29", "age"), ("bmi", "40", "BMI")],
    )
    def test_out_of_range_there_is_no_risk(self, name: str, value: str, label: str) -> None:
        found = missing("prevent_ascvd", {**HEART, name: value})

        assert found == Missing(
            "prevent_ascvd", Why.UNREADABLE, f"{label} is outside of the equation's range"
        )

    @pytest.mark.parametrize("name", ["hist ascvd", "hist stroke-tia", "cond heart-failure"])
    def test_it_is_not_for_people_with_cardiovascular_disease(self, name: str) -> None:
        found = missing("prevent_ascvd", {**HEART, name: True})

        assert found.detail == "the equation is for people without cardiovascular disease"

    def test_whether_there_is_disease_has_to_be_known(self) -> None:
        found = missing("prevent_ascvd", {**HEART, "hist": NOT_FETCHED})

        assert (found.why, found.detail) == (Why.NOT_FETCHED, "no answer")


class TestLiver:
    def test_fib4_has_two_decimals_on_a_card_and_all_in_a_rule(self) -> None:
        found = known("fib4", LIVER)

        assert found.shown == "1.58"
        assert number(found) == pytest.approx(Decimal("1.58113883"))
        assert "recorded" not in found.note

    def test_what_is_just_below_a_limit_is_not_shown_as_the_limit(self) -> None:
        found = known("fib4", {**LIVER, "platelets": "118.5"})

        assert number(found) < Decimal("2.67")
        assert found.shown == "2.66"

    def test_fib4_is_not_for_those_under_35(self) -> None:
        assert missing("fib4", {**LIVER, "age": "34"}).detail == (
            "age is outside of the equation's range"
        )

    def test_meld_is_not_rounded(self) -> None:
        found = known("meld3", LIVER)

        assert number(found) == pytest.approx(Decimal("26.1532"), abs=Decimal("0.0001"))
        assert found.shown == "26.1"
        assert "dialysis no" in found.note

    def test_recorded_dialysis_counts_as_a_creatinine_of_3(self) -> None:
        on_dialysis = known("meld3", {**LIVER, "cond dialysis": True})

        assert number(on_dialysis) == number(known("meld3", {**LIVER, "scr": "3"}))

    def test_meld_is_not_for_those_under_12(self) -> None:
        assert missing("meld3", {**LIVER, "age": "11"}).why is Why.UNREADABLE
        assert number(known("meld3", {**LIVER, "age": "12"})) > 0


class TestStrokeRisk:
    def test_what_is_not_recorded_counts_as_absent_and_it_is_said(self) -> None:
        found = known("cha2ds2vasc", {"age": "66", "female": True, "cond hypertension": True})

        assert (number(found), found.shown) == (3, "3")
        assert "what is not recorded counts as absent" in found.note

    def test_everything_gives_9(self) -> None:
        everything = {"age": "80", "female": True, "cond": True, "hist": True}

        assert number(known("cha2ds2vasc", everything)) == 9

    def test_a_stroke_alone_is_no_vascular_disease(self) -> None:
        assert number(known("cha2ds2vasc", {"age": "60", "hist stroke-tia": True})) == 2

    def test_conditions_that_did_not_come_leave_an_interval(self) -> None:
        found = known("cha2ds2vasc", {"age": "66", "cond": NOT_FETCHED, "hist stroke-tia": True})

        assert found.value == Interval(Decimal(3), Decimal(6))
        assert found.shown == "3 to 6"
        assert "not known: heart failure, hypertension, diabetes" in found.note


class TestTisdale:
    def test_the_ordered_drug_counts(self) -> None:
        found = known("tisdale", INPATIENT, "firstin")

        assert (number(found), found.shown) == (10, "10")
        assert "QT drugs: firstin" in found.note

    def test_a_second_drug_counts_and_the_same_drug_counts_once(self) -> None:
        taken = {**INPATIENT, "on QT_RISK": True, "on firstin": True, "on secondin": True}
        again = {**INPATIENT, "on QT_RISK": True, "on firstin": True}

        assert number(known("tisdale", taken, "firstin")) == 13
        assert number(known("tisdale", again, "firstin")) == 10
        assert Evidence("Condition/on secondin", ON) in known("tisdale", taken, "firstin").evidence

    def test_an_order_of_another_kind_counts_no_drug(self) -> None:
        found = known("tisdale", INPATIENT, "plainin")

        assert number(found) == 7
        assert "QT drugs: none" in found.note

    @pytest.mark.parametrize("name", ["potassium", "qtc"])
    def test_without_potassium_or_qtc_it_is_an_interval(self, name: str) -> None:
        found = known("tisdale", {**INPATIENT, name: NOT_RECORDED}, "firstin")

        assert found.value == Interval(Decimal(8), Decimal(10))
        assert "not known: " in found.note

    def test_a_bounded_potassium_may_be_enough(self) -> None:
        low = Known(Interval.reported(Decimal(3), "<"), "<3 mmol/L")

        assert number(known("tisdale", {**INPATIENT, "potassium": low}, "firstin")) == 10

    def test_drugs_that_did_not_come_leave_room_for_a_second_one(self) -> None:
        found = known("tisdale", {**INPATIENT, "on": NOT_FETCHED, "on LOOP": True}, "firstin")

        assert found.value == Interval(Decimal(10), Decimal(13))
        assert "not known: other QT drugs" in found.note

    def test_a_drug_that_may_be_taken_leaves_room_for_it(self) -> None:
        unsure = Known(Truth.UNKNOWN)
        told = {**INPATIENT, "on QT_RISK": unsure, "on secondin": unsure}

        found = known("tisdale", told, "firstin")

        assert found.value == Interval(Decimal(10), Decimal(13))
        assert "whether secondin is taken" in found.note


@pytest.mark.parametrize("name", ["qrisk3", "gail5"])
def test_a_model_that_is_not_shipped_says_so(name: str) -> None:
    assert missing(name, {}) == Missing(
        name, Why.NOT_RECORDED, "there is no calculator for it here"
    )


@pytest.mark.parametrize("name", ["fib4", "tisdale"])
def test_without_the_equation_on_file_there_is_no_number(name: str) -> None:
    found = looked(name, LIVER, tables=replace(TABLES, models={}))

    assert found == Missing(name, Why.UNREADABLE, "the equation is not on file")
