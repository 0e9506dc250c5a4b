"""One AuditEvent a call, whatever becomes of it; and no card without one where it is required."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.security.audit_server import ANSWER_S
from app.security.audit_sinks import AuditSettings
from tests.contract.loopback import loopback
from tests.unit.app.cds import INSTANCE, POOR, SELECT, call, complete, order_select, serving
from tests.unit.app.security import BASE, bearer, claims, token
from tests.unit.app.security.test_audit_sinks import dripping_head
from tests.unit.app.security.test_gate import closed
from tests.unit.hooks.reading.test_labels import security

FEEDBACK = {"card": INSTANCE, "outcome": "overridden", "outcomeTimestamp": "2026-11-21T10:00:00Z"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "audit" / "audit.ndjson"


@pytest.fixture
def client(tmp_path: Path, file: Path) -> Iterator[FlaskClient]:
    file.parent.mkdir()
    with serving(tmp_path, audit=AuditSettings(file)) as app:
        yield app.test_client()


@pytest.fixture
def strict(tmp_path: Path, file: Path) -> Iterator[FlaskClient]:
    with serving(tmp_path, audit=AuditSettings(file, required=True)) as app:
        yield app.test_client()


def events(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def details(event: dict[str, Any]) -> dict[str, str]:
    told = [each for entity in event["entity"] for each in entity.get("detail", [])]
    return {each["type"]: each["valueString"] for each in told}


@pytest.mark.proves("K11")
def test_a_call_is_one_event_with_the_cards_that_left(client: FlaskClient, file: Path) -> None:
    answer = call(client, order_select())
    [event] = events(file)
    assert event["outcome"] == "0"
    assert details(event)["cards"] == answer.json["cards"][0]["uuid"]  # type: ignore[index]
    assert details(event)["rulesFired"] == "cyp2c19-clopidogrel"
    assert details(event)["hookInstance"] == INSTANCE
    assert details(event)["requestId"] == answer.headers["X-Request-ID"]
    assert {each.get("what", {}).get("reference") for each in event["entity"]} == {
        *("Patient/p1", None)
    }
    assert "*2" not in json.dumps(event)


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"hook": "order-select"}, 400, "invalid"),
        (order_select(prefetch={}), 412, "incomplete"),
    ],
)
def test_a_call_that_fails_is_an_event_too(
    client: FlaskClient, file: Path, body: object, status: int, error: str
) -> None:
    assert call(client, body).status_code == status
    [event] = events(file)
    assert (event["outcome"], event["outcomeDesc"]) == ("4", f"HTTP {status} {error}")


def test_calls_that_were_not_let_in_are_nobody_s(tmp_path: Path) -> None:
    file = tmp_path / "audit.ndjson"
    with closed(tmp_path, RXHOOKS_AUDIT_FILE=str(file)) as app:
        client = app.test_client()
        for _ in range(2):
            assert client.post(SELECT, json=order_select()).status_code == 401
        signed = bearer(token(claims(aud=f"{BASE}{SELECT}")))
        assert client.post(SELECT, json=order_select(), headers=signed).status_code == 200
    refused, again, answered = events(file)
    assert refused["agent"][0]["name"] == again["agent"][0]["name"] == "unauthenticated"
    assert refused["outcomeDesc"] == "HTTP 401 login"
    assert float(details(refused)["durationMs"]) > 0
    assert answered["agent"][1]["name"] == "hospital"


def test_a_refusal_does_not_wait_for_the_audit(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    folder.mkdir()
    settings = {"RXHOOKS_AUDIT_FILE": f"{folder}/audit.ndjson", "RXHOOKS_AUDIT_REQUIRED": "1"}
    with closed(tmp_path, **settings) as app:
        folder.rmdir()
        assert app.test_client().post(SELECT, json=order_select()).status_code == 401


def test_an_unknown_service_is_an_event_without_its_name(client: FlaskClient, file: Path) -> None:
    client.post("/cds-services/Erika", json={})
    assert "Erika" not in file.read_text()
    assert "unknown" in file.read_text()


def test_feedback_is_an_event_and_discovery_and_health_are_none(
    client: FlaskClient, file: Path
) -> None:
    client.get("/cds-services")
    client.get("/health/ready")
    client.options(SELECT)
    assert events(file) == []
    client.post(f"{SELECT}/feedback", json={"feedback": [FEEDBACK]})
    assert details(events(file)[0])["hook"] == "feedback"


def test_labels_that_were_met_and_what_was_not_used_are_recorded(
    client: FlaskClient, file: Path
) -> None:
    hidden = POOR | {"meta": {"security": security("R", "GDIS")}}
    answer = call(client, order_select(prefetch=complete(hidden) | {"consents": None}))
    [event] = events(file)
    [patient] = [each for each in event["entity"] if "what" in each]
    assert [label["code"] for label in patient["securityLabel"]] == ["GDIS", "R"]
    assert details(event)["restrictedNotUsed"] == "1"
    assert answer.json["cards"] == []  # type: ignore[index]


def test_a_failure_to_record_is_seen_and_lets_the_card_go(
    client: FlaskClient, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.mkdir()
    answer = call(client, order_select())
    assert answer.status_code == 200
    assert "audit event not written" in capsys.readouterr().err
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json["audit"]) == (200, "failing")  # type: ignore[index]
    assert ready.json["status"] == "degraded"  # type: ignore[index]


def test_where_the_audit_is_required_no_card_leaves_without_it(
    strict: FlaskClient, file: Path
) -> None:
    refused = call(strict, order_select())
    assert refused.status_code == 503
    assert refused.json["resourceType"] == "OperationOutcome"  # type: ignore[index]
    assert "CYP2C19" not in refused.text
    assert strict.get("/health/ready").status_code == 503
    assert strict.get("/cds-services").status_code == 200
    file.parent.mkdir()
    assert call(strict, order_select()).status_code == 200
    assert strict.get("/health/ready").json["audit"] == "writable"  # type: ignore[index]


def test_a_server_that_drips_fails_the_call_where_the_audit_is_required(tmp_path: Path) -> None:
    with loopback(dripping_head) as server:
        settings = AuditSettings(server=server.base, required=True)
        with serving(tmp_path, audit=settings) as app:
            started = monotonic()
            assert call(app.test_client(), order_select()).status_code == 503
            assert monotonic() - started < 4 * ANSWER_S


def test_without_a_setting_nothing_is_recorded(tmp_path: Path) -> None:
    with serving(tmp_path) as app:
        client = app.test_client()
        assert call(client, order_select()).status_code == 200
        assert client.get("/health/ready").json["audit"] == "off"  # type: ignore[index]
