"""What the patient takes and took, by drug or class, and whether an order starts something new.

A drug that is found counts even if not all medicines could be had; that there is none takes all
of them. Other drafts of the call count as taken where drugs are asked after (`on`), so that two
drafts see one another, and a drug that is drafted twice is told once. They do not make a start less
new, nor a high blood pressure treated.
"""

from collections.abc import Collection, Iterable

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Evidence, Missing, Order, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import ChartTables, OrderChart, OrderReader, PatientChart, Reader
from hooks.reading.taken import Medicines, Taken, active, past

AGAINST_PRESSURE = "ANTIHYPERTENSIVE"
DRAFTS = "the draft orders"


def on(chart: OrderChart, term: Term) -> Known | Missing:
    """Whether the drug or class is taken, is in another draft, or beside it in the same product."""
    others = frozenset(chart.order.drugs) - {chart.drug}
    found = _of(drugs_of(term.about, chart.patient.tables), [_ordered(chart.order, others)])
    if found and chart.drug:
        return _known(drugs_of(term.about, chart.patient.tables), found, "")
    return _on(chart.patient, term, chart.order)


def on_chart(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the drug or class is taken or drafted."""
    return _on(chart, term, None)


def new_start(chart: OrderChart, term: Term) -> Known | Missing:
    """Whether the ordered drug is not taken yet; a draft of it does not count as taken."""
    if not chart.drug:
        return Missing(term.name, Why.NOT_RECORDED, "no drug is ordered")
    taken = _told(term.name, {chart.drug}, active(chart.patient))
    if isinstance(taken, Missing) or taken.value is Truth.NO:
        return taken if isinstance(taken, Missing) else Known(Truth.YES, note=taken.note)
    return Known(Truth.NO, "no, it is taken already", taken.evidence, taken.note)


def bp_tx(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether a drug against high blood pressure is taken."""
    drugs = drugs_of(AGAINST_PRESSURE, chart.tables)
    return _told(term.name, drugs, active(chart))


def stopped(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the drug or class was stopped or completed within the days of the second argument."""
    medicines = past(chart)
    days = next((arg for arg in term.args[1:] if isinstance(arg, int)), 0)
    among = _of(drugs_of(term.about, chart.tables), medicines.read)
    told = [(each, _within(each, days, chart)) for each in among]
    within = [each for each, truth in told if truth is Truth.YES]
    if within:
        return _known(drugs_of(term.about, chart.tables), within, medicines.note)
    if medicines.gap is not None:
        return Missing(term.about, medicines.gap.why, medicines.gap.detail)
    if any(truth is Truth.UNKNOWN for _, truth in told):
        return Missing(term.about, Why.UNREADABLE, "when it was stopped is not on file")
    return Known(Truth.NO, note=medicines.note)


def drugs_of(name: str, tables: ChartTables) -> frozenset[str]:
    """The drugs of the class called *name*, or the one drug of that name."""
    return tables.drug_classes.get(name, frozenset({name}))


def drafted(chart: PatientChart, besides: Order | None) -> list[Taken]:
    """The drafts of the call as if taken, without the order *besides*.

    An order that is none of them is on trial in the place of the draft whose reference it has.
    """
    drafts = chart.facts.drafts
    judged = any(order is besides for order in drafts)
    replaced = "" if besides is None or judged else besides.reference
    return [
        _ordered(order, frozenset(order.drugs))
        for order in drafts
        if order is not besides and order.reference != replaced
    ]


def _ordered(order: Order, drugs: frozenset[str]) -> Taken:
    return Taken(drugs, Evidence(order.reference, order.started, "", DRAFTS))


def _on(chart: PatientChart, term: Term, order: Order | None) -> Known | Missing:
    drugs = drugs_of(term.about, chart.tables)
    found = _told(term.about, drugs, active(chart), drafted(chart, order))
    undrafted = chart.facts.undrafted
    if undrafted is not None and isinstance(found, Known) and found.value is Truth.NO:
        return Missing(term.about, undrafted.why, undrafted.detail)
    return found


def _told(
    what: str, drugs: Collection[str], medicines: Medicines, drafts: Iterable[Taken] = ()
) -> Known | Missing:
    found = _of(drugs, (*medicines.read, *drafts))
    if found:
        return _known(drugs, found, medicines.note)
    if medicines.gap is not None:
        return Missing(what, medicines.gap.why, medicines.gap.detail)
    return Known(Truth.NO, note=medicines.note)


def _of(drugs: Collection[str], taken: Iterable[Taken]) -> list[Taken]:
    return [each for each in taken if not each.drugs.isdisjoint(drugs)]


def _known(drugs: Collection[str], found: list[Taken], note: str) -> Known:
    names = sorted({drug for each in found for drug in each.drugs if drug in drugs})
    where = tuple(dict.fromkeys(each.evidence for each in found))
    return Known(Truth.YES, ", ".join(names), where, note)


def _within(taken: Taken, days: int, chart: PatientChart) -> Truth:
    """Whether a medicine ended at most *days* days ago."""
    today = chart.now.date()
    if taken.first is not None and (today - taken.first).days <= days:
        return Truth.YES
    over = taken.last is not None and (today - taken.last).days > days
    return Truth.NO if over else Truth.UNKNOWN


READERS: dict[str, Reader] = {"on": on_chart, "bp_tx": bp_tx, "stopped": stopped}
ORDER_READERS: dict[str, OrderReader] = {"on": on, "new_start": new_start}
