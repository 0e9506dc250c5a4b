"""Judging a rule on data elements: gate, condition and what is missing."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hooks.clinical.biomarkers import (
    MISSING,
    PLACES,
    BiomarkerRule,
    is_failed,
    judge_biomarker,
    speaks_against,
)
from hooks.clinical.elements import Interval, Known, Term, Vocabulary
from hooks.clinical.facts import Evidence, Missing, Order, Why
from hooks.clinical.findings import Finding, Outcome
from hooks.clinical.guidelines import Action, Branch
from hooks.clinical.logic import Truth
from tests.unit.hooks.bedside import (
    ADVISE,
    KIDNEY,
    NUMBER,
    UNKNOWN,
    USUAL,
    WORDS,
    Told,
    chart,
    rule,
)

ORDER = Order("MedicationRequest/1", ("firstin",))
GATED = "age >= 18"
ANTIBODY = Term("pos", ("antibody",))


def judged(asked: BiomarkerRule, told: Told) -> Finding:
    return judge_biomarker(asked, ORDER, "firstin", told)


def test_a_rule_advises_where_its_condition_holds() -> None:
    found = judged(KIDNEY, chart(egfr=NUMBER))

    assert found.outcome.applies is Truth.YES
    assert found.indicator == "warning"
    assert found.because == (Evidence("Observation/1"),)
    assert found.told == ((Term("egfr"), NUMBER),)


def test_it_needs_no_action_where_the_condition_does_not_hold() -> None:
    found = judged(KIDNEY, chart(egfr=30))

    assert found.outcome.applies is Truth.NO
    assert found.indicator == ""


HALF = replace(
    ADVISE, action=Action("reduce-dose", factor_min=Decimal("0.5"), factor_max=Decimal("0.5"))
)


@pytest.mark.parametrize(
    ("advise", "mark", "followed"),
    [
        (HALF, "firstin-kidney/advise", True),
        (HALF, "firstin-kidney/older", False),
        (HALF, "firstin-liver/advise", False),
        (ADVISE, "firstin-kidney/advise", False),
    ],
)
def test_an_order_whose_dose_was_changed_by_this_advice_is_silent(
    advise: Branch, mark: str, followed: bool
) -> None:
    marked = replace(ORDER, applied=frozenset({mark}))

    found = judge_biomarker(
        rule(branches=(advise, USUAL, UNKNOWN)), marked, "firstin", chart(egfr=20)
    )

    assert found.followed is followed
    assert found.outcome == Outcome(Truth.NO if followed else Truth.YES, advise)
    assert found.indicator == ("" if followed else "warning")


def test_a_patient_outside_of_the_gate_is_nothing_to_it() -> None:
    found = judged(rule(gate=GATED), chart(age=12, egfr=20))

    assert found.outcome.applies is Truth.NO
    assert found.told == ()


def test_what_is_missing_is_told_by_what_was_asked_after() -> None:
    found = judged(rule('pos("antibody") or egfr < 30'), chart())

    assert found.outcome.applies is Truth.UNKNOWN
    assert [gap.what for gap in found.missing] == ["antibody", "egfr"]


@pytest.mark.parametrize(
    ("missing", "told", "shown"),
    [
        ("silent", chart(age=40), ""),
        ("info", chart(age=40), "info"),
        ("order", chart(age=40), "info"),
        ("block", chart(age=40), "info"),
        ("silent", chart(egfr=20), ""),
        ("order", chart(egfr=20), ""),
        ("block", chart(egfr=20), "info"),
        ("block", chart(egfr=40), ""),
        ("block", chart(), "info"),
    ],
)
def test_where_it_cannot_tell_it_says_so_as_the_rule_wishes(
    missing: str, told: Told, shown: str
) -> None:
    found = judged(rule(gate=GATED, missing=missing), told)

    assert found.indicator == shown


def test_what_one_resource_told_twice_is_evidence_once() -> None:
    found = judged(
        rule('egfr < 30 and pos("antibody")'),
        Told({"egfr": NUMBER, 'pos("antibody")': Known(Truth.YES, "positive", NUMBER.evidence)}),
    )

    assert found.because == NUMBER.evidence


def test_a_rule_tells_its_group_its_terms_and_whether_doses_matter() -> None:
    asked = rule("egfr < 30 and dose_day > 5", gate=GATED)

    assert [str(term) for term in asked.terms] == ["age", "egfr", "dose_day"]
    assert asked.group == "LAB"
    assert asked.measures == {"dose"}
    assert KIDNEY.measures == frozenset()


def test_an_interval_that_is_one_number_has_a_value() -> None:
    assert Interval.exactly(Decimal(3)).value == 3
    assert Interval.reported(Decimal(3), "<").value is None


def test_a_term_is_called_by_its_element_or_by_what_it_asks_after() -> None:
    assert WORDS.label(Term("egfr")) == "eGFR"
    assert WORDS.label(Term("pos", ("antibody",))) == "an antibody"
    assert Vocabulary(WORDS.elements).label(Term("cond", ("stroke",))) == "stroke"


LATE = Missing("egfr", Why.NOT_FETCHED, "late")


@pytest.mark.parametrize("missing", MISSING)
@pytest.mark.parametrize("gate", ["", GATED])
@pytest.mark.parametrize("at", PLACES)
def test_what_could_not_be_fetched_is_said_by_every_rule(missing: str, gate: str, at: str) -> None:
    found = judged(rule(missing=missing, gate=gate, at=at), chart(egfr=LATE))

    assert found.missing[-1] == LATE
    assert is_failed(found)
    assert (found.indicator, found.action) == ("info", Action("no-recommendation"))


def test_it_is_as_urgent_as_what_is_missing() -> None:
    urgent = replace(UNKNOWN, indicator="critical")

    found = judged(rule(branches=(ADVISE, USUAL, urgent)), chart(egfr=LATE))

    assert (is_failed(found), found.indicator) == (True, "critical")


def test_a_failure_that_changes_nothing_is_not_said() -> None:
    found = judged(rule("egfr < 30 and age > 64"), chart(egfr=LATE, age=40))

    assert found.outcome.applies is Truth.NO
    assert not is_failed(found)


@pytest.mark.parametrize(
    ("missing", "why", "shown"),
    [
        ("order", Why.NOT_RECORDED, ""),
        ("info", Why.NOT_RECORDED, ""),
        ("block", Why.NOT_RECORDED, "info"),
        ("order", Why.UNREADABLE, "info"),
        ("order", Why.NOT_FETCHED, "info"),
    ],
)
def test_what_is_hushed_is_told_unless_it_was_merely_never_recorded(
    missing: str, why: Why, shown: str
) -> None:
    asked = rule('pos("antibody")', missing=missing, hushed=frozenset({ANTIBODY}))

    found = judged(asked, Told({str(ANTIBODY): Missing("antibody", why)}))

    assert found.outcome.applies is Truth.UNKNOWN
    assert found.indicator == shown


def test_a_result_that_does_not_settle_it_is_told_though_nothing_is_missing() -> None:
    limit = Known(Interval(Decimal(20), None), ">20 mL/min")

    found = judged(rule("20 < egfr < 30", missing="order"), chart(egfr=limit))

    assert found.missing == ()
    assert (found.outcome.applies, found.indicator) == (Truth.UNKNOWN, "info")


def test_another_gap_beside_a_hushed_one_is_told() -> None:
    asked = rule('pos("antibody") or egfr < 30', hushed=frozenset({ANTIBODY}))

    assert judged(asked, chart()).indicator == "info"
    assert judged(asked, chart(egfr=40)).indicator == ""


@pytest.mark.parametrize(
    ("do", "indicator", "against"),
    [
        ("contraindicated", "critical", True),
        ("avoid", "info", True),
        ("alternative", "warning", True),
        ("alternative", "info", False),
        ("reduce-dose", "critical", False),
        ("monitor", "warning", False),
    ],
)
def test_a_rule_speaks_against_its_drug(do: str, indicator: str, against: bool) -> None:
    advise = replace(ADVISE, action=Action(do), indicator=indicator)

    assert speaks_against(rule(branches=(advise, USUAL, UNKNOWN))) == against
