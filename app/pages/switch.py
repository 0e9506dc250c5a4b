"""The sandbox FHIR server's switch: what its plain `/fhir` does while the service asks it.

Only a server on loopback whose base is `/fhir` is taken for one that has a switch; it stands
beside the base, at `/behaviour`. No other server is asked.
"""

from typing import Any
from urllib.parse import urlsplit

import orjson
import requests

from app.fhir.bodies import body_of, parsed
from app.fhir.deadline import Deadline
from app.fhir.exchange import Limits, sent
from app.fhir.reasons import FhirUnavailable, refuse, told
from app.runtime import runtime
from app.security.urls import LOOPBACK

BEHAVIOURS = (
    ("normal", "behaves"),
    ("slow-700", "is slow (0.7 s)"),
    ("slow-3000", "is very slow (3 s)"),
    ("failing-500", "fails (HTTP 500)"),
    ("failing-403", "refuses (HTTP 403)"),
    ("partial", "fails for problems and medications"),
    ("broken", "sends half an answer"),
    ("html", "sends a sign-in page"),
    ("foreign", "points to another server"),
    ("drip", "drips, a byte at a time"),
)
NAMES = frozenset(name for name, _ in BEHAVIOURS)
SWITCH_MS = 1_500
LARGEST = 10_000  # bytes of an answer


class NoSwitch(LookupError):
    """The server has no switch that could be read or turned."""


def behaviour(base: str) -> str:
    """What the sandbox at *base* does now; raises NoSwitch."""
    return _named(_asked("GET", base))


def turn(base: str, name: str) -> str:
    """Make the sandbox at *base* do something else; raises NoSwitch."""
    return _named(_asked("PUT", base, orjson.dumps({"behaviour": name})))


def _asked(method: str, base: str, body: bytes | None = None) -> Any:
    deadline, limits = Deadline.in_ms(SWITCH_MS), Limits(max_bytes=LARGEST)
    session = runtime().fhir.public
    request = requests.PreparedRequest()
    request.prepare(method, _address(base), headers=dict(session.headers), data=body)

    def answer() -> bytes:
        with sent(session, request, deadline, limits) as response:
            refuse(response.status_code)
            return body_of(response, LARGEST, LARGEST, deadline)

    try:
        return parsed(told(answer))
    except FhirUnavailable as error:
        raise NoSwitch from error


def _address(base: str) -> str:
    parts = urlsplit(base)
    if parts.hostname not in LOOPBACK or parts.path.rstrip("/") != "/fhir":
        raise NoSwitch
    return f"{parts.scheme}://{parts.netloc}/behaviour"


def _named(answer: Any) -> str:
    name = answer.get("behaviour") if isinstance(answer, dict) else None
    if not isinstance(name, str):
        raise NoSwitch
    return name
