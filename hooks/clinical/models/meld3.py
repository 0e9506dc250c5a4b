"""MELD 3.0: how ill a liver is, by bilirubin, sodium, INR, creatinine, albumin and sex.

The input's own bounds are data (`counts`): bilirubin below 1 counts as 1, and so on.
"""

from collections.abc import Mapping
from decimal import Decimal

from hooks.clinical.facts import Missing
from hooks.clinical.models.model import Model, Result, weighed

ADULT = Decimal(18)  # years: whoever is younger has the constant of women, whatever the sex
FEATURES = frozenset(
    {"female_or_minor", "ln_bilirubin", "ln_inr", "ln_creatinine", "no_sodium", "no_albumin"}
)


def severity(model: Model, given: Mapping[str, str]) -> Result | Missing:
    """The score, neither rounded nor capped at 40."""
    values = model.read(given)
    if isinstance(values, Missing):
        return values
    told, most = values.numbers, _most(model)
    creatinine = most["creatinine_mg_dL"] if told["dialysis"] else told["creatinine_mg_dL"]
    features = {
        "female_or_minor": Decimal(bool(told["female"]) or told["age"] < ADULT),
        "ln_bilirubin": told["bilirubin_mg_dL"].ln(),
        "ln_inr": told["inr"].ln(),
        "ln_creatinine": creatinine.ln(),
        "no_sodium": most["sodium_mmol_L"] - told["sodium_mmol_L"],
        "no_albumin": most["albumin_g_dL"] - told["albumin_g_dL"],
    }
    return {"value": weighed(model.coefficients["score"], features)}


def _most(model: Model) -> dict[str, Decimal]:
    """The greatest value that each input counts as."""
    return {each.name: each.counts.high for each in model.inputs if each.counts.high is not None}
