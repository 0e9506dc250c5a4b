"""Which alternatives suit this patient, and what is said against the others."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from hooks.clinical.facts import Evidence, Missing, Order, Record, Why
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import Action, Alternative, Cap
from hooks.clinical.logic import Truth
from hooks.evaluate import evaluate
from tests.unit.hooks.small import (
    SCORED_RULE,
    gaps,
    knowledge,
    order,
    patient,
    replacing,
    result,
)

POOR = result("PAIR", "*2/*2")
BOTH = replacing(Alternative("secondin", not_if=("stroke",)), Alternative("thirdin"))


def finding(ordered: Order | None = None, **facts: Any) -> Finding:
    [found] = evaluate([ordered or order()], patient(POOR, **facts), knowledge(BOTH))
    return found


def offered(ordered: Order | None = None, **facts: Any) -> list[str]:
    return [other.drug for other in finding(ordered, **facts).alternatives]


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


def test_an_alternative_that_is_drafted_already_is_not_offered() -> None:
    assert offered(drafts=(order("secondin"),)) == ["thirdin"]


def test_what_speaks_against_an_alternative_is_said() -> None:
    stroke = Record({"stroke": Evidence("Condition/1")})

    assert finding().left_out == ()
    assert finding(conditions=stroke).left_out == (("secondin", "stroke on file"),)
    assert finding(allergies=frozenset({"thirdin"})).left_out == (
        ("thirdin", "allergy or intolerance on file"),
    )
    assert finding(medications=(order("secondin"),)).left_out == (("secondin", "ordered already"),)


def test_a_gene_that_speaks_against_an_alternative_is_named() -> None:
    against = replace(SCORED_RULE, drugs=("secondin",))
    facts = patient(POOR, result("SCORED", "*4/*4"))

    [found] = evaluate([order()], facts, knowledge(BOTH, against))

    assert found.left_out == (("secondin", "SCORED speaks against it"),)
