"""PREVENT: its ranges, and what raises a risk."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import Missing, Why
from hooks.clinical.models.registry import calculate
from hooks.knowledge import load

MODEL = load().models["prevent"]
PERSON = {
    "age_years": "50",
    "sex": "female",
    "sbp_mmHg": "160",
    "on_antihypertensive": "1",
    "total_chol_mg_dL": "200",
    "hdl_mg_dL": "45",
    "on_statin": "0",
    "diabetes": "1",
    "current_smoker": "0",
    "egfr": "90",
    "bmi": "35",
}


def risks(**changes: str) -> dict[str, Decimal]:
    found = calculate(MODEL, PERSON | changes)
    assert not isinstance(found, Missing), found
    return dict(found)


@pytest.mark.parametrize(
    ("name", "below", "above"),
    [
        ("age_years", "29", "80"),
        ("sbp_mmHg", "89", "181"),
        ("total_chol_mg_dL", "129", "321"),
        ("hdl_mg_dL", "19", "101"),
        ("bmi", "18.4", "40"),
        ("egfr", "14.9", "141"),
    ],
)
def test_beyond_a_range_there_is_no_number(name: str, below: str, above: str) -> None:
    for value in (below, above):
        found = calculate(MODEL, PERSON | {name: value})
        assert isinstance(found, Missing)
        assert (found.what, found.why) == (MODEL.input(name).label, Why.UNREADABLE)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("age_years", "30", "79"),
        ("sbp_mmHg", "90", "180"),
        ("total_chol_mg_dL", "130", "320"),
        ("hdl_mg_dL", "20", "100"),
        ("bmi", "18.5", "39.9"),
        ("egfr", "15", "140"),
    ],
)
def test_the_ends_of_a_range_count(name: str, low: str, high: str) -> None:
    for value in (low, high):
        assert 0 < risks(**{name: value})["10yr_ascvd"] < 1


def test_30_years_are_looked_at_up_to_the_age_of_59() -> None:
    assert len(risks(age_years="59")) == 10
    assert all(name.startswith("10yr") for name in risks(age_years="60"))


def test_the_body_mass_index_weighs_in_heart_failure_only() -> None:
    slim, obese = risks(bmi="22"), risks(bmi="39")

    assert {name for name in slim if slim[name] != obese[name]} == {
        "10yr_heart_failure",
        "30yr_heart_failure",
    }


@given(
    st.integers(30, 78),
    st.sampled_from(["female", "male"]),
    st.sampled_from(["0", "1"]),
    st.sampled_from(["10yr_total_cvd", "10yr_ascvd"]),
)
def test_age_and_smoking_raise_a_risk(age: int, sex: str, diabetes: str, name: str) -> None:
    person = {"sex": sex, "diabetes": diabetes}
    now = risks(age_years=str(age), **person)[name]

    assert risks(age_years=str(age + 1), **person)[name] > now
    assert risks(age_years=str(age), current_smoker="1", **person)[name] > now
