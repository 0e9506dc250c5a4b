"""A dosage instruction to an amount of each ingredient a day, where it says that plainly."""

from collections.abc import Mapping
from decimal import Decimal

from hooks.clinical.codes import Product
from hooks.clinical.facts import Dose, Missing, Why
from hooks.reading.resources import Resource, as_dict, as_list, as_text

DAYS = {"d": Decimal(1), "h": Decimal(1) / 24, "wk": Decimal(7), "mo": Decimal(30)}
TIMES_A_DAY = {"QD": 1, "BID": 2, "TID": 3, "QID": 4, "AM": 1, "PM": 1, "BED": 1}
UNPLAIN = {"frequencyMax", "periodMax", "boundsCount", "dayOfWeek", "timeOfDay", "when"}
MILLIGRAMS = {"mg": Decimal(1), "g": Decimal(1000), "ug": Decimal("0.001"), "mcg": Decimal("0.001")}
MOST = 10**9  # no dose, frequency or period is larger
PIECES = frozenset(
    {"{pill}", "{tbl}", "{tablet}", "{capsule}", "{cap}", "tab", "tabs", "tablet", "tablets"}
    | {"cap", "caps", "capsule", "capsules", "pill", "pills", "tablet(s)", "capsule(s)", "tbl"}
)


def daily_doses(
    request: Resource, drugs: tuple[str, ...], product: Product | None
) -> dict[str, Dose | Missing]:
    """The dose a day of each of *drugs*, in mg, or why it cannot be told."""
    told = _amount_and_times(request)
    return {drug: _daily(drug, told, drugs, product) for drug in drugs}


def instruction(request: Resource) -> Resource | Missing:
    """The one dosage instruction; several, or one as needed, do not add up to a daily dose."""
    listed = as_list(request, "dosageInstruction")
    if not listed:
        return Missing("dose", Why.NOT_RECORDED, "the order has no dosage yet")
    first = listed[0]
    if len(listed) > 1 or not isinstance(first, dict):
        return Missing("dose", Why.UNREADABLE, "more than one dosage instruction")
    if first.get("asNeededBoolean") is True or "asNeededCodeableConcept" in first:
        return Missing("dose", Why.UNREADABLE, "taken as needed")
    return first


def dose_quantity(dosage: Resource) -> Resource:
    """The quantity of one dose: in R4's `doseAndRate` or in DSTU2's place; empty if none."""
    rates = as_list(dosage, "doseAndRate")
    if len(rates) > 1:
        return {}
    return as_dict(rates[0], "doseQuantity") if rates else as_dict(dosage, "doseQuantity")


def unit_of(quantity: Resource) -> str:
    """The unit of a quantity: its code, else its unit in words."""
    code, words = as_text(quantity, "code"), as_text(quantity, "unit")
    return words if code == "1" and words else code or words


def number(value: object) -> Decimal | None:
    """A JSON number, exactly as written; None for anything else, and for what is not positive."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < MOST:
        return None
    return Decimal(str(value))


def _amount_and_times(request: Resource) -> tuple[Decimal, str, Decimal] | Missing:
    """The amount of a dose, its unit, and how many doses a day."""
    dosage = instruction(request)
    if isinstance(dosage, Missing):
        return dosage
    quantity = dose_quantity(dosage)
    amount, times = number(quantity.get("value")), _times_a_day(as_dict(dosage, "timing"))
    if amount is None or times is None:
        return Missing("dose", Why.UNREADABLE, "no plain amount and frequency")
    return amount, unit_of(quantity), times


def _times_a_day(timing: Resource) -> Decimal | None:
    repeat = as_dict(timing, "repeat")
    if not repeat:
        coded = as_dict(as_dict(timing, "code"), "coding")
        times = TIMES_A_DAY.get(as_text(coded, "code"))
        return None if times is None else Decimal(times)
    if UNPLAIN & repeat.keys():
        return None
    frequency = number(repeat.get("frequency", 1))
    period = number(repeat.get("period"))
    days = DAYS.get(as_text(repeat, "periodUnit") or as_text(repeat, "periodUnits"))
    if frequency is None or period is None or days is None:
        return None
    return frequency / (period * days)


def _daily(
    drug: str,
    told: tuple[Decimal, str, Decimal] | Missing,
    drugs: tuple[str, ...],
    product: Product | None,
) -> Dose | Missing:
    if isinstance(told, Missing):
        return told
    amount, unit, times = told
    each = _milligrams(drug, unit, drugs, product)
    if each is None:
        return Missing("dose", Why.UNREADABLE, f"the unit does not tell the amount of {drug}")
    daily = amount * each * times
    if daily >= MOST:
        return Missing("dose", Why.UNREADABLE, "no plain amount and frequency")
    return Dose(daily.quantize(Decimal("0.001")).normalize(), "mg")


def _milligrams(
    drug: str, unit: str, drugs: tuple[str, ...], product: Product | None
) -> Decimal | None:
    """How many mg of *drug* one *unit* holds: by weight if it is alone, by piece as the product."""
    if unit in MILLIGRAMS:
        alone = len(drugs) == 1 and (product is None or not product.others)
        return MILLIGRAMS[unit] if alone else None
    if unit.casefold() not in PIECES or product is None:
        return None
    return strength(product).get(drug)


def strength(product: Product) -> Mapping[str, Decimal]:
    """The mg of each ingredient in one piece of *product*; without those of another unit."""
    return {
        part.drug: part.value * MILLIGRAMS[part.unit]
        for part in product.strengths
        if part.value is not None and part.unit in MILLIGRAMS
    }
