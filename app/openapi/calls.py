"""What the places take, as JSON Schema: the same as app/cds/schemas.py and app/feedback/schemas.py
demand. Unknown members are allowed everywhere; they are ignored."""

from typing import Any

Json = dict[str, Any]

TEXT: Json = {"type": "string", "minLength": 1}
UUID: Json = {
    "type": "string",
    "description": "A UUID in any form of RFC 4122, also as a URN.",
    "pattern": "^(urn:uuid:)?\\{?[0-9A-Fa-f]{8}-?([0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}\\}?$",
}
PATIENT_ID: Json = {
    "type": "string",
    "description": "The bare id of the Patient, not a reference.",
    "pattern": "^[A-Za-z0-9.-]{1,64}$",
}
BUNDLE: Json = {
    "type": "object",
    "description": "A Bundle of draft orders; its entries are read with care and not validated.",
    "properties": {"resourceType": {"const": "Bundle"}},
    "required": ["resourceType"],
}
AUTHORIZATION: Json = {
    "type": "object",
    "properties": {
        "access_token": TEXT,
        "token_type": {"type": "string", "pattern": "^[Bb][Ee][Aa][Rr][Ee][Rr]$"},
        "expires_in": {"type": "integer"},
        "scope": {"type": "string"},
        "subject": {"type": "string"},
        "patient": {"type": "string"},
    },
    "required": ["access_token", "token_type", "expires_in", "scope", "subject"],
}
CONTEXT: Json = {"userId": TEXT, "patientId": PATIENT_ID, "encounterId": {"type": "string"}}
SELECTIONS: Json = {"type": "array", "items": {"type": "string"}, "minItems": 1}


def _context(required: list[str], **more: Json) -> Json:
    return {
        "type": "object",
        "properties": {**CONTEXT, **more},
        "required": ["userId", "patientId", *required],
    }


def _call(hook: str, context: Json) -> Json:
    return {
        "type": "object",
        "properties": {
            "hook": {"const": hook},
            "hookInstance": UUID,
            "context": context,
            "prefetch": {"type": "object"},
            "fhirServer": {"type": "string", "format": "uri"},
            "fhirAuthorization": AUTHORIZATION,
            "extension": {"description": "Ignored."},
        },
        "required": ["hook", "hookInstance", "context"],
        "dependentRequired": {"fhirAuthorization": ["fhirServer"]},
    }


# A call with neither drafts nor selections is a session without orders.
TOGETHER: Json = {"dependentRequired": {"selections": ["draftOrders"]}} | {
    "allOf": [{"dependentRequired": {"draftOrders": ["selections"]}}]
}
ENTRY: Json = {
    "type": "object",
    "properties": {
        "card": {"type": "string", "format": "uuid"},
        "outcome": {"enum": ["accepted", "overridden"]},
        "outcomeTimestamp": {"type": "string", "format": "date-time", "pattern": "^[12][0-9]{3}"},
        "acceptedSuggestions": {
            "type": "array",
            "maxItems": 100,
            "items": {
                "type": "object",
                "properties": {"id": {"type": "string", "format": "uuid"}},
                "required": ["id"],
            },
        },
        "overrideReason": {
            "type": "object",
            "properties": {
                "reason": {
                    "type": "object",
                    "properties": {"code": TEXT, "system": {"type": "string"}},
                    "required": ["code"],
                },
                "userComment": {"type": "string"},
            },
        },
    },
    "required": ["card", "outcome", "outcomeTimestamp"],
    "if": {"properties": {"outcome": {"const": "accepted"}}},
    "then": {
        "required": ["acceptedSuggestions"],
        "properties": {"acceptedSuggestions": {"minItems": 1}},
    },
}
CALLS: Json = {
    "order-select": _call(
        "order-select",
        _context([], selections=SELECTIONS, draftOrders=BUNDLE) | TOGETHER,
    ),
    "order-sign": _call("order-sign", _context(["draftOrders"], draftOrders=BUNDLE)),
    "patient-view": _call("patient-view", _context([])),
    "feedback": {
        "type": "object",
        "properties": {
            "feedback": {"type": "array", "minItems": 1, "maxItems": 1_000, "items": ENTRY}
        },
        "required": ["feedback"],
    },
}
