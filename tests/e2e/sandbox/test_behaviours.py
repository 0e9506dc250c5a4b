"""The ways in which the server can be made to misbehave."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import orjson
import pytest
import requests

from tests.e2e.sandbox.conftest import running_sandbox

PATIENT = "Patient/carla-sanchez"


def answer(origin: str, behaviour: str, path: str = PATIENT) -> requests.Response:
    return requests.get(f"{origin}/{behaviour}/fhir/{path}", timeout=10, allow_redirects=False)


def test_slow_answers_come_late(origin: str) -> None:
    began = time.monotonic()
    response = answer(origin, "slow-300")

    assert time.monotonic() - began >= 0.3
    assert response.json()["id"] == "carla-sanchez"


def test_sixteen_slow_answers_come_together(origin: str) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(lambda _: answer(origin, "slow-1000"), range(16)))

    assert [response.status_code for response in answers] == [200] * 16
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503, 504])
@pytest.mark.parametrize("path", [PATIENT, "Observation?patient=carla-sanchez", "metadata"])
def test_failing_answers_are_outcomes(origin: str, status: int, path: str) -> None:
    response = answer(origin, f"failing-{status}", path)

    assert response.status_code == status
    assert response.json()["resourceType"] == "OperationOutcome"


def test_a_bad_gateway_answers_with_its_own_page(origin: str) -> None:
    response = answer(origin, "failing-502")

    assert response.status_code == 502
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.text.startswith("<!DOCTYPE html>")


def test_a_dripping_answer_takes_its_time_over_each_byte(origin: str) -> None:
    url = f"{origin}/drip/fhir/{PATIENT}"
    with requests.get(url, stream=True, timeout=10) as response:
        began = time.monotonic()
        bytes_read = list(islice(response.iter_content(1), 5))

    assert bytes_read == [b"{", b'"', b"r", b"e", b"s"]
    assert time.monotonic() - began >= 0.35
    assert int(response.headers["Content-Length"]) > 100


def test_a_page_may_stand_in_for_an_answer(origin: str) -> None:
    response = answer(origin, "html")

    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")


def test_broken_json_says_that_it_is_fhir(origin: str) -> None:
    response = answer(origin, "broken")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/fhir+json"
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(response.content)


def test_a_huge_answer_goes_on_and_on_but_not_for_ever(origin: str) -> None:
    with requests.get(f"{origin}/huge/fhir/Observation", stream=True, timeout=10) as response:
        read = sum(len(chunk) for chunk in response.iter_content(1_000_000))

    assert "Content-Length" not in response.headers
    assert 190_000_000 < read <= 200_000_000


def test_a_redirect_leads_to_the_plain_base(origin: str) -> None:
    response = answer(
        origin, "redirect", "Observation?patient=carla-sanchez&code=http://loinc.org|1"
    )

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/fhir/Observation?patient=carla-sanchez&code=")


def test_an_outcome_may_come_with_status_200(origin: str) -> None:
    response = answer(origin, "outcome", "Observation?patient=carla-sanchez")

    assert response.status_code == 200
    assert response.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Condition?patient=carla-sanchez", 500),
        ("MedicationRequest?patient=carla-sanchez", 500),
        ("Observation?patient=carla-sanchez", 200),
        (PATIENT, 200),
    ],
)
def test_the_partial_server_fails_for_two_types(origin: str, path: str, status: int) -> None:
    assert answer(origin, "partial", path).status_code == status


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer other"}, 401),
        ({"Authorization": "Bearer sandbox-token"}, 200),
    ],
    ids=["none", "another", "the right one"],
)
def test_the_secured_server_wants_its_token(
    origin: str, authorization: dict[str, str], status: int
) -> None:
    response = requests.get(f"{origin}/secured/fhir/{PATIENT}", headers=authorization, timeout=10)

    assert response.status_code == status
    if status == 401:
        assert response.json()["resourceType"] == "OperationOutcome"
        assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("name", ["slow", "slow-60001", "failing-200", "failing-999", "other"])
def test_an_unknown_behaviour_is_not_found(origin: str, name: str) -> None:
    assert answer(origin, name).status_code == 404
    refused = requests.put(f"{origin}/behaviour", json={"behaviour": name}, timeout=10)
    assert refused.status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"behaviour": null}'])
def test_the_switch_refuses_what_it_does_not_understand(origin: str, body: bytes) -> None:
    assert requests.put(f"{origin}/behaviour", data=body, timeout=10).status_code == 400


def test_the_switch_changes_the_plain_base_only() -> None:
    with running_sandbox() as (origin, _process):
        changed = requests.put(f"{origin}/behaviour", json={"behaviour": "failing-503"}, timeout=10)
        plain = requests.get(f"{origin}/fhir/{PATIENT}", timeout=10)
        chosen = answer(origin, "normal")
        told = requests.get(f"{origin}/behaviour", timeout=10).json()
        requests.put(f"{origin}/behaviour", json={"behaviour": "normal"}, timeout=10)
        again = requests.get(f"{origin}/fhir/{PATIENT}", timeout=10)

    assert changed.json() == told == {"behaviour": "failing-503"}
    assert [plain.status_code, chosen.status_code, again.status_code] == [503, 200, 200]


def test_the_front_page_lists_patients_and_behaviours(origin: str) -> None:
    overview = requests.get(f"{origin}/", timeout=10).json()

    assert "carla-sanchez" in [patient["id"] for patient in overview["patients"]]
    assert "slow-<ms>" in [behaviour["name"] for behaviour in overview["behaviours"]]
    assert overview["behaviour"] == "normal"
