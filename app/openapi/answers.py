"""What the places answer, as JSON Schema; members that are not here do not occur."""

from typing import Any

Json = dict[str, Any]

TEXT: Json = {"type": "string", "minLength": 1}
UUID: Json = {"type": "string", "format": "uuid"}
ADDRESS: Json = {"type": "string", "format": "uri", "pattern": "^https://"}
OBJECT: Json = {"type": "object", "minProperties": 1}


def _object(required: list[str], **properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _list(items: Json) -> Json:
    return {"type": "array", "minItems": 1, "items": items}


CODING = _object(["system", "code", "display"], system=TEXT, code=TEXT, display=TEXT)
RESOURCE: Json = OBJECT | {"properties": {"resourceType": TEXT}, "required": ["resourceType"]}
ACTION: Json = {
    "oneOf": [
        _object(
            ["type", "description", "resource"],
            type={"enum": ["create", "update"]},
            description=TEXT,
            resource=RESOURCE,
        ),
        _object(
            ["type", "description", "resourceId"],
            type={"const": "delete"},
            description=TEXT,
            resourceId=TEXT,
        ),
    ]
}
SUGGESTION = _object(
    ["label", "uuid", "actions"],
    label=TEXT,
    uuid=UUID,
    isRecommended={"const": True},
    actions=_list(ACTION),
)
LINK = _object(["label", "url", "type"], label=TEXT, url=ADDRESS, type={"const": "absolute"})
CARD = _object(
    ["uuid", "summary", "indicator", "detail", "source"],
    uuid=UUID,
    summary=TEXT | {"maxLength": 139},
    indicator={"enum": ["info", "warning", "critical"]},
    detail=TEXT | {"description": "GitHub Flavored Markdown without HTML."},
    source=_object(["label"], label=TEXT, url=ADDRESS),
    suggestions=_list(SUGGESTION),
    selectionBehavior={"const": "at-most-one"},
    links=_list(LINK),
    overrideReasons=_list(CODING),
    extension=OBJECT,
)
CARD["dependentRequired"] = {
    "suggestions": ["selectionBehavior"],
    "selectionBehavior": ["suggestions"],
}
SERVICE = _object(
    ["id", "hook", "title", "description"],
    id=TEXT,
    hook=TEXT,
    hookVersion=TEXT,
    version=TEXT,
    title=TEXT,
    description=TEXT,
    usageRequirements=TEXT,
    prefetch=OBJECT | {"additionalProperties": TEXT},
)
ISSUE = _object(
    ["severity", "code", "diagnostics"],
    severity={"enum": ["fatal", "error", "warning", "information"]},
    code=TEXT,
    diagnostics=TEXT,
    expression=_list(TEXT),
)
ANSWERS: Json = {
    "Discovery": _object(["services"], services={"type": "array", "items": SERVICE}),
    "Cards": _object(["cards"], cards={"type": "array", "items": CARD}, extension=OBJECT),
    "OperationOutcome": _object(
        ["resourceType", "issue"],
        resourceType={"const": "OperationOutcome"},
        issue=_list(ISSUE),
    ),
    "Kept": {"type": "object", "description": "The feedback was kept."},
    "Health": {"type": "object", "properties": {"status": TEXT}, "required": ["status"]},
    "Document": {"type": "object", "required": ["openapi"]},
}
