"""What the service says when the world around it is slow, broken or hostile."""

import socket
from json import dumps
from time import monotonic
from urllib.parse import urlsplit

import pytest
import requests

from tests.e2e.conftest import draft, order_select

CLOPIDOGREL = ("309362", "clopidogrel 75 MG Oral Tablet")
JSON = {"Content-Type": "application/json"}
ORDER = draft("carla-sanchez", *CLOPIDOGREL)


def call(base: str, body: object, service: str = "rxhooks-order-select") -> requests.Response:
    return requests.post(f"{base}/{service}", json=body, timeout=20)


@pytest.mark.parametrize(
    "behaviour",
    ["failing-500", "failing-403", "html", "broken", "redirect", "outcome", "slow-5000", "drip"],
)
def test_a_server_that_gives_nothing_is_412_and_never_all_clear(
    rxhooks: str, fhir: str, behaviour: str
) -> None:
    answer = call(rxhooks, order_select("carla-sanchez", f"{fhir}/{behaviour}/fhir", ORDER))

    assert answer.status_code == 412
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "carla" not in answer.text


def test_a_slow_server_never_holds_the_answer_past_the_deadline(rxhooks: str, fhir: str) -> None:
    started = monotonic()

    call(rxhooks, order_select("carla-sanchez", f"{fhir}/slow-5000/fhir", ORDER))

    assert monotonic() - started < 3  # the deadline is 1 s; the server would take 5


def test_an_endless_chain_of_pages_ends(rxhooks: str, fhir: str) -> None:
    answer = call(rxhooks, order_select("carla-sanchez", f"{fhir}/endless/fhir", ORDER))

    [card] = answer.json()["cards"]
    assert card["indicator"] == "critical"


def test_what_failed_beside_a_good_genotype_is_said(rxhooks: str, fhir: str) -> None:
    answer = call(rxhooks, order_select("carla-sanchez", f"{fhir}/partial/fhir", ORDER))

    [card] = answer.json()["cards"]
    missing = card["extension"]["org.rxhooks.finding"]["missing"]
    assert {"what": "indication", "why": "NOT_FETCHED"}.items() <= missing[0].items()
    assert "safer reading" in card["detail"]


def test_a_server_that_is_not_listed_is_not_contacted(rxhooks: str, fhir: str) -> None:
    unlisted = f"{fhir}/secured-not-listed/fhir"

    answer = call(rxhooks, order_select("carla-sanchez", unlisted, ORDER))

    assert answer.status_code == 412
    assert "allow-list" in answer.text


def test_the_token_of_the_request_opens_the_server(rxhooks: str, fhir: str) -> None:
    body = order_select("carla-sanchez", f"{fhir}/secured/fhir", ORDER)
    body["fhirAuthorization"] = {
        "access_token": "sandbox-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.rs",
        "subject": "rxhooks",
    }

    assert call(rxhooks, body).json()["cards"]
    body["fhirAuthorization"]["access_token"] = "another"  # noqa: S105
    assert call(rxhooks, body).status_code == 412


def test_a_drug_without_rules_is_answered_although_the_server_is_down(
    rxhooks: str, fhir: str
) -> None:
    order = draft("carla-sanchez", "311700", "loratadine 10 MG Oral Tablet")

    answer = call(rxhooks, order_select("carla-sanchez", f"{fhir}/failing-500/fhir", order))

    assert (answer.status_code, answer.json()) == (200, {"cards": []})


def test_instead_of_412_a_card_can_say_that_nothing_was_checked(
    rxhooks_card: str, fhir: str
) -> None:
    answer = call(rxhooks_card, order_select("carla-sanchez", f"{fhir}/slow-5000/fhir", ORDER))

    [card] = answer.json()["cards"]
    assert answer.status_code == 200
    assert "could not be fetched" in card["summary"]
    assert answer.json()["extension"]["org.rxhooks.unchecked"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hook": "order-sign"}, "hook"),
        ({"hookInstance": "not a uuid"}, "hookInstance"),
        ({"context": "text"}, "context"),
        ({"context": {"userId": "Practitioner/1"}}, "context.patientId"),
        ({"prefetch": []}, "prefetch"),
        ({"fhirServer": "file:///etc/passwd"}, "fhirServer"),
        ({"fhirAuthorization": {"access_token": "x"}}, "fhirAuthorization.scope"),
    ],
)
def test_a_malformed_request_is_400_and_names_the_field(
    rxhooks: str, fhir: str, change: dict[str, object], field: str
) -> None:
    answer = call(rxhooks, order_select("carla-sanchez", f"{fhir}/fhir", ORDER) | change)

    assert answer.status_code == 400
    named = {name for issue in answer.json()["issue"] for name in issue.get("expression", [])}
    assert field in named


def test_no_message_repeats_a_value(rxhooks: str) -> None:
    body = order_select("Jane Doe, born 1970", "https://ehr.example/fhir", ORDER)

    answer = call(rxhooks, body)

    assert answer.status_code == 400
    assert "Jane" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe{}", b'{"hook": NaN}', b"[" * 100_000,
        b'{"hook": "order-select", "prefetch": {"x": }}', b'{"a": ' + b"9" * 5000 + b"}",
        b'{"hook": "\\ud800"}',
    ],
)  # fmt: skip
def test_what_is_not_a_request_is_400_in_json(rxhooks: str, body: bytes) -> None:
    answer = requests.post(
        f"{rxhooks}/rxhooks-order-select",
        data=body,
        headers={"Content-Type": "application/json"},
        timeout=10,
    )

    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/nothing", JSON, 404),
        ("POST", "/rxhooks-order-select", {"Content-Type": "text/plain"}, 415),
        ("POST", "/rxhooks-order-select", JSON | {"Content-Encoding": "gzip"}, 415),
        ("DELETE", "/rxhooks-order-select", {}, 405),
        ("GET", "/rxhooks-order-select/nothing/here", {}, 404),
    ],
)  # fmt: skip
def test_errors_are_json_with_an_outcome(
    rxhooks: str, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = requests.request(method, rxhooks + path, data=b"{}", headers=headers, timeout=10)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_body_that_is_too_large_is_413(rxhooks: str) -> None:
    answer = requests.post(
        f"{rxhooks}/rxhooks-order-select",
        data=b'{"x": "' + b"a" * 17_000_000 + b'"}',
        headers={"Content-Type": "application/json"},
        timeout=30,
    )

    assert answer.status_code == 413
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_a_large_body_is_read_whole(rxhooks: str, fhir: str, chunked: bool) -> None:
    padded = {"unused": {"resourceType": "Bundle", "note": "a" * 2_000_000}}
    body = dumps(order_select("carla-sanchez", f"{fhir}/fhir", ORDER) | {"prefetch": padded})
    data = (part for part in (body[:1000], body[1000:])) if chunked else body

    with requests.Session() as session:
        url = f"{rxhooks}/rxhooks-order-select"
        answers = [session.post(url, data=data, headers=JSON, timeout=20)]
        answers.append(session.post(url, data=body, headers=JSON, timeout=20))

    assert [answer.json()["cards"][0]["indicator"] for answer in answers] == ["critical"] * 2


def test_a_body_that_breaks_off_is_400(rxhooks: str) -> None:
    at = urlsplit(rxhooks)
    head = f"POST {at.path}/rxhooks-order-select HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=20) as connection:
        connection.sendall(head.encode())
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"OperationOutcome"' in answer
