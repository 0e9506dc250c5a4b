"""Smoking, alcohol, grapefruit."""

from dataclasses import replace
from typing import Any

import pytest

from hooks.clinical.elements import Known
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import PatientChart
from tests.unit.hooks.reading import Json, coded, fetched
from tests.unit.hooks.reading.elements import (
    TABLES,
    ago,
    chart,
    gap,
    known,
    observed,
    truth,
    why,
)

DAILY, OCCASIONAL, SMOKER = "449868002", "428041000124106", "77176002"
EX, NEVER, UNKNOWN = "8517006", "266919005", "266927001"
NO_ANSWER = Missing("x", Why.NOT_FETCHED, "the server did not answer")


def status(code: str, days: float = 1, **elements: Any) -> Json:
    told = {
        "valueCodeableConcept": coded("snomed", code),
        "effectiveDateTime": ago(days=days),
        "id": f"s{code}-{days}",
    }
    return observed("smoking_status", **(told | elements))


@pytest.mark.parametrize("code", [DAILY, OCCASIONAL, SMOKER, "428061000124105", "428071000124103"])
def test_a_current_status_of_the_last_year_is_a_smoker_s(code: str) -> None:
    found = known(chart(status(code, 365)), "smoker")

    assert (found.value, found.shown) == (Truth.YES, "current")
    assert len(found.evidence) == 1
    assert why(chart(status(code, 365.1)), "smoker") is Why.OUTDATED


@pytest.mark.parametrize("code", [EX, NEVER, "160618006"])
def test_a_former_or_no_smoker_is_none(code: str) -> None:
    assert truth(chart(status(code)), "smoker") is Truth.NO


@pytest.mark.parametrize(
    ("code", "expected"),
    [("LA18976-3", Truth.YES), ("LA18977-1", Truth.YES), ("LA15920-4", Truth.NO)],
)
def test_loinc_answers_tell_it_as_well(code: str, expected: Truth) -> None:
    answer = status("0", valueCodeableConcept=coded("loinc", code))
    assert truth(chart(answer), "smoker") is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("Current every day smoker", Truth.YES), ("Smokes tobacco daily", Truth.YES)),
        *(("Former smoker", Truth.NO), ("Ex-cigarette smoker", Truth.NO)),
        *(("Never smoked tobacco", Truth.NO), ("Current non-smoker", Truth.NO)),
        *(("Not a smoker", Truth.NO), ("No longer smoking", Truth.NO)),
    ],
)
def test_words_tell_it_as_well(text: str, expected: Truth) -> None:
    assert truth(chart(observed("smoking_status", text)), "smoker") is expected


@pytest.mark.parametrize(
    "text",
    [
        *("Unknown if ever smoked", "Smoker, current status unknown", "Passive smoker"),
        *("Former smoker, now vaping", "uses snuff", "Raucher", "yes"),
    ],
)
def test_words_that_leave_it_open_tell_nothing(text: str) -> None:
    assert why(chart(observed("smoking_status", text)), "smoker") is Why.UNREADABLE


def test_the_newest_status_counts_even_if_it_says_nothing() -> None:
    assert truth(chart(status(DAILY, 200), status(EX, 100)), "smoker") is Truth.NO
    assert why(chart(status(DAILY, 200), status(UNKNOWN, 100)), "smoker") is Why.UNREADABLE


def test_without_a_status_or_an_answer_nobody_knows() -> None:
    assert gap(chart(), "smoker").why is Why.NOT_RECORDED
    assert gap(chart(), "smoker").what == "smoker"
    assert why(chart(results=NO_ANSWER), "quit_recent") is Why.NOT_FETCHED


def test_who_stopped_within_90_days_has_stopped_recently() -> None:
    found = known(chart(status(DAILY, 200), status(EX, 90)), "quit_recent")

    assert (found.value, found.shown) == (Truth.YES, "current, then former")
    assert len(found.evidence) == 2
    assert truth(chart(status(DAILY, 365), status(NEVER, 1)), "quit_recent") is Truth.YES
    assert truth(chart(status(DAILY, 200), status(EX, 90)), "started_recent") is Truth.NO


def test_who_started_within_90_days_has_started_recently() -> None:
    found = chart(status(EX, 200), status(DAILY, 30))

    assert truth(found, "started_recent") is Truth.YES
    assert known(found, "started_recent").shown == "former, then current"
    assert truth(found, "quit_recent") is Truth.NO


@pytest.mark.parametrize(
    "statuses",
    [
        [status(DAILY, 200), status(EX, 90.1)],  # too long ago
        [status(DAILY, 365.1), status(EX, 10)],  # too far apart to say when
        [status(DAILY, 300), status(EX, 200), status(EX, 10)],  # told again, stopped long ago
        [status(EX, 10)],  # nothing before
        [status(EX, 100), status(NEVER, 10)],
        [status(EX, 200), status(DAILY, 10)],
    ],
)
def test_other_histories_are_no_recent_stop(statuses: list[Json]) -> None:
    assert truth(chart(*statuses), "quit_recent") is Truth.NO


def test_a_status_between_that_cannot_be_read_does_not_matter() -> None:
    between = chart(status(DAILY, 80), status(UNKNOWN, 60), status(EX, 10))

    assert truth(between, "quit_recent") is Truth.YES


def drinker(
    audit_c: float | None = None,
    drinks: float | None = None,
    problem: str = "",
    sex: str | Missing = "male",
    days: float = 1,
    **elements: Any,
) -> PatientChart:
    results = []
    if audit_c is not None:
        results.append(observed("audit_c", audit_c, effectiveDateTime=ago(days=days), **elements))
    if drinks is not None:
        results.append(observed("drinks_day", drinks))
    code = {"code": coded("snomed", problem), "subject": {"reference": "Patient/p1"}}
    recorded = [{"resourceType": "Condition", "id": "c", **code}] if problem else []
    return chart(*results, conditions=fetched(*recorded), sex=sex)


@pytest.mark.parametrize(
    "person",
    [
        drinker(problem="66590003"),
        drinker(audit_c=4),
        drinker(audit_c=3, sex="female"),
        drinker(audit_c=4, sex=Missing("sex", Why.NOT_RECORDED)),
        drinker(drinks=3),
        drinker(audit_c=0, drinks=3),
        drinker(audit_c=0, problem="15167005"),
    ],
)
def test_a_disorder_a_score_or_the_drinks_make_intake_high(person: PatientChart) -> None:
    found = known(person, "alcohol_high")

    assert found.value is Truth.YES
    assert found.evidence


@pytest.mark.parametrize(
    "person",
    [
        drinker(audit_c=3),
        drinker(audit_c=2, sex="female"),
        drinker(audit_c=2, sex=Missing("sex", Why.NOT_RECORDED)),
        drinker(drinks=2.9),
        drinker(audit_c=9, drinks=0, days=400),
    ],
)
def test_a_measure_that_is_low_says_that_it_is_not(person: PatientChart) -> None:
    assert truth(person, "alcohol_high") is Truth.NO


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (drinker(), Why.NOT_RECORDED),
        (drinker(audit_c=3, sex=Missing("sex", Why.NOT_RECORDED)), Why.UNREADABLE),
        (drinker(audit_c=9, days=400), Why.OUTDATED),
        (drinker(audit_c=99, drinks=1), Why.UNREADABLE),
        (drinker(audit_c=3, sex=Missing("sex", Why.NOT_RECORDED), drinks=1), Why.UNREADABLE),
        (chart(observed("drinks_day", 1), conditions=NO_ANSWER), Why.NOT_FETCHED),
    ],
)
def test_else_nobody_knows(person: PatientChart, reason: Why) -> None:
    assert gap(person, "alcohol_high").what == "alcohol_high"
    assert why(person, "alcohol_high") is reason


def test_a_score_is_shown_as_what_it_is() -> None:
    assert known(drinker(audit_c=5), "alcohol_high").shown == "AUDIT-C 5"
    assert known(drinker(drinks=1), "alcohol_high").shown == "drinks a day: 1"


def test_grapefruit_is_never_coded_unless_a_site_names_a_code() -> None:
    assert why(chart(), "grapefruit") is Why.NOT_RECORDED
    kind = replace(TABLES.findings.kinds["hbsag"], name="diet")
    kinds = {**TABLES.findings.kinds, "diet": kind}
    codes = {**TABLES.findings.codes, ("loinc", "1-8"): "diet"}
    eaten = chart(observed("hbsag", "Positive", code="1-8"))
    eaten.tables = replace(TABLES, findings=replace(TABLES.findings, kinds=kinds, codes=codes))

    found = known(eaten, "grapefruit")
    assert isinstance(found, Known)
    assert found.value is Truth.YES
