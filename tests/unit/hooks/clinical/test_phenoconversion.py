"""An inhibitor beside the order: what it makes of the genotype, and where that counts."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import GeneResult, Missing, Order, PatientFacts, Why
from hooks.clinical.findings import Finding, judge
from hooks.clinical.genes import GeneCall, scored
from hooks.clinical.guidelines import Guideline, Inhibited
from hooks.clinical.logic import Truth
from hooks.clinical.phenoconversion import Modifier, converted, factor_on, with_order, without_order
from hooks.clinical.scores import Score
from tests.unit.hooks.small import (
    AVOID,
    DRUG,
    GENES,
    REDUCE,
    SCORED,
    SCORED_RULE,
    TODAY,
    gaps,
    order,
    patient,
    result,
    says,
)

STRONG = Modifier("blocker", "SCORED", "inhibitor", "strong", Decimal(0))
MODERATE = Modifier("damper", "SCORED", "inhibitor", "moderate", Decimal("0.5"))
INDUCER = Modifier("booster", "SCORED", "inducer", "strong")
ELSEWHERE = Modifier("other", "PAIR", "inhibitor", "strong")
MODIFIERS = {m.drug: (m,) for m in (STRONG, MODERATE, INDUCER, ELSEWHERE)}
ADJUSTING = replace(SCORED_RULE, adjusts=("SCORED",))
WARNING = Inhibited(
    frozenset({("SCORED", "strong"), ("SCORED", "moderate")}),
    replace(REDUCE, id="beside-inhibitor", when={}),
)
WARNED = replace(SCORED_RULE, inhibited=(WARNING,))
NORMAL = result("SCORED", "*1/*1")


def taking(*drugs: str) -> tuple[Order, ...]:
    return tuple(Order(f"MedicationRequest/{drug}", (drug,)) for drug in drugs)


def found(rule: Guideline, facts: PatientFacts) -> Finding:
    return judge(rule, order(), DRUG, facts, GENES, MODIFIERS)


def beside(rule: Guideline, gene: GeneResult, *drugs: str) -> Finding:
    return found(rule, patient(gene, medications=taking(*drugs)))


def branch(finding: Finding) -> str:
    return finding.outcome.branch.id if finding.outcome.branch else ""


@pytest.mark.parametrize(
    ("drugs", "score", "told"),
    [
        ((), "2.0", "normal"),
        (("damper",), "1.0", "intermediate"),
        (("blocker",), "0.0", "poor"),
        (("damper", "blocker"), "0.0", "poor"),
        (("booster",), "2.0", "normal"),
        (("other",), "2.0", "normal"),
        (("unheard",), "2.0", "normal"),
    ],
)
def test_the_strongest_inhibitor_decides_and_an_inducer_changes_nothing(
    drugs: tuple[str, ...], score: str, told: str
) -> None:
    finding = beside(ADJUSTING, NORMAL, *drugs)

    assert branch(finding) == told
    assert finding.calls is not None
    assert {str(call.score) for call in finding.calls["SCORED"]} == {score}


def test_what_the_genotype_was_before_is_kept() -> None:
    finding = beside(ADJUSTING, NORMAL, "damper")

    assert finding.calls is not None
    [call] = finding.calls["SCORED"]
    assert (call.phenotype, call.diplotype) == ("Intermediate", "*1/*1")
    assert call.before == GeneCall("SCORED", "Normal", "*1/*1", Score(Decimal(2)))


def test_a_reported_phenotype_is_adjusted_as_well() -> None:
    told = GeneResult("SCORED", reported=says("SCORED", "Normal", "2.0"))

    assert branch(beside(ADJUSTING, told, "blocker")) == "poor"


def test_an_open_score_stays_open_at_half() -> None:
    finding = beside(ADJUSTING, result("SCORED", "*1/*1x≥3"), "damper")

    assert finding.calls is not None
    assert {str(call.score) for call in finding.calls["SCORED"]} == {"≥2.0"}
    assert finding.outcome.applies is Truth.UNKNOWN


def test_an_unknown_function_stays_unknown_at_half_and_is_nothing_at_zero() -> None:
    unknown = result("SCORED", "*1/*22")

    assert branch(beside(ADJUSTING, unknown, "damper")) == "indeterminate"
    assert branch(beside(ADJUSTING, unknown, "blocker")) == "poor"


@pytest.mark.parametrize("why", [Why.NOT_RECORDED, Why.UNREADABLE])
def test_beside_a_strong_inhibitor_the_genotype_need_not_be_known(why: Why) -> None:
    finding = found(ADJUSTING, patient(Missing("SCORED", why), medications=taking("blocker")))

    assert branch(finding) == "poor"
    assert gaps(finding) == [("SCORED", why)]


def test_beside_a_moderate_inhibitor_it_must_be() -> None:
    gap = Missing("SCORED", Why.NOT_RECORDED)
    finding = found(ADJUSTING, patient(gap, medications=taking("damper")))

    assert finding.outcome.applies is Truth.UNKNOWN


def test_a_rule_that_does_not_adjust_names_the_inhibitor_and_changes_nothing() -> None:
    finding = beside(SCORED_RULE, NORMAL, "blocker", "booster")

    assert branch(finding) == "normal"
    assert finding.modifiers == (STRONG, INDUCER)


def test_another_draft_inhibits_as_an_active_order_does() -> None:
    facts = patient(NORMAL, drafts=taking("blocker"))

    assert branch(found(ADJUSTING, facts)) == "poor"


def test_a_drug_does_not_inhibit_itself() -> None:
    rule = replace(ADJUSTING, drugs=("blocker",))
    facts = patient(NORMAL, medications=taking("blocker"))
    finding = judge(rule, order("blocker"), "blocker", facts, GENES, MODIFIERS)

    assert finding.modifiers == ()


def test_medications_that_could_not_be_had_do_not_reassure() -> None:
    gap = Missing("medications", Why.NOT_FETCHED)

    for rule in (ADJUSTING, WARNED):
        finding = found(rule, patient(NORMAL, medications=gap))
        assert finding.outcome.applies is Truth.UNKNOWN
        assert gap in finding.missing
    assert branch(found(SCORED_RULE, patient(NORMAL, medications=gap))) == "normal"
    assert branch(found(ADJUSTING, patient(result("SCORED", "*4/*4"), medications=gap))) == "poor"


# A guideline's own word on inhibitors


def test_the_guideline_warns_of_an_inhibitor_whatever_the_genotype() -> None:
    gap = Missing("SCORED", Why.NOT_RECORDED)

    for gene in (NORMAL, gap):
        finding = found(WARNED, patient(gene, medications=taking("damper")))
        assert branch(finding) == "beside-inhibitor"
        assert finding.outcome.applies is Truth.YES


def test_graver_advice_on_the_genotype_stays() -> None:
    assert branch(beside(WARNED, result("SCORED", "*4/*4"), "damper")) == AVOID.id


@pytest.mark.parametrize("drug", ["booster", "other", "unheard"])
def test_only_inhibitors_of_that_gene_are_warned_of(drug: str) -> None:
    assert branch(beside(WARNED, NORMAL, drug)) == "normal"


# The parts


def test_an_order_is_beside_others_once() -> None:
    draft = order("blocker")
    facts = PatientFacts(TODAY, drafts=(draft,))

    assert with_order(facts, draft) is facts
    assert with_order(PatientFacts(TODAY), draft) == facts
    assert without_order(facts, draft) == PatientFacts(TODAY)


def test_no_factor_where_nothing_acts_by_one() -> None:
    assert factor_on("SCORED", (INDUCER,)) is None
    assert factor_on("PAIR", (STRONG,)) is None


def test_a_modifier_says_what_it_is() -> None:
    assert str(STRONG) == "blocker (strong SCORED inhibitor)"


@given(st.sampled_from([Decimal(n) / 4 for n in range(17)]), st.sampled_from(["0", "0.5", "0.25"]))
def test_an_inhibitor_never_raises_a_score(value: Decimal, factor: str) -> None:
    calls = scored(SCORED, "", {Score(value)})

    for call in converted(SCORED, calls, Decimal(factor)):
        assert call.score is not None
        assert call.score.value is not None
        assert call.score.value <= value
