"""Data elements: what the conditions of a rule ask of a patient, and what is known of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from hooks.clinical.facts import Evidence, Missing, Order
from hooks.clinical.logic import Truth

Argument = str | int


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a condition asks: `egfr`, or `cond("heart_failure")` with its arguments."""

    name: str
    args: tuple[Argument, ...] = ()

    @property
    def about(self) -> str:
        """What it asks after: its first argument in words, or its own name."""
        return str(self.args[0]) if self.args else self.name

    def __str__(self) -> str:
        told = ", ".join(f'"{arg}"' if isinstance(arg, str) else str(arg) for arg in self.args)
        return f"{self.name}({told})" if self.args else self.name


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a number lies; an end of None is open to infinity. `<30` is an Interval, so is 28.

    *over* and *under* say that the lower or upper end itself does not count.
    """

    low: Decimal | None
    high: Decimal | None
    over: bool = False
    under: bool = False

    @classmethod
    def exactly(cls, value: Decimal) -> "Interval":
        """The number *value* itself."""
        return cls(value, value)

    @classmethod
    def reported(cls, value: Decimal, comparator: str) -> "Interval":
        """What a result with a FHIR *comparator* (may be empty) says."""
        if comparator in {"<", "<="}:
            return cls(None, value, under=comparator == "<")
        if comparator in {">", ">="}:
            return cls(value, None, over=comparator == ">")
        return cls(value, value)

    @property
    def value(self) -> Decimal | None:
        """The number, if it is one."""
        return self.low if self.low == self.high else None

    def less(self, than: Decimal) -> Truth:
        """Whether it lies below *than*."""
        if self.high is not None and (self.high < than or (self.high == than and self.under)):
            return Truth.YES
        return Truth.NO if self.low is not None and self.low >= than else Truth.UNKNOWN

    def at_most(self, most: Decimal) -> Truth:
        """Whether it is *most* or lies below."""
        if self.high is not None and self.high <= most:
            return Truth.YES
        above = self.low is not None and (self.low > most or (self.low == most and self.over))
        return Truth.NO if above else Truth.UNKNOWN


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a term: a Truth, or where its number lies in the element's own unit.

    *shown* is its value as a card tells it (`28 mL/min/1.73 m²`, `positive`), *evidence* what it
    was read from. *note* is one sentence of what a reader should know beside it, mostly empty.
    """

    value: Truth | Interval
    shown: str = ""
    evidence: tuple[Evidence, ...] = ()
    note: str = ""


class Chart(Protocol):
    """A patient's record with one order at hand, asked term by term."""

    def look(self, term: Term) -> Known | Missing:
        """What is known of *term*, or why it is missing."""
        ...


class Charts(Protocol):
    """A patient's record, to be looked at with one order at hand or with none."""

    def within(self, ages: Mapping[str, int]) -> "Charts":
        """The same record, where results of these analytes count up to another age, in days."""
        ...

    def beside(self, order: Order, drug: str) -> Chart:
        """The chart as *drug* of *order* sees it; without a drug, the chart alone."""
        ...


@dataclass(frozen=True, slots=True)
class Element:
    """A word of the rule language: a `number` in *unit* (UCUM) or a `truth`.

    *label* is what a card calls it; *argument* is the kind of name it takes (`condition`, `drug`,
    `finding`, `marker`, `element`, `relative`), empty for none; *asks* are the queries that tell
    it; *reads* the analytes and findings whose codes it is read from.
    """

    name: str
    kind: str
    unit: str
    label: str
    argument: str = ""
    asks: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every word that a condition may use: elements by name, and the names that they take.

    *names*: kind of argument -> name -> what a card calls it.
    """

    elements: Mapping[str, Element] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def label(self, term: Term) -> str:
        """What a card calls *term*."""
        element = self.elements[term.name]
        named = self.names.get(element.argument, {})
        return named.get(term.about, term.about) if element.argument else element.label
