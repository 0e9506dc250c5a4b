"""Metrics and health: for operators, and for no browser of another origin."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.unit.app.cds import serving

PATHS = ["/metrics", "/health/live", "/health/ready"]
ORIGIN = "https://evil.example"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with serving(tmp_path_factory.mktemp("service")) as app:
        yield app.test_client()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ORIGIN},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_browser_of_another_origin_is_refused(
    client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 403
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_is_granted_nothing(client: FlaskClient, path: str) -> None:
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    answer = client.options(path, headers=headers)
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "none"}])
def test_an_operator_is_answered_and_no_page_may_embed_it(
    client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_services_stay_open_to_browsers(client: FlaskClient) -> None:
    answer = client.get("/cds-services", headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
