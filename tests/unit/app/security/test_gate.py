"""The door of the app: what is open, what is closed, and what is said at the start."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from app.security import gate
from app.security.clients import CdsClient
from app.settings import Settings, UnsafeSettings, from_environment
from tests.unit.app.cds import SELECT, Json, order_select, serving
from tests.unit.app.security import BASE, CALL, bearer, claims, clients_toml, token

NAMES = ("clients", "base_url", "replay_file", "audit")  # of the settings that a test gives
Capture = pytest.CaptureFixture[str]


def settings_of(folder: Path, *more: str, **environ: str) -> Settings:
    """Settings with one client."""
    file = clients_toml(folder, *more)
    return from_environment(
        {
            "RXHOOKS_CLIENTS": str(file),
            "RXHOOKS_BASE_URL": BASE,
            "RXHOOKS_REPLAY_FILE": str(folder / "used.db"),
            **environ,
        }
    )


@contextmanager
def closed(folder: Path, *more: str, **environ: str) -> Iterator[Flask]:
    """The service for one client."""
    settings = settings_of(folder, *more, **environ)
    own = {name: getattr(settings, name) for name in NAMES}
    with serving(folder, open=False, redis_url=settings.redis_url, **own) as app:
        yield app


def warnings(capsys: Capture) -> list[str]:
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    return [line["event"] for line in lines if line["level"] == "warning"]


def test_an_open_service_says_so_and_calls_everybody_open(tmp_path: Path, capsys: Capture) -> None:
    with serving(tmp_path, fhir_servers=("https://ehr.example/fhir",)) as app:
        assert warnings(capsys) == ["open: clients are not authenticated"]
        with app.test_request_context(SELECT, method="POST"):
            app.preprocess_request()
            assert g.client == CdsClient("open", fhir_servers=("https://ehr.example/fhir",))


def test_an_open_service_does_not_look_at_tokens(tmp_path: Path) -> None:
    with serving(tmp_path) as app:
        answer = app.test_client().post(SELECT, json=order_select(), headers=bearer("nonsense"))
        assert answer.status_code == 200


def test_a_closed_service_knows_who_calls(tmp_path: Path) -> None:
    with (
        closed(tmp_path, 'tenants = ["a"]') as app,
        app.test_request_context(SELECT, method="POST", headers=bearer(token(claims(tenant="a")))),
    ):
        app.preprocess_request()
        assert (g.client.name, g.client.tenants) == ("hospital", ("a",))


def test_clients_whose_keys_cannot_be_had_can_be_told(tmp_path: Path) -> None:
    with closed(tmp_path) as app:
        assert app.extensions["rxhooks.gate"].without_keys() == []
    with closed(tmp_path, 'jwks = "http://127.0.0.1:1/jwks.json"') as app:
        assert app.extensions["rxhooks.gate"].without_keys() == ["hospital"]


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_load_balancers_need_no_token(tmp_path: Path, path: str) -> None:
    with closed(tmp_path) as app:
        assert app.test_client().get(path).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/cds-services", 401),
        ("GET", "/cds-services/", 401),
        ("POST", "/cds-services//rxhooks-order-select", 401),
        ("POST", "/cds-services/nothing", 401),
        ("POST", "/cds-services/nothing/feedback", 401),
        ("GET", "/cds-services/added-later/", 401),
        ("GET", "/cds-servicesx", 404),
        ("GET", "/nothing", 404),
        ("DELETE", "/cds-services", 401),
        ("GET", "/cds-services/nothing", 401),
        ("GET", "/cds-services/rxhooks-order-select", 401),
        ("GET", "/cds-services/nothing/that/is/there", 401),
        ("OPTIONS", "/cds-services", 200),
    ],
)
def test_all_below_cds_services_is_closed(
    tmp_path: Path, method: str, path: str, status: int
) -> None:
    with closed(tmp_path) as app:
        app.add_url_rule("/cds-services/added-later", view_func=lambda: "secret")
        answer = app.test_client().open(path, method=method)

        assert answer.status_code == status


@pytest.mark.parametrize("method", ["POST", "GET", "PUT"])
def test_an_unknown_service_is_404_for_a_client(tmp_path: Path, method: str) -> None:
    with closed(tmp_path) as app:
        url = f"{BASE}/cds-services/nothing"
        answer = app.test_client().open(
            "/cds-services/nothing", method=method, headers=bearer(token(claims(aud=url)))
        )
        assert answer.status_code == 404


def test_another_method_is_405_for_a_client(tmp_path: Path) -> None:
    with closed(tmp_path) as app:
        url = f"{BASE}{SELECT}"
        answer = app.test_client().get(SELECT, headers=bearer(token(claims(aud=url))))
        assert answer.status_code == 405


def test_used_tokens_that_cannot_be_looked_up_are_503(tmp_path: Path) -> None:
    with closed(tmp_path, RXHOOKS_REDIS_URL="redis://127.0.0.1:1/0") as app:
        answer = app.test_client().post(SELECT, json=order_select(), headers=bearer(token()))

    assert answer.status_code == 503
    assert "feedback" not in answer.text
    assert answer.json is not None
    assert answer.json["issue"][0]["code"] == "transient"


def test_a_bad_token_is_401_also_while_used_tokens_cannot_be_looked_up(tmp_path: Path) -> None:
    with closed(tmp_path, RXHOOKS_REDIS_URL="redis://127.0.0.1:1/0") as app:
        signed = token(claims(aud=BASE))
        assert app.test_client().post(SELECT, headers=bearer(signed)).status_code == 401


def test_a_file_of_used_tokens_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    settings = replace(settings_of(tmp_path), replay_file=tmp_path / "nowhere" / "used.db")

    with pytest.raises(UnsafeSettings, match=r"RXHOOKS_REPLAY_FILE: .*used\.db cannot be written"):
        gate.init_app(Flask(__name__), settings)


@pytest.mark.parametrize("url", ["redis://[::1", "redis://:secret@cache:port/0", "unix:///a?db=x"])
def test_an_address_of_redis_that_cannot_be_read_stops_the_start(tmp_path: Path, url: str) -> None:
    settings = replace(settings_of(tmp_path), redis_url=url)

    with pytest.raises(UnsafeSettings) as caught:
        gate.init_app(Flask(__name__), settings)

    assert caught.value.problems == ["RXHOOKS_REDIS_URL: cannot be read"]


def test_settings_that_do_not_do_what_one_might_think_are_told(
    tmp_path: Path, capsys: Capture
) -> None:
    settings = settings_of(tmp_path, RXHOOKS_FHIR_SERVERS="https://ehr.example/fhir")

    gate.init_app(Flask(__name__), settings)
    gate.init_app(Flask(__name__), replace(settings, fhir_servers=(), base_url=BASE))
    gate.init_app(
        Flask(__name__), replace(settings, fhir_servers=(), base_url="http://127.0.0.1:8080")
    )

    assert [event.partition(" ")[0] for event in warnings(capsys)] == [
        "RXHOOKS_FHIR_SERVERS",
        "RXHOOKS_BASE_URL",
    ]


def test_a_client_sees_the_knowledge_of_its_policy(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[rules.cyp2c19-clopidogrel]\non = false\n")
    with closed(tmp_path, 'policy = "policy.toml"') as app:
        assert cards(app.test_client()) == []
    with closed(tmp_path) as app:
        assert cards(app.test_client())


def cards(client: FlaskClient) -> list[Json]:
    answer = client.post(CALL.removeprefix(BASE), json=order_select(), headers=bearer(token()))
    assert answer.json is not None
    found: list[Json] = answer.json["cards"]
    return found


def test_the_lines_of_a_call_and_of_its_feedback_name_the_client(
    tmp_path: Path, capsys: Capture
) -> None:
    with closed(tmp_path) as app:
        client = app.test_client()
        signed = bearer(token(claims(aud=f"{BASE}{SELECT}")))
        shown = client.post(SELECT, json=order_select(), headers=signed).json
        assert shown is not None
        entry = {"card": shown["cards"][0]["uuid"], "outcome": "overridden"}
        entry |= {"outcomeTimestamp": "2026-11-21T10:00:00Z"}
        signed = bearer(token(claims(aud=f"{BASE}{SELECT}/feedback")))
        client.post(f"{SELECT}/feedback", json={"feedback": [entry]}, headers=signed)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    named = [(line["event"], line["client"]) for line in lines if line["level"] == "info"]
    assert named == [("answered", "hospital"), ("feedback", "hospital")]
