"""A dosage instruction to the amount of each ingredient, at once and a day, where it is plain."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from hooks.clinical.codes import Product
from hooks.clinical.facts import Dose, Missing, Why
from hooks.reading.resources import Resource, as_dict, as_list, as_text

DAYS = {"d": Fraction(1), "h": Fraction(1, 24), "wk": Fraction(7), "mo": Fraction(30)}
TIMES_A_DAY = {
    "QD": Fraction(1), "BID": Fraction(2), "TID": Fraction(3), "QID": Fraction(4),
    "AM": Fraction(1), "PM": Fraction(1), "BED": Fraction(1), "QOD": Fraction(1, 2),
    "Q1H": Fraction(24), "Q2H": Fraction(12), "Q3H": Fraction(8), "Q4H": Fraction(6),
    "Q6H": Fraction(4), "Q8H": Fraction(3),
}  # codes of HL7's TimingAbbreviation  # fmt: skip
UNPLAIN = {"frequencyMax", "periodMax", "boundsCount", "dayOfWeek", "timeOfDay", "when"}
MILLIGRAMS = {
    "mg": Decimal(1), "g": Decimal(1000), "ug": Decimal("0.001"), "mcg": Decimal("0.001"),
    "\u00b5g": Decimal("0.001"), "\u03bcg": Decimal("0.001"),
}  # fmt: skip
MOST = 10**9  # no dose, frequency or period is larger
FINEST = Decimal("0.000001")
UNPLAIN_DOSE = Missing("dose", Why.UNREADABLE, "no plain amount and frequency")
PIECES = frozenset(
    {"{pill}", "{tbl}", "{tablet}", "{capsule}", "{cap}", "tab", "tabs", "tablet", "tablets"}
    | {"cap", "caps", "capsule", "capsules", "pill", "pills", "tablet(s)", "capsule(s)", "tbl"}
)


def daily_doses(
    request: Resource, drugs: tuple[str, ...], product: Product | None
) -> dict[str, Dose | Missing]:
    """The dose a day of each of *drugs*, in mg, or why it cannot be told."""
    times = _times(request)
    if isinstance(times, Missing):
        return dict.fromkeys(drugs, times)
    singles = single_doses(request, drugs, product)
    return {drug: _daily(single, times) for drug, single in singles.items()}


def single_doses(
    request: Resource, drugs: tuple[str, ...], product: Product | None
) -> dict[str, Decimal | Missing]:
    """The mg of each of *drugs* in one dose, or why they cannot be told."""
    dosage = instruction(request)
    if isinstance(dosage, Missing):
        return dict.fromkeys(drugs, dosage)
    quantity = dose_quantity(dosage)
    amount = number(quantity.get("value"))
    if amount is None:
        return dict.fromkeys(drugs, UNPLAIN_DOSE)
    unit = unit_of(quantity)
    return {drug: _single(drug, amount, unit, drugs, product) for drug in drugs}


def times_a_day(request: Resource) -> Decimal | Missing:
    """How many doses a day the one instruction asks for, or why that cannot be told."""
    times = _times(request)
    return times if isinstance(times, Missing) else _decimal(times)


def _times(request: Resource) -> Fraction | Missing:
    dosage = instruction(request)
    if isinstance(dosage, Missing):
        return dosage
    times = _times_a_day(as_dict(dosage, "timing"))
    return UNPLAIN_DOSE if times is None or not FINEST <= times < MOST else times


@lru_cache(maxsize=256)
def _decimal(value: Fraction) -> Decimal:
    """*value*, exactly where it ends within six places."""
    return (Decimal(value.numerator) / value.denominator).quantize(FINEST).normalize()


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


def _times_a_day(timing: Resource) -> Fraction | None:
    repeat = as_dict(timing, "repeat")
    if not repeat:
        coded = as_dict(as_dict(timing, "code"), "coding")
        return TIMES_A_DAY.get(as_text(coded, "code"))
    if UNPLAIN & repeat.keys():
        return None
    frequency = number(repeat.get("frequency", 1))
    period = number(repeat.get("period"))
    unit = as_text(repeat, "periodUnit") or as_text(repeat, "periodUnits")
    if frequency is None or period is None or unit not in DAYS:
        return None
    return _per_day(frequency, period, unit)


@lru_cache(maxsize=256)
def _per_day(frequency: Decimal, period: Decimal, unit: str) -> Fraction:
    return Fraction(frequency) / (Fraction(period) * DAYS[unit])


def _single(
    drug: str, amount: Decimal, unit: str, drugs: tuple[str, ...], product: Product | None
) -> Decimal | Missing:
    each = _milligrams(drug, unit, drugs, product)
    if each is None:
        return Missing("dose", Why.UNREADABLE, f"the unit does not tell the amount of {drug}")
    return amount * each if amount * each < MOST else UNPLAIN_DOSE


def _daily(single: Decimal | Missing, times: Fraction) -> Dose | Missing:
    if isinstance(single, Missing):
        return single
    amount = Fraction(single) * times
    return UNPLAIN_DOSE if amount >= MOST else Dose(_decimal(amount), "mg")


def _milligrams(
    drug: str, unit: str, drugs: tuple[str, ...], product: Product | None
) -> Decimal | None:
    """How many mg of *drug* one *unit* holds: by weight if it is alone, else as the product."""
    if unit in MILLIGRAMS:
        alone = len(drugs) == 1 and (product is None or not product.others)
        return MILLIGRAMS[unit] if alone else None
    if product is None:
        return None
    if unit.casefold() in PIECES:
        return strength(product).get(drug)
    return concentration(product).get(drug) if unit.casefold() == "ml" else None


def strength(product: Product) -> Mapping[str, Decimal]:
    """The mg of each ingredient in one piece of *product*; without those of another unit."""
    return {
        part.drug: part.value * MILLIGRAMS[part.unit]
        for part in product.strengths
        if part.value is not None and part.unit in MILLIGRAMS
    }


def concentration(product: Product) -> Mapping[str, Decimal]:
    """The mg of each ingredient in one mL of *product*; without those of another unit."""
    return {
        part.drug: part.value
        for part in product.strengths
        if part.value is not None and part.unit == "mg/mL"
    }
