"""Faults of a guideline that doses by an equation, each told in a sentence."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from hooks.clinical.analytes import Analyte, AnalyteTables
from hooks.clinical.dosing import Dosing, GeneInput
from hooks.clinical.guidelines import Guideline
from hooks.clinical.models.model import Model
from hooks.knowledge.lint import lint
from tests.unit.hooks.dosed import DOSED_RULE, DOSING, MODEL
from tests.unit.hooks.small import knowledge

WEIGHT = AnalyteTables({"weight": Analyte("weight", "kg", 365, {})}, {})
SOUND = replace(DOSING, taking={"booster": ("secondin",)})
NAMED = replace(DOSED_RULE.branches[0], summary="{ordered}", populations=frozenset({"taken"}))


def problems(
    dosing: Dosing = SOUND, rule: Guideline = DOSED_RULE, model: Model = MODEL
) -> list[str]:
    known = knowledge(replace(rule, dosing=dosing))
    return lint(replace(known, models={model.name: model}, analytes=WEIGHT))


def without_branch(name: str) -> Guideline:
    kept = tuple(branch for branch in DOSED_RULE.branches if branch.id != name)
    return replace(DOSED_RULE, branches=kept)


def test_the_small_dosing_is_sound() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: replace(d, model="unheard"), "unknown model unheard"),
        (lambda d: replace(d, fixed={}), "iwpc takes age, booster, origin"),
        (lambda d: replace(d, fixed={"origin": "here"}), "origin has no choice 'here'"),
        (lambda d: replace(d, measures={"age": "age", "size": "girth"}), "measure 'girth'"),
        (lambda d: replace(d, taking={"booster": ("unheard",)}), "drug 'unheard'"),
        (lambda d: replace(d, result="monthly"), "iwpc has no result 'monthly'"),
        (
            lambda d: replace(d, genes={**d.genes, "PAIR": GeneInput("pair", {"Poor": "low"})}),
            "pair has no choice 'low'",
        ),
        (
            lambda d: replace(
                d, genes={**d.genes, "SCORED": GeneInput("scored", alleles={"*99": "*1"})}
            ),
            "SCORED has no allele *99",
        ),
        (
            lambda d: replace(d, genes={"TYPED": d.genes["PAIR"], "SCORED": d.genes["SCORED"]}),
            "TYPED is no gene of this rule",
        ),
    ],
)
def test_a_fault_of_the_dosing_is_told(change: Callable[[Dosing], Dosing], told: str) -> None:
    [problem] = problems(change(SOUND))

    assert problem.startswith(f"dosed-firstin: {told}")


def test_a_situation_without_a_branch_is_told() -> None:
    found = problems(rule=without_branch("near"))

    assert "dosed-firstin: 0 branches for SCORED Normal, near; want 1" in found
    assert not any("Poor" in problem for problem in found)


def test_a_branch_that_names_no_situation_is_told() -> None:
    vague = replace(DOSED_RULE.branches[0], id="vague", populations=frozenset())

    found = problems(rule=replace(DOSED_RULE, branches=(*DOSED_RULE.branches, vague)))

    assert any(problem.startswith("dosed-firstin/vague: has to name sit") for problem in found)


def test_a_place_for_a_number_that_may_not_be_there_is_told() -> None:
    rule = replace(without_branch("taken"), branches=(*without_branch("taken").branches, NAMED))

    assert problems(rule=rule) == [
        "dosed-firstin/taken: there is not always a number for {ordered}"
    ]


def test_a_model_without_a_source_or_an_intercept_is_told() -> None:
    bare = replace(MODEL, source="unheard", coefficients={"clinical": {"age": Decimal(1)}})

    found = problems(model=bare)

    assert "iwpc: source 'unheard' is not in sources.toml" in found
    assert "iwpc: clinical has no intercept" in found
