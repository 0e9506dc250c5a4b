"""The kidneys: filtration rate, creatinine clearance, and a creatinine that rises.

A calculated number stands in for a reported one that is not there or too old; for one that could
not be read, only where nothing that it is calculated from is older.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from operator import attrgetter

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import LabResult, Missing, Why
from hooks.clinical.intervals import falling, quotient, rising
from hooks.clinical.logic import Truth
from hooks.clinical.models.ckdepi2021 import ckdepi2021
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.elements.numbers import (
    calculated,
    choice,
    interval,
    known,
    results,
    uncalculated,
)
from hooks.reading.moments import Moment
from hooks.reading.newest import Choice, Reading

ADULT = 18  # years
LEAST_ADULT = Decimal(20)  # kg; "adult plausibility 20-400" of the rule catalogue
ZERO_AT = 140  # years, where the formula of Cockcroft and Gault reaches 0
FEMALE = Decimal("0.85")  # Cockcroft and Gault 1976, PMID 1244564

# KDIGO 2012, acute kidney injury, as the rule catalogue tells it (read 2026-11-22).
BY, WITHIN = Decimal("0.3"), timedelta(hours=48)  # mg/dL
TIMES, WITHIN_DAYS = Decimal("1.5"), 7


@dataclass(frozen=True, slots=True)
class Draw:
    """A creatinine, and the least and the most that it may be; infinite where it is `>20`."""

    reading: Reading[LabResult]
    low: Decimal
    high: Decimal

    @property
    def at(self) -> Moment:
        """When it was drawn."""
        return self.reading.at


def egfr(chart: PatientChart, term: Term) -> Known | Missing:
    """The reported rate, else that of an adult by CKD-EPI 2021 from creatinine."""
    chosen = choice(chart, term.name)
    reported = known(chart, chosen)
    if isinstance(reported, Known) or not _may_stand_in(chosen, choice(chart, "scr")):
        return reported
    creatinine, adult = chart.look(Term("scr")), _adult(chart)
    if isinstance(creatinine, Missing) or isinstance(adult, Missing):
        return uncalculated(chart, reported, creatinine, adult)
    years, sex = adult
    rate = falling(interval(creatinine), lambda level: ckdepi2021(level, years, sex == "female"))
    by = f"by CKD-EPI 2021 from creatinine {creatinine.shown}, {years} years, {sex}"
    return calculated(chart, term, rate, by, creatinine)


def crcl(chart: PatientChart, term: Term) -> Known | Missing:
    """That of an adult by Cockcroft-Gault with the actual weight, else the reported one."""
    found = _cockcroft_gault(chart, term)
    if isinstance(found, Known):
        return found
    chosen = choice(chart, "crcl_reported")
    reported, creatinine = known(chart, chosen), choice(chart, "scr")
    if isinstance(reported, Missing) or not _may_stand_in(creatinine, chosen):
        return found
    return replace(reported, note="as the laboratory reported it, not calculated")


def _cockcroft_gault(chart: PatientChart, term: Term) -> Known | Missing:
    nothing = Missing(term.name, Why.NOT_RECORDED)
    creatinine, weight = chart.look(Term("scr")), chart.look(Term("weight"))
    adult = _adult(chart)
    if isinstance(creatinine, Missing) or isinstance(weight, Missing) or isinstance(adult, Missing):
        return uncalculated(chart, nothing, creatinine, weight, adult)
    if interval(weight).less(LEAST_ADULT) is Truth.YES:
        return Missing(term.name, Why.UNREADABLE, "the body weight is not plausible of an adult")
    years, sex = adult
    factor = (ZERO_AT - years) * (FEMALE if sex == "female" else 1)
    if factor <= 0:
        return Missing(term.name, Why.UNREADABLE, "the age is not plausible")
    clearance = quotient(
        rising(interval(weight), lambda kilograms: kilograms * factor),
        rising(interval(creatinine), lambda level: 72 * level),
    )
    by = (
        f"by Cockcroft-Gault from creatinine {creatinine.shown}, actual body weight "
        f"{weight.shown}, {years} years, {sex}"
    )
    return calculated(chart, term, clearance, by, creatinine, weight)


def _adult(chart: PatientChart) -> tuple[Decimal, str] | Missing:
    """Age and sex of an adult."""
    years, sex = chart.facts.age, chart.facts.sex
    if isinstance(years, Missing):
        return years
    if years < ADULT:
        return Missing("an adult age", Why.NOT_RECORDED, "the formula is for adults")
    return sex if isinstance(sex, Missing) else (years, sex)


def _may_stand_in(rejected: Choice[LabResult], other: Choice[LabResult]) -> bool:
    """Whether *other* may tell what *rejected* does not: not if that is newer and unreadable."""
    gap = rejected.result
    if rejected.at is None or not isinstance(gap, Missing) or gap.why is Why.OUTDATED:
        return True
    at, newer = other.at, rejected.at.first
    return at is not None and (at.first >= newer or at.last > newer)


def aki_kdigo(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether creatinine rose by 0.3 mg/dL in 48 hours, or to 1.5 times in 7 days (KDIGO 2012).

    Any two draws of the last days count, the later one not more than 7 days ago, each with the
    last that was said of it. Without two draws nobody knows; nor where a result that could not be
    read lies among them.
    """
    chosen = choice(chart, "scr")
    if chosen.at is None:
        return uncalculated(chart, Missing(term.name, Why.NOT_RECORDED), chosen.result)
    found = [each for each in results(chart, "scr") if isinstance(each, Reading)]
    ranked = sorted(found, key=lambda each: each.rank)
    latest = {each.at.first: each for each in ranked}.values()
    near = [each for each in latest if not each.at.is_older(2 * WITHIN_DAYS, chart.now)]
    draws = sorted((draw for each in near for draw in _draws(each)), key=lambda d: d.at.first)
    late = [draw for draw in draws if not draw.at.is_older(WITHIN_DAYS, chart.now)]
    judged = [_rise(draw, draws) for draw in reversed(late)]
    rose = next((pair for truth, pair in judged if truth is Truth.YES), ())
    if rose:
        first, last = (f"{d.reading.reported} on {d.at.day.isoformat()}" for d in rose)
        evidence = tuple(draw.reading.evidence for draw in rose)
        return Known(Truth.YES, f"creatinine {first}, {last}", evidence)
    if len(draws) < len(near) or any(truth is Truth.UNKNOWN for truth, _ in judged):
        return Missing(term.name, Why.UNREADABLE, "a creatinine of the last days cannot be used")
    pair = next((pair for _, pair in judged if pair), ())
    if not pair:
        return Missing(term.name, Why.NOT_RECORDED, "creatinine was not drawn twice in 7 days")
    return Known(Truth.NO, "no rise of creatinine", tuple(d.reading.evidence for d in pair))


def _draws(reading: Reading[LabResult]) -> Iterator[Draw]:
    """The draw that *reading* is of, if it can be used."""
    result = reading.result
    if isinstance(result, LabResult):
        told = Interval.reported(result.value, result.comparator)
        low = told.low if told.low is not None else Decimal(0)
        yield Draw(reading, low, told.high if told.high is not None else Decimal("Infinity"))


def _rise(draw: Draw, draws: Iterable[Draw]) -> tuple[Truth, tuple[Draw, ...]]:
    """Whether *draw* is a rise over an earlier one, and the pair that tells it.

    No pair, where none was drawn in the 7 days before.
    """
    at = draw.at.first
    before = [each for each in draws if each.at.first < at and each.at.last <= at]
    week = [each for each in before if at - each.at.first <= timedelta(WITHIN_DAYS)]
    if not week:
        return Truth.NO, ()
    hours = [each for each in week if at - each.at.first <= WITHIN]
    lowest = min(week, key=attrgetter("high"))
    if draw.low >= TIMES * lowest.high:
        return Truth.YES, (lowest, draw)
    lower = min(hours, key=attrgetter("high"), default=draw)
    if draw.low - lower.high >= BY:
        return Truth.YES, (lower, draw)
    doubled = any(draw.high >= TIMES * each.low for each in week)
    risen = any(draw.high - each.low >= BY for each in hours)
    return Truth.UNKNOWN if doubled or risen else Truth.NO, (lowest, draw)


READERS: dict[str, Reader] = {
    "egfr": egfr,
    "crcl": crcl,
    "aki_kdigo": aki_kdigo,
}
