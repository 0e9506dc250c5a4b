"""The one card of an opened chart."""

from dataclasses import replace
from datetime import date

import pytest

from hooks.cards import Card
from hooks.clinical.biomarkers import judge_biomarker
from hooks.clinical.facts import Missing, Order, Why
from hooks.clinical.findings import Finding, Outcome
from hooks.clinical.genes import GeneTest
from hooks.clinical.guidelines import Action, Branch
from hooks.clinical.logic import Truth
from hooks.evaluate import CHART
from hooks.overview import is_due, overview
from hooks.suggestions import Situation
from tests.unit.hooks.bedside import ADVISE, UNKNOWN, USUAL, WORDS, chart, rule
from tests.unit.hooks.small import AVOID, REDUCE, RULE, STANDARD, TODAY, knowledge

KNOWN = knowledge(RULE)
CREATININE = GeneTest("loinc", "2160-0", "Creatinine")
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


# Rules on data elements

LAB = replace(knowledge(RULE), words=WORDS, orderables={"creatinine": CREATININE})


def on_chart(**told: int) -> Finding:
    advise = replace(ADVISE, summary="eGFR {egfr}", action=Action("monitor"))
    asked = rule(at="patient-view", drugs=(), branches=(advise, USUAL, UNKNOWN))
    return judge_biomarker(asked, CHART, "", chart(**told))


def due(drug: str = "firstin", **more: object) -> Finding:
    taken = Order(f"MedicationRequest/{drug}", (drug,), started=date(2026, 1, 2))
    return judge_biomarker(rule(**more), taken, drug, chart())


def shown(*findings: Finding) -> list[Card]:
    situations = {each.order.reference: Situation("p1", TODAY) for each in findings}
    return list(overview(findings, situations, LAB))


def test_what_is_found_on_the_chart_itself_is_a_card_without_a_drug() -> None:
    [card] = shown(on_chart(egfr=20))

    assert card.summary == "eGFR 20"
    assert not {"drug", "order"} & card.findings[0].keys()
    assert shown(on_chart(egfr=40)) == []


LATE = Missing("egfr", Why.NOT_FETCHED, "timed out")
GONE = Missing("medications", Why.NOT_FETCHED, "timed out")


def failed(drug: str = "") -> Finding:
    taken = Order(f"MedicationRequest/{drug}", (drug,)) if drug else CHART
    place = "order" if drug else "patient-view"
    return judge_biomarker(rule(at=place), taken, drug, chart(egfr=LATE))


@pytest.mark.parametrize(
    ("findings", "lost", "name", "gaps"),
    [
        ((failed(),), (), "This chart", "eGFR"),
        ((failed("firstin"),), (), "Firstin", "eGFR"),
        ((failed("firstin"), failed("secondin")), (), "This chart", "eGFR"),
        ((failed("firstin"),), (GONE,), "This chart", "medications, eGFR"),
        ((), (GONE,), "This chart", "medications"),
    ],
)
def test_what_could_not_be_fetched_is_one_card(
    findings: tuple[Finding, ...], lost: tuple[Missing, ...], name: str, gaps: str
) -> None:
    situations = {each.order.reference: Situation("p1", TODAY) for each in findings}

    [card] = overview(findings, situations, LAB, lost)

    assert card.summary == f"{name} was not fully checked: data could not be fetched"
    assert card.detail.endswith(f"**Could not be had:**\n- {gaps}: timed out")
    assert (card.indicator, len(card.findings)) == ("info", len(findings))


@pytest.mark.parametrize("why", set(Why) - {Why.NOT_FETCHED})
def test_medications_that_were_fetched_and_cannot_be_used_are_no_card(why: Why) -> None:
    assert overview([], {}, LAB, [Missing("medications", why)]) == []


def test_what_is_found_stands_beside_what_could_not_be_fetched() -> None:
    assert [card.summary for card in shown(failed(), on_chart(egfr=20))] == [
        "eGFR 20",
        "This chart was not fully checked: data could not be fetched",
    ]


def test_one_test_that_is_due_is_a_card_with_the_test() -> None:
    [card] = shown(due())

    assert card.summary == "Firstin: no kidney function on file"
    assert [each.label for each in card.suggestions] == ["Order test: Creatinine"]


def test_several_are_one_card_that_offers_each_test_once() -> None:
    [card] = shown(due(), due("secondin"))

    assert card.summary == "Monitoring is due for: firstin, secondin"
    assert card.detail.startswith("- **firstin** (MedicationRequest/firstin, since 2026-01-02): ")
    assert [each.label for each in card.suggestions] == ["Order test: Creatinine"]
    assert card.source.label == "A label"


def test_many_drugs_whose_monitoring_is_due_are_not_all_in_the_summary() -> None:
    names = ("firstin", "secondin")
    long = [replace(due(name), drug=name) for name in names for _ in range(1)]
    known = replace(LAB, drugs={f"{name}{'x' * 80}": LAB.drugs[name] for name in names})
    grown = [replace(each, drug=each.drug + "x" * 80) for each in long]
    situations = {each.order.reference: Situation("p1", TODAY) for each in grown}

    [card] = overview(grown, situations, known)

    assert card.summary == "Monitoring is due for several medications"


def test_an_order_without_a_start_is_named_without_one() -> None:
    undated = [
        replace(due(name), order=Order(f"MedicationRequest/{name}", (name,)))
        for name in ("firstin", "secondin")
    ]

    assert "(MedicationRequest/firstin):" in shown(*undated)[0].detail


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (due(), True),
        (due(missing="silent"), False),
        (due(missing="info"), False),
        (finding("firstin"), False),
        (replace(due(), missing=()), False),
        (replace(due(), missing=(Missing("egfr", Why.OUTDATED),)), True),
        (replace(due(), missing=(Missing("egfr", Why.NOT_FETCHED),)), False),
        (on_chart(egfr=20), False),
    ],
)
def test_due_is_what_was_never_measured_or_too_long_ago(finding: Finding, expected: bool) -> None:
    assert is_due(finding) is expected


def test_the_most_severe_card_comes_first() -> None:
    cards = shown(on_chart(egfr=20), due(), finding("secondin"))

    assert [card.indicator for card in cards] == ["critical", "warning", "info"]


# No more than some cards a call


def crowded(most_cards: int, *lost: Missing) -> list[Card]:
    """The cards of a chart with genes, monitoring and failures of several drugs, and six risks."""
    genes = (finding("firstin"), finding("secondin"))
    monitored = (due("firstin"), due("secondin"))
    risks = [
        replace(each, rule=replace(each.rule, id=f"risk-{place}"))
        for place, each in enumerate([on_chart(egfr=20)] * 6)
    ]
    findings = (*genes, *monitored, failed("firstin"), failed("secondin"), *risks)
    situations = {each.order.reference: Situation("p1", TODAY) for each in findings}
    return list(overview(findings, situations, replace(LAB, most_cards=most_cards), lost))


@pytest.mark.parametrize("most_cards", [1, 2, 3, 4, 5, 8])
def test_an_opened_chart_has_no_more_cards_than_a_call_may_have(most_cards: int) -> None:
    found = crowded(most_cards)
    *whole, last = found

    assert len(found) == most_cards
    assert last.summary.startswith(f"{9 - len(whole)} more alerts on this call")
    assert last.detail.count("\n- ") == 9 - len(whole)
    assert sum(len(card.findings) for card in found) == 12


def test_a_site_may_want_any_number_of_cards_on_an_opened_chart() -> None:
    assert len(crowded(0)) == len(crowded(9)) == 9


def test_the_most_severe_cards_of_an_opened_chart_are_the_whole_ones() -> None:
    assert [card.indicator for card in crowded(5)] == ["critical", *["warning"] * 4]


def test_what_was_lost_is_a_line_where_there_is_no_room_for_its_card() -> None:
    [card] = overview(
        [on_chart(egfr=20)], {"": Situation("p1", TODAY)}, replace(LAB, most_cards=1), [GONE]
    )

    assert card.summary == "2 more alerts on this call"
    assert card.detail.endswith("- This chart was not fully checked: data could not be fetched")


def test_tests_that_are_due_beyond_those_offered_are_named() -> None:
    names = [f"test-{place}" for place in range(5)]
    tests = {name: GeneTest("loinc", name, f"The {name}") for name in names}
    monitored = [due("firstin", id=f"rule-of-{name}", tests=(name,)) for name in names]
    situations = {each.order.reference: Situation("p1", TODAY) for each in monitored}

    [card] = overview(monitored, situations, replace(LAB, orderables=tests))

    assert len(card.suggestions) == 3
    assert card.detail.endswith("\n\n**Also due, to be ordered by hand:** The test-3; The test-4")


def test_where_all_tests_that_are_due_are_offered_none_is_left_to_name() -> None:
    assert "by hand" not in shown(due(), due("secondin"))[0].detail
