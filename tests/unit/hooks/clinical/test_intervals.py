"""Arithmetic of intervals: what they give holds every number that they allow, and its ends."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.elements import Interval
from hooks.clinical.intervals import distance, falling, quotient, rising, total
from hooks.clinical.logic import Truth

NUMBERS = st.decimals("0.1", "100", places=1)
SIGNS = st.sampled_from(["", "<", "<=", ">", ">="])


@st.composite
def intervals(draw: st.DrawFn) -> tuple[Interval, Decimal]:
    """An interval above 0 and a number in it."""
    bound, sign, further = draw(NUMBERS), draw(SIGNS), draw(NUMBERS)
    if sign == "":
        return Interval.exactly(bound), bound
    if "<" in sign:
        inside = bound * further / (further + 1)
        return Interval.reported(bound, sign), inside
    return Interval.reported(bound, sign), bound + further


def holds(interval: Interval, value: Decimal) -> bool:
    """Whether *value* may be the number that *interval* tells."""
    low, high = interval.low, interval.high
    above = low is None or value > low or (value == low and not interval.over)
    return above and (high is None or value < high or (value == high and not interval.under))


@given(intervals())
def test_a_rising_and_a_falling_formula_hold_their_results(of: tuple[Interval, Decimal]) -> None:
    interval, value = of

    assert holds(rising(interval, lambda each: 3 * each + 1), 3 * value + 1)
    assert holds(falling(interval, lambda each: 5 - each), 5 - value)


@given(intervals(), intervals())
def test_sum_quotient_and_distance_hold_their_results(
    one: tuple[Interval, Decimal], other: tuple[Interval, Decimal]
) -> None:
    assert holds(total(one[0], other[0]), one[1] + other[1])
    assert holds(quotient(one[0], other[0]), one[1] / other[1])
    assert holds(distance(one[0], other[0]), abs(one[1] - other[1]))
    assert holds(distance(other[0], one[0]), abs(one[1] - other[1]))


@given(NUMBERS, NUMBERS)
def test_exact_numbers_give_exact_results(one: Decimal, other: Decimal) -> None:
    a, b = Interval.exactly(one), Interval.exactly(other)

    assert total(a, b).value == one + other
    assert quotient(a, b).value == one / other
    assert distance(a, b).value == abs(one - other)


@pytest.mark.parametrize(
    ("sign", "low", "over"), [("<", "10", True), ("<=", "10", False), (">", None, False)]
)
def test_a_bound_that_does_not_count_stays_one(sign: str, low: str | None, over: bool) -> None:
    found = quotient(Interval.exactly(Decimal(5)), Interval.reported(Decimal("0.5"), sign))

    assert (found.low, found.over) == (low and Decimal(low), over)


def test_the_distance_of_what_may_be_equal_starts_at_0() -> None:
    around = Interval(Decimal(6), Decimal(8))
    seven, open_ = Interval.exactly(Decimal(7)), Interval.reported(Decimal(9), "<")

    assert distance(seven, around) == Interval(Decimal(0), Decimal(1))
    assert distance(seven, open_).less(Decimal(100)) is Truth.UNKNOWN
    assert distance(Interval.exactly(Decimal(10)), open_) == Interval(
        Decimal(1), None, over=True, under=False
    )
