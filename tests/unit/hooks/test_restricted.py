"""Restricted results through a whole service: what is asked, what is shown, what is not."""

import json
from dataclasses import replace
from typing import Any

import pytest

from hooks import SERVICES
from hooks.clinical.restrictions import NO_CONSENT, NOT_TOLD, Restrictions
from hooks.extension import unchecked_json
from hooks.knowledge import Knowledge
from hooks.reading.resources import Answer, Fetched
from hooks.service import Decision
from tests.unit.hooks.reading import KNOWLEDGE, Json, bundle, coded, fetched, observation, request
from tests.unit.hooks.reading.test_consents import RESULT, TODAY, consent, deny, permit
from tests.unit.hooks.reading.test_labels import security

SELECT = SERVICES["rxhooks-order-select"]
VIEW = SERVICES["rxhooks-patient-view"]
DRAFT = request(medicationCodeableConcept=coded("rxnorm", "32968", "clopidogrel"))
CONTEXT: Json = {
    "userId": "Practitioner/1",
    "patientId": "p1",
    "selections": ["MedicationRequest/request-123"],
    "draftOrders": bundle(DRAFT),
}
EMPTY = {key: fetched() for key in ("conditions", "medications", "allergies")}


def answers(*results: Json, **more: Answer) -> dict[str, Answer]:
    patient = Fetched({"resourceType": "Patient", "id": "p1"})
    return {"patient": patient, "genotypes": fetched(*results), **EMPTY, **more}


def site(**said: Any) -> Knowledge:
    return replace(KNOWLEDGE, restrictions=Restrictions(**said))


def decided(told: dict[str, Answer], knowledge: Knowledge = KNOWLEDGE) -> Decision:
    return SELECT.decide(CONTEXT, told, knowledge, TODAY)


def unchecked(found: Decision) -> str:
    return json.dumps(unchecked_json(found.findings, found.remarks))


def test_the_consents_are_asked_for_only_where_a_label_was_met() -> None:
    plain = SELECT.needs(CONTEXT, answers(observation("84413-4", "CYP2C19 *2/*2")), KNOWLEDGE)
    met = SELECT.needs(CONTEXT, answers(RESULT), KNOWLEDGE)
    assert "consents" not in plain
    assert met["consents"] == "Consent?patient=p1&status=active&_count=500"


def test_a_site_that_never_uses_restricted_data_does_not_ask_for_consents() -> None:
    assert "consents" not in SELECT.needs(CONTEXT, answers(RESULT), site(use="never"))


def test_an_opened_chart_asks_for_them_too() -> None:
    order = request(status="active", medicationCodeableConcept=coded("rxnorm", "32968"))
    labelled = order | {"meta": {"security": security("R", "PSY")}}
    unread = labelled | {"medicationReference": {"reference": "Medication/m1"}}
    del unread["medicationCodeableConcept"]
    for each in (labelled, unread):
        assert "consents" in VIEW.needs(CONTEXT, {"medications": fetched(each)}, KNOWLEDGE)


def test_discovery_asks_for_consents_where_the_site_wants_them_prefetched() -> None:
    assert "consents" not in SELECT.queries(KNOWLEDGE)
    assert "consents" in SELECT.queries(site(prefetch=True))


def test_without_a_consent_no_card_is_drawn_and_the_answer_is_not_all_clear() -> None:
    found = decided(answers(RESULT, consents=fetched()))
    assert found.cards == ()
    assert not found.blind
    assert NOT_TOLD in unchecked(found)
    assert "restricted" not in unchecked(found)
    assert "*2" not in unchecked(found)


def test_a_site_may_have_it_said_that_a_result_is_restricted() -> None:
    [card] = decided(answers(RESULT, consents=fetched()), site(say=True)).cards
    assert NO_CONSENT in card.detail
    assert "*2" not in json.dumps(card.findings) + card.detail + card.summary


@pytest.mark.parametrize("use", ["with-consent", "always"])
def test_with_a_consent_or_by_the_site_s_word_the_card_is_drawn(use: str) -> None:
    consents = fetched(consent(permit())) if use == "with-consent" else fetched()
    [card] = decided(answers(RESULT, consents=consents), site(use=use)).cards
    assert card.indicator == "critical"


def test_a_deny_takes_the_card_away() -> None:
    told = answers(RESULT, consents=fetched(consent(permit()), consent(deny())))
    assert decided(told, site(use="always")).cards == ()


def test_two_sites_with_other_policies_answer_otherwise() -> None:
    told = answers(RESULT, consents=fetched())
    assert [len(decided(told, site(use=use)).cards) for use in ("never", "always")] == [0, 1]


def test_what_another_gene_advises_is_shown_beside_a_restricted_result() -> None:
    draft = request(medicationCodeableConcept=coded("rxnorm", "1256", "azathioprine"))
    context = CONTEXT | {"draftOrders": bundle(draft)}
    poor = observation("84413-4", "NUDT15 *3/*3", id="o9")
    hidden = RESULT | {"valueString": "TPMT *3A/*3A"}
    told = answers(poor, hidden, consents=fetched())
    [card] = SELECT.decide(context, told, KNOWLEDGE, TODAY).cards
    assert "*3A" not in json.dumps(card.findings) + card.detail
    assert "NUDT15" in card.summary
