"""Feedback as the public sandbox and the specification's examples send it, and as nobody should."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import ValidationError

from app.feedback.schemas import MOST_ENTRIES, MOST_SUGGESTIONS, FeedbackRequest
from app.feedback.tables import FeedbackEntry

CARD = "ef4940fc-5171-4d2b-8f26-e28b3db4dd4b"
SUGGESTION = "7be8696f-2027-4c48-8696-f97c9127eff3"
HOSTILE = "Erika Mustermann\n<script>"


def accepted(**changes: object) -> dict[str, Any]:
    """An entry as the public sandbox sends it when a suggestion is taken."""
    return {
        "card": CARD,
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": SUGGESTION}],
        "outcomeTimestamp": "2026-11-21T18:25:08.096Z",
    } | changes


def overridden(**changes: object) -> dict[str, Any]:
    """An entry as the public sandbox sends it when a card is dismissed with a reason."""
    return {
        "card": CARD,
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-21T18:25:31.612Z",
        "overrideReason": {"reason": {"code": "r1", "system": "http://example.org/reasons"}},
    } | changes


def without(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != key}


def load(*entries: object) -> tuple[FeedbackEntry, ...]:
    loaded: tuple[FeedbackEntry, ...] = FeedbackRequest().load({"feedback": list(entries)})
    return loaded


def refused(body: Any) -> str:
    """The messages for *body*, as text."""
    with pytest.raises(ValidationError) as caught:
        FeedbackRequest().load(body)
    return json.dumps(caught.value.messages)


def test_an_accepted_suggestion_is_read() -> None:
    assert load(accepted()) == (
        FeedbackEntry(
            card=CARD,
            outcome="accepted",
            outcome_timestamp=datetime(2026, 11, 21, 18, 25, 8, 96_000, UTC),
            accepted_suggestions=(SUGGESTION,),
        ),
    )


def test_an_override_with_a_coded_reason_is_read() -> None:
    assert load(overridden()) == (
        FeedbackEntry(
            card=CARD,
            outcome="overridden",
            outcome_timestamp=datetime(2026, 11, 21, 18, 25, 31, 612_000, UTC),
            override_code="r1",
            override_system="http://example.org/reasons",
        ),
    )


def test_an_override_needs_no_reason() -> None:
    (entry,) = load(without(overridden(), "overrideReason"))
    assert (entry.override_code, entry.override_system) == ("", "")


def test_a_reason_may_be_a_comment_alone_and_the_comment_is_forgotten() -> None:
    (entry,) = load(overridden(overrideReason={"userComment": HOSTILE}))
    assert entry.override_code == ""
    assert "Erika" not in repr([getattr(entry, name) for name in entry.__slots__])


def test_a_reason_may_lack_its_system() -> None:
    (entry,) = load(overridden(overrideReason={"reason": {"code": "r1", "display": "Reason"}}))
    assert (entry.override_code, entry.override_system) == ("r1", "")


def test_several_entries_keep_their_order() -> None:
    outcomes = [entry.outcome for entry in load(overridden(), accepted(), overridden())]
    assert outcomes == ["overridden", "accepted", "overridden"]


def test_a_thousand_entries_are_read() -> None:
    assert len(load(*[accepted()] * MOST_ENTRIES)) == MOST_ENTRIES


def test_what_a_later_specification_adds_is_ignored() -> None:
    assert load(accepted(extension={"org.example": 1})) == load(accepted())


def test_a_reason_on_an_accepted_card_is_not_kept() -> None:
    (entry,) = load(accepted(overrideReason={"reason": {"code": "r1"}, "userComment": "why"}))
    assert entry.override_code == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-12-11T00:00:00Z", datetime(2020, 12, 11, tzinfo=UTC)),
        ("1985-04-12T23:20:50.52Z", datetime(1985, 4, 12, 23, 20, 50, 520_000, UTC)),
        ("1996-12-19T16:39:57-08:00", datetime(1996, 12, 20, 0, 39, 57, tzinfo=UTC)),
        ("2020-12-11T00:00:00+00:00", datetime(2020, 12, 11, tzinfo=UTC)),
        ("2020-12-11t00:00:00z", datetime(2020, 12, 11, tzinfo=UTC)),
        ("1990-12-31T23:59:60Z", datetime(1990, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2020-12-11T00:00:00.123456789Z", datetime(2020, 12, 11, 0, 0, 0, 123_456, UTC)),
    ],
)
def test_every_form_of_an_rfc_3339_time_is_read(text: str, expected: datetime) -> None:
    (entry,) = load(accepted(outcomeTimestamp=text))
    assert entry.outcome_timestamp == expected


@pytest.mark.parametrize(
    "text",
    [
        *("2020-12-11T00:00:00", "2020-12-11", "20201211T000000Z", "2020-W50-5T00:00:00Z"),
        *("2020-02-30T00:00:00Z", "2020-12-11T25:00:00Z", "0001-01-01T00:00:00+14:00"),
        *("2020-12-11T00:00:00+25:00", "٢٠٢٠-12-11T00:00:00Z", "", 1_607_644_800, None, {}),
    ],
)
def test_anything_else_is_no_time(text: object) -> None:
    assert "outcomeTimestamp" in refused({"feedback": [accepted(outcomeTimestamp=text)]})


@pytest.mark.parametrize("key", ["card", "outcome", "outcomeTimestamp", "acceptedSuggestions"])
def test_a_missing_field_is_named(key: str) -> None:
    assert key in refused({"feedback": [without(accepted(), key)]})


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        (accepted(card=HOSTILE), "card"),
        (accepted(outcome=HOSTILE), "outcome"),
        (accepted(acceptedSuggestions=[]), "acceptedSuggestions"),
        (accepted(acceptedSuggestions=[{"id": HOSTILE}]), "acceptedSuggestions"),
        (accepted(acceptedSuggestions=[{}] * (MOST_SUGGESTIONS + 1)), "acceptedSuggestions"),
        (accepted(outcomeTimestamp=HOSTILE), "outcomeTimestamp"),
        (overridden(overrideReason=HOSTILE), "overrideReason"),
        (overridden(overrideReason={"reason": {"code": ""}}), "code"),
        (overridden(overrideReason={"reason": {"code": HOSTILE * 20}}), "code"),
        (overridden(overrideReason={"reason": {"code": "r1", "system": [HOSTILE]}}), "system"),
        (overridden(overrideReason={"userComment": {HOSTILE: HOSTILE}}), "userComment"),
    ],
)
def test_a_message_names_the_field_and_does_not_repeat_its_value(
    entry: dict[str, Any], named: str
) -> None:
    messages = refused({"feedback": [entry]})
    assert named in messages
    assert "Erika" not in messages
    assert "script" not in messages


@pytest.mark.parametrize(
    "body",
    [
        *({}, [], None, "feedback", 1, {"feedback": None}, {"feedback": {}}, {"feedback": []}),
        *({"feedback": [None]}, {"feedback": ["x"]}, {"feedback": [[]]}),
        {"feedback": [accepted(acceptedSuggestions={"id": SUGGESTION})]},
        {"feedback": [accepted(acceptedSuggestions=[None])]},
        {"feedback": [overridden(overrideReason={"reason": []})]},
    ],
)
def test_a_body_of_another_shape_is_refused(body: object) -> None:
    assert refused(body)


def test_one_bad_entry_refuses_all() -> None:
    assert '"1"' in refused({"feedback": [accepted(), {}, accepted()]})


def test_too_many_entries_are_refused_without_reading_them() -> None:
    messages = refused({"feedback": [{}] * (MOST_ENTRIES + 1)})
    assert messages == f'{{"feedback": ["Longer than {MOST_ENTRIES}."]}}'
