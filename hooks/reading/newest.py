"""Which of several results counts: the newest usable one, and when none does.

A result that cannot be used and may be newer than the best usable one leaves all unknown: never
fall back to an older value silently.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from hooks.clinical.facts import Evidence, Missing, Why
from hooks.reading.moments import Moment, issued, moment
from hooks.reading.resources import Resource, as_text

T = TypeVar("T")
STATUSES = {"final": 0, "amended": 1, "corrected": 2}  # the statuses that count, the best last
WITHDRAWN = {"cancelled", "entered-in-error"}  # as if it were not there
NOT_FINAL = "no result on file is final"
NO_DATE = "the result has no date, or one to come"


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """One result, or why it cannot be used; *rank* orders results of one moment.

    *part* is the Observation or the component that holds the value, *reported* the value as it was
    reported.
    """

    at: Moment
    rank: tuple[int, int, datetime]
    result: T | Missing
    evidence: Evidence
    observation: Resource = field(default_factory=dict, repr=False)
    part: Resource = field(default_factory=dict, repr=False)
    reported: str = ""


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """The result that counts, or why none does; *reading* is the one that decided, if one did."""

    result: T | Missing
    reading: Reading[T] | None = None

    @property
    def at(self) -> Moment | None:
        """When the result was true that decided, if one did."""
        return self.reading.at if self.reading is not None else None

    @property
    def part(self) -> Resource:
        """The Observation or component that holds it; empty if there is none."""
        return self.reading.part if self.reading is not None else {}

    @property
    def reported(self) -> str:
        """Its value as it was reported."""
        return self.reading.reported if self.reading is not None else ""


def when(observation: Resource, now: datetime) -> Moment | str:
    """When a result that counts was true; in words, why it does not count."""
    if as_text(observation, "status") not in STATUSES:
        return NOT_FINAL
    at = moment(observation)
    return NO_DATE if at is None or at.is_to_come(now) else at


def rank(observation: Resource, preferred: int = 0) -> tuple[int, int, datetime]:
    """How to order results of one moment: corrected before amended before final, then by issue."""
    status = STATUSES.get(as_text(observation, "status"), -1)
    return preferred, status, issued(observation)


def newest(
    name: str,
    found: Iterable[Reading[T] | Missing],
    max_age_days: int,
    now: datetime,
    same: Callable[[T], object] = lambda result: result,
) -> Choice[T]:
    """The newest usable of *found*; of one moment, those that are not *same* contradict each other.

    Missing among *found* are results that do not count: they tell why there is none, no more.
    """
    listed = list(found)
    readings = [each for each in listed if isinstance(each, Reading)]
    usable = [each for each in readings if not isinstance(each.result, Missing)]
    best = max(usable, key=_order, default=None)
    for each in sorted(readings, key=_order, reverse=True):
        if isinstance(each.result, Missing) and (best is None or _replaces(each, best)):
            return Choice(each.result, each)
    if best is None:
        return Choice(next((each for each in listed if isinstance(each, Missing)), _none(name)))
    told = {same(r.result) for r in usable if not isinstance(r.result, Missing) and _ties(r, best)}
    if len(told) > 1:
        return Choice(Missing(name, Why.CONFLICTING, "results of one moment differ"), best)
    if best.at.is_older(max_age_days, now):
        day = best.at.day.isoformat()
        return Choice(Missing(name, Why.OUTDATED, f"the newest is of {day}"), best)
    return Choice(best.result, best)


def _none(name: str) -> Missing:
    return Missing(name, Why.NOT_RECORDED)


def _order(reading: Reading[T]) -> tuple[datetime, tuple[int, int, datetime]]:
    return reading.at.first, reading.rank


def _ties(reading: Reading[T], best: Reading[T]) -> bool:
    return _order(reading) == _order(best)


def _replaces(reading: Reading[T], best: Reading[T]) -> bool:
    """Whether *reading* may be newer than *best*, or is a later version of the same moment."""
    return reading.at.last > best.at.first or (
        reading.at.first == best.at.first and reading.rank > best.rank
    )
