"""The medicines on file, read once a chart: our drugs in each, and what could not be told.

Active are orders and statements of that status. A medicine that neither a code of RxNorm or ATC
nor a name of ours tells is counted and never guessed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from hooks.clinical.facts import Evidence, Missing, Why
from hooks.reading.charts import PatientChart
from hooks.reading.medications import (
    active_requests,
    active_statements,
    past_requests,
    past_statements,
)
from hooks.reading.orders import Medicine, medications_in, medicine
from hooks.reading.resources import (
    Answer,
    Fetched,
    Resource,
    as_dict,
    as_list,
    as_text,
    evidence,
    to_date,
)

Listed = Callable[[Answer, str], Iterator[Resource]]  # the resources of a patient that count


@dataclass(frozen=True, slots=True)
class Taken:
    """A medicine that the patient takes, took, or is about to get: our drugs in it.

    *first* and *last* are the days between which it ended, if it did.
    """

    drugs: frozenset[str]
    evidence: Evidence
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Medicines:
    """What is on file: *gap* is why there may be more, *untold* how many could not be read."""

    read: tuple[Taken, ...]
    gap: Missing | None
    untold: int

    @property
    def note(self) -> str:
        """How many medicines were not weighed; empty if all were."""
        if self.untold > 1:
            return f"{self.untold} medicines on file are not coded and were not weighed"
        return "1 medicine on file is not coded and was not weighed" if self.untold else ""


def active(chart: PatientChart) -> Medicines:
    """The active medicines: orders and statements."""
    queries = {"medications": active_requests, "statements": active_statements}
    return chart.once("active medicines", lambda: _medicines(chart, queries))


def past(chart: PatientChart) -> Medicines:
    """The medicines that were stopped or completed."""
    queries = {"past-medications": past_requests, "statements": past_statements}
    return chart.once("past medicines", lambda: _medicines(chart, queries))


def _medicines(chart: PatientChart, queries: Mapping[str, Listed]) -> Medicines:
    read: list[Taken] = []
    gaps: list[Missing] = []
    untold = 0
    for key, listed in queries.items():
        answer, known = chart.answer(key), _at_hand(chart, key)
        gap = chart.gap(key, "medicines")
        gaps += [gap] if gap is not None else []
        for resource in listed(answer, chart.patient_id):
            found = medicine(resource, known, chart.tables.drugs)
            if isinstance(found, Medicine) and found.drugs:
                read.append(_taken(resource, found, chart.source(key), chart.now.date()))
            elif isinstance(found, Missing) and found.why is Why.NOT_FETCHED:
                gaps.append(Missing("medicines", found.why, "a medication is not at hand"))
            else:
                untold += isinstance(found, Missing) or not found.told
    return Medicines(tuple(read), next(iter(gaps), None), untold)


def _taken(resource: Resource, found: Medicine, source: str, today: date) -> Taken:
    return Taken(frozenset(found.drugs), evidence(resource, source), *ended(resource, today))


def _at_hand(chart: PatientChart, key: str) -> dict[str, Resource]:
    """The Medication resources in the answer to query *key*, and those read one by one."""
    answer = chart.answer(key)
    beside = {} if isinstance(answer, Missing) else medications_in(answer.resource)
    alone = {
        name: each.resource
        for name, each in chart.answers.items()
        if name.startswith("Medication/") and isinstance(each, Fetched) and each.resource
    }
    return beside | alone


def ended(resource: Resource, today: date) -> tuple[date | None, date | None]:
    """The first and the last day on which a stopped or completed medicine may have ended.

    An end that is told is both. Else it ended after it was written or taken, and before somebody
    said that it had.
    """
    periods = list(_periods(resource))
    ends = _days((as_text(period, "end") for period in periods), today)
    if ends:
        return max(ends), max(ends)
    begun = [as_text(resource, name) for name in ("authoredOn", "dateWritten", "effectiveDateTime")]
    starts = _days((*begun, *(as_text(period, "start") for period in periods)), today)
    said = (as_text(resource, "dateAsserted"), as_text(as_dict(resource, "meta"), "lastUpdated"))
    return max(starts, default=None), min(_days(said, today), default=today)


def _periods(resource: Resource) -> Iterator[Resource]:
    """Every period in which a medicine is said to have been taken or to be valid."""
    yield as_dict(resource, "effectivePeriod")
    yield as_dict(as_dict(resource, "dispenseRequest"), "validityPeriod")
    for name in ("dosageInstruction", "dosage"):
        for dosage in as_list(resource, name):
            yield as_dict(as_dict(as_dict(dosage, "timing"), "repeat"), "boundsPeriod")


def _days(texts: Iterable[str], today: date) -> list[date]:
    """The days that *texts* tell, without those to come."""
    days = (to_date(text) for text in texts)
    return [day for day in days if day is not None and day <= today]
