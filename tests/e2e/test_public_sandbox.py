"""What the public CDS Hooks sandbox sends, and what it needs to be able to show the answer."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

BODIES = Path(__file__).with_name("public_sandbox")


def body(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((BODIES / f"{name}.json").read_text("utf-8"))
    return found


def call(base: str, name: str, service: str = "rxhooks-order-select") -> requests.Response:
    return requests.post(f"{base}/{service}", json=body(name), timeout=10)


@pytest.mark.parametrize(
    "name", ["order-select-no-drug", "order-select-pama", "order-select-tab-clicked-again"]
)
def test_calls_without_a_drug_are_answered_at_once_with_nothing(rxhooks: str, name: str) -> None:
    answer = call(rxhooks, name)

    assert (answer.status_code, answer.json()) == (200, {"cards": []})


@pytest.mark.parametrize("name", ["order-select-with-drug", "order-select-dstu2"])
def test_a_drug_without_data_is_said_to_be_unchecked(rxhooks_card: str, name: str) -> None:
    answer = call(rxhooks_card, name)

    [card] = answer.json()["cards"]
    assert answer.status_code == 200
    assert "CYP2C19 result could not be fetched" in card["summary"]


@pytest.mark.parametrize("name", ["order-sign", "order-sign-dstu2"])
def test_orders_to_sign_are_read_in_both_forms(rxhooks_card: str, name: str) -> None:
    answer = call(rxhooks_card, name, "rxhooks-order-sign")

    expected = "clopidogrel" in json.dumps(body(name))
    assert answer.status_code == 200
    assert bool(answer.json()["cards"]) == expected


def test_patient_view_without_data_says_so(rxhooks_card: str) -> None:
    answer = call(rxhooks_card, "patient-view", "rxhooks-patient-view")

    assert answer.status_code == 200
    assert "not checked" in answer.json()["cards"][0]["summary"]


def test_its_drafts_get_suggestions_it_can_apply(rxhooks_card: str, fhir: str) -> None:
    request = body("order-select-with-drug")
    request["fhirServer"] = f"{fhir}/fhir"
    request["context"]["patientId"] = "carla-sanchez"
    [entry] = request["context"]["draftOrders"]["entry"]
    entry["resource"]["subject"] = {"reference": "Patient/carla-sanchez"}

    answer = requests.post(f"{rxhooks_card}/rxhooks-order-select", json=request, timeout=10)

    [card] = answer.json()["cards"]
    first = card["suggestions"][0]["actions"][0]
    assert first["type"] == "create"
    concept = first["resource"]["medicationCodeableConcept"]
    assert concept["text"] and concept["coding"][0]["code"]  # noqa: PT018  it wants both
    assert isinstance(first["resource"]["reasonCode"], list)


@pytest.mark.parametrize("name", ["feedback-accepted", "feedback-overridden"])
def test_its_feedback_on_a_card_that_it_was_shown_is_taken(rxhooks_card: str, name: str) -> None:
    [card] = call(rxhooks_card, "order-select-with-drug").json()["cards"]
    given = body(name)
    for entry in given["feedback"]:
        entry["card"] = card["uuid"]

    url = f"{rxhooks_card}/rxhooks-order-select/feedback"
    assert requests.post(url, json=given, timeout=10).status_code == 200


@pytest.mark.parametrize("name", ["feedback-accepted", "feedback-overridden"])
def test_its_feedback_on_a_card_that_nobody_was_shown_is_404(rxhooks: str, name: str) -> None:
    assert call(rxhooks, name, "rxhooks-order-select/feedback").status_code == 404


@pytest.mark.parametrize("path", ["", "/"])
def test_discovery_is_the_same_with_and_without_a_slash(rxhooks: str, path: str) -> None:
    answer = requests.get(rxhooks + path, timeout=5, allow_redirects=False)

    assert answer.status_code == 200
    assert [service["hook"] for service in answer.json()["services"]] == [
        "order-select",
        "order-sign",
        "patient-view",
    ]


@pytest.mark.parametrize("path", ["/rxhooks-order-select", "//rxhooks-order-select"])
def test_a_preflight_is_answered_in_both_slash_forms(rxhooks: str, path: str) -> None:
    answer = requests.options(
        rxhooks + path,
        headers={
            "Origin": "https://sandbox.cds-hooks.org",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
            "Access-Control-Request-Private-Network": "true",
        },
        timeout=5,
        allow_redirects=False,
    )

    assert answer.status_code == 200
    allowed = {h.strip() for h in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "content-type"} <= allowed
    assert answer.headers["Access-Control-Allow-Origin"] in {"*", "https://sandbox.cds-hooks.org"}
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"
    assert "Access-Control-Max-Age" in answer.headers


@pytest.mark.parametrize("path", ["", "/nothing", "/rxhooks-order-select"])
def test_every_answer_can_be_read_across_origins(rxhooks: str, path: str) -> None:
    answer = requests.get(rxhooks + path, headers={"Origin": "https://x.example"}, timeout=5)

    assert "Access-Control-Allow-Origin" in answer.headers
