"""Extra slashes below /cds-services mean nothing; elsewhere they stay what they are."""

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from app.cds import slashes


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """An app whose one view tells the path it was reached by."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False
    slashes.init_app(app)

    @app.get("/")
    @app.get("/<path:path>")
    def view(path: str = "") -> str:
        return request.path

    return app.test_client()


def seen(client: FlaskClient, path: str) -> str:
    """The path that the app sees; `client.get` would take `//` for a host."""
    return client.get("/", environ_overrides={"PATH_INFO": path}).text


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("/cds-services", "/cds-services"),
        ("/cds-services/", "/cds-services"),
        ("/cds-services//", "/cds-services"),
        ("//cds-services", "/cds-services"),
        ("/cds-services//rxhooks-order-select", "/cds-services/rxhooks-order-select"),
        ("/cds-services/rxhooks-order-select/", "/cds-services/rxhooks-order-select"),
        ("///cds-services///a///feedback///", "/cds-services/a/feedback"),
    ],
)
def test_extra_slashes_below_cds_services_are_taken_out(
    client: FlaskClient, path: str, same: str
) -> None:
    assert seen(client, path) == same


@pytest.mark.parametrize("path", ["/health//live", "/health/live/", "/", "/x/cds-services/"])
def test_other_paths_are_left_alone(client: FlaskClient, path: str) -> None:
    assert seen(client, path) == path


def test_the_query_is_left_alone(client: FlaskClient) -> None:
    answer = client.get("/cds-services/?next=//x//")

    assert (answer.text, answer.request.query_string) == ("/cds-services", b"next=//x//")
