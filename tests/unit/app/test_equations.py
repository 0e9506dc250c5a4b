"""`rxhooks model`: inputs from the command line, results as one JSON line."""

import json

import pytest

from app.cli import main
from app.equations import WrongInputs, answer
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


def value(capsys: Capture, *words: str) -> object:
    assert main(["model", *words]) == 0
    return json.loads(capsys.readouterr().out)["value"]


def test_a_model_with_one_result_gives_it_without_a_name(capsys: Capture) -> None:
    words = ["creatinine_mg_dL=0.8", "sex=male", "age=30"]

    assert value(capsys, "ckdepi2021", *words) == pytest.approx(122.09733, abs=1e-5)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            "cha2ds2vasc age=66 female=yes chf=no hypertension=true diabetes=FALSE"
            " stroke_tia_te=0 vascular_disease=0",
            {"score": 3, "cha2ds2_va": 2},
        ),
        (
            "child_pugh ascites=slight encephalopathy=none inr=1.8 albumin_g_dL=3.2"
            " bilirubin_mg_dL=2.5",
            {"points": 9, "class": "B"},
        ),
        (
            "tisdale age=70 female=1 loop_diuretic=1 potassium_mmol_L=3.4 admission_qtc_ms=455"
            " acute_MI=0 n_qt_drugs=1 sepsis=0 heart_failure=0",
            {"score": 10, "category": "moderate"},
        ),
    ],
)
def test_scores_are_whole_numbers_with_the_words_for_them(
    words: str, told: dict[str, object], capsys: Capture
) -> None:
    assert value(capsys, *words.split()) == told


def test_a_score_that_lies_in_an_interval_is_null_beside_its_ends(capsys: Capture) -> None:
    words = (
        "age=70 female=1 loop_diuretic=1 admission_qtc_ms=455 acute_MI=0 n_qt_drugs=1 sepsis=0"
        " heart_failure=0"
    )

    assert main(["model", "tisdale", *words.split()]) == 0

    told = capsys.readouterr()
    assert json.loads(told.out)["value"] == {
        "score": None,
        "category": None,
        "score_from": 8,
        "score_to": 10,
    }
    assert told.err == "score is not for these inputs; missing potassium_mmol_L\n"


def test_a_result_that_does_not_apply_is_null_beside_the_others(capsys: Capture) -> None:
    words = (
        "age_years=62 sex=female sbp_mmHg=128 on_antihypertensive=0 total_chol_mg_dL=240"
        " hdl_mg_dL=55 on_statin=0 diabetes=0 current_smoker=1 egfr=75 bmi=31"
    )

    risks = value(capsys, "prevent", *words.split())

    assert isinstance(risks, dict)
    assert risks["10yr_ascvd"] == pytest.approx(0.055752, abs=5e-7)
    assert risks["30yr_ascvd"] is None


def test_inputs_that_are_missing_are_named(capsys: Capture) -> None:
    assert main(["model", "fib4", "age=50", "ast_U_L=40"]) == 0

    told = capsys.readouterr()
    assert json.loads(told.out)["value"] is None
    assert told.err.endswith("missing alt_U_L; missing platelets_10e9_L\n")


def test_a_source_without_an_address_is_told_without(capsys: Capture) -> None:
    main(["model", "qtc", "qt_ms=400", "heart_rate_bpm=60"])

    told = json.loads(capsys.readouterr().out)
    assert told["value"] == {"bazett_ms": 400, "fridericia_ms": 400}
    assert told["source"].endswith("electrocardiogram, 1920")


def test_the_list_names_every_model_with_its_inputs(capsys: Capture) -> None:
    assert main(["model", "--list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == sorted(KNOWLEDGE.models)
    assert any("(qt_ms heart_rate_bpm)" in line for line in lines)
    assert any("enzyme_inducer" in line and "[race]" in line for line in lines)


def test_the_fault_names_every_input() -> None:
    with pytest.raises(WrongInputs, match="age, height_cm, weight_kg, vkorc1, cyp2c9, race"):
        answer("iwpc", ["colour=red"], KNOWLEDGE)


@pytest.mark.parametrize(
    ("name", "word", "meant"),
    [
        ("prevent", "smoker=1", "is current_smoker meant?"),
        ("fib4", "ast=40", "is ast_U_L meant?"),
        ("ckdepi", "age=50", "is ckdepi2021 meant?"),
    ],
)
def test_the_nearest_known_word_is_named(name: str, word: str, meant: str) -> None:
    with pytest.raises(WrongInputs) as caught:
        answer(name, [word], KNOWLEDGE)

    assert meant in str(caught.value)
