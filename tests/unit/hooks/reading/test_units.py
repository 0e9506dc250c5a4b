"""Numbers and units as a card shows them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.elements import Interval
from hooks.reading.units import amount_shown, interval_shown, rounded, unit_shown
from tests.unit.hooks.reading import KNOWLEDGE

TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.mark.parametrize(
    ("ucum", "shown"),
    [
        ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
        ("mL/min/1.73_m2", "mL/min/1.73 m²"),
        ("mL/min/{1.73m2}", "mL/min/1.73 m²"),
        ("10*9/L", f"{TIMES}10⁹/L"),
        ("10*3/uL", f"{TIMES}10³/µL"),
        ("/uL", "/µL"),
        ("umol/L", "µmol/L"),
        ("ug/mL", "µg/mL"),
        ("ukat/L", "µkat/L"),
        ("u[IU]/mL", "µIU/mL"),
        ("m[IU]/L", "mIU/L"),
        ("mm[Hg]", "mmHg"),
        ("kg/m2", "kg/m²"),
        ("U/g{Hb}", "U/g Hb"),
        ("{mutations}/{Mb}", "mutations/Mb"),
        ("{score}", ""),
        ("{lab}", ""),
        ("{#}/d", "/d"),
        ("1", ""),
        ("", ""),
        ("a", "years"),
        ("mg/dL", "mg/dL"),
    ],
)
def test_units_are_shown_as_they_are_read(ucum: str, shown: str) -> None:
    assert unit_shown(ucum) == shown


def test_no_unit_of_ours_shows_its_braces() -> None:
    ours = {unit for each in KNOWLEDGE.analytes.analytes.values() for unit in each.units}
    ours |= {element.unit for element in KNOWLEDGE.words.elements.values()}

    assert [unit for unit in ours if set("{}[]*") & set(unit_shown(unit))] == [
        unit for unit in ours if "lb_av" in unit or "in_i" in unit
    ]


def test_an_amount_is_shown_as_it_is() -> None:
    assert amount_shown(Decimal("135.240"), "mmol/L") == "135.24 mmol/L"
    assert amount_shown(Decimal("1E+2"), "%", "<") == "<100%"
    assert amount_shown(Decimal(3), "1") == "3"


@pytest.mark.parametrize(
    ("interval", "shown"),
    [
        (Interval.exactly(Decimal("58.23456")), "58.23 mL/min"),
        (Interval.reported(Decimal("140.004"), ">"), ">140.004 mL/min"),
        (Interval.reported(Decimal(140), ">="), "≥140 mL/min"),
        (Interval.reported(Decimal(30), "<"), "<30 mL/min"),
        (Interval.reported(Decimal(30), "<="), "≤30 mL/min"),
        (Interval(Decimal(20), Decimal(30)), "20 to 30 mL/min"),
        (Interval(None, None), ""),
    ],
)
def test_an_interval_is_shown_by_its_ends(interval: Interval, shown: str) -> None:
    assert interval_shown(interval, "mL/min") == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("134.96", "134.96"),
        ("29.996", "29.996"),
        ("88.8841", "88.88"),
        ("1.199072", "1.199"),
        ("30", "30"),
        ("30.000000001", "30.000000001"),
        ("0.0004", "0.0004"),
        ("150000", "150000"),
    ],
)
def test_rounding_never_makes_a_rounder_number(value: str, shown: str) -> None:
    assert rounded(Decimal(value)) == shown


@given(st.decimals("0.001", "100000", places=6), st.integers(1, 999))
def test_what_is_shown_lies_on_the_same_side_of_a_round_limit(value: Decimal, limit: int) -> None:
    shown = Decimal(rounded(value))

    assert (shown < limit, shown > limit) == (value < limit, value > limit)
