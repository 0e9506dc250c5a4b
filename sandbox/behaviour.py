"""Which behaviour a call meets: the base path says it, or the switch for the plain `/fhir`.

`/slow-3000/fhir` is slow and needs no state, so one test cannot disturb another. The switch is for
people: it changes what `/fhir` does while a service is running against it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from sandbox.faults import Behaviour, UnknownBehaviour, behaviour_named, normal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BASE = "/fhir"
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, accept, prefer",
    "Access-Control-Expose-Headers": "location, www-authenticate",
    "Access-Control-Max-Age": "600",
}
DESCRIPTIONS = (
    ("normal", "a FHIR server that does what it should"),
    ("slow-<ms>", "each answer comes that many milliseconds late, at most 60000"),
    ("failing-<status>", "each answer has that status, 400 to 599; 502 comes with an HTML page"),
    ("endless", "each page of a search has a next link, for ever"),
    ("foreign", "the next link of each page points to another origin"),
    ("drip", "one byte of the body every 100 ms"),
    ("html", "200 and an HTML page"),
    ("broken", "200 and JSON that breaks off"),
    ("huge", "200 and a body that does not end before 200 MB"),
    ("redirect", "302 to the same place under /fhir"),
    ("outcome", "200 and an OperationOutcome"),
    ("partial", "500 for Condition and MedicationRequest, the others answer"),
    ("secured", "401 without `Authorization: Bearer sandbox-token`"),
)


@dataclass(slots=True)
class Switch:
    """What the plain `/fhir` does now: the one value in this server that changes."""

    name: str = "normal"


def misbehaving(server: "WSGIApplication", switch: Switch) -> "WSGIApplication":
    """*server* with the behaviours around its `/fhir`, and CORS on whatever comes out."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        response = _answer(server, switch, environ)
        response.headers.update(CORS)
        return response(environ, start_response)

    return application


def _answer(server: "WSGIApplication", switch: Switch, environ: "WSGIEnvironment") -> Response:
    if environ["REQUEST_METHOD"] == "OPTIONS":
        return Response(status=204)
    behave, inner = _chosen(switch, environ)
    return behave(Request(inner), lambda: Response.from_app(server, inner, buffered=True))


def _chosen(switch: Switch, environ: "WSGIEnvironment") -> tuple[Behaviour, "WSGIEnvironment"]:
    """The behaviour, and the call as the server shall see it: the prefix is in SCRIPT_NAME."""
    path = environ.get("PATH_INFO", "")
    if re.fullmatch(rf"{BASE}(/.*)?", path):
        return behaviour_named(switch.name), environ
    prefixed = re.fullmatch(rf"(/([^/]+))({BASE}(?:/.*)?)", path)
    if not prefixed:
        return normal, environ
    try:
        behave = behaviour_named(prefixed[2])
    except UnknownBehaviour:
        return normal, environ
    root = environ.get("SCRIPT_NAME", "") + prefixed[1]
    return behave, environ | {"SCRIPT_NAME": root, "PATH_INFO": prefixed[3]}
