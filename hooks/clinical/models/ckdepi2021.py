"""CKD-EPI 2021: the glomerular filtration rate by creatinine, without a term for race.

In Decimal, as every number that a rule holds against a limit: 88.42 stays 88.42.
"""

from dataclasses import dataclass
from decimal import Decimal


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
