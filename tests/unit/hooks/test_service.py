"""Decisions: when nothing at all could be judged, and a hook's own last word."""

from dataclasses import replace

import pytest

from hooks.clinical.facts import Missing, Record, Why
from hooks.clinical.findings import Finding
from hooks.service import Decision, decision
from hooks.suggestions import Situation
from tests.unit.hooks.small import (
    RULE,
    TODAY,
    TWO_GENES,
    TYPED_RULE,
    judged,
    knowledge,
    order,
    patient,
    result,
)

UNFETCHED = Missing("PAIR", Why.NOT_FETCHED)
KNOWN = knowledge(RULE)
HOOK = "order-sign"
SITUATIONS = {"MedicationRequest/1": Situation("p1", TODAY)}


def told(*findings: Finding, remarks: tuple[Missing, ...] = ()) -> Decision:
    return Decision((), findings, remarks)


def test_a_decision_on_nothing_is_not_blind() -> None:
    assert not told().blind


@pytest.mark.parametrize("why", Why)
def test_a_decision_without_findings_is_blind_if_something_was_not_fetched(why: Why) -> None:
    assert told(remarks=(Missing("medications", why),)).blind == (why is Why.NOT_FETCHED)


@pytest.mark.parametrize("why", Why)
def test_a_decision_is_blind_if_the_gene_was_not_fetched(why: Why) -> None:
    assert told(judged(RULE, Missing("PAIR", why))).blind == (why is Why.NOT_FETCHED)


def test_one_finding_that_could_be_judged_is_enough_to_see() -> None:
    seen = judged(RULE, result("PAIR", "*2/*2"))

    assert not told(judged(RULE, UNFETCHED), seen).blind
    assert told(judged(RULE, UNFETCHED), judged(RULE, UNFETCHED)).blind


def test_a_gene_that_was_not_tested_is_an_answer_beside_one_that_was_not_fetched() -> None:
    finding = judged(TWO_GENES, UNFETCHED, Missing("OTHER", Why.NOT_RECORDED))

    assert not told(finding).blind


def test_what_else_was_not_fetched_makes_nobody_blind() -> None:
    finding = judged(RULE, result("PAIR", "*2/*2"))
    gap = Missing("indication", Why.NOT_FETCHED)

    assert not told(replace(finding, missing=(gap,)), remarks=(gap,)).blind


def test_every_order_that_is_known_is_judged_and_the_others_are_remarks() -> None:
    gap = Missing("medication of MedicationRequest/2", Why.NOT_FETCHED)

    found = decision([order(), gap], SITUATIONS, patient(result("PAIR", "*2/*2")), KNOWN, HOOK)

    assert [finding.order.reference for finding in found.findings] == ["MedicationRequest/1"]
    assert found.remarks == (gap,)
    assert len(found.cards) == 1


def test_remarks_on_the_facts_are_handed_on() -> None:
    remark = Missing("genotypes", Why.UNREADABLE)

    found = decision([], {}, patient(remarks=(remark,)), KNOWN, HOOK)

    assert found == Decision((), (), (remark,))


def test_a_hook_has_the_last_word_on_each_finding() -> None:
    def silenced(finding: Finding) -> Finding:
        return replace(finding, rule=replace(finding.rule, when_unknown="stay-silent"))

    loud = decision([order()], SITUATIONS, patient(), KNOWN, HOOK)
    quiet = decision([order()], SITUATIONS, patient(), KNOWN, HOOK, adjust=silenced)

    assert (len(loud.cards), len(quiet.cards)) == (1, 0)
    assert quiet.findings[0].rule.when_unknown == "stay-silent"


def test_orders_are_read_only_once() -> None:
    found = decision(iter([order()]), SITUATIONS, patient(), knowledge(RULE, TYPED_RULE), HOOK)

    assert len(found.findings) == 2


def test_a_record_that_was_not_fetched_makes_every_order_blind() -> None:
    facts = replace(patient(), genes=Record({}, Why.NOT_FETCHED))

    assert decision([order()], SITUATIONS, facts, KNOWN, HOOK).blind


def test_what_is_milder_than_the_site_shows_at_a_hook_draws_no_card() -> None:
    facts = patient(result("PAIR", "*1/*2"))
    least = replace(KNOWN, least={HOOK: "critical"})

    shown = decision([order()], SITUATIONS, facts, KNOWN, HOOK)
    quiet = decision([order()], SITUATIONS, facts, least, HOOK)
    elsewhere = decision([order()], SITUATIONS, facts, least, "order-select")

    assert [len(each.cards) for each in (shown, quiet, elsewhere)] == [1, 0, 1]
    assert quiet.findings[0].indicator == ""
    assert quiet.findings[0].outcome == shown.findings[0].outcome


def test_a_decision_without_a_finding_has_its_cards_drawn_anew() -> None:
    facts = patient(result("PAIR", "*2/*2"))
    whole = decision([order()], SITUATIONS, facts, knowledge(RULE, TYPED_RULE), HOOK)

    less = whole.without({0})

    assert [finding.quiet for finding in less.findings] == [True, False]
    assert [card.about for card in less.cards] == [(whole.findings[1],)]
    assert len(whole.cards) == 2
    assert less.remarks == whole.remarks


def test_a_decision_on_nothing_has_nothing_to_leave_out() -> None:
    assert Decision().without({0}) == Decision()
