"""What ties a request's log lines together, and to those of client and FHIR server.

Its rule: an id from outside is taken only in a form that can say nothing of a patient: a UUID or 32
hexadecimal digits for `X-Request-ID`, W3C Trace Context for `traceparent`. `tracestate`, which may
hold anything, is neither kept nor passed on.
"""

import os
import re
from dataclasses import dataclass, replace
from time import perf_counter

from flask import Flask, Response, g, request

from app.fhir.server import FhirServer
from app.logs import context, get_logger
from hooks import SERVICES
from hooks.clinical.facts import Missing

REQUEST_ID = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}"
)
TRACEPARENT = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
    r"(?P<more>-.*)?"
)
HEADER = "X-Request-ID"
TOLD = frozenset({401, 500})  # have a line of their own, with the reason


@dataclass(frozen=True, slots=True)
class Trace:
    """The ids of one request; *trace_id* is empty where the client sent none that is valid."""

    request_id: str
    trace_id: str = ""
    flags: str = ""

    def outgoing(self) -> dict[str, str]:
        """The headers that tell a FHIR server what its answer is for: a span of our own."""
        if not self.trace_id:
            return {}
        return {"traceparent": f"00-{self.trace_id}-{os.urandom(8).hex()}-{self.flags}"}


def init_app(app: Flask) -> None:
    """Give every request of *app* its ids, in the logs and in the answer."""
    app.before_request(_begin)
    app.after_request(_tell)
    app.teardown_request(_end)


def current() -> Trace:
    """The ids of the request at hand."""
    found: Trace = g.trace
    return found


def traced(server: FhirServer | Missing) -> FhirServer | Missing:
    """*server*, which is then told what its answers are for."""
    headers = current().outgoing()
    if not headers or isinstance(server, Missing):
        return server
    return replace(server, trace=headers)


def trace_of(request_id: str, traceparent: str) -> Trace:
    """The ids that two headers give; what is not valid is left out, or made anew."""
    given = request_id if REQUEST_ID.fullmatch(request_id) else os.urandom(16).hex()
    found = TRACEPARENT.fullmatch(traceparent)
    if found is None or not _is_valid(found):
        return Trace(given)
    return Trace(given, found["trace"], found["flags"] if found["version"] == "00" else "00")


def _is_valid(found: re.Match[str]) -> bool:
    """Trace Context: version ff and ids of zeros are invalid; version 00 has nothing more."""
    known = found["version"] != "ff" and (found["version"] != "00" or found["more"] is None)
    return known and bool(found["trace"].strip("0")) and bool(found["parent"].strip("0"))


def _begin() -> None:
    g.started = perf_counter()
    g.trace = trace_of(request.headers.get(HEADER, ""), request.headers.get("traceparent", ""))
    ids = {"request_id": g.trace.request_id}
    g.log_context = context.set(ids | ({"trace_id": g.trace.trace_id} if g.trace.trace_id else {}))


def _tell(response: Response) -> Response:
    if "trace" in g:
        response.headers[HEADER] = g.trace.request_id
    if request.blueprint == "cds" and 400 <= response.status_code not in TOLD:
        get_logger().info("refused", service=_service(), status=response.status_code)
    return response


def _service() -> str:
    """The service called, by an id of ours; never what a client made of it."""
    name = (request.view_args or {}).get("service_id", "")
    return name if name in SERVICES else "unknown"


def _end(_error: BaseException | None) -> None:
    if "log_context" in g:
        context.reset(g.pop("log_context"))
