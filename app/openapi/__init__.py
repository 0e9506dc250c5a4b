"""GET /openapi.json: every place of the service, what it takes and what it answers (OpenAPI 3.1).

Its rule: it is true. The tests hold the running service against it, both ways: what a schema allows
is not refused, what it forbids is, and no answer has a status or a shape that is not told here.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from flask import Blueprint, Response

from app.openapi.answers import ANSWERS
from app.openapi.calls import CALLS
from app.runtime import runtime
from hooks import SERVICES

Json = dict[str, Any]

bp = Blueprint("openapi", __name__)
REFUSALS = {
    "400": "The body is not a call of this place; the fields that are wrong are named.",
    "413": "The body is too large.",
    "415": "The body is not application/json, or is encoded.",
}
BLIND = "What the drugs' rules need could be had neither from prefetch nor from a FHIR server."
NOT_KEPT = "The feedback could not be kept; it may be sent again."
NOT_SHOWN = "No card that the call names was shown to this client; nothing was kept."
NOT_LET_IN = "The call has no valid token of a client."
NOT_ALLOWED = "The client may not ask this."
ELSEWHERE = "The call came by a name that is not the service's."
NOT_FOR_BROWSERS = "The call came from a browser's page."


@bp.get("/openapi.json")
def openapi() -> Response:
    """The document; it holds nothing of patients and needs no token."""
    settings = runtime().settings
    return Response(_document(settings.base_url, settings.open), mimetype="application/json")


@lru_cache(maxsize=2)
def _document(base_url: str, is_open: bool) -> bytes:
    return orjson.dumps(document(base_url, is_open))


def document(base_url: str, is_open: bool) -> Json:
    """The OpenAPI document of a service at *base_url*; open ones ask for no token."""
    paths = {"/cds-services": {"get": _get("Discovery", "Every service and its prefetch")}}
    for service in SERVICES.values():
        call = f"/cds-services/{service.id}"
        paths[call] = {"post": _post(service.title, service.hook, "Cards", {"412": BLIND})}
        told = _post(
            f"Feedback on {service.id}", "feedback", "Kept", {"404": NOT_SHOWN, "503": NOT_KEPT}
        )
        paths[f"{call}/feedback"] = {"post": told}
    refused = {"421": ELSEWHERE} if is_open else {"401": NOT_LET_IN, "403": NOT_ALLOWED}
    for place in paths.values():
        for operation in place.values():
            operation["responses"] |= _outcomes(refused)
            if not is_open:
                operation["security"] = [{"client": []}]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "RxHooks",
            "version": "1",
            "description": "CDS Hooks 2.0 and 3.0: prescribing alerts from genes and biomarkers.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "paths": paths | _for_operators(),
        "components": {
            "schemas": {**CALLS, **ANSWERS},
            "securitySchemes": {
                "client": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def _for_operators() -> Json:
    text = {"description": "Counts.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    inside = _outcomes({"403": NOT_FOR_BROWSERS, "421": ELSEWHERE})
    down = {"503": _told("No rule is active.", "Health")} | inside
    return {
        "/openapi.json": {"get": _get("Document", "This document", _outcomes({"421": ELSEWHERE}))},
        "/health/live": {"get": _get("Health", "The process answers", inside)},
        "/health/ready": {"get": _get("Health", "Calls can be judged", down)},
        "/metrics": {"get": {"summary": "Prometheus", "responses": {"200": text, **inside}}},
    }


def _get(answer: str, summary: str, more: Mapping[str, Json] | None = None) -> Json:
    return {"summary": summary, "responses": {"200": _told(summary, answer), **(more or {})}}


def _post(summary: str, body: str, answer: str, more: Mapping[str, str]) -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{body}"}}}
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": content},
        "responses": {"200": _told(summary, answer), **_outcomes({**REFUSALS, **more})},
    }


def _outcomes(texts: Mapping[str, str]) -> Json:
    return {status: _told(text, "OperationOutcome") for status, text in texts.items()}


def _told(description: str, schema: str) -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}
