"""What the FHIR server answers when it behaves."""

from typing import Any

import pytest
import requests

LOINC = "http://loinc.org"
GENOTYPE = "84413-4"


def get(url: str, **parameters: Any) -> requests.Response:
    return requests.get(url, params=parameters, timeout=10)


def ids(bundle: dict[str, Any]) -> list[str]:
    return [entry["resource"]["id"] for entry in bundle.get("entry", [])]


def found(url: str, **parameters: Any) -> set[str]:
    return set(ids(get(url, _count=50, **parameters).json()))


def test_reads_a_resource(fhir: str) -> None:
    response = get(f"{fhir}/Patient/carla-sanchez")

    assert response.headers["Content-Type"] == "application/fhir+json"
    assert response.json()["id"] == "carla-sanchez"


@pytest.mark.parametrize("path", ["Patient/nobody", "Nothing/1", "Nothing", "Patient/a/b/c"])
def test_what_does_not_exist_is_a_404_with_an_outcome(fhir: str, path: str) -> None:
    response = get(f"{fhir}/{path}")

    assert response.status_code == 404
    assert response.json()["resourceType"] == "OperationOutcome"
    assert response.headers["Content-Type"] == "application/fhir+json"


def test_says_what_it_can_do(fhir: str) -> None:
    statement = get(f"{fhir}/metadata").json()

    assert statement["resourceType"] == "CapabilityStatement"
    assert statement["fhirVersion"] == "4.0.1"
    assert {"Patient", "Observation", "Condition", "MedicationRequest"} <= {
        resource["type"] for resource in statement["rest"][0]["resource"]
    }


@pytest.mark.parametrize("name", ["patient", "subject", "patient:Patient", "subject:Patient"])
@pytest.mark.parametrize("value", ["{id}", "Patient/{id}", "{base}/Patient/{id}"])
def test_finds_a_patients_resources_however_the_patient_is_named(
    fhir: str, name: str, value: str
) -> None:
    text = value.format(base=fhir, id="carla-sanchez")

    bundle = get(f"{fhir}/Observation", **{name: text}).json()

    assert bundle["type"] == "searchset"
    assert bundle["total"] == len(bundle["entry"]) > 0
    for entry in bundle["entry"]:
        assert entry["resource"]["subject"]["reference"] == "Patient/carla-sanchez"
        assert entry["fullUrl"] == f"{fhir}/Observation/{entry['resource']['id']}"
        assert entry["search"] == {"mode": "match"}


def test_nothing_found_is_a_bundle_without_entries(fhir: str) -> None:
    bundle = get(f"{fhir}/AllergyIntolerance", patient="carla-sanchez").json()

    assert bundle["total"] == 0
    assert "entry" not in bundle


@pytest.mark.parametrize(
    ("code", "matches"),
    [
        (GENOTYPE, True),
        (f"{LOINC}|{GENOTYPE}", True),
        (f"{LOINC}|", True),
        (f"|{GENOTYPE}", False),
        (f"http://snomed.info/sct|{GENOTYPE}", False),
        (f"{LOINC}|1-1,{LOINC}|{GENOTYPE}", True),
        ("1-1", False),
        ("48018-6", False),
    ],
)
def test_compares_codes_as_tokens(fhir: str, code: str, matches: bool) -> None:
    result = found(f"{fhir}/Observation", patient="carla-sanchez", code=code)

    assert ("carla-cyp2c19" in result) is matches


def test_a_combined_code_is_also_sought_in_the_components(fhir: str) -> None:
    url = f"{fhir}/Observation"

    assert "carla-cyp2c19" in found(url, patient="carla-sanchez", **{"combo-code": "48018-6"})
    assert "carla-cyp2c19" in found(url, patient="carla-sanchez", **{"component-code": "48018-6"})
    assert found(url, patient="carla-sanchez", **{"component-code": GENOTYPE}) == set()


def test_a_repeated_parameter_narrows_the_search(fhir: str) -> None:
    url = f"{fhir}/Observation"

    assert found(url, patient="carla-sanchez", code=[GENOTYPE, "1-1"]) == set()
    assert found(url, patient="carla-sanchez", code=[GENOTYPE, f"{GENOTYPE},1-1"]) != set()


def test_finds_by_id(fhir: str) -> None:
    assert found(f"{fhir}/Patient", _id="carla-sanchez,ben-okafor,nobody") == {
        "carla-sanchez",
        "ben-okafor",
    }


def test_finds_conditions_and_orders_by_status(fhir: str) -> None:
    active = found(f"{fhir}/Condition", patient="carla-sanchez", **{"clinical-status": "active"})
    resolved = found(
        f"{fhir}/Condition", patient="carla-sanchez", **{"clinical-status": "resolved"}
    )
    orders = found(f"{fhir}/MedicationRequest", patient="june-adams", status="active,on-hold")
    stopped = found(f"{fhir}/MedicationRequest", patient="june-adams", status="stopped")

    assert active
    assert not active & resolved
    assert orders
    assert not orders & stopped


def test_finds_by_category(fhir: str) -> None:
    url = f"{fhir}/Observation"

    assert "carla-cyp2c19" in found(url, patient="carla-sanchez", category="laboratory")
    assert found(url, patient="carla-sanchez", category="vital-signs") == set()


def test_a_search_by_form_merges_url_and_body(fhir: str) -> None:
    response = requests.post(
        f"{fhir}/Observation/_search",
        params={"patient": "carla-sanchez"},
        data={"code": f"{LOINC}|{GENOTYPE}"},
        timeout=10,
    )

    assert ids(response.json()) == ["carla-cyp2c19"]


def test_a_search_by_json_is_refused(fhir: str) -> None:
    response = requests.post(
        f"{fhir}/Observation/_search", json={"patient": "carla-sanchez"}, timeout=10
    )

    assert response.status_code == 415
    assert response.json()["resourceType"] == "OperationOutcome"


def test_an_unknown_parameter_is_ignored_and_told_in_the_self_link(fhir: str) -> None:
    plain = found(f"{fhir}/Observation", patient="carla-sanchez")

    bundle = get(
        f"{fhir}/Observation",
        patient="carla-sanchez",
        shoesize="44",
        _include="Observation:subject",
    ).json()

    assert set(ids(bundle)) == plain
    [link] = [link["url"] for link in bundle["link"] if link["relation"] == "self"]
    assert "shoesize=44" in link
    assert "_include=Observation:subject" in link


@pytest.mark.parametrize(
    "parameters",
    [
        {"code:in": "http://example.org/ValueSet/x"},
        {"patient.name": "Sanchez"},
        {"patient": ""},
        {"_count": "many"},
        {"_page": "not-a-token"},
        {"_page": "WzFd"},
    ],
    ids=["modifier", "chain", "no value", "count", "page", "page of another make"],
)
def test_what_it_cannot_search_is_an_error_and_not_everything(
    fhir: str, parameters: dict[str, str]
) -> None:
    response = get(f"{fhir}/Observation", **parameters)

    assert response.status_code == 400
    assert response.json()["resourceType"] == "OperationOutcome"


def test_sorts_the_newest_first(fhir: str) -> None:
    bundle = get(f"{fhir}/Observation", patient="tess-ward", _sort="-date").json()

    dates = [entry["resource"]["effectiveDateTime"] for entry in bundle["entry"]]
    assert dates == sorted(dates, reverse=True)
    assert len(set(dates)) > 1


def test_any_authorization_will_do(fhir: str) -> None:
    response = requests.get(
        f"{fhir}/Patient/carla-sanchez", headers={"Authorization": "Bearer whatever"}, timeout=10
    )

    assert response.status_code == 200


def test_nothing_can_be_written(fhir: str) -> None:
    response = requests.post(f"{fhir}/Observation", json={}, timeout=10)

    assert response.status_code == 405
    assert response.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    "path", ["/fhir/Patient", "/secured/fhir/Patient", "/behaviour", "/nowhere"]
)
def test_browsers_may_call_from_anywhere(origin: str, path: str) -> None:
    preflight = requests.options(
        f"{origin}{path}",
        headers={
            "Origin": "https://ehr.example",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "authorization",
        },
        timeout=10,
    )
    answer = get(f"{origin}{path}")

    assert preflight.status_code == 204
    allowed = preflight.headers["Access-Control-Allow-Headers"]
    assert {"authorization", "content-type"} <= set(allowed.split(", "))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
