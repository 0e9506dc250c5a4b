"""patient-view: the newest order of each drug that is taken, by what is on file."""

from dataclasses import replace
from datetime import date

import pytest

from hooks.clinical.biomarkers import judge_biomarker
from hooks.clinical.facts import Missing, Order, Why
from hooks.clinical.guidelines import Alternative
from hooks.knowledge import load
from hooks.patient_view import SERVICE, decide, latest, needs, quiet_at_opening
from hooks.reading.resources import Answer, Fetched
from tests.unit.hooks.bedside import chart, rule
from tests.unit.hooks.reading import Json, bundle, fetched, observation, request
from tests.unit.hooks.small import RULE, TODAY, TYPED_RULE, judged, knowledge, replacing, result

KNOWN = knowledge(replacing(Alternative("secondin")))
CONTEXT = {"patientId": "p1", "userId": "Practitioner/1"}
POOR = fetched(observation("1-8", "*2/*2"))
NOTHING = fetched()


def taken(identifier: str = "1", **elements: object) -> Json:
    """An active order of firstin."""
    more = {"id": identifier, "status": "active", "medicationCodeableConcept": {"text": "firstin"}}
    return request(**more | elements)


def answers(*orders: Json, genotypes: Answer = POOR) -> dict[str, Answer]:
    """Every query answered."""
    return {
        "medications": Fetched(bundle(*orders)),
        "genotypes": genotypes,
        "conditions": NOTHING,
        "allergies": NOTHING,
    }


def orders_of_cards(found: dict[str, Answer]) -> list[str]:
    return [card.findings[0]["order"] for card in decide(CONTEXT, found, KNOWN, TODAY).cards]


# What it needs


def test_medications_are_needed_first() -> None:
    assert needs(CONTEXT, {}, KNOWN) == {
        "medications": "MedicationRequest?patient=p1&status=active&_count=500"
    }


def test_then_what_the_rules_of_those_drugs_need() -> None:
    keys = needs(CONTEXT, {"medications": Fetched(bundle(taken()))}, KNOWN)

    assert set(keys) == {"medications", "genotypes", "conditions", "allergies"}


@pytest.mark.parametrize(
    "orders",
    [
        (),
        (taken(medicationCodeableConcept={"text": "something else"}),),
        (taken(status="stopped"),),
        (taken(subject={"reference": "Patient/p2"}),),
    ],
    ids=["nothing", "another drug", "not active", "another patient"],
)
def test_without_a_drug_that_we_know_nothing_more_is_needed(orders: tuple[Json, ...]) -> None:
    found = {"medications": Fetched(bundle(*orders))}

    assert set(needs(CONTEXT, found, KNOWN)) == {"medications"}
    assert decide(CONTEXT, found, KNOWN, TODAY).findings == ()


def test_a_medication_that_is_only_referred_to_is_read() -> None:
    order = taken(medicationReference={"reference": "Medication/m"})
    del order["medicationCodeableConcept"]
    found: dict[str, Answer] = {"medications": Fetched(bundle(order))}

    assert "Medication/m" in needs(CONTEXT, found, KNOWN)

    found["Medication/m"] = Fetched(
        {"resourceType": "Medication", "id": "m", "code": {"text": "firstin"}}
    )
    assert "genotypes" in needs(CONTEXT, found, KNOWN)


def test_medications_are_needed_even_if_no_rule_reads_them() -> None:
    assert set(needs(CONTEXT, {}, knowledge(RULE))) == {"medications"}


# What it decides


def test_a_drug_that_is_taken_against_a_result_on_file_draws_a_card() -> None:
    [card] = decide(CONTEXT, answers(taken()), KNOWN, TODAY).cards

    assert card.indicator == "critical"
    assert card.findings[0]["order"] == "MedicationRequest/1"


def test_an_order_that_is_active_is_not_replaced_from_the_chart() -> None:
    [card] = decide(CONTEXT, answers(taken()), KNOWN, TODAY).cards

    assert card.findings[0]["alternatives"] == [{"name": "secondin", "rxnorm": "1002"}]
    assert card.suggestions == ()


def test_only_the_newest_order_of_a_drug_is_judged() -> None:
    found = answers(
        taken("old", authoredOn="2020-01-01"),
        taken("new", authoredOn="2026-01-01"),
        taken("undated"),
    )

    assert orders_of_cards(found) == ["MedicationRequest/new"]


def test_two_drugs_are_two_orders() -> None:
    one = Order("MedicationRequest/1", ("firstin",), started=date(2026, 1, 1))
    two = Order("MedicationRequest/2", ("secondin",), started=date(2020, 1, 1))

    assert set(map(str, latest((one, two)))) == {str(one), str(two)}


def test_the_newest_order_does_not_depend_on_their_order_in_the_bundle() -> None:
    old = Order("MedicationRequest/1", ("firstin",), started=date(2020, 1, 1))
    new = replace(old, reference="MedicationRequest/2", started=date(2026, 1, 1))

    assert latest((old, new)) == latest((new, old)) == [new]


def test_an_order_without_a_date_is_judged_if_it_is_the_only_one() -> None:
    order = Order("MedicationRequest/1", ("firstin",))

    assert latest((order,)) == [order]


def test_a_test_that_was_never_done_is_no_news() -> None:
    decision = decide(CONTEXT, answers(taken(), genotypes=NOTHING), KNOWN, TODAY)

    assert decision.cards == ()
    [finding] = decision.findings
    assert [gap.why for gap in finding.missing] == [Why.NOT_RECORDED]


@pytest.mark.parametrize("why", [why for why in Why if why is not Why.NOT_RECORDED])
def test_a_result_that_could_not_be_used_is_said(why: Why) -> None:
    finding = judged(RULE, Missing("PAIR", why))

    assert quiet_at_opening(finding).indicator == "info"


def test_a_rule_that_warns_of_missing_tests_is_quiet_here_as_well() -> None:
    rule = replace(TYPED_RULE, when_unknown="warn")

    assert judged(rule).indicator == "warning"
    assert quiet_at_opening(judged(rule)).indicator == ""


def test_a_finding_that_advises_is_never_quiet() -> None:
    finding = judged(RULE, result("PAIR", "*2/*2"))

    assert quiet_at_opening(finding).indicator == finding.indicator == "critical"


@pytest.mark.parametrize(
    ("missing", "why", "shown"),
    [
        ("order", Why.NOT_FETCHED, "info"),
        ("block", Why.NOT_FETCHED, "info"),
        ("info", Why.NOT_FETCHED, ""),
        ("silent", Why.NOT_FETCHED, ""),
        ("order", Why.OUTDATED, "info"),
        ("order", Why.UNREADABLE, ""),
    ],
)
def test_of_a_drug_that_is_taken_monitoring_is_told_or_that_it_cannot_be(
    missing: str, why: Why, shown: str
) -> None:
    order = Order("MedicationRequest/1", ("firstin",))
    finding = judge_biomarker(
        rule(missing=missing), order, "firstin", chart(egfr=Missing("egfr", why))
    )

    assert quiet_at_opening(finding).indicator == shown


def test_a_chart_that_was_not_fetched_either_is_blind() -> None:
    gone = Missing("medications", Why.NOT_FETCHED, "no answer")

    decision = decide(CONTEXT, {"medications": gone}, load(), TODAY)

    assert decision.blind
    assert [len(card.findings) > 0 for card in decision.cards] == [True]


def test_medications_that_were_not_fetched_are_said_and_the_decision_is_blind() -> None:
    found = answers() | {"medications": Missing("medications", Why.NOT_FETCHED, "no answer")}

    decision = decide(CONTEXT, found, KNOWN, TODAY)

    assert decision.blind
    assert [(gap.what, gap.detail) for gap in decision.remarks] == [("medications", "no answer")]
    assert [card.detail.splitlines()[-1] for card in decision.cards] == ["- medications: no answer"]


def test_genotypes_that_were_not_fetched_make_the_decision_blind() -> None:
    unfetched = Missing("genotypes", Why.NOT_FETCHED, "no answer")

    assert decide(CONTEXT, answers(taken(), genotypes=unfetched), KNOWN, TODAY).blind


def test_a_patient_who_takes_nothing_is_an_answer() -> None:
    decision = decide(CONTEXT, answers(), KNOWN, TODAY)

    assert (decision.cards, decision.remarks, decision.blind) == ((), (), False)


def test_the_service_is_for_its_hook() -> None:
    assert (SERVICE.id, SERVICE.hook) == ("rxhooks-patient-view", "patient-view")
