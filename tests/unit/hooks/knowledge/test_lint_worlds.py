"""Lint of what conditions can say: never, always, at once, or nothing between two that speak."""

from dataclasses import replace

import pytest

from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.logic import Truth
from hooks.knowledge.lint_worlds import can_do_without, lint_condition, lint_family
from tests.unit.hooks.bedside import rule

BELOW = rule("egfr < 30", id="below", family="kidney")
BETWEEN = rule("30 <= egfr < 45", id="between", family="kidney")
NEXT = rule("45 <= egfr < 60", id="next", family="kidney")
ABOVE = rule("egfr >= 60", id="above", family="kidney")
MANY = " or ".join(f"{name} > {n}" for n in range(40) for name in ("egfr", "age", "dose_day"))


def problems(*rules: BiomarkerRule) -> list[str]:
    return list(lint_family(list(rules)))


def of(when: str, **more: object) -> BiomarkerRule:
    return rule(when, family="kidney", **more)


@pytest.mark.parametrize(
    "rule",
    [
        rule("45 <= egfr < 30"),
        rule("egfr < 30 and egfr > 45"),
        rule("egfr < 30", gate="egfr > 45"),
        rule('egfr < 30 and not known("egfr")'),
        rule("pregnant and not pregnant"),
    ],
)
def test_a_rule_that_can_never_hold_is_told(rule: BiomarkerRule) -> None:
    assert list(lint_condition(rule)) == ["firstin-kidney: gate and when can never hold"]


@pytest.mark.parametrize("when", ["egfr < 30 or egfr >= 30", "pregnant or not pregnant"])
def test_a_condition_that_always_holds_is_told(when: str) -> None:
    assert list(lint_condition(rule(when))) == ["firstin-kidney: when always holds"]


@pytest.mark.parametrize(
    "when", ['known("egfr")', 'not known("egfr")', "egfr < 30 or egfr > 30", "pregnant", MANY]
)
def test_a_condition_that_may_hold_or_not_has_no_problem(when: str) -> None:
    assert list(lint_condition(rule(when))) == []


def test_where_there_are_too_many_combinations_nothing_is_said_of_a_number() -> None:
    crowded = rule(f"egfr < 30 or pregnant or {MANY}")

    assert not can_do_without(crowded, "pregnant", Truth.YES)


def test_a_family_that_meets_has_no_problem() -> None:
    assert problems(BELOW, BETWEEN, NEXT, ABOVE) == []


def test_a_gap_in_a_family_is_told() -> None:
    assert problems(BELOW, BETWEEN, ABOVE) == [
        "kidney: no rule for egfr 45; say why in beside",
        "kidney: no rule for egfr 52.5; say why in beside",
    ]


def test_rules_of_a_family_that_hold_at_once_are_told() -> None:
    wide = replace(BELOW, id="wide", when=rule("egfr < 40").when)

    assert problems(wide, BETWEEN) == ["wide and between may hold at once; say why in beside"]


def test_what_is_explained_is_not_told() -> None:
    wide = replace(BELOW, id="wide", when=rule("egfr < 40").when, beside="the stricter one leads")

    assert problems(wide, BETWEEN) == []


def test_rules_that_other_data_keep_apart_do_not_overlap() -> None:
    young = replace(BELOW, id="young", when=rule("egfr < 40 and pregnant").when)
    old = replace(BETWEEN, id="old", gate=rule(gate="not pregnant").gate)

    assert problems(young, old) == []


def test_a_family_with_too_many_combinations_says_so() -> None:
    first, second = of(MANY, id="first"), of(MANY, id="second")

    assert problems(first, second) == [
        "first and second: too many combinations to try; say in beside why they stay apart",
        "kidney: too many combinations to look for gaps; say in beside of each",
    ]
    assert problems(replace(first, beside="so"), replace(second, beside="so")) == []


@pytest.mark.parametrize("other", ["egfr > 30", "30 < egfr < 45"])
def test_a_limit_that_belongs_to_neither_rule_is_a_gap(other: str) -> None:
    assert problems(BELOW, of(other, id="other")) == [
        "kidney: no rule for egfr 30; say why in beside"
    ]


@pytest.mark.parametrize("gate", ["age >= 18", "pregnant", 'not cond("stroke")'])
def test_a_gap_is_seen_whatever_else_is_asked(gate: str) -> None:
    first, second = of("egfr < 30", gate=gate, id="a"), of("40 <= egfr < 45", gate=gate, id="b")

    assert problems(first, second) == [
        "kidney: no rule for egfr 30; say why in beside",
        "kidney: no rule for egfr 35; say why in beside",
    ]


def test_what_a_rule_leaves_out_itself_is_no_gap_of_the_family() -> None:
    ends = of("egfr < 30 or egfr > 90", gate="age >= 18", id="ends")

    assert problems(ends, of("egfr < 50", gate="age < 18", id="young")) == []


def test_where_a_rule_cannot_be_told_there_is_no_gap() -> None:
    either = of("30 <= egfr < 45 and (pregnant or not pregnant)", id="either")

    assert problems(BELOW, either, NEXT) == []


def test_a_note_excuses_its_own_rule_and_not_the_family() -> None:
    noted = replace(BELOW, beside="nothing is known between them")

    assert problems(noted, of("40 <= egfr < 45", id="b"), ABOVE) == [
        "kidney: no rule for egfr 45; say why in beside",
        "kidney: no rule for egfr 52.5; say why in beside",
    ]
