"""Conditions and reasons to the names of conditions.csv."""

import pytest
from hypothesis import given

from hooks.clinical.codes import ConditionCodes
from hooks.clinical.facts import Evidence, Missing, Record, Why
from hooks.reading.conditions import condition_record, names, reasons
from hooks.reading.resources import Fetched
from tests.unit.hooks.reading import ABSENT, Json, bundle, coded, fetched, json_of

CODES = ConditionCodes(
    {
        ("snomed", "22298006"): frozenset({"infarction"}),
        ("icd10cm", "I63.9"): frozenset({"stroke"}),
    },
    {"I21": frozenset({"infarction"})},
)
INFARCTION = coded("snomed", "22298006", "Myocardial infarction")


def condition(**elements: object) -> Json:
    resource = {
        "resourceType": "Condition",
        "id": "c1",
        "code": INFARCTION,
        "subject": {"reference": "Patient/p1"},
    } | elements
    return {name: element for name, element in resource.items() if element is not ABSENT}


def read(*conditions: object) -> Record[Evidence]:
    return condition_record(fetched(*conditions), "p1", CODES)


def is_recorded(**elements: object) -> bool:
    return isinstance(read(condition(**elements)).get("infarction"), Evidence)


def status(code: str) -> Json:
    return coded("http://terminology.hl7.org/CodeSystem/condition-clinical", code)


@pytest.mark.parametrize(
    "concept",
    [
        INFARCTION,
        coded("icd10cm", "I21"),
        coded("icd10cm", "I21.4"),
        coded("http://hl7.org/fhir/sid/icd-10", "I21.4"),
        {"coding": [{"code": "local"}, *INFARCTION["coding"]]},
    ],
)
def test_a_condition_is_told_by_any_of_its_codes_or_its_category(concept: Json) -> None:
    assert names(concept, CODES) == {"infarction"}


@pytest.mark.parametrize(
    "concept",
    [coded("icd10cm", "I2"), coded("snomed", "I21.4"), {"text": "Myocardial infarction"}, None, []],
)
def test_words_and_other_codes_tell_no_condition(concept: object) -> None:
    assert names(concept, CODES) == frozenset()


@pytest.mark.parametrize("clinical", [ABSENT, status("active"), status("recurrence"), "active"])
def test_an_active_condition_is_recorded(clinical: object) -> None:
    assert is_recorded(clinicalStatus=clinical)


@pytest.mark.parametrize(
    "elements",
    [
        {"clinicalStatus": status("resolved")},
        {"clinicalStatus": status("inactive")},
        {"clinicalStatus": status("remission")},
        {"clinicalStatus": "resolved"},
        {"abatementDateTime": "2020-01-01"},
        {"abatementString": "last year"},
        {"verificationStatus": status("refuted")},
        {"verificationStatus": status("entered-in-error")},
        {"verificationStatus": "refuted"},
        {"subject": {"reference": "Patient/p2"}},
        {"resourceType": "Procedure"},
        {"code": {"text": "Myocardial infarction"}},
        {"code": ABSENT},
    ],
)
def test_an_ended_refuted_or_foreign_condition_is_not_recorded(elements: Json) -> None:
    assert read(condition(**elements)).get("infarction") == Missing("infarction", Why.NOT_RECORDED)


@pytest.mark.parametrize("element", [{"abatementBoolean": False}, {"clinicalStatus": "relapse"}])
def test_a_condition_of_dstu2_that_has_not_abated_is_active(element: Json) -> None:
    assert is_recorded(**element)


def test_a_condition_of_dstu2_that_has_abated_is_not_recorded() -> None:
    assert not is_recorded(abatementBoolean=True)


@pytest.mark.parametrize("doubt", ["provisional", "differential", "unconfirmed"])
def test_a_doubtful_condition_is_unreadable_rather_than_absent(doubt: str) -> None:
    found = read(condition(verificationStatus=status(doubt))).get("infarction")
    assert isinstance(found, Missing)
    assert found.why is Why.UNREADABLE


@pytest.mark.parametrize("turned", [False, True])
def test_a_confirmed_entry_goes_before_a_doubtful_one(turned: bool) -> None:
    entries = [
        condition(id="doubtful", verificationStatus=status("provisional")),
        condition(id="sure", verificationStatus=status("confirmed")),
    ]
    found = read(*(reversed(entries) if turned else entries)).get("infarction")
    assert isinstance(found, Evidence)
    assert found.reference == "Condition/sure"


def test_a_condition_that_is_not_there_is_not_recorded() -> None:
    assert read().get("stroke") == Missing("stroke", Why.NOT_RECORDED)


def test_no_answer_makes_every_condition_not_fetched() -> None:
    record = condition_record(Missing("conditions", Why.NOT_FETCHED, "timeout"), "p1", CODES)
    assert record.get("stroke") == Missing("stroke", Why.NOT_FETCHED, "timeout")


def test_what_an_incomplete_answer_does_not_hold_is_not_fetched() -> None:
    remark = Missing("conditions", Why.NOT_FETCHED, "page 2")
    record = condition_record(Fetched(bundle(condition()), "prefetch", remark), "p1", CODES)
    assert isinstance(record.get("infarction"), Evidence)
    assert record.get("stroke") == Missing("stroke", Why.NOT_FETCHED, "page 2")


@pytest.mark.parametrize(
    "request_",
    [
        {"reasonCode": [INFARCTION]},
        {"reasonCode": INFARCTION},
        {"reasonCodeableConcept": INFARCTION},
        {"reasonCode": ["broken", {"text": "chest pain"}, coded("icd10cm", "I21.0")]},
    ],
)
def test_an_order_gives_its_reason_as_array_or_lone_object(request_: Json) -> None:
    assert reasons(request_, CODES) == {"infarction"}


def test_an_order_may_have_several_reasons_or_none() -> None:
    both = {"reasonCode": [INFARCTION, coded("icd10cm", "I63.9")]}
    assert reasons(both, CODES) == {"infarction", "stroke"}
    assert reasons({}, CODES) == frozenset()


@given(json_of("code", "coding", "system", "clinicalStatus", "verificationStatus", "active"))
def test_no_condition_raises_or_hides_another(broken: object) -> None:
    bad = condition() | broken if isinstance(broken, dict) else condition(code=broken)
    bad["clinicalStatus"] = broken
    record = read(broken, bad, condition(code=coded("icd10cm", "I63.9")))
    assert isinstance(record.get("stroke"), Evidence)
    reasons({"reasonCode": broken}, CODES)
