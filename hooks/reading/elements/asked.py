"""`pos("…")` and `neg("…")`: what is asked by name, of whichever table has the name."""

from dataclasses import replace

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Missing
from hooks.clinical.logic import Truth
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.elements.findings import finding
from hooks.reading.elements.markers import marker


def positive(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether what *term* asks after is there: a finding by its table, else a marker."""
    if term.about in chart.tables.findings.kinds:
        return finding(chart, term.about)
    return marker(chart, term.about)


def negative(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether what *term* asks after is known not to be there."""
    told = positive(chart, term)
    if isinstance(told, Known) and isinstance(told.value, Truth):
        return replace(told, value=~told.value)
    return told


READERS: dict[str, Reader] = {"pos": positive, "neg": negative}
