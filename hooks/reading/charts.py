"""The patient's record as a chart: each data element is read when a rule asks it, and once.

Reading is a table: the name of a term -> the function that reads it (`elements`). A reader never
raises on bad data, and never takes what failed for what is absent.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from hooks.clinical.analytes import Analyte, AnalyteTables
from hooks.clinical.codes import Code, ConditionCodes, DrugNames, DrugTables, Findings
from hooks.clinical.dosing import Dosing
from hooks.clinical.elements import Element, Known, Term
from hooks.clinical.facts import Missing, Order, PatientFacts, Why
from hooks.clinical.genes import Gene
from hooks.clinical.markers import Markers
from hooks.clinical.models.model import Model
from hooks.clinical.phenoconversion import Modifiers
from hooks.reading.filed import Filed
from hooks.reading.moments import LAST
from hooks.reading.resources import (
    Answer,
    Resource,
    entries,
    is_of_patient,
)

T = TypeVar("T")
NOT_ASKED = "not asked for"


@dataclass(frozen=True, slots=True)
class ChartTables:
    """What reading a chart takes.

    *drug_classes*: name of a class -> our drugs; *dosings*: a drug -> how it is dosed by a model;
    *relatives*: what is asked of relatives -> the disease, and the age that it began under;
    *country*: where the site is (ISO 3166-1), empty if its policy does not say.
    """

    elements: Mapping[str, Element] = field(default_factory=dict)
    analytes: AnalyteTables = field(default_factory=lambda: AnalyteTables({}, {}))
    findings: Findings = field(default_factory=Findings)
    conditions: ConditionCodes = field(default_factory=lambda: ConditionCodes({}, {}))
    drug_classes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    drugs: DrugTables = field(
        default_factory=lambda: DrugTables({}, {}, DrugNames({}), ConditionCodes({}, {}))
    )
    models: Mapping[str, Model] = field(default_factory=dict)
    dosings: Mapping[str, Dosing] = field(default_factory=dict)
    genes: Mapping[str, Gene] = field(default_factory=dict)
    markers: Markers = field(default_factory=Markers)
    modifiers: Modifiers = field(default_factory=dict)
    relatives: Mapping[str, tuple[str, Decimal | None]] = field(default_factory=dict)
    country: str = ""


@dataclass(eq=False, slots=True)
class PatientChart:
    """One patient's answers, read term by term; what was read is remembered."""

    answers: Mapping[str, Answer]
    patient_id: str
    tables: ChartTables
    now: datetime
    facts: PatientFacts
    readers: Mapping[str, "Reader"]
    order_readers: Mapping[str, "OrderReader"] = field(default_factory=dict)
    ages: Mapping[str, int] = field(default_factory=dict)  # analyte -> greatest age, in days
    _read: dict[Term, Known | Missing] = field(default_factory=dict)
    _kept: dict[object, Any] = field(default_factory=dict)

    def look(self, term: Term) -> Known | Missing:
        """What is known of *term* whatever the order."""
        found = self._read.get(term)
        if found is None:
            found = self._read[term] = self.readers[term.name](self, term)
        return found

    def once(self, key: object, read: Callable[[], T]) -> T:
        """What *read* gives; it is called for the first time only that *key* is asked."""
        if key not in self._kept:
            self._kept[key] = read()
        kept: T = self._kept[key]
        return kept

    def within(self, ages: Mapping[str, int]) -> "PatientChart":
        """The same chart, where results of these analytes count up to another age, in days."""
        if not ages:
            return self
        return self.once(("within", *sorted(ages.items())), lambda: self._within(ages))

    def _within(self, ages: Mapping[str, int]) -> "PatientChart":
        return replace(self, ages=ages, _read={})

    def beside(self, order: Order, drug: str) -> "OrderChart":
        """The same chart with *order* at hand."""
        return self.once((id(self), id(order), drug), lambda: OrderChart(self, order, drug))

    def analyte(self, name: str) -> Analyte:
        """The analyte *name*, with the greatest age that counts here."""
        known = self.tables.analytes.analytes[name]
        days = self.ages.get(name)
        return known if days is None else replace(known, max_age_days=days)

    def answer(self, key: str) -> Answer:
        """The answer to the query *key*, or that it was not asked."""
        return self.answers.get(key, Missing(key, Why.NOT_FETCHED, NOT_ASKED))

    def gap(self, key: str, what: str) -> Missing | None:
        """That *what* is not known because query *key* failed, or came back in part."""
        answer = self.answer(key)
        if isinstance(answer, Missing):
            return Missing(what, answer.why, answer.detail)
        if answer.remark is not None:
            return Missing(what, answer.remark.why, answer.remark.detail)
        return None

    def resources(self, key: str, resource_type: str) -> Iterator[Resource]:
        """The patient's own resources of one type in the answer to query *key*, if there is one."""
        answer = self.answer(key)
        if isinstance(answer, Missing):
            return
        for resource in entries(answer.resource, resource_type):
            if is_of_patient(resource, self.patient_id, answer.source):
                yield resource

    def source(self, key: str) -> str:
        """Which server answered query *key*; empty if none did."""
        answer = self.answer(key)
        return "" if isinstance(answer, Missing) else answer.source

    def observations(self, key: str, code: Code) -> list[Resource]:
        """The Observations of query *key* that have *code*, themselves or in a component."""
        filed = self.once((key, "filed"), lambda: self._filed(key))
        return self.once((key, code), lambda: list(filed.under(code)))

    def _filed(self, key: str) -> Filed:
        answer = self.answer(key)
        if isinstance(answer, Missing):
            return Filed.of(None, self.patient_id, "")
        return Filed.of(answer.resource, self.patient_id, answer.source)


@dataclass(eq=False, slots=True)
class OrderChart:
    """A PatientChart with one drug of one order at hand: dose, new start, the other drugs."""

    patient: PatientChart
    order: Order
    drug: str
    _read: dict[Term, Known | Missing] = field(default_factory=dict)

    def look(self, term: Term) -> Known | Missing:
        """What is known of *term* for this order."""
        reader = self.patient.order_readers.get(term.name)
        if reader is None:
            return self.patient.look(term)
        found = self._read.get(term)
        if found is None:
            found = self._read[term] = reader(self, term)
        return found


Reader = Callable[[PatientChart, Term], Known | Missing]
OrderReader = Callable[[OrderChart, Term], Known | Missing]


def instant(day: date) -> datetime:
    """The instant of judgement: *day* itself if it is one, else the day's last moment, in UTC."""
    if isinstance(day, datetime):
        return day.astimezone(UTC) if day.tzinfo else day.replace(tzinfo=UTC)
    return datetime.combine(day, LAST, UTC)


def day_of(day: date) -> date:
    """The day of judgement, of an instant in UTC."""
    return instant(day).date() if isinstance(day, datetime) else day
