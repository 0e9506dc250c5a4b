"""order-select against a real service and a real FHIR server."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from fhirclient.models.medicationrequest import MedicationRequest

from tests.e2e.conftest import draft, order_select

CLOPIDOGREL = ("309362", "clopidogrel 75 MG Oral Tablet")
URL = "rxhooks-order-select"


def call(base: str, body: object, service: str = URL) -> requests.Response:
    return requests.post(f"{base}/{service}", json=body, timeout=10)


def test_the_genotype_is_fetched_and_becomes_a_card(rxhooks: str, fhir: str) -> None:
    answer = call(
        rxhooks, order_select("carla-sanchez", f"{fhir}/fhir", draft("carla-sanchez", *CLOPIDOGREL))
    )

    assert answer.status_code == 200
    [card] = answer.json()["cards"]
    assert card["summary"] == "Clopidogrel is unlikely to work: CYP2C19 poor metabolizer"
    assert card["indicator"] == "critical"
    finding = card["extension"]["org.rxhooks.finding"]
    assert finding["genes"] == [
        {"gene": "CYP2C19", "diplotype": "*2/*2", "phenotype": "Poor Metabolizer"}
    ]
    assert finding["evidence"][0]["server"] == f"{fhir}/fhir"


def test_the_first_suggestion_replaces_the_draft(rxhooks: str, fhir: str) -> None:
    body = order_select("carla-sanchez", f"{fhir}/fhir", draft("carla-sanchez", *CLOPIDOGREL))

    [card] = call(rxhooks, body).json()["cards"]

    first = card["suggestions"][0]
    assert card["selectionBehavior"] == "at-most-one"
    assert first["isRecommended"] is True
    assert [action["type"] for action in first["actions"]] == ["create", "delete"]
    assert first["actions"][1]["resourceId"] == "MedicationRequest/draft-1"
    created = MedicationRequest(first["actions"][0]["resource"])
    assert created.medicationCodeableConcept.coding[0].code == "855812"
    assert created.subject.reference == "Patient/carla-sanchez"


def test_other_drafts_are_context_only(rxhooks: str, fhir: str) -> None:
    other = draft("carla-sanchez", *CLOPIDOGREL) | {"id": "draft-2"}
    selected = draft("carla-sanchez", "311700", "loratadine 10 MG Oral Tablet")
    body = order_select("carla-sanchez", f"{fhir}/fhir", selected, other)
    body["context"]["selections"] = ["MedicationRequest/draft-1"]

    assert call(rxhooks, body).json() == {"cards": []}


def test_order_sign_judges_every_draft(rxhooks: str, fhir: str) -> None:
    body = order_select(
        "emil-novak",
        f"{fhir}/fhir",
        draft("emil-novak", "835603", "tramadol hydrochloride 50 MG Oral Tablet"),
        draft("emil-novak", "198211", "Simvastatin 40 MG Oral Tablet") | {"id": "draft-2"},
    )
    body["hook"] = "order-sign"
    del body["context"]["selections"]

    cards = call(rxhooks, body, "rxhooks-order-sign").json()["cards"]

    assert sorted(card["extension"]["org.rxhooks.finding"]["rule"] for card in cards) == [
        "cyp2d6-tramadol",
        "slco1b1-simvastatin",
    ]


def test_patient_view_judges_active_medications(rxhooks: str, fhir: str) -> None:
    body = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": f"{fhir}/fhir",
        "context": {"userId": "Practitioner/1", "patientId": "lena-virta"},
    }

    [card] = call(rxhooks, body, "rxhooks-patient-view").json()["cards"]

    assert card["summary"].startswith("Simvastatin carries a high risk of myopathy")
    assert "suggestions" not in card


def test_a_medication_that_is_only_referred_to_is_read_first(rxhooks: str, fhir: str) -> None:
    order = draft("rosa-mendez", *CLOPIDOGREL)
    del order["medicationCodeableConcept"]
    medications = requests.get(f"{fhir}/fhir/Medication", timeout=5).json()["entry"]
    order["medicationReference"] = {"reference": f"Medication/{medications[0]['resource']['id']}"}

    answer = call(rxhooks, order_select("rosa-mendez", f"{fhir}/fhir", order)).json()

    [blind] = answer["extension"]["org.rxhooks.unchecked"]
    assert blind["rule"] == "cyp2c19-clopidogrel"
    assert blind["missing"][0]["why"] == "NOT_RECORDED"


def test_prefetch_is_used_before_the_server(rxhooks: str) -> None:
    body = order_select("p1", "http://127.0.0.1:9/fhir", draft("p1", "190521", "abacavir"))
    body["prefetch"] = {
        "genotypes": {
            "resourceType": "Bundle",
            "entry": [
                {
                    "resource": {
                        "resourceType": "Observation",
                        "id": "g",
                        "status": "final",
                        "subject": {"reference": "Patient/p1"},
                        "code": {"coding": [{"system": "http://loinc.org", "code": "50956-2"}]},
                        "valueString": "Positive",
                    }
                }
            ],
        }
    }

    [card] = call(rxhooks, body).json()["cards"]

    assert card["indicator"] == "critical"
    assert "the EHR's prefetch" in card["detail"]


def test_a_patient_with_many_results_is_read_over_all_pages(rxhooks: str, fhir: str) -> None:
    body = order_select("tess-ward", f"{fhir}/fhir", draft("tess-ward", "7531", "nortriptyline"))

    [card] = call(rxhooks, body).json()["cards"]

    assert card["extension"]["org.rxhooks.finding"]["rule"] == "cyp2d6-nortriptyline"


def test_the_same_call_gives_the_same_cards(rxhooks: str, fhir: str) -> None:
    body = order_select("quinn-doyle", f"{fhir}/fhir", draft("quinn-doyle", *CLOPIDOGREL))

    answers = [without_uuids(call(rxhooks, body).json()) for _ in range(4)]

    assert all(answer == answers[0] for answer in answers)


def without_uuids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_uuids(inner) for key, inner in value.items() if key != "uuid"}
    return [without_uuids(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("file", sorted((Path("sandbox") / "requests").glob("*.json")), ids=str)
def test_every_sample_request_is_answered(rxhooks: str, fhir: str, file: Path) -> None:
    body = json.loads(file.read_text("utf-8")) | {"fhirServer": f"{fhir}/fhir"}

    answer = call(rxhooks, body, f"rxhooks-{body['hook']}")

    assert answer.status_code == 200
    assert bool(answer.json()["cards"]) == ("loratadine" not in file.name)
