"""Judging one order by one rule, in every world that the reports leave possible."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hooks.clinical.facts import Dose, Evidence, Missing, PatientFacts, Record, Why
from hooks.clinical.findings import Finding, Outcome, judge, unknown_indicator
from hooks.clinical.genes import GeneCall
from hooks.clinical.guidelines import Action, Branch, Cap, Guideline
from hooks.clinical.logic import Truth
from hooks.clinical.populations import Population
from tests.unit.hooks.small import (
    AVOID,
    DRUG,
    EVIDENCE,
    GENES,
    LINKED_RULE,
    REDUCE,
    RULE,
    SCORED_RULE,
    STANDARD,
    TODAY,
    TWO_GENES,
    TYPED_RULE,
    UNCLEAR,
    gaps,
    judged,
    order,
    patient,
    result,
    says,
    status_of,
    wanted,
)


def answer(finding: Finding) -> tuple[Truth, str]:
    """Whether the finding advises, and by which branch."""
    branch = finding.outcome.branch
    return finding.outcome.applies, branch.id if branch else ""


# One gene


@pytest.mark.parametrize(
    ("alleles", "applies", "branch"),
    [
        ("*2/*2", Truth.YES, "poor"),
        ("*1/*2", Truth.YES, "intermediate"),
        ("*1/*1", Truth.NO, "normal"),
        ("*1/*12", Truth.UNKNOWN, "indeterminate"),
    ],
)
def test_the_branch_of_the_phenotype_is_the_answer(
    alleles: str, applies: Truth, branch: str
) -> None:
    assert answer(judged(RULE, result("PAIR", alleles))) == (applies, branch)


def test_a_finding_tells_its_calls_and_its_evidence() -> None:
    found = judged(RULE, result("PAIR", "*1/*2", evidence=(EVIDENCE,)))

    assert found.calls == {"PAIR": (GeneCall("PAIR", "Intermediate", "*1/*2"),)}
    assert found.because == (EVIDENCE,)
    assert (found.rule, found.drug, found.missing) == (RULE, DRUG, ())


@pytest.mark.parametrize("why", Why)
def test_a_gene_without_a_result_cannot_be_judged_for_the_same_reason(why: Why) -> None:
    found = judged(RULE, Missing("PAIR", why))

    assert answer(found) == (Truth.UNKNOWN, "")
    assert gaps(found) == [("PAIR", why)]


def test_genes_that_were_not_fetched_are_not_genes_that_were_not_tested() -> None:
    facts = PatientFacts(TODAY, Record(otherwise=Why.NOT_FETCHED, detail="timeout"))

    found = judge(RULE, order(), DRUG, facts, GENES)

    assert found.missing == (Missing("PAIR", Why.NOT_FETCHED, "timeout"),)


@pytest.mark.parametrize("alleles", ["*1/*77", "*1/*42", "*1"])
def test_an_unreadable_genotype_is_never_normal(alleles: str) -> None:
    found = judged(RULE, result("PAIR", alleles))

    assert answer(found) == (Truth.UNKNOWN, "")
    assert gaps(found) == [("PAIR", Why.UNREADABLE)]


def test_one_unreadable_candidate_makes_the_whole_unreadable() -> None:
    found = judged(RULE, result("PAIR", "*1/*1", "*1/*77"))

    assert answer(found) == (Truth.UNKNOWN, "")
    assert gaps(found) == [("PAIR", Why.UNREADABLE)]


def test_a_result_that_states_nothing_is_unreadable() -> None:
    assert gaps(judged(RULE, result("PAIR"))) == [("PAIR", Why.UNREADABLE)]


def test_an_uncertain_function_is_named_as_the_gap() -> None:
    found = judged(RULE, result("PAIR", "*1/*12"))

    detail = "the function of an allele is not certain"
    assert found.missing == (Missing("PAIR", Why.UNREADABLE, detail),)


def test_results_that_could_not_be_used_are_remarked_beside_one_that_could() -> None:
    remark = Missing("PAIR", Why.UNREADABLE, "Observation/2 cannot be read")

    found = judged(RULE, result("PAIR", "*1/*1", remarks=(remark,)))

    assert answer(found) == (Truth.NO, "normal")
    assert found.missing == (remark,)


def test_the_sex_decides_the_number_of_alleles() -> None:
    typed = result("LINKED", "A-/B")

    assert answer(judged(LINKED_RULE, typed, sex="female")) == (Truth.UNKNOWN, "indeterminate")
    assert gaps(judged(LINKED_RULE, typed, sex="male")) == [("LINKED", Why.UNREADABLE)]
    assert gaps(judged(LINKED_RULE, typed)) == [("LINKED", Why.UNREADABLE)]


def test_a_score_leads_to_the_branch_of_its_range() -> None:
    assert answer(judged(SCORED_RULE, result("SCORED", "*4/*4"))) == (Truth.YES, "poor")
    assert answer(judged(SCORED_RULE, result("SCORED", "*4/*1"))) == (Truth.YES, "intermediate")


def test_a_result_that_may_be_newer_and_cannot_be_read_takes_the_reassurance_away() -> None:
    remark = Missing("PAIR", Why.UNREADABLE, "Observation/2 cannot be read")

    found = judged(RULE, result("PAIR", "*1/*1", remarks=(remark,), doubted=True))

    assert answer(found) == (Truth.UNKNOWN, "")
    assert found.missing == (remark,)


def test_a_result_that_may_be_newer_and_cannot_be_read_does_not_take_advice_away() -> None:
    assert answer(judged(RULE, result("PAIR", "*2/*2", doubted=True))) == (Truth.YES, "poor")


def test_what_cannot_be_told_always_has_a_named_gap() -> None:
    rule = replace(LINKED_RULE, when_unknown="stay-silent")

    found = judged(rule, result("LINKED", "A-/B"), sex="female")

    assert answer(found) == (Truth.UNKNOWN, "indeterminate")
    assert [what for what, _ in gaps(found)] == ["LINKED"]
    assert found.indicator == "info"


# Several worlds


def test_worlds_that_agree_leave_no_doubt() -> None:
    found = judged(SCORED_RULE, result("SCORED", "*4/*1", "*4/*10"))

    assert answer(found) == (Truth.YES, "intermediate")
    assert found.missing == ()


def test_worlds_of_different_branches_agree_if_the_action_is_the_same() -> None:
    also = replace(REDUCE, action=AVOID.action)
    rule = replace(RULE, branches=(AVOID, also, STANDARD, UNCLEAR))

    found = judged(rule, result("PAIR", "*1/*2", "*2/*2"))

    assert answer(found) == (Truth.YES, "poor")


def test_worlds_that_need_no_action_agree() -> None:
    none = replace(REDUCE, applies=Truth.NO, action=Action("no-recommendation"), indicator="")
    rule = replace(RULE, branches=(AVOID, none, STANDARD, UNCLEAR))

    assert judged(rule, result("PAIR", "*1/*1", "*1/*2")).outcome.applies is Truth.NO


def test_worlds_that_disagree_cannot_be_told() -> None:
    found = judged(RULE, result("PAIR", "*1/*1", "*2/*2"))

    detail = "the possible readings lead to different advice"
    assert answer(found) == (Truth.UNKNOWN, "")
    assert found.outcome.possible == (AVOID, STANDARD)
    assert found.missing == (Missing("PAIR", Why.CONFLICTING, detail),)


def test_an_open_copy_number_may_lead_to_different_advice() -> None:
    found = judged(SCORED_RULE, result("SCORED", "*4/*1xN"))

    assert [branch.id for branch in found.outcome.possible] == ["ultrarapid", "normal"]


def test_two_laboratories_that_differ_cannot_be_told() -> None:
    both = (EVIDENCE, Evidence("Observation/h", performer="Another laboratory"))

    found = judged(RULE, result("PAIR", "*1/*1", "*1/*2", evidence=both))

    assert answer(found) == (Truth.UNKNOWN, "")
    assert gaps(found) == [("PAIR", Why.CONFLICTING)]
    assert found.because == both


def test_a_reading_that_no_branch_answers_is_named_as_the_gap() -> None:
    rule = replace(RULE, branches=(AVOID, REDUCE, UNCLEAR))

    found = judged(rule, result("PAIR", "*1/*1"))

    detail = "the guideline says nothing on PAIR Normal"
    assert answer(found) == (Truth.UNKNOWN, "")
    assert found.missing == (Missing("PAIR", Why.UNREADABLE, detail),)


def test_a_world_that_no_branch_answers_makes_the_whole_unknown() -> None:
    rule = replace(RULE, branches=(AVOID, REDUCE, UNCLEAR))

    found = judged(rule, result("PAIR", "*1/*1", "*2/*2"))

    assert answer(found) == (Truth.UNKNOWN, "")
    assert found.outcome.possible == ()


# The laboratory's own phenotype


def test_a_reported_phenotype_is_enough() -> None:
    found = judged(RULE, result("PAIR", reported=says("PAIR", "Poor")))

    assert answer(found) == (Truth.YES, "poor")
    assert found.missing == ()


def test_a_reported_phenotype_that_says_the_same_changes_nothing() -> None:
    found = judged(RULE, result("PAIR", "*1/*2", reported=says("PAIR", "Intermediate")))

    assert answer(found) == (Truth.YES, "intermediate")
    assert found.missing == ()


@pytest.mark.parametrize(
    ("alleles", "phenotype"), [("*1/*1", "Poor"), ("*2/*2", "Normal"), ("*1/*2", "Poor")]
)
def test_where_report_and_alleles_differ_the_safer_one_acts(alleles: str, phenotype: str) -> None:
    found = judged(RULE, result("PAIR", alleles, reported=says("PAIR", phenotype)))

    detail = "the reported phenotype and the reported alleles differ"
    assert answer(found) == (Truth.YES, "poor")
    assert found.missing == (Missing("PAIR", Why.CONFLICTING, detail),)


def test_where_report_and_alleles_differ_both_are_shown() -> None:
    found = judged(RULE, result("PAIR", "*1/*1", reported=says("PAIR", "Poor")))

    assert found.calls == {
        "PAIR": (
            GeneCall("PAIR", "Normal", "*1/*1"),
            GeneCall("PAIR", "Poor", reported=True),
        )
    }


def test_a_reported_normal_does_not_outweigh_alleles_that_cannot_be_read() -> None:
    found = judged(RULE, result("PAIR", "*1/*77", reported=says("PAIR", "Normal")))

    assert answer(found) == (Truth.UNKNOWN, "indeterminate")


def test_a_reported_poor_acts_beside_alleles_that_cannot_be_read() -> None:
    found = judged(RULE, result("PAIR", "*1/*77", reported=says("PAIR", "Poor")))

    assert answer(found) == (Truth.YES, "poor")
    assert ("PAIR", Why.CONFLICTING) in gaps(found)


def test_a_reported_score_is_judged_by_today_s_ranges_beside_the_reported_phenotype() -> None:
    found = judged(SCORED_RULE, result("SCORED", reported=says("SCORED", "Normal", "1.0")))

    assert answer(found) == (Truth.YES, "intermediate")


def test_a_reported_score_that_the_alleles_give_too_is_no_second_source() -> None:
    reported = says("SCORED", "Intermediate", "1.0")

    found = judged(SCORED_RULE, result("SCORED", "*4/*1", reported=reported))

    assert found.calls is not None
    assert len(found.calls["SCORED"]) == 1
    assert found.missing == ()


def test_a_reported_phenotype_stands_for_each_of_its_scores() -> None:
    low = replace(REDUCE, id="low", when={"SCORED": wanted("score > 0 and < 0.5")})
    high = replace(STANDARD, id="high", when={"SCORED": wanted("score >= 0.5")})
    rule = replace(SCORED_RULE, branches=(low, high))

    found = judged(rule, result("SCORED", reported=says("SCORED", "Intermediate")))

    assert {branch.id for branch in found.outcome.possible} == {"low", "high"}


# One variant decides

CARRIED_RULE = replace(
    RULE,
    genes=("CARRIED",),
    branches=(
        replace(AVOID, when={"CARRIED": wanted("Susceptible")}),
        replace(STANDARD, when={"CARRIED": wanted("Unsure")}),
        replace(UNCLEAR, when={"CARRIED": wanted("Indeterminate")}),
    ),
)


def test_a_positive_test_for_a_variant_that_decides_counts_without_any_diplotype() -> None:
    statuses = status_of("CARRIED", "c.1A>G", "positive")

    found = judged(CARRIED_RULE, result("CARRIED", statuses=statuses))

    assert answer(found) == (Truth.YES, "poor")


def test_a_negative_test_for_one_variant_leaves_the_gene_open() -> None:
    statuses = status_of("CARRIED", "c.1A>G", "negative")

    found = judged(CARRIED_RULE, result("CARRIED", statuses=statuses))

    assert answer(found) == (Truth.UNKNOWN, "")
    assert gaps(found) == [("CARRIED", Why.UNREADABLE)]


def test_a_positive_test_goes_before_a_diplotype_without_the_variant() -> None:
    statuses = status_of("CARRIED", "c.1A>G", "positive")

    found = judged(CARRIED_RULE, result("CARRIED", "Reference/Reference", statuses=statuses))

    assert answer(found) == (Truth.YES, "poor")


# HLA


@pytest.mark.parametrize(("sign", "applies"), [("positive", Truth.YES), ("negative", Truth.NO)])
def test_a_test_for_the_allele_decides(sign: str, applies: Truth) -> None:
    found = judged(TYPED_RULE, result("TYPED", statuses=status_of("TYPED", "*57:01", sign)))

    assert answer(found) == (applies, sign)


@pytest.mark.parametrize(
    ("typing", "applies", "branch"),
    [("*57:01:01/*08:01", Truth.YES, "positive"), ("*57:03/*08:01", Truth.NO, "negative")],
)
def test_a_typing_decides(typing: str, applies: Truth, branch: str) -> None:
    assert answer(judged(TYPED_RULE, result("TYPED", typing))) == (applies, branch)


@pytest.mark.parametrize("typing", ["*57/*08:01", "*08:01"])
def test_a_typing_that_is_too_coarse_is_unreadable(typing: str) -> None:
    found = judged(TYPED_RULE, result("TYPED", typing))

    detail = "the typing does not tell TYPED*57:01"
    assert answer(found) == (Truth.UNKNOWN, "")
    assert found.missing == (Missing("TYPED", Why.UNREADABLE, detail),)


def test_a_test_for_another_allele_tells_nothing() -> None:
    found = judged(TYPED_RULE, result("TYPED", statuses=status_of("TYPED", "*58:01", "negative")))

    assert answer(found) == (Truth.UNKNOWN, "")
    assert gaps(found) == [("TYPED", Why.NOT_RECORDED)]


def test_a_test_decides_where_the_typing_is_too_coarse() -> None:
    statuses = status_of("TYPED", "*57:01", "negative")

    found = judged(TYPED_RULE, result("TYPED", "*57/*08:01", statuses=statuses))

    assert answer(found) == (Truth.NO, "negative")


def test_a_test_and_a_typing_that_differ_cannot_be_told() -> None:
    statuses = status_of("TYPED", "*57:01", "negative")

    found = judged(TYPED_RULE, result("TYPED", "*57:01/*08:01", statuses=statuses))

    assert found.outcome.applies is Truth.UNKNOWN
    assert gaps(found) == [("TYPED", Why.CONFLICTING)]


# Several genes


def test_a_gene_that_was_not_tested_stands_as_no_result_beside_another() -> None:
    found = judged(TWO_GENES, result("PAIR", "*1/*1"))

    assert answer(found) == (Truth.NO, "normal")
    assert gaps(found) == [("OTHER", Why.NOT_RECORDED)]
    assert found.calls is not None
    assert found.calls["OTHER"] == (GeneCall("OTHER", "No Result"),)


def test_a_gene_that_advises_acts_whatever_the_other_is() -> None:
    found = judged(TWO_GENES, Missing("PAIR", Why.NOT_FETCHED), result("OTHER", "*2/*2"))

    assert answer(found) == (Truth.YES, "other-poor")
    assert gaps(found) == [("PAIR", Why.NOT_FETCHED)]


@pytest.mark.parametrize("why", [Why.NOT_FETCHED, Why.UNREADABLE, Why.OUTDATED, Why.CONFLICTING])
def test_a_normal_gene_does_not_reassure_while_the_other_may_be_on_file(why: Why) -> None:
    found = judged(TWO_GENES, result("PAIR", "*1/*1"), Missing("OTHER", why))

    assert answer(found) == (Truth.UNKNOWN, "")
    assert ("OTHER", why) in gaps(found)
    assert found.indicator == "info"


@pytest.mark.parametrize("why", [Why.NOT_FETCHED, Why.UNREADABLE])
def test_only_the_gene_that_is_in_doubt_is_said_to_be(why: Why) -> None:
    found = judged(TWO_GENES, result("PAIR", "*1/*1"), Missing("OTHER", why))

    assert gaps(found) == [("OTHER", why)]


def test_no_test_is_proposed_for_what_was_only_not_fetched() -> None:
    found = judged(TWO_GENES, result("PAIR", "*1/*1"), Missing("OTHER", Why.NOT_FETCHED))

    assert not found.may_test
    assert found.action is None


def test_no_gene_at_all_is_told_for_each() -> None:
    found = judged(TWO_GENES, Missing("PAIR", Why.NOT_FETCHED))

    assert answer(found) == (Truth.UNKNOWN, "")
    assert gaps(found) == [("PAIR", Why.NOT_FETCHED), ("OTHER", Why.NOT_RECORDED)]


def test_only_the_gene_whose_readings_differ_is_said_to_conflict() -> None:
    found = judged(TWO_GENES, result("PAIR", "*1/*1", "*2/*2"), result("OTHER", "*1/*1"))

    assert gaps(found) == [("PAIR", Why.CONFLICTING)]


def test_both_genes_uncertain_are_both_named() -> None:
    found = judged(TWO_GENES, result("PAIR", "*1/*12"), result("OTHER", "*2/*12"))

    assert answer(found) == (Truth.UNKNOWN, "indeterminate")
    assert gaps(found) == [("PAIR", Why.UNREADABLE), ("OTHER", Why.UNREADABLE)]


def test_an_unreadable_candidate_does_not_settle_what_the_others_leave_open() -> None:
    open_ = judged(TWO_GENES, result("PAIR", "*1/*1", "*2/*2"), result("OTHER", "*1/*2"))
    more = judged(TWO_GENES, result("PAIR", "*1/*1", "*2/*2", "*1/*77"), result("OTHER", "*1/*2"))

    assert open_.outcome.applies is Truth.UNKNOWN
    assert more.outcome.applies is Truth.UNKNOWN


# Populations

HEART = Population("heart", "a heart attack", "MI", conditions=("infarction",))
BRAIN = Population("brain", "a stroke", "CVA", conditions=("stroke",))
BY_POPULATION = replace(
    RULE,
    populations=(BRAIN, HEART),
    branches=(
        replace(AVOID, populations=frozenset({"heart"})),
        replace(REDUCE, id="poor-brain", when=AVOID.when, populations=frozenset({"brain"})),
        replace(REDUCE, populations=frozenset({"heart"})),
        replace(STANDARD, id="none", when=REDUCE.when, populations=frozenset({"brain"})),
        STANDARD,
        UNCLEAR,
    ),
)


def in_population(alleles: str, *indication: str) -> Finding:
    ordered = order(indication=frozenset(indication))
    return judge(BY_POPULATION, ordered, DRUG, patient(result("PAIR", alleles)), GENES)


def test_the_population_decides_the_branch() -> None:
    assert answer(in_population("*2/*2", "infarction")) == (Truth.YES, "poor")
    assert answer(in_population("*2/*2", "stroke")) == (Truth.YES, "poor-brain")
    assert in_population("*2/*2", "stroke").assumed == ()


@pytest.mark.parametrize(("alleles", "branch"), [("*2/*2", "poor"), ("*1/*2", "intermediate")])
def test_an_unknown_population_is_taken_to_be_the_one_that_is_safer(
    alleles: str, branch: str
) -> None:
    found = in_population(alleles)

    assert answer(found) == (Truth.YES, branch)
    assert found.assumed == ("taken to be for a heart attack, the safer reading",)
    assert gaps(found) == [("indication", Why.NOT_RECORDED)]


def test_of_two_populations_on_file_the_safer_acts_and_nothing_is_assumed() -> None:
    found = in_population("*2/*2", "infarction", "stroke")

    assert answer(found) == (Truth.YES, "poor")
    assert found.assumed == ()
    assert found.missing == ()


def test_a_population_that_does_not_matter_is_not_asked_for() -> None:
    found = in_population("*1/*1")

    assert answer(found) == (Truth.NO, "normal")
    assert found.assumed == ()
    assert found.missing == ()


def test_a_guideline_that_does_not_speak_of_the_population_cannot_tell() -> None:
    alone = replace(RULE, branches=(replace(AVOID, populations=frozenset({"heart"})),))

    assert answer(judged(alone, result("PAIR", "*2/*2"))) == (Truth.UNKNOWN, "")


# Orders that follow the advice

CAPPED = replace(REDUCE, action=Action("reduce-dose", cap=Cap(Decimal(20), "mg")))
WITH_CAP = replace(RULE, branches=(AVOID, CAPPED, STANDARD, UNCLEAR))


def at_dose(dose: Dose | Missing, alleles: str = "*1/*2") -> Finding:
    ordered = order(dose={DRUG: dose})
    return judge(WITH_CAP, ordered, DRUG, patient(result("PAIR", alleles)), GENES)


def test_an_order_that_keeps_to_the_cap_is_silent() -> None:
    found = at_dose(Dose(Decimal(20), "mg"))

    assert answer(found) == (Truth.NO, "intermediate")
    assert found.followed
    assert found.indicator == ""


@pytest.mark.parametrize(
    "dose",
    [
        Dose(Decimal(40), "mg"),
        Dose(Decimal(20), "mL"),
        Missing("daily dose of firstin", Why.UNREADABLE),
    ],
    ids=["above", "another unit", "unreadable"],
)
def test_an_order_that_may_exceed_the_cap_is_advised_on(dose: Dose | Missing) -> None:
    found = at_dose(dose)

    assert answer(found) == (Truth.YES, "intermediate")
    assert not found.followed


def test_a_cap_of_another_branch_does_not_count() -> None:
    assert answer(at_dose(Dose(Decimal(5), "mg"), "*2/*2")) == (Truth.YES, "poor")


def test_an_order_that_carries_the_mark_of_this_advice_is_silent() -> None:
    ordered = order(applied=frozenset({"pair-firstin/intermediate"}))

    found = judge(RULE, ordered, DRUG, patient(result("PAIR", "*1/*2")), GENES)

    assert found.followed
    assert found.outcome == Outcome(Truth.NO, REDUCE)
    assert found.indicator == ""


@pytest.mark.parametrize("mark", ["pair-firstin/poor", "other-rule/intermediate", "intermediate"])
def test_the_mark_of_other_advice_does_not_count(mark: str) -> None:
    ordered = order(applied=frozenset({mark}))

    found = judge(RULE, ordered, DRUG, patient(result("PAIR", "*1/*2")), GENES)

    assert answer(found) == (Truth.YES, "intermediate")


def test_following_the_advice_on_one_gene_does_not_reassure_while_the_other_is_not_fetched() -> (
    None
):
    ordered = order(applied=frozenset({"pair-other-firstin/intermediate"}))
    facts = patient(result("PAIR", "*1/*2"), Missing("OTHER", Why.NOT_FETCHED))

    found = judge(TWO_GENES, ordered, DRUG, facts, GENES)

    assert found.outcome.applies is not Truth.NO


# What a card would show


def shown(outcome: Outcome, rule: Guideline = RULE, *missing: Missing) -> Finding:
    return Finding(rule, order(), DRUG, outcome, missing=missing)


@pytest.mark.parametrize(
    ("branch", "indicator"),
    [(AVOID, "critical"), (REDUCE, "warning"), (STANDARD, "")],
    ids=["avoid", "reduce", "standard"],
)
def test_a_finding_shows_as_its_branch_does(branch: Branch, indicator: str) -> None:
    assert shown(Outcome(branch.applies, branch)).indicator == indicator


def test_a_cannot_tell_branch_shows_as_it_says() -> None:
    loud = replace(UNCLEAR, indicator="warning")

    assert shown(Outcome(Truth.UNKNOWN, loud)).indicator == "warning"


@pytest.mark.parametrize(
    ("when_unknown", "why", "indicator"),
    [
        ("stay-silent", Why.NOT_RECORDED, ""),
        ("stay-silent", Why.NOT_FETCHED, "info"),
        ("stay-silent", Why.UNREADABLE, "info"),
        ("stay-silent", Why.OUTDATED, "info"),
        ("stay-silent", Why.CONFLICTING, "info"),
        ("suggest-test", Why.NOT_RECORDED, "info"),
        ("suggest-test", Why.NOT_FETCHED, "info"),
        ("suggest-test", Why.UNREADABLE, "info"),
        ("suggest-test", Why.OUTDATED, "info"),
        ("suggest-test", Why.CONFLICTING, "info"),
        ("warn", Why.NOT_RECORDED, "warning"),
        ("warn", Why.NOT_FETCHED, "warning"),
        ("warn", Why.UNREADABLE, "warning"),
        ("warn", Why.OUTDATED, "warning"),
        ("warn", Why.CONFLICTING, "warning"),
    ],
)
def test_only_a_gene_that_was_never_tested_may_be_passed_over(
    when_unknown: str, why: Why, indicator: str
) -> None:
    rule = replace(RULE, when_unknown=when_unknown)
    found = shown(Outcome(Truth.UNKNOWN), rule, Missing("PAIR", why))

    assert unknown_indicator(found) == indicator
    assert found.indicator == indicator


def test_one_unreadable_result_speaks_up_beside_one_that_was_never_made() -> None:
    rule = replace(TWO_GENES, when_unknown="stay-silent")
    missing = (Missing("PAIR", Why.NOT_RECORDED), Missing("OTHER", Why.UNREADABLE))

    assert shown(Outcome(Truth.UNKNOWN), rule, *missing).indicator == "info"


@pytest.mark.parametrize(
    ("possible", "indicator"),
    [((AVOID, REDUCE), "warning"), ((AVOID, STANDARD), "info"), ((AVOID, UNCLEAR), "info")],
    ids=["both act", "one needs nothing", "one cannot tell"],
)
def test_worlds_that_disagree_show_as_urgently_as_the_mildest(
    possible: tuple[Branch, ...], indicator: str
) -> None:
    assert shown(Outcome(Truth.UNKNOWN, possible=possible)).indicator == indicator


def test_a_rule_that_warns_when_unknown_warns_of_worlds_that_disagree() -> None:
    rule = replace(RULE, when_unknown="warn")

    assert shown(Outcome(Truth.UNKNOWN, possible=(AVOID, STANDARD)), rule).indicator == "warning"


def test_the_action_is_the_branch_s() -> None:
    assert shown(Outcome(Truth.YES, AVOID)).action == AVOID.action


@pytest.mark.parametrize("why", [Why.NOT_RECORDED, Why.UNREADABLE, Why.OUTDATED, Why.CONFLICTING])
def test_a_test_is_proposed_where_it_could_close_the_gap(why: Why) -> None:
    found = shown(Outcome(Truth.UNKNOWN), RULE, Missing("PAIR", why))

    assert found.action == Action("order-test")


def test_a_test_is_not_proposed_for_a_result_that_was_not_fetched() -> None:
    assert shown(Outcome(Truth.UNKNOWN), RULE, Missing("PAIR", Why.NOT_FETCHED)).action is None


def test_a_silent_finding_proposes_nothing() -> None:
    rule = replace(RULE, when_unknown="stay-silent")

    assert shown(Outcome(Truth.UNKNOWN), rule, Missing("PAIR", Why.NOT_RECORDED)).action is None


def test_a_gap_that_is_no_gene_s_proposes_no_test() -> None:
    assert not shown(
        Outcome(Truth.YES, AVOID), RULE, Missing("indication", Why.UNREADABLE)
    ).may_test
