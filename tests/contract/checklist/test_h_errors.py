"""H: status codes, methods and paths; nothing that comes in is a fault of ours."""

import re

import pytest
import requests

from tests.contract.checklist import WITHIN_S, Service, outcome, wire
from tests.unit.app.cds import order_select

CALL = "/cds-services/rxhooks-order-select"
PLACES = {"/cds-services": {"GET", "HEAD", "OPTIONS"}} | {
    place: {"POST", "OPTIONS"} for place in (CALL, f"{CALL}/feedback")
}
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW")
ERIKA = "Erika-1970"


@pytest.mark.proves("H5", "H9", "H10")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("method", METHODS)
def test_another_method_is_405_with_allow(rx: Service, method: str, place: str) -> None:
    if method in PLACES[place] or (method, place) == ("HEAD", "/cds-services"):
        return
    answer = requests.request(method, rx.origin + place, timeout=WITHIN_S)

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == PLACES[place]
    assert answer.headers["Content-Type"] == "application/json"
    if method != "HEAD":
        outcome(answer, 405)


@pytest.mark.proves("H13")
def test_head_and_options_work(rx: Service) -> None:
    head = requests.head(rx.discovery, timeout=WITHIN_S)
    assert (head.status_code, head.content) == (200, b"")

    for place, methods in PLACES.items():
        answer = requests.options(rx.origin + place, timeout=WITHIN_S)
        assert (answer.status_code, answer.content) == (200, b"")
        assert set(answer.headers["Allow"].split(", ")) == methods
        assert "Content-Type" not in answer.headers


@pytest.mark.proves("B1", "H4", "H9", "H10", "H12")
@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/cds-services/nothing",
        "/cds-services/nothing/feedback",
        "/cds-services/rxhooks-order-select/nothing",
        "/cds-services/RXHOOKS-ORDER-SELECT",
        "/cds-services/%00",
        "/cds-services/%ff%fe",
        "/cds-services/..%2f..%2fetc%2fpasswd",
        "/cds-services/<script>",
        "/cds-services/" + "a" * 1_500,
        "/cds-services;x",
        "/.git/config",
        "/favicon.ico",
    ],
)
def test_an_unknown_place_is_404(rx: Service, method: str, path: str) -> None:
    answer = requests.request(method, rx.origin + path, json=order_select(), timeout=WITHIN_S)

    assert "script" not in outcome(answer, 404)


@pytest.mark.proves("H11", "H12")
@pytest.mark.parametrize(
    "change",
    [
        {"hook": ERIKA},
        {"hookInstance": ERIKA},
        {"fhirServer": ERIKA},
        {"context": {"patientId": f"{ERIKA} ", "userId": "x"}},
        {"context": {"patientId": ERIKA, "userId": "x", ERIKA: 1, "selections": ERIKA}},
        {"prefetch": ERIKA},
        {"prefetch": {}},
        {"fhirAuthorization": {"access_token": ERIKA, ERIKA: ERIKA}},
    ],
)
def test_no_error_repeats_what_was_sent(rx: Service, change: dict[str, object]) -> None:
    answer = rx.call(order_select() | change)

    assert answer.status_code in {400, 412}
    assert ERIKA not in outcome(answer, answer.status_code)
    assert ERIKA not in answer.text


LINES = {
    "no such method": b"get /cds-services HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path without a slash": wire("GET", "cds-services"),
    "a star": wire("GET", "*"),
    "a long path": wire("GET", "/" + "a" * 5_000),
    "HTTP 2": b"GET /cds-services HTTP/2.0\r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 200 + b"\r\n\r\n",
    "200 headers": wire("GET", "/cds-services", *(f"X-{n}: y" for n in range(200))),
    "a long header": wire("GET", "/cds-services", "X: " + "a" * 20_000),
    "a header without a colon": wire("GET", "/cds-services", "nonsense"),
    "no host": b"GET /cds-services HTTP/1.1\r\n\r\n",
    "lines that end with LF alone": b"GET /cds-services HTTP/1.1\nHost: x\n\n",
    "two hosts": wire("GET", "/cds-services", "Host: y"),
    "a negative length": wire("POST", CALL, "Content-Length: -5"),
    "a long length": wire("POST", CALL, "Content-Length: " + "9" * 5_000),
    "two lengths": wire("POST", CALL, "Content-Length: 2", "Content-Length: 3", body=b"{}"),
    "length and chunks": wire(
        "POST", CALL, "Content-Length: 2", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"
    ),
    "an unknown coding": wire("POST", CALL, "Transfer-Encoding: x", body=b"{}"),
    "two types": wire("POST", CALL, "Content-Type: application/json", "Content-Type: text/plain"),
    "an expectation": wire("POST", CALL, "Expect: nonsense"),
}
JSON_LINE = "Content-Type: application/json"
CHUNKED = ("Transfer-Encoding: chunked", JSON_LINE)
BODIES = {
    "no length": wire("POST", CALL, JSON_LINE, body=b"{}"),
    "a length that is too long": wire("POST", CALL, JSON_LINE, "Content-Length: 9", body=b"{"),
    "a chunk without a size": wire("POST", CALL, *CHUNKED, body=b"zz\r\n{}\r\n0\r\n\r\n"),
    "a negative chunk": wire("POST", CALL, *CHUNKED, body=b"-2\r\n{}\r\n0\r\n\r\n"),
    "a chunk that is too long": wire("POST", CALL, *CHUNKED, body=b"2\r\n{}xx\r\n0\r\n\r\n"),
    "a chunk that is promised": wire("POST", CALL, *CHUNKED, body=b"ffffffff\r\n{}"),
    "chunks without an end": wire("POST", CALL, *CHUNKED, body=b"2\r\n{}\r\n"),
    "a trailer that is none": wire("POST", CALL, *CHUNKED, body=b"2\r\n{}\r\n0\r\nx y\r\n\r\n"),
}


@pytest.mark.proves("A9", "H8", "H9", "H10", "H11")
@pytest.mark.parametrize("request_", [*LINES.values(), *BODIES.values()], ids=[*LINES, *BODIES])
def test_what_breaks_the_rules_of_http_is_a_4xx_in_json(rx: Service, request_: bytes) -> None:
    head, _, body = rx.raw(request_).partition(b"\r\n\r\n")

    assert re.match(rb"HTTP/1\.1 4\d\d ", head), head
    assert b"content-type: application/json" in head.lower()
    assert b'"OperationOutcome"' in body
    assert b"nonsense" not in body


@pytest.mark.parametrize("inner", ["/metrics", "/health/ready"])
def test_no_header_leads_a_public_path_inside(rx: Service, inner: str) -> None:
    answer = rx.raw(wire("GET", f"/cds-services{inner}", "SCRIPT_NAME: /cds-services"))

    assert re.match(rb"HTTP/1\.1 40[45] ", answer)
    assert b"rxhooks_" not in answer
    assert b'"status"' not in answer


@pytest.mark.proves("A9", "H8")
@pytest.mark.parametrize("name", BODIES)
def test_nothing_is_read_behind_a_broken_body(rx: Service, name: str) -> None:
    smuggled = b"\r\nGET /cds-services HTTP/1.1\r\nHost: x\r\n\r\n"
    broken = BODIES[name].replace(b"Connection: close\r\n", b"")

    answers = rx.raw(broken + smuggled)

    assert answers.count(b"HTTP/1.1 4") <= 2
    assert b'"services"' not in answers or name == "no length"


@pytest.mark.proves("H5", "H7", "H8")
def test_a_connection_serves_on_after_a_body_that_nobody_read(rx: Service) -> None:
    with requests.Session() as session:
        for _ in range(25):
            for method, kind in (("POST", "text/plain"), ("PATCH", "text/plain"), ("PUT", "x/y")):
                headers = {"Content-Type": kind}
                url = rx.url()
                answer = session.request(method, url, data=b"x" * 300, headers=headers, timeout=5)
                assert answer.status_code in {405, 415}


@pytest.mark.proves("H7", "A10")
@pytest.mark.parametrize("size", [100_000, 20_000_000])
def test_who_sends_a_long_body_in_vain_is_told_that_the_connection_ends(
    rx: Service, size: int
) -> None:
    answer = rx.send(b"x" * size, **{"Content-Type": "text/plain"})

    assert answer.status_code == 415
    assert answer.headers["Connection"] == "close"
    assert rx.call(order_select() | {"x": "y" * size}).headers["Connection"] == (
        "keep-alive" if size < 16_000_000 else "close"
    )


@pytest.mark.proves("K8", "H1")
@pytest.mark.parametrize("path", ["/cds-services/", "//cds-services", f"{CALL}/", f"/{CALL}//"])
def test_nothing_is_redirected(rx: Service, path: str) -> None:
    answer = requests.post(
        rx.origin + path, json=order_select(), allow_redirects=False, timeout=WITHIN_S
    )

    assert answer.status_code in {200, 405}


@pytest.mark.proves("K9", "K10", "H11")
@pytest.mark.parametrize("path", ["/cds-services", CALL, f"{CALL}/feedback", "/nothing"])
def test_no_answer_is_stored_or_tells_a_version(rx: Service, path: str) -> None:
    headers = requests.post(rx.origin + path, json=order_select(), timeout=WITHIN_S).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"\d", headers.get("Server", ""))
    assert "X-Powered-By" not in headers
