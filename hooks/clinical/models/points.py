"""Scores that add points: the form of CHA2DS2-VASc, HAS-BLED, Tisdale's and Child-Pugh's.

What adds points is data: a flag (`sepsis`), a choice (`ascites slight`), or a number against a
limit (`age >= 65`). Where one of them cannot be told, the score lies in an interval.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from hooks.clinical.elements import Interval
from hooks.clinical.facts import Missing
from hooks.clinical.logic import Truth
from hooks.clinical.models.model import Model, Result, Values

LIMITS: Mapping[str, Callable[[Interval, Decimal], Truth]] = {
    "<": lambda value, limit: value.less(limit),
    "<=": lambda value, limit: value.at_most(limit),
    ">": lambda value, limit: ~value.at_most(limit),
    ">=": lambda value, limit: ~value.less(limit),
}
Told = Interval | Truth | str  # a number, a flag, a choice
UNTOLD = Interval(None, None)


def limit_of(term: str) -> tuple[str, str, str]:
    """`age >= 65` as its three parts; the last two are empty where *term* is no such limit."""
    parts = term.split(" ")
    name, sign, limit = parts if len(parts) == 3 and parts[1] in LIMITS else (term, "", "")
    return name, sign, limit


def score(table: Mapping[str, Decimal], told: Mapping[str, Told]) -> tuple[Decimal, Decimal]:
    """The least and the most points of *table*: they differ where something is not told.

    Every choice has to be told, with the ones that no term names.
    """
    low = high = table["intercept"]
    for term, points in table.items():
        truth = Truth.NO if term == "intercept" else _holds(term, told)
        low += points if truth is Truth.YES else 0
        high += points if truth is not Truth.NO else 0
    return low, high


def _holds(term: str, told: Mapping[str, Told]) -> Truth:
    name, sign, limit = limit_of(term)
    if sign:
        value = told.get(name, UNTOLD)
        return LIMITS[sign](value, Decimal(limit)) if isinstance(value, Interval) else Truth.UNKNOWN
    name, _, choice = term.partition(" ")
    value = told.get(name, Truth.UNKNOWN)
    if isinstance(value, str):
        return Truth.YES if value == choice else Truth.NO
    return value if isinstance(value, Truth) else Truth.UNKNOWN


def points(model: Model, given: Mapping[str, str]) -> Result | Missing:
    """The score of each table of *model*; `<score>_from` and `<score>_to` where it is not one."""
    values = model.read(given)
    if isinstance(values, Missing):
        return values
    told = _told(model, values)
    found: dict[str, Decimal] = {}
    for name, table in model.coefficients.items():
        low, high = score(table, told)
        found |= {name: low} if low == high else {f"{name}_from": low, f"{name}_to": high}
    return found


def _told(model: Model, values: Values) -> dict[str, Told]:
    told: dict[str, Told] = dict(values.words)
    for name, number in values.numbers.items():
        flag = model.input(name).kind == "flag"
        told[name] = (Truth.YES if number else Truth.NO) if flag else Interval.exactly(number)
    return told
