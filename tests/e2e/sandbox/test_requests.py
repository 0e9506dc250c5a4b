"""The requests to try the service with: complete for CDS Hooks 2.0, and about patients on file."""

import uuid
from pathlib import Path
from typing import Any

import orjson
import pytest
from fhirclient.models.bundle import Bundle

from sandbox.records import PATIENTS, load

FILES = sorted((PATIENTS.parent / "requests").glob("*.json"))
WANTED = {  # Hooks library: the context fields that must be there
    "order-select": {"userId", "patientId", "selections", "draftOrders"},
    "order-sign": {"userId", "patientId", "draftOrders"},
    "patient-view": {"userId", "patientId"},
}


def read(path: Path) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(path.read_bytes())
    return body


each_request = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_the_demo_request_is_there() -> None:
    assert "order-select-clopidogrel" in {path.stem for path in FILES}


def test_no_two_requests_are_one_instance() -> None:
    assert len({read(path)["hookInstance"] for path in FILES}) == len(FILES)


@each_request
def test_a_request_has_what_its_hook_wants(path: Path) -> None:
    body = read(path)

    assert path.stem.startswith(body["hook"])
    assert set(body) == {"hook", "hookInstance", "fhirServer", "context"}
    assert set(body["context"]) == WANTED[body["hook"]]
    assert str(uuid.UUID(body["hookInstance"])) == body["hookInstance"]
    assert body["fhirServer"] == "http://127.0.0.1:8081/fhir"


@each_request
def test_a_request_is_about_people_on_file(path: Path) -> None:
    context = read(path)["context"]
    records = load()

    assert records.read("Patient", context["patientId"])
    assert records.read(*context["userId"].split("/"))


@each_request
def test_draft_orders_are_r4_and_for_that_patient(path: Path) -> None:
    context = read(path)["context"]
    drafts = Bundle(context["draftOrders"]).entry if "draftOrders" in context else []

    for entry in drafts:
        assert entry.resource.status == "draft"
        assert entry.resource.subject.reference == f"Patient/{context['patientId']}"
    if "selections" in context:
        named = {f"{entry.resource.resource_type}/{entry.resource.id}" for entry in drafts}
        assert set(context["selections"]) <= named
