"""Three-valued truth: a condition is met, is not met, or cannot be told (Kleene logic)."""

from collections.abc import Iterable
from enum import Enum
from functools import reduce
from operator import and_, or_


class Truth(Enum):
    """YES, NO or UNKNOWN; ordered so that `and` is the least and `or` the greatest."""

    NO = 0
    UNKNOWN = 1
    YES = 2

    def __and__(self, other: "Truth") -> "Truth":
        return Truth(min(self.value, other.value))

    def __or__(self, other: "Truth") -> "Truth":
        return Truth(max(self.value, other.value))

    def __invert__(self) -> "Truth":
        return Truth(2 - self.value)

    def __bool__(self) -> bool:
        raise TypeError("a Truth has three values; write `is Truth.YES`")


def all_of(truths: Iterable[Truth]) -> Truth:
    """YES if every one is, NO as soon as one is, else UNKNOWN."""
    return reduce(and_, truths, Truth.YES)


def any_of(truths: Iterable[Truth]) -> Truth:
    """YES as soon as one is, NO if every one is, else UNKNOWN."""
    return reduce(or_, truths, Truth.NO)
