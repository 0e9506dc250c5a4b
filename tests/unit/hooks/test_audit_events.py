"""One call as an AuditEvent: references and ids, in the form of FHIR R4."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fhirclient.models.auditevent import AuditEvent

from hooks import audit_events
from hooks.audit_events import Asked, CallRecord, InvalidAuditEvent, audit_event

BARE = CallRecord(
    recorded=datetime(2026, 11, 21, 10, 0, tzinfo=UTC),
    service="rxhooks-order-select",
    hook="order-select",
    client="hospital",
    site="https://rxhooks.example",
    status=200,
    duration_ms=3.25,
    knowledge="abc123",
)
WHOLE = replace(
    BARE,
    request_id="0" * 32,
    trace_id="1" * 32,
    hook_instance="d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    user="https://ehr.example/fhir/Practitioner/7",
    patient="p1",
    servers=(Asked("https://ehr.example/fhir", 4, 1),),
    labels=("GDIS", "R"),
    withheld=2,
    evaluated=("a", "b"),
    fired=("a",),
    missing=("b",),
    cards=("c1", "c2"),
)


def details(event: dict[str, Any], name: str) -> dict[str, str]:
    [entity] = [each for each in event["entity"] if each.get("name") == name]
    return {each["type"]: each["valueString"] for each in entity["detail"]}


@pytest.mark.parametrize("call", [BARE, WHOLE, replace(WHOLE, status=412, error="incomplete")])
def test_an_event_is_valid_r4(call: CallRecord) -> None:
    event = audit_event(call)
    again = AuditEvent(event, strict=True).as_json()
    assert again["recorded"].startswith("2026-11-21T10:00:00")
    assert {**again, "recorded": ""} == {**event, "recorded": ""}


def test_it_says_who_asked_for_whom_and_what_came_of_it() -> None:
    event = audit_event(WHOLE)
    user, client, us = event["agent"]
    assert user["who"]["reference"] == "Practitioner/7"
    assert (user["requestor"], client["requestor"], us["requestor"]) == (True, False, False)
    assert client["name"] == "hospital"
    patient = event["entity"][0]
    assert patient["what"]["reference"] == "Patient/p1"
    assert [label["code"] for label in patient["securityLabel"]] == ["GDIS", "R"]
    assert details(event, "rxhooks-order-select") == {
        "hook": "order-select",
        "hookInstance": WHOLE.hook_instance,
        "requestId": "0" * 32,
        "traceId": "1" * 32,
        "knowledgeVersion": "abc123",
        "durationMs": "3.2",
        "rulesEvaluated": "a b",
        "rulesFired": "a",
        "rulesMissing": "b",
        "restrictedNotUsed": "2",
        "cards": "c1 c2",
    }
    assert details(event, "https://ehr.example/fhir") == {"answered": "4", "failed": "1"}


@pytest.mark.parametrize("user", ["Erika Mustermann", "Erika/Mustermann", "", "Practitioner/a b"])
def test_a_user_that_is_no_reference_is_not_recorded(user: str) -> None:
    event = audit_event(replace(WHOLE, user=user))
    assert [agent.get("who") for agent in event["agent"]] == [None, None]
    assert "Mustermann" not in str(event)


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "0"), (400, "4"), (412, "4"), (500, "8"), (503, "8")]
)
def test_the_outcome_follows_the_status(status: int, outcome: str) -> None:
    event = audit_event(replace(BARE, status=status, error="x" if status >= 400 else ""))
    assert event["outcome"] == outcome
    assert ("outcomeDesc" in event) == (status >= 400)


def test_what_is_not_valid_is_refused_without_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_events, "VALID", set())
    with pytest.raises(InvalidAuditEvent) as caught:
        audit_event(replace(BARE, client=b"Erika"))  # type: ignore[arg-type]
    assert "Erika" not in str(caught.value)
