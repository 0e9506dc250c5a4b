"""Numbers over time as a small line: points of an SVG, and the same in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WIDTH, HEIGHT, MARGIN = 96, 24, 3


@dataclass(frozen=True, slots=True)
class Point:
    """A number on a day."""

    on: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class Trend:
    """A line through *points* (`x,y x,y`), its last point, and what it shows in words."""

    points: str
    x: str
    y: str
    words: str


def trend(points: Sequence[Point]) -> Trend | None:
    """The line through *points*, which are in the order of time; none through fewer than two."""
    if len(points) < 2:
        return None
    first, last = points[0].on.toordinal(), points[-1].on.toordinal()
    low, high = min(p.value for p in points), max(p.value for p in points)
    places = [
        (
            _along(p.on.toordinal() - first, last - first, WIDTH),
            HEIGHT - _along(float(p.value - low), float(high - low), HEIGHT),
        )
        for p in points
    ]
    line = [(f"{x:.1f}", f"{y:.1f}") for x, y in places]
    words = f"{len(points)} results since {points[0].on.isoformat()}, from {low} to {high}"
    return Trend(" ".join(f"{x},{y}" for x, y in line), *line[-1], words)


def _along(part: float, whole: float, length: int) -> float:
    """*part* of *whole* as a place on *length*; the middle where all are the same."""
    share = part / whole if whole else 0.5
    return MARGIN + share * (length - 2 * MARGIN)
