"""Ids of requests: taken from outside only where they can say nothing of a patient."""

import json
import re
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from app import tracing
from app.fhir.deadline import Deadline
from app.fhir.server import FhirServer
from app.fhir.session import new_session
from app.logs import get_logger
from app.tracing import Trace, trace_of, traced
from hooks.clinical.facts import Missing, Why
from tests.contract.loopback import always, bundle, loopback
from tests.unit.app.cds import call, serving

UUID = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
VALID = f"00-{TRACE}-{PARENT}-01"


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    tracing.init_app(app)

    @app.get("/")
    def view() -> dict[str, str]:
        get_logger().info("answered")
        return tracing.current().outgoing()

    return app.test_client()


@pytest.mark.parametrize("given", [UUID, UUID.upper(), TRACE])
def test_an_id_in_a_safe_form_is_kept_and_sent_back(client: FlaskClient, given: str) -> None:
    assert client.get("/", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize(
    "given", ["", "Erika-Mustermann", "19700101", "a" * 31, f"{UUID}x", "{}", "g" * 32]
)
def test_any_other_id_is_replaced(client: FlaskClient, given: str) -> None:
    answer = client.get("/", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", answer)


def test_each_line_of_a_request_has_its_ids_and_none_after_it(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client.get("/", headers={"X-Request-ID": UUID, "traceparent": VALID})
    get_logger().info("later")
    inside, later = map(json.loads, capsys.readouterr().err.splitlines())
    assert (inside["request_id"], inside["trace_id"]) == (UUID, TRACE)
    assert "request_id" not in later


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Erika",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE}-{PARENT}-1",
    ],
)
def test_an_invalid_traceparent_is_ignored(header: str) -> None:
    trace = trace_of(UUID, header)
    assert trace == Trace(UUID)
    assert trace.outgoing() == {}


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert trace_of(UUID, f"01-{TRACE}-{PARENT}-09-more") == Trace(UUID, TRACE, "00")


def test_the_fhir_server_is_told_the_trace_with_a_span_of_our_own(client: FlaskClient) -> None:
    sent = client.get("/", headers={"traceparent": VALID}).json
    assert sent is not None
    found = re.fullmatch(rf"00-{TRACE}-([0-9a-f]{{16}})-01", sent["traceparent"])
    assert found is not None
    assert found[1] != PARENT


def test_it_travels_with_every_request_to_the_server(client: FlaskClient) -> None:
    session: requests.Session
    with loopback(always(bundle())) as server, new_session() as session:
        base = FhirServer(server.base, None, session, Deadline.in_ms(20_000))
        with client.application.test_request_context("/", headers={"traceparent": VALID}):
            client.application.preprocess_request()
            told = traced(base)
        assert isinstance(told, FhirServer)
        told.search("Observation?patient=p1")
        base.search("Observation?patient=p1")
        first, second = server.calls
    assert TRACE in first.header("traceparent")
    assert second.header("traceparent") == ""


def test_a_refused_call_is_a_line_and_names_no_service_of_the_client_s(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(tmp_path) as app:
        client = app.test_client()
        call(client, {})
        client.post("/cds-services/Erika", json={})
        client.get("/Erika")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    refused = [(line["service"], line["status"]) for line in lines if line["event"] == "refused"]
    assert refused == [("rxhooks-order-select", 400), ("unknown", 404)]


def test_no_server_or_no_trace_changes_nothing(client: FlaskClient) -> None:
    missing = Missing("fhirServer", Why.NOT_FETCHED)
    for headers in ({}, {"traceparent": VALID}):
        with client.application.test_request_context("/", headers=headers):
            client.application.preprocess_request()
            assert traced(missing) is missing
