"""CDS Hooks feedback, checked. Messages name fields and never repeat what was in them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    post_load,
    pre_load,
    validate,
    validates_schema,
)

from app.feedback.tables import LONGEST_TEXT, FeedbackEntry

MOST_ENTRIES = 1_000
MOST_SUGGESTIONS = 100
RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:(?P<second>\d\d)(?:\.\d{1,30})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
LEAP = "60"


def moment(value: object) -> datetime:
    """The UTC time that an RFC 3339 text with a zone stands for; a leap second counts as 59."""
    match = RFC3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValidationError("Not an RFC 3339 time with a zone.")
    text = match.string
    if match["second"] == LEAP:
        text = f"{text[: match.start('second')]}59{text[match.end('second') :]}"
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValidationError("Not a time that exists.") from None


def refuse_longer(data: object, name: str, most: int) -> None:
    """Refuse a list that is too long before its items are looked at."""
    listed = data.get(name) if isinstance(data, dict) else None
    if isinstance(listed, list) and len(listed) > most:
        raise ValidationError({name: [f"Longer than {most}."]})


class _Lenient(Schema):
    """What a later version of the specification adds is ignored."""

    class Meta:
        unknown = EXCLUDE


class AcceptedSuggestion(_Lenient):
    """`id` is the uuid of a suggestion of the card."""

    id = fields.UUID(required=True)


class Reason(_Lenient):
    """A Coding; the system may be absent, and clients send no display."""

    code = fields.Str(required=True, validate=validate.Length(min=1, max=LONGEST_TEXT))
    system = fields.Str(load_default="", validate=validate.Length(max=LONGEST_TEXT))


class OverrideReason(_Lenient):
    """A coded reason, free text, or both; the text is checked and then forgotten."""

    reason = fields.Nested(Reason, load_default=dict)
    user_comment = fields.Str(data_key="userComment")


class Entry(_Lenient):
    """Feedback on one card, loaded as a FeedbackEntry."""

    card = fields.UUID(required=True)
    outcome = fields.Str(required=True, validate=validate.OneOf(("accepted", "overridden")))
    accepted_suggestions = fields.List(
        fields.Nested(AcceptedSuggestion), load_default=list, data_key="acceptedSuggestions"
    )
    override_reason = fields.Nested(OverrideReason, load_default=dict, data_key="overrideReason")
    outcome_timestamp = fields.Function(
        deserialize=moment, required=True, data_key="outcomeTimestamp"
    )

    @pre_load
    def few_suggestions(self, data: Any, **_: object) -> Any:
        """Work is bounded by the number of suggestions."""
        refuse_longer(data, "acceptedSuggestions", MOST_SUGGESTIONS)
        return data

    @validates_schema
    def accepted_what(self, data: Mapping[str, Any], **_: object) -> None:
        """Whoever accepts says which suggestions."""
        if data["outcome"] == "accepted" and not data["accepted_suggestions"]:
            raise ValidationError("Required for accepted.", "acceptedSuggestions")

    @post_load
    def entry(self, data: Mapping[str, Any], **_: object) -> FeedbackEntry:
        """Suggestions count only where they were accepted, a reason only where it overrides."""
        if data["outcome"] == "accepted":
            return FeedbackEntry(
                card=str(data["card"]),
                outcome="accepted",
                outcome_timestamp=data["outcome_timestamp"],
                accepted_suggestions=tuple(str(one["id"]) for one in data["accepted_suggestions"]),
            )
        override = data["override_reason"]
        reason = override.get("reason", {})
        return FeedbackEntry(
            card=str(data["card"]),
            outcome="overridden",
            outcome_timestamp=data["outcome_timestamp"],
            override_code=reason.get("code", ""),
            override_system=reason.get("system", ""),
        )


class FeedbackRequest(_Lenient):
    """The body of a feedback call; `load` gives a tuple of FeedbackEntry."""

    feedback = fields.List(fields.Nested(Entry), required=True, validate=validate.Length(min=1))

    @pre_load
    def few_entries(self, data: Any, **_: object) -> Any:
        """Work is bounded by the number of entries."""
        refuse_longer(data, "feedback", MOST_ENTRIES)
        return data

    @post_load
    def entries(self, data: Mapping[str, Any], **_: object) -> tuple[FeedbackEntry, ...]:
        """The entries, in the order they came."""
        return tuple(data["feedback"])
