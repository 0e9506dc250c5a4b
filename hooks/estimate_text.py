"""A dose by a published equation, as a card tells it."""

from collections.abc import Iterator
from decimal import Decimal

from hooks.clinical.dosing import DAYS, Estimate, Shown, plain, span
from hooks.knowledge import Source
from hooks.markdown import escaped, unmarked


def estimate_text(estimate: Estimate | None, source: Source | None) -> str:
    """The estimated dose, what came on top of it, and every input with its date."""
    if estimate is None or source is None:
        return ""
    inputs = "; ".join(escaped(_input(shown)) for shown in estimate.inputs)
    return f"{' '.join(_doses(estimate, source))} Inputs: {inputs}."


def _doses(estimate: Estimate, source: Source) -> Iterator[str]:
    yield (
        f"{source.label}: {_weekly_and_daily(*estimate.weekly)}; "
        f"{plain(estimate.clinical)} mg a week without genes."
    )
    for adjustment in estimate.adjustments:
        text = adjustment.text
        yield unmarked(f"{text[:1].upper()}{text[1:]} ({adjustment.strength}).")
    if estimate.adjustments:
        yield f"With that: {_weekly_and_daily(*estimate.adjusted)}."


def _weekly_and_daily(low: Decimal, high: Decimal) -> str:
    return f"{span(low, high)} mg a week ({span(low / DAYS, high / DAYS)} mg a day)"


def _input(shown: Shown) -> str:
    on = shown.evidence.on if shown.evidence is not None else None
    dated = f" of {on.isoformat()}" if on is not None else ""
    return f"{shown.label} {shown.value}{dated}"
