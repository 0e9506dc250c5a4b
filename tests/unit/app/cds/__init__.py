"""Tests of the wire protocol, and how they make requests and check cards."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.settings import Settings
from tests.unit.hooks.reading import KNOWLEDGE, bundle, coded, observation, request

Json = dict[str, Any]

INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
SELECT = "/cds-services/rxhooks-order-select"
CLOPIDOGREL = coded("rxnorm", "32968", "clopidogrel")
POOR = observation("84413-4", "CYP2C19 *2/*2")
CARD = {"uuid", "summary", "indicator", "detail", "source", "suggestions", "selectionBehavior"} | {
    "links",
    "overrideReasons",
    "extension",
}
FINDING = {"rule", "branch", "catalogue", "knowledgeVersion", "order", "drug", "outcome"} | {
    *("indicator", "action", "dose", "alternatives", "strength", "genes", "evidence", "missing"),
    "sources",
}
PARTS = {
    "alternatives": {"name", "rxnorm"},
    "genes": {"gene", "diplotype", "phenotype", "activityScore", "convertedFrom"},
    "evidence": {"reference", "date", "server"},
    "missing": {"what", "why", "detail"},
    "sources": {"label", "url", "pmid"},
}


@contextmanager
def serving(folder: Path, **settings: Any) -> Iterator[Flask]:
    """The app with the knowledge we ship; what it opened is closed at the end."""
    root, urllib3 = logging.getLogger(), logging.getLogger("urllib3")
    handlers, levels = list(root.handlers), (root.level, urllib3.level)
    url = f"sqlite:///{folder}/feedback.db"
    app = create_app(Settings(**{"open": True, "database_url": url} | settings), KNOWLEDGE)
    try:
        yield app
    finally:
        runtime = app.extensions["rxhooks"]
        runtime.fhir.close()
        runtime.store.close()
        if "rxhooks.gate" in app.extensions:
            app.extensions["rxhooks.gate"].replay.close()
        root.handlers[:] = handlers
        root.setLevel(levels[0])
        urllib3.setLevel(levels[1])


def draft(**elements: object) -> Json:
    """A draft order of clopidogrel for patient p1."""
    return request(**{"medicationCodeableConcept": CLOPIDOGREL} | elements)


EMPTY = (
    *("results", "vitals", "markers", "conditions", "medications", "statements", "allergies"),
    "encounters",
)


def complete(*results: Json) -> Json:
    """A prefetch that answers every query; *results* are the genotypes."""
    patient = {"resourceType": "Patient", "id": "p1", "gender": "female"}
    empty = {key: bundle() for key in EMPTY}
    return {"patient": patient, "genotypes": bundle(*results), **empty}


def order_select(*drafts: Json, prefetch: Json | None = None, **fields: object) -> Json:
    """A good order-select call: all *drafts* selected, and the genotype of a poor metabolizer."""
    orders = drafts or (draft(),)
    return {
        "hook": "order-select",
        "hookInstance": INSTANCE,
        "context": {
            "userId": "Practitioner/1",
            "patientId": "p1",
            "selections": [f"{order['resourceType']}/{order['id']}" for order in orders],
            "draftOrders": bundle(*orders),
        },
        "prefetch": complete(POOR) if prefetch is None else prefetch,
        **fields,
    }


def order_sign(*drafts: Json, **fields: Any) -> Json:
    """A good order-sign call."""
    body = order_select(*drafts, **fields) | {"hook": "order-sign"}
    del body["context"]["selections"]
    return body


def patient_view(**fields: object) -> Json:
    """A good patient-view call: clopidogrel is taken."""
    return {
        "hook": "patient-view",
        "hookInstance": INSTANCE,
        "context": {"userId": "Practitioner/1", "patientId": "p1"},
        "prefetch": complete(POOR) | {"medications": bundle(draft(status="active"))},
        **fields,
    }


GOOD = {"order-select": order_select, "order-sign": order_sign, "patient-view": patient_view}


def call(client: FlaskClient, body: object, hook: str = "order-select") -> TestResponse:
    """The answer of the service for *hook* to any JSON."""
    return send(client, f"/cds-services/rxhooks-{hook}", json.dumps(body).encode())


def send(client: FlaskClient, path: str, body: bytes) -> TestResponse:
    """The answer to *body*, said to be JSON."""
    return client.post(path, data=body, content_type="application/json")


def empties(value: object, path: str = "") -> list[str]:
    """Where *value* holds null, or an empty string, list or object: CDS Hooks allows none."""
    if value is None or value in ("", [], {}):
        return [path or "."]
    if isinstance(value, dict):
        return [found for key, inner in value.items() for found in empties(inner, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for i, inner in enumerate(value) for found in empties(inner, f"{path}[{i}]")]
    return []


def faults(card: Json) -> list[str]:
    """What CDS Hooks 2.0 would object to in *card*."""
    found = [f"empty: {path}" for path in empties(card)]
    found += [f"not in the specification: {key}" for key in card.keys() - CARD]
    checks = {
        "summary": 0 < len(card["summary"]) < 140,
        "indicator": card["indicator"] in {"info", "warning", "critical"},
        "source": bool(card["source"]["label"]),
        "selectionBehavior": ("suggestions" in card) == ("selectionBehavior" in card),
        "recommended": [s.get("isRecommended") for s in card.get("suggestions", [])].count(True)
        <= 1,
        "links": all(set(link) == {"label", "url", "type"} for link in card.get("links", [])),
        "reasons": all(
            set(reason) == {"system", "code", "display"}
            for reason in card.get("overrideReasons", [])
        ),
    }
    found += [name for name, kept in checks.items() if not kept]
    for suggestion in card.get("suggestions", []):
        found += [fault for action in suggestion["actions"] for fault in action_faults(action)]
    return found


def action_faults(action: Json) -> list[str]:
    """What CDS Hooks 2.0 would object to in an action of a suggestion."""
    wanted = {"delete": "resourceId"}.get(action.get("type", ""), "resource")
    if set(action) != {"type", "description", wanted}:
        return [f"action: {sorted(action)}"]
    if wanted == "resource" and not action["resource"].get("resourceType"):
        return ["a resource without its type"]
    return []


def finding_faults(finding: Json) -> list[str]:
    """Keys of `org.rxhooks.finding` that design.md does not name."""
    found = list(finding.keys() - FINDING)
    found += list(finding["drug"].keys() - {"name", "rxnorm"})
    found += list(finding.get("dose", {}).keys() - {"factorMin", "factorMax", "basis", "cap"})
    for name, keys in PARTS.items():
        found += [key for part in finding.get(name, []) for key in part.keys() - keys]
    return found
