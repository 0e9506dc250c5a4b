"""CKD-EPI 2021: by creatinine in either unit, and what a known copy gets wrong."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import Missing, Why
from hooks.clinical.models.ckdepi2021 import ckdepi2021
from hooks.clinical.models.registry import calculate
from hooks.knowledge import load

MODEL = load().models["ckdepi2021"]
PERSON = {"sex": "male", "age": "55", "creatinine_mg_dL": "1"}


def value(**changes: str) -> Decimal | Missing:
    found = calculate(MODEL, PERSON | changes)
    return found if isinstance(found, Missing) else found["value"]


def test_mens_curve_bends_at_0_9_whatever_the_creatinine() -> None:
    assert round(ckdepi2021(Decimal("0.8"), Decimal(30), False)) == 122


def test_creatinine_may_come_in_micromoles() -> None:
    found = value(creatinine_mg_dL="", creatinine_umol_L="88.4")

    assert isinstance(found, Decimal)
    assert round(found) == 89


def test_two_units_that_agree_are_one_creatinine() -> None:
    assert value(creatinine_umol_L="88.4") == value()


def test_two_units_that_do_not_agree_give_no_number() -> None:
    found = value(creatinine_umol_L="120")

    assert isinstance(found, Missing)
    assert (found.what, found.why) == ("creatinine", Why.CONFLICTING)


def test_without_creatinine_there_is_no_number() -> None:
    assert value(creatinine_mg_dL="") == Missing("creatinine", Why.NOT_RECORDED, "not given")


@pytest.mark.parametrize(
    "changes",
    [{"age": "17"}, {"creatinine_mg_dL": "0"}, {"creatinine_mg_dL": "88.4"}, {"sex": "unknown"}],
)
def test_beyond_its_range_there_is_no_number(changes: dict[str, str]) -> None:
    found = value(**changes)

    assert isinstance(found, Missing)
    assert found.why is Why.UNREADABLE


@given(st.decimals("0.1", "24", places=2), st.integers(18, 110), st.booleans())
def test_more_creatinine_and_more_years_mean_less_filtration(
    creatinine: Decimal, age: int, female: bool
) -> None:
    rate = ckdepi2021(creatinine, Decimal(age), female)

    assert ckdepi2021(creatinine + 1, Decimal(age), female) < rate
    assert ckdepi2021(creatinine, Decimal(age + 1), female) < rate
