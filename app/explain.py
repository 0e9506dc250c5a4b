"""`rxhooks explain`: a request a line, and for each what was found, silent findings included."""

import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import msgspec
import orjson
from marshmallow import ValidationError

from app.cds.schemas import NotJson, dump_card, load_request
from app.fhir.deadline import Deadline
from app.fhir.gather import gather
from hooks import SERVICES
from hooks.clinical.facts import Missing, Why
from hooks.extension import finding_json, unchecked_json
from hooks.knowledge import Knowledge
from hooks.reading.resources import Answer
from hooks.service import HookService

BY_HOOK = {service.hook: service for service in SERVICES.values()}
NO_SERVER = Missing("fhirServer", Why.NOT_FETCHED, "not in the prefetch; explain asks no server")
MOST_ROUNDS = 4
FAULT = "a fault of ours"


class UnknownHook(LookupError):
    """No service is for the hook of this line."""


def explain(lines: Iterable[bytes], knowledge: Knowledge, as_of: date) -> Iterator[dict[str, Any]]:
    """One answer a line; a line that cannot be read is told, and the run goes on.

    So it does after a fault of ours, whose trace goes to standard error.
    """
    for line in lines:
        if line.strip():
            try:
                yield _explained(line, knowledge, as_of)
            except ValidationError as error:
                yield {**_instance(line), "error": f"invalid request: {_fields(error)}"}
            except NotJson:
                yield {**_instance(line), "error": "not a JSON object"}
            except UnknownHook:
                yield {**_instance(line), "error": "no service is for this hook"}
            except Exception:
                traceback.print_exc()
                yield {**_instance(line), "error": FAULT}


def _explained(line: bytes, knowledge: Knowledge, as_of: date) -> dict[str, Any]:
    service = _service(line)
    hook = load_request(line, service.hook)
    answers = _answers(service, hook, knowledge)
    decision = service.decide(hook["context"], answers, knowledge, as_of)
    told: dict[str, Any] = {
        "hookInstance": str(hook["hookInstance"]),
        "findings": [finding_json(finding, knowledge) for finding in decision.findings],
        "cards": [dump_card(card) for card in decision.cards],
    }
    unchecked = unchecked_json(decision.findings, decision.remarks)
    return told | ({"unchecked": unchecked} if unchecked else {})


def _answers(service: HookService, hook: dict[str, Any], knowledge: Knowledge) -> dict[str, Answer]:
    """What the prefetch answers; everything else is not fetched."""
    answers: dict[str, Answer] = {}
    with ThreadPoolExecutor(1) as pool:
        for _ in range(MOST_ROUNDS):
            needed = service.needs(hook["context"], answers, knowledge)
            queries = {key: query for key, query in needed.items() if key not in answers}
            deadline = Deadline.in_ms(10_000)
            answers |= gather(queries, hook["prefetch"], NO_SERVER, pool, deadline)
    return answers


def _service(line: bytes) -> HookService:
    """The service for the line's hook."""
    found = _peek(line)
    if not isinstance(found.get("hook"), str) or found["hook"] not in BY_HOOK:
        raise UnknownHook
    return BY_HOOK[found["hook"]]


def _instance(line: bytes) -> dict[str, str]:
    try:
        instance = _peek(line).get("hookInstance")
    except NotJson:
        return {}
    return {"hookInstance": instance} if isinstance(instance, str) else {}


def _peek(line: bytes) -> dict[str, Any]:
    try:
        raw = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
        named = {key: raw[key] for key in ("hook", "hookInstance") if key in raw}
        return {key: orjson.loads(memoryview(value)) for key, value in named.items()}
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NotJson from error


def _fields(error: ValidationError) -> str:
    return ", ".join(sorted(map(str, error.messages))) if isinstance(error.messages, dict) else ""
