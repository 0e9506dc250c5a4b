"""Coded and text findings: the newest usable result of a test that is positive or negative."""

from collections.abc import Iterator

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.answers import EQUIVOCAL, NEGATIVE, UNCLEAR, meanings
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.labs import results_in
from hooks.reading.newest import WITHDRAWN, Choice, Reading, newest, rank, when
from hooks.reading.resources import Resource, as_text, evidence

POSITIVE = "positive"
TRUTHS = {POSITIVE: Truth.YES, NEGATIVE: Truth.NO}
NO_CODE = "this site has named no code that it is filed under"
QUERY = "results"


def finding(chart: PatientChart, name: str) -> Known | Missing:
    """Whether the newest usable result of the finding *name* is positive.

    A result that is equivocal or cannot be read leaves it unknown, if none is newer.
    """
    told = answer(chart, name)
    if isinstance(told.result, Missing):
        return told.result
    return stated(told, TRUTHS.get(told.result, Truth.UNKNOWN))


def stated(told: Choice[str], truth: Truth) -> Known:
    """*truth*, as the result that was chosen tells it."""
    read = (told.reading.evidence,) if told.reading is not None else ()
    return Known(truth, str(told.result), read)


def answer(chart: PatientChart, name: str) -> Choice[str]:
    """What the newest usable result of the finding *name* means: `positive`, `negative`, …"""
    findings = chart.tables.findings
    if name not in findings.filed:
        return Choice(Missing(name, Why.NOT_RECORDED, NO_CODE))
    gap = chart.gap(QUERY, name)
    if gap is not None:
        return Choice(gap)
    return newest(name, readings_of(chart, name), findings.kinds[name].max_age_days, chart.now)


def readings_of(chart: PatientChart, name: str) -> Iterator[Reading[str] | Missing]:
    """Every result of the finding *name*; Missing stands for one that does not count."""
    codes = chart.tables.findings.filed[name]
    found = {id(each): each for code in codes for each in chart.observations(QUERY, code)}
    for observation in found.values():
        if as_text(observation, "status") not in WITHDRAWN:
            for part in results_in(observation, codes):
                yield _reading(chart, name, observation, part)


def _reading(
    chart: PatientChart, name: str, observation: Resource, part: Resource
) -> Reading[str] | Missing:
    at = when(observation, chart.now)
    if isinstance(at, str):
        return Missing(name, Why.UNREADABLE, at)
    told = _meaning(name, meanings(part, name, chart.tables.findings))
    where = evidence(observation, chart.source(QUERY))
    return Reading(at, rank(observation), told, where, observation, part)


def _meaning(name: str, told: set[str]) -> str | Missing:
    if EQUIVOCAL in told:
        return Missing(name, Why.UNREADABLE, "the result is equivocal")
    if len(told - {UNCLEAR}) > 1:
        return Missing(name, Why.CONFLICTING, "the result says two things")
    if UNCLEAR in told:
        return Missing(name, Why.UNREADABLE, "the result is not plain")
    detail = "the result is not plainly positive or negative"
    return next(iter(told), Missing(name, Why.UNREADABLE, detail))


def g6pd_def(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the enzyme is deficient: by an active condition, else by a screen or an activity.

    An activity is read by its interpretation alone: its number means another thing in each
    laboratory.
    """
    recorded, screened = chart.look(Term("cond", ("g6pd-deficiency",))), finding(chart, "g6pd")
    found = [each for each in (recorded, screened) if isinstance(each, Known)]
    proof = next((each for each in found if each.value is Truth.YES), None)
    if proof is not None or isinstance(screened, Missing):
        return proof or screened
    if isinstance(recorded, Missing):
        return Missing(term.name, recorded.why, recorded.detail)
    return recorded if recorded.value is Truth.UNKNOWN else screened


def tpmt_low(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the laboratory calls the activity very low, or the metabolizer poor."""
    return _tpmt(chart, "low")


def tpmt_int(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the laboratory calls the activity or the metabolizer intermediate."""
    return _tpmt(chart, "intermediate")


def _tpmt(chart: PatientChart, asked: str) -> Known | Missing:
    told = answer(chart, "tpmt_phenotype")
    if isinstance(told.result, Missing):
        return told.result
    return stated(told, Truth.YES if told.result == asked else Truth.NO)


READERS: dict[str, Reader] = {"g6pd_def": g6pd_def, "tpmt_low": tpmt_low, "tpmt_int": tpmt_int}
