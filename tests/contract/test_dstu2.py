"""Servers that speak DSTU2: asked in its names, read in its shapes, and told where they cannot be.

Checklist: D6, D11, F2, F10.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import orjson
import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.fhir import dialect
from app.fhir.deadline import Deadline
from app.fhir.dialect import DSTU2, R4, Dialect, version_of
from app.fhir.reasons import FhirUnavailable
from app.fhir.server import FhirServer
from hooks.clinical.facts import Missing, Why
from tests.contract.asking import LONG_MS, Ask
from tests.contract.loopback import Call, Loopback, Serve, bundle, http, ids
from tests.unit.app.cds import order_select, patient_view, serving
from tests.unit.hooks.reading import coded

QUERY = "MedicationRequest?patient=p1&status=active&_count=500"
ORDERS = "/fhir/MedicationOrder?patient=p1&status=active&_count=500"
REQUESTS = "/fhir/MedicationRequest?patient=p1&status=active&_count=500"
METADATA = "/fhir/metadata"
OF_P1 = {"patient": {"reference": "Patient/p1"}}
ABOUT_P1 = {"subject": {"reference": "Patient/p1"}}
POOR = {
    "resourceType": "Observation",
    "id": "g1",
    "status": "final",
    "code": coded("loinc", "84413-4"),
    "valueCodeableConcept": {"text": "CYP2C19 *2/*2"},
    "comments": "Poor metabolizer",
    "effectiveDateTime": "2020-03-04",
    **ABOUT_P1,
}
HEART_ATTACK = {
    "resourceType": "Condition",
    "id": "c1",
    "code": coded("snomed", "401314000"),
    "clinicalStatus": "active",
    "verificationStatus": "confirmed",
    "abatementBoolean": False,
    **OF_P1,
}
ALLERGY = {
    "resourceType": "AllergyIntolerance",
    "id": "a1",
    "status": "confirmed",
    "substance": {"text": "prasugrel"},
    **OF_P1,
}
DRAFT = {
    "resourceType": "MedicationOrder",
    "id": "order-123",
    "status": "draft",
    "dateWritten": "2026-11-21",
    "medicationCodeableConcept": coded("rxnorm", "309362", "clopidogrel 75 MG Oral Tablet"),
    **OF_P1,
}
TAKEN = {**DRAFT, "id": "m1", "status": "active"}


class Ehr:
    """A server of one version, as a behaviour: it does not know the kinds of the other."""

    def __init__(self, version: str = "1.0.2", kind: str = "MedicationOrder") -> None:
        self.statement: object = {"resourceType": "Conformance", "fhirVersion": version}
        self.kind = kind
        self.unknown = "404 Not Found"
        self.metadata = "200 OK"
        self.found: dict[str, list[dict[str, Any]]] = {
            "Observation": [POOR],
            "Condition": [HEART_ATTACK],
            "AllergyIntolerance": [ALLERGY],
            kind: [TAKEN],
        }

    def __call__(self, call: Call) -> None:
        kind = call.target.removeprefix("/fhir/").partition("?")[0]
        headers = "Content-Type: application/json+fhir;charset=UTF-8\r\n"
        if kind == "metadata":
            call.send(http(self.statement, self.metadata, headers))
        elif kind == "Patient/p1":
            call.send(http({"resourceType": "Patient", "id": "p1", "gender": "male"}))
        elif kind in self.found:
            call.send(http(bundle(*self.found[kind]), headers=headers))
        else:
            call.send(http({"resourceType": "OperationOutcome"}, self.unknown, headers))


def fhir(session: requests.Session, server: Loopback, **more: Any) -> FhirServer:
    return FhirServer(server.base, "secret", session, Deadline.in_ms(LONG_MS), **more)


# Which names


def test_a_dstu2_server_is_recognised_by_its_own_word(
    serve: Serve, session: requests.Session
) -> None:
    server = serve(Ehr())

    found = fhir(session, server).search(QUERY)

    assert ids(found.resource) == ["m1"]
    assert server.targets == [REQUESTS, METADATA, ORDERS]


def test_its_version_is_asked_for_once(serve: Serve, session: requests.Session) -> None:
    server, known = serve(Ehr()), Dialect()

    for _ in range(3):
        fhir(session, server, dialect=known).search(QUERY)

    assert server.targets == [REQUESTS, METADATA, ORDERS, ORDERS, ORDERS]


def test_where_the_drafts_are_dstu2_its_names_are_used_at_once(
    serve: Serve, session: requests.Session
) -> None:
    server = serve(Ehr())

    fhir(session, server, version=DSTU2).search(QUERY)

    assert server.targets == [ORDERS]


def test_an_r4_server_is_never_asked_for_its_version(
    serve: Serve, session: requests.Session
) -> None:
    server = serve(Ehr("4.0.1", "MedicationRequest"))

    fhir(session, server).search(QUERY)

    assert server.targets == [REQUESTS]


def test_an_r4_server_behind_dstu2_drafts_is_asked_in_its_own_names(
    serve: Serve, session: requests.Session
) -> None:
    server, known = serve(Ehr("4.0.1", "MedicationRequest")), Dialect()

    for _ in range(2):
        fhir(session, server, version=DSTU2, dialect=known).search(QUERY)

    assert server.targets == [ORDERS, METADATA, REQUESTS, REQUESTS]


@pytest.mark.parametrize("status", ["400 Bad", "404 Not", "405 No", "406 No", "422 No", "501 No"])
def test_what_is_not_understood_raises_the_question(
    serve: Serve, session: requests.Session, status: str
) -> None:
    ehr = Ehr()
    ehr.unknown = status

    assert ids(fhir(session, serve(ehr)).search(QUERY).resource) == ["m1"]


def test_an_outcome_instead_of_a_bundle_raises_the_question(
    serve: Serve, session: requests.Session
) -> None:
    ehr = Ehr()
    ehr.unknown = "200 OK"

    assert ids(fhir(session, serve(ehr)).search(QUERY).resource) == ["m1"]


@pytest.mark.parametrize("status", ["401 No", "403 No", "429 Too", "500 Oh", "503 Oh"])
def test_what_is_refused_does_not_raise_it(
    serve: Serve, session: requests.Session, status: str
) -> None:
    ehr = Ehr()
    ehr.unknown = status
    server = serve(ehr)

    with pytest.raises(FhirUnavailable, match=f"HTTP {status[:3]}"):
        fhir(session, server).search(QUERY)

    assert server.targets == [REQUESTS]


@pytest.mark.parametrize("query", ["Observation?patient=p1", "Condition?patient=p1"])
def test_what_has_one_name_in_all_versions_does_not_raise_it(
    serve: Serve, session: requests.Session, query: str
) -> None:
    ehr = Ehr()
    ehr.found.clear()
    server = serve(ehr)

    with pytest.raises(FhirUnavailable, match="HTTP 404"):
        fhir(session, server).search(query)

    assert len(server.calls) == 1


# What it says of itself


@pytest.mark.parametrize(
    "statement",
    [
        {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"},
        {"fhirVersion": "3.0.2"},
        {"fhirVersion": "10.2"},
        {"fhirVersion": ""},
        {"fhirVersion": 1.0},
        {"fhirVersion": ["1.0.2"]},
        {},
        [],
        None,
        b"<html>",
    ],
)
def test_without_its_word_a_failure_is_what_it_was(
    serve: Serve, session: requests.Session, statement: object
) -> None:
    ehr = Ehr()
    ehr.statement = statement
    server = serve(ehr)

    with pytest.raises(FhirUnavailable, match="HTTP 404"):
        fhir(session, server).search(QUERY)

    assert server.targets == [REQUESTS, METADATA]


def test_a_server_that_did_not_say_it_is_not_asked_by_every_call(
    serve: Serve, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ehr, known = Ehr(), Dialect()
    ehr.metadata = "500 Oh"
    server = serve(ehr)

    for _ in range(3):
        with pytest.raises(FhirUnavailable, match="HTTP 404"):
            fhir(session, server, dialect=known).search(QUERY)
    assert server.targets.count(METADATA) == 1

    monkeypatch.setattr(dialect, "ASK_AGAIN_S", 0.0)
    later = Dialect()
    with pytest.raises(FhirUnavailable):
        fhir(session, server, dialect=later).search(QUERY)
    ehr.metadata = "200 OK"
    assert ids(fhir(session, server, dialect=later).search(QUERY).resource) == ["m1"]


def test_a_statement_that_does_not_come_holds_nobody_past_the_deadline() -> None:
    known, held = Dialect(), Event()
    known._lock.acquire()

    with pytest.raises(FhirUnavailable, match="no answer in time"):
        known.known(held.set, Deadline.in_ms(10))

    assert not held.is_set()


def test_dstu2_is_asked_for_by_its_own_media_type(serve: Serve, session: requests.Session) -> None:
    server = serve(Ehr())

    fhir(session, server, version=DSTU2).search(QUERY)
    fhir(session, server).search("Observation?patient=p1")

    dstu2, r4 = (call.header("Accept") for call in server.calls)
    assert dstu2.startswith("application/json+fhir")
    assert r4 == "application/fhir+json"


@pytest.mark.parametrize(
    ("drafts", "version"),
    [
        ([{"resource": DRAFT}], DSTU2),
        ([{"resource": {"resourceType": "MedicationRequest"}}], R4),
        ([None, {}, {"resource": 7}, "x"], R4),
        (None, R4),
    ],
)
def test_the_drafts_tell_the_version(drafts: object, version: str) -> None:
    assert version_of({"draftOrders": {"entry": drafts}}) == version
    assert version_of({}) == R4


# Whole calls


@pytest.fixture
def ehr() -> Ehr:
    return Ehr()


@pytest.fixture
def server(serve: Serve, ehr: Ehr) -> Loopback:
    return serve(ehr)


@pytest.fixture
def app(server: Loopback, tmp_path: Path) -> Iterator[Flask]:
    with serving(tmp_path, fhir_servers=(server.base,), deadline_ms=20_000) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def post(client: FlaskClient, hook: str, body: dict[str, Any]) -> TestResponse:
    return client.post(f"/cds-services/rxhooks-{hook}", json=body)


def draft_call(server: Loopback, **more: Any) -> dict[str, Any]:
    return order_select(DRAFT, prefetch={}, fhirServer=server.base) | more


def test_an_order_of_dstu2_is_judged_by_what_the_server_holds(
    client: FlaskClient, server: Loopback
) -> None:
    answer = post(client, "order-select", draft_call(server))

    [card] = answer.get_json()["cards"]
    found = card["extension"]["org.rxhooks.finding"]
    assert found["genes"][0]["phenotype"] == "Poor Metabolizer"
    assert found["evidence"][0]["date"] == "2020-03-04"
    assert not found.get("missing")
    assert [other["name"] for other in found["alternatives"]] == ["ticagrelor"]  # the allergy
    assert METADATA not in server.targets
    assert ORDERS in server.targets


def test_nothing_is_offered_that_dstu2_could_not_hold(
    client: FlaskClient, server: Loopback
) -> None:
    [card] = post(client, "order-select", draft_call(server)).get_json()["cards"]

    assert "suggestions" not in card
    assert "selectionBehavior" not in card


def test_a_result_of_dstu2_that_cannot_be_read_is_told_and_no_test_is_offered(
    client: FlaskClient, server: Loopback, ehr: Ehr
) -> None:
    silent = {key: value for key, value in POOR.items() if key != "valueCodeableConcept"}
    ehr.found["Observation"] = [silent]

    [card] = post(client, "order-select", draft_call(server)).get_json()["cards"]

    assert card["extension"]["org.rxhooks.finding"]["missing"][0]["why"] == "UNREADABLE"
    assert "suggestions" not in card


@pytest.mark.parametrize("status", ["preliminary", "registered", "entered-in-error", "unknown"])
def test_a_result_that_is_not_final_is_none(
    client: FlaskClient, server: Loopback, ehr: Ehr, status: str
) -> None:
    ehr.found["Observation"] = [POOR | {"status": status}]

    cards = post(client, "order-select", draft_call(server)).get_json()["cards"]

    told = [card["extension"]["org.rxhooks.finding"]["outcome"] for card in cards]
    assert set(told) <= {"cannot-tell"}


def test_a_chart_of_dstu2_is_judged_by_its_active_orders(
    client: FlaskClient, server: Loopback
) -> None:
    body = patient_view(prefetch={}, fhirServer=server.base)

    answer = post(client, "patient-view", body)

    assert "clopidogrel" in answer.get_json()["cards"][0]["detail"].casefold()
    asked = [each for each in server.targets if each in {REQUESTS, METADATA, ORDERS}]
    assert asked[:3] == [REQUESTS, METADATA, ORDERS]


@pytest.mark.parametrize("status", ["completed", "stopped", "on-hold", "entered-in-error", "draft"])
def test_an_order_of_dstu2_that_is_not_active_is_not_taken(
    client: FlaskClient, server: Loopback, ehr: Ehr, status: str
) -> None:
    ehr.found["MedicationOrder"] = [TAKEN | {"status": status}]

    answer = post(client, "patient-view", patient_view(prefetch={}, fhirServer=server.base))

    told = answer.get_json()
    unchecked = told.get("extension", {}).get("org.rxhooks.unchecked", [])
    assert "clopidogrel" not in str(told["cards"]).casefold()
    assert [each for each in unchecked if "order" in each] == []


def test_a_medication_of_dstu2_that_says_no_drug_is_told(
    client: FlaskClient, server: Loopback
) -> None:
    product = {"ingredient": [{"item": {"reference": "Substance/s1"}}]}
    medication = {"resourceType": "Medication", "id": "m9", "product": product}
    draft = {key: value for key, value in DRAFT.items() if key != "medicationCodeableConcept"}
    draft |= {"medicationReference": {"reference": "#m9"}, "contained": [medication]}

    answer = post(client, "order-select", order_select(draft, prefetch={}))

    unchecked = answer.get_json()["extension"]["org.rxhooks.unchecked"]
    assert "the Medication says no drug" in orjson.dumps(unchecked).decode()


def test_with_a_whole_prefetch_the_server_is_not_asked_at_all(
    client: FlaskClient, server: Loopback
) -> None:
    prefetch = {
        "patient": {"resourceType": "Patient", "id": "p1"},
        "genotypes": bundle(POOR),
        "conditions": bundle(HEART_ATTACK),
        "medications": bundle(),
        "allergies": bundle(),
    }

    answer = post(client, "order-select", draft_call(server, prefetch=prefetch))

    assert len(answer.get_json()["cards"]) == 1
    assert server.calls == []


def test_a_server_of_no_known_version_leaves_what_failed_told(serve: Serve, ask: Ask) -> None:
    ehr = Ehr()
    ehr.metadata = "404 Not Found"

    answers = ask(serve(ehr).base, queries={"medications": QUERY})

    assert answers == {"medications": Missing("medications", Why.NOT_FETCHED, "HTTP 404")}


def test_a_dialect_is_of_one_server(serve: Serve, session: requests.Session) -> None:
    old, new = serve(Ehr()), serve(Ehr("4.0.1", "MedicationRequest"))
    asked = fhir(session, old)
    asked.search(QUERY)

    fhir(session, new).search(QUERY)
    replace(asked).search(QUERY)

    assert new.targets == [REQUESTS]
    assert old.targets[-1] == ORDERS
