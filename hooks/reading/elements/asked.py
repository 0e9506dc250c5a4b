"""`pos("…")` and `neg("…")`: what is asked by name, of whichever table has the name."""

from collections.abc import Callable
from dataclasses import replace

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.elements.findings import finding

Finder = Callable[[PatientChart, str], Known | Missing]
FINDERS: dict[str, Finder] = {"finding": finding}


def pos(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether what the term names is positive."""
    kind = "finding" if term.about in chart.tables.findings.kinds else "marker"
    if kind not in FINDERS:
        return Missing(term.about, Why.UNREADABLE, f"no {kind} is read")
    return FINDERS[kind](chart, term.about)


def neg(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether what the term names is negative."""
    told = pos(chart, term)
    if isinstance(told, Known) and isinstance(told.value, Truth):
        return replace(told, value=~told.value)
    return told


READERS: dict[str, Reader] = {"pos": pos, "neg": neg}
