"""K: browsers of other origins, without authentication; per client it is proved elsewhere."""

import pytest
import requests

from tests.contract.checklist import WITHIN_S, Service
from tests.unit.app.cds import order_select

ORIGIN = "https://sandbox.cds-hooks.org"
CALL = "/cds-services/rxhooks-order-select"
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


@pytest.mark.proves("K1", "K3", "K4", "K5")
@pytest.mark.parametrize("path", ["/cds-services", CALL, f"{CALL}/", f"{CALL}/feedback"])
def test_a_preflight_is_answered_and_names_the_headers(rx: Service, path: str) -> None:
    answer = requests.options(rx.origin + path, headers=PREFLIGHT, timeout=WITHIN_S)

    assert answer.status_code in {200, 204}
    assert answer.headers["Access-Control-Allow-Origin"] in {"*", ORIGIN}
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert {"authorization", "content-type"} <= set(allowed.replace(",", " ").split())
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.proves("K2", "K6")
@pytest.mark.parametrize(
    ("body", "status"), [(order_select(), 200), ({}, 400), (order_select(prefetch={}), 412)]
)
def test_answers_and_errors_carry_the_origin(rx: Service, body: object, status: int) -> None:
    from_browser = rx.call(body, Origin=ORIGIN)

    assert from_browser.status_code == rx.call(body).status_code == status
    assert from_browser.headers["Access-Control-Allow-Origin"] in {"*", ORIGIN}


@pytest.mark.proves("K5")
@pytest.mark.parametrize("origin", ["null", "https://evil.example"])
def test_no_origin_is_reflected_with_credentials(rx: Service, origin: str) -> None:
    headers = rx.call(order_select(), Origin=origin).headers

    assert headers.get("Access-Control-Allow-Origin", "*") == "*"
    assert "Access-Control-Allow-Credentials" not in headers
