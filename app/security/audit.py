"""One AuditEvent a call: what the views note is written when the answer is ready to leave.

Where the audit is required and cannot be written, the answer is 503 and no card leaves. A call that
was not let in is an event as well, of nobody; it stays refused whether that can be written or not.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import orjson
from flask import Flask, Response, g, request

from app.errors import ISSUE_CODES, outcome
from app.fhir.server import FhirServer
from app.health import NEEDED
from app.metrics import observe_restricted
from app.runtime import runtime
from app.security.audit_server import AuditFailed
from app.security.audit_sinks import AuditSettings, Sink, sinks, tell_failure
from app.security.audit_token import backend_token
from app.security.clients import UNAUTHENTICATED
from app.settings import Settings
from hooks import SERVICES
from hooks.audit_events import Asked, CallRecord, InvalidAuditEvent, audit_event
from hooks.cards import Card
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.evaluate import permission
from hooks.knowledge import Knowledge
from hooks.reading.consents import any_restricted, codes_met, withheld
from hooks.reading.resources import Answer, Fetched
from hooks.service import Decision

ENDPOINTS = frozenset({"cds.call", "cds.feedback"})
NOT_AUDITED = "The call could not be recorded, and is not answered without that; try again."


def init_app(app: Flask, settings: Settings) -> None:
    """Record every call of *app* where *settings* say; to be called after all that adds headers."""
    required = settings.audit.required
    tokens = backend_token(settings.audit.server, settings.clients, settings.ca_file)
    found = sinks(settings.audit, tokens, settings.ca_file)
    app.extensions["rxhooks.audit"] = found
    if not found:
        return
    app.before_request(_begin)

    @app.after_request
    def record(response: Response) -> Response:
        if request.endpoint not in ENDPOINTS or request.method != "POST":
            return response
        written = _written(found, _record(response))
        needed = required and "client" in g
        return response if written or not needed else outcome(503, [NOT_AUDITED])


def state(app: Flask, settings: AuditSettings) -> str:
    """For health: `off`, `writable`, or failing, which is worse where the audit is required."""
    try:
        for sink in app.extensions["rxhooks.audit"]:
            sink.check()
    except AuditFailed:
        return NEEDED if settings.required else "failing"
    return "writable" if app.extensions["rxhooks.audit"] else "off"


def note_call(hook: Mapping[str, Any]) -> None:
    """Note who asks for whom; *hook* is a checked request."""
    if "audit" in g:
        g.audit |= {
            "hook_instance": str(hook["hookInstance"]),
            "user": hook["context"]["userId"],
            "patient": hook["context"]["patientId"],
        }


def note_server(server: FhirServer | Missing) -> None:
    """Note which server may be asked: one of the site's list, never a name that a client made."""
    if "audit" in g and not isinstance(server, Missing):
        g.audit_server = server.source


def note_decision(
    answers: Mapping[str, Answer], decision: Decision, hook: Mapping[str, Any], known: Knowledge
) -> None:
    """Note what was asked and met, and which rules answered how; count what was restricted."""
    kept = 0
    if any_restricted(answers):
        today = datetime.now(UTC).date()
        allowed = permission(answers, hook["context"]["patientId"], known, today)
        kept = withheld(answers, allowed)
        observe_restricted("withheld" if kept else "used")
    if "audit" not in g:
        return
    applies = {
        truth: sorted({f.rule.id for f in decision.findings if f.outcome.applies is truth})
        for truth in (Truth.YES, Truth.UNKNOWN)
    }
    g.audit |= {
        "servers": _asked(answers, g.pop("audit_server", "")),
        "labels": tuple(codes_met(answers)),
        "withheld": kept,
        "evaluated": tuple(sorted({finding.rule.id for finding in decision.findings})),
        "fired": tuple(applies[Truth.YES]),
        "missing": tuple(applies[Truth.UNKNOWN]),
        "knowledge": known.version,
    }


def note_cards(cards: tuple[Card, ...]) -> None:
    """Note which cards are to leave."""
    if "audit" in g:
        g.audit["cards"] = tuple(card.uuid for card in cards)


def _begin() -> None:
    if request.endpoint in ENDPOINTS:
        g.audit = {}


def _record(response: Response) -> CallRecord:
    service = SERVICES.get((request.view_args or {}).get("service_id", ""))
    client, trace = g.get("client"), g.get("trace")
    status = response.status_code
    record = CallRecord(
        recorded=datetime.now(UTC),
        service=service.id if service else "unknown",
        hook=_hook(service.hook if service else "unknown"),
        client=client.name if client is not None else UNAUTHENTICATED,
        site=runtime().settings.base_url,
        status=status,
        duration_ms=(perf_counter() - g.started) * 1000,
        knowledge=runtime().knowledge.version,
        error=ISSUE_CODES.get(status, "exception") if status >= 400 else "",
        request_id=trace.request_id if trace is not None else "",
        trace_id=trace.trace_id if trace is not None else "",
    )
    return replace(record, **g.get("audit", {}))


def _hook(name: str) -> str:
    return "feedback" if request.endpoint == "cds.feedback" else name


def _written(found: tuple[Sink, ...], record: CallRecord) -> bool:
    """Whether every sink has taken *record*."""
    try:
        event = orjson.dumps(audit_event(record))
        for sink in found:
            sink.write(event)
    except (AuditFailed, InvalidAuditEvent) as error:
        tell_failure(AuditFailed(str(error)))
        return False
    return True


def _asked(answers: Mapping[str, Answer], base: str) -> tuple[Asked, ...]:
    """The server that was asked, if one was, and with what success."""
    failed = [a for a in answers.values() if isinstance(a, Missing) and a.why is Why.NOT_FETCHED]
    answered = [a for a in answers.values() if isinstance(a, Fetched) and a.source == base]
    told = base and (failed or answered)
    return (Asked(base, len(answered), len(failed)),) if told else ()
