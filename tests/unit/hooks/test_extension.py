"""A finding as JSON: the shape that design.md keeps stable."""

import json
from dataclasses import replace
from decimal import Decimal

from hooks.clinical.facts import Evidence, Missing, Why
from hooks.clinical.findings import Finding, Outcome
from hooks.clinical.genes import GeneCall
from hooks.clinical.guidelines import Action, Alternative, Cap
from hooks.clinical.logic import Truth
from hooks.clinical.scores import NOT_AVAILABLE, Score
from hooks.extension import (
    diplotypes,
    finding_json,
    missing_json,
    phenotypes,
    scores,
    unchecked_json,
)
from tests.unit.hooks.small import (
    AVOID,
    DRUG,
    EVIDENCE,
    REDUCE,
    RULE,
    SCORED_RULE,
    STANDARD,
    TWO_GENES,
    TYPED_RULE,
    judged,
    knowledge,
    order,
    result,
    status_of,
)

KNOWN = knowledge(RULE)


def acting(action: Action) -> Finding:
    branch = replace(REDUCE, action=action)
    return Finding(RULE, order(), DRUG, Outcome(Truth.YES, branch))


def test_a_finding_that_advises_is_told_whole() -> None:
    branch = replace(AVOID, action=Action("avoid", replace_with=(Alternative("secondin"),)))
    found = Finding(
        replace(RULE, catalogue="LAB-001"),
        order(),
        DRUG,
        Outcome(Truth.YES, branch),
        (EVIDENCE,),
        (Missing("indication", Why.NOT_RECORDED, "no reason is given"),),
        {"PAIR": (GeneCall("PAIR", "Poor", "*2/*2"),)},
        alternatives=(Alternative("secondin"),),
    )

    assert finding_json(found, KNOWN) == {
        "rule": "pair-firstin",
        "branch": "poor",
        "catalogue": "LAB-001",
        "knowledgeVersion": "0123456789ab",
        "order": "MedicationRequest/1",
        "drug": {"name": "firstin", "rxnorm": "1001"},
        "outcome": "advise",
        "indicator": "critical",
        "action": "avoid",
        "alternatives": [{"name": "secondin", "rxnorm": "1002"}],
        "strength": "strong",
        "genes": [{"gene": "PAIR", "diplotype": "*2/*2", "phenotype": "Poor"}],
        "evidence": [{"reference": "Observation/g", "date": "2025-01-02", "server": "prefetch"}],
        "missing": [{"what": "indication", "why": "NOT_RECORDED", "detail": "no reason is given"}],
        "sources": [
            {
                "label": "Guideline of a society",
                "url": "https://society.example/1",
                "pmid": "1234567",
            }
        ],
    }


def test_a_silent_finding_leaves_out_what_says_nothing() -> None:
    told = finding_json(judged(RULE, result("PAIR", "*1/*1")), KNOWN)

    assert told["outcome"] == "no-action"
    assert {"indicator", "dose", "alternatives", "missing", "evidence", "catalogue"}.isdisjoint(
        told
    )


def test_a_finding_that_cannot_tell_proposes_a_test_and_names_no_branch() -> None:
    told = finding_json(judged(RULE), KNOWN)

    assert (told["outcome"], told["indicator"], told["action"]) == (
        "cannot-tell",
        "info",
        "order-test",
    )
    assert told["missing"] == [{"what": "PAIR", "why": "NOT_RECORDED"}]
    assert {"branch", "strength", "genes"}.isdisjoint(told)


def test_a_finding_without_an_action_leaves_it_out() -> None:
    told = finding_json(judged(RULE, Missing("PAIR", Why.NOT_FETCHED)), KNOWN)

    assert "action" not in told
    assert "dose" not in told


def test_both_ends_of_a_dose_factor_are_numbers() -> None:
    action = Action(
        "reduce-dose", Decimal("0.3"), Decimal("0.8"), "standard starting dose", "every other day"
    )

    assert finding_json(acting(action), KNOWN)["dose"] == {
        "factorMin": 0.3,
        "factorMax": 0.8,
        "basis": "standard starting dose, every other day",
    }


def test_a_factor_of_nothing_is_not_left_out() -> None:
    told = finding_json(acting(Action("reduce-dose", Decimal(0), Decimal("0.5"))), KNOWN)

    assert told["dose"] == {"factorMin": 0.0, "factorMax": 0.5}


def test_a_cap_is_told_as_text() -> None:
    cap = Cap(Decimal(20), "mg", below=True)

    assert finding_json(acting(Action("alternative", cap=cap)), KNOWN)["dose"] == {
        "cap": "<20 mg/day"
    }


def test_a_gene_without_result_stands_only_in_what_is_missing() -> None:
    told = finding_json(judged(TWO_GENES, result("PAIR", "*1/*1")), KNOWN)

    assert [gene["gene"] for gene in told["genes"]] == ["PAIR"]
    assert [gap["what"] for gap in told["missing"]] == ["OTHER"]


def test_several_possible_diplotypes_are_joined_by_or() -> None:
    told = finding_json(judged(RULE, result("PAIR", "*1/*1", "*2/*2")), KNOWN)

    assert told["genes"] == [
        {"gene": "PAIR", "diplotype": "*1/*1 or *2/*2", "phenotype": "Normal or Poor"}
    ]


def test_a_score_is_told_as_text() -> None:
    told = finding_json(judged(SCORED_RULE, result("SCORED", "*1/*1x≥3")), KNOWN)

    assert told["genes"] == [
        {
            "gene": "SCORED",
            "diplotype": "*1/*1x≥3",
            "phenotype": "Ultrarapid",
            "activityScore": "≥4.0",
        }
    ]


def test_an_allele_status_is_told_as_phenotype() -> None:
    statuses = status_of("TYPED", "*57:01", "positive")

    told = finding_json(judged(TYPED_RULE, result("TYPED", statuses=statuses)), KNOWN)

    assert told["genes"] == [{"gene": "TYPED", "phenotype": "*57:01 positive"}]


def test_evidence_without_a_date_has_none() -> None:
    found = judged(RULE, result("PAIR", "*1/*1", evidence=(Evidence("Observation/g"),)))

    assert finding_json(found, KNOWN)["evidence"] == [{"reference": "Observation/g"}]


def test_what_is_missing_is_told_once() -> None:
    gap = Missing("PAIR", Why.UNREADABLE, "Observation/1 cannot be read")

    assert missing_json([gap, gap, Missing("OTHER", Why.NOT_FETCHED)]) == [
        {"what": "PAIR", "why": "UNREADABLE", "detail": "Observation/1 cannot be read"},
        {"what": "OTHER", "why": "NOT_FETCHED"},
    ]


def test_what_could_not_be_judged_is_told_and_what_could_is_not() -> None:
    blind = judged(RULE, Missing("PAIR", Why.NOT_FETCHED))
    seen = Finding(RULE, order(), DRUG, Outcome(Truth.NO, STANDARD))
    remark = Missing("draft order", Why.UNREADABLE)

    assert unchecked_json([blind, seen], [remark, remark]) == [
        {
            "order": "MedicationRequest/1",
            "rule": "pair-firstin",
            "missing": [{"what": "PAIR", "why": "NOT_FETCHED"}],
        },
        {"missing": [{"what": "draft order", "why": "UNREADABLE"}]},
    ]


def test_readings_are_joined_each_once() -> None:
    calls = (
        GeneCall("SCORED", "Normal", "*1/*1", Score(Decimal(2))),
        GeneCall("SCORED", "Normal", "*1/*1x2", Score(Decimal(3))),
        GeneCall("SCORED", "Indeterminate", "", NOT_AVAILABLE),
        GeneCall("SCORED", "Normal", reported=True),
    )

    assert diplotypes(calls) == "*1/*1 or *1/*1x2"
    assert phenotypes(calls) == "Normal or Indeterminate"
    assert scores(calls) == "2.0 or 3.0 or n/a"


def test_a_finding_is_json() -> None:
    found = judged(TWO_GENES, result("PAIR", "*1/*1", "*1/*2", evidence=(EVIDENCE,)))

    assert json.loads(json.dumps(finding_json(found, KNOWN))) == finding_json(found, KNOWN)
