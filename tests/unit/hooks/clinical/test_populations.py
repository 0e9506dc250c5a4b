"""Who is in which population: by reason and problem list, by duration, by age, weight and dose."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from hooks.clinical.facts import (
    Dose,
    Evidence,
    LabResult,
    Missing,
    Order,
    PatientFacts,
    Record,
    Why,
)
from hooks.clinical.guidelines import Guideline
from hooks.clinical.logic import Truth
from hooks.clinical.populations import Population, PopulationMatch, Span, match_population
from tests.unit.hooks.small import DRUG, RULE, TODAY, order

HEART = Population("heart", "a heart attack", "MI", conditions=("infarction", "angina"))
BRAIN = Population("brain", "a stroke", "CVA", conditions=("stroke",))
LONG = Population("long", "three months of it", "over 3 months", taken_for_days=90)
NAIVE = Population("naive", "nobody who took it", "naive", otherwise=True)
LAST = Population("last", "nothing else is left", "last resort", never="no record tells it")
GROWN = Population("grown", "adults", "adults", measures={"age": Span(Decimal(18))})
CHILD = Population(
    "child", "children", "children", measures={"age": Span(high=Decimal(18), below=True)}
)
BY_CONDITION = replace(RULE, populations=(HEART, BRAIN))
BY_DURATION = replace(RULE, populations=(NAIVE, LONG, LAST))


def asked(rule: Guideline, ordered: Order, facts: PatientFacts) -> PopulationMatch:
    return match_population(rule.populations, (DRUG, *rule.drugs), ordered, facts)


# Populations by condition


def matched(rule: Guideline, indication: set[str], conditions: Record[Evidence]) -> PopulationMatch:
    ordered = order(indication=frozenset(indication))
    return asked(rule, ordered, PatientFacts(TODAY, conditions=conditions))


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
    return asked(BY_DURATION, draft or order(), facts)


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

    assert asked(rule, order(), facts).possible == (LONG,)


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

    found = asked(BY_DURATION, order(), facts)

    assert found == PopulationMatch((NAIVE, LONG), (gap,))


# Populations by age, weight and dose


def born(day: date) -> PatientFacts:
    return PatientFacts(TODAY, birth_date=day)


def weighing(value: str, unit: str = "kg", comparator: str = "") -> PatientFacts:
    found = LabResult("weight", Decimal(value), unit, Evidence("Observation/1"), comparator)
    return PatientFacts(TODAY, labs=Record({"weight": found}))


@pytest.mark.parametrize(
    ("span", "inside", "outside"),
    [
        (Span(Decimal(18)), "18", "17.9"),
        (Span(Decimal(40), above=True), "40.1", "40"),
        (Span(high=Decimal(18), below=True), "17.9", "18"),
        (Span(high=Decimal(1000)), "1000", "1000.1"),
        (Span(Decimal(2), Decimal(12)), "2", "1.9"),
    ],
)
def test_a_span_holds_its_ends_unless_told(span: Span, inside: str, outside: str) -> None:
    assert span.holds(Decimal(inside)) is Truth.YES
    assert span.holds(Decimal(outside)) is Truth.NO


@pytest.mark.parametrize(("days", "population"), [(0, GROWN), (1, CHILD)])
def test_the_eighteenth_birthday_makes_an_adult(days: int, population: Population) -> None:
    rule = replace(RULE, populations=(GROWN, CHILD))
    birthday = TODAY.replace(year=TODAY.year - 18) + timedelta(days)

    found = asked(rule, order(), born(birthday))

    assert found == PopulationMatch((population,))
    assert found.tells(population)


def test_without_a_birth_date_all_ages_are_possible_and_the_gap_is_told() -> None:
    found = asked(replace(RULE, populations=(GROWN, CHILD)), order(), PatientFacts(TODAY))

    assert found == PopulationMatch((GROWN, CHILD), (Missing("birth date", Why.NOT_RECORDED),))


HEAVY = Population("heavy", "over 40 kg", "", measures={"weight": Span(Decimal(40), above=True)})
LIGHT = Population("light", "up to 40 kg", "", measures={"weight": Span(high=Decimal(40))})
BY_WEIGHT = replace(RULE, populations=(HEAVY, LIGHT))


def test_the_weight_decides() -> None:
    assert asked(BY_WEIGHT, order(), weighing("40.5")).possible == (HEAVY,)
    assert asked(BY_WEIGHT, order(), weighing("40")).possible == (LIGHT,)


@pytest.mark.parametrize(
    "facts", [PatientFacts(TODAY), weighing("90", "[lb_av]"), weighing("90", "kg", "<")]
)
def test_a_weight_that_is_not_plainly_in_kg_decides_nothing(facts: PatientFacts) -> None:
    found = asked(BY_WEIGHT, order(), facts)

    assert found.possible == (HEAVY, LIGHT)
    assert [gap.what for gap in found.missing] == ["weight"]


def test_the_daily_dose_decides() -> None:
    low = Population("low", "up to 1 g", "", measures={"dose": Span(high=Decimal(1000))})
    ordered = order(dose={DRUG: Dose(Decimal(500), "mg")})

    assert asked(replace(RULE, populations=(low,)), ordered, PatientFacts(TODAY)).possible == (low,)


def test_whom_no_population_holds_is_in_none() -> None:
    rule = replace(RULE, populations=(CHILD,))

    assert asked(rule, order(), born(date(1950, 1, 1))) == PopulationMatch(())


def test_a_measure_that_cannot_change_the_population_is_not_missed() -> None:
    both = replace(HEAVY, measures={**HEAVY.measures, "age": Span(Decimal(18))})
    rule = replace(RULE, populations=(both, CHILD))
    facts = replace(weighing("30"), birth_date=Missing("birth date", Why.NOT_RECORDED))

    assert asked(rule, order(), facts) == PopulationMatch((CHILD,))


def test_age_and_reason_both_have_to_fit() -> None:
    sick = replace(CHILD, conditions=("angina",))
    rule = replace(RULE, populations=(GROWN, sick))

    assert asked(rule, order(), born(date(2020, 1, 1))).possible == (sick,)
    told = asked(rule, order(indication=frozenset({"angina"})), born(date(2020, 1, 1)))
    assert told.tells(sick)
