"""The chart: what was asked, what came back, and what is remembered."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Missing, Order, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import ChartTables, OrderChart, PatientChart, instant
from hooks.reading.resources import Answer, Fetched
from tests.unit.hooks.reading import Json, bundle, loinc
from tests.unit.hooks.small import patient

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REMARK = Missing("results", Why.NOT_FETCHED, "a page is missing")


def observation(code: str, component: str = "", of: str = "p1") -> Json:
    parts = {
        "component": [{"code": {"coding": [{"system": "http://loinc.org", "code": component}]}}]
    }
    return {
        "resourceType": "Observation",
        "id": code,
        "subject": {"reference": f"Patient/{of}"},
        "code": loinc(code),
        **(parts if component else {}),
    }


def chart(answer: Answer | None = None, **more: object) -> PatientChart:
    answers = {} if answer is None else {"results": answer}
    return PatientChart(answers, "p1", ChartTables(), NOW, patient(), {}, **more)  # type: ignore[arg-type]


def test_what_was_not_asked_is_not_fetched() -> None:
    assert chart().gap("results", "egfr") == Missing("egfr", Why.NOT_FETCHED, "not asked for")
    assert list(chart().resources("results", "Observation")) == []
    assert chart().source("results") == ""
    assert chart().observations("results", ("loinc", "1-8")) == []


def test_what_came_back_in_part_is_a_gap_with_resources() -> None:
    partly = chart(Fetched(bundle(observation("1-8")), remark=REMARK, source="http://fhir"))

    assert partly.gap("results", "egfr") == Missing("egfr", Why.NOT_FETCHED, "a page is missing")
    assert len(list(partly.resources("results", "Observation"))) == 1
    assert partly.source("results") == "http://fhir"


def test_what_came_back_whole_leaves_no_gap() -> None:
    assert chart(Fetched(bundle())).gap("results", "egfr") is None


def test_what_a_reader_keeps_is_read_once() -> None:
    opened, calls = chart(), iter([1, 2])

    assert [opened.once("key", lambda: next(calls)) for _ in range(2)] == [1, 1]
    assert opened.once("other", lambda: next(calls)) == 2


def test_observations_are_found_by_their_code_or_that_of_a_component() -> None:
    found = chart(
        Fetched(bundle(observation("1-8", "2-8"), observation("2-8"), observation("1-8", of="p2")))
    )

    assert [each["id"] for each in found.observations("results", ("loinc", "1-8"))] == ["1-8"]
    assert [each["id"] for each in found.observations("results", ("loinc", "2-8"))] == [
        "1-8",
        "2-8",
    ]
    assert found.observations("results", ("loinc", "3-8")) == []


def test_a_term_is_read_once_and_remembered() -> None:
    read: list[Term] = []

    def reader(_chart: PatientChart, term: Term) -> Known | Missing:
        read.append(term)
        return Known(Truth.YES)

    def of_order(_chart: OrderChart, term: Term) -> Known | Missing:
        read.append(term)
        return Missing(term.name, Why.NOT_RECORDED)

    whole = chart()
    whole.readers, whole.order_readers = {"age": reader}, {"dose": of_order}
    beside = whole.beside(Order("MedicationRequest/1", ("firstin",)), "firstin")

    assert beside.look(Term("age")) == whole.look(Term("age")) == Known(Truth.YES)
    assert beside.look(Term("dose")) == beside.look(Term("dose"))
    assert read == [Term("age"), Term("dose")]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (NOW, NOW),
        (NOW.replace(tzinfo=None), NOW),
        (NOW.astimezone(timezone(timedelta(hours=2))), NOW),
        (date(2026, 11, 22), datetime(2026, 11, 22, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_the_instant_of_judgement_is_given_or_the_end_of_the_day(
    day: date, expected: datetime
) -> None:
    assert instant(day) == expected
