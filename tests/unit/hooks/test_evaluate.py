"""Orders x rules -> findings, and what the order of an inhibitor changes."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from hooks.clinical.facts import Diplotype, Missing, Order, Why
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import Guideline
from hooks.clinical.logic import Truth
from hooks.clinical.phenoconversion import Modifier
from hooks.evaluate import answer_to, evaluate, medications, read_facts
from hooks.knowledge import Knowledge
from hooks.reading.resources import Answer, Fetched
from tests.unit.hooks.small import (
    LINKED_RULE,
    RULE,
    SCORED_RULE,
    TODAY,
    TYPED_RULE,
    knowledge,
    order,
    patient,
    result,
)

# Orders and rules


def test_each_active_rule_of_each_drug_of_each_order_makes_a_finding() -> None:
    known = knowledge(RULE, TYPED_RULE, replace(SCORED_RULE, drugs=("secondin",)))
    orders = [Order("MedicationRequest/1", ("firstin", "secondin")), order("secondin")]

    found = evaluate(orders, patient(), known)

    assert [(each.order.reference, each.drug, each.rule.id) for each in found] == [
        ("MedicationRequest/1", "firstin", "pair-firstin"),
        ("MedicationRequest/1", "firstin", "typed-firstin"),
        ("MedicationRequest/1", "secondin", "scored-firstin"),
        ("MedicationRequest/1", "secondin", "scored-firstin"),
    ]


def test_silent_findings_are_findings_too() -> None:
    [found] = evaluate([order()], patient(result("PAIR", "*1/*1")), knowledge(RULE))

    assert found.outcome.applies is Truth.NO
    assert found.indicator == ""


@pytest.mark.parametrize("orders", [[], [order("secondin")], [Order("MedicationRequest/1", ())]])
def test_an_order_of_no_drug_with_rules_makes_no_finding(orders: list[Order]) -> None:
    assert evaluate(orders, patient(result("PAIR", "*2/*2")), knowledge(RULE)) == []


# Inhibitors

BLOCKER = Modifier("blocker", "SCORED", "inhibitor", "strong", Decimal(0))
ADJUSTING = replace(SCORED_RULE, adjusts=("SCORED",))
NORMAL = result("SCORED", "*1/*1")
TAKEN = Order("MedicationRequest/0", ("firstin",))
DRAFT = order("blocker")


def inhibiting(*rules: Guideline) -> Knowledge:
    return replace(knowledge(*rules), modifiers={"blocker": (BLOCKER,)})


def test_an_order_of_an_inhibitor_is_judged_for_what_is_taken() -> None:
    facts = patient(NORMAL, medications=(TAKEN,), drafts=(DRAFT,))

    [found] = evaluate([DRAFT], facts, inhibiting(ADJUSTING))

    assert (found.order, found.taken, found.drug) == (DRAFT, TAKEN, "firstin")
    assert found.outcome.branch is ADJUSTING.branches[0]


def test_drugs_of_another_draft_that_is_not_judged_count_as_well() -> None:
    facts = patient(NORMAL, drafts=(TAKEN, DRAFT))

    [found] = evaluate([DRAFT], facts, inhibiting(ADJUSTING))

    assert found.taken == TAKEN


def test_two_drafts_judged_together_tell_it_once() -> None:
    facts = patient(NORMAL, drafts=(TAKEN, DRAFT))

    [found] = evaluate([TAKEN, DRAFT], facts, inhibiting(ADJUSTING))

    assert (found.order, found.taken) == (TAKEN, None)
    assert found.outcome.applies is Truth.YES


def test_an_inhibitor_that_changes_nothing_is_silent() -> None:
    known = inhibiting(ADJUSTING)

    for gene in ("*4/*4", "*4/*4x≥3"):
        facts = patient(result("SCORED", gene), medications=(TAKEN,), drafts=(DRAFT,))
        assert evaluate([DRAFT], facts, known) == []


@pytest.mark.parametrize("rule", [SCORED_RULE, RULE], ids=["does not adjust", "another gene"])
def test_an_inhibitor_that_no_rule_weighs_is_silent(rule: Guideline) -> None:
    facts = patient(NORMAL, medications=(TAKEN,), drafts=(DRAFT,))

    assert evaluate([DRAFT], facts, inhibiting(rule)) == []


# Answers to facts


def observation(gene: str, text: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "g1",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "84413-4"}]},
        "valueCodeableConcept": {"text": f"{gene} {text}"},
    }


def bundle(*resources: dict[str, Any]) -> Fetched:
    return Fetched({"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]})


def test_answers_become_facts() -> None:
    answers: dict[str, Answer] = {
        "patient": Fetched(
            {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1970-01-02"}
        ),
        "genotypes": bundle(observation("PAIR", "*1/*2")),
        "conditions": bundle(),
        "medications": bundle(),
        "allergies": bundle(),
    }

    facts = read_facts(answers, "p1", knowledge(RULE), TODAY)

    told = facts.genes.get("PAIR")
    assert not isinstance(told, Missing)
    assert told.candidates == {Diplotype.of("PAIR", "*1", "*2")}
    assert (facts.as_of, facts.sex) == (TODAY, "female")
    assert (facts.medications, facts.allergies) == ((), frozenset())
    assert facts.conditions.get("stroke") == Missing("stroke", Why.NOT_RECORDED)


def test_what_was_not_asked_for_is_not_fetched() -> None:
    facts = read_facts({}, "p1", knowledge(RULE), TODAY)

    missing = [
        facts.genes.get("PAIR"),
        facts.conditions.get("stroke"),
        facts.medications,
        facts.allergies,
        facts.sex,
        facts.birth_date,
    ]
    assert {each.why for each in missing if isinstance(each, Missing)} == {Why.NOT_FETCHED}
    assert all(isinstance(each, Missing) for each in missing)


def test_an_answer_is_had_by_its_key() -> None:
    given: Answer = Fetched(None)

    assert answer_to({"patient": given}, "patient") is given
    assert answer_to({}, "patient") == Missing("patient", Why.NOT_FETCHED, "not asked for")


def test_only_medications_that_were_read_are_medications() -> None:
    medication = {"resourceType": "Medication", "id": "m1"}
    answers: dict[str, Answer] = {
        "Medication/m1": Fetched(medication),
        "Medication/m2": Fetched(None),
        "Medication/m3": Missing("Medication/m3", Why.NOT_FETCHED),
        "medications": Fetched(medication),
    }

    assert medications(answers) == {"Medication/m1": medication}


def test_a_rule_that_asks_the_sex_gets_it_from_the_patient() -> None:
    answers: dict[str, Answer] = {
        "patient": Fetched({"resourceType": "Patient", "id": "p1", "gender": "male"}),
        "genotypes": bundle(observation("LINKED", "A-")),
    }
    known = knowledge(LINKED_RULE)

    facts = read_facts(answers, "p1", known, TODAY)

    assert facts.sex == "male"
    [found] = evaluate([order()], facts, known)
    assert isinstance(found, Finding)
