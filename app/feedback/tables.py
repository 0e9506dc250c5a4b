"""The two tables of feedback, and the values that fill them.

Their rule: nothing of a patient. No patient id, no order, no text of a card is a column here.
The exception is what a user typed when overriding a card, which may name a patient: it stands in
`feedback.comment` and nowhere else, so that a site can purge it, hide it from reports or drop it.
All times are UTC, without a zone, because SQLite keeps none.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text

LONGEST_TEXT = 255
LONGEST_COMMENT = 1_000

Row = Mapping[str, object]

metadata = MetaData()

shown = Table(
    "shown",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("card", Text, nullable=False, index=True),
    Column("service", Text, nullable=False),
    Column("hook_instance", Text, nullable=False),
    Column("rules", Text, nullable=False),  # rule ids, divided by spaces
    Column("indicator", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # advise, no-action or cannot-tell
    Column("at", DateTime, nullable=False, index=True),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("card", Text, nullable=False, index=True),  # may be no card of `shown`
    Column("service", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # accepted or overridden
    Column("accepted_suggestions", Text, nullable=False),  # ids, as a JSON array
    Column("override_code", Text, nullable=False),
    Column("override_system", Text, nullable=False),
    Column("comment", Text, nullable=False),  # free text of a user: may hold patient data
    Column("outcome_timestamp", DateTime, nullable=False),
    Column("received_at", DateTime, nullable=False, index=True),
)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card that was sent: its uuid, and the ids of the rules behind it."""

    card: str
    service: str
    hook_instance: str
    rules: tuple[str, ...]
    indicator: str
    outcome: str
    at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class FeedbackEntry:
    """What became of one card; empty text where the client said nothing."""

    card: str
    outcome: str
    outcome_timestamp: datetime
    accepted_suggestions: tuple[str, ...] = ()
    override_code: str = ""
    override_system: str = ""
    comment: str = field(default="", repr=False)


def shown_row(card: ShownCard) -> Row:
    """*card* as a row of `shown`."""
    return {
        "card": storable(card.card),
        "service": storable(card.service),
        "hook_instance": storable(card.hook_instance),
        "rules": " ".join(card.rules),
        "indicator": card.indicator,
        "outcome": card.outcome,
        "at": utc(card.at),
    }


def feedback_row(entry: FeedbackEntry, service: str, client: str, received_at: datetime) -> Row:
    """*entry*, given for a card of *service* by *client*, as a row of `feedback`."""
    return {
        "card": storable(entry.card),
        "service": storable(service),
        "client": storable(client),
        "outcome": entry.outcome,
        "accepted_suggestions": json.dumps(entry.accepted_suggestions),
        "override_code": storable(entry.override_code),
        "override_system": storable(entry.override_system),
        "comment": storable(entry.comment, LONGEST_COMMENT),
        "outcome_timestamp": utc(entry.outcome_timestamp),
        "received_at": utc(received_at),
    }


def utc(moment: datetime) -> datetime:
    """An aware *moment* as the tables hold it: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def storable(text: str, longest: int = LONGEST_TEXT) -> str:
    """*text* without what databases refuse (NUL, lone surrogates), cut at *longest* characters."""
    return text[:longest].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
