"""One server, one query: what we send, what we refuse, and what we call each failure."""

from dataclasses import replace
from typing import Any

import pytest
import requests
import responses

from app.fhir.deadline import Deadline
from app.fhir.rest import RESTS
from app.fhir.server import FhirServer, FhirUnavailable
from tests.contract.loopback import bundle, observation, outcome

EHR = "https://ehr.example/fhir"
QUERY = "Observation?patient=p1"
OBSERVATIONS = f"{EHR}/Observation"
LAST = "https://ehr.example/fhir?page=last"
FOREIGN = "the next page is on another server"


# What is sent


@responses.activate
def test_sends_the_token_and_asks_for_fhir_json(server: FhirServer) -> None:
    asked = responses.get(OBSERVATIONS, json=bundle())

    server.search(QUERY)

    assert asked.calls[0].request.headers["Authorization"] == "Bearer secret"
    assert asked.calls[0].request.headers["Accept"] == "application/fhir+json"


@responses.activate
def test_sends_no_authorization_without_a_token(server: FhirServer) -> None:
    asked = responses.get(OBSERVATIONS, json=bundle())

    replace(server, token=None).search(QUERY)

    assert "Authorization" not in asked.calls[0].request.headers


@pytest.mark.parametrize("token", ["", "a\r\nX-Other: b", "a b", "ключ"])
@responses.activate
def test_a_token_that_is_no_token_is_not_sent(server: FhirServer, token: str) -> None:
    with pytest.raises(FhirUnavailable, match="the access token is not one"):
        replace(server, token=token).search(QUERY)

    assert len(responses.calls) == 0


def test_a_server_does_not_show_its_token(server: FhirServer) -> None:
    assert "secret" not in repr(server)


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("Observation?code=http://loinc.org|84413-4,|2", "?code=http://loinc.org%7C84413-4,%7C2"),
        ("Observation?date=ge2024-01-01T00:00:00+02:00", "?date=ge2024-01-01T00:00:00%2B02:00"),
        ("Observation?code:text=Müller & Co #1", "?code:text=M%C3%BCller%20&%20Co%20%231"),
        ("Observation?code=http%3A%2F%2Floinc.org%7C1", "?code=http%3A%2F%2Floinc.org%7C1"),
        ("Observation?value=5%", "?value=5%25"),
        ("Observation", ""),
    ],
)
@responses.activate
def test_encodes_the_values_of_a_query_once(server: FhirServer, query: str, sent: str) -> None:
    responses.get(OBSERVATIONS, json=bundle())

    server.search(query)

    assert responses.calls[0].request.url == f"{OBSERVATIONS}{sent}"


@pytest.mark.parametrize("base", [EHR, f"{EHR}/", f"{EHR}//"])
@responses.activate
def test_a_slash_at_the_end_of_the_base_makes_no_difference(server: FhirServer, base: str) -> None:
    responses.get(OBSERVATIONS, json=bundle())

    found = replace(server, base=base).search(QUERY)

    assert responses.calls[0].request.url == f"{OBSERVATIONS}?patient=p1"
    assert found.source == EHR


@pytest.mark.parametrize("query", ["../admin", "Medication/../../x", "Medication/%2e%2e/%2E%2e/x"])
@responses.activate
def test_a_query_cannot_climb_out_of_the_base(server: FhirServer, query: str) -> None:
    with pytest.raises(FhirUnavailable, match="the query leads out of the server's base"):
        server.read(query)

    assert len(responses.calls) == 0


@responses.activate
def test_asks_nothing_once_the_deadline_is_over(server: FhirServer) -> None:
    with pytest.raises(FhirUnavailable, match="no answer in time"):
        replace(server, deadline=Deadline.in_ms(0)).search(QUERY)

    assert len(responses.calls) == 0


# Failures of the first page


HTML = "<html><body>Sorry, p1</body></html>"
FAILURES = [
    ({"status": 401, "body": HTML}, "HTTP 401: the access token is missing or was not accepted"),
    ({"status": 403, "body": HTML}, "HTTP 403: the access token does not allow this"),
    ({"status": 404, "body": HTML}, "HTTP 404"),
    ({"status": 410, "body": HTML}, "HTTP 410"),
    ({"status": 429, "headers": {"Retry-After": "60"}}, f"HTTP 429: {RESTS}"),
    ({"status": 500, "body": HTML}, "HTTP 500"),
    ({"status": 502, "body": HTML}, "HTTP 502"),
    ({"status": 202, "json": {}}, "HTTP 202"),
    ({"status": 204}, "HTTP 204"),
    ({"body": HTML}, "the answer is not JSON"),
    ({"body": ""}, "the answer is not JSON"),
    ({"body": '{"resourceType": "Bundle", "entry": [{'}, "the answer is not JSON"),
    ({"body": "[" * 5_000}, "the answer is not JSON"),
    ({"json": outcome("error")}, "the answer is not a Bundle"),
    ({"json": observation("o1")}, "the answer is not a Bundle"),
    ({"json": []}, "the answer is not a Bundle"),
    ({"json": {"resourceType": "Bundle", "entry": "o1"}}, "the answer is not a Bundle"),
    ({"body": requests.ConnectTimeout()}, "no answer in time"),
    ({"body": requests.ReadTimeout()}, "no answer in time"),
    ({"body": requests.exceptions.SSLError()}, "no trusted TLS connection"),
    ({"body": requests.ConnectionError()}, "no connection"),
    ({"body": requests.exceptions.InvalidHeader()}, "the request could not be made"),
]


@pytest.mark.parametrize(("answer", "reason"), FAILURES)
@responses.activate
def test_a_failure_is_told_in_a_few_words(
    server: FhirServer, answer: dict[str, Any], reason: str
) -> None:
    responses.get(OBSERVATIONS, **answer)

    with pytest.raises(FhirUnavailable) as caught:
        server.search(QUERY)

    assert str(caught.value) == reason
    assert caught.value.__cause__ is caught.value.__context__ is None  # they hold the token


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "to", ["https://evil.example/", f"{EHR}/Patient", "//evil.example", "http://["]
)
@responses.activate
def test_follows_no_redirect(server: FhirServer, status: int, to: str) -> None:
    responses.get(OBSERVATIONS, status=status, headers={"Location": to})

    with pytest.raises(FhirUnavailable, match="redirected to another place"):
        server.search(QUERY)

    assert len(responses.calls) == 1


@responses.activate
def test_a_base_that_is_no_web_address_is_unavailable(server: FhirServer) -> None:
    with pytest.raises(FhirUnavailable, match="the request could not be made"):
        replace(server, base="nonsense").search(QUERY)


# Reads


@responses.activate
def test_reads_one_resource(server: FhirServer) -> None:
    patient = {"resourceType": "Patient", "id": "p1"}
    responses.get(f"{EHR}/Patient/p1", json=patient)

    found = server.read("Patient/p1")

    assert (found.resource, found.source, found.remark) == (patient, EHR, None)


@pytest.mark.parametrize("status", [404, 410])
@responses.activate
def test_a_resource_that_does_not_exist_was_looked_for(server: FhirServer, status: int) -> None:
    responses.get(f"{EHR}/Patient/p1", status=status, json=outcome("error"))

    found = server.read("Patient/p1")

    assert (found.resource, found.source) == (None, EHR)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"status": 401}, "HTTP 401"),
        ({"status": 403}, "HTTP 403"),
        ({"status": 500}, "HTTP 500"),
        ({"body": HTML}, "the answer is not JSON"),
        ({"json": outcome("error")}, "the answer is not a Patient"),
        ({"json": observation("o1")}, "the answer is not a Patient"),
        ({"json": "Patient"}, "the answer is not a Patient"),
    ],
)
@responses.activate
def test_a_read_that_fails_is_not_an_absence(
    server: FhirServer, answer: dict[str, Any], reason: str
) -> None:
    responses.get(f"{EHR}/Patient/p1", **answer)

    with pytest.raises(FhirUnavailable, match=reason):
        server.read("Patient/p1")
