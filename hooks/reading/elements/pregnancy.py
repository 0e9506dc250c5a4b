"""Pregnancy: whether the patient is pregnant, and whether she could be."""

from decimal import Decimal

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.elements.conditions import has, history
from hooks.reading.elements.findings import answer
from hooks.reading.newest import Choice

TEST, STATUS = "hcg", "pregnancy_status"
POSITIVE, NEGATIVE = ("positive", "pregnant"), ("negative", "not pregnant")
NOT_PREGNANT_DAYS = 30  # for how long a status "not pregnant" counts
YOUNGEST, OLDEST = Decimal(12), Decimal(54)  # full years in which pregnancy is possible
NO_TEST = "no test of the last 7 days and no status that still counts"
UNSEEN = "whether the womb was removed could not be looked up"


def pregnant(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the patient is pregnant, by the catalogue's order of sources.

    An active condition, a positive hCG test or the status "pregnant" say yes; then a negative test
    or the status "not pregnant" say no, then male sex, an age under 12 or from 55, a hysterectomy.
    Where the conditions could not be asked for, a test alone does not say no.
    """
    recorded = has(chart, "pregnancy")
    told = (answer(chart, TEST), answer(chart, STATUS))
    for known in (recorded, *(_said(choice, POSITIVE, Truth.YES) for choice in told)):
        if isinstance(known, Known) and known.value is Truth.YES:
            return known
    impossible = _impossible(chart)
    if impossible is not None:
        return impossible
    if isinstance(recorded, Missing) and recorded.why is not Why.UNREADABLE:
        return Missing(term.name, recorded.why, recorded.detail)
    return _excluded(chart, *told) or _unknown(term, recorded, *told)


def childbearing(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether pregnancy is possible: a woman of 12 to 54 with a womb.

    Where the conditions could not be looked at it is taken as possible, and the card says so.
    """
    impossible = _impossible(chart)
    if impossible is not None:
        return impossible
    for fact in (chart.facts.sex, chart.facts.age):
        if isinstance(fact, Missing):
            return Missing(term.name, fact.why, fact.detail or f"{fact.what} is not known")
    womb = history(chart, "hysterectomy")
    return Known(Truth.YES, "not excluded", note=UNSEEN if isinstance(womb, Missing) else "")


def _impossible(chart: PatientChart) -> Known | None:
    """That sex, age or a hysterectomy exclude pregnancy."""
    sex, age = chart.facts.sex, chart.facts.age
    if sex == "male":
        return Known(Truth.NO, "excluded by male sex")
    if not isinstance(age, Missing) and not YOUNGEST <= age <= OLDEST:
        return Known(Truth.NO, f"excluded at {age} years")
    womb = history(chart, "hysterectomy")
    if isinstance(womb, Known) and womb.value is Truth.YES:
        return Known(Truth.NO, "excluded by hysterectomy", womb.evidence)
    return None


def _excluded(chart: PatientChart, test: Choice[str], status: Choice[str]) -> Known | None:
    """That the test, or else the status, says no; a recent test in doubt outweighs the status."""
    negative = _said(test, NEGATIVE, Truth.NO)
    if negative is not None or _is_in_doubt(chart, test):
        return negative
    stale = status.at is None or status.at.is_older(NOT_PREGNANT_DAYS, chart.now)
    return None if stale else _said(status, NEGATIVE, Truth.NO)


def _said(choice: Choice[str], words: tuple[str, ...], truth: Truth) -> Known | None:
    if isinstance(choice.result, Missing) or choice.result not in words:
        return None
    read = (choice.reading.evidence,) if choice.reading is not None else ()
    return Known(truth, choice.result, read)


def _is_in_doubt(chart: PatientChart, test: Choice[str]) -> bool:
    """Whether there is a recent test that says neither."""
    if test.at is None:
        return False
    return not test.at.is_older(chart.tables.findings.kinds[TEST].max_age_days, chart.now)


def _unknown(
    term: Term, recorded: Known | Missing, test: Choice[str], status: Choice[str]
) -> Missing:
    """Why nobody knows: what is there and cannot be read, else that nothing is there."""
    gaps = (recorded, test.result, status.result)
    told = [gap for gap in gaps if isinstance(gap, Missing) and gap.why is not Why.NOT_RECORDED]
    gap = min(told, key=_least, default=Missing(term.name, Why.NOT_RECORDED, NO_TEST))
    return Missing(term.name, gap.why, gap.detail)


def _least(gap: Missing) -> int:
    return (Why.NOT_FETCHED, Why.UNREADABLE, Why.CONFLICTING, Why.OUTDATED).index(gap.why)


READERS: dict[str, Reader] = {"pregnant": pregnant, "childbearing": childbearing}
