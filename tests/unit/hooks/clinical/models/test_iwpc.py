"""The IWPC equations: every published example, and laws that any input keeps."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import Missing, Why
from hooks.clinical.models.iwpc import weekly_dose
from hooks.clinical.models.registry import CALCULATIONS, calculate
from hooks.knowledge import load

KNOWLEDGE = load()
IWPC = KNOWLEDGE.models["iwpc"]
INPUTS = [each.name for each in IWPC.inputs]
FILE = Path(__file__).with_name("iwpc_examples.csv")
EXAMPLES = list(csv.DictReader(FILE.read_text("utf-8").splitlines()))
RESULTS = {
    "weekly_mg": "expected_weekly_mg",
    "daily_mg": "expected_daily_mg",
    "clinical_only_weekly_mg": "clinical_only_weekly_mg",
}
PERSON = {
    "age": "65",
    "height_cm": "170",
    "weight_kg": "80",
    "vkorc1": "AG",
    "cyp2c9": "*1/*2",
    "race": "missing or mixed",
    "enzyme_inducer": "0",
    "amiodarone": "0",
}


def people() -> st.SearchStrategy[dict[str, str]]:
    """Adults of usual size: the equations give each of them a dose."""
    return st.fixed_dictionaries(
        {
            "age": st.integers(18, 89).map(str),
            "height_cm": st.integers(150, 210).map(str),
            "weight_kg": st.integers(50, 200).map(str),
            "vkorc1": st.sampled_from(["GG", "AG", "unknown"]),
            "cyp2c9": st.sampled_from(["*1/*1", "*1/*2", "unknown"]),
            "race": st.sampled_from(sorted(IWPC.choices("race"))),
            "enzyme_inducer": st.sampled_from(["0", "1"]),
            "amiodarone": st.sampled_from(["0", "1"]),
        }
    )


def doses(person: Mapping[str, str]) -> Mapping[str, Decimal]:
    found = calculate(IWPC, person)
    assert not isinstance(found, Missing), found
    return found


def missing(**changes: str) -> Missing:
    found = calculate(IWPC, PERSON | changes)
    assert isinstance(found, Missing), found
    return found


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row["example"])
def test_a_published_example_comes_out_within_a_thousandth(row: dict[str, str]) -> None:
    found = doses({name: row[name] for name in INPUTS})

    assert found.keys() == RESULTS.keys() == set(IWPC.results)
    for name, column in RESULTS.items():
        assert float(found[name]) == pytest.approx(float(row[column]), abs=0.001)


def test_results_are_not_rounded() -> None:
    assert doses(PERSON)["weekly_mg"] == Decimal("25.47220900")


def test_every_calculation_has_its_model_on_file() -> None:
    assert set(KNOWLEDGE.models) == set(CALCULATIONS)


@pytest.mark.parametrize("age", ["17", "17.9", "0", "-1", "nan", "inf", "old"])
def test_the_equations_are_for_adults(age: str) -> None:
    assert (missing(age=age).what, missing(age=age).why) == ("age", Why.UNREADABLE)


@pytest.mark.parametrize(
    "changes",
    [{"weight_kg": "19.9"}, {"weight_kg": "400.1"}, {"height_cm": "29"}, {"height_cm": "251"}],
)
def test_a_body_that_cannot_be_gives_no_number(changes: dict[str, str]) -> None:
    assert missing(**changes).what in {"weight", "height"}


@pytest.mark.parametrize("age", ["18", "120"])
def test_the_ends_of_a_range_count(age: str) -> None:
    assert doses(PERSON | {"age": age, "weight_kg": "20", "height_cm": "250"})


def test_age_counts_in_whole_decades() -> None:
    assert doses(PERSON | {"age": "60"}) == doses(PERSON | {"age": "69.9"})
    assert doses(PERSON | {"age": "69.9"}) != doses(PERSON | {"age": "70"})


def test_an_allele_that_the_equation_does_not_know_is_said() -> None:
    assert missing(cyp2c9="*1/*8") == Missing(
        "CYP2C9", Why.UNREADABLE, "*1/*8 is not in the equation"
    )


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"vkorc1": "G/A"}, {"vkorc1": "AG"}),
        ({"cyp2c9": "*2/*1"}, {"cyp2c9": "*1/*2"}),
        ({"race": "Asian race"}, {"race": "asian"}),
        ({"race": ""}, {"race": "missing or mixed"}),
        ({"vkorc1": ""}, {"vkorc1": "unknown"}),
        ({"amiodarone": "yes"}, {"amiodarone": "1"}),
    ],
)
def test_other_spellings_and_defaults_say_the_same(
    changes: dict[str, str], same: dict[str, str]
) -> None:
    assert doses(PERSON | changes) == doses(PERSON | same)


@pytest.mark.parametrize("name", ["age", "height_cm", "weight_kg", "enzyme_inducer", "amiodarone"])
def test_what_is_not_given_is_never_taken_for_normal(name: str) -> None:
    assert missing(**{name: ""}).why is Why.NOT_RECORDED


def test_a_flag_is_yes_or_no() -> None:
    assert missing(amiodarone="2").why is Why.UNREADABLE


def test_a_name_that_is_no_input_is_a_fault_of_the_caller() -> None:
    with pytest.raises(KeyError):
        calculate(IWPC, {"colour": "red"})


def test_a_sum_that_is_not_above_zero_is_no_dose() -> None:
    tiny = {"age": "110", "height_cm": "30", "weight_kg": "20", "vkorc1": "AA", "cyp2c9": "*3/*3"}

    assert missing(**tiny) == Missing(
        "dose", Why.UNREADABLE, "the equation gives no dose for these inputs"
    )


@given(people())
def test_an_inducer_raises_the_dose_and_amiodarone_lowers_it(person: dict[str, str]) -> None:
    for result in ("weekly_mg", "clinical_only_weekly_mg"):
        plain, induced = (doses(person | {"enzyme_inducer": flag})[result] for flag in "01")
        assert induced > plain
        alone, with_it = (doses(person | {"amiodarone": flag})[result] for flag in "01")
        assert with_it < alone


@given(people())
def test_a_sensitive_allele_more_never_raises_the_dose(person: dict[str, str]) -> None:
    for name, order in (("vkorc1", ["GG", "AG", "AA"]), ("cyp2c9", ["*1/*1", "*1/*2", "*2/*2"])):
        found = [weekly_dose(IWPC, person | {name: choice}) for choice in order]
        weekly = [each["weekly_mg"] for each in found if not isinstance(each, Missing)]
        assert weekly == sorted(weekly, reverse=True)


@given(people(), st.integers(1, 50))
def test_more_body_needs_more_and_more_years_less(person: dict[str, str], more: int) -> None:
    heavier = person | {"weight_kg": str(int(person["weight_kg"]) + more)}
    older = person | {"age": str(int(person["age"]) + 10)}

    assert doses(heavier)["weekly_mg"] > doses(person)["weekly_mg"]
    assert doses(older)["weekly_mg"] < doses(person)["weekly_mg"]


@given(people())
def test_a_day_is_a_seventh_of_a_week_and_genes_do_not_change_the_clinical_dose(
    person: dict[str, str],
) -> None:
    found = doses(person)
    other = doses(person | {"vkorc1": "GG", "cyp2c9": "*1/*1"})

    assert found["daily_mg"] * 7 == pytest.approx(found["weekly_mg"])
    assert found["clinical_only_weekly_mg"] == other["clinical_only_weekly_mg"]
