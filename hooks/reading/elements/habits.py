"""How the patient lives: smoking, alcohol, grapefruit."""

from decimal import Decimal

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.elements.conditions import has
from hooks.reading.elements.findings import answer, readings_of
from hooks.reading.newest import Reading
from hooks.reading.units import interval_shown

STATUS = "smoking_status"
CURRENT = "current"
RECENT_DAYS = 90  # a change counts as recent for so long
BEFORE_DAYS = 365  # and the status before it has to be no older
AUDIT_C = {"male": Decimal(4), "female": Decimal(3)}  # points from which intake is high
ABSENT = {Why.NOT_RECORDED, Why.OUTDATED}
NO_INTAKE = Missing("intake", Why.NOT_RECORDED, "no AUDIT-C score and no drinks a day on file")
DRINKS = Decimal(3)  # a day, from which intake is high


def smoker(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the newest smoking status, of the last year, is a current one."""
    told = answer(chart, STATUS)
    if isinstance(told.result, Missing):
        return Missing(term.name, told.result.why, told.result.detail)
    read = (told.reading.evidence,) if told.reading is not None else ()
    return Known(Truth.YES if told.result == CURRENT else Truth.NO, told.result, read)


def quit_recent(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether smoking was stopped within 90 days: current before, former or never now."""
    return _changed(chart, term, Truth.NO)


def started_recent(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether smoking was started within 90 days: former or never before, current now."""
    return _changed(chart, term, Truth.YES)


def _changed(chart: PatientChart, term: Term, to: Truth) -> Known | Missing:
    """Whether the status became *to* within 90 days, from one that was told within a year.

    The change is dated by the first status that tells it, and the newest status must agree.
    """
    now = smoker(chart, term)
    if isinstance(now, Missing) or now.value is not to:
        return now if isinstance(now, Missing) else Known(Truth.NO, now.shown, now.evidence)
    since: Reading[str] | None = None
    for each in sorted(_statuses(chart), key=lambda reading: reading.at.first, reverse=True):
        if (each.result == CURRENT) is (to is Truth.YES):
            since = each
            continue
        recent = since is not None and not since.at.is_older(RECENT_DAYS, chart.now)
        if recent and since is not None and not each.at.is_older(BEFORE_DAYS, chart.now):
            shown = f"{each.result}, then {since.result}"
            return Known(Truth.YES, shown, (each.evidence, since.evidence))
        break
    return Known(Truth.NO, now.shown, now.evidence)


def _statuses(chart: PatientChart) -> list[Reading[str]]:
    """The smoking statuses that can be read."""
    found = (each for each in readings_of(chart, STATUS) if isinstance(each, Reading))
    return [each for each in found if not isinstance(each.result, Missing)]


def alcohol_high(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether intake is high: an active disorder, AUDIT-C from 4 (women 3), from 3 drinks a day.

    It is not high where a score or the drinks are known, and nothing of the three says that it is.
    """
    disorder = has(chart, "alcohol-use-disorder")
    measured = (_audit_c(chart), _drinks(chart))
    found = [each for each in (disorder, *measured) if isinstance(each, Known)]
    high = next((each for each in found if each.value is Truth.YES), None)
    if high is not None:
        return high
    gaps = [each for each in (disorder, *measured) if isinstance(each, Missing)]
    unread = next((gap for gap in gaps if gap.why not in ABSENT), None)
    low = next((each for each in measured if isinstance(each, Known)), None)
    if unread is None and low is not None:
        return low
    gap = unread or next((gap for gap in gaps if gap.why is Why.OUTDATED), NO_INTAKE)
    return Missing(term.name, gap.why, gap.detail)


def _audit_c(chart: PatientChart) -> Known | Missing:
    """Whether the score is high for the patient's sex; for either, where that is not known."""
    told = chart.look(Term("audit_c"))
    if isinstance(told, Missing) or not isinstance(told.value, Interval):
        return told
    sex = chart.facts.sex
    limits = AUDIT_C.values() if isinstance(sex, Missing) else [AUDIT_C[sex]]
    truths = {~told.value.less(limit) for limit in limits}
    return _stated(told, f"AUDIT-C {told.shown}", truths)


def _drinks(chart: PatientChart) -> Known | Missing:
    told = chart.look(Term("drinks_day"))
    if isinstance(told, Missing) or not isinstance(told.value, Interval):
        return told
    shown = f"drinks a day: {interval_shown(told.value, '')}"
    return _stated(told, shown, {~told.value.less(DRINKS)})


def _stated(told: Known, shown: str, truths: set[Truth]) -> Known | Missing:
    if len(truths) > 1 or Truth.UNKNOWN in truths:
        return Missing("alcohol_high", Why.UNREADABLE, f"{shown} does not tell")
    return Known(truths.pop(), shown, told.evidence, told.note)


def grapefruit(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the patient eats grapefruit: no code is known that a diet is filed under."""
    told = answer(chart, "diet")
    if isinstance(told.result, Missing):
        return Missing(term.name, told.result.why, told.result.detail)
    read = (told.reading.evidence,) if told.reading is not None else ()
    truths = {"positive": Truth.YES, "negative": Truth.NO}
    return Known(truths.get(told.result, Truth.UNKNOWN), told.result, read)


READERS: dict[str, Reader] = {
    "smoker": smoker,
    "quit_recent": quit_recent,
    "started_recent": started_recent,
    "alcohol_high": alcohol_high,
    "grapefruit": grapefruit,
}
