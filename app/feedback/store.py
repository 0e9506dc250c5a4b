"""Where shown cards and feedback are kept: SQLite, or any database that SQLAlchemy Core speaks.

Its rule: cards do not need it. One thread in each process talks to the database. Shown cards are
handed to it without waiting and written a batch at a time; who waits for an answer waits a bounded
time, whatever a lock, a full disk or a silent network does. All that can go wrong is
StoreUnavailable.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock
from typing import TypeVar

from sqlalchemy import Connection, Engine, Table, delete, false, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.feedback.database import create_tables, new_engine, reason
from app.feedback.tables import (
    FeedbackEntry,
    Row,
    ShownCard,
    feedback,
    feedback_row,
    now,
    shown,
    shown_row,
    utc,
)

__all__ = ["FeedbackEntry", "FeedbackStore", "ShownCard", "StoreUnavailable", "open_store"]

GATHER_S = 0.05  # shown cards are written together with those of the next moment
MOST_WAITING = 10_000  # shown cards that wait for a database that does not take them
CHECK_S = 0.5
RECORD_S = 5.0
BATCH = 1_000  # rows a purge deletes at once, so that others can write in between

T = TypeVar("T")


class StoreUnavailable(Exception):
    """The database does not take what it is given, or not in time; the message has no values.

    What came too late may still be written.
    """


@dataclass(slots=True)
class _Process:
    """What one process holds; never shared with a child, which makes its own."""

    engine: Engine
    pid: int = field(default_factory=os.getpid)
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "feedback"))
    hurry: Event = field(default_factory=Event)
    waiting: list[Row] = field(default_factory=list)
    scheduled: bool = False
    prepared: bool = False


class FeedbackStore:
    """Shown cards and feedback in the database at *url*; connects in each process when first used.

    Tables that are absent are made then, so a database that comes up late, or was replaced, needs
    no restart.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._process: _Process | None = None
        self._inherited: _Process | None = None
        self._failure = ""

    def remember_shown(self, cards: Iterable[ShownCard]) -> None:
        """Have it noted that *cards* were sent; never waits for the database.

        Raises StoreUnavailable while the database fails. Up to MOST_WAITING cards are kept for when
        it is back; those above it, and those of a process that is killed, are lost.
        """
        rows = [shown_row(card) for card in cards]
        process = self._current()
        with self._lock:
            room = MOST_WAITING - len(process.waiting)
            process.waiting += rows[:room]
        self._schedule(process)
        if room < len(rows):
            raise StoreUnavailable("too many cards wait for the database")
        if self._failure:
            raise StoreUnavailable(self._failure)

    def record(self, service: str, entries: Iterable[FeedbackEntry], client: str = "") -> None:
        """Keep all of *entries*, or none; also those that came before, or on unknown cards."""
        received_at = now()
        rows = [feedback_row(entry, service, client, received_at) for entry in entries]
        self._within(RECORD_S, _inserting(feedback, rows))

    def purge(self, older_than: datetime) -> int:
        """Delete what was shown or received before *older_than*; how many rows it was."""
        before = utc(older_than)
        return self._purge(shown, "at", before) + self._purge(feedback, "received_at", before)

    def check(self) -> None:
        """Raise StoreUnavailable if the tables cannot be written now."""
        nothing = update(shown).where(false()).values(card="")
        try:
            self._within(CHECK_S, lambda connection: connection.execute(nothing))
        except StoreUnavailable as error:
            self._failure = str(error)
            raise
        self._failure = ""

    def close(self) -> None:
        """Write what waits, and give up this process's connections; the next use connects again.

        To be called before a fork: a SQLite connection must not be carried into a child.
        """
        process = self._current()
        self._schedule(process)
        process.hurry.set()
        with self._lock:
            self._process = None
        closed = process.thread.submit(process.engine.dispose)
        process.thread.shutdown(wait=False)
        with suppress(TimeoutError):
            closed.result(CHECK_S)

    def _purge(self, table: Table, column: str, before: datetime) -> int:
        old = select(table.c.id).where(table.c[column] < before).limit(BATCH)
        batch = delete(table).where(table.c.id.in_(old))
        total = 0
        while gone := self._within(RECORD_S, lambda connection: connection.execute(batch).rowcount):
            total += gone
        return total

    def _within(self, seconds: float, work: Callable[[Connection], T]) -> T:
        """What *work* gives in a transaction of its own, after all that waits before it."""
        process = self._current()
        self._schedule(process)
        process.hurry.set()
        future = _submitted(process, lambda: _transaction(process, work))
        try:
            return future.result(seconds)
        except TimeoutError:
            future.cancel()
            raise StoreUnavailable(f"no answer within {seconds:g} s") from None

    def _schedule(self, process: _Process) -> None:
        """Have the waiting cards written, unless that is already under way."""
        with self._lock:
            if process.scheduled or not process.waiting:
                return
            process.scheduled = True
        written = _submitted(process, lambda: self._write_waiting(process))
        written.add_done_callback(Future.result)  # a mistake of ours reaches the log

    def _write_waiting(self, process: _Process) -> None:
        process.hurry.wait(GATHER_S)
        process.hurry.clear()
        with self._lock:
            rows, process.waiting, process.scheduled = process.waiting, [], False
        try:
            _transaction(process, _inserting(shown, rows))
            self._failure = ""
        except StoreUnavailable as error:
            self._failure = str(error)
            with self._lock:
                process.waiting = [*rows, *process.waiting][:MOST_WAITING]

    def _current(self) -> _Process:
        with self._lock:
            if self._process is None or self._process.pid != os.getpid():
                # A parent's connections are kept: collecting them here would close them, and
                # closing one takes away the parent's locks.
                self._inherited = self._process or self._inherited
                self._process = _Process(new_engine(self._url))
            return self._process


def open_store(url: str) -> FeedbackStore:
    """The store at *url*, its tables made if the database answers; it is tried again on use.

    Raises UnsafeSettings if *url* can never work. Holds no connection: the process may fork.
    """
    store = FeedbackStore(url)
    with suppress(StoreUnavailable):
        store.check()
    store.close()
    return store


def _submitted(process: _Process, work: Callable[[], T]) -> Future[T]:
    try:
        return process.thread.submit(work)
    except RuntimeError as error:
        raise StoreUnavailable("the process is ending") from error


def _transaction(process: _Process, work: Callable[[Connection], T]) -> T:
    try:
        if not process.prepared:
            create_tables(process.engine)
            process.prepared = True
        with process.engine.begin() as connection:
            return work(connection)
    except (SQLAlchemyError, OSError) as error:
        process.prepared = False
        # Without its cause: a driver's message may quote the row.
        raise StoreUnavailable(reason(error)) from None


def _inserting(table: Table, rows: list[Row]) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        if rows:  # an insert of no rows would be one of an empty row
            connection.execute(insert(table), rows)

    return work
