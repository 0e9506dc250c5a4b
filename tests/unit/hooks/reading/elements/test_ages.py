"""A rule may ask for a result of another age than its element."""

import pytest

from hooks.clinical.elements import Charts, Known, Term
from hooks.clinical.facts import Missing, Order, Why
from hooks.judging import judge_data
from hooks.reading.charts import PatientChart
from tests.unit.hooks.reading import KNOWLEDGE, Json
from tests.unit.hooks.reading.elements import ago, chart, observed

ORDER = Order("MedicationRequest/1", ("methotrexate",))
ASKED = [
    pytest.param(rule.ages, name, days, id=f"{rule.catalogue} {name}")
    for rule in KNOWLEDGE.biomarkers
    for name, days in rule.ages.items()
]


def measured(name: str, days: int) -> Json:
    """A plausible result of so many days ago."""
    analyte = KNOWLEDGE.analytes.analytes[name]
    unit = analyte.units[analyte.unit]
    return observed(name, float((unit.low + unit.high) / 2), effectiveDateTime=ago(days=days))


def looked(opened: PatientChart, ages: dict[str, int], name: str) -> Known | Missing:
    charts: Charts = opened.within(ages)
    return charts.beside(ORDER, "methotrexate").look(Term(name))


def test_some_rules_ask_for_another_age() -> None:
    assert len(ASKED) >= 30


@pytest.mark.parametrize(("ages", "name", "days"), ASKED)
def test_a_result_counts_up_to_the_age_that_the_rule_names(
    ages: dict[str, int], name: str, days: int
) -> None:
    counts = looked(chart(measured(name, days)), ages, name)
    too_old = looked(chart(measured(name, days + 1)), ages, name)

    assert isinstance(counts, Known)
    assert isinstance(too_old, Missing)
    assert too_old.why is Why.OUTDATED


def test_what_is_calculated_takes_the_same_age() -> None:
    weighed = observed("weight", 60)
    opened = chart(measured("scr", 100), weighed)

    assert isinstance(looked(opened, {}, "crcl"), Known)
    assert isinstance(looked(opened, {"scr": 90}, "crcl"), Missing)
    assert isinstance(looked(opened, {}, "crcl"), Known)


def test_a_rule_is_judged_by_its_own_ages() -> None:
    [rule] = (rule for rule in KNOWLEDGE.biomarkers if rule.catalogue == "LAB-022")
    old = observed("scr", 4, effectiveDateTime=ago(days=100)), observed("weight", 60)
    new = observed("scr", 4), observed("weight", 60)

    outcomes = [
        judge_data(rule, ORDER, "methotrexate", chart(*found)).outcome.applies.name
        for found in (old, new)
    ]

    assert outcomes == ["UNKNOWN", "YES"]
