"""Run the cases of the rules on data elements: what a chart tells, an order, the expected answer.

A case gives elements by their term as a rule writes it; conditions, medicines and relatives that
it does not give are not on file, everything else was never recorded.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hooks.clinical.biomarkers import judge_biomarker
from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Missing, Order, Why
from hooks.clinical.logic import Truth
from hooks.extension import finding_json
from hooks.knowledge import load
from hooks.knowledge.expressions import parse
from hooks.knowledge.lint import lint_cases
from hooks.knowledge.policy import Policy, with_policy

FOLDER = Path(__file__).parent / "biomarkers"
KNOWLEDGE = with_policy(load(), Policy(structured_tumours=True))  # what the rules say themselves
RULES = {rule.id: rule for rule in KNOWLEDGE.biomarkers}
TABLES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.toml")}
KEYS = {"rule", "name", "given", "drug", "expect", "indicator", "action"}
CLOSED = {"cond", "hist", "on", "stopped", "family_history"}  # no record of it: it is not so
TRUTHS = {True: Truth.YES, False: Truth.NO}


@dataclass(frozen=True, slots=True)
class Told:
    """A chart that tells what a case gives."""

    given: Mapping[Term, object]

    def look(self, term: Term) -> Known | Missing:
        """What the case says of *term*."""
        if term not in self.given:
            closed = term.name in CLOSED
            return Known(Truth.NO) if closed else Missing(term.about, Why.NOT_RECORDED)
        value = self.given[term]
        if value == "unknown":
            return Missing(term.about, Why.UNREADABLE, "cannot be read")
        if isinstance(value, bool):
            return Known(TRUTHS[value], "yes" if value else "no")
        sign = str(value).rstrip("0123456789.")
        number = Decimal(str(value).removeprefix(sign))
        return Known(Interval.reported(number, sign), f"{value}")


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{case['rule']}: {case['name']}")
        for _, table in sorted(TABLES.items())
        for case in table["case"]
    ]


def test_every_rule_has_cases_of_all_three_kinds() -> None:
    expected: dict[str, list[str]] = {}
    for table in TABLES.values():
        for case in table["case"]:
            expected.setdefault(case["rule"], []).append(case["expect"])

    ours = replace(KNOWLEDGE, guidelines=())
    assert lint_cases(ours, expected) == []


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any]) -> None:
    assert set(case) <= KEYS
    rule = RULES[case["rule"]]
    chart = Told({term_of(text): value for text, value in case.get("given", {}).items()})
    drug = case.get("drug", next(iter(rule.drugs), ""))
    order = Order("MedicationRequest/1", (drug,))

    told = finding_json(judge_biomarker(rule, order, drug, chart), KNOWLEDGE)

    assert set(chart.given) <= set(rule.terms)
    assert told["outcome"] == case["expect"]
    for key in ("indicator", "action"):
        if key in case:
            assert told.get(key, "") == case[key]


def term_of(text: str) -> Term:
    """The term that *text* writes: `egfr`, or `cond("vte")`."""
    name = text.partition("(")[0]
    number = KNOWLEDGE.words.elements[name].kind == "number"
    [term] = parse(f"{text} > 0" if number else text, KNOWLEDGE.words).terms
    return term
