"""Pregnancy: which source says yes, which says no, and when nobody can tell."""

from datetime import date
from typing import Any

import pytest

from hooks.clinical.elements import Known
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import PatientChart
from hooks.reading.elements.pregnancy import UNSEEN
from hooks.reading.resources import Answer
from tests.unit.hooks.reading import Json, coded, fetched
from tests.unit.hooks.reading.elements import ago, chart, gap, known, observed, truth, why

BORN_30 = date(1996, 1, 1)
NO_ANSWER = Missing("x", Why.NOT_FETCHED, "the server did not answer")
PREGNANT, NOT_PREGNANT = "LA15173-0", "LA26683-5"


def problem(code: str, **elements: Any) -> Json:
    subject = {"reference": "Patient/p1"}
    return {
        "resourceType": "Condition",
        "id": "c1",
        "subject": subject,
        "code": coded("snomed", code),
        **elements,
    }


PREGNANCY, HYSTERECTOMY = problem("77386006"), problem("161800001")
PROVISIONAL = problem("77386006", verificationStatus=coded("x", "provisional"))


def hcg(text: str, days: float = 1) -> Json:
    return observed("hcg", text, effectiveDateTime=ago(days=days))


def status(code: str, days: float = 1) -> Json:
    told = coded("loinc", code)
    return observed("pregnancy_status", valueCodeableConcept=told, effectiveDateTime=ago(days=days))


def woman(
    *found: Json,
    conditions: Answer | None = None,
    born: date | Missing = BORN_30,
    sex: str | Missing = "female",
) -> PatientChart:
    results = [each for each in found if each["resourceType"] == "Observation"]
    problems = [each for each in found if each["resourceType"] == "Condition"]
    answer = fetched(*problems) if conditions is None else conditions
    return chart(*results, conditions=answer, born=born, sex=sex)


@pytest.mark.parametrize(
    "source",
    [
        PREGNANCY,
        hcg("Positive"),
        hcg("Positive", days=7),
        status(PREGNANT),
        status(PREGNANT, days=280),
        observed("pregnancy_status", "Currently pregnant"),
    ],
)
def test_a_condition_a_positive_test_or_the_status_says_yes(source: Json) -> None:
    assert truth(woman(source), "pregnant") is Truth.YES
    assert len(known(woman(source), "pregnant").evidence) == 1
    assert truth(woman(source, hcg("Positive"), status(NOT_PREGNANT)), "pregnant") is Truth.YES


@pytest.mark.parametrize(
    "source",
    [hcg("Negative"), hcg("Negative", 7), status(NOT_PREGNANT), status(NOT_PREGNANT, 30)],
)
def test_a_negative_test_or_the_status_says_no(source: Json) -> None:
    found = known(woman(source), "pregnant")

    assert found.value is Truth.NO
    assert len(found.evidence) == 1
    assert truth(woman(source, PREGNANCY), "pregnant") is Truth.YES


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (hcg("Positive", 7.1), Why.OUTDATED),
        (hcg("Negative", 7.1), Why.OUTDATED),
        (status(PREGNANT, 280.1), Why.OUTDATED),
        (status(NOT_PREGNANT, 30.1), Why.NOT_RECORDED),
        (hcg("Equivocal"), Why.UNREADABLE),
        (status("LA4489-6"), Why.UNREADABLE),
        (PROVISIONAL, Why.UNREADABLE),
    ],
)
def test_what_is_too_old_or_in_doubt_leaves_it_unknown(source: Json, reason: Why) -> None:
    assert why(woman(source), "pregnant") is reason


def test_without_any_source_nobody_knows() -> None:
    found = gap(woman(), "pregnant")

    assert found.what == "pregnant"
    assert found.why is Why.NOT_RECORDED
    assert found.detail == "no test of the last 7 days and no status that still counts"


def test_a_recent_test_in_doubt_outweighs_a_status_and_an_old_one_does_not() -> None:
    assert why(woman(hcg("Equivocal"), status(NOT_PREGNANT)), "pregnant") is Why.UNREADABLE
    assert truth(woman(hcg("Equivocal", 9), status(NOT_PREGNANT)), "pregnant") is Truth.NO


def test_a_newer_status_replaces_an_older_one() -> None:
    assert truth(woman(status(PREGNANT, 100), status(NOT_PREGNANT, 20)), "pregnant") is Truth.NO
    older = woman(status(PREGNANT, 100), status(NOT_PREGNANT, 60))
    assert why(older, "pregnant") is Why.NOT_RECORDED


def test_a_negative_test_says_no_beside_a_provisional_diagnosis() -> None:
    assert truth(woman(PROVISIONAL, hcg("Negative")), "pregnant") is Truth.NO


@pytest.mark.parametrize(
    ("person", "shown"),
    [
        (woman(sex="male"), "excluded by male sex"),
        (woman(born=date(2014, 11, 23)), "excluded at 11 years"),
        (woman(born=date(1971, 11, 22)), "excluded at 55 years"),
        (woman(HYSTERECTOMY), "excluded by hysterectomy"),
        (woman(sex="male", conditions=NO_ANSWER), "excluded by male sex"),
    ],
)
def test_sex_age_and_hysterectomy_exclude_it(person: PatientChart, shown: str) -> None:
    for name in ("pregnant", "childbearing"):
        found = known(person, name)
        assert (found.value, found.shown) == (Truth.NO, shown)


def test_a_positive_test_outweighs_what_excludes_it() -> None:
    assert truth(woman(hcg("Positive"), HYSTERECTOMY), "pregnant") is Truth.YES


def test_a_test_alone_does_not_exclude_it_where_conditions_were_not_seen() -> None:
    blind = woman(hcg("Negative"), conditions=NO_ANSWER)

    assert gap(blind, "pregnant") == Missing(
        "pregnant", Why.NOT_FETCHED, "the server did not answer"
    )
    assert truth(woman(hcg("Positive"), conditions=NO_ANSWER), "pregnant") is Truth.YES


def test_results_that_were_not_fetched_leave_it_unknown() -> None:
    blind = chart(results=NO_ANSWER, conditions=fetched(), born=BORN_30)

    assert why(blind, "pregnant") is Why.NOT_FETCHED


@pytest.mark.parametrize("born", [date(2014, 11, 22), date(1971, 11, 23)])
def test_a_woman_of_12_to_54_with_a_womb_may_be_pregnant(born: date) -> None:
    assert known(woman(born=born), "childbearing") == Known(Truth.YES, "not excluded")


@pytest.mark.parametrize("found", [PREGNANCY, HYSTERECTOMY | {"verificationStatus": "provisional"}])
def test_it_is_possible_unless_it_is_plainly_excluded(found: Json) -> None:
    assert truth(woman(found), "childbearing") is Truth.YES


def test_where_conditions_were_not_seen_it_is_taken_as_possible_and_said_so() -> None:
    assert known(woman(conditions=NO_ANSWER), "childbearing").note == UNSEEN


@pytest.mark.parametrize(
    "person",
    [
        woman(sex=Missing("sex", Why.NOT_RECORDED, "the gender is neither male nor female")),
        woman(born=Missing("birth date", Why.NOT_RECORDED)),
    ],
)
def test_without_sex_or_age_nobody_knows(person: PatientChart) -> None:
    assert gap(person, "childbearing").what == "childbearing"
    assert gap(person, "childbearing").detail
    assert why(person, "pregnant") is Why.NOT_RECORDED
