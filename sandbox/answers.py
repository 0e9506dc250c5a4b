"""The bodies and responses that FHIR servers give, besides resources and searches."""

from typing import Any

import orjson
from werkzeug.wrappers import Response

from sandbox.parameters import RESOURCE_TYPES, Searchable
from sandbox.records import Resource

FHIR_JSON = "application/fhir+json"


def fhir(resource: Resource, status: int = 200) -> Response:
    """*resource* as an answer of a FHIR server."""
    return Response(orjson.dumps(resource), status, mimetype=FHIR_JSON)


def plain_json(value: object, status: int = 200) -> Response:
    """*value* as JSON for people: the parts of this server that are not FHIR."""
    body = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return Response(body, status, mimetype="application/json")


def html(heading: str, status: int) -> Response:
    """A page as a proxy or a login form puts it in a FHIR server's place."""
    page = f"<!DOCTYPE html>\n<title>{heading}</title>\n<h1>{heading}</h1>\n"
    return Response(page, status, mimetype="text/html")


def outcome(code: str, diagnostics: str, status: int) -> Response:
    """An OperationOutcome; *code* is of FHIR's issue-type list."""
    return fhir(operation_outcome(code, diagnostics), status)


def operation_outcome(code: str, diagnostics: str) -> Resource:
    """The resource that tells an error."""
    issue = {"severity": "error", "code": code, "diagnostics": diagnostics}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def capability_statement(base: str) -> Resource:
    """What this server can do (FHIR R4 CapabilityStatement)."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-21",
        "kind": "instance",
        "software": {"name": "RxHooks sandbox"},
        "implementation": {"description": "Made-up patients to try RxHooks with", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json", FHIR_JSON],
        "rest": [
            {
                "mode": "server",
                "security": {"cors": True},
                "resource": [
                    _capability(resource_type, searchable)
                    for resource_type, searchable in RESOURCE_TYPES.items()
                ],
            }
        ],
    }


def _capability(resource_type: str, searchable: Searchable) -> dict[str, Any]:
    return {
        "type": resource_type,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [
            {"name": parameter.name, "type": parameter.kind.value}
            for parameter in searchable.parameters.values()
        ],
    }
