"""`rxhooks try`, in this process: real FHIR answers over loopback, the real service."""

from argparse import Namespace
from datetime import UTC, datetime

import pytest

from app.cli import main
from app.commands.shared import WrongUse
from hooks.knowledge import Knowledge, load
from sandbox.ordering import chosen
from sandbox.records import Records, as_of
from sandbox.records import load as load_records
from sandbox.trying import Try, answered, asked, patient_named, read_tries, request_for

Capture = pytest.CaptureFixture[str]
RECORDS = as_of(datetime.now(UTC).date(), load_records())
TRIES = read_tries()


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load()


def options(patient: str = "", drug: str = "", hook: str = "") -> Namespace:
    return Namespace(patient=patient, drug=drug, hook=hook)


def what(patient: str = "", drug: str = "", hook: str = "") -> tuple[str, str, str]:
    return asked(options(patient, drug, hook), RECORDS, TRIES)


@pytest.mark.parametrize("each", TRIES, ids=lambda each: f"{each.patient} {each.drug}")
def test_what_the_list_promises_is_what_the_service_says(each: Try, knowledge: Knowledge) -> None:
    choice = chosen(each.drug, knowledge) if each.drug else None

    status, answer, fetched = answered(
        request_for(each.hook, each.patient, choice), RECORDS, knowledge
    )

    says = answer["cards"][0]["indicator"] if answer["cards"] else "no card"
    assert (status, says) == (200, each.says)
    assert "Observation" in fetched


def test_every_sample_patient_is_in_the_list() -> None:
    everybody = {patient["id"] for patient in RECORDS.of_type("Patient")}

    assert {each.patient for each in TRIES} == everybody


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), ("carla-sanchez", "clopidogrel", "order-select")),
        (("june-adams",), ("june-adams", "", "patient-view")),
        (("", "codeine"), ("dora-lind", "codeine", "order-select")),
        (("", "warfarin"), ("carla-sanchez", "warfarin", "order-select")),
        (("", "", "patient-view"), ("june-adams", "", "patient-view")),
        (("", "", "order-sign"), ("kofi-mensah", "capecitabine", "order-sign")),
        (("pia-keller", "codeine"), ("pia-keller", "codeine", "order-select")),
        (("pia-keller", "codeine", "order-sign"), ("pia-keller", "codeine", "order-sign")),
    ],
)
def test_what_was_not_asked_for_is_filled_in_from_the_list(
    given: tuple[str, ...], expected: tuple[str, str, str]
) -> None:
    assert what(*given) == expected


def test_a_chart_that_is_opened_takes_no_drug() -> None:
    with pytest.raises(WrongUse, match="it takes no --drug"):
        what("carla-sanchez", "codeine", "patient-view")


def test_an_order_needs_a_drug() -> None:
    with pytest.raises(WrongUse, match="name a drug with --drug"):
        what("carla-sanchez", "", "order-sign")


@pytest.mark.parametrize("typed", ["carla-sanchez", "carla", "Carla Sanchez"])
def test_a_patient_is_known_by_the_beginning_of_the_name(typed: str) -> None:
    assert patient_named(typed, RECORDS) == "carla-sanchez"


def test_a_patient_who_is_not_there_is_said_with_those_who_are() -> None:
    with pytest.raises(WrongUse, match="No sample patient is called zoe; there are: ben-okafor, "):
        patient_named("zoe", RECORDS)


def test_a_beginning_of_several_names_is_said() -> None:
    twins = Records({"Patient": {name: {"id": name} for name in ("ann-one", "ann-two", "bo")}})

    with pytest.raises(WrongUse, match=r"there are: ann-one, ann-two$"):
        patient_named("ann", twins)


def test_the_card_is_printed_with_what_was_fetched_and_what_to_try_next(capsys: Capture) -> None:
    assert main(["try", "--patient", "rosa", "--drug", "abacavir"]) == 0

    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert lines[0].startswith("Selected for Rosa Mendez (rosa-mendez): abacavir 300 MG")
    assert "Observation" in lines[1]
    assert any("WARNING  Cannot tell the risk of abacavir" in line for line in lines)
    assert "Not judged: hla-b-abacavir: HLA-B (NOT_RECORDED)" in lines
    assert lines[-1] == "  rxhooks try --patient rosa-mendez --drug metformin  info"
    assert "\x1b" not in told.out
    assert told.err == ""


def test_an_answer_without_cards_is_said(capsys: Capture) -> None:
    assert main(["try", "--patient", "ben", "--drug", "clopidogrel"]) == 0
    assert "\nNo card.\n" in capsys.readouterr().out


def test_the_policy_of_the_site_counts(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    policy = tmp_path_factory.mktemp("site") / "policy.toml"
    policy.write_text('[rules.cyp2d6-codeine]\non = false\nreason = "not here"\n')
    monkeypatch.setenv("RXHOOKS_POLICY", str(policy))

    assert main(["try", "--patient", "dora", "--drug", "codeine"]) == 0
    assert "CYP2D6 ultrarapid" not in capsys.readouterr().out


def test_a_wrong_use_is_2_and_one_sentence(capsys: Capture) -> None:
    assert main(["try", "--drug", "clopidogel"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
