"""Measured numbers: the newest usable result of an analyte, and what is calculated from them."""

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import LabResult, Missing
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.labs import newest_result

MEASURED = ("egfr",)


def measured(chart: PatientChart, term: Term) -> Known | Missing:
    """The newest usable result of the analyte that *term* is named after."""
    gap = chart.gap("results", term.name)
    if gap is not None:
        return gap
    tables = chart.tables.analytes
    codes = [code for code, name in tables.codes.items() if name == term.name]
    results = {id(each): each for code in codes for each in chart.observations("results", code)}
    source = chart.source("results")
    found = newest_result(term.name, results.values(), source, tables, chart.now.date())
    return known(found) if isinstance(found, LabResult) else found


def known(result: LabResult) -> Known:
    """*result* as a card tells it."""
    shown = f"{result.comparator}{result.value.normalize():f} {result.unit}".strip()
    return Known(Interval.reported(result.value, result.comparator), shown, (result.evidence,))


READERS: dict[str, Reader] = dict.fromkeys(MEASURED, measured)
