"""Findings to cards: merged, ranked, whole."""

from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from hooks.cards import Card, Link, card_for, cards_for, unchecked_card
from hooks.clinical.facts import Missing, Order, Why
from hooks.clinical.findings import Finding, judge
from hooks.clinical.guidelines import Alternative, Guideline
from hooks.extension import finding_json
from hooks.suggestions import Situation
from tests.unit.hooks.small import (
    AVOID,
    DRUG,
    GENES,
    REDUCE,
    RULE,
    STANDARD,
    TODAY,
    TWO_GENES,
    TYPED_RULE,
    judged,
    knowledge,
    order,
    patient,
    replacing,
    result,
    status_of,
)

KNOWN = knowledge(RULE)
SITUATION = Situation("p1", TODAY)
FIRST = order()
SECOND = replace(FIRST, reference="MedicationRequest/2")
SITUATIONS = {f"MedicationRequest/{place}": SITUATION for place in (1, 2)}
POOR = result("PAIR", "*2/*2")
SECOND_OPINION = replace(
    RULE, id="second-opinion", branches=(replace(AVOID, indicator="warning"), STANDARD)
)


def of(rule: Guideline, *genes: Any, on: Order = FIRST) -> Finding:
    """The finding of *rule* on an order."""
    return judge(rule, on, DRUG, patient(*genes), GENES)


def rules(cards: list[Card]) -> list[list[str]]:
    """The rules behind each card."""
    return [[finding["rule"] for finding in card.findings] for card in cards]


def cards(*findings: Finding) -> list[Card]:
    return cards_for(findings, SITUATIONS, KNOWN)


def test_a_finding_that_shows_is_a_card() -> None:
    [card] = cards(of(RULE, POOR))

    assert card.indicator == "critical"
    assert card.findings == (finding_json(of(RULE, POOR), KNOWN),)


@pytest.mark.parametrize(
    "finding",
    [
        judged(RULE, result("PAIR", "*1/*1")),
        judged(replace(RULE, when_unknown="stay-silent")),
        replace(judged(RULE, POOR), followed=True),
    ],
    ids=["standard dose", "never tested", "followed"],
)
def test_a_silent_finding_makes_no_card(finding: Finding) -> None:
    assert cards(finding) == []


def test_no_findings_are_no_cards() -> None:
    assert cards_for([], {}, KNOWN) == []


# Merging


def test_findings_on_the_same_order_and_genes_are_one_card_and_the_most_severe_leads() -> None:
    [card] = cards(of(SECOND_OPINION, POOR), of(RULE, POOR))

    assert rules([card]) == [["pair-firstin", "second-opinion"]]
    assert card.indicator == "critical"
    assert card.detail.count("\n\n---\n\n") == 1


def test_findings_on_other_orders_are_cards_of_their_own() -> None:
    found = cards(of(RULE, POOR), of(RULE, POOR, on=SECOND))

    assert [card.findings[0]["order"] for card in found] == [
        "MedicationRequest/1",
        "MedicationRequest/2",
    ]


def test_findings_on_other_genes_are_cards_of_their_own() -> None:
    positive = result("TYPED", statuses=status_of("TYPED", "*57:01", "positive"))

    found = cards(of(RULE, POOR, positive), of(TYPED_RULE, POOR, positive))

    assert rules(found) == [["pair-firstin"], ["typed-firstin"]]


def test_the_order_in_which_rules_name_their_genes_does_not_matter() -> None:
    swapped = replace(TWO_GENES, id="swapped", genes=("OTHER", "PAIR"))

    [card] = cards(of(TWO_GENES, POOR), of(swapped, POOR))

    assert rules([card]) == [["pair-other-firstin", "swapped"]]


def test_a_silent_finding_is_not_merged_into_a_card() -> None:
    silent = replace(of(SECOND_OPINION, POOR), followed=True)

    assert rules(cards(of(RULE, POOR), silent)) == [["pair-firstin"]]


# Ranking


def test_cards_are_ranked_by_severity_and_keep_their_order_otherwise() -> None:
    info = of(replace(TYPED_RULE, id="info"))
    warning = of(replace(RULE, id="warning"), result("PAIR", "*1/*2"))
    critical = of(replace(RULE, id="critical"), POOR, on=SECOND)
    also = of(replace(TYPED_RULE, id="also-info"), on=SECOND)

    found = cards(info, warning, also, critical)

    assert [rule for [rule] in rules(found)] == ["critical", "warning", "info", "also-info"]
    assert [card.indicator for card in found] == ["critical", "warning", "info", "info"]


# What a card has


def test_a_card_names_the_source_of_the_guidance_and_not_our_name() -> None:
    card = card_for([of(RULE, POOR)], SITUATION, KNOWN)

    assert card.source == Link("Society (PMID 1234567)", "https://society.example/1")
    assert card.links == (Link("Read the guideline", "https://society.example/1"),)


def test_a_source_without_address_and_pmid_has_no_link() -> None:
    source = replace(KNOWN.sources["society"], url="", pmid="")

    card = card_for([of(RULE, POOR)], SITUATION, replace(KNOWN, sources={"society": source}))

    assert (card.source, card.links) == (Link("Society", ""), ())


def test_a_card_offers_what_its_leading_finding_offers() -> None:
    rule = replacing(Alternative("secondin"))
    finding = replace(of(rule, POOR), alternatives=(Alternative("secondin"),))
    draft = {"resourceType": "MedicationRequest", "id": "1", "status": "draft"}

    card = card_for([finding], Situation("p1", TODAY, draft), KNOWN)

    assert [suggestion.label for suggestion in card.suggestions] == ["Secondin instead"]
    assert [suggestion.recommended for suggestion in card.suggestions] == [True]


def test_a_card_offers_the_reasons_to_override_it() -> None:
    [card] = cards(of(RULE, POOR))

    assert card.override_reasons == KNOWN.override_reasons
    assert all(reason.display for reason in card.override_reasons)


def test_every_card_has_a_uuid_of_its_own() -> None:
    assert len({card_for([of(RULE, POOR)], SITUATION, KNOWN).uuid for _ in range(10)}) == 10


def test_the_indicator_of_a_merged_card_is_that_of_its_leading_finding() -> None:
    reduced = replace(REDUCE, when=AVOID.when)
    mild = replace(RULE, id="mild", branches=(reduced, STANDARD))

    [card] = cards(of(mild, POOR), of(RULE, POOR))

    assert card.indicator == "critical"
    assert [finding["indicator"] for finding in card.findings] == ["critical", "warning"]


# Nothing could be checked


def test_a_card_says_that_nothing_could_be_checked_and_why_each_once() -> None:
    gaps = [
        Missing("PAIR", Why.NOT_FETCHED, "no answer in time"),
        Missing("sex", Why.NOT_FETCHED),
        Missing("PAIR", Why.NOT_FETCHED, "no answer in time"),
    ]

    card = unchecked_card(gaps)

    assert card.indicator == "info"
    assert len(card.summary) < 140
    assert card.detail.count("PAIR: no answer in time") == 1
    assert "- sex: not fetched" in card.detail
    assert (card.suggestions, card.findings, card.links) == ((), (), ())


def test_reasons_are_shown_as_text() -> None:
    card = unchecked_card([Missing("<img src=x>", Why.NOT_FETCHED, "[x](https://evil.example)")])

    html = MarkdownIt("commonmark", {"html": True}).render(card.detail)
    assert "&lt;img src=x&gt;" in html
    assert "<img" not in html
    assert "<a" not in html
