"""Series of readings from home and from wearables: a mean, a median or a gain, if there are enough.

Such readings never stand for one that was taken in the clinic, nor the other way round.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from statistics import median

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Evidence, LabResult, Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.elements.devices import DeviceClass, device_class
from hooks.reading.elements.findings import readings_of
from hooks.reading.labs import readings
from hooks.reading.moments import Moment
from hooks.reading.newest import Reading
from hooks.reading.resources import Resource, as_dict, as_list, as_text
from hooks.reading.units import amount_shown, interval_shown

ANYWHERE: frozenset[DeviceClass] = frozenset({"clinic", "home", "wearable"})
AT_HOME: frozenset[DeviceClass] = frozenset({"home"})
OUTSIDE: frozenset[DeviceClass] = frozenset({"home", "wearable"})
QUERY = "vitals"
ECG, FIBRILLATION = "ecg_device", "atrial fibrillation"
LONGEST = 60  # characters of a device's name


@dataclass(frozen=True, slots=True)
class Series:
    """What a series needs: readings of *analyte* taken by a class of *devices* within *days*.

    At least *fewest* readings on *on_days* days have to be usable.
    """

    analyte: str
    devices: frozenset[DeviceClass]
    days: int
    fewest: int
    on_days: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One usable reading of a series."""

    at: Moment
    value: Decimal
    evidence: Evidence


# The catalogue's README, "Derived values", read 2026-11-22.
SERIES: Mapping[str, Series] = {
    "rest_hr": Series("resting_heart_rate", ANYWHERE, 7, 3, 3),
    "home_sbp": Series("sbp", AT_HOME, 14, 12, 3),
    "home_dbp": Series("dbp", AT_HOME, 14, 12, 3),
    "spo2_home": Series("spo2_clinic", OUTSIDE, 7, 3, 2),
    "wt_gain_3d": Series("weight", AT_HOME, 3, 3, 3),
    "wt_gain_7d": Series("weight", AT_HOME, 7, 3, 3),
}


def middle(chart: PatientChart, term: Term) -> Known | Missing:
    """The median of the series."""
    return _told(chart, term, "median", lambda values: median(values))


def average(chart: PatientChart, term: Term) -> Known | Missing:
    """The mean of the series."""
    return _told(chart, term, "mean", lambda values: sum(values, Decimal(0)) / len(values))


def gain(chart: PatientChart, term: Term) -> Known | Missing:
    """By how much the last reading is above the first of the window; below, it is negative."""
    samples = _samples(chart, SERIES[term.name])
    if isinstance(samples, Missing):
        return replace(samples, what=term.name)
    first, last = samples[0], samples[-1]
    unit = chart.tables.analytes.analytes[SERIES[term.name].analyte].unit
    gained = last.value - first.value
    told = f"{_span(term, samples)}: {amount_shown(gained, unit)}, "
    told += f"from {amount_shown(first.value, unit)} to {amount_shown(last.value, unit)}"
    return Known(Interval.exactly(gained), told, (first.evidence, last.evidence))


def _told(
    chart: PatientChart, term: Term, name: str, of: Callable[[list[Decimal]], Decimal]
) -> Known | Missing:
    samples = _samples(chart, SERIES[term.name])
    if isinstance(samples, Missing):
        return replace(samples, what=term.name)
    value, last = of([sample.value for sample in samples]), samples[-1]
    unit = chart.tables.analytes.analytes[SERIES[term.name].analyte].unit
    amount = interval_shown(Interval.exactly(value), "")
    told = f"{_span(term, samples)}: {name} {amount}, last {amount_shown(last.value, unit)}"
    return Known(Interval.exactly(value), told, (last.evidence,))


def _span(term: Term, samples: list[Sample]) -> str:
    return f"{SERIES[term.name].days} days, {len(samples)} readings"


def _samples(chart: PatientChart, series: Series) -> list[Sample] | Missing:
    """The usable readings within the window, oldest first; Missing if there are too few.

    The window counts whole days. One reading that was sent twice counts once; of a day without a
    time, each Observation is a reading.
    """
    gap = chart.gap(QUERY, series.analyte)
    if gap is not None:
        return gap
    found = {_told_apart(each): each for each in _usable(chart, series)}
    samples = sorted(found.values(), key=lambda sample: sample.at.first)
    days = len({sample.at.day for sample in samples})
    if len(samples) >= series.fewest and days >= series.on_days:
        return samples
    detail = f"{len(samples)} readings on {days} days within {series.days} days; at least "
    detail += f"{series.fewest} on {series.on_days} days are needed"
    return Missing(series.analyte, Why.NOT_RECORDED, detail)


def _told_apart(sample: Sample) -> tuple[datetime, Decimal, str]:
    exact = sample.at.exact
    return sample.at.first, sample.value, "" if exact else sample.evidence.reference


def _usable(chart: PatientChart, series: Series) -> Iterator[Sample]:
    tables = chart.tables.analytes
    codes = tables.filed.get(series.analyte, ())
    found = {id(each): each for code in codes for each in chart.observations(QUERY, code)}
    listed = [each for each in found.values() if device_class(each) in series.devices]
    for each in readings(series.analyte, listed, chart.source(QUERY), tables, chart.now):
        if isinstance(each, Reading) and isinstance(each.result, LabResult):
            old = (chart.now.date() - each.at.day).days > series.days
            if not old and not each.result.comparator:
                yield Sample(each.at, each.result.value, _by_device(each))


def _by_device(reading: Reading[LabResult]) -> Evidence:
    """Where the reading was taken from; the device stands for a performer that is not named."""
    told = reading.evidence
    return told if told.performer else replace(told, performer=_device(reading.observation))


def _device(observation: Resource) -> str:
    device = as_dict(observation, "device")
    inside = as_list(observation, "contained")
    held = [e for e in inside if f"#{as_text(e, 'id')}" == as_text(device, "reference")]
    named = [as_text(name, "name") for each in held for name in as_list(each, "deviceName")]
    return next(filter(None, (as_text(device, "display"), *named)), "")[:LONGEST]


def ecg_af_device(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether any ECG that a wearable took in the last 30 days was read as atrial fibrillation.

    It comes and goes: a later recording without it does not take it back.
    """
    gap = chart.gap("results", term.name)
    taken = list(_recorded(chart))
    shown = [each for each in taken if each.result == FIBRILLATION]
    if shown:
        return Known(Truth.YES, FIBRILLATION, tuple(each.evidence for each in shown))
    if gap is not None:
        return gap
    clear = [each for each in taken if not isinstance(each.result, Missing)]
    if clear:
        return Known(Truth.NO, str(clear[-1].result), (clear[-1].evidence,))
    why = Why.UNREADABLE if taken else Why.NOT_RECORDED
    return Missing(term.name, why, "no readable ECG of a wearable within 30 days")


def _recorded(chart: PatientChart) -> Iterator[Reading[str]]:
    days = chart.tables.findings.kinds[ECG].max_age_days
    for each in readings_of(chart, ECG):
        if isinstance(each, Reading) and device_class(each.observation) == "wearable":
            yield from () if each.at.is_older(days, chart.now) else (each,)


READERS: dict[str, Reader] = {
    "rest_hr": middle,
    "spo2_home": middle,
    "home_sbp": average,
    "home_dbp": average,
    "wt_gain_3d": gain,
    "wt_gain_7d": gain,
    "ecg_af_device": ecg_af_device,
}
