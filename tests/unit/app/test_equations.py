"""`rxhooks model`: inputs from the command line, results as one JSON line."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from app.cli import main
from app.equations import WrongInputs, answer
from hooks.clinical.models import registry
from hooks.knowledge import load

KNOWLEDGE = load()
PERSON = "age=65 height_cm=170 weight_kg=80 vkorc1=GG cyp2c9=*1/*1 enzyme_inducer=0 amiodarone=0"
Capture = pytest.CaptureFixture[str]


def test_every_result_is_told_by_name_and_not_rounded(capsys: Capture) -> None:
    assert main(["model", "iwpc", *PERSON.split(), "race=white"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["value"] == {
        "weekly_mg": pytest.approx(42.758521, abs=1e-9),
        "daily_mg": pytest.approx(6.108360142857, abs=1e-9),
        "clinical_only_weekly_mg": pytest.approx(31.225744, abs=1e-9),
    }
    assert told["unit"] == "mg"
    assert told["source"].endswith("https://doi.org/10.1056/NEJMoa0809329")


def test_the_inputs_are_told_as_given_with_the_defaults_of_the_others(capsys: Capture) -> None:
    main(["model", "iwpc", *PERSON.split()])

    inputs = json.loads(capsys.readouterr().out)["inputs"]
    assert list(inputs) == [each.name for each in KNOWLEDGE.models["iwpc"].inputs]
    assert (inputs["age"], inputs["race"]) == ("65", "missing or mixed")


@pytest.mark.parametrize("change", ["age=17", "cyp2c9=*1/*8", "weight_kg=", "amiodarone=maybe"])
def test_where_the_model_does_not_apply_the_value_is_null_and_why_is_said(
    change: str, capsys: Capture
) -> None:
    name = change.partition("=")[0]
    words = [word for word in PERSON.split() if not word.startswith(name)]

    assert main(["model", "iwpc", *words, change]) == 0

    told = capsys.readouterr()
    assert json.loads(told.out)["value"] is None
    assert told.err.strip()


@pytest.mark.parametrize(
    "words",
    [["iwpc", "colour=red"], ["iwpc", "age=65", "age=66"], ["unheard", "age=65"]],
)
def test_a_model_or_an_input_that_is_not_there_is_2_and_names_those_that_are(
    words: list[str], capsys: Capture
) -> None:
    assert main(["model", *words]) == 2
    assert capsys.readouterr().err.strip()


def test_a_model_with_one_result_gives_it_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    one = replace(KNOWLEDGE.models["iwpc"], name="one", results=("value",))
    monkeypatch.setitem(registry.CALCULATIONS, "one", lambda *_: {"value": Decimal("1.5")})  # type: ignore[arg-type]

    told, why = answer("one", [], replace(KNOWLEDGE, models={"one": one}))

    assert (told["value"], why) == (1.5, "")


def test_the_fault_names_every_input() -> None:
    with pytest.raises(WrongInputs, match="age, height_cm, weight_kg, vkorc1, cyp2c9, race"):
        answer("iwpc", ["colour=red"], KNOWLEDGE)
