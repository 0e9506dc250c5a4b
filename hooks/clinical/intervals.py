"""Arithmetic of intervals, by formulas that only rise or only fall: nothing is rounded.

A bound that does not count (`<0.5`) stays one that does not count.
"""

from collections.abc import Callable
from decimal import Decimal

from hooks.clinical.elements import Interval

Formula = Callable[[Decimal], Decimal]


def rising(of: Interval, formula: Formula) -> Interval:
    """*formula* of *of*, where more gives more."""
    low, high = _end(of.low, formula), _end(of.high, formula)
    return Interval(low, high, of.over, of.under)


def falling(of: Interval, formula: Formula) -> Interval:
    """*formula* of *of*, where more gives less."""
    low, high = _end(of.high, formula), _end(of.low, formula)
    return Interval(low, high, of.under, of.over)


def total(one: Interval, other: Interval) -> Interval:
    """Their sum."""
    return Interval(
        _both(one.low, other.low),
        _both(one.high, other.high),
        one.over or other.over,
        one.under or other.under,
    )


def quotient(of: Interval, by: Interval) -> Interval:
    """Their quotient, where both are above 0."""
    low = None if of.low is None or by.high is None else of.low / by.high
    high = None if of.high is None or by.low is None else of.high / by.low
    return Interval(low, high, of.over or by.under, of.under or by.over)


def distance(one: Interval, other: Interval) -> Interval:
    """How far they lie apart, whichever is the greater."""
    apart = total(one, falling(other, lambda value: -value))
    if apart.low is not None and apart.low >= 0:
        return apart
    mirrored = falling(apart, lambda value: -value)
    if mirrored.low is not None and mirrored.low >= 0:
        return mirrored
    if apart.high is None or mirrored.high is None:
        return Interval(Decimal(0), None)
    return Interval(Decimal(0), max(apart.high, mirrored.high))


def _end(value: Decimal | None, formula: Formula) -> Decimal | None:
    return None if value is None else formula(value)


def _both(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
