"""Every exception that leaves a view, and the status and OperationOutcome it becomes."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import orjson
from flask import Flask, Response
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, InternalServerError

from app.cds.schemas import NotJson
from app.logs import get_logger
from app.security.client_jwt import NotAuthenticated
from app.security.replay import ReplayUnavailable

ISSUE_CODES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    412: "incomplete",
    413: "too-long",
    415: "not-supported",
    421: "not-supported",
    503: "transient",
}
TEXTS = {
    400: "The request cannot be read.",
    401: "This call is not authenticated.",
    403: "This client may not have this FHIR server asked.",
    404: "There is nothing here.",
    405: "This method is not for this place.",
    412: "The data that this call needs could be had neither from prefetch nor from a FHIR server.",
    413: "The body is too large.",
    415: "The body must be application/json, without a content encoding.",
    503: "The feedback could not be kept; please send it again.",
}


class UnknownService(LookupError):
    """No service has this id."""


class ForeignFhirServer(Exception):
    """The call names a FHIR server that is not its client's; a token would go there."""


class NothingFetched(Exception):
    """Nothing that the decision needs could be had; CDS Hooks wants a 412."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__()


class NotKept(Exception):
    """The database did not take the feedback; the client may send it again."""


class NotJsonType(Exception):
    """The body has another media type, or an encoding."""


class BrokenBody(Exception):
    """The body did not arrive whole, or not in time."""


def init_app(app: Flask) -> None:
    """Turn every error of *app* into JSON with an OperationOutcome."""
    app.register_error_handler(ValidationError, invalid_request)
    app.register_error_handler(NotJson, lambda _error: outcome(400, ["The body is not JSON."]))
    app.register_error_handler(UnknownService, lambda _error: outcome(404, ["Unknown service."]))
    app.register_error_handler(NotJsonType, lambda _error: outcome(415, []))
    app.register_error_handler(NotAuthenticated, not_authenticated)
    app.register_error_handler(ReplayUnavailable, replay_unavailable)
    app.register_error_handler(ForeignFhirServer, lambda _error: outcome(403, []))
    app.register_error_handler(BrokenBody, lambda _error: outcome(400, ["The body broke off."]))
    app.register_error_handler(NotKept, lambda _error: outcome(503, []))
    app.register_error_handler(NothingFetched, lambda error: outcome(412, error.reasons))
    app.register_error_handler(InternalServerError, internal_error)
    app.register_error_handler(HTTPException, http_error)


def invalid_request(error: ValidationError) -> Response:
    """400, with the fields that are wrong and never their values."""
    return outcome(400, [], dict(_fields(error.messages)))


def not_authenticated(error: NotAuthenticated) -> Response:
    """401, the same for every reason; the log has the reason."""
    get_logger().warning("refused", reason=error.reason, client=error.client, status=401)
    response = outcome(401, [])
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def replay_unavailable(error: ReplayUnavailable) -> Response:
    """503: a token that may have been used before is not accepted."""
    get_logger().error("used tokens cannot be looked up", error=error, status=503)
    return outcome(503, ["The call could not be authenticated now; please send it again."])


def internal_error(error: InternalServerError) -> Response:
    """500: our own fault; the log has the class of the error, the body has nothing."""
    original = error.original_exception
    get_logger().error("failed", error=original or error, status=500)
    return outcome(500, [])


def http_error(error: HTTPException) -> Response:
    """Flask's own errors, as JSON; a 405 keeps its Allow."""
    response = outcome(error.code or 500, [])
    for name, value in error.get_headers():
        if name.casefold() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def outcome(status: int, texts: list[str], fields: Mapping[str, str] | None = None) -> Response:
    """A response with one issue for each text and each field."""
    code = ISSUE_CODES.get(status, "exception")
    issues: list[dict[str, Any]] = [
        {"severity": "error", "code": code, "diagnostics": f"{name}: {text}", "expression": [name]}
        for name, text in (fields or {}).items()
    ]
    plain = texts or ([] if fields else [TEXTS.get(status, "The service failed.")])
    issues += [{"severity": "error", "code": code, "diagnostics": text} for text in plain]
    body = orjson.dumps({"resourceType": "OperationOutcome", "issue": issues})
    return Response(body, status, mimetype="application/json")


def unknown_cards(places: Collection[int], entries: int) -> Response:
    """404 for the feedback entries at *places*; if there are others of the *entries*, they were
    kept, and the answer as a whole is 200."""
    text = "This service did not show this client such a card, or long ago."
    response = outcome(404, [], {f"feedback[{place}].card": text for place in places})
    if len(places) < entries:
        response.status_code = 200
    return response


def _fields(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Marshmallow's nested messages, flat."""
    if isinstance(messages, dict):
        for key, below in messages.items():
            name = key if isinstance(key, str) else f"[{key}]"
            inner = path if name == "_schema" else f"{path}.{name}" if path else name
            yield from _fields(below, inner.replace(".[", "["))
    else:
        yield path or "body", " ".join(str(message) for message in messages)
