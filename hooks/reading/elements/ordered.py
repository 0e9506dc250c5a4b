"""The ordered dose: at once, a day, and a day per body weight; and how often a day.

Only the one instruction of an order is read: several of them, a range or a dose as needed are no
plain dose. Pieces and millilitres count by the strength of the product.
"""

from decimal import ROUND_DOWN, Decimal

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Dose, Missing, Why
from hooks.reading.charts import OrderChart, OrderReader

PRINTED = Decimal("0.01")


def dose_day(chart: OrderChart, term: Term) -> Known | Missing:
    """The mg of the ordered drug a day."""
    dose = chart.order.daily_dose(chart.drug)
    return Known(Interval.exactly(dose.value), str(dose)) if isinstance(dose, Dose) else dose


def dose_single(chart: OrderChart, term: Term) -> Known | Missing:
    """The mg of the ordered drug in one dose."""
    dose = chart.order.single.get(chart.drug, Missing(term.name, Why.NOT_RECORDED))
    if isinstance(dose, Missing):
        return dose
    return Known(Interval.exactly(dose), f"{dose.normalize():f} mg")


def freq_day(chart: OrderChart, term: Term) -> Known | Missing:
    """How many doses a day are ordered."""
    times = chart.order.times
    if isinstance(times, Missing):
        return times
    return Known(Interval.exactly(times), f"{times:f} times a day")


def dose_mgkg(chart: OrderChart, term: Term) -> Known | Missing:
    """The mg of the ordered drug a day per kg of the actual body weight."""
    dose = chart.order.daily_dose(chart.drug)
    if isinstance(dose, Missing):
        return dose
    weight = chart.look(Term("weight"))
    if isinstance(weight, Missing):
        return Missing(term.name, weight.why, f"weight: {weight.detail or weight.why.value}")
    if not isinstance(weight.value, Interval):
        return Missing(term.name, Why.UNREADABLE, "the weight is no number")
    found = _per(dose.value, weight.value)
    shown = "" if found.value is None else f"{found.value.quantize(PRINTED, ROUND_DOWN):f} "
    return Known(found, f"{shown}mg/kg/day at {weight.shown}".strip(), weight.evidence, weight.note)


def _per(dose: Decimal, weight: Interval) -> Interval:
    """*dose* per kg; an open end of the weight leaves an open end."""
    low, high = (_quotient(dose, end) for end in (weight.high, weight.low))
    return Interval(Decimal(0) if low is None else low, high, weight.under, weight.over)


def _quotient(dose: Decimal, weight: Decimal | None) -> Decimal | None:
    return dose / weight if weight is not None and weight > 0 else None


ORDER_READERS: dict[str, OrderReader] = {
    "dose_day": dose_day,
    "dose_single": dose_single,
    "freq_day": freq_day,
    "dose_mgkg": dose_mgkg,
}
