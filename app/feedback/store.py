"""Where shown cards and feedback are kept: SQLite or PostgreSQL.

Its rule: cards do not need it. One thread in each process talks to the database, and who waits for
it waits a bounded time, whatever a lock, a full disk or a silent network does. While it fails,
cards that were shown are handed to it without waiting. All that can go wrong is StoreUnavailable.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from time import monotonic
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from app.feedback import work
from app.feedback.database import keeping, new_engine, noting, reading, reason
from app.feedback.migrations import NewerSchema, migrate
from app.feedback.tables import FeedbackEntry, Reasons, Sender, ShownCard, now
from app.settings import UnsafeSettings
from hooks.repeats import Earlier

__all__ = ["FeedbackStore", "StoreUnavailable", "open_store"]

MOST_WAITING = 10_000  # shown cards that wait for a database that does not take them
SHOWN_S = 0.15  # a card waits no longer to be noted
EARLIER_S = 0.1
CHECK_S = 0.5
RECORD_S = 5.0
START_S = 60.0  # the schema may have to be changed
TIDY_S = 3_600.0
MORE_S = 1.0  # until the next step, where one was not enough

T = TypeVar("T")
Work = Callable[[Connection], T]
Transaction = Callable[[Engine], AbstractContextManager[Connection]]


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
    waiting: list[ShownCard] = field(default_factory=list)
    writing: "Future[None] | None" = None
    prepared: bool = False
    closed: bool = False
    tidy_at: float = field(default_factory=monotonic)


class FeedbackStore:
    """Shown cards and feedback in the database at *url*; connects in each process when first used.

    The schema is made or brought up to date then, so a database that comes up late, or was
    replaced, needs no restart. What is older than *keep* is deleted, a step at a time.
    """

    def __init__(self, url: str, keep: timedelta | None = None) -> None:
        self._url = url
        self._keep = keep
        self._lock = Lock()
        self._process: _Process | None = None
        self._inherited: _Process | None = None
        self._failure = ""

    def remember_shown(self, cards: Iterable[ShownCard]) -> None:
        """Note that *cards* are sent, together with those of other calls; waits SHOWN_S at most.

        Raises StoreUnavailable while the database fails, then without waiting. Up to MOST_WAITING
        cards are kept for when it is back; those above it, and those that wait in a process that
        is killed, are lost.
        """
        listed = list(cards)
        process = self._current()
        failure = self._failure
        with self._lock:
            room = MOST_WAITING - len(process.waiting)
            process.waiting += listed[:room]
        writing = self._schedule(process)
        if room < len(listed):
            raise StoreUnavailable("too many cards wait for the database")
        if failure:
            raise StoreUnavailable(failure)
        if writing is not None:
            self._tried(writing, SHOWN_S)

    def earlier(self, traces: Sequence[str], since: datetime) -> list[Earlier]:
        """When *traces* were last shown or muted, after *since*; waits EARLIER_S at most."""
        if self._failure:
            raise StoreUnavailable(self._failure)
        find = partial(work.find_earlier, traces, since)
        return self._tried(self._started(self._current(), reading, find), EARLIER_S)

    def record(
        self, sender: Sender, entries: Sequence[FeedbackEntry], reasons: Reasons
    ) -> list[int]:
        """Keep *entries* on cards that *sender* was shown; the places of the others.

        They are on disk when this returns; a repeated entry is kept once.
        """
        keep = partial(work.record, sender, entries, reasons, now())
        lost = self._within(RECORD_S, keeping, keep)
        if lost and self._failure:  # their cards may be among those that could not be noted
            raise StoreUnavailable(self._failure)
        return lost

    def purge(self, older_than: datetime) -> int:
        """Delete what was shown or received before *older_than*; how many rows it was."""
        total = 0
        for table, column in work.AGES:
            step = partial(work.purge_table, table, column, older_than)
            while gone := self._within(RECORD_S, noting, step):
                total += gone
        return total

    def check(self) -> None:
        """Raise StoreUnavailable if the tables cannot be written now."""
        try:
            self._within(CHECK_S, noting, work.write_nothing)
        except StoreUnavailable as error:
            self._failure = str(error)
            raise
        self._failure = ""

    def prepare(self) -> None:
        """Make the schema, or bring it up to date; raises NewerSchema or StoreUnavailable."""
        process = self._current()
        _awaited(_submitted(process, lambda: _prepare(process)), START_S)

    def close(self) -> None:
        """Write what waits, and give up this process's connections; the next use connects again.

        To be called before a fork: a SQLite connection must not be carried into a child.
        """
        process = self._current()
        self._schedule(process)
        with self._lock:
            self._process = None
        process.closed = True
        closed = process.thread.submit(process.engine.dispose)
        process.thread.shutdown(wait=False)
        with suppress(TimeoutError):
            closed.result(CHECK_S)

    def _within(self, seconds: float, transaction: Transaction, what: Work[T]) -> T:
        """What *what* gives in a transaction of its own, after all that waits before it."""
        process = self._current()
        self._schedule(process)
        started = self._started(process, transaction, what)
        try:
            return _awaited(started, seconds)
        finally:
            started.cancel()

    def _started(self, process: _Process, transaction: Transaction, what: Work[T]) -> "Future[T]":
        return _submitted(process, lambda: self._run(process, transaction, what))

    def _tried(self, future: "Future[T]", seconds: float) -> T:
        """What *future* gives; if it gives nothing, nobody waits for the database for now."""
        try:
            return _awaited(future, seconds)
        except StoreUnavailable as error:
            self._failure = str(error)
            raise

    def _schedule(self, process: _Process) -> "Future[None] | None":
        """Have the waiting cards written; None if there are none."""
        with self._lock:
            if process.writing is None and process.waiting:
                process.writing = _submitted(process, lambda: self._write_waiting(process))
            return process.writing

    def _write_waiting(self, process: _Process) -> None:
        with self._lock:
            cards, process.waiting, process.writing = process.waiting, [], None
        try:
            self._run(process, noting, partial(work.note_shown, cards))
            self._failure = ""
        except StoreUnavailable as error:
            self._failure = str(error)
            with self._lock:
                process.waiting = [*cards, *process.waiting][:MOST_WAITING]
            raise

    def _run(self, process: _Process, transaction: Transaction, what: Work[T]) -> T:
        try:
            _prepare(process)
        except NewerSchema as error:
            raise StoreUnavailable(str(error)) from None
        found = _transacted(process, transaction, what)
        if self._keep is not None and monotonic() >= process.tidy_at:
            process.tidy_at = monotonic() + TIDY_S
            with suppress(StoreUnavailable):  # the process is ending
                _submitted(process, lambda: self._tidy(process))
        return found

    def _tidy(self, process: _Process) -> None:
        """One step of deleting what is too old; not in the way of an answer."""
        if process.closed:  # what is opened now would stay open
            return
        before = now() - (self._keep or timedelta())
        with suppress(StoreUnavailable):  # whoever writes next finds out, and says so
            if _transacted(process, noting, partial(work.purge_step, before)) == work.BATCH:
                process.tidy_at = monotonic() + MORE_S

    def _current(self) -> _Process:
        with self._lock:
            if self._process is None or self._process.pid != os.getpid():
                # A parent's connections are kept: collecting them here would close them, and
                # closing one takes away the parent's locks.
                self._inherited = self._process or self._inherited
                self._process = _Process(new_engine(self._url))
            return self._process


def open_store(url: str, keep: timedelta | None = None) -> FeedbackStore:
    """The store at *url*, its schema up to date if the database answers; it is tried again on use.

    Raises UnsafeSettings if *url* can never work, or if its schema is newer than we are. Holds no
    connection: the process may fork.
    """
    store = FeedbackStore(url, keep)
    try:
        store.prepare()
    except NewerSchema as error:
        raise UnsafeSettings([f"RXHOOKS_DATABASE_URL: {error}"]) from None
    except StoreUnavailable:
        pass
    finally:
        store.close()
    return store


def _submitted(process: _Process, what: Callable[[], T]) -> "Future[T]":
    try:
        return process.thread.submit(what)
    except RuntimeError as error:
        raise StoreUnavailable("the process is ending") from error


def _awaited(future: "Future[T]", seconds: float) -> T:
    try:
        return future.result(seconds)
    except TimeoutError:
        raise StoreUnavailable(f"no answer within {seconds:g} s") from None


def _prepare(process: _Process) -> None:
    if process.prepared:
        return
    try:
        migrate(process.engine)
    except (SQLAlchemyError, OSError) as error:
        raise StoreUnavailable(reason(error)) from None
    process.prepared = True


def _transacted(process: _Process, transaction: Transaction, what: Work[T]) -> T:
    try:
        with transaction(process.engine) as connection:
            return what(connection)
    except (SQLAlchemyError, OSError) as error:
        process.prepared = False
        # Without its cause: a driver's message may quote the row.
        raise StoreUnavailable(reason(error)) from None
