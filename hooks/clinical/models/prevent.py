"""AHA PREVENT, base model: the risk of cardiovascular disease within 10 and within 30 years.

For people without cardiovascular disease; race is no term of it. Khan 2023,
doi 10.1161/CIRCULATIONAHA.123.067626.
"""

from collections.abc import Mapping
from decimal import Decimal

from hooks.clinical.facts import Missing
from hooks.clinical.models.model import Model, Result, Values, weighed

MMOL = Decimal("0.02586")  # mmol/L of cholesterol in 1 mg/dL
FEATURES = frozenset(
    {
        "age",
        "age_squared",
        "non_hdl",
        "hdl",
        "sbp_below_110",
        "sbp_from_110",
        "bmi_below_30",
        "bmi_from_30",
        "egfr_below_60",
        "egfr_from_60",
    }
)


def risks(model: Model, given: Mapping[str, str]) -> Result | Missing:
    """Each risk from 0 to 1; the 30-year ones are left out beyond the age that they are for."""
    values = model.read(given)
    if isinstance(values, Missing):
        return values
    return {
        name: risk(model, name, values) for name in model.results if model.applies(name, values)
    }


def risk(model: Model, result: str, values: Values) -> Decimal:
    """One of the risks, from 0 to 1, such as `10yr_ascvd`."""
    odds = weighed(model.coefficients[f"{result} {values.words['sex']}"], _features(values)).exp()
    return odds / (1 + odds)


def _features(values: Values) -> dict[str, Decimal]:
    """The inputs as the equation weighs them: centred, and bent where the risk bends."""
    told = values.numbers
    age = (told["age_years"] - 55) / 10
    hdl = told["hdl_mg_dL"] * MMOL
    sbp, bmi, egfr = told["sbp_mmHg"], told["bmi"], told["egfr"]
    return {
        **told,
        "age": age,
        "age_squared": age**2,
        "non_hdl": told["total_chol_mg_dL"] * MMOL - hdl - Decimal("3.5"),
        "hdl": (hdl - Decimal("1.3")) / Decimal("0.3"),
        "sbp_below_110": (min(sbp, Decimal(110)) - 110) / 20,
        "sbp_from_110": (max(sbp, Decimal(110)) - 130) / 20,
        "bmi_below_30": (min(bmi, Decimal(30)) - 25) / 5,
        "bmi_from_30": (max(bmi, Decimal(30)) - 30) / 5,
        "egfr_below_60": (min(egfr, Decimal(60)) - 60) / -15,
        "egfr_from_60": (max(egfr, Decimal(60)) - 90) / -15,
    }
