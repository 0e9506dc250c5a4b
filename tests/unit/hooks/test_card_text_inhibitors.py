"""What a card says of inhibitors beside the order, and of alternatives that were left out."""

from dataclasses import replace
from decimal import Decimal

from hooks.card_text import summary
from hooks.clinical.facts import Why
from hooks.clinical.genes import GeneCall
from hooks.clinical.guidelines import Inhibited
from hooks.clinical.phenoconversion import Modifier
from hooks.clinical.scores import Score
from tests.unit.hooks.small import AVOID, RULE, order
from tests.unit.hooks.told import KNOWN, SPOKEN, advising, gap, parts

BLOCKER = Modifier("blocker", "PAIR", "inhibitor", "strong", Decimal(0))
BEFORE = GeneCall("PAIR", "Normal", "*1/*1", Score(Decimal(2)))
AFTER = GeneCall("PAIR", "Poor", "*1/*1", Score(Decimal(0)), before=BEFORE)
ADJUSTED = replace(RULE, adjusts=("PAIR",))


def test_what_the_genotype_was_before_the_inhibitor_is_found_on_the_card() -> None:
    finding = advising(calls={"PAIR": (AFTER,)}, modifiers=(BLOCKER,))

    assert parts(finding)["Found"] == (
        "PAIR \\*1/\\*1 Poor (activity score 0\\.0), by blocker (strong PAIR inhibitor); "
        "Normal (activity score 2\\.0) without it"
    )


def test_where_the_genotype_does_not_matter_the_inhibitor_is_named() -> None:
    blocked = GeneCall("PAIR", "Poor", score=Score(Decimal(0)))
    finding = replace(advising(calls={"PAIR": (blocked,)}, modifiers=(BLOCKER,)), rule=ADJUSTED)

    assert parts(finding)["Found"].endswith(
        ", by blocker (strong PAIR inhibitor), whatever the genotype"
    )


def test_an_inhibitor_that_the_advice_does_not_weigh_is_told() -> None:
    told = parts(advising(modifiers=(BLOCKER,)))["Assumed and not checked"]

    assert "- blocker (strong PAIR inhibitor) is taken as well: activity may be lower" in told
    assert "verified" not in told


def test_an_inducer_may_raise_the_activity_and_an_unsure_class_is_said() -> None:
    booster = replace(BLOCKER, role="inducer", factor=None, checked=False)
    told = parts(advising(modifiers=(booster,)))["Assumed and not checked"]

    assert "activity may be higher" in told
    assert "its class was not verified" in told


def test_an_inhibitor_that_the_advice_weighs_is_no_open_point() -> None:
    warned = replace(RULE, inhibited=(Inhibited(frozenset({("PAIR", "strong")}), AVOID),))

    for rule in (ADJUSTED, warned):
        finding = replace(advising(modifiers=(BLOCKER,)), rule=rule)
        assert "Assumed and not checked" not in parts(finding)


def test_an_inhibitor_has_its_place_in_the_words() -> None:
    finding = advising(replace(SPOKEN, summary="{Drug} beside {inhibitor}"), modifiers=(BLOCKER,))

    assert summary(finding, KNOWN) == "Firstin beside blocker"


def test_an_order_of_an_inhibitor_is_told_what_it_does_to_the_other_drug() -> None:
    finding = replace(advising(order=order("blocker")), taken=order())

    assert summary(finding, KNOWN) == (
        "With blocker: Firstin is unlikely to work: PAIR poor metabolizer"
    )
    assert parts(finding)["What to do"] == (
        "Choose another drug than blocker, which changes how firstin (ordered already) is "
        "metabolized. Otherwise, for firstin: Choose another drug than firstin."
    )


def test_an_order_of_an_inhibitor_may_leave_it_open() -> None:
    finding = replace(gap(Why.CONFLICTING), taken=order(), order=order("blocker"))

    assert parts(finding)["What to do"].endswith("is metabolized.")


def test_why_an_alternative_is_not_offered_is_said() -> None:
    told = parts(
        advising(left_out=(("secondin", "ordered already"), ("thirdin", "stroke on file")))
    )

    assert told["What to do"] == (
        "Choose another drug than firstin. "
        "Not for this patient: secondin (ordered already), thirdin (stroke on file)."
    )


def test_unknown_medications_alone_are_named_in_the_summary() -> None:
    finding = gap(Why.NOT_FETCHED, what="medications")

    assert summary(finding, KNOWN) == (
        "Cannot tell whether firstin will work: the other medications are not known"
    )
