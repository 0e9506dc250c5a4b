"""Scores that add points: limits on both sides, choices, and what is not told."""

from decimal import Decimal

import pytest

from hooks.clinical.elements import Interval
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.clinical.models.model import Bands
from hooks.clinical.models.points import limit_of, score
from hooks.clinical.models.registry import calculate
from hooks.knowledge import load

MODELS = load().models
CIRRHOSIS = {
    "bilirubin_mg_dL": "1",
    "albumin_g_dL": "4",
    "inr": "1",
    "ascites": "none",
    "encephalopathy": "none",
}
INPATIENT = {
    "age": "60",
    "female": "0",
    "loop_diuretic": "0",
    "potassium_mmol_L": "4",
    "admission_qtc_ms": "420",
    "acute_MI": "0",
    "n_qt_drugs": "0",
    "sepsis": "0",
    "heart_failure": "0",
}
FIBRILLATION = dict.fromkeys(
    ["female", "chf", "hypertension", "diabetes", "stroke_tia_te", "vascular_disease"], "no"
) | {"age": "60"}
BLEEDING = {each.name: "0" for each in MODELS["hasbled"].inputs} | {"age": "60"}


def scores(name: str, given: dict[str, str]) -> dict[str, Decimal]:
    found = calculate(MODELS[name], given)
    assert not isinstance(found, Missing), found
    return dict(found)


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({"bilirubin_mg_dL": "1.99"}, 5),
        ({"bilirubin_mg_dL": "2"}, 6),
        ({"bilirubin_mg_dL": "3"}, 6),
        ({"bilirubin_mg_dL": "3.01"}, 7),
        ({"albumin_g_dL": "3.51"}, 5),
        ({"albumin_g_dL": "3.5"}, 6),
        ({"albumin_g_dL": "2.8"}, 6),
        ({"albumin_g_dL": "2.79"}, 7),
        ({"inr": "1.69"}, 5),
        ({"inr": "1.7"}, 6),
        ({"inr": "2.3"}, 6),
        ({"inr": "2.31"}, 7),
        ({"ascites": "slight"}, 6),
        ({"ascites": "Moderate"}, 7),
        ({"encephalopathy": "1-2"}, 6),
        ({"encephalopathy": "3-4"}, 7),
        ({"encephalopathy": "4"}, 7),
    ],
)
def test_each_part_of_child_pugh_gives_one_to_three(change: dict[str, str], points: int) -> None:
    assert scores("child_pugh", CIRRHOSIS | change) == {"points": points}


def test_child_pugh_takes_no_finding_that_it_does_not_know() -> None:
    found = calculate(MODELS["child_pugh"], CIRRHOSIS | {"ascites": "some"})

    assert found == Missing("ascites", Why.UNREADABLE, "some is not in the equation")


@pytest.mark.parametrize(
    ("points", "word"), [("5", "A"), ("6", "A"), ("7", "B"), ("9", "B"), ("10", "C"), ("15", "C")]
)
def test_a_class_starts_where_its_band_does(points: str, word: str) -> None:
    assert MODELS["child_pugh"].bands["class"].word(Decimal(points)) == word


def test_below_all_bands_is_the_first() -> None:
    assert Bands("score", {"low": Decimal(1), "high": Decimal(5)}).word(Decimal(0)) == "low"


@pytest.mark.parametrize(("age", "points"), [("64", 0), ("65", 1), ("74", 1), ("75", 2)])
def test_stroke_risk_rises_with_age_twice(age: str, points: int) -> None:
    found = scores("cha2ds2vasc", FIBRILLATION | {"age": age})

    assert found == {"score": points, "cha2ds2_va": points}


def test_only_the_older_variant_counts_sex() -> None:
    assert scores("cha2ds2vasc", FIBRILLATION | {"female": "true"}) == {
        "score": 1,
        "cha2ds2_va": 0,
    }


@pytest.mark.parametrize(("age", "points"), [("65", 0), ("66", 1)])
def test_bleeding_risk_counts_age_above_65(age: str, points: int) -> None:
    assert scores("hasbled", BLEEDING | {"age": age}) == {"value": points}


def test_bleeding_risk_counts_at_most_9() -> None:
    everything = dict.fromkeys(BLEEDING, "yes") | {"age": "80"}

    assert scores("hasbled", everything) == {"value": 9}


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({"age": "67"}, 0),
        ({"age": "68"}, 1),
        ({"potassium_mmol_L": "3.5"}, 2),
        ({"potassium_mmol_L": "3.51"}, 0),
        ({"admission_qtc_ms": "450"}, 2),
        ({"admission_qtc_ms": "449"}, 0),
        ({"n_qt_drugs": "1"}, 3),
        ({"n_qt_drugs": "2"}, 6),
        ({"n_qt_drugs": "5"}, 6),
        ({"acute_MI": "1"}, 2),
        ({"sepsis": "1", "heart_failure": "1", "loop_diuretic": "1", "female": "1"}, 8),
    ],
)
def test_tisdales_points(change: dict[str, str], points: int) -> None:
    assert scores("tisdale", INPATIENT | change) == {"score": points}


def test_tisdales_score_is_at_most_21() -> None:
    worst = dict.fromkeys(INPATIENT, "1") | {
        "age": "90",
        "potassium_mmol_L": "3",
        "admission_qtc_ms": "500",
        "n_qt_drugs": "3",
    }

    assert scores("tisdale", worst) == {"score": 21}


def test_without_potassium_or_qtc_tisdales_score_is_an_interval() -> None:
    unknown = INPATIENT | {"potassium_mmol_L": "", "sepsis": "1"}

    assert scores("tisdale", unknown) == {"score_from": 3, "score_to": 5}
    assert scores("tisdale", unknown | {"admission_qtc_ms": ""}) == {
        "score_from": 3,
        "score_to": 7,
    }


def test_what_is_told_as_an_interval_may_be_enough() -> None:
    table = {"intercept": Decimal(0), "potassium <= 3.5": Decimal(2)}
    low, high, open_ = (
        Interval(None, Decimal("2.5"), under=True),
        Interval(Decimal(6), None, over=True),
        Interval(Decimal(3), None),
    )

    assert score(table, {"potassium": low}) == (2, 2)
    assert score(table, {"potassium": high}) == (0, 0)
    assert score(table, {"potassium": open_}) == (0, 2)


@pytest.mark.parametrize("told", [{}, {"sepsis": Truth.UNKNOWN}, {"sepsis": Interval(None, None)}])
def test_a_flag_that_is_not_told_leaves_both_ends(told: dict[str, Truth | Interval]) -> None:
    assert score({"intercept": Decimal(1), "sepsis": Decimal(3)}, told) == (1, 4)


def test_a_word_where_a_number_is_wanted_tells_nothing() -> None:
    assert score({"intercept": Decimal(0), "age >= 65": Decimal(1)}, {"age": "old"}) == (0, 1)


@pytest.mark.parametrize(
    ("term", "parts"),
    [
        ("age >= 65", ("age", ">=", "65")),
        ("race missing or mixed", ("race missing or mixed", "", "")),
        ("sepsis", ("sepsis", "", "")),
    ],
)
def test_a_limit_is_told_by_its_sign(term: str, parts: tuple[str, str, str]) -> None:
    assert limit_of(term) == parts
