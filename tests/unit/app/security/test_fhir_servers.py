"""Which FHIR server may be contacted: as a whole, never by prefix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.security.fhir_servers import allowed
from hooks.clinical.facts import Missing, Why

EHR = "https://ehr.example/fhir"
LOCAL = "http://127.0.0.1:8081/fhir"
LISTED = (EHR, LOCAL)


@pytest.mark.parametrize(
    "base",
    [
        EHR,
        "https://ehr.example/fhir/",
        "https://ehr.example:443/fhir",
        "HTTPS://EHR.EXAMPLE/fhir",
    ],
)
def test_a_listed_server_is_contacted_as_it_stands_on_the_list(base: str) -> None:
    assert allowed(base, LISTED) == EHR


@pytest.mark.parametrize(
    "base",
    [
        "http://ehr.example/fhir",
        "https://ehr.example",
        "https://ehr.example/",
        "https://ehr.example/fhir2",
        "https://ehr.example/fhir/r4",
        "https://ehr.example/FHIR",
        "https://ehr.example/fhir/../admin",
        "https://ehr.example/fhir/..",
        "https://ehr.example//fhir",
        "https://ehr.example/%66hir",
        "https://ehr.example:8443/fhir",
        "https://ehr.example.evil.example/fhir",
        "https://evil-ehr.example/fhir",
        "https://ehr.example./fhir",
        "https://ehr.example@evil.example/fhir",
        "https://user@ehr.example/fhir",
        "https://user:word@ehr.example/fhir",
        "https://:word@ehr.example/fhir",
        "https://evil.example/fhir#https://ehr.example/fhir",
        "https://evil.example/?x=https://ehr.example/fhir",
        "https://ehr.example/fhir?x=1",
        "https://ehr.example/fhir#x",
        "https://ehr.example/fhir;x",
        "https://ehr.example\\@evil.example/fhir",
        "https://ehr.example:port/fhir",
        "https://ehr.example:99999/fhir",
        "https://[::1",
        "https://\u0435hr.example/fhir",
        "//ehr.example/fhir",
        "ehr.example/fhir",
        "file:///fhir",
        "http://127.0.0.1/fhir",
        "http://127.1:8081/fhir",
        "http://localhost:8081/fhir",
        "http://2130706433:8081/fhir",
        "https://127.0.0.1:8081/fhir",
        "",
    ],
)
def test_what_only_looks_like_a_listed_server_is_not_contacted(base: str) -> None:
    assert isinstance(allowed(base, LISTED), Missing)


def test_the_refusal_says_why_and_repeats_no_address() -> None:
    refused = allowed("https://evil.example/fhir", LISTED)

    assert refused == Missing(
        "fhirServer", Why.NOT_FETCHED, "this FHIR server is not on the allow-list"
    )


def test_an_empty_list_allows_nothing() -> None:
    assert isinstance(allowed(EHR, ()), Missing)


def test_a_listed_server_that_cannot_be_read_hides_no_other() -> None:
    assert allowed(EHR, ("https://[::1", EHR)) == EHR


@given(st.text(max_size=40) | st.text(max_size=12).map(lambda text: EHR + text))
def test_whatever_is_asked_only_a_listed_server_comes_back(base: str) -> None:
    assert isinstance(allowed(base, LISTED), Missing) or allowed(base, LISTED) in LISTED
