"""When a result was true: the instants that its time may mean, its age, and what is yet to come."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hooks.reading.resources import Resource, as_dict, as_text, to_date

DAY = timedelta(days=1)
AHEAD = timedelta(hours=1)  # how far the clocks of two systems may differ
LAST = time.max  # the last moment of a day, which stands for a judgement as of that day
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a result was true: a day, and the first and last instant that it may mean.

    A date without a time means any instant of its day; whether it is too old or yet to come is
    then told by the day alone.
    """

    day: date
    first: datetime
    last: datetime

    @property
    def exact(self) -> bool:
        """Whether it is one instant."""
        return self.first == self.last

    def is_to_come(self, now: datetime) -> bool:
        """Whether it lies ahead of *now*, by more than clocks may differ."""
        return self.first > now + AHEAD if self.exact else self.day > now.date()

    def is_older(self, days: int, now: datetime) -> bool:
        """Whether more than *days* have passed since; a result of exactly that age is not older.

        As of a day, whole days are counted.
        """
        if self.exact and now.time() != LAST:
            return now - self.first > timedelta(days)
        return (now.date() - self.day).days > days


def moment(observation: Resource) -> Moment | None:
    """The clinical time: the first that is given decides, and has to be a full date."""
    period = as_dict(observation, "effectivePeriod")
    told = (
        as_text(observation, "effectiveDateTime"),
        as_text(period, "end"),
        as_text(observation, "effectiveInstant"),
        as_text(observation, "issued"),
    )
    return to_moment(next((text for text in told if text), ""))


def to_moment(text: str) -> Moment | None:
    """The moment that a FHIR date, dateTime or instant means; None for a partial or broken one.

    A time without a zone is taken for UTC.
    """
    day = to_date(text)
    if day is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        if "T" not in text:
            return Moment(day, at.replace(tzinfo=UTC), at.replace(tzinfo=UTC) + DAY)
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Moment(min(day, at.date()), at, at)


def issued(observation: Resource) -> datetime:
    """When *observation* was issued; NEVER if it does not say."""
    at = to_moment(as_text(observation, "issued"))
    return at.first if at is not None else NEVER
