"""B: discovery."""

import re

import pytest
import requests

from tests.contract.checklist import IDS, WITHIN_S, Json, Service

KEYS = {"hook", "title", "description", "id", "prefetch", "usageRequirements"}
NEW_IN_3 = {"version", "hookVersion"}
TOKEN = re.compile(r"\{\{(.*?)\}\}")
ALLOWED_TOKENS = {"context.userId", "context.patientId", "userPractitionerId"}
PARAMETERS = {"patient", "code", "status", "_count", "_sort", "category", "date"}


@pytest.fixture
def services(rx: Service) -> list[Json]:
    return rx.discover()


@pytest.mark.proves("B1", "B2", "B16")
def test_discovery_is_the_same_document_however_it_is_asked(rx: Service) -> None:
    plain = requests.get(rx.discovery, timeout=WITHIN_S)
    assert plain.status_code == 200
    assert isinstance(plain.json()["services"], list)

    for url, headers in (
        (rx.discovery, {"Accept": "text/html"}),
        (f"{rx.discovery}?_format=xml&x=%ff", {}),
        (f"{rx.discovery}/", {"Content-Type": "text/plain"}),
        (rx.discovery, {"Authorization": "Bearer nonsense"}),
    ):
        assert requests.get(url, headers=headers, timeout=WITHIN_S).content == plain.content


@pytest.mark.proves("B4", "B5", "B6", "B7", "B9", "B12", "B13", "B18")
def test_each_service_says_who_it_is_and_what_it_needs(services: list[Json]) -> None:
    assert {service["hook"]: service["id"] for service in services} == IDS
    assert len({service["id"] for service in services}) == len(services)
    for service in services:
        assert re.fullmatch(r"[a-z-]+", service["id"])
        assert all(service[key].strip() for key in ("title", "description", "usageRequirements"))


@pytest.mark.proves("B10", "B11", "B14", "B15")
def test_discovery_has_attributes_of_the_specification_only(services: list[Json]) -> None:
    for service in services:
        assert service.keys() == KEYS | NEW_IN_3
        assert re.fullmatch(r"\d+\.\d+\.\d+", service["version"])
        assert service["hookVersion"] == "1.0"


@pytest.mark.proves("B8", "B21", "B24", "B25")
def test_each_template_is_a_relative_read_or_search_in_r4(services: list[Json]) -> None:
    for service in services:
        for key, template in service["prefetch"].items():
            assert re.fullmatch(r"[A-Za-z]\w*", key)
            kind, _, query = template.partition("?")
            assert re.fullmatch(r"[A-Z]\w+(/\{\{context\.patientId\}\})?", kind), template
            names = {part.partition("=")[0] for part in query.split("&") if part}
            assert names <= PARAMETERS
            assert ":" not in "".join(names)


@pytest.mark.proves("B20", "B22", "B23", "F6")
def test_each_template_is_about_the_patient_and_needs_no_fhirpath(services: list[Json]) -> None:
    for service in services:
        for template in service["prefetch"].values():
            found = set(TOKEN.findall(template))
            assert "context.patientId" in found
            assert found <= ALLOWED_TOKENS
