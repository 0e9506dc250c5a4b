"""Tests of hooks.reading.elements, and how they open a chart in few words."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Missing, PatientFacts, Why
from hooks.clinical.logic import Truth
from hooks.evaluate import chart_tables
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.elements import READERS
from hooks.reading.resources import Answer
from tests.unit.hooks.reading import KNOWLEDGE, Json, fetched, loinc

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TABLES = chart_tables(KNOWLEDGE)
BORN = date(1956, 1, 1)  # 70 years old
UCUM = "http://unitsofmeasure.org"


def ago(**passed: float) -> str:
    """The time that lies so far before NOW."""
    return (NOW - timedelta(**passed)).isoformat()


def observed(
    name: str, value: object = None, unit: str = "", code: str = "", **elements: Any
) -> Json:
    """A final result of yesterday: of the analyte or finding *name*, in its own unit."""
    analytes, findings = TABLES.analytes, TABLES.findings
    [_, own], *_ = analytes.filed.get(name) or findings.filed[name]
    resource: Json = {
        "resourceType": "Observation",
        "id": f"{name}-1",
        "status": "final",
        "code": loinc(code or own),
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": ago(hours=24),
    }
    if isinstance(value, str):
        resource["valueString"] = value
    elif value is not None:
        unit = unit or analytes.analytes[name].unit
        resource["valueQuantity"] = {"value": value, "unit": unit, "system": UCUM, "code": unit}
    told = resource | elements
    return {key: element for key, element in told.items() if element is not None}


def chart(
    *results: object,
    born: date | Missing = BORN,
    sex: str | Missing = "female",
    readers: Mapping[str, Reader] = READERS,
    **answers: Answer,
) -> PatientChart:
    """The chart of a woman of 70 whose *results*, of any query, are on file."""
    found = fetched(*results)
    told: dict[str, Answer] = {"results": found, "vitals": found, **answers}
    facts = PatientFacts(as_of=NOW, sex=sex, birth_date=born)
    return PatientChart(told, "p1", TABLES, NOW, facts, readers)


def known(opened: PatientChart, name: str, *args: str) -> Known:
    """What is known of the term, which has to be."""
    found = opened.look(Term(name, args))
    assert isinstance(found, Known), found
    return found


def gap(opened: PatientChart, name: str, *args: str) -> Missing:
    """Why nothing is known of the term."""
    found = opened.look(Term(name, args))
    assert isinstance(found, Missing), found
    return found


def why(opened: PatientChart, name: str, *args: str) -> Why:
    """The reason alone."""
    return gap(opened, name, *args).why


def number(opened: PatientChart, name: str) -> Interval:
    """Where the number lies."""
    told = known(opened, name).value
    assert isinstance(told, Interval)
    return told


def truth(opened: PatientChart, name: str, *args: str) -> Truth:
    """Whether the term holds."""
    told = known(opened, name, *args).value
    assert isinstance(told, Truth)
    return told
