"""Cockcroft-Gault, QTc and FIB-4: where they give no number, and what they never confuse."""

from decimal import Decimal

import pytest

from hooks.clinical.facts import Missing, Why
from hooks.clinical.models.cockcroft_gault import cockcroft_gault
from hooks.clinical.models.registry import calculate
from hooks.knowledge import load

MODELS = load().models
GIVEN = {
    "cockcroft_gault": {
        "age": "40",
        "weight_kg_actual": "150",
        "creatinine_mg_dL": "1.0",
        "sex": "F",
    },
    "qtc": {"qt_ms": "400", "heart_rate_bpm": "100"},
    "fib4": {"age": "50", "ast_U_L": "40", "alt_U_L": "40", "platelets_10e9_L": "200"},
}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("cockcroft_gault", {"age": "17"}),
        ("cockcroft_gault", {"creatinine_mg_dL": "0"}),
        ("cockcroft_gault", {"weight_kg_actual": "401"}),
        ("qtc", {"heart_rate_bpm": "49"}),
        ("qtc", {"heart_rate_bpm": "111"}),
        ("qtc", {"qt_ms": "0.4"}),
        ("fib4", {"age": "34"}),
        ("fib4", {"platelets_10e9_L": "0"}),
        ("fib4", {"alt_U_L": "-3"}),
    ],
)
def test_beyond_a_range_there_is_no_number(name: str, change: dict[str, str]) -> None:
    found = calculate(MODELS[name], GIVEN[name] | change)

    assert isinstance(found, Missing)
    assert found.why is Why.UNREADABLE


@pytest.mark.parametrize("rate", ["50", "110"])
def test_the_ends_of_the_heart_rate_count(rate: str) -> None:
    found = calculate(MODELS["qtc"], GIVEN["qtc"] | {"heart_rate_bpm": rate})

    assert not isinstance(found, Missing)


def test_the_actual_weight_counts_however_heavy() -> None:
    found = calculate(MODELS["cockcroft_gault"], GIVEN["cockcroft_gault"])

    assert found == {"value": Decimal(100) * 150 / 72 * Decimal("0.85")}
    assert cockcroft_gault(Decimal(1), Decimal(40), Decimal(150), True) == found["value"]
