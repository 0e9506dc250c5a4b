"""Cockcroft-Gault: the clearance of creatinine by age and actual body weight.

Never in place of an eGFR, nor an eGFR in its place: labels name one of the two. The weight is the
one that was measured; an ideal or adjusted weight gives another number.
"""

from collections.abc import Mapping
from decimal import Decimal

from hooks.clinical.facts import Missing
from hooks.clinical.models.model import Model, Result

# Cockcroft and Gault 1976, PMID 1244564.
NO_CLEARANCE = Decimal(140)  # years
SCALE = Decimal(72)
WOMEN = Decimal("0.85")


def cockcroft_gault(creatinine: Decimal, age: Decimal, weight: Decimal, female: bool) -> Decimal:
    """mL/min of an adult, not rounded. *creatinine* in mg/dL and above 0, *weight* in kg."""
    clearance = (NO_CLEARANCE - age) * weight / (SCALE * creatinine)
    return clearance * WOMEN if female else clearance


def clearance(model: Model, given: Mapping[str, str]) -> Result | Missing:
    """The clearance for inputs in words."""
    values = model.read(given)
    if isinstance(values, Missing):
        return values
    told = values.numbers
    return {
        "value": cockcroft_gault(
            told["creatinine_mg_dL"],
            told["age"],
            told["weight_kg_actual"],
            values.words["sex"] == "female",
        )
    }
