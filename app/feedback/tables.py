"""The tables of feedback, and the values that fill them.

Their rule: nothing of a patient. No patient id, no order, no text of a card or of a user is a
column here; a trace is a keyed hash (hooks/repeats.py). All times are UTC, without a zone, because
SQLite keeps none. `app/feedback/migrations.py` makes the tables; so they are read and written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import Column, DateTime, Integer, MetaData, Table, Text

LONGEST_TEXT = 255

Row = Mapping[str, object]

metadata = MetaData()

shown = Table(
    "shown",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("card", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("hook_instance", Text, nullable=False),
    Column("rules", Text, nullable=False),  # rule/branch of each finding, divided by spaces
    Column("suggestions", Text, nullable=False),  # their ids, divided by spaces
    Column("traces", Text, nullable=False),  # of each finding, divided by spaces
    Column("indicator", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # advise, no-action or cannot-tell
    Column("knowledge", Text, nullable=False),
    Column("at", DateTime, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("entry", Text, nullable=False),  # a hash: the same entry is kept once
    Column("card", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("rule", Text, nullable=False),  # of the card's first finding, as is the branch
    Column("branch", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("knowledge", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # accepted or overridden
    Column("accepted", Text, nullable=False),  # which suggestions: 1 is the card's first
    Column("override_code", Text, nullable=False),  # one that cards offer, or OTHER
    Column("override_system", Text, nullable=False),
    Column("outcome_timestamp", DateTime, nullable=False),
    Column("received_at", DateTime, nullable=False),
)

earlier = Table(
    "earlier",
    metadata,
    Column("trace", Text, primary_key=True),
    Column("hook", Text, primary_key=True),  # or `muted`
    Column("card", Text, nullable=False),
    Column("hook_instance", Text, nullable=False),
    Column("at", DateTime, nullable=False),
)

OTHER = "other"  # a reason that no card offers: what was sent is not kept, it may be free text


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card that was sent: its uuid, to whom, and what was behind it.

    *rules* are `rule/branch` of each finding, *traces* those of the findings that have one.
    """

    card: str
    service: str
    hook: str
    hook_instance: str
    rules: tuple[str, ...]
    indicator: str
    outcome: str
    client: str = "open"
    suggestions: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    knowledge: str = ""
    at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class FeedbackEntry:
    """What became of one card; empty text where the client said nothing.

    What a user typed is not here: it may name a patient, and nothing of it is kept.
    """

    card: str
    outcome: str
    outcome_timestamp: datetime
    accepted_suggestions: tuple[str, ...] = ()
    override_code: str = field(default="", repr=False)
    override_system: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who gives feedback, and on the cards of which service."""

    client: str
    service: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """The override reasons that cards offer, as (system, code), and the codes that mute."""

    offered: frozenset[tuple[str, str]] = frozenset()
    lasting: frozenset[str] = frozenset()

    def kept(self, entry: FeedbackEntry) -> tuple[str, str]:
        """The entry's reason as it is kept: (system, code), OTHER if no card offers it.

        Clients may leave out the system.
        """
        if not entry.override_code:
            return "", ""
        for system, code in sorted(self.offered):
            if code == entry.override_code and entry.override_system in {"", system}:
                return system, code
        return "", OTHER


def shown_row(card: ShownCard) -> Row:
    """*card* as a row of `shown`."""
    return {
        "card": storable(card.card),
        "client": storable(card.client),
        "service": storable(card.service),
        "hook_instance": storable(card.hook_instance),
        "rules": " ".join(card.rules),
        "suggestions": " ".join(card.suggestions),
        "traces": " ".join(card.traces),
        "indicator": card.indicator,
        "outcome": card.outcome,
        "knowledge": card.knowledge,
        "at": utc(card.at),
    }


def earlier_rows(card: ShownCard) -> list[Row]:
    """What a later call may ask of *card*: one row for each of its traces."""
    return [
        {
            "trace": trace,
            "hook": card.hook,
            "card": storable(card.card),
            "hook_instance": storable(card.hook_instance),
            "at": utc(card.at),
        }
        for trace in card.traces
    ]


def feedback_row(
    entry: FeedbackEntry, card: Mapping[str, str], reasons: Reasons, received_at: datetime
) -> Row:
    """*entry* on *card*, a row of `shown`, as a row of `feedback`."""
    rule, _, branch = card["rules"].partition(" ")[0].partition("/")
    system, code = reasons.kept(entry)
    offered = card["suggestions"].split()
    taken = (offered.index(each) for each in entry.accepted_suggestions if each in offered)
    copied = {name: card[name] for name in ("card", "client", "service", "rules", "indicator")}
    row: Row = {
        **copied,
        "rule": rule,
        "branch": branch,
        "knowledge": card["knowledge"],
        "outcome": entry.outcome,
        "accepted": " ".join(str(place + 1) for place in sorted(set(taken))),
        "override_code": code,
        "override_system": system,
        "outcome_timestamp": utc(entry.outcome_timestamp),
    }
    same = ("card", "outcome", "accepted", "override_code", "outcome_timestamp")
    told = "\n".join(str(row[name]) for name in same)
    return {**row, "entry": sha256(told.encode()).hexdigest(), "received_at": utc(received_at)}


def utc(moment: datetime) -> datetime:
    """An aware *moment* as the tables hold it: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def storable(text: str, longest: int = LONGEST_TEXT) -> str:
    """*text* without what databases refuse (NUL, lone surrogates), cut at *longest* characters."""
    return text[:longest].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
