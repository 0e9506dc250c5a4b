"""One table of ratios and goals, then the raw numbers."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One goal: what was measured, and whether it is met; None where it could not be measured."""

    what: str
    measured: str
    goal: str
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "NOT MET", None: "-"}[self.met]


def at_least(what: str, ratio: float, goal: float, of: str) -> Line:
    """A ratio to another server that should not be smaller than *goal*."""
    return Line(what, f"{ratio:.2f} x {of}", f"≥ {goal:g} x {of}", ratio >= goal)


def at_most(what: str, value: float, goal: float, unit: str) -> Line:
    """A figure that should not be greater than *goal*."""
    return Line(what, f"{value:.{places(value)}f} {unit}", f"≤ {goal:g} {unit}", value <= goal)


def left_out(what: str, goal: str) -> Line:
    """A goal that this run could not measure."""
    return Line(what, "not measured", goal)


def places(value: float) -> int:
    """As many decimal places as say something."""
    return 0 if value >= 100 else 1 if value >= 10 else 2


def goals(lines: Sequence[Line]) -> str:
    """The goals, as a table."""
    head = ("", "measured", "goal", "")
    rows = [(line.what, line.measured, line.goal, line.verdict) for line in lines]
    return aligned([head, *rows])


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """*rows* in columns; the first to the left, all others to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join([row[0].ljust(widths[0]), *cells[1:]]).rstrip())
    return "\n".join(lines)
