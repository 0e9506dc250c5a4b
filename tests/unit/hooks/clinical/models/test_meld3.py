"""MELD 3.0: bounds, dialysis, and the constant of those under 18."""

from decimal import Decimal

import pytest

from hooks.clinical.facts import Missing
from hooks.clinical.models.registry import calculate
from hooks.knowledge import load

MODEL = load().models["meld3"]
WELL = {
    "age": "50",
    "female": "0",
    "bilirubin_mg_dL": "1",
    "sodium_mmol_L": "137",
    "inr": "1",
    "creatinine_mg_dL": "1",
    "albumin_g_dL": "3.5",
    "dialysis": "0",
}
ILL = WELL | {"bilirubin_mg_dL": "12", "inr": "2.2", "albumin_g_dL": "2", "sodium_mmol_L": "128"}


def score(person: dict[str, str], **changes: str) -> Decimal:
    found = calculate(MODEL, person | changes)
    assert not isinstance(found, Missing), found
    return found["value"]


def test_the_least_score_is_6() -> None:
    assert score(WELL) == 6


@pytest.mark.parametrize(
    ("beyond", "end"),
    [
        ({"bilirubin_mg_dL": "0.3"}, {"bilirubin_mg_dL": "1"}),
        ({"inr": "0.8"}, {"inr": "1"}),
        ({"creatinine_mg_dL": "0.4"}, {"creatinine_mg_dL": "1"}),
        ({"creatinine_mg_dL": "7"}, {"creatinine_mg_dL": "3"}),
        ({"sodium_mmol_L": "118"}, {"sodium_mmol_L": "125"}),
        ({"sodium_mmol_L": "145"}, {"sodium_mmol_L": "137"}),
        ({"albumin_g_dL": "1.1"}, {"albumin_g_dL": "1.5"}),
        ({"albumin_g_dL": "4.6"}, {"albumin_g_dL": "3.5"}),
    ],
)
def test_beyond_a_bound_counts_as_the_bound(beyond: dict[str, str], end: dict[str, str]) -> None:
    assert score(ILL, **beyond) == score(ILL, **end)


def test_dialysis_counts_as_a_creatinine_of_3() -> None:
    assert score(ILL, dialysis="yes") == score(ILL, creatinine_mg_dL="3")


def test_under_18_everyone_has_the_constant_of_women() -> None:
    assert score(ILL, age="17") == score(ILL, age="17", female="1") == score(ILL, female="1")
    assert score(ILL, female="1") - score(ILL) == Decimal("1.33")


def test_below_12_years_there_is_no_number() -> None:
    assert score(ILL, age="12") == score(ILL, age="17")
    assert isinstance(calculate(MODEL, ILL | {"age": "11.9"}), Missing)


def test_it_is_neither_rounded_nor_capped() -> None:
    assert score(ILL, creatinine_mg_dL="3", inr="9") > 40
