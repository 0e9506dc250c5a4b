"""One call as a FHIR R4 AuditEvent, built and validated with fhirclient.

Its rule: references and ids, never values. Of the patient it holds the reference, of rules and
cards the ids, of data the security labels that stood on it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fhirclient.models.auditevent import AuditEvent
from fhirclient.models.fhirabstractbase import FHIRValidationError

from hooks.reading.labels import ACT_CODE, CONFIDENTIALITY, RANKS
from hooks.reading.resources import Resource, relative

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
REST = {
    "system": f"{TERMINOLOGY}/audit-event-type",
    "code": "rest",
    "display": "Restful Operation",
}
TREAT = {"coding": [{"system": f"{TERMINOLOGY}/v3-ActReason", "code": "TREAT"}]}
HUMAN = {"coding": [{"system": f"{TERMINOLOGY}/extra-security-role-type", "code": "humanuser"}]}
SOURCE = {"coding": [{"system": DICOM, "code": "110153", "display": "Source Role ID"}]}
DESTINATION = {"coding": [{"system": DICOM, "code": "110152", "display": "Destination Role ID"}]}
PERSON = {"system": f"{TERMINOLOGY}/audit-entity-type", "code": "1", "display": "Person"}
SYSTEM = {"system": f"{TERMINOLOGY}/audit-entity-type", "code": "2", "display": "System Object"}
PATIENT = {"system": f"{TERMINOLOGY}/object-role", "code": "1", "display": "Patient"}
QUERY = {"system": f"{TERMINOLOGY}/object-role", "code": "24", "display": "Query"}
USERS = frozenset({"Practitioner", "PractitionerRole", "Patient", "RelatedPerson"})
SUCCESS, REFUSED, FAILED = "0", "4", "8"  # success, minor and serious failure


VALID: set[tuple[bool, ...]] = set()  # shapes that were validated


class InvalidAuditEvent(ValueError):
    """What was to be recorded makes no valid AuditEvent; the call is then not recorded."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A FHIR server that was asked: its base URL, and how many queries it answered or not."""

    base: str
    answered: int
    failed: int


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What is recorded of one call; empty where the call did not get that far."""

    recorded: datetime
    service: str
    hook: str
    client: str
    site: str
    status: int
    duration_ms: float
    knowledge: str
    error: str = ""  # FHIR's issue type
    request_id: str = ""
    trace_id: str = ""
    hook_instance: str = ""
    user: str = ""  # a reference
    patient: str = ""  # an id
    servers: tuple[Asked, ...] = ()
    labels: tuple[str, ...] = ()  # the codes of security labels that were met
    withheld: int = 0  # resources that were not used because of them
    evaluated: tuple[str, ...] = ()  # rules
    fired: tuple[str, ...] = ()  # those of them that advised
    missing: tuple[str, ...] = ()  # those of them that could not tell
    cards: tuple[str, ...] = ()  # uuids


def audit_event(call: CallRecord) -> Resource:
    """*call* as an AuditEvent; InvalidAuditEvent if R4 does not allow it.

    fhirclient takes longer than judging a call. All that differs between two events of one shape
    are texts, so it sees the first of each shape.
    """
    event = _event(call)
    shape = tuple(map(bool, (call.user, call.patient, call.labels, call.servers, call.error)))
    if shape not in VALID:
        _validate(event)
        VALID.add(shape)
    return event


def _validate(event: Resource) -> None:
    try:
        AuditEvent(event, strict=True).as_json()
    except (FHIRValidationError, ValueError, TypeError) as error:
        raise InvalidAuditEvent(type(error).__name__) from None


def _event(call: CallRecord) -> Resource:
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "type": REST,
        "subtype": [{"display": f"CDS Hooks {call.hook}"}],
        "action": "E",
        "recorded": call.recorded.isoformat(timespec="milliseconds"),
        "outcome": _outcome(call.status),
        "purposeOfEvent": [TREAT],
        "agent": list(_agents(call)),
        "source": {"site": call.site, "observer": {"display": "RxHooks"}},
        "entity": list(_entities(call)),
    }
    return event | ({"outcomeDesc": f"HTTP {call.status} {call.error}"} if call.error else {})


def _outcome(status: int) -> str:
    if status < 400:
        return SUCCESS
    return REFUSED if status < 500 else FAILED


def _agents(call: CallRecord) -> Iterator[Resource]:
    """The user if the call names one by reference, the client, and this service."""
    user = relative(call.user)
    if user := user if user.partition("/")[0] in USERS else "":
        yield {"type": HUMAN, "who": {"reference": user}, "requestor": True}
    yield {"type": SOURCE, "name": call.client, "requestor": not user}
    yield {"type": DESTINATION, "name": "RxHooks", "requestor": False}


def _entities(call: CallRecord) -> Iterator[Resource]:
    if call.patient:
        labels = [_label(code) for code in call.labels]
        patient: Resource = {
            "what": {"reference": f"Patient/{call.patient}"},
            "type": PERSON,
            "role": PATIENT,
        }
        yield patient | ({"securityLabel": labels} if labels else {})
    yield {
        "type": SYSTEM,
        "role": QUERY,
        "name": call.service,
        "detail": [{"type": name, "valueString": value} for name, value in _details(call) if value],
    }
    for asked in call.servers:
        counts = (("answered", asked.answered), ("failed", asked.failed))
        yield {
            "type": SYSTEM,
            "name": asked.base,
            "detail": [{"type": name, "valueString": str(count)} for name, count in counts],
        }


def _details(call: CallRecord) -> Iterator[tuple[str, str]]:
    yield "hook", call.hook
    yield "hookInstance", call.hook_instance
    yield "requestId", call.request_id
    yield "traceId", call.trace_id
    yield "knowledgeVersion", call.knowledge
    yield "durationMs", f"{call.duration_ms:.1f}"
    yield "rulesEvaluated", _listed(call.evaluated)
    yield "rulesFired", _listed(call.fired)
    yield "rulesMissing", _listed(call.missing)
    yield "restrictedNotUsed", str(call.withheld or "")
    yield "cards", _listed(call.cards)


def _listed(names: Iterable[str]) -> str:
    return " ".join(names)


def _label(code: str) -> Resource:
    return {"system": CONFIDENTIALITY if code in RANKS else ACT_CODE, "code": code}
