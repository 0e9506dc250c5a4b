"""Discovery, the call of a service, and feedback on its cards."""

from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import orjson
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import MethodNotAllowed

from app import metrics
from app.cds.body import json_body
from app.cds.schemas import dump_card, dump_service, load_json, load_request
from app.errors import (
    ForeignFhirServer,
    NothingFetched,
    NotKept,
    UnknownService,
    http_error,
    outcome,
    unknown_cards,
)
from app.feedback import showing
from app.feedback.schemas import FeedbackRequest
from app.feedback.store import StoreUnavailable
from app.feedback.tables import FeedbackEntry, Sender
from app.fhir.deadline import Deadline
from app.fhir.gather import gather
from app.fhir.server import FhirServer
from app.logs import get_logger
from app.runtime import Runtime, runtime
from app.security import audit
from app.security.fhir_servers import allowed
from app.tracing import traced
from hooks import SERVICES
from hooks.card_text import labelled
from hooks.cards import Card, unchecked_card
from hooks.clinical.biomarkers import is_failed
from hooks.clinical.facts import Missing, Why
from hooks.extension import unchecked_json
from hooks.knowledge import Knowledge
from hooks.reading.consents import any_restricted
from hooks.reading.resources import Answer
from hooks.service import Decision, HookService

bp = Blueprint("cds", __name__, url_prefix="/cds-services")
FEEDBACK = FeedbackRequest()
MOST_ROUNDS = 4  # a medication, the drugs' queries, what active orders refer to, the consents


@bp.get("")
def discover() -> Response:
    """Every service, with its prefetch templates."""
    knowledge = runtime().knowledge_of(g.client)
    return _json({"services": [dump_service(service, knowledge) for service in SERVICES.values()]})


@bp.post("/<service_id>")
def call(service_id: str) -> Response:
    """The cards of one service for one call."""
    started = perf_counter()
    service = _service(service_id)
    hook = load_request(json_body(), service.hook)
    audit.note_call(hook)
    current = runtime()
    answers = answers_for(service, hook, current)
    metrics.observe_answers(answers)
    knowledge = current.knowledge_of(g.client)
    now = datetime.now(UTC)
    decision = service.decide(hook["context"], answers, knowledge, now)
    audit.note_decision(answers, decision, hook, knowledge)
    kept = (knowledge, current.store)
    told = showing.reduced(decision, service, hook, *kept, current.settings.repeat_secret, now)
    cards = _cards(told.decision, knowledge, current)
    audit.note_cards(cards)
    showing.remember(cards, service, hook, *kept, told.traces)
    _tell(decision, cards, service, hook, perf_counter() - started)
    return _json(_answer(cards, told))


@bp.post("/<service_id>/feedback")
def feedback(service_id: str) -> Response:
    """What became of cards; what is malformed is refused as a whole.

    An entry on a card that this service did not show this client is not found; the others are kept.
    """
    service = _service(service_id)
    entries = FEEDBACK.load(load_json(json_body()))
    lost = _record(service, entries, runtime())
    outcomes = [each.outcome for place, each in enumerate(entries) if place not in lost]
    metrics.observe_feedback(service.id, [*outcomes, *["not-found"] * len(lost)])
    client = showing.client_name()
    get_logger().info("feedback", service=service.id, client=client, count=len(outcomes))
    return unknown_cards(lost, len(entries)) if lost else _json({})


def _record(
    service: HookService, entries: tuple[FeedbackEntry, ...], current: Runtime
) -> list[int]:
    """Keep *entries*; the places of those on unknown cards."""
    if current.store is None:
        return []
    offered = showing.reasons(current.knowledge_of(g.client))
    sender = Sender(showing.client_name(), service.id)
    try:
        return current.store.record(sender, entries, offered)
    except StoreUnavailable as error:
        metrics.observe_store_failure("feedback")
        get_logger().warning("store unavailable", error=str(error), service=service.id)
        raise NotKept from error


@bp.app_errorhandler(MethodNotAllowed)
def another_method(error: MethodNotAllowed) -> Response:
    """405; 404 where no service has the id that was called."""
    _, place, name, *_ = [*request.path.split("/"), "", ""]
    if place == "cds-services" and name and name not in SERVICES:
        return outcome(404, ["Unknown service."])
    return http_error(error)


def answers_for(service: HookService, hook: dict[str, Any], current: Runtime) -> dict[str, Answer]:
    """Every answer that the decision needs, under one deadline; each round may need another."""
    deadline = Deadline.in_ms(current.settings.deadline_ms)
    knowledge = current.knowledge_of(g.client)
    server = traced(_server(hook, current, deadline))
    audit.note_server(server)
    pool = current.fhir.pool_for(server)
    answers: dict[str, Answer] = {}
    for _ in range(MOST_ROUNDS):
        needed = service.needs(hook["context"], answers, knowledge)
        queries = {key: query for key, query in needed.items() if key not in answers}
        if not queries:
            break
        answers |= gather(queries, hook["prefetch"], server, pool, deadline)
        medications = any(key.casefold().startswith("medication") for key in queries)
        if not medications and not any_restricted(answers):
            break  # only medications and labels can name something more
    return answers


def _server(hook: dict[str, Any], current: Runtime, deadline: Deadline) -> FhirServer | Missing:
    """The FHIR server that the call names, if it may be contacted."""
    if "fhirServer" not in hook:
        return Missing("fhirServer", Why.NOT_FETCHED, "neither prefetch nor a FHIR server")
    base = allowed(hook["fhirServer"], g.client.fhir_servers)
    if isinstance(base, Missing):
        if g.client.issuer:
            raise ForeignFhirServer
        return base
    return current.fhir.server(base, g.client, hook, deadline)


def _cards(decision: Decision, knowledge: Knowledge, current: Runtime) -> tuple[Card, ...]:
    """The decision's cards; where nothing could be judged, 412 or a card that says so."""
    if not decision.blind:
        return decision.cards
    gaps = [gap for finding in decision.findings for gap in labelled(finding, knowledge)]
    gaps += decision.remarks
    if current.settings.unchecked == "412":
        raise NothingFetched([f"{gap.what}: {gap.detail or gap.why.value}" for gap in _once(gaps)])
    if all(is_failed(finding) for card in decision.cards for finding in card.about):
        return (unchecked_card(gaps),)
    return decision.cards


def _once(gaps: list[Missing]) -> list[Missing]:
    return list(dict.fromkeys(gaps))


def _answer(cards: tuple[Card, ...], told: showing.Showing) -> dict[str, Any]:
    answer: dict[str, Any] = {"cards": [dump_card(card) for card in cards]}
    found = {
        "org.rxhooks.unchecked": unchecked_json(told.decision.findings, told.decision.remarks),
        "org.rxhooks.repeated": showing.repeated_json(told.left_out),
    }
    if extension := {name: value for name, value in found.items() if value}:
        answer["extension"] = extension
    return answer


def _tell(
    decision: Decision,
    cards: tuple[Card, ...],
    service: HookService,
    hook: dict[str, Any],
    seconds: float,
) -> None:
    """One log line and the metrics, without a patient's data."""
    metrics.observe_cards(service.id, [card.indicator for card in cards])
    metrics.observe_findings(decision.findings)
    get_logger().info(
        "answered",
        service=service.id,
        client=showing.client_name(),
        hook_instance=str(hook["hookInstance"]),
        cards=len(cards),
        rules=sorted({finding.rule.id for finding in decision.findings}),
        missing=sorted({gap.why.name for f in decision.findings for gap in f.missing}),
        duration_ms=round(seconds * 1000, 1),
        knowledge=runtime().knowledge.version,
        status=200,
    )


def _service(service_id: str) -> HookService:
    try:
        return SERVICES[service_id]
    except KeyError:
        raise UnknownService from None


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), mimetype="application/json")
