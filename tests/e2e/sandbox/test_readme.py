"""The README tells of all that is there."""

import re

import pytest

from sandbox.behaviour import DESCRIPTIONS
from sandbox.records import PATIENTS

FOLDER = PATIENTS.parent
README = (FOLDER / "README.md").read_text("utf-8")
PATIENT_FILES = sorted(PATIENTS.glob("*.json"))
REQUEST_FILES = sorted((FOLDER / "requests").glob("*.json"))


@pytest.mark.parametrize("patient", [path.stem for path in PATIENT_FILES])
def test_each_patient_has_a_line(patient: str) -> None:
    assert f"\n| {patient} |" in README


def test_the_number_of_patients_is_right() -> None:
    assert re.findall(r"(\d+) made-up patients", README) == [str(len(PATIENT_FILES))]


@pytest.mark.parametrize("request_file", [path.name for path in REQUEST_FILES])
def test_each_request_is_named(request_file: str) -> None:
    assert request_file in README


@pytest.mark.parametrize("name", [name for name, _does in DESCRIPTIONS])
def test_each_behaviour_has_a_line(name: str) -> None:
    assert f"\n| `/{name}/fhir` |" in README
