"""Small rules on data elements for tests of mechanisms, and a chart that tells what it is given."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.elements import Element, Interval, Known, Term, Vocabulary
from hooks.clinical.facts import Evidence, Missing, Order, Why
from hooks.clinical.guidelines import Action, Branch
from hooks.clinical.logic import Truth
from hooks.knowledge.expressions import parse

WORDS = Vocabulary(
    {
        name: Element(name, kind, unit, label, argument, asks, reads)
        for name, kind, unit, label, argument, asks, reads in (
            ("egfr", "number", "mL/min", "eGFR", "", ("results",), ("egfr",)),
            ("age", "number", "a", "age", "", ("patient",), ()),
            ("dose_day", "number", "mg/d", "ordered daily dose", "", (), ()),
            ("pregnant", "truth", "", "pregnancy", "", ("conditions",), ()),
            ("cond", "truth", "", "", "condition", ("conditions",), ()),
            ("pos", "truth", "", "", "finding", ("results",), ()),
            ("on", "truth", "", "", "drug", ("medications",), ()),
            ("stopped", "truth", "", "", "drug", ("medications",), ()),
        )
    },
    {
        "condition": {"stroke": "stroke"},
        "finding": {"antibody": "an antibody"},
        "drug": {"firstin": "firstin"},
    },
)
USUAL = Branch("no-action", Truth.NO, {}, Action("standard-dose"), "")
ADVISE = Branch(
    "advise",
    Truth.YES,
    {},
    Action("avoid"),
    "",
    indicator="warning",
    summary="Avoid {drug}: eGFR {egfr}",
    advice="Choose another drug.",
    rationale="It is cleared by the kidneys.",
)
UNKNOWN = Branch(
    "cannot-tell",
    Truth.UNKNOWN,
    {},
    Action("order-test"),
    "",
    indicator="info",
    summary="{Drug}: no kidney function on file",
    advice="Order creatinine.",
    rationale="It is cleared by the kidneys.",
)
KIDNEY = BiomarkerRule(
    id="firstin-kidney",
    title="Firstin and kidneys",
    source="society",
    drugs=("firstin",),
    genes=(),
    branches=(ADVISE, USUAL, UNKNOWN),
    when_unknown="stay-silent",
    known_limits="Everything here is invented.",
    question="",
    catalogue="LAB-900",
    when=parse("egfr < 30", WORDS),
    missing="order",
    tests=("creatinine",),
    cites="A label",
    source_check="verified",
    harm="high",
)
NUMBER = Known(Interval.exactly(Decimal(25)), "25 mL/min", (Evidence("Observation/1"),))


@dataclass(frozen=True)
class Told:
    """A chart that tells what it is given; the rest was never recorded."""

    given: Mapping[str, Known | Missing]

    def look(self, term: Term) -> Known | Missing:
        """What is given of *term*."""
        return self.given.get(str(term), Missing(term.name, Why.NOT_RECORDED))

    def within(self, _ages: Mapping[str, int]) -> "Told":
        """What is told has no age."""
        return self

    def beside(self, _order: Order, _drug: str) -> "Told":
        """The same chart for every order."""
        return self


def chart(**given: Known | Missing | Truth | int) -> Told:
    """A chart by the names of elements; numbers and truths stand for what is known."""
    return Told({name: known(value) for name, value in given.items()})


def known(value: Known | Missing | Truth | int) -> Known | Missing:
    if isinstance(value, Truth):
        return Known(value)
    if isinstance(value, int):
        return Known(Interval.exactly(Decimal(value)), str(value))
    return value


def rule(when: str = "egfr < 30", gate: str = "", **more: object) -> BiomarkerRule:
    """The kidney rule with other conditions."""
    changed = {"when": parse(when, WORDS), "gate": parse(gate, WORDS) if gate else None}
    return replace(KIDNEY, **{**changed, **more})
