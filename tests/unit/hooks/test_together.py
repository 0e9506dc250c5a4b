"""Which findings share a card: what would contradict stands together, the rest apart."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hooks.cards import Card, cards_for, weighed_together
from hooks.clinical.biomarkers import judge_biomarker
from hooks.clinical.codes import Drug
from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Missing, Order, Why
from hooks.clinical.findings import Finding, Outcome
from hooks.clinical.guidelines import Action, Cap
from hooks.clinical.logic import Truth
from hooks.knowledge import Knowledge
from hooks.suggestions import Situation
from hooks.together import does, stops, together
from tests.unit.hooks.bedside import ADVISE, UNKNOWN, USUAL, WORDS, chart, rule
from tests.unit.hooks.small import AVOID, REDUCE, RULE, TODAY, knowledge

ORDER = Order("MedicationRequest/1", ("firstin",))
OTHER = Order("MedicationRequest/2", ("firstin",))
KNOWN = replace(knowledge(RULE), words=WORDS)
SHOWN = {"summary": "{Drug}: PAIR", "advice": "Do so.", "rationale": "Because."}


def gene(branch: object = AVOID, order: Order = ORDER) -> Finding:
    shown = replace(branch, **SHOWN)  # type: ignore[type-var, arg-type]
    return Finding(RULE, order, "firstin", Outcome(shown.applies, shown))


def lab(do: str = "avoid", order: Order = ORDER, name: str = "lab", **more: str) -> Finding:
    advise = replace(
        ADVISE, action=Action(do), **{k: v for k, v in more.items() if k == "indicator"}
    )
    family, entry = more.get("family", ""), more.get("catalogue", name)
    asked = rule(id=name, catalogue=entry, branches=(advise, USUAL, UNKNOWN), family=family)
    return judge_biomarker(asked, order, "firstin", chart(egfr=20))


def rules(*findings: Finding) -> list[list[str]]:
    return [[finding.rule.id for finding in group] for group in together(findings)]


def cards(*findings: Finding, known: Knowledge = KNOWN) -> list[Card]:
    situations = {order.reference: Situation("p1", TODAY) for order in (ORDER, OTHER)}
    return cards_for(findings, situations, known)


def test_what_a_finding_does_is_told_only_where_it_advises() -> None:
    unknown = judge_biomarker(rule(), ORDER, "firstin", chart())

    assert (does(lab()), stops(lab())) == ("avoid", True)
    assert (does(unknown), stops(unknown)) == ("", False)


def test_two_reasons_not_to_use_a_drug_are_two_cards() -> None:
    assert rules(gene(), lab()) == [["pair-firstin"], ["lab"]]


def test_a_guideline_and_a_rule_for_one_entry_of_the_catalogue_are_one_card() -> None:
    shared = replace(gene(), rule=replace(RULE, catalogue="GER-900"))

    [card] = cards(lab(catalogue="GER-900"), shared)

    assert [finding["rule"] for finding in card.findings] == ["pair-firstin", "lab"]
    assert "Only if" not in card.detail


@pytest.mark.parametrize("do", ["reduce-dose", "increase-dose", "monitor"])
def test_advice_on_using_a_drug_stands_inside_the_card_that_says_not_to(do: str) -> None:
    assert rules(lab(do), gene()) == [["pair-firstin", "lab"]]


def test_another_reason_for_another_drug_is_a_card_of_its_own() -> None:
    assert rules(lab("alternative"), gene()) == [["pair-firstin"], ["lab"]]


HALF = Action("alternative", factor_min=Decimal("0.5"), factor_max=Decimal("0.5"))
CAPPED = Action("alternative", cap=Cap(Decimal(20), "mg"))


@pytest.mark.parametrize("action", [HALF, CAPPED])
def test_another_drug_or_else_a_lower_dose_stands_inside_the_card_that_says_not_to(
    action: Action,
) -> None:
    milder = replace(AVOID, action=action, indicator="warning")

    [card] = cards(gene(milder), lab(indicator="critical"))

    assert [finding["rule"] for finding in card.findings] == ["lab", "pair-firstin"]
    assert "**Only if firstin is given all the same:**" in card.detail


@pytest.mark.parametrize("do", ["avoid", "alternative"])
def test_a_dose_for_want_of_another_drug_is_a_reason_to_change_the_dose(do: str) -> None:
    other = gene(replace(AVOID, action=replace(HALF, do=do), indicator="warning"))

    [card] = cards(lab("reduce-dose", indicator="info"), other)

    assert [finding["rule"] for finding in card.findings] == ["pair-firstin", "lab"]
    assert card.detail.startswith("**Several reasons to change the dose:** weigh them together.")


def test_another_drug_for_the_one_beside_it_stands_inside() -> None:
    beside = replace(lab("alternative"), told=((Term("on", ("secondin",)), Known(Truth.YES)),))

    assert rules(beside, gene()) == [["pair-firstin", "lab"]]


def test_the_card_that_says_not_to_leads_even_if_it_is_milder() -> None:
    [card] = cards(gene(REDUCE), lab("avoid", indicator="info"))

    assert [finding["rule"] for finding in card.findings] == ["lab", "pair-firstin"]
    assert card.indicator == "warning"
    assert "**Only if firstin is given all the same:**" in card.detail


def missing(indicator: str) -> Finding:
    shown = replace(UNKNOWN, indicator=indicator)
    asked = rule(id="lab", branches=(ADVISE, USUAL, shown))
    return judge_biomarker(asked, ORDER, "firstin", chart())


@pytest.mark.parametrize("indicator", ["critical", "warning", "info"])
def test_a_test_that_is_missing_stands_inside_the_card_that_says_not_to(indicator: str) -> None:
    [card] = cards(missing(indicator), gene())

    assert [finding["rule"] for finding in card.findings] == ["pair-firstin", "lab"]
    assert "**Only if firstin is given all the same:**\n\n**What to do:** Order" in card.detail
    assert card.suggestions == ()


def test_a_test_that_is_missing_and_more_urgent_is_a_card_of_its_own() -> None:
    milder = gene(replace(AVOID, indicator="warning"))

    assert rules(milder, missing("critical")) == [["lab"], ["pair-firstin"]]


def test_a_test_that_is_missing_stays_apart_from_advice_to_use_the_drug() -> None:
    assert rules(gene(REDUCE), missing("info")) == [["pair-firstin"], ["lab"]]


def test_two_reasons_to_change_the_dose_are_one_card_without_a_dose_to_accept() -> None:
    found = [gene(REDUCE), lab("reduce-dose")]
    [card] = cards(*found)

    assert weighed_together(found)
    assert card.detail.startswith("**Several reasons to change the dose:** weigh them together.")
    assert card.suggestions == ()


def test_one_reason_to_change_the_dose_is_offered() -> None:
    assert not weighed_together([lab("reduce-dose")])
    assert rules(gene(REDUCE), lab("monitor")) == [["pair-firstin"], ["lab"]]


def test_the_rules_of_a_family_share_a_card_and_the_most_severe_leads() -> None:
    mild = lab(name="mild", family="kidney", indicator="info")
    grave = lab(name="grave", family="kidney", indicator="critical")

    assert rules(mild, grave) == [["grave", "mild"]]
    assert "Only if" not in cards(mild, grave)[0].detail


def test_doses_of_one_family_are_not_several_reasons() -> None:
    assert not weighed_together(
        [lab("reduce-dose", name=name, family="kidney") for name in ("mild", "grave")]
    )


def test_other_orders_are_other_cards() -> None:
    assert rules(gene(), lab("reduce-dose", OTHER)) == [["pair-firstin"], ["lab"]]


# No more than some cards a call


def many(count: int) -> list[Finding]:
    return [lab(name=f"lab-{place}") for place in range(count)]


def test_five_cards_are_five_cards() -> None:
    assert len(cards(*many(5))) == 5


def test_what_is_beyond_the_fifth_card_is_a_line_each_on_it() -> None:
    found = cards(*many(7), gene())

    assert len(found) == 5
    assert found[0].indicator == "critical"
    assert found[-1].summary == "4 more alerts on this call: firstin"
    assert found[-1].detail.count("\n- ") == 4
    assert len(found[-1].findings) == 4


def test_a_site_may_want_any_number_of_cards() -> None:
    assert len(cards(*many(7), known=replace(KNOWN, most_cards=0))) == 7


def test_the_summary_of_what_is_beyond_has_room_for_many_drugs() -> None:
    names = tuple(f"drug-with-a-long-name-{place}" for place in range(9))
    known = replace(KNOWN, drugs={name: Drug(name, "", (), ()) for name in names})
    order = Order("MedicationRequest/1", names)
    findings = [replace(lab(name=name, order=order), drug=name) for name in names]

    assert cards(*findings, known=known)[-1].summary == "5 more alerts on this call"


def test_an_unknown_that_shares_genes_with_advice_is_no_contradiction() -> None:
    doubt = replace(gene(), outcome=Outcome(Truth.UNKNOWN))

    assert rules(gene(), doubt) == [["pair-firstin", "pair-firstin"]]


def failed(name: str, why: str = "timed out", **more: str) -> Finding:
    gap = Missing("egfr", Why.NOT_FETCHED, why)
    return judge_biomarker(rule(id=name, **more), ORDER, "firstin", chart(egfr=gap))


def test_what_could_not_be_fetched_for_a_drug_is_one_card_whatever_the_family() -> None:
    [card] = cards(failed("one", family="kidney"), failed("two"), failed("three", "too late"))

    assert card.summary == "Firstin was not fully checked: data could not be fetched"
    assert card.indicator == "info"
    assert [finding["rule"] for finding in card.findings] == ["one", "two", "three"]
    assert card.detail == (
        "**What to do:** check by hand, or try again.\n\n"
        "**Could not be had:**\n- eGFR: timed out\n- eGFR: too late"
    )
    assert card.suggestions == ()


def test_what_is_known_stands_apart_from_what_could_not_be_fetched() -> None:
    assert rules(gene(), failed("one"), lab("monitor")) == [["pair-firstin", "lab"], ["one"]]
