"""The engine behind the store, and its tables: plain SQLAlchemy Core, tuned where it is SQLite."""

from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.schema import CreateIndex, CreateTable

from app.feedback.tables import metadata
from app.settings import UnsafeSettings

LOCKED_MS = 2_000  # how long SQLite waits for another process's write
RECYCLE_S = 300  # a database file that was replaced under us is noticed after this long


def new_engine(url: str) -> Engine:
    """An engine for *url*, not yet connected; UnsafeSettings if it can never connect."""
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


def create_tables(engine: Engine) -> None:
    """Make the tables that are absent; several processes may do so at once."""
    for table in metadata.sorted_tables:
        _create(engine, CreateTable(table, if_not_exists=True))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            _create(engine, CreateIndex(index, if_not_exists=True))


def reason(error: Exception) -> str:
    """The kind of *error*, as SQLite or the driver names it; messages may quote rows."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlite_errorname", type(cause).__name__))


def _create(engine: Engine, statement: CreateTable | CreateIndex) -> None:
    """Run *statement*, twice if need be: PostgreSQL refuses one that another process just ran."""
    with suppress(DBAPIError), engine.begin() as connection:
        connection.execute(statement)
        return
    with engine.begin() as connection:
        connection.execute(statement)


def _tune_sqlite(connection: Any, _record: object) -> None:
    """Readers and one writer at the same time; a power cut may cost the last rows, not the file."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {LOCKED_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()
