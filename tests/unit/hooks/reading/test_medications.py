"""What the patient takes."""

import pytest
from hypothesis import given

from hooks.clinical.facts import Missing, Order, Why
from hooks.reading.medications import active_medications, active_requests
from hooks.reading.resources import Answer, Fetched
from tests.unit.hooks.reading import DRUGS, Json, bundle, coded, fetched, json_of, request

CODEINE = coded("rxnorm", "2670", "codeine")
REFERRED = {"medicationReference": {"reference": "Medication/m1"}}


def active(**elements: object) -> Json:
    return request(**({"status": "active", "medicationCodeableConcept": CODEINE} | elements))


def taken(answer: Answer, fetched: dict[str, Json] | None = None) -> list[str] | Missing:
    found = active_medications(answer, "p1", fetched or {}, DRUGS)
    return found if isinstance(found, Missing) else [drug for each in found for drug in each.drugs]


def test_active_orders_of_known_drugs_are_taken() -> None:
    other = active(id="b", medicationCodeableConcept={"text": "Loratadine"})
    assert taken(fetched(active(), other)) == ["codeine"]


@pytest.mark.parametrize(
    "elements",
    [
        {"status": "stopped"},
        {"status": "completed"},
        {"status": "draft"},
        {"status": "entered-in-error"},
        {"status": None},
        {"doNotPerform": True},
        {"subject": {"reference": "Patient/p2"}},
    ],
)
def test_orders_that_are_not_active_or_not_the_patients_are_not_taken(elements: Json) -> None:
    assert taken(fetched(active(**elements))) == []


def test_a_medication_may_be_referenced_in_the_answer_or_fetched() -> None:
    medication = {"resourceType": "Medication", "id": "m1", "code": CODEINE}
    order = active(medicationCodeableConcept={}, **REFERRED)
    assert taken(fetched(order, medication)) == ["codeine"]
    assert taken(fetched(order), {"Medication/m1": medication}) == ["codeine"]


def test_an_active_medication_that_is_not_at_hand_makes_the_whole_unknown() -> None:
    order = active(id="b", medicationCodeableConcept={}, **REFERRED)
    found = taken(fetched(active(), order))
    assert found == Missing("medications", Why.NOT_FETCHED, "a medication is not at hand")


def test_no_answer_or_a_part_of_one_is_not_fetched() -> None:
    gone = Missing("medications", Why.NOT_FETCHED, "timeout")
    assert taken(gone) == gone
    assert list(active_requests(gone, "p1")) == []
    part = Fetched(bundle(active()), "prefetch", Missing("x", Why.NOT_FETCHED, "page 2"))
    assert taken(part) == Missing("medications", Why.NOT_FETCHED, "page 2")


def test_an_empty_answer_says_that_nothing_is_taken() -> None:
    assert taken(Fetched(None)) == []


@given(json_of("status", "active", "subject", "medicationCodeableConcept", "text", "coding"))
def test_no_json_raises_or_hides_an_active_order(broken: object) -> None:
    odd = active(id="odd", medicationCodeableConcept=broken, dosageInstruction=broken)
    found = active_medications(fetched(broken, odd, active()), "p1", {}, DRUGS)
    assert isinstance(found, tuple)
    assert any(isinstance(each, Order) and "codeine" in each.drugs for each in found)
