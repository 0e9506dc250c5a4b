"""Discovery, the call of a service, and feedback on its cards."""

from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed

from app import metrics
from app.cds.body import json_body
from app.cds.schemas import dump_card, dump_service, load_json, load_request
from app.errors import NothingFetched, NotKept, UnknownService, http_error, outcome
from app.feedback.schemas import FeedbackRequest
from app.feedback.store import ShownCard, StoreUnavailable
from app.fhir.deadline import Deadline
from app.fhir.gather import gather
from app.fhir.server import FhirServer
from app.logs import get_logger
from app.runtime import Runtime, runtime
from app.security.fhir_servers import allowed
from hooks import SERVICES
from hooks.cards import Card, unchecked_card
from hooks.clinical.facts import Missing, Why
from hooks.extension import unchecked_json
from hooks.reading.resources import Answer
from hooks.service import Decision, HookService

bp = Blueprint("cds", __name__, url_prefix="/cds-services")
FEEDBACK = FeedbackRequest()
MOST_ROUNDS = 3  # a medication, the drugs' queries, the medications that active orders refer to


@bp.get("")
def discover() -> Response:
    """Every service, with its prefetch templates."""
    knowledge = runtime().knowledge
    return _json({"services": [dump_service(service, knowledge) for service in SERVICES.values()]})


@bp.post("/<service_id>")
def call(service_id: str) -> Response:
    """The cards of one service for one call."""
    started = perf_counter()
    service = _service(service_id)
    hook = load_request(json_body(), service.hook)
    current = runtime()
    answers = answers_for(service, hook, current)
    metrics.observe_answers(answers)
    decision = service.decide(hook["context"], answers, current.knowledge, _today())
    cards = _cards(decision, current)
    _remember(cards, service, hook, current)
    _tell(decision, cards, service, hook, perf_counter() - started)
    return _json(_answer(cards, decision))


@bp.post("/<service_id>/feedback")
def feedback(service_id: str) -> Response:
    """What became of cards; accepted as a whole or not at all."""
    service = _service(service_id)
    entries = FEEDBACK.load(load_json(json_body()))
    store = runtime().store
    if store is not None:
        try:
            store.record(service.id, entries)
        except StoreUnavailable as error:
            raise NotKept from error
    metrics.observe_feedback(service.id, [entry.outcome for entry in entries])
    get_logger().info("feedback", service=service.id, count=len(entries))
    return _json({})


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
    server = _server(hook, current, deadline)
    answers: dict[str, Answer] = {}
    for _ in range(MOST_ROUNDS):
        needed = service.needs(hook["context"], answers, current.knowledge)
        queries = {key: query for key, query in needed.items() if key not in answers}
        if not queries:
            break
        answers |= gather(queries, hook["prefetch"], server, current.pool, deadline)
        if not any(key.casefold().startswith("medication") for key in queries):
            break  # only medications can name something more
    return answers


def _server(hook: dict[str, Any], current: Runtime, deadline: Deadline) -> FhirServer | Missing:
    """The FHIR server that the call names, if it may be contacted."""
    if "fhirServer" not in hook:
        return Missing("fhirServer", Why.NOT_FETCHED, "neither prefetch nor a FHIR server")
    base = allowed(hook["fhirServer"], current.settings.fhir_servers)
    if isinstance(base, Missing):
        return base
    token = hook.get("fhirAuthorization", {})
    if token and token["expires_in"] <= 0:
        return Missing("fhirServer", Why.NOT_FETCHED, "the access token has expired")
    return FhirServer(base, token.get("access_token"), current.session, deadline)


def _cards(decision: Decision, current: Runtime) -> tuple[Card, ...]:
    """The decision's cards; where nothing could be judged, 412 or a card that says so."""
    if not decision.blind:
        return decision.cards
    gaps = [gap for finding in decision.findings for gap in finding.missing]
    gaps += decision.remarks
    if current.settings.unchecked == "412":
        raise NothingFetched([f"{gap.what}: {gap.detail or gap.why.value}" for gap in _once(gaps)])
    return decision.cards or (unchecked_card(gaps),)


def _once(gaps: list[Missing]) -> list[Missing]:
    return list(dict.fromkeys(gaps))


def _answer(cards: tuple[Card, ...], decision: Decision) -> dict[str, Any]:
    answer: dict[str, Any] = {"cards": [dump_card(card) for card in cards]}
    unchecked = unchecked_json(decision.findings, decision.remarks)
    if unchecked:
        answer["extension"] = {"org.rxhooks.unchecked": unchecked}
    return answer


def _remember(
    cards: tuple[Card, ...], service: HookService, hook: dict[str, Any], current: Runtime
) -> None:
    """Note which cards were shown; a store that fails never holds up the answer."""
    if current.store is None or not cards:
        return
    shown = [
        ShownCard(
            card=card.uuid,
            service=service.id,
            hook_instance=str(hook["hookInstance"]),
            rules=tuple(finding["rule"] for finding in card.findings),
            indicator=card.indicator,
            outcome=card.findings[0]["outcome"] if card.findings else "cannot-tell",
        )
        for card in cards
    ]
    try:
        current.store.remember_shown(shown)
    except StoreUnavailable as error:
        get_logger().warning("store unavailable", error=str(error), service=service.id)


def _tell(
    decision: Decision,
    cards: tuple[Card, ...],
    service: HookService,
    hook: dict[str, Any],
    seconds: float,
) -> None:
    """One log line and the metrics, without a patient's data."""
    metrics.observe_cards(service.id, [card.indicator for card in cards])
    get_logger().info(
        "answered",
        service=service.id,
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


def _today() -> Any:
    return datetime.now(UTC).date()


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), mimetype="application/json")
