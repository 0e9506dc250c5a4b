"""Numbers and UCUM units as a card shows them."""

import re
from decimal import Decimal

from hooks.clinical.elements import Interval

SHOWN = {"a": "years", "1": "", "%": "%", "kg/m2": "kg/m²", "mm[Hg]": "mmHg"}
BRACES = re.compile(r"\{([^}]*)\}")
POWER = re.compile(r"\b10[*^](-?\d+)")
MICRO = re.compile(r"(?<![A-Za-z])u(?=(?:g|mol|L|kat|\[?IU\]?|U|m)\b)")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
NAMELESS = {"score", "points", "lab", "ratio", "#"}  # annotations that say nothing beside a value
LONGEST = 40  # characters of a unit that somebody else wrote
TIMES = "\N{MULTIPLICATION SIGN}"
FEWEST, MOST = 4, 8  # digits


def unit_shown(ucum: str) -> str:
    """A UCUM unit as a card shows it: powers raised, micro as µ, annotations without braces."""
    if ucum in SHOWN:
        return SHOWN[ucum]
    text = BRACES.sub(_annotation, ucum[:LONGEST]).replace("[IU]", "IU").replace("[Hg]", "Hg")
    text = POWER.sub(lambda match: f"{TIMES}10{match[1].translate(RAISED)}", text)
    text = MICRO.sub("µ", text).replace("1.73_m2", "1.73 m²").replace("1.73m2", "1.73 m²")
    return text.strip()


def _annotation(match: "re.Match[str]") -> str:
    said = match[1].replace("_m2", " m²").replace("_", " ")
    if match[1].casefold() in NAMELESS:
        return ""
    beside = match.string[: match.start()]
    return f" {said}" if beside and beside[-1].isalnum() else said


def amount_shown(value: Decimal, ucum: str, comparator: str = "") -> str:
    """A value as it is: `<30 mL/min`."""
    return _joined(f"{comparator}{plain(value)}", ucum)


def interval_shown(interval: Interval, ucum: str) -> str:
    """Where a calculated number lies, its ends rounded for reading: `58.2 mL/min`, `above 90`."""
    low, high = interval.low, interval.high
    if low is None:
        told = f"{'<' if interval.under else '≤'}{rounded(high)}" if high is not None else ""
    elif high is None:
        told = f"{'>' if interval.over else '≥'}{rounded(low)}"
    else:
        told = rounded(low) if low == high else f"{rounded(low)} to {rounded(high)}"
    return _joined(told, ucum) if told else ""


def rounded(value: Decimal) -> str:
    """*value* with four digits, or with more where these would make it a rounder number.

    134.96 is not shown as 135, which it is below.
    """
    for digits in range(FEWEST, MOST):
        short = Decimal(f"{value:.{digits}g}")
        if short == value or len(short.normalize().as_tuple().digits) >= FEWEST:
            return plain(short)
    return plain(value)


def plain(value: Decimal) -> str:
    """*value* without exponent and trailing zeros."""
    return f"{value.normalize():f}"


def _joined(number: str, ucum: str) -> str:
    unit = unit_shown(ucum)
    return f"{number}{'' if unit == '%' else ' '}{unit}".strip()
