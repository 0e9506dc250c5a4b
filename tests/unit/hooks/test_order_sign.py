"""order-sign: all drafts are judged, re-signed ones as well."""

import pytest

from hooks.order_sign import SERVICE, decide, needs
from tests.unit.hooks.reading import Json, bundle, fetched, observation, request
from tests.unit.hooks.small import RULE, TODAY, knowledge

KNOWN = knowledge(RULE)
POOR = {"genotypes": fetched(observation("1-8", "*2/*2"))}


def draft(identifier: str, **elements: object) -> Json:
    """A draft order of firstin."""
    concept = {"text": "firstin"}
    return request(**{"id": identifier, "medicationCodeableConcept": concept} | elements)


def context(*drafts: Json) -> Json:
    return {"patientId": "p1", "userId": "Practitioner/1", "draftOrders": bundle(*drafts)}


def judged(of: Json) -> list[str]:
    """The orders that are judged."""
    return [finding.order.reference for finding in decide(of, POOR, KNOWN, TODAY).findings]


def test_every_draft_is_judged() -> None:
    found = decide(context(draft("1"), draft("2")), POOR, KNOWN, TODAY)

    assert [finding.order.reference for finding in found.findings] == [
        "MedicationRequest/1",
        "MedicationRequest/2",
    ]
    assert len(found.cards) == 2


@pytest.mark.parametrize("status", ["draft", "active", "on-hold", "completed", "", None])
def test_an_order_that_is_signed_again_is_judged_whatever_its_status(status: object) -> None:
    assert judged(context(draft("1", status=status))) == ["MedicationRequest/1"]


def test_an_order_not_to_give_the_drug_is_no_order_of_it() -> None:
    assert judged(context(draft("1", doNotPerform=True), draft("2", doNotPerform=False))) == [
        "MedicationRequest/2"
    ]


def test_one_known_drug_among_others_is_enough_to_need_its_data() -> None:
    other = draft("2", medicationCodeableConcept={"text": "something else"})

    assert list(needs(context(other, draft("1")), {}, KNOWN)) == ["genotypes", "conditions"]
    assert needs(context(other), {}, KNOWN) == {}


def test_broken_entries_hide_no_order() -> None:
    of = context(draft("1"))
    junk = [None, 1, {}, {"resource": None}, {"resource": []}, {"resource": {"id": 1}}]
    of["draftOrders"]["entry"] = [*junk, *of["draftOrders"]["entry"], *junk]

    assert judged(of) == ["MedicationRequest/1"]


def test_selections_mean_nothing_here() -> None:
    assert judged(context(draft("1")) | {"selections": []}) == ["MedicationRequest/1"]


def test_the_service_is_for_its_hook() -> None:
    assert (SERVICE.id, SERVICE.hook) == ("rxhooks-order-sign", "order-sign")
    assert (SERVICE.needs, SERVICE.decide) == (needs, decide)
