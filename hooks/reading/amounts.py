"""What a value says in numbers: a Quantity, or a number in words."""

import re
from dataclasses import dataclass
from decimal import Decimal

from hooks.reading.resources import Resource, as_dict, as_text

COMPARATORS = {"": "", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "≤": "<=", "≥": ">="}
NUMBER = re.compile(
    r"\s*(?P<sign><=|>=|[<>≤≥])?\s*(?P<number>-?\d{1,12}(?:[.,]\d{1,12})?)\s*(?P<unit>\S.*?)?\s*\Z"
)
THOUSANDS = re.compile(r"-?[1-9]\d{0,2},\d{3}\Z")  # 1,500 may be 1500, and may be 1.5
UCUM = "http://unitsofmeasure.org"
MOST = 10**12  # no result is larger
LONGEST = 100  # characters of a result in words


@dataclass(frozen=True, slots=True)
class Amount:
    """What a value says: a number, its comparator, and the unit as the result names it."""

    value: Decimal
    comparator: str
    unit: str
    other_unit: str = ""


def amount(part: Resource) -> Amount | None:
    """The number in the value of an Observation or a component; None if there is none."""
    if "valueQuantity" in part:
        return quantity(as_dict(part, "valueQuantity"))
    if "valueInteger" in part:
        return quantity({"value": part["valueInteger"]})
    concept = as_dict(part, "valueCodeableConcept")
    return _of_text(as_text(part, "valueString") or as_text(concept, "text"))


def quantity(told: Resource) -> Amount | None:
    """The number in a Quantity; its unit is the UCUM code, else the unit in words."""
    value, comparator = told.get("value"), as_text(told, "comparator")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if comparator not in COMPARATORS or not -MOST < value < MOST:
        return None
    words = as_text(told, "unit").strip()
    code = as_text(told, "code") if as_text(told, "system") in {"", UCUM} else ""
    return Amount(Decimal(str(value)), COMPARATORS[comparator], code or words, words)


def _of_text(text: str) -> Amount | None:
    match = NUMBER.match(text) if len(text) <= LONGEST else None
    if match is None or THOUSANDS.match(match["number"]):
        return None
    number = Decimal(match["number"].replace(",", "."))
    return Amount(number, COMPARATORS[match["sign"] or ""], match["unit"] or "")
