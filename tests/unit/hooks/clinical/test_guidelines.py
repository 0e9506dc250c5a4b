"""What a guideline is: caps, branches, and who is in which population."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from hooks.clinical.facts import Dose, Evidence, Missing, Order, PatientFacts, Record, Why
from hooks.clinical.genes import GeneCall
from hooks.clinical.guidelines import (
    Cap,
    Guideline,
    Population,
    PopulationMatch,
    match_population,
)
from hooks.clinical.logic import Truth
from hooks.clinical.scores import Score
from tests.unit.hooks.small import (
    AVOID,
    DRUG,
    REDUCE,
    RULE,
    STANDARD,
    TODAY,
    UNCLEAR,
    order,
    wanted,
)

HEART = Population("heart", "a heart attack", "MI", conditions=("infarction", "angina"))
BRAIN = Population("brain", "a stroke", "CVA", conditions=("stroke",))
LONG = Population("long", "three months of it", "over 3 months", taken_for_days=90)
NAIVE = Population("naive", "nobody who took it", "naive", otherwise=True)
LAST = Population("last", "nothing else is left", "last resort", never="no record tells it")
BY_CONDITION = replace(RULE, populations=(HEART, BRAIN))
BY_DURATION = replace(RULE, populations=(NAIVE, LONG, LAST))


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


def test_the_branch_that_fits_is_the_answer() -> None:
    assert RULE.branch_for({"PAIR": GeneCall("PAIR", "Poor")}, "") is AVOID


def test_a_reading_that_no_branch_answers_is_told() -> None:
    found = RULE.branch_for({"PAIR": GeneCall("PAIR", "Superb")}, "")

    detail = "the guideline says nothing on PAIR Superb"
    assert found == Missing("PAIR", Why.UNREADABLE, detail)


def test_a_guideline_says_what_its_populations_read() -> None:
    assert (BY_CONDITION.reads_conditions, BY_CONDITION.reads_medications) == (True, False)
    assert (BY_DURATION.reads_conditions, BY_DURATION.reads_medications) == (False, True)
    assert (RULE.reads_conditions, RULE.reads_medications) == (False, False)


# Populations by condition


def matched(rule: Guideline, indication: set[str], conditions: Record[Evidence]) -> PopulationMatch:
    ordered = order(indication=frozenset(indication))
    return match_population(rule, ordered, DRUG, PatientFacts(TODAY, conditions=conditions))


def problems(*names: str) -> Record[Evidence]:
    return Record({name: Evidence("Condition/1") for name in names})


def test_a_guideline_without_populations_matches_none_and_knows_it() -> None:
    found = matched(RULE, {"infarction"}, problems())

    assert found == PopulationMatch(())
    assert found.tells(None)


def test_the_reason_for_the_order_decides() -> None:
    found = matched(BY_CONDITION, {"stroke"}, problems())

    assert found.possible == (BRAIN,)
    assert found.missing == ()
    assert found.tells(BRAIN)


def test_the_reason_goes_before_the_problem_list() -> None:
    assert matched(BY_CONDITION, {"stroke"}, problems("infarction")).possible == (BRAIN,)


def test_without_a_reason_the_problem_list_decides() -> None:
    assert matched(BY_CONDITION, set(), problems("angina")).possible == (HEART,)


def test_a_reason_that_is_no_population_s_leaves_it_to_the_problem_list() -> None:
    assert matched(BY_CONDITION, {"fracture"}, problems("angina")).possible == (HEART,)


def test_two_conditions_of_two_populations_leave_both_possible() -> None:
    found = matched(BY_CONDITION, set(), problems("angina", "stroke"))

    assert found.possible == (HEART, BRAIN)
    assert found.missing == ()
    assert found.tells(HEART)
    assert found.tells(BRAIN)


def test_a_condition_that_two_populations_share_tells_neither() -> None:
    also = replace(BRAIN, conditions=("stroke", "angina"))
    rule = replace(RULE, populations=(HEART, also))

    shared, own = (matched(rule, {"angina", *more}, problems()) for more in ((), ("stroke",)))

    assert shared.possible == own.possible == (HEART, also)
    assert (shared.tells(HEART), shared.tells(also)) == (False, False)
    assert (own.tells(HEART), own.tells(also)) == (False, True)


def test_with_neither_all_populations_are_possible_and_the_gap_is_told() -> None:
    found = matched(BY_CONDITION, set(), problems())

    detail = "neither the order's reason nor the problem list tells it"
    assert found.possible == (HEART, BRAIN)
    assert found.missing == (Missing("indication", Why.NOT_RECORDED, detail),)
    assert not found.tells(HEART)


def test_a_problem_list_that_was_not_fetched_is_not_an_empty_one() -> None:
    found = matched(BY_CONDITION, set(), Record(otherwise=Why.NOT_FETCHED, detail="timeout"))

    assert found.possible == (HEART, BRAIN)
    assert found.missing == (Missing("indication", Why.NOT_FETCHED, "timeout"),)


@pytest.mark.parametrize(
    "conditions",
    [
        Record({"stroke": Evidence("Condition/1")}, Why.NOT_FETCHED),
        Record(
            {"stroke": Evidence("Condition/1"), "angina": Missing("angina", Why.UNREADABLE)},
        ),
    ],
    ids=["a page is missing", "a diagnosis is not confirmed"],
)
def test_a_list_that_may_hold_another_condition_does_not_settle_it(
    conditions: Record[Evidence],
) -> None:
    found = matched(BY_CONDITION, set(), conditions)

    assert HEART in found.possible or found.missing


def test_one_population_alone_still_needs_to_be_told() -> None:
    found = matched(replace(RULE, populations=(HEART,)), set(), problems())

    assert found.possible == (HEART,)
    assert not found.tells(HEART)


def test_a_population_that_no_record_can_tell_is_never_matched() -> None:
    rule = replace(RULE, populations=(HEART, LAST))

    assert matched(rule, set(), problems()).possible == (HEART,)


def test_a_guideline_of_such_populations_alone_matches_none() -> None:
    assert matched(replace(RULE, populations=(LAST,)), set(), problems()) == PopulationMatch(())


# Populations by duration


def taken(days: int, drug: str = DRUG) -> Order:
    return Order("MedicationRequest/0", (drug,), started=TODAY - timedelta(days))


def lasting(*courses: Order, draft: Order | None = None) -> PopulationMatch:
    facts = PatientFacts(TODAY, medications=courses)
    return match_population(BY_DURATION, draft or order(), DRUG, facts)


@pytest.mark.parametrize(
    ("days", "population"), [(0, NAIVE), (89, NAIVE), (90, NAIVE), (91, LONG), (4000, LONG)]
)
def test_a_course_must_be_older_than_the_limit(days: int, population: Population) -> None:
    assert lasting(taken(days)) == PopulationMatch((population,))


def test_who_takes_nothing_is_in_the_population_that_is_left() -> None:
    assert lasting() == PopulationMatch((NAIVE,))


def test_a_course_of_another_drug_does_not_count() -> None:
    assert lasting(taken(4000, "secondin")) == PopulationMatch((NAIVE,))


def test_a_course_of_another_drug_of_the_rule_counts() -> None:
    rule = replace(BY_DURATION, drugs=(DRUG, "secondin"))
    facts = PatientFacts(TODAY, medications=(taken(91, "secondin"),))

    assert match_population(rule, order(), DRUG, facts).possible == (LONG,)


def test_the_order_itself_may_be_the_long_course() -> None:
    assert lasting(draft=taken(91)) == PopulationMatch((LONG,))


def test_an_undated_course_leaves_all_populations_possible() -> None:
    found = lasting(Order("MedicationRequest/0", (DRUG,)))

    detail = "the active order has no date"
    assert found.possible == (NAIVE, LONG)
    assert found.missing == (Missing("start of firstin", Why.UNREADABLE, detail),)


def test_an_undated_course_beside_a_long_one_changes_nothing() -> None:
    assert lasting(Order("MedicationRequest/0", (DRUG,)), taken(91)) == PopulationMatch((LONG,))


def test_medications_that_were_not_fetched_leave_all_populations_possible() -> None:
    gap = Missing("medications", Why.NOT_FETCHED)
    facts = PatientFacts(TODAY, medications=gap)

    found = match_population(BY_DURATION, order(), DRUG, facts)

    assert found == PopulationMatch((NAIVE, LONG), (gap,))
