"""`pos` and `neg`: whether a marker or a finding is positive, or negative."""

from dataclasses import replace

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.elements import markers


def positive(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether what *term* asks after is there."""
    name = term.about
    if name in chart.tables.markers.named:
        return markers.marker(chart, name)
    return Missing(name, Why.UNREADABLE, "nothing reads it")


def negative(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether what *term* asks after is known not to be there."""
    found = positive(chart, term)
    if isinstance(found, Known) and isinstance(found.value, Truth):
        return replace(found, value=~found.value)
    return found


READERS: dict[str, Reader] = {"pos": positive, "neg": negative}
