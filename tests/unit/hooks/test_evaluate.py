"""Orders x rules -> findings, and which alternatives suit this patient."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from hooks.clinical.facts import Diplotype, Evidence, Missing, Order, Record, Why
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import Action, Alternative, Cap
from hooks.clinical.logic import Truth
from hooks.evaluate import answer_to, evaluate, medications, read_facts
from hooks.reading.resources import Answer, Fetched
from tests.unit.hooks.small import (
    LINKED_RULE,
    RULE,
    SCORED_RULE,
    TODAY,
    TYPED_RULE,
    gaps,
    knowledge,
    order,
    patient,
    replacing,
    result,
)

POOR = result("PAIR", "*2/*2")
BOTH = replacing(Alternative("secondin", not_if=("stroke",)), Alternative("thirdin"))


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
    assert evaluate(orders, patient(POOR), knowledge(RULE)) == []


# Alternatives


def offered(ordered: Order | None = None, **facts: Any) -> list[str]:
    [found] = evaluate([ordered or order()], patient(POOR, **facts), knowledge(BOTH))
    return [other.drug for other in found.alternatives]


def test_alternatives_are_offered_in_the_rule_s_order() -> None:
    assert offered() == ["secondin", "thirdin"]


def test_an_alternative_is_not_offered_with_a_condition_that_rules_it_out() -> None:
    assert offered(conditions=Record({"stroke": Evidence("Condition/1")})) == ["thirdin"]


def test_the_reason_for_the_order_may_rule_an_alternative_out() -> None:
    assert offered(order(indication=frozenset({"stroke"}))) == ["thirdin"]


def test_another_condition_rules_nothing_out() -> None:
    conditions = Record({"infarction": Evidence("Condition/1")})

    assert offered(conditions=conditions) == ["secondin", "thirdin"]


def test_an_alternative_with_an_allergy_is_not_offered() -> None:
    assert offered(allergies=frozenset({"thirdin"})) == ["secondin"]


def test_an_alternative_that_is_taken_already_is_not_offered() -> None:
    assert offered(medications=(order("secondin"),)) == ["thirdin"]


def test_none_is_offered_where_none_suits() -> None:
    assert offered(allergies=frozenset({"secondin", "thirdin"})) == []


@pytest.mark.parametrize("scored", ["*4/*4", "*4/*1"], ids=["critical", "warning"])
def test_an_alternative_that_its_own_gene_speaks_against_is_not_offered(scored: str) -> None:
    against = replace(SCORED_RULE, drugs=("secondin",))
    facts = patient(POOR, result("SCORED", scored))

    [found] = evaluate([order()], facts, knowledge(BOTH, against))

    assert [other.drug for other in found.alternatives] == ["thirdin"]


@pytest.mark.parametrize("scored", ["*1/*1", "*1/*99"], ids=["nothing against", "unreadable"])
def test_an_alternative_is_offered_unless_its_own_gene_advises_against(scored: str) -> None:
    rule = replace(SCORED_RULE, drugs=("secondin",))
    facts = patient(POOR, result("SCORED", scored))

    [found] = evaluate([order()], facts, knowledge(BOTH, rule))

    assert [other.drug for other in found.alternatives] == ["secondin", "thirdin"]


def test_advice_that_only_informs_rules_no_alternative_out() -> None:
    mild = [replace(branch, indicator="info") for branch in SCORED_RULE.branches[:2]]
    branches = (*mild, *SCORED_RULE.branches[2:])
    rule = replace(SCORED_RULE, drugs=("secondin",), branches=branches)
    facts = patient(POOR, result("SCORED", "*4/*4"))

    [found] = evaluate([order()], facts, knowledge(BOTH, rule))

    assert [other.drug for other in found.alternatives] == ["secondin", "thirdin"]


@pytest.mark.parametrize(
    ("limited", "drugs"),
    [
        (Action("reduce-dose", cap=Cap(Decimal(20), "mg")), ["secondin", "thirdin"]),
        (Action("alternative", cap=Cap(Decimal(20), "mg")), ["thirdin"]),
    ],
    ids=["a ceiling alone", "another drug, or else a ceiling"],
)
def test_a_ceiling_alone_rules_no_alternative_out(limited: Action, drugs: list[str]) -> None:
    poor, *others = SCORED_RULE.branches
    branches = (replace(poor, action=limited, indicator="warning"), *others)
    rule = replace(SCORED_RULE, drugs=("secondin",), branches=branches)
    facts = patient(POOR, result("SCORED", "*4/*4"))

    [found] = evaluate([order()], facts, knowledge(BOTH, rule))

    assert [other.drug for other in found.alternatives] == drugs


def test_an_outcome_that_proposes_no_other_drug_offers_none() -> None:
    facts = patient(result("PAIR", "*1/*2"))

    [found] = evaluate([order()], facts, knowledge(BOTH))

    assert found.outcome.applies is Truth.YES
    assert found.alternatives == ()


def test_a_finding_without_an_action_offers_none() -> None:
    facts = patient(Missing("PAIR", Why.NOT_FETCHED))

    [found] = evaluate([order()], facts, knowledge(BOTH))

    assert found.action is None
    assert found.alternatives == ()


UNCHECKED = {
    "allergies": Missing("allergies", Why.NOT_FETCHED),
    "medications": Missing("medications", Why.NOT_FETCHED),
    "conditions": Record(otherwise=Why.NOT_FETCHED),
}


@pytest.mark.parametrize("name", ["allergies", "medications"])
def test_what_is_not_known_does_not_rule_an_alternative_out(name: str) -> None:
    assert offered(**{name: UNCHECKED[name]}) == ["secondin", "thirdin"]


@pytest.mark.parametrize("name", UNCHECKED)
def test_what_alternatives_could_not_be_checked_for_is_said(name: str) -> None:
    facts = patient(POOR, **{name: UNCHECKED[name]})

    [found] = evaluate([order()], facts, knowledge(BOTH))

    assert Why.NOT_FETCHED in {why for _, why in gaps(found)}


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
