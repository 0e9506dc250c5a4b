"""CKD-EPI 2021: the glomerular filtration rate by creatinine, without a term for race.

In Decimal, as every number that a rule holds against a limit: 88.42 stays 88.42.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from hooks.clinical.facts import Missing, Why
from hooks.clinical.models.model import ABSENT, Model, Result, Values

A_MICROMOLE = Decimal("0.011312")  # mg/dL in 1 µmol/L: 113.12 g/mol
ROUNDED = Decimal("0.01")  # as much as two figures for one creatinine may differ, as a share


@dataclass(frozen=True, slots=True)
class Terms:
    """The numbers of one sex: where the curve bends (mg/dL), how steep below, and a factor."""

    bend: Decimal
    below: Decimal
    factor: Decimal = Decimal(1)


# Inker 2021, doi 10.1056/NEJMoa2102953.
SCALE = Decimal(142)
ABOVE = Decimal("-1.200")
A_YEAR = Decimal("0.9938")
MEN = Terms(Decimal("0.9"), Decimal("-0.302"))
WOMEN = Terms(Decimal("0.7"), Decimal("-0.241"), Decimal("1.012"))


def ckdepi2021(creatinine: Decimal, age: Decimal, female: bool) -> Decimal:
    """mL/min/1.73 m² of an adult, not rounded.

    *creatinine* in mg/dL and above 0, by an assay traceable to IDMS and not changing; *age* in
    years.
    """
    sex = WOMEN if female else MEN
    ratio = creatinine / sex.bend
    bent = min(ratio, Decimal(1)) ** sex.below * max(ratio, Decimal(1)) ** ABOVE
    return SCALE * bent * A_YEAR**age * sex.factor


def filtration_rate(model: Model, given: Mapping[str, str]) -> Result | Missing:
    """The rate by creatinine in either unit; Missing where both are given and do not agree."""
    values = model.read(given)
    if isinstance(values, Missing):
        return values
    creatinine = _creatinine(values)
    if isinstance(creatinine, Missing):
        return creatinine
    age, female = values.numbers["age"], values.words["sex"] == "female"
    return {"value": ckdepi2021(creatinine, age, female)}


def _creatinine(values: Values) -> Decimal | Missing:
    """In mg/dL."""
    mass = values.numbers.get("creatinine_mg_dL")
    molar = values.numbers.get("creatinine_umol_L")
    if molar is None:
        return mass if mass is not None else Missing("creatinine", Why.NOT_RECORDED, ABSENT)
    converted = molar * A_MICROMOLE
    if mass is None:
        return converted
    if abs(mass - converted) > mass * ROUNDED:
        return Missing("creatinine", Why.CONFLICTING, "mg/dL and µmol/L do not agree")
    return mass
