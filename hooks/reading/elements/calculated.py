"""Numbers that are calculated from measured ones; what each was calculated from is its note."""

from datetime import timedelta
from decimal import Decimal

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import LabResult, Missing, Why
from hooks.clinical.intervals import distance, quotient, rising, total
from hooks.clinical.logic import Truth
from hooks.reading.amounts import Amount, amount, quantity
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.elements.devices import device_class
from hooks.reading.elements.numbers import (
    calculated,
    choice,
    interval,
    known,
    observations,
    query_of,
    uncalculated,
)
from hooks.reading.labs import choose, conversion_of, readings
from hooks.reading.moments import to_moment
from hooks.reading.newest import Choice
from hooks.reading.resources import Resource, as_dict, as_list, as_text
from hooks.reading.units import amount_shown

GROWN = 18  # years; before, a height grows as old as a weight
GROWTH_DAYS = 365
METRE = 100  # cm
ALT_LIMIT = Decimal(40)  # U/L, where the laboratory tells no limit in the unit of its result
ALBUMIN = Decimal(4)  # g/dL; calcium is corrected below it, by CORRECTION mg/dL for each g/dL
CORRECTION = Decimal("0.8")
ACTIVE = Decimal(70)  # % of 14 days that a glucose sensor is to be active: Battelino 2019,
SUMMARY = timedelta(days=13)  # Diabetes Care 42:1593; from the first day to the last
WIDE = Decimal(120)  # ms and more: AHA/ACCF/HRS 2009, doi:10.1016/j.jacc.2008.12.013


def bmi(chart: PatientChart, term: Term) -> Known | Missing:
    """The reported index, else that of weight and height."""
    chosen = choice(chart, term.name)
    reported = known(chart, chosen)
    weight, height = chart.look(Term("weight")), _height(chart)
    if isinstance(reported, Known) or _is_rejected(chosen):
        return reported
    if isinstance(weight, Missing) or isinstance(height, Missing):
        return uncalculated(chart, reported, weight, height)
    square = rising(interval(height), lambda tall: (tall / METRE) ** 2)
    by = f"calculated from body weight {weight.shown} and height {height.shown}"
    return calculated(chart, term, quotient(interval(weight), square), by, weight, height)


def _is_rejected(chosen: Choice[LabResult]) -> bool:
    """Whether the newest result is there and cannot be used."""
    gap = chosen.result
    return chosen.at is not None and isinstance(gap, Missing) and gap.why is not Why.OUTDATED


def _height(chart: PatientChart) -> Known | Missing:
    """The height; of somebody who may still grow, one of the last year."""
    chosen, years = choice(chart, "height"), chart.facts.age
    grown = not isinstance(years, Missing) and years >= GROWN
    if chosen.at is not None and not grown and chosen.at.is_older(GROWTH_DAYS, chart.now):
        return Missing("height", Why.OUTDATED, "a child grows")
    return known(chart, chosen)


def alt_xuln(chart: PatientChart, term: Term) -> Known | Missing:
    """ALT as a multiple of the laboratory's own upper limit, else of 40 U/L."""
    chosen = choice(chart, "alt")
    result, told = chosen.result, amount(chosen.part)
    if isinstance(result, Missing) or told is None:
        return uncalculated(chart, Missing(term.name, Why.NOT_RECORDED), result)
    limit, whose = _upper_limit(chart, chosen.part, told), "the laboratory's"
    if limit is None:
        told, limit = Amount(result.value, result.comparator, result.unit), ALT_LIMIT
        whose = "the usual"
    times = quotient(Interval.reported(told.value, told.comparator), Interval.exactly(limit))
    by = f"from {chosen.reported} and {whose} upper limit of {amount_shown(limit, told.unit)}"
    return calculated(chart, term, times, by, Known(times, evidence=(result.evidence,)))


def _upper_limit(chart: PatientChart, part: Resource, told: Amount) -> Decimal | None:
    """The upper end of the normal range, if it is in the unit of the result."""
    analyte = chart.tables.analytes.analytes["alt"]
    unit = conversion_of(analyte, told)
    for each in as_list(part, "referenceRange"):
        high = quantity(as_dict(each, "high"))
        if _is_normal(each) and high is not None and high.value > 0:
            return high.value if conversion_of(analyte, high) == unit else None
    return None


def _is_normal(range_: object) -> bool:
    """Whether a reference range is the normal one, as one without a type is."""
    kinds = as_list(as_dict(range_, "type"), "coding")
    return not kinds or any(as_text(kind, "code") == "normal" for kind in kinds)


def calcium_corr(chart: PatientChart, term: Term) -> Known | Missing:
    """Calcium, and 0.8 mg/dL more for each g/dL that albumin lies below 4.

    Without albumin it is known that the corrected calcium is not lower than the measured one.
    """
    calcium, albumin = chart.look(Term("calcium")), chart.look(Term("albumin"))
    if isinstance(calcium, Missing):
        return uncalculated(chart, Missing(term.name, Why.NOT_RECORDED), calcium)
    measured = interval(calcium)
    if isinstance(albumin, Missing):
        by = f"from calcium {calcium.shown}; albumin is {albumin.why.value}"
        least = Interval(measured.low, None, measured.over)
        return calculated(chart, term, least, by, calcium)
    by = f"from calcium {calcium.shown} and albumin {albumin.shown}"
    corrected = total(measured, _correction(interval(albumin)))
    return calculated(chart, term, corrected, by, calcium, albumin)


def _correction(albumin: Interval) -> Interval:
    """What is added to calcium: nothing above an albumin of 4, 3.2 mg/dL for none at all."""
    low = max(ALBUMIN - albumin.high, Decimal(0)) if albumin.high is not None else Decimal(0)
    high = max(ALBUMIN - (albumin.low or Decimal(0)), Decimal(0))
    over = albumin.under and albumin.high is not None and albumin.high <= ALBUMIN
    under = albumin.over and albumin.low is not None and albumin.low < ALBUMIN
    return Interval(CORRECTION * low, CORRECTION * high, over, under)


def tbr_total(chart: PatientChart, term: Term) -> Known | Missing:
    """The time below 70 mg/dL: below 54 and from 54 to 69 together; of one alone, at least that."""
    terms = [Term("tbr54"), Term("tbr70")]
    parts = [part for part in map(chart.look, terms) if isinstance(part, Known)]
    if not parts:
        return uncalculated(
            chart, Missing(term.name, Why.NOT_RECORDED), *(chart.look(each) for each in terms)
        )
    told = " and ".join(part.shown for part in parts)
    if len(parts) < len(terms):
        alone = interval(parts[0])
        least = Interval(alone.low, None, alone.over)
        return calculated(chart, term, least, f"from {told} alone: at least that", *parts)
    both = total(interval(parts[0]), interval(parts[1]))
    return calculated(chart, term, both, f"from {told}", *parts)


def gmi_gap(chart: PatientChart, term: Term) -> Known | Missing:
    """How far the glucose management indicator and HbA1c lie apart."""
    gmi, hba1c = chart.look(Term("gmi")), chart.look(Term("hba1c"))
    if isinstance(gmi, Missing) or isinstance(hba1c, Missing):
        return uncalculated(chart, Missing(term.name, Why.NOT_RECORDED), gmi, hba1c)
    by = f"from an indicator of {gmi.shown} and HbA1c {hba1c.shown}"
    return calculated(chart, term, distance(interval(gmi), interval(hba1c)), by, gmi, hba1c)


def cgm_ok(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether a glucose sensor was active for 70 % of 14 days or more.

    A summary that does not say when it began is taken for one of 14 days.
    """
    chosen = choice(chart, "cgm_active")
    active = known(chart, chosen)
    if isinstance(active, Missing) or chosen.reading is None:
        return uncalculated(chart, Missing(term.name, Why.NOT_RECORDED), active)
    start = to_moment(as_text(as_dict(chosen.reading.observation, "effectivePeriod"), "start"))
    if start is not None and chosen.reading.at.first - start.first < SUMMARY:
        shown = f"active {active.shown} of less than 14 days"
        return Known(Truth.NO, shown, active.evidence, active.note)
    enough = ~interval(active).less(ACTIVE)
    return Known(enough, f"active {active.shown} of the time", active.evidence, active.note)


def wide_qrs(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the QRS complex lasts 120 ms or longer."""
    qrs = chart.look(Term("qrs"))
    if isinstance(qrs, Missing):
        return uncalculated(chart, Missing(term.name, Why.NOT_RECORDED), qrs)
    return Known(~interval(qrs).less(WIDE), f"QRS {qrs.shown}", qrs.evidence, qrs.note)


def qtc_device_only(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the only QTc that is recent enough was taken by a device, not a 12-lead ECG."""
    chosen = choice(chart, "qtc")
    if isinstance(chosen.result, LabResult):
        return Known(Truth.NO, "a 12-lead ECG is on file", (chosen.result.evidence,))
    key = query_of(chart, "qtc")
    gap = chart.gap(key, term.name)
    if gap is not None or _is_rejected(chosen):
        return gap or Missing(term.name, chosen.result.why, chosen.result.detail)
    tables = chart.tables.analytes
    own = [each for each in observations(chart, "qtc") if device_class(each) != "clinic"]
    found = readings("qtc", own, chart.source(key), tables, chart.now)
    worn = known(chart, choose(chart.analyte("qtc"), found, chart.now))
    if isinstance(worn, Known):
        return Known(Truth.YES, f"{worn.shown}, by a device", worn.evidence)
    absent = worn.why in {Why.NOT_RECORDED, Why.OUTDATED}
    return Known(Truth.NO) if absent else Missing(term.name, worn.why, worn.detail)


READERS: dict[str, Reader] = {
    "bmi": bmi,
    "alt_xuln": alt_xuln,
    "calcium_corr": calcium_corr,
    "tbr_total": tbr_total,
    "gmi_gap": gmi_gap,
    "cgm_ok": cgm_ok,
    "wide_qrs": wide_qrs,
    "qtc_device_only": qtc_device_only,
}
