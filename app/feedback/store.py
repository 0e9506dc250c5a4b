"""Where shown cards and feedback are kept: SQLite, or any database that SQLAlchemy Core speaks.

Its rule: cards do not need it. Every call ends in bounded time, and all that can go wrong is
StoreUnavailable. One thread in each process talks to the database; callers wait for it only so
long, whatever a lock, a full disk or a silent network does to it.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Table,
    create_engine,
    delete,
    event,
    false,
    insert,
    select,
    update,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable

from app.feedback.tables import (
    FeedbackEntry,
    Row,
    ShownCard,
    feedback,
    feedback_row,
    metadata,
    now,
    shown,
    shown_row,
    utc,
)
from app.settings import UnsafeSettings

__all__ = ["FeedbackEntry", "FeedbackStore", "ShownCard", "StoreUnavailable", "open_store"]

SHOWN_S = 0.1  # what a card answer may lose to the database
CHECK_S = 0.5
RECORD_S = 5.0
LOCKED_MS = 2_000  # how long the database's thread waits for another process's write
RECYCLE_S = 300  # a database file that was replaced under us is noticed after this long
BATCH = 1_000  # rows a purge deletes at once, so that others can write in between

T = TypeVar("T")


class StoreUnavailable(Exception):
    """The database did not take what it was given, or not in time; the message has no values.

    What came too late may still be written.
    """


@dataclass(slots=True)
class _Process:
    """What one process holds; never shared with a child, which makes its own."""

    engine: Engine
    pid: int = field(default_factory=os.getpid)
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "feedback"))
    prepared: bool = False
    late: Future[Any] | None = None

    @property
    def busy(self) -> bool:
        """Whether the thread is still held by something that its caller has given up."""
        return self.late is not None and not self.late.done()


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

    def remember_shown(self, cards: Iterable[ShownCard]) -> None:
        """Note in one insert that *cards* were sent; never takes more than SHOWN_S."""
        self._at_once(SHOWN_S, _inserting(shown, [shown_row(card) for card in cards]))

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
        """Raise StoreUnavailable if the tables cannot be written now. Writes nothing."""
        nothing = update(shown).where(false()).values(card="")
        self._at_once(CHECK_S, lambda connection: connection.execute(nothing))

    def close(self) -> None:
        """Give up this process's connections; the next use connects again.

        To be called before a fork: a SQLite connection must not be carried into a child.
        """
        with self._lock:
            process, self._process = self._process, None
        if process is None or process.pid != os.getpid():
            return
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

    def _at_once(self, seconds: float, work: Callable[[Connection], T]) -> T:
        """`_within`, but without queueing behind something that is known to hang."""
        if self._current().busy:
            raise StoreUnavailable("still waiting for an earlier write")
        return self._within(seconds, work)

    def _within(self, seconds: float, work: Callable[[Connection], T]) -> T:
        """What *work* gives in a transaction of its own."""
        process = self._current()
        try:
            future = process.thread.submit(_transaction, process, work)
        except RuntimeError as error:
            raise StoreUnavailable("the process is ending") from error
        try:
            return future.result(seconds)
        except TimeoutError:
            if not future.cancel():
                process.late = future
            raise StoreUnavailable(f"no answer within {seconds:g} s") from None

    def _current(self) -> _Process:
        with self._lock:
            if self._process is None or self._process.pid != os.getpid():
                # A parent's connections are kept: collecting them here would close them, and
                # closing one takes away the parent's locks.
                self._inherited = self._process
                self._process = _Process(_engine(self._url))
            return self._process


def open_store(url: str) -> FeedbackStore:
    """The store at *url*, its tables made if the database answers; it is tried again on use.

    Raises UnsafeSettings if *url* can never work. Holds no connection: the process may fork.
    """
    _engine(url).dispose()
    store = FeedbackStore(url)
    with suppress(StoreUnavailable):
        store.check()
    store.close()
    return store


def _transaction(process: _Process, work: Callable[[Connection], T]) -> T:
    try:
        if not process.prepared:
            _create_tables(process.engine)
            process.prepared = True
        with process.engine.begin() as connection:
            return work(connection)
    except (SQLAlchemyError, OSError) as error:
        process.prepared = False
        # Without its cause: a driver's message may quote the row.
        raise StoreUnavailable(_reason(error)) from None


def _inserting(table: Table, rows: list[Row]) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        if rows:  # an insert of no rows would be one of an empty row
            connection.execute(insert(table), rows)

    return work


def _create_tables(engine: Engine) -> None:
    for table in metadata.sorted_tables:
        _create(engine, CreateTable(table, if_not_exists=True))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            _create(engine, CreateIndex(index, if_not_exists=True))


def _create(engine: Engine, statement: CreateTable | CreateIndex) -> None:
    """Run *statement*, twice if need be: PostgreSQL refuses one that another process just ran."""
    with suppress(DBAPIError), engine.begin() as connection:
        connection.execute(statement)
        return
    with engine.begin() as connection:
        connection.execute(statement)


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(
            url, hide_parameters=True, pool_pre_ping=True, pool_recycle=RECYCLE_S
        )
    except (ArgumentError, ImportError, ValueError):
        # Without its cause, which may quote the URL and the password in it.
        problem = "RXHOOKS_DATABASE_URL: not a database URL, or its driver is not installed"
        raise UnsafeSettings([problem]) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
    return engine


def _tune_sqlite(connection: Any, _record: object) -> None:
    """Readers and one writer at the same time; a power cut may cost the last rows, not the file."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {LOCKED_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _reason(error: Exception) -> str:
    """The kind of *error*, as SQLite or the driver names it."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlite_errorname", type(cause).__name__))
