"""What a guideline is: caps, branches, and what they read."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hooks.clinical.facts import Dose, Missing, Why
from hooks.clinical.genes import GeneCall
from hooks.clinical.guidelines import Action, Cap
from hooks.clinical.logic import Truth
from hooks.clinical.populations import Population, Span
from hooks.clinical.scores import Score
from tests.unit.hooks.small import (
    AVOID,
    REDUCE,
    RULE,
    STANDARD,
    UNCLEAR,
    wanted,
)

HEART = Population("heart", "a heart attack", "MI", conditions=("infarction",))
LONG = Population("long", "three months of it", "over 3 months", taken_for_days=90)
GROWN = Population("grown", "adults", "adults", measures={"age": Span(Decimal(18))})


# Caps


@pytest.mark.parametrize(
    ("dose", "at_most", "below"),
    [("10", Truth.YES, Truth.YES), ("20", Truth.YES, Truth.NO), ("20.5", Truth.NO, Truth.NO)],
)
def test_a_cap_includes_its_value_unless_the_dose_must_stay_below(
    dose: str, at_most: Truth, below: Truth
) -> None:
    ordered = Dose(Decimal(dose), "mg")

    assert Cap(Decimal(20), "mg").holds(ordered) is at_most
    assert Cap(Decimal(20), "mg", below=True).holds(ordered) is below


def test_a_cap_says_nothing_on_a_dose_in_another_unit() -> None:
    assert Cap(Decimal(20), "mg").holds(Dose(Decimal(1), "g")) is Truth.UNKNOWN


def test_a_cap_shows_whether_it_includes_its_value() -> None:
    assert str(Cap(Decimal(20), "mg")) == "≤20 mg/day"
    assert str(Cap(Decimal(20), "mg", below=True)) == "<20 mg/day"


# Branches


@pytest.mark.parametrize(
    ("terms", "fits"),
    [
        (("Normal",), True),
        (("Poor",), False),
        (("score 1 to 2",), True),
        (("score > 2",), False),
        (("Poor", "score 1 to 2"), True),
        ((), False),
    ],
)
def test_a_branch_wants_phenotypes_or_scores(terms: tuple[str, ...], fits: bool) -> None:
    call = GeneCall("PAIR", "Normal", score=Score(Decimal("1.5")))

    assert wanted(*terms).fits(call) is fits


def test_a_call_without_a_score_fits_no_range() -> None:
    assert not wanted("score 0", "score > 0").fits(GeneCall("PAIR", "Normal"))


def test_a_branch_fits_in_its_populations_only() -> None:
    branch = replace(AVOID, populations=frozenset({"heart"}))
    calls = {"PAIR": GeneCall("PAIR", "Poor")}

    assert branch.fits(calls, "heart")
    assert not branch.fits(calls, "brain")
    assert not branch.fits(calls, "")


def test_a_branch_without_populations_fits_in_all() -> None:
    calls = {"PAIR": GeneCall("PAIR", "Poor")}

    assert AVOID.fits(calls, "heart")
    assert AVOID.fits(calls, "")


def test_a_branch_asks_all_of_its_genes() -> None:
    branch = replace(AVOID, when={"PAIR": wanted("Poor"), "OTHER": wanted("Normal")})
    poor = GeneCall("PAIR", "Poor")

    assert branch.fits({"PAIR": poor, "OTHER": GeneCall("OTHER", "Normal")}, "")
    assert not branch.fits({"PAIR": poor, "OTHER": GeneCall("OTHER", "Poor")}, "")


def test_branches_rank_by_urgency_then_advice_then_doubt_then_silence() -> None:
    info, doubt = replace(REDUCE, indicator="info"), replace(UNCLEAR, indicator="info")
    turned = [AVOID, REDUCE, info, doubt, UNCLEAR, STANDARD]

    assert sorted(turned, key=lambda branch: branch.severity) == turned[::-1]


def test_less_is_stricter_and_a_reduction_without_a_number_is_the_mildest() -> None:
    quarter, half = (Action("reduce-dose", Decimal(n), Decimal(n)) for n in ("0.25", "0.5"))
    some = Action("reduce-dose")

    assert quarter.strictness > half.strictness > some.strictness


def test_the_branch_that_fits_is_the_answer() -> None:
    assert RULE.branch_for({"PAIR": GeneCall("PAIR", "Poor")}, "") is AVOID


def test_a_reading_that_no_branch_answers_is_told() -> None:
    found = RULE.branch_for({"PAIR": GeneCall("PAIR", "Superb")}, "")

    detail = "the guideline says nothing on PAIR Superb"
    assert found == Missing("PAIR", Why.UNREADABLE, detail)


def test_a_guideline_says_what_its_populations_read() -> None:
    read = [replace(RULE, populations=each) for each in ((HEART,), (LONG,), (GROWN,), ())]

    assert [rule.reads_medications for rule in read] == [False, True, False, False]
    assert [rule.measures for rule in read] == [set(), set(), {"age"}, set()]
