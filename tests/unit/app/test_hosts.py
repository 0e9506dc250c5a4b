"""By which names the service is called: a page whose name was led here gets nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.unit.app.cds import SELECT, order_select, serving
from tests.unit.app.security import bearer, claims, token
from tests.unit.app.security.test_gate import closed

OURS = [
    *("localhost", "localhost:8080", "LOCALHOST:8080", "localhost.", "rx.localhost"),
    *("127.0.0.1", "127.0.0.1:8080", "10.1.2.3:8080", "[::1]", "[::1]:8080", "[fe80::7]:80"),
    *("cds.hospital.example", "cds.hospital.example:8443", "CDS.Hospital.Example."),
    *(
        "service",
        "service:8080",
        "host.docker.internal:8080",
        "rxhooks.default.svc",
        "rxhooks.default.svc.cluster.local:80",
    ),
]
OTHERS = [
    *("evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example"),
    *("cds.hospital.example.evil.example", "evil-cds.hospital.example", "hospital.example"),
    *("svc.evil.example", "127.0.0.1@evil.example", "evil.example@127.0.0.1", ":8080", "[::1"),
]
OPERATORS = ["/metrics", "/health/live", "/health/ready"]
PLACES = [*OPERATORS, "/cds-services", "/openapi.json", "/sandbox", "/sandbox/", "/nothing"]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    base = "https://cds.hospital.example"
    with serving(tmp_path_factory.mktemp("open"), base_url=base) as app:
        yield app.test_client()


@pytest.mark.parametrize("host", [*OURS, ""])
def test_an_open_service_answers_by_address_and_by_its_own_names(
    opened: FlaskClient, host: str
) -> None:
    for path in (*OPERATORS, "/cds-services", "/sandbox/"):
        assert opened.get(path, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", OTHERS)
def test_an_open_service_does_nothing_by_the_name_of_another(
    opened: FlaskClient, host: str
) -> None:
    own = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    for path in PLACES:
        for headers in ({"Host": host}, own):
            answer = opened.get(path, headers=headers)
            assert answer.status_code in ({403, 421} if path in OPERATORS else {421})
            assert answer.json["resourceType"] == "OperationOutcome"  # type: ignore[index]
            assert "evil" not in f"{answer.text}{answer.headers}"
    assert opened.post(SELECT, json=order_select(), headers=own).status_code == 421
    assert opened.post("/sandbox/behaviour", headers=own).status_code == 421


@pytest.mark.parametrize("path", OPERATORS)
def test_what_is_for_operators_is_so_where_clients_sign_their_calls(
    tmp_path: Path, path: str
) -> None:
    with closed(tmp_path) as app:
        client = app.test_client()
        for host, status in (("10.1.2.3:8080", 200), ("service", 200), ("evil.example", 421)):
            assert client.get(path, headers={"Host": host}).status_code == status


def test_a_signed_call_says_by_itself_what_it_is_for(tmp_path: Path) -> None:
    signed = bearer(token(claims())) | {"Host": "inner.hospital.example"}
    with closed(tmp_path) as app:
        answer = app.test_client().post(SELECT, json=order_select(), headers=signed)
        assert answer.status_code == 200
