"""order-select: what is selected is judged, the other drafts are context."""

from typing import Any

import pytest

from hooks.clinical.facts import Why
from hooks.order_select import SERVICE, decide, needs, selected_drafts
from tests.unit.hooks.reading import Json, bundle, coded, fetched, observation, request
from tests.unit.hooks.small import RULE, TODAY, knowledge

KNOWN = knowledge(RULE)
FIRSTIN = coded("rxnorm", "1001", "firstin")
POOR = {"genotypes": fetched(observation("1-8", "*2/*2"))}


def draft(identifier: str = "1", **elements: object) -> Json:
    """A draft order of firstin."""
    return request(**{"id": identifier, "medicationCodeableConcept": FIRSTIN} | elements)


def context(*drafts: Json, selections: list[str] | None = None) -> Json:
    """A session with *drafts*; the first is selected if not told otherwise."""
    first = [f"{drafts[0]['resourceType']}/{drafts[0]['id']}"] if drafts else []
    return {
        "patientId": "p1",
        "userId": "Practitioner/1",
        "selections": first if selections is None else selections,
        "draftOrders": bundle(*drafts),
    }


def judged(of: Json, answers: dict[str, Any] | None = None) -> list[str]:
    """The orders that are judged."""
    decision = decide(of, POOR if answers is None else answers, KNOWN, TODAY)
    return [finding.order.reference for finding in decision.findings]


def test_only_selected_drafts_are_judged() -> None:
    assert judged(context(draft("1"), draft("2"))) == ["MedicationRequest/1"]


def test_several_drafts_may_be_selected_at_once() -> None:
    both = ["MedicationRequest/2", "MedicationRequest/1"]

    assert judged(context(draft("1"), draft("2"), selections=both)) == [
        "MedicationRequest/1",
        "MedicationRequest/2",
    ]


@pytest.mark.parametrize(
    "selections",
    [[], ["MedicationRequest/9"], ["MedicationOrder/1"], ["ServiceRequest/1"], ["1"], ["", "x"]],
)
def test_what_is_not_selected_is_never_guessed(selections: list[str]) -> None:
    of = context(draft(), selections=selections)

    assert selected_drafts(of) == []
    assert needs(of, {}, KNOWN) == {}
    assert judged(of) == []


def test_a_selection_that_stands_twice_is_judged_once() -> None:
    assert judged(context(draft(), selections=["MedicationRequest/1"] * 2)) == [
        "MedicationRequest/1"
    ]


def test_a_known_drug_needs_what_its_rules_read_of_the_patient_in_context() -> None:
    queries = needs(context(draft()), {}, KNOWN)

    assert list(queries) == ["genotypes", "conditions"]
    assert queries["genotypes"].startswith("Observation?patient=p1&")
    assert not any("{{" in query for query in queries.values())


@pytest.mark.parametrize(
    "elements",
    [
        {"medicationCodeableConcept": {"text": "secondin"}},
        {"medicationCodeableConcept": {"text": "something else"}},
        {"medicationCodeableConcept": {}},
        {"medicationCodeableConcept": None},
        {"resourceType": "ServiceRequest"},
        {"resourceType": "NutritionOrder"},
        {"resourceType": "VisionPrescription"},
        {"resourceType": "DeviceRequest"},
    ],
)
def test_an_order_without_a_drug_that_we_know_needs_nothing_and_draws_no_card(
    elements: Json,
) -> None:
    of = context(draft(**elements))

    decision = decide(of, {}, KNOWN, TODAY)

    assert needs(of, {}, KNOWN) == {}
    assert (decision.cards, decision.findings, decision.remarks) == ((), (), ())


def test_the_draft_of_another_patient_is_left_out_and_said() -> None:
    of = context(draft(subject={"reference": "Patient/p2"}))

    decision = decide(of, POOR, KNOWN, TODAY)

    assert needs(of, {}, KNOWN) == {}
    assert decision.findings == ()
    [remark] = decision.remarks
    assert (remark.what, remark.why) == ("draft order", Why.UNREADABLE)
    assert "p2" not in remark.detail


def test_an_order_of_dstu2_is_judged() -> None:
    order = draft(resourceType="MedicationOrder", subject={}, patient={"reference": "Patient/p1"})
    del order["subject"]

    assert judged(context(order)) == ["MedicationOrder/1"]


def test_a_call_without_drafts_is_answered_with_nothing() -> None:
    of = context() | {"draftOrders": {"resourceType": "Bundle"}}

    assert needs(of, {}, KNOWN) == {}
    assert judged(of) == []


def test_the_same_call_gives_the_same_decision() -> None:
    of = context(draft("1"), draft("2"), selections=["MedicationRequest/1", "MedicationRequest/2"])

    first, second = (decide(of, POOR, KNOWN, TODAY) for _ in range(2))

    assert first.findings == second.findings
    assert [card.detail for card in first.cards] == [card.detail for card in second.cards]


@pytest.mark.parametrize(
    "selection",
    [
        "MedicationRequest/1",
        "https://ehr.example/fhir/MedicationRequest/1",
        "MedicationRequest/1/_history/2",
    ],
)
def test_a_selection_may_be_written_as_an_address(selection: str) -> None:
    assert judged(context(draft(), selections=[selection])) == ["MedicationRequest/1"]


@pytest.mark.parametrize("identifier", ["tmp_1", "a b", "x" * 65])
def test_a_draft_with_an_id_that_is_none_of_fhir_is_judged(identifier: str) -> None:
    decision = decide(context(draft(identifier)), POOR, KNOWN, TODAY)

    assert len(decision.cards) == 1
    assert decision.remarks == ()


@pytest.mark.parametrize("selection", ["MedicationRequest/9", "", "1", "MedicationOrder/1"])
def test_a_selection_that_is_of_no_draft_is_said(selection: str) -> None:
    [remark] = decide(context(draft(), selections=[selection]), POOR, KNOWN, TODAY).remarks

    assert (remark.what, remark.why) == ("selected order", Why.UNREADABLE)


def test_the_service_is_for_its_hook() -> None:
    assert (SERVICE.id, SERVICE.hook) == ("rxhooks-order-select", "order-select")
    assert (SERVICE.needs, SERVICE.decide) == (needs, decide)
