"""Scores and risks by published equations, of what other elements tell.

Race is never read. An equation gives no number where an input is missing or out of its range; a
score that adds points gives an interval where one of its parts cannot be told.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_DOWN, Decimal

from hooks.clinical.elements import Chart, Interval, Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.clinical.models.model import Model, Values
from hooks.clinical.models.points import Told, score
from hooks.clinical.models.prevent import risk
from hooks.clinical.models.registry import calculate
from hooks.reading.charts import OrderChart, OrderReader, PatientChart, Reader
from hooks.reading.elements.collected import FEMALE, Asked, Collected, any_of, collected, words

RECORDED = "recorded conditions only, what is not recorded counts as absent"
PRINTED = {"prevent_ascvd": Decimal("0.1"), "fib4": Decimal("0.01"), "meld3": Decimal("0.1")}
PERCENT = Decimal(100)
YOUNGEST = Decimal(12)  # years: younger children have a score of their own (PELD)


def _number(name: str) -> tuple[Term, ...]:
    return (Term(name),)


def _any(predicate: str, *names: str) -> tuple[Term, ...]:
    return tuple(Term(predicate, (name,)) for name in names)


FIB4: Asked = {
    "age": _number("age"),
    "ast_U_L": _number("ast"),
    "alt_U_L": _number("alt"),
    "platelets_10e9_L": _number("platelets"),
}
MELD3: Asked = {
    "age": _number("age"),
    "female": (FEMALE,),
    "bilirubin_mg_dL": _number("bilirubin"),
    "sodium_mmol_L": _number("sodium"),
    "inr": _number("inr"),
    "creatinine_mg_dL": _number("scr"),
    "albumin_g_dL": _number("albumin"),
    "dialysis": _any("cond", "dialysis"),
}
PREVENT: Asked = {
    "age_years": _number("age"),
    "sex": (FEMALE,),
    "sbp_mmHg": _number("sbp"),
    "on_antihypertensive": (Term("bp_tx"),),
    "total_chol_mg_dL": _number("tc"),
    "hdl_mg_dL": _number("hdl"),
    "on_statin": _any("on", "STATIN"),
    "diabetes": _any("cond", "diabetes", "t1dm", "t2dm"),
    "current_smoker": (Term("smoker"),),
    "egfr": _number("egfr"),
    "bmi": _number("bmi"),
}
DISEASED = (*_any("hist", "ascvd", "stroke-tia"), *_any("cond", "heart-failure"))
CHA2DS2VASC: Asked = {
    "age": _number("age"),
    "female": (FEMALE,),
    "chf": _any("cond", "heart-failure"),
    "hypertension": _any("cond", "hypertension"),
    "diabetes": _any("cond", "diabetes", "t1dm", "t2dm"),
    "stroke_tia_te": _any("hist", "stroke-tia"),
    "vascular_disease": _any("hist", "vascular-disease"),
}
TISDALE: Asked = {
    "age": _number("age"),
    "female": (FEMALE,),
    "loop_diuretic": _any("on", "LOOP"),
    "potassium_mmol_L": _number("potassium"),
    "admission_qtc_ms": _number("qtc"),
    "acute_MI": _any("cond", "mi-acute"),
    "sepsis": _any("cond", "sepsis"),
    "heart_failure": _any("cond", "heart-failure"),
}
QT_DRUGS = "QT_RISK"


Equation = Callable[[Model, Mapping[str, str]], Decimal | Missing]


def _by_equation(
    chart: Chart, name: str, model: Model, asked: Asked, equation: Equation, remark: str
) -> Known | Missing:
    """What *equation* makes of the record; nothing where an input is missing or out of range."""
    found = collected(chart, asked, model)
    given = words(found, model)
    if found.gaps:
        return found.missing(name)
    value = equation(model, given)
    if isinstance(value, Missing):
        detail = f"{value.what} is outside of the equation's range"
        return Missing(name, Why.UNREADABLE, detail)
    note = found.note(remark) if remark else found.note()
    return found.known(Interval.exactly(value), _printed(name, value), note)


def _printed(name: str, value: Decimal) -> str:
    """Cut off, not rounded: 9.96 must not stand as 10.0 on a card that says less than 10."""
    figure = f"{value.quantize(PRINTED[name], ROUND_DOWN):f}"
    return f"{figure} %" if name == "prevent_ascvd" else figure


def _lone(model: Model, given: Mapping[str, str]) -> Decimal | Missing:
    found = calculate(model, given)
    return found if isinstance(found, Missing) else found["value"]


def _meld3(model: Model, given: Mapping[str, str]) -> Decimal | Missing:
    if Decimal(given["age"]) < YOUNGEST:
        return Missing("age", Why.UNREADABLE)
    return _lone(model, given)


def _ascvd(model: Model, given: Mapping[str, str]) -> Decimal | Missing:
    values = model.read(given)
    return PERCENT * risk(model, "10yr_ascvd", values) if isinstance(values, Values) else values


def fib4(chart: Chart, model: Model) -> Known | Missing:
    """FIB-4, from 35 years on."""
    return _by_equation(chart, "fib4", model, FIB4, _lone, "")


def meld3(chart: Chart, model: Model) -> Known | Missing:
    """MELD 3.0 from 12 years on, neither rounded nor capped; dialysis as recorded."""
    return _by_equation(chart, "meld3", model, MELD3, _meld3, RECORDED)


def prevent_ascvd(chart: Chart, model: Model) -> Known | Missing:
    """The 10-year risk of atherosclerotic disease in percent, by PREVENT.

    For people without cardiovascular disease, heart failure among it.
    """
    diseased = any_of(chart, DISEASED)
    if isinstance(diseased, Missing):
        return Missing("prevent_ascvd", diseased.why, diseased.detail)
    if diseased.value is Truth.YES:
        detail = "the equation is for people without cardiovascular disease"
        return Missing("prevent_ascvd", Why.UNREADABLE, detail)
    return _by_equation(chart, "prevent_ascvd", model, PREVENT, _ascvd, RECORDED)


def cha2ds2vasc(chart: Chart, model: Model) -> Known | Missing:
    """CHA2DS2-VASc by the recorded conditions."""
    return _scored(collected(chart, CHA2DS2VASC, model), {}, model)


def tisdale(chart: Chart, model: Model, ordered: str, drugs: Iterable[str]) -> Known | Missing:
    """Tisdale's score; *drugs* prolong the QT interval, and *ordered* may be one of them."""
    found = collected(chart, TISDALE, model)
    count = _qt_drugs(chart, ordered, frozenset(drugs), found)
    return _scored(found, {"n_qt_drugs": count}, model)


def _scored(found: Collected, others: Mapping[str, Told], model: Model) -> Known:
    """The score, from its least to its most where an input is not known."""
    low, high = score(model.coefficients["score"], {**found.values, **others})
    shown = f"{low}" if low == high else f"{low} to {high}"
    return found.known(Interval(low, high), shown, found.note(RECORDED))


def _qt_drugs(chart: Chart, ordered: str, drugs: frozenset[str], found: Collected) -> Interval:
    """How many of *drugs* are taken or ordered, each counted once."""
    certain, possible = drugs & {ordered}, frozenset[str]()
    taken = chart.look(Term("on", (QT_DRUGS,)))
    if isinstance(taken, Missing):
        found.gaps.append(Missing("other QT drugs", taken.why, taken.detail))
        return Interval(Decimal(len(certain)), None)
    if taken.value is not Truth.NO:
        told = {drug: chart.look(Term("on", (drug,))) for drug in sorted(drugs - certain)}
        known = {drug: each for drug, each in told.items() if isinstance(each, Known)}
        certain |= {drug for drug, each in known.items() if each.value is Truth.YES}
        absent = {drug for drug, each in known.items() if each.value is Truth.NO}
        possible = drugs - certain - absent
        found.evidence += [
            e for drug in sorted(certain & known.keys()) for e in known[drug].evidence
        ]
    found.shown.append(f"QT drugs: {', '.join(sorted(certain)) or 'none'}")
    if possible:
        found.gaps.append(
            Missing(f"whether {', '.join(sorted(possible))} is taken", Why.UNREADABLE)
        )
    return Interval(Decimal(len(certain)), Decimal(len(certain | possible)))


def _not_shipped(_: PatientChart, term: Term) -> Missing:
    """The record does not hold what this model asks, and no calculator of it is shipped."""
    return Missing(term.name, Why.NOT_RECORDED, "there is no calculator for it here")


def _patient(name: str, read: Callable[[Chart, Model], Known | Missing]) -> Reader:
    def reader(chart: PatientChart, term: Term) -> Known | Missing:
        model = chart.tables.models.get(name)
        return read(chart, model) if model is not None else _no_model(term)

    return reader


def _order(name: str, read: Callable[[OrderChart, Model], Known | Missing]) -> OrderReader:
    def reader(chart: OrderChart, term: Term) -> Known | Missing:
        model = chart.patient.tables.models.get(name)
        return read(chart, model) if model is not None else _no_model(term)

    return reader


def _no_model(term: Term) -> Missing:
    return Missing(term.name, Why.UNREADABLE, "the equation is not on file")


def _tisdale_beside(chart: OrderChart, model: Model) -> Known | Missing:
    drugs = chart.patient.tables.drug_classes.get(QT_DRUGS, frozenset())
    return tisdale(chart, model, chart.drug, drugs)


READERS: dict[str, Reader] = {
    "fib4": _patient("fib4", fib4),
    "meld3": _patient("meld3", meld3),
    "cha2ds2vasc": _patient("cha2ds2vasc", cha2ds2vasc),
    "qrisk3": _not_shipped,
    "gail5": _not_shipped,
}
ORDER_READERS: dict[str, OrderReader] = {
    "prevent_ascvd": _order("prevent", prevent_ascvd),
    "tisdale": _order("tisdale", _tisdale_beside),
}
