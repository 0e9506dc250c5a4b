"""The QT interval corrected for the heart rate, by Bazett and by Fridericia."""

from collections.abc import Mapping
from decimal import Decimal

from hooks.clinical.facts import Missing
from hooks.clinical.models.model import Model, Result

A_MINUTE = Decimal(60)  # seconds: at this many beats a minute nothing is corrected


def corrected(model: Model, given: Mapping[str, str]) -> Result | Missing:
    """In ms: QT by the square root, and by the cube root, of the seconds between two beats."""
    values = model.read(given)
    if isinstance(values, Missing):
        return values
    qt, rate = values.numbers["qt_ms"], values.numbers["heart_rate_bpm"]
    between = A_MINUTE / rate
    return {
        "bazett_ms": qt / between.sqrt(),
        "fridericia_ms": qt / between ** (Decimal(1) / 3),
    }
