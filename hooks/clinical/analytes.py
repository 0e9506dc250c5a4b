"""What is measured: analytes, the units they come in, and which values and ages are credible."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from hooks.clinical.codes import Code, by_name


@dataclass(frozen=True, slots=True)
class Conversion:
    """From a reported unit to the analyte's own: `factor * value + offset`.

    *low* and *high* are the plausible values in the analyte's own unit; both count.
    """

    factor: Decimal
    low: Decimal
    high: Decimal
    offset: Decimal = Decimal(0)

    def of(self, value: Decimal) -> Decimal:
        """*value* in the analyte's own unit."""
        return self.factor * value + self.offset

    def plausible(self, converted: Decimal) -> bool:
        """Whether *converted*, in the analyte's own unit, can be true of a living person."""
        return self.low <= converted <= self.high


@dataclass(frozen=True, slots=True)
class Analyte:
    """A measured quantity: its own unit (UCUM), the greatest age of a result in days, and the
    units that it may be reported in; an empty unit allows a bare number.

    *preferred* are the codes that win at one moment; *spoiled_by* stems of words for what makes a
    specimen useless; *place* where it has to be measured (`clinic`), empty for anywhere; *remarks*
    belong beside a result, of one code or (with none) of any; *of_tumour*: not of the patient.
    """

    name: str
    unit: str
    max_age_days: int
    units: Mapping[str, Conversion]
    preferred: frozenset[Code] = frozenset()
    spoiled_by: tuple[str, ...] = ()
    place: str = ""
    remarks: tuple[tuple[Code | None, str], ...] = ()
    of_tumour: bool = False


@dataclass(frozen=True)
class AnalyteTables:
    """The analytes by name, and the codes that their results are filed under."""

    analytes: Mapping[str, Analyte]
    codes: Mapping[Code, str]

    @cached_property
    def filed(self) -> Mapping[str, tuple[Code, ...]]:
        """The codes of each analyte that has any."""
        return by_name(self.codes)
