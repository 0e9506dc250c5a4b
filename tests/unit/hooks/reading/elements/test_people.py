"""Age, sex, a hospital stay, relatives, and the site's country."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import PatientChart
from hooks.reading.resources import Fetched
from tests.unit.hooks.reading import Json, bundle, coded, coding, fetched, json_of
from tests.unit.hooks.reading.elements import TABLES, chart, gap, known, number, truth, why

NO_ANSWER = Missing("x", Why.NOT_FETCHED, "the server did not answer")
UNKNOWN_SEX = Missing("sex", Why.NOT_RECORDED, "the gender is neither male nor female")
ROLES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
OVARIAN, BREAST = coded("snomed", "363443007"), coded("snomed", "254837009")
OF_P1 = {"reference": "Patient/p1"}


def test_age_is_full_years() -> None:
    assert number(chart(born=date(1986, 11, 22)), "age") == Interval.exactly(Decimal(40))
    assert number(chart(born=date(1986, 11, 23)), "age") == Interval.exactly(Decimal(39))
    assert why(chart(born=Missing("birth date", Why.UNREADABLE)), "age") is Why.UNREADABLE


def test_sex_is_one_or_the_other_or_not_known() -> None:
    assert known(chart(sex="male"), "male") == Known(Truth.YES, "male")
    assert known(chart(sex="male"), "female") == Known(Truth.NO, "male")
    assert gap(chart(sex=UNKNOWN_SEX), "female") == UNKNOWN_SEX


def stay(code: object = "IMP", **elements: Any) -> Json:
    kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code}
    return {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "in-progress",
        "class": kind if isinstance(code, str) else code,
        "subject": OF_P1,
        "period": {"start": "2026-11-20T08:00:00Z"},
        **elements,
    }


def encountered(*stays: object) -> PatientChart:
    return chart(encounters=fetched(*stays))


@pytest.mark.parametrize(
    "kind", ["IMP", "ACUTE", "NONAC", [{"coding": [{"code": "IMP"}]}], {"code": "acute"}]
)
def test_a_stay_in_progress_is_one(kind: object) -> None:
    found = known(encountered(stay(kind)), "inpatient")

    assert (found.value, found.shown) == (Truth.YES, "in progress")
    assert [(e.reference, str(e.on)) for e in found.evidence] == [("Encounter/e1", "2026-11-20")]


def test_a_class_of_dstu2_is_read_as_well() -> None:
    assert truth(encountered({**stay(), "class": "inpatient"}), "inpatient") is Truth.YES


@pytest.mark.parametrize(
    "other",
    [
        stay("AMB"),
        stay(status="finished"),
        stay(subject={"reference": "Patient/p2"}),
        stay([]),
        stay(7),
    ],
)
def test_a_visit_a_finished_or_another_s_stay_is_none(other: Json) -> None:
    assert known(encountered(other), "inpatient") == Known(Truth.NO)


def test_encounters_that_were_not_fetched_leave_it_unknown() -> None:
    remark = Missing("encounters", Why.NOT_FETCHED, "a page is missing")

    assert gap(chart(encounters=NO_ANSWER), "inpatient").what == "inpatient"
    assert why(chart(encounters=Fetched(bundle(), remark=remark)), "inpatient") is Why.NOT_FETCHED
    half = chart(encounters=Fetched(bundle(stay()), remark=remark))
    assert truth(half, "inpatient") is Truth.YES


def relative(
    role: object = "MTH", disease: Json = OVARIAN, onset: Json | None = None, **elements: Any
) -> Json:
    concept = {"coding": [{"system": ROLES, "code": role}]} if isinstance(role, str) else role
    return {
        "resourceType": "FamilyMemberHistory",
        "id": "f1",
        "status": "completed",
        "patient": OF_P1,
        "date": "2026-01-02",
        "relationship": concept,
        "condition": [{"code": coded("snomed", "1")}, {"code": disease, **(onset or {})}],
        **elements,
    }


def at(age: object, unit: str = "a") -> Json:
    return {"onsetAge": {"value": age, "code": unit}}


def family(*relatives: object) -> PatientChart:
    return chart(relatives=fetched(*relatives))


@pytest.mark.parametrize(
    "role",
    [
        *("MTH", "FTH", "SIS", "BRO", "DAUC", "SONC", "NMTH", "NSIS", "DAU"),
        {"coding": [coding("http://hl7.org/fhir/v3/RoleCode", "MTH")]},
        {"text": "Mother"},
        {"coding": [{"system": "local", "code": "x", "display": "natural sister"}]},
    ],
)
def test_a_relative_of_the_first_degree_counts(role: object) -> None:
    found = known(family(relative(role)), "family_history", "ovarian")

    assert (found.value, found.shown) == (Truth.YES, "on file")
    assert [(e.reference, str(e.on)) for e in found.evidence] == [
        ("FamilyMemberHistory/f1", "2026-01-02")
    ]


@pytest.mark.parametrize(
    "other",
    [
        relative("AUNT"),
        relative("MTHINLAW"),
        relative(disease=BREAST),
        relative(condition=[]),
        relative(status="entered-in-error"),
        relative(patient={"reference": "Patient/p2"}),
    ],
)
def test_others_and_other_diseases_do_not(other: Json) -> None:
    assert known(family(other), "family_history", "ovarian") == Known(Truth.NO)


@pytest.mark.parametrize("role", [{"text": "mother of a friend"}, {}, {"coding": [{"code": "x"}]}])
def test_a_degree_that_is_not_told_leaves_it_unknown(role: Json) -> None:
    assert why(family(relative(role)), "family_history", "ovarian") is Why.UNREADABLE
    assert truth(family(relative(role), relative()), "family_history", "ovarian") is Truth.YES


@pytest.mark.parametrize(
    ("onset", "expected"),
    [
        (at(49), Truth.YES),
        (at(49.9, "yr"), Truth.YES),
        (at(50), Truth.NO),
        ({"onsetRange": {"high": {"value": 45, "unit": "years"}}}, Truth.YES),
        ({"onsetRange": {"low": {"value": 50, "code": "a"}}}, Truth.NO),
    ],
)
def test_an_age_at_onset_has_to_be_below_the_limit(onset: Json, expected: Truth) -> None:
    found = family(relative(disease=BREAST, onset=onset))

    assert truth(found, "family_history", "breast-lt50") is expected


@pytest.mark.parametrize(
    "onset",
    [
        None,
        at(600, "mo"),
        at(True),
        at("49"),
        {"onsetString": "in her forties"},
        {"onsetRange": {"low": {"value": 40, "code": "a"}, "high": {"value": 60, "code": "a"}}},
    ],
)
def test_an_age_at_onset_that_is_not_told_leaves_it_unknown(onset: Json | None) -> None:
    found = family(relative(disease=BREAST, onset=onset))

    assert why(found, "family_history", "breast-lt50") is Why.UNREADABLE


def test_relatives_that_were_not_fetched_leave_it_unknown() -> None:
    assert why(chart(relatives=NO_ANSWER), "family_history", "ovarian") is Why.NOT_FETCHED
    assert truth(family(), "family_history", "ovarian") is Truth.NO


def test_a_name_that_no_table_has_is_not_looked_up() -> None:
    assert why(family(relative()), "family_history", "gout") is Why.NOT_FETCHED


@given(json_of("relationship", "condition", "code", "coding", "onsetAge", "value", "class", "url"))
def test_whatever_an_entry_holds_nothing_is_raised(any_json: object) -> None:
    odd = [relative(any_json), relative() | {"condition": any_json}, relative(onset=at(any_json))]
    family(*odd).look(Term("family_history", ("breast-lt50",)))
    encountered(stay(any_json), stay(period=any_json), any_json).look(Term("inpatient"))


@pytest.mark.parametrize(
    ("country", "expected", "shown"),
    [("GB", Truth.YES, "GB"), ("DE", Truth.NO, "DE"), ("", Truth.NO, "not set")],
)
def test_the_country_is_the_policy_s(country: str, expected: Truth, shown: str) -> None:
    opened = chart()
    opened.tables = replace(TABLES, country=country)

    assert known(opened, "uk_config") == Known(expected, shown)
