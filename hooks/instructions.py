"""The words of an order whose numbers we change: never the old ones beside the new.

Many systems print and dispense by an instruction's text. It is written anew where the coded parts
tell all of it, and left out where they do not.
"""

from typing import Any

from hooks.reading.doses import MILLIGRAMS, dose_quantity, number, unit_of
from hooks.reading.resources import Resource, as_dict, as_list, as_text

IN_WORDS = frozenset({"text", "patientInstruction"})
MAXIMA = frozenset({"maxDosePerPeriod", "maxDosePerAdministration", "maxDosePerLifetime"})
TOLD = frozenset({"id", "sequence", "timing", "doseAndRate"})  # what `instruction_text` tells
TOLD_TIMING = frozenset({"frequency", "period", "periodUnit"})
TOLD_RATE = frozenset({"id", "type", "doseQuantity"})
RENDERED = "renderedDosageInstruction"  # R5's element, as R4 carries it in an extension
SPANS = {"h": "hour", "d": "day", "wk": "week", "mo": "month"}
TIMES = {"1": "once", "2": "twice"}


def reworded(order: Resource) -> Resource:
    """*order* without its narrative, and its instructions without words of a former dose."""
    kept = {name: part for name, part in order.items() if _name(name) != "text"}
    if dosages := as_list(order, "dosageInstruction"):
        kept["dosageInstruction"] = list(filter(None, map(_reworded, dosages)))
    if more := as_list(order, "extension"):
        kept["extension"] = [each for each in more if not as_text(each, "url").endswith(RENDERED)]
    return kept


def instruction_text(dosage: Resource) -> str:
    """How much and how often, in words; empty where that is not plain, or not all there is."""
    quantity = dose_quantity(dosage)
    amount = number(quantity.get("value"))
    coded = unit_of(quantity)  # what the dose was reckoned by; words may say another weight
    unit = coded if coded in MILLIGRAMS else as_text(quantity, "unit")
    often = _often(as_dict(dosage, "timing"))
    if amount is None or not unit.isalpha() or not often or not _is_told(dosage):
        return ""
    return f"{amount.normalize():f} {unit} {often}"


def _is_told(dosage: Resource) -> bool:
    """Whether *dosage* holds nothing but what `instruction_text` tells."""
    rate = as_dict(dosage, "doseAndRate")
    return dosage.keys() <= TOLD and rate.keys() <= TOLD_RATE


def _reworded(dosage: Any) -> Any:
    if not isinstance(dosage, dict):
        return dosage
    former = IN_WORDS | MAXIMA
    kept = {name: part for name, part in dosage.items() if _name(name) not in former}
    text = instruction_text(kept) if "text" in dosage else ""
    return {"text": text, **kept} if text else kept


def _name(name: str) -> str:
    """The element that *name* is, or that it says more of: R4 has `_text` beside `text`."""
    return name.removeprefix("_")


def _often(timing: Resource) -> str:
    repeat = as_dict(timing, "repeat")
    times, period = number(repeat.get("frequency", 1)), number(repeat.get("period"))
    span = SPANS.get(as_text(repeat, "periodUnit"))
    if times is None or period is None or not span or repeat.keys() - TOLD_TIMING:
        return ""
    if period == 1:
        return f"{TIMES.get(f'{times}', f'{times} times')} a {span}"
    return f"every {period} {span}s" if times == 1 else ""
