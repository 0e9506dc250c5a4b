"""A dose whose square root is a sum of terms: the form of the IWPC's warfarin equations.

Two equations of one family: with genes, and for comparison by clinical factors alone.
"""

from collections.abc import Mapping
from decimal import Decimal

from hooks.clinical.facts import Missing, Why
from hooks.clinical.models.model import Model

DAYS = 7


def weekly_dose(model: Model, given: Mapping[str, str]) -> Mapping[str, Decimal] | Missing:
    """The dose in mg a week and a day, and the weekly one by clinical factors alone.

    Missing where an input is not there or out of range, or the sum is not above 0: its square
    would be no dose.
    """
    values = model.read(given)
    if isinstance(values, Missing):
        return values
    genetic = model.linear("pharmacogenetic", values)
    clinical = model.linear("clinical", values)
    if genetic <= 0 or clinical <= 0:
        return Missing("dose", Why.UNREADABLE, "the equation gives no dose for these inputs")
    return {
        "weekly_mg": genetic**2,
        "daily_mg": genetic**2 / DAYS,
        "clinical_only_weekly_mg": clinical**2,
    }
