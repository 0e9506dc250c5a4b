"""What is done in one transaction of the feedback database: statements, and no waiting."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    Table,
    bindparam,
    delete,
    false,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from app.feedback.tables import (
    FeedbackEntry,
    Reasons,
    Row,
    Sender,
    ShownCard,
    earlier,
    earlier_rows,
    feedback,
    feedback_row,
    shown,
    shown_row,
    utc,
)
from hooks.repeats import MUTED, Earlier

BATCH = 1_000  # rows a step of a purge deletes at once, so that others can write in between
AGES = ((shown, "at"), (feedback, "received_at"), (earlier, "at"))
EARLIER = select(earlier).where(
    earlier.c.trace.in_(bindparam("traces", expanding=True)), earlier.c.at > bindparam("since")
)
MUTING, UNMUTING = "overridden", "accepted"


def note_shown(cards: Iterable[ShownCard], connection: Connection) -> None:
    """Write *cards*, each once, and what a later call may ask of them."""
    listed = list(cards)
    _insert(connection, shown, [shown_row(card) for card in listed], "card")
    _upsert_earlier(connection, [row for card in listed for row in earlier_rows(card)])


def record(
    sender: Sender,
    entries: Sequence[FeedbackEntry],
    reasons: Reasons,
    received_at: datetime,
    connection: Connection,
) -> list[int]:
    """Write *entries*, each once; the places of those on no card that *sender* was shown."""
    cards = _cards(sender, {entry.card for entry in entries}, connection)
    rows: dict[object, tuple[Row, Mapping[str, str]]] = {}
    for entry in entries:
        if entry.card in cards:
            card = cards[entry.card]
            row = feedback_row(entry, card, reasons, received_at)
            rows[row["entry"]] = (row, card)
    known = select(feedback.c.entry).where(feedback.c.entry.in_(rows))
    for entry_hash in connection.execute(known).scalars():
        del rows[entry_hash]
    _insert(connection, feedback, [row for row, _ in rows.values()], "entry")
    for row, card in rows.values():
        _mute(row, card, reasons, connection)
    return [place for place, entry in enumerate(entries) if entry.card not in cards]


def find_earlier(traces: Sequence[str], since: datetime, connection: Connection) -> list[Earlier]:
    """When each of *traces* was last shown or muted, if that was after *since*: one query."""
    rows = connection.execute(EARLIER, {"traces": traces, "since": utc(since)}).mappings()
    return [Earlier(**{**row, "at": row["at"].replace(tzinfo=UTC)}) for row in rows]


def write_nothing(connection: Connection) -> None:
    """Fails if the tables cannot be written."""
    connection.execute(update(shown).where(false()).values(card=""))


def purge_step(before: datetime, connection: Connection) -> int:
    """Delete BATCH rows of each table that are older than *before*; how many it was at most."""
    return max(purge_table(table, column, before, connection) for table, column in AGES)


def purge_table(table: Table, column: str, before: datetime, connection: Connection) -> int:
    """Delete BATCH rows of *table* older than *before* by *column*; how many it was."""
    keys = list(table.primary_key.columns)
    old = select(*keys).where(table.c[column] < utc(before)).limit(BATCH)
    return connection.execute(delete(table).where(tuple_(*keys).in_(old))).rowcount


def _cards(
    sender: Sender, cards: Iterable[str], connection: Connection
) -> dict[str, Mapping[str, str]]:
    """The rows of those of *cards* that *sender* was shown, by card."""
    query = select(shown).where(
        shown.c.card.in_(cards),
        shown.c.client == sender.client,
        shown.c.service == sender.service,
    )
    return {row["card"]: dict(row) for row in connection.execute(query).mappings()}


def _mute(row: Row, card: Mapping[str, str], reasons: Reasons, connection: Connection) -> None:
    """Silence the card's traces if the reason lasts; who accepts wants to be told again."""
    traces = card["traces"].split()
    if not traces:
        return
    if row["outcome"] == MUTING and row["override_code"] in reasons.lasting:
        told = {"card": row["card"], "hook_instance": "", "at": row["received_at"]}
        _upsert_earlier(connection, [{"trace": t, "hook": MUTED} | told for t in traces])
    elif row["outcome"] == UNMUTING:
        muted = delete(earlier).where(earlier.c.trace.in_(traces), earlier.c.hook == MUTED)
        connection.execute(muted)


def _upsert_earlier(connection: Connection, rows: Iterable[Row]) -> None:
    """The newest of each trace and hook, always in the same order: nobody waits in a circle."""
    newest = {(str(row["trace"]), str(row["hook"])): row for row in rows}
    if not newest:
        return
    statement = _replacing(connection.dialect.name)
    connection.execute(statement, [newest[key] for key in sorted(newest)])


def _insert(connection: Connection, table: Table, rows: list[Row], unique: str) -> None:
    """Insert *rows* but those that are there by their *unique* column."""
    if rows:  # an insert of no rows would be one of an empty row
        connection.execute(_adding(connection.dialect.name, table, unique), rows)


@cache
def _adding(dialect: str, table: Table, unique: str) -> Insert:
    statement: Insert = _insert_into(table, dialect).on_conflict_do_nothing(index_elements=[unique])
    return statement


@cache
def _replacing(dialect: str) -> Insert:
    """An upsert of `earlier`; made once, making it takes longer than running it."""
    statement = _insert_into(earlier, dialect)
    changed = {name: statement.excluded[name] for name in ("card", "hook_instance", "at")}
    upsert: Insert = statement.on_conflict_do_update(index_elements=["trace", "hook"], set_=changed)
    return upsert


def _insert_into(table: Table, dialect: str) -> Any:
    """An insert that knows conflicts: both dialects have the same one, each its own class."""
    module: Any = {"postgresql": postgresql, "sqlite": sqlite}[dialect]
    return module.insert(table)
