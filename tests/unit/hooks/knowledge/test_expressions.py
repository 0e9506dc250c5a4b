"""The rule language: what it says, and how it tells what is wrong."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.knowledge.expressions import LONGEST, ExpressionError, parse
from tests.unit.hooks.bedside import WORDS, Told, chart

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
ANTIBODY = 'pos("antibody")'


def holds(text: str, told: Told) -> Truth:
    return parse(text, WORDS).holds(told)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("egfr < 30", {29: YES, 30: NO, 31: NO}),
        ("egfr <= 30", {29: YES, 30: YES, 31: NO}),
        ("egfr > 30", {29: NO, 30: NO, 31: YES}),
        ("egfr >= 30", {29: NO, 30: YES, 31: YES}),
        ("30 > egfr", {29: YES, 30: NO}),
        ("30 <= egfr < 45", {29: NO, 30: YES, 44: YES, 45: NO}),
        ("30.5 <= egfr", {30: NO, 31: YES}),
    ],
)
def test_a_number_is_compared_with_its_limits(text: str, at: dict[int, Truth]) -> None:
    assert {value: holds(text, chart(egfr=value)) for value in at} == at


@pytest.mark.parametrize(
    ("sign", "text", "expected"),
    [
        ("<", "egfr < 30", YES),
        ("<", "egfr < 29", UNKNOWN),
        ("<", "egfr >= 30", NO),
        ("<=", "egfr < 30", UNKNOWN),
        ("<=", "egfr <= 30", YES),
        (">", "egfr > 30", YES),
        (">", "egfr <= 30", NO),
        (">", "egfr > 31", UNKNOWN),
        (">=", "egfr > 30", UNKNOWN),
        (">=", "egfr >= 30", YES),
        (">=", "egfr < 30", NO),
    ],
)
def test_a_result_beyond_a_limit_tells_what_it_can(sign: str, text: str, expected: Truth) -> None:
    beyond = Known(Interval.reported(Decimal(30), sign))

    assert holds(text, chart(egfr=beyond)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pregnant or egfr < 30", YES),
        ("pregnant and egfr < 30", UNKNOWN),
        ("not pregnant and egfr < 30", NO),
        ("not (egfr < 30)", UNKNOWN),
        ("not pregnant", NO),
    ],
)
def test_logic_has_three_values(text: str, expected: Truth) -> None:
    assert holds(text, chart(pregnant=YES)) is expected


def test_what_a_predicate_asks_is_named_in_quotes() -> None:
    condition = parse('cond("stroke") and pos("antibody")', WORDS)

    assert condition.terms == (Term("cond", ("stroke",)), Term("pos", ("antibody",)))
    assert [str(term) for term in condition.terms] == ['cond("stroke")', 'pos("antibody")']
    assert condition.holds(Told({'cond("stroke")': Known(YES), ANTIBODY: Known(YES)})) is YES


def test_a_truth_where_a_number_is_wanted_tells_nothing() -> None:
    assert holds("egfr < 30", chart(egfr=YES)) is UNKNOWN
    assert holds("pregnant", chart(pregnant=1)) is UNKNOWN


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (chart(egfr=50), YES),
        (chart(), NO),
        (chart(egfr=Missing("egfr", Why.OUTDATED)), NO),
        (chart(egfr=Missing("egfr", Why.NOT_FETCHED)), UNKNOWN),
    ],
    ids=["usable", "not recorded", "too old", "not fetched"],
)
def test_known_asks_for_a_usable_result_and_what_failed_is_not_absent(
    told: Told, expected: Truth
) -> None:
    assert holds('known("egfr")', told) is expected


def test_limits_and_terms_are_noted_each_once() -> None:
    condition = parse("egfr < 30 or (egfr < 30 and age >= 65)", WORDS)

    assert [str(term) for term in condition.terms] == ["egfr", "age"]
    assert [(str(term), str(limit)) for term, limit in condition.limits] == [
        ("egfr", "30"),
        ("age", "65"),
    ]


def test_a_condition_may_be_written_on_several_lines() -> None:
    assert parse("egfr < 30\n  and age >= 65", WORDS).text == "egfr < 30 and age >= 65"


def test_days_stand_beside_the_name_of_a_drug_that_was_stopped() -> None:
    assert parse('stopped("firstin", 14)', WORDS).terms == (Term("stopped", ("firstin", 14)),)


def test_columns_count_characters_not_bytes() -> None:
    words = replace(WORDS, names={**WORDS.names, "condition": {"é": "a rare one"}})

    with pytest.raises(ExpressionError, match="column 15: unknown element egrf"):
        parse('cond("é") and egrf < 30', words)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("egrf < 30", "column 1: unknown element egrf; is egfr meant?"),
        ("egfr < 30 and xyzzy", "column 15: unknown element xyzzy"),
        ('cond("stroek")', "column 1: unknown condition stroek; is stroke meant?"),
        ('known("egrf")', "column 7: unknown element egrf; is egfr meant?"),
        ("known(egfr)", 'column 1: known takes the name of an element in quotes, as known("tsh")'),
        ("known(1)", 'column 1: known takes the name of an element in quotes, as known("tsh")'),
        ("egfr", "column 1: egfr is a number"),
        ("pregnant < 3", "column 1: pregnant is true or not"),
        ("cond", "column 1: cond takes the name of a condition"),
        ("egfr(1) < 3", "column 1: egfr stands alone"),
        ("cond(egfr)", "column 6: a name in quotes or a whole number is wanted here"),
        ('cond(name="stroke")', "column 1: the name of an element is wanted here"),
        ("(1).real", "column 1: only names, comparisons, and, or, not and predicates may stand"),
        ("egfr == 30", "column 1: numbers are compared by <, <=, > or >="),
        ("egfr < 1e999", "column 8: a name is compared with a number"),
        ('cond("stroke", "x")', "column 1: cond takes the name of a condition, and nothing else"),
        ('on("firstin", 14)', "column 1: on takes the name of a drug, and nothing else"),
        ('on_class("FIRST")', "unknown element on_class; on takes classes as well as drugs"),
        ('stopped("firstin")', "stopped takes the name of a drug, and days, from 1 to 36500"),
        ('stopped("firstin", "14")', "stopped takes the name of a drug, and days, from 1 to 36500"),
        ('stopped("firstin", 0)', "stopped takes the name of a drug, and days, from 1 to 36500"),
        ('stopped("firstin", 36501)', "stopped takes the name of a drug, and days, from 1 to"),
        ('stopped("firstin", True)', "column 20: a name in quotes or a whole number is wanted"),
        ("cond(1)", "column 1: cond takes the name of a condition, and nothing else"),
        ('known("egfr", x=1)', "column 1: known takes the name of an element in quotes"),
        ('known("egfr", "age")', "column 1: known takes the name of an element in quotes"),
        ('known("cond")', "known takes an element that stands alone, which cond does not"),
        ("egfr < 30 # only then\n and pregnant", "line 1, column 11: a comment cannot stand here"),
        ("egfr < 30\n\n  and egrf < 45", "line 3, column 7: unknown element egrf"),
        ("\n  egfr < 30 and egrf < 45\n", "column 17: unknown element egrf"),
        ("egfr < 30 and\n  egfr <\n", "line 2, column 9: cannot be read as a condition"),
        ('cond("é") or egfr < 30', "column 1: unknown condition é"),
        ('pos("antibody") or "é" or egrf', "column 20: only names"),
        ("egfr < age", "column 8: a name is compared with a number"),
        ("egfr < True", "column 8: a name is compared with a number"),
        ("1 < 2", "column 5: the name of an element is wanted here"),
        ("egfr < 30 and", "cannot be read as a condition"),
        ("egfr <", "cannot be read as a condition"),
        ("[x for x in y]", "column 1: only names, comparisons"),
        ("__import__('os')", "column 1: unknown element __import__"),
        ("pregnant if pregnant else pregnant", "column 1: only names, comparisons"),
        ("-pregnant", "column 1: only names, comparisons"),
        ("\0", "cannot be read as a condition"),
        ("(" * 500 + "pregnant" + ")" * 500, "cannot be read as a condition"),
        ("pregnant or " * LONGEST, f"the condition has more than {LONGEST} characters"),
    ],
)
def test_what_is_wrong_is_told_with_its_column(text: str, told: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, WORDS)

    assert told in str(caught.value)
