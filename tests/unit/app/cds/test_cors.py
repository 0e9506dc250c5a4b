"""Calls from a browser on another origin."""

import pytest
from flask import Flask, abort, g
from flask.testing import FlaskClient

from app.cds import cors
from app.security.clients import CdsClient

SANDBOX = "https://sandbox.cds-hooks.org"
OTHER = "https://other.example"
ASKED = {"Origin": SANDBOX, "Access-Control-Request-Method": "POST"}
PRIVATE = "Access-Control-Allow-Private-Network"


def client(*origins: str) -> FlaskClient:
    """An app with one view that answers, one that fails, and CORS for *origins*."""
    app = Flask(__name__)
    cors.init_app(app, origins)

    @app.post("/")
    def view() -> str:
        return "{}"

    @app.post("/full")
    def full() -> str:
        abort(413)

    return app.test_client()


def test_without_a_list_any_origin_may_call() -> None:
    answer = client().post("/", headers={"Origin": OTHER})

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Vary" not in answer.headers


@pytest.mark.proves("K7")
def test_a_listed_origin_may_call_and_caches_are_told_that_it_matters() -> None:
    answer = client(SANDBOX, OTHER).post("/", headers={"Origin": OTHER})

    assert answer.headers["Access-Control-Allow-Origin"] == OTHER
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        f"{SANDBOX}.evil.example",
        f"{SANDBOX}:8443",
        "http://sandbox.cds-hooks.org",
        "",
    ],
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_an_origin_that_is_not_listed_gets_no_permission(origin: str, method: str) -> None:
    answer = client(SANDBOX).open("/", method=method, headers={"Origin": origin})

    assert not any(name.startswith("Access-Control") for name, _ in answer.headers)
    assert answer.headers["Vary"] == "Origin"


def test_a_call_without_an_origin_is_answered_without_permissions() -> None:
    answer = client().post("/")

    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(("path", "status"), [("/full", 413), ("/nowhere", 404)])
def test_errors_carry_the_permission_as_well(path: str, status: int) -> None:
    answer = client(SANDBOX).post(path, headers={"Origin": SANDBOX})

    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == SANDBOX


def test_a_preflight_names_the_headers_that_the_sandbox_sends() -> None:
    answer = client().options("/", headers=ASKED)

    assert answer.status_code == 200
    allowed = answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"authorization", "content-type"} <= set(allowed)
    assert {"GET", "POST"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


def test_a_preflight_from_a_public_page_to_this_machine_is_allowed_where_it_asks() -> None:
    asked = ASKED | {"Access-Control-Request-Private-Network": "true"}

    assert client().options("/", headers=asked).headers[PRIVATE] == "true"
    assert PRIVATE not in client().options("/", headers=ASKED).headers
    assert PRIVATE not in client(OTHER).options("/", headers=asked).headers


def test_credentials_are_never_allowed() -> None:
    for origins in ((), (SANDBOX,)):
        answer = client(*origins).options("/", headers=ASKED)
        assert "Access-Control-Allow-Credentials" not in answer.headers


CLIENTS = (CdsClient("a", cors_origins=(SANDBOX,)), CdsClient("b", cors_origins=(OTHER,)))


def clients_app(*origins: str) -> FlaskClient:
    """An app that two clients may call; the path says which of them it was."""
    app = Flask(__name__)
    cors.init_app(app, origins, CLIENTS)

    @app.post("/<int:place>")
    def view(place: int) -> str:
        g.client = CLIENTS[place]
        return "{}"

    return app.test_client()


@pytest.mark.parametrize(("place", "allowed"), [(0, SANDBOX), (1, None)])
def test_a_client_s_origin_may_call_as_that_client(place: int, allowed: str | None) -> None:
    answer = clients_app().post(f"/{place}", headers={"Origin": SANDBOX})

    assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize("place", [0, 1])
def test_the_site_s_origins_may_call_as_any_client(place: int) -> None:
    answer = clients_app("https://site.example").post(
        f"/{place}", headers={"Origin": "https://site.example"}
    )

    assert answer.headers["Access-Control-Allow-Origin"] == "https://site.example"


@pytest.mark.parametrize(
    ("origin", "allowed"), [(SANDBOX, SANDBOX), (OTHER, OTHER), ("https://evil.example", None)]
)
def test_a_preflight_is_answered_to_the_origins_of_all_clients(
    origin: str, allowed: str | None
) -> None:
    answer = clients_app().options("/0", headers=ASKED | {"Origin": origin})

    assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    assert "Access-Control-Allow-Credentials" not in answer.headers
