"""Judging an order by a published equation: what is needed, what is told, and what never is."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.dose_findings import judge_dose
from hooks.clinical.dosing import SITUATIONS, Estimate
from hooks.clinical.facts import Dose, GeneResult, Missing, Order, Record, Why
from hooks.clinical.findings import Finding
from hooks.clinical.logic import Truth
from tests.unit.hooks.dosed import DOSED_RULE, DOSING, MEASURED, MODEL, WEIGHT, dosed, patient
from tests.unit.hooks.small import DRUG, GENES, gaps, order, result, says

USUAL = (result("PAIR", "*1/*1"), result("SCORED", "*1/*1"), result("OTHER", "*1/*1"))
UNREAD = Missing("SCORED", Why.UNREADABLE, "garbled")
FAILED = {"medications": Missing("medications", Why.NOT_FETCHED)}


def usual(**changed: GeneResult | Missing) -> list[GeneResult | Missing]:
    """Usual results of all genes, some of them changed."""
    kept = {told.gene: told for told in USUAL}
    return list({**kept, **changed}.values())


def branch(finding: Finding) -> str:
    """The branch that was reached, or that there is none."""
    return finding.outcome.branch.id if finding.outcome.branch else ""


def estimate(finding: Finding) -> Estimate:
    assert finding.estimate is not None
    return finding.estimate


@pytest.mark.parametrize(
    ("weekly", "reached"),
    [
        ("125", "near"),
        ("125.1", "lower"),
        ("80", "near"),
        ("79.9", "higher"),
        ("100", "near"),
    ],
)
def test_an_order_is_near_the_estimate_within_the_tolerance(weekly: str, reached: str) -> None:
    finding = dosed(*USUAL, weekly=weekly)

    assert branch(finding) == reached
    assert estimate(finding).weekly == (100, 100)


@pytest.mark.parametrize(
    ("genes", "reached", "weekly"),
    [
        (usual(), "start-near", 100),
        (usual(PAIR=result("PAIR", "*1/*2")), "start-lower", 64),
        (usual(OTHER=result("OTHER", "*1/*2")), "start-higher", 100),
    ],
)
def test_without_an_ordered_dose_the_estimate_is_held_against_one_without_genes(
    genes: list[GeneResult | Missing], reached: str, weekly: int
) -> None:
    finding = dosed(*genes)

    assert (branch(finding), estimate(finding).weekly[0]) == (reached, weekly)
    assert estimate(finding).clinical == 81


def test_a_dose_in_another_unit_is_no_dose_to_compare_with() -> None:
    drops = order(dose={DRUG: Dose(Decimal(100), "mL")})

    assert branch(dosed(*USUAL, ordered=drops)) == "start-near"


def test_a_dose_that_cannot_be_worked_out_is_said() -> None:
    unplain = order(dose={DRUG: Missing("dose", Why.UNREADABLE, "taken as needed")})

    assert gaps(dosed(*USUAL, ordered=unplain)) == [("dose", Why.UNREADABLE)]
    assert gaps(dosed(*USUAL)) == []


def test_the_texts_hold_the_numbers() -> None:
    advised = dosed(*usual(PAIR=result("PAIR", "*1/*2")), weekly="140").outcome.branch

    assert advised is not None
    told = "64 a week, 9.1 a day, 81 without genes, 140 ordered"
    assert (advised.summary, advised.advice, advised.rationale) == (told, told, told)


# What comes on top


def test_an_allele_that_the_equation_does_not_know_is_taken_off_its_result() -> None:
    found = estimate(dosed(*usual(SCORED=result("SCORED", "*1/*10"))))

    assert (found.weekly, found.adjusted) == ((100, 100), (50, 80))
    assert [one.text for one in found.adjustments] == ["carriers of SCORED *10 get less"]


def test_two_such_alleles_are_taken_off_as_two() -> None:
    poor = result("SCORED", "*10/*10")

    assert estimate(dosed(*usual(SCORED=poor))).adjusted == (40, 80)


def test_adjustments_multiply() -> None:
    genes = usual(SCORED=result("SCORED", "*1/*10"), OTHER=result("OTHER", "*2/*2"))

    assert estimate(dosed(*genes)).adjusted == (55, 96)


@pytest.mark.parametrize(
    ("weekly", "reached"), [("100", "optional"), ("81", "optional"), ("77", "near")]
)
def test_an_order_that_only_the_optional_reduction_speaks_against(
    weekly: str, reached: str
) -> None:
    finding = dosed(*usual(SCORED=result("SCORED", "*1/*10")), weekly=weekly)

    assert branch(finding) == reached


def test_a_gene_that_only_adjusts_need_not_be_known() -> None:
    finding = dosed(*USUAL[:2], weekly="100")

    assert branch(finding) == "near"
    assert gaps(finding) == [("OTHER", Why.NOT_RECORDED)]


# What is taken


@pytest.mark.parametrize("drug", ["blocker", "thirdin"])
def test_any_of_the_drugs_of_an_input_counts_once(drug: str) -> None:
    others = (Order("MedicationRequest/2", (drug,)), Order("MedicationRequest/3", (drug,)))

    assert estimate(dosed(*USUAL, medications=others)).weekly == (144, 144)


def test_another_draft_counts_as_taken() -> None:
    drafts = (Order("MedicationRequest/2", ("blocker",)),)

    assert estimate(dosed(*USUAL, drafts=drafts)).weekly == (144, 144)


def test_an_inhibitor_is_told_unless_the_equation_weighs_it_itself() -> None:
    others = (Order("MedicationRequest/2", ("blocker", "slower")),)

    assert [each.drug for each in dosed(*USUAL, medications=others).modifiers] == ["slower"]


@pytest.mark.parametrize("genes", [USUAL, (), (UNREAD,)])
def test_who_takes_the_drug_already_needs_no_starting_dose(genes: Any) -> None:
    taken = (Order("MedicationRequest/0", (DRUG,)),)

    finding = dosed(*genes, weekly="1000", medications=taken)

    assert (branch(finding), finding.outcome.applies) == ("taken", Truth.NO)
    assert (finding.estimate, finding.indicator) == (None, "")


# What is missing


def test_nothing_tested_is_silent() -> None:
    finding = dosed(weekly="1000")

    assert (finding.outcome.applies, finding.outcome.branch) == (Truth.UNKNOWN, None)
    assert finding.indicator == ""
    assert {why for _, why in gaps(finding)} == {Why.NOT_RECORDED}


def test_one_gene_of_the_equation_never_tested_is_silent() -> None:
    finding = dosed(USUAL[0], USUAL[2], weekly="1000")

    assert (branch(finding), finding.indicator) == ("", "")
    assert gaps(finding) == [("SCORED", Why.NOT_RECORDED)]


@pytest.mark.parametrize("why", [Why.UNREADABLE, Why.NOT_FETCHED, Why.CONFLICTING])
def test_a_gene_that_failed_is_said(why: Why) -> None:
    finding = dosed(USUAL[0], Missing("SCORED", why), weekly="1000")

    assert (branch(finding), finding.indicator) == ("ungenotyped", "info")


def test_a_diplotype_that_cannot_be_called_is_said() -> None:
    finding = dosed(*usual(SCORED=result("SCORED", "*1/*99")))

    assert branch(finding) == "ungenotyped"
    assert gaps(finding) == [("SCORED", Why.UNREADABLE)]


def test_an_allele_that_the_equation_has_no_place_for_is_said() -> None:
    finding = dosed(*usual(SCORED=result("SCORED", "*1/*41")))

    assert branch(finding) == "ungenotyped"
    assert finding.missing == (Missing("SCORED", Why.UNREADABLE, "*41: not in the equation"),)


def test_a_phenotype_that_the_equation_has_no_word_for_is_said() -> None:
    finding = dosed(*usual(PAIR=result("PAIR", "*2/*2")))

    assert branch(finding) == "ungenotyped"
    assert gaps(finding) == [("PAIR", Why.UNREADABLE)]


def test_a_phenotype_is_no_input_where_alleles_are_wanted() -> None:
    reported = GeneResult("SCORED", reported=says("SCORED", "Normal"))

    finding = dosed(*usual(SCORED=reported))

    assert branch(finding) == "ungenotyped"
    assert finding.missing == (Missing("SCORED", Why.UNREADABLE, "the equation takes the alleles"),)


def test_a_result_of_neither_alleles_nor_phenotype_is_said() -> None:
    assert branch(dosed(*usual(PAIR=GeneResult("PAIR")))) == "ungenotyped"


def test_a_phenotype_is_an_input_where_phenotypes_are_wanted() -> None:
    reported = GeneResult("PAIR", reported=says("PAIR", "Intermediate"))

    assert estimate(dosed(*usual(PAIR=reported))).weekly == (64, 64)


@pytest.mark.parametrize(
    ("lacking", "what"),
    [
        ({"labs": Record({"weight": Missing("weight", Why.OUTDATED)})}, "weight"),
        ({"labs": Record(otherwise=Why.NOT_FETCHED)}, "weight"),
        ({"labs": Record({"weight": replace(WEIGHT, comparator=">")})}, "weight"),
        ({"labs": Record({"weight": replace(WEIGHT, value=Decimal(19))})}, "weight"),
        ({"birth_date": Missing("birth date", Why.NOT_RECORDED)}, "birth date"),
        (FAILED, "medications"),
    ],
)
def test_an_input_that_is_missing_leaves_no_number(lacking: dict[str, Any], what: str) -> None:
    finding = dosed(*USUAL, weekly="1000", **lacking)

    assert (branch(finding), finding.estimate) == ("uncalculated", None)
    assert [name for name, _ in gaps(finding)] == [what]
    assert finding.assumed == ()


def test_an_equation_without_a_dose_leaves_no_number() -> None:
    genes = usual(PAIR=result("PAIR", "*1/*2"), SCORED=result("SCORED", "*4/*4"))

    finding = dosed(*genes)

    assert (branch(finding), finding.estimate) == ("poor", None)
    assert gaps(finding) == [("dose", Why.UNREADABLE)]


def test_a_child_is_told_before_anything_is_calculated() -> None:
    finding = dosed(*USUAL, birth_date=date(2008, 11, 22), labs=Record())

    assert (branch(finding), finding.estimate) == ("child", None)


def test_a_branch_of_the_genes_alone_is_reached_without_the_other_gene() -> None:
    finding = dosed(result("SCORED", "*4/*4"), weekly="100")

    assert (branch(finding), finding.indicator) == ("poor", "warning")


def test_a_rule_with_a_hole_cannot_tell() -> None:
    holed = replace(DOSED_RULE, branches=())

    finding = judge_dose(holed, DOSING, order(), DRUG, patient(*USUAL), GENES, MODEL)

    assert finding.outcome.applies is Truth.UNKNOWN
    assert finding.outcome.gap in finding.missing


# Several readings


def test_readings_that_agree_on_the_branch_span_the_estimate() -> None:
    finding = dosed(*usual(PAIR=result("PAIR", "*1/*1", "*1/*2")), weekly="200")

    assert branch(finding) == "lower"
    assert estimate(finding).weekly == (64, 100)
    assert finding.outcome.branch is not None
    assert finding.outcome.branch.summary.startswith("64 to 100 a week, 9.1 to 14.3 a day")


def test_readings_that_differ_cannot_tell() -> None:
    finding = dosed(*usual(PAIR=result("PAIR", "*1/*1", "*1/*2")), weekly="100")

    assert finding.outcome.applies is Truth.UNKNOWN
    assert [each.id for each in finding.outcome.possible] == ["lower", "near"]
    assert gaps(finding) == [("PAIR", Why.CONFLICTING)]
    assert finding.indicator == "info"


def test_a_laboratory_that_concludes_otherwise_is_another_reading() -> None:
    said = result("SCORED", "*1/*1", reported=says("SCORED", "Poor"))

    finding = dosed(*usual(SCORED=said), weekly="100")

    assert [each.id for each in finding.outcome.possible] == ["poor", "near"]
    assert set(gaps(finding)) == {("SCORED", Why.CONFLICTING), ("SCORED", Why.UNREADABLE)}


def test_a_laboratory_that_concludes_the_same_is_none() -> None:
    said = result("SCORED", "*1/*1", reported=says("SCORED", "Normal"))

    assert branch(dosed(*usual(SCORED=said), weekly="100")) == "near"


def test_a_newer_result_that_cannot_be_read_allows_no_reassurance() -> None:
    doubted = replace(USUAL[1], doubted=True, remarks=(UNREAD,))

    silent = dosed(*usual(SCORED=doubted), weekly="100")
    advised = dosed(*usual(SCORED=doubted), weekly="200")

    assert (silent.outcome.applies, silent.indicator) == (Truth.UNKNOWN, "info")
    assert branch(advised) == "lower"
    assert UNREAD in silent.missing


# What the card shows


def test_every_input_is_shown_with_its_evidence() -> None:
    finding = dosed(*USUAL)

    assert [(shown.label, shown.value) for shown in estimate(finding).inputs] == [
        ("age", "46 years"),
        ("weight", "80 kg"),
        ("booster", "none on file"),
        ("origin", "any"),
        ("PAIR", "usual"),
        ("SCORED", "*1/*1"),
    ]
    assert MEASURED in finding.because
    assert finding.assumed == ("origin is not read",)


def test_an_allele_that_counts_as_another_is_shown_beside_it() -> None:
    shown = estimate(dosed(*usual(SCORED=result("SCORED", "*1/*10")))).inputs[-1]

    assert shown.value == "*1/*1 (for *1/*10)"


def test_a_finding_names_all_genes_that_were_read() -> None:
    calls = dosed(*USUAL).calls

    assert calls is not None
    assert {symbol: told[0].phenotype for symbol, told in calls.items()} == {
        "PAIR": "Normal",
        "SCORED": "Normal",
        "OTHER": "Normal",
    }


# Laws

PAIRS = st.sampled_from([["*1/*1"], ["*1/*2"], ["*2/*2"], ["*1/*1", "*1/*2"]])
SCORES = st.sampled_from([["*1/*1"], ["*1/*4"], ["*1/*10"], ["*10/*10"], ["*1/*41"], ["*1/*99"]])


@given(PAIRS, SCORES, st.sampled_from(["", "50", "100", "200"]))
def test_every_patient_gets_one_branch_several_or_a_gap_and_never_a_dose_to_apply(
    pairs: list[str], scores: list[str], weekly: str
) -> None:
    finding = dosed(result("PAIR", *pairs), result("SCORED", *scores), weekly=weekly)

    reached = [finding.outcome.branch, *finding.outcome.possible]
    assert any(reached) or finding.missing
    for each in filter(None, reached):
        assert each.populations <= set(SITUATIONS)
        assert (each.action.factor_min, each.action.cap) == (None, None)


@given(PAIRS, SCORES)
def test_a_booster_never_lowers_the_estimate(pairs: list[str], scores: list[str]) -> None:
    genes = (result("PAIR", *pairs), result("SCORED", *scores))
    boosted = (Order("MedicationRequest/2", ("thirdin",)),)

    without, with_it = dosed(*genes).estimate, dosed(*genes, medications=boosted).estimate

    if without is not None and with_it is not None:
        assert with_it.weekly > without.weekly


@given(PAIRS)
def test_the_order_of_readings_does_not_matter(pairs: list[str]) -> None:
    genes = (result("PAIR", *pairs), *USUAL[1:])
    turned = (result("PAIR", *reversed(pairs)), *USUAL[1:])

    assert dosed(*genes, weekly="100") == dosed(*turned, weekly="100")
