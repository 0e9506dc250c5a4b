"""The patients on file: sound FHIR R4, and no code that means two things."""

import importlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from sandbox.parameters import RESOURCE_TYPES
from sandbox.records import PATIENTS, DuplicateResource, Records, load

HERE = "http://127.0.0.1:8081/fhir"
FILES = sorted(PATIENTS.glob("*.json"))
STATUSES = {"final", "preliminary", "amended", "entered-in-error"}


@pytest.fixture(scope="module")
def records() -> Records:
    return load()


def resources(records: Records) -> Iterator[dict[str, Any]]:
    for same_type in records.by_type.values():
        yield from same_type.values()


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Every JSON object in *value*, at any depth."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        yield from objects(item)


def test_each_file_is_one_patients(records: Records) -> None:
    assert {path.stem for path in FILES} == set(records.by_type["Patient"])


@pytest.mark.parametrize("patient", [path.stem for path in FILES])
def test_a_file_is_a_collection_about_its_patient(patient: str) -> None:
    [path] = [path for path in FILES if path.stem == patient]
    bundle = fhir_model("Bundle", path.read_bytes())
    subjects = {
        entry.resource.subject.reference
        for entry in bundle.entry
        if getattr(entry.resource, "subject", None)
    }

    assert bundle.type == "collection"
    assert subjects == {f"Patient/{patient}"}
    for entry in bundle.entry:
        assert entry.fullUrl == f"{HERE}/{entry.resource.resource_type}/{entry.resource.id}"


def fhir_model(name: str, body: bytes) -> Any:
    """The R4 model of fhirclient; it refuses what the specification does not know or allow."""
    module = importlib.import_module(f"fhirclient.models.{name.lower()}")
    return getattr(module, name)(orjson.loads(body))


def test_an_id_may_stand_in_one_file_only(tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_bytes(FILES[0].read_bytes())

    with pytest.raises(DuplicateResource, match=r"two\.json: Patient/"):
        load(tmp_path)


def test_every_type_on_file_can_be_searched(records: Records) -> None:
    assert set(records.by_type) <= set(RESOURCE_TYPES)


def test_every_reference_leads_somewhere(records: Records) -> None:
    for resource in resources(records):
        inside = {f"#{contained['id']}" for contained in resource.get("contained", [])}
        for reference in [
            found["reference"] for found in objects(resource) if "reference" in found
        ]:
            if reference not in inside:
                kind, name = reference.split("/")
                assert records.read(kind, name)["id"] == name


def test_every_code_has_one_display(records: Records) -> None:
    displays = defaultdict(set)
    for coding in [found for resource in resources(records) for found in objects(resource)]:
        if {"system", "code", "display"} <= coding.keys():
            displays[coding["system"], coding["code"]].add(coding["display"])

    haplotypes = (
        "https://www.pharmvar.org",
        "CYP2D6",
    )  # the gene is the code, as in HL7's examples
    assert [code for code in displays if len(displays[code]) > 1] == [haplotypes]


def test_every_observation_has_a_known_status_and_a_date(records: Records) -> None:
    observations = records.of_type("Observation")

    assert {observation["status"] for observation in observations} == STATUSES
    assert all("effectiveDateTime" in observation for observation in observations)


def test_everybody_is_said_to_be_made_up(records: Records) -> None:
    for kind in ("Patient", "Practitioner"):
        for person in records.of_type(kind):
            assert person["name"][0]["text"].endswith("(a made-up person)")
    for found in objects([*records.of_type("Observation")]):
        for performer in found.get("performer", []):
            assert performer["display"].endswith("(a made-up laboratory)")
