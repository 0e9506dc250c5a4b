"""The one card of an opened chart."""

from dataclasses import replace
from datetime import date

from hooks.cards import Card
from hooks.clinical.facts import Missing, Order, Why
from hooks.clinical.findings import Finding, Outcome
from hooks.clinical.guidelines import Branch
from hooks.clinical.logic import Truth
from hooks.overview import overview
from hooks.suggestions import Situation
from tests.unit.hooks.small import AVOID, REDUCE, RULE, STANDARD, TODAY, knowledge

KNOWN = knowledge(RULE)
SPOKEN = replace(AVOID, summary="{Drug} will not work: PAIR poor", advice="Choose another.")
MILDER = replace(REDUCE, summary="Less {drug}: PAIR intermediate", advice="Give half.")


def finding(drug: str, branch: Branch = SPOKEN, started: date | None = None) -> Finding:
    taken = Order(f"MedicationRequest/{drug}", (drug,), started=started)
    outcome = Outcome(branch.applies, branch)
    return Finding(RULE, taken, drug, outcome)


def cards(*findings: Finding) -> list[Card]:
    situations = {each.order.reference: Situation("p1", TODAY) for each in findings}
    return list(overview(findings, situations, KNOWN))


def test_nothing_is_said_of_what_is_fine() -> None:
    assert cards() == cards(finding("firstin", STANDARD)) == []


def test_one_finding_gets_its_own_card() -> None:
    [card] = cards(finding("firstin"), finding("secondin", STANDARD))

    assert card.summary == "Firstin will not work: PAIR poor"
    assert "**Source:**" in card.detail


def test_several_make_one_card_with_a_line_each_the_most_severe_first() -> None:
    [card] = cards(finding("firstin", MILDER, date(2026, 1, 2)), finding("secondin"))

    assert card.summary == "Genetic results matter for 2 active medications: secondin, firstin"
    assert card.indicator == "critical"
    assert card.detail.splitlines() == [
        "- **secondin** (MedicationRequest/secondin): Secondin will not work: PAIR poor. "
        "Choose another. *Society, PMID 1234567*",
        "- **firstin** (MedicationRequest/firstin, since 2026-01-02): Less firstin: PAIR "
        "intermediate. Give half. *Society, PMID 1234567*",
    ]
    assert [each["drug"]["name"] for each in card.findings] == ["secondin", "firstin"]
    assert [link.url for link in card.links] == ["https://society.example/1"]
    assert card.suggestions == ()


def test_two_rules_of_one_drug_count_as_one_medication() -> None:
    [card] = cards(finding("firstin"), finding("firstin", MILDER))

    assert card.summary == "Genetic results matter for 1 active medication: firstin"


def test_a_long_list_of_drugs_is_left_to_the_lines() -> None:
    names = [f"a long name of drug {place}" for place in range(9)]
    drugs = {name: replace(KNOWN.drugs["firstin"], name=name) for name in names}
    found = [finding(name) for name in names]
    situations = {each.order.reference: Situation("p1", TODAY) for each in found}

    [card] = overview(found, situations, replace(KNOWN, drugs=drugs))

    assert card.summary == "Genetic results matter for 9 active medications"


def test_what_cannot_be_told_has_its_line_as_well() -> None:
    gap = Missing("PAIR", Why.CONFLICTING, "two laboratories differ")
    doubt = replace(finding("firstin"), outcome=Outcome(Truth.UNKNOWN), missing=(gap,))

    [card] = cards(doubt, finding("secondin"))

    assert "Cannot tell whether firstin will work: PAIR results conflict" in card.detail
