"""Measured numbers: the newest usable result of an analyte."""

from collections.abc import Iterator

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import LabResult, Missing, Why
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.elements.devices import device_class
from hooks.reading.labs import Found, choose, readings
from hooks.reading.newest import Choice
from hooks.reading.resources import Resource, filed_under
from hooks.reading.units import amount_shown, interval_shown

MEASURED = (
    *("aat", "albumin", "alt", "ammonia", "anc", "ast", "audit_c", "bilirubin", "calcium"),
    *("cgm_active", "clozapine_level", "crcl_reported", "cystatin", "dbp", "digoxin"),
    *("drinks_day", "ferritin", "g6pd_activity", "glucose", "gmi", "hba1c", "hdl", "height"),
    *("hematocrit", "hemoglobin", "hr_clinic", "inr", "ldl", "lithium", "lvef", "magnesium"),
    *("ntprobnp", "pdl1_cps", "pdl1_tps", "phenytoin", "phosphate", "platelets", "potassium"),
    *("qrs", "qtc", "sbp", "scr", "sodium", "spo2_clinic", "steps", "tbr54", "tbr70", "tc"),
    *("testosterone", "theophylline", "tir", "tmb", "tpmt_activity", "triglyceride", "tsat"),
    *("tsh", "uacr", "uracil", "urate", "valproate", "weight"),
)
NO_CODE = "this site has named no code that it is filed under"
NOT_CLINIC = "only readings from home or from a wearable are on file"


def measured(chart: PatientChart, term: Term) -> Known | Missing:
    """The newest usable result of the analyte that *term* is named after."""
    return known(chart, choice(chart, term.name))


def choice(chart: PatientChart, name: str) -> Choice[LabResult]:
    """The result of the analyte *name* that counts; nothing, where the answer is incomplete."""
    return chart.once(("analyte", name, chart.ages.get(name)), lambda: _choice(chart, name))


def _choice(chart: PatientChart, name: str) -> Choice[LabResult]:
    tables = chart.tables.analytes
    if name not in tables.filed:
        return Choice(Missing(name, Why.NOT_RECORDED, NO_CODE))
    gap = chart.gap(query_of(chart, name), name)
    if gap is not None:
        return Choice(gap)
    chosen = choose(chart.analyte(name), results(chart, name), chart.now)
    if chosen.reading is None and _elsewhere(chart, name):
        return Choice(Missing(name, Why.NOT_RECORDED, NOT_CLINIC))
    return chosen


def query_of(chart: PatientChart, name: str) -> str:
    """The query that tells the analyte *name*."""
    return chart.tables.elements[name].asks[0]


def results(chart: PatientChart, name: str) -> Iterator[Found]:
    """Every result of the analyte *name*; of one that the clinic measures, the clinic's alone."""
    place = chart.tables.analytes.analytes[name].place
    listed = observations(chart, name)
    own = [each for each in listed if not place or device_class(each) == place]
    source = chart.source(query_of(chart, name))
    return readings(name, own, source, chart.tables.analytes, chart.now)


def observations(chart: PatientChart, name: str) -> list[Resource]:
    """The Observations that are filed under the codes of the analyte *name*, each once."""
    key, codes = query_of(chart, name), chart.tables.analytes.filed.get(name, ())
    found = {id(each): each for code in codes for each in chart.observations(key, code)}
    return list(found.values())


def _elsewhere(chart: PatientChart, name: str) -> bool:
    place = chart.tables.analytes.analytes[name].place
    return bool(place) and any(device_class(each) != place for each in observations(chart, name))


def known(chart: PatientChart, chosen: Choice[LabResult]) -> Known | Missing:
    """The result as a card tells it; a converted one is rounded and noted as it was reported."""
    result = chosen.result
    if isinstance(result, Missing):
        return result
    value = Interval.reported(result.value, result.comparator)
    shown = amount_shown(result.value, result.unit, result.comparator)
    notes = []
    if shown != chosen.reported:
        shown = interval_shown(value, result.unit)
        notes.append(f"{label(chart, result.analyte)} was reported as {chosen.reported}")
    codes = set(filed_under(chosen.part))
    remarks = chart.tables.analytes.analytes[result.analyte].remarks
    notes += [remark for code, remark in remarks if code is None or code in codes]
    return Known(value, shown, (result.evidence,), "; ".join(notes))


def label(chart: PatientChart, name: str) -> str:
    """What a card calls the element *name*."""
    return chart.tables.elements[name].label


def interval(told: Known) -> Interval:
    """Where the number of *told* lies."""
    return told.value if isinstance(told.value, Interval) else Interval(None, None)


def calculated(chart: PatientChart, term: Term, value: Interval, how: str, *parts: Known) -> Known:
    """A calculated number as a card tells it; *how* says from what, as its note."""
    shown = interval_shown(value, chart.tables.elements[term.name].unit)
    evidence = tuple(dict.fromkeys(each for part in parts for each in part.evidence))
    notes = [f"{label(chart, term.name)} {how}", *(part.note for part in parts if part.note)]
    return Known(value, shown, evidence, "; ".join(notes))


def uncalculated(chart: PatientChart, missing: Missing, *parts: object) -> Missing:
    """*missing*, and that it cannot be calculated either, for the first of *parts* that is missing.

    Where a part was not fetched, nobody knows whether there is one.
    """
    gap = next((part for part in parts if isinstance(part, Missing)), missing)
    named = chart.tables.elements.get(gap.what)
    because = f"{named.label if named is not None else gap.what} is {gap.why.value}"
    detail = "; ".join(filter(None, (missing.detail, f"{because}: {gap.detail}".rstrip(": "))))
    unknown = gap.why is Why.NOT_FETCHED or missing.why is Why.NOT_RECORDED
    return Missing(missing.what, gap.why if unknown else missing.why, detail)


READERS: dict[str, Reader] = dict.fromkeys(MEASURED, measured)
