"""A search in many pages: where the next one may be, when it ends, and what a gap is called."""

from dataclasses import replace
from typing import Any

import pytest
import requests
import responses

from app.fhir.server import FhirServer, FhirUnavailable, Limits
from hooks.clinical.facts import Missing, Why
from tests.contract.loopback import bundle, ids, observation, outcome

EHR = "https://ehr.example/fhir"
QUERY = "Observation?patient=p1"
OBSERVATIONS = f"{EHR}/Observation"
LAST = f"{EHR}?page=last"
FOREIGN = "the next page is on another server"


@pytest.mark.parametrize(
    "link",
    [
        LAST,
        "https://ehr.example:443/fhir?page=last",
        "HTTPS://EHR.EXAMPLE/fhir?page=last#fragment",
        "/fhir?page=last",
    ],
)
@responses.activate
def test_follows_a_next_link_within_the_base(server: FhirServer, link: str) -> None:
    responses.get(OBSERVATIONS, json=bundle(observation("o1"), next_url=link))
    responses.get(LAST, json=bundle(observation("o2")))

    found = server.search(QUERY)

    assert ids(found.resource) == ["o1", "o2"]
    assert found.resource is not None
    assert found.resource["type"] == "searchset"
    assert "link" not in found.resource
    assert (found.source, found.remark) == (EHR, None)


@responses.activate
def test_follows_a_link_that_is_relative_to_the_base(server: FhirServer) -> None:
    responses.get(OBSERVATIONS, json=bundle(observation("o1"), next_url="Observation/page2"))
    responses.get(f"{OBSERVATIONS}/page2", json=bundle(observation("o2")))

    assert ids(server.search(QUERY).resource) == ["o1", "o2"]


@responses.activate
def test_reads_a_lone_entry_and_skips_what_is_none(server: FhirServer) -> None:
    entries: list[Any] = [None, "o0", {"resource": observation("o1")}, []]
    lone = {"resourceType": "Bundle", "entry": {"resource": observation("o2")}}
    responses.get(
        OBSERVATIONS,
        json={**bundle(next_url=LAST), "entry": entries},
    )
    responses.get(LAST, json=lone)

    assert ids(server.search(QUERY).resource) == ["o1", "o2"]


@pytest.mark.parametrize("empty", [{}, {"entry": []}, {"entry": None}])
@responses.activate
def test_a_bundle_without_entries_is_an_answer(server: FhirServer, empty: dict[str, Any]) -> None:
    responses.get(OBSERVATIONS, json={"resourceType": "Bundle", **empty})

    found = server.search(QUERY)

    assert ids(found.resource) == []
    assert found.remark is None


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/fhir?page=2",
        "//evil.example/fhir?page=2",
        "http://ehr.example/fhir?page=2",
        "https://ehr.example:8443/fhir?page=2",
        "https://ehr.example:port/fhir?page=2",
        "https://ehr.example.evil.example/fhir?page=2",
        "https://ehr.example@evil.example/fhir?page=2",
        "https://someone@ehr.example/fhir?page=2",
        "https://ehr.example\\@evil.example/fhir?page=2",
        "https://ehr.example/other?page=2",
        "https://ehr.example/fhirother?page=2",
        "https://ehr.example/fhir/../other",
        "https://ehr.example/fhir/%2e%2e/other",
        "https://ehr.example/fhir/..%5Cother",
        "https://ehr.example/fhir\\..\\other",
        "https://ehr.example/fhir/..;/other",
        "https://[ehr.example/fhir?page=2",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ],
)
@responses.activate
def test_a_next_link_that_leads_elsewhere_gets_no_request(server: FhirServer, link: str) -> None:
    responses.get(OBSERVATIONS, json=bundle(observation("o1"), next_url=link))

    found = server.search(QUERY)

    assert len(responses.calls) == 1
    assert ids(found.resource) == ["o1"]
    assert found.remark == Missing("Observation", Why.NOT_FETCHED, FOREIGN)


@pytest.mark.parametrize("link", [{}, {"url": 7}, {"url": ""}])
@responses.activate
def test_a_next_link_without_an_address_is_not_the_end(
    server: FhirServer, link: dict[str, Any]
) -> None:
    responses.get(OBSERVATIONS, json={**bundle(), "link": [{"relation": "next", **link}]})

    assert server.search(QUERY).remark == Missing(
        "Observation", Why.NOT_FETCHED, "the next page has no address"
    )


@pytest.mark.parametrize("link", [f"{OBSERVATIONS}?patient=p1", LAST])
@responses.activate
def test_a_loop_of_next_links_ends(server: FhirServer, link: str) -> None:
    responses.get(OBSERVATIONS, json=bundle(observation("o1"), next_url=link))
    responses.get(LAST, json=bundle(observation("o2"), next_url=link))

    found = server.search(QUERY)

    assert len(responses.calls) <= 2
    assert ids(found.resource)[0] == "o1"
    assert found.remark is not None
    assert found.remark.detail == "the pages lead round in a circle"


@responses.activate
def test_reads_forty_pages_and_no_more(server: FhirServer) -> None:
    for number in range(41):
        responses.get(
            f"{EHR}/Observation?page={number}",
            json=bundle(observation(f"o{number}"), next_url=f"{OBSERVATIONS}?page={number + 1}"),
        )

    found = server.search("Observation?page=0")

    assert len(responses.calls) == 40
    assert ids(found.resource)[-1] == "o39"
    assert found.remark == Missing("Observation", Why.NOT_FETCHED, "more than 40 pages")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"status": 403}, "HTTP 403: the access token does not allow this"),
        ({"status": 404}, "HTTP 404"),
        ({"status": 302, "headers": {"Location": EHR}}, "redirected to another place"),
        ({"body": "<html>"}, "the answer is not JSON"),
        ({"json": outcome("error")}, "the answer is not a Bundle"),
        ({"body": requests.ReadTimeout()}, "no answer in time"),
        ({"body": requests.ConnectionError()}, "no connection"),
    ],
)
@responses.activate
def test_when_a_later_page_fails_the_first_is_kept_and_the_gap_is_told(
    server: FhirServer, answer: dict[str, Any], reason: str
) -> None:
    responses.get(OBSERVATIONS, json=bundle(observation("o1"), next_url=LAST))
    responses.get(LAST, **answer)

    found = server.search(QUERY)

    assert ids(found.resource) == ["o1"]
    assert found.remark == Missing("Observation", Why.NOT_FETCHED, reason)


@responses.activate
def test_an_answer_that_is_too_large_is_refused(server: FhirServer) -> None:
    responses.get(OBSERVATIONS, json=bundle(*[observation("o")] * 100))

    with pytest.raises(FhirUnavailable, match=r"^more than 0\.001 MB$"):
        replace(server, limits=Limits(max_bytes=1_000)).search(QUERY)


@responses.activate
def test_all_pages_together_may_not_be_too_large(server: FhirServer) -> None:
    responses.get(OBSERVATIONS, json=bundle(observation("o1"), next_url=LAST))
    responses.get(LAST, json=bundle(observation("o2")))

    found = replace(server, limits=Limits(max_bytes=300)).search(QUERY)

    assert ids(found.resource) == ["o1"]
    assert found.remark is not None
    assert found.remark.detail == "more than 0.0003 MB"


# Errors inside of a Bundle


@pytest.mark.parametrize(
    "entry",
    [
        {"resource": outcome("error")},
        {"resource": outcome("warning", "fatal")},
        {"resource": outcome("error"), "search": {"mode": "outcome"}},
        {"resource": outcome()},
        {"resource": {"resourceType": "OperationOutcome", "issue": "none"}},
        {"search": {"mode": "outcome"}},
    ],
)
@responses.activate
def test_an_error_among_the_results_makes_them_incomplete(
    server: FhirServer, entry: dict[str, Any]
) -> None:
    page = bundle(observation("o1"))
    page["entry"].append(entry)
    responses.get(OBSERVATIONS, json=page)

    found = server.search(QUERY)

    assert found.resource is not None
    assert found.resource["entry"][0]["resource"]["id"] == "o1"
    assert found.remark == Missing(
        "Observation", Why.NOT_FETCHED, "the server reported an error in its answer"
    )


@responses.activate
def test_a_warning_among_the_results_does_not(server: FhirServer) -> None:
    hint = {"resource": outcome("warning", "information"), "search": {"mode": "outcome"}}
    responses.get(OBSERVATIONS, json={"resourceType": "Bundle", "entry": [hint]})

    assert server.search(QUERY).remark is None


@responses.activate
def test_two_gaps_are_both_told(server: FhirServer) -> None:
    responses.get(OBSERVATIONS, json=bundle(outcome("error"), next_url=LAST))
    responses.get(LAST, status=503)

    remark = server.search(QUERY).remark

    assert remark is not None
    assert remark.detail == "HTTP 503; the server reported an error in its answer"
