"""The engine behind the store: SQLAlchemy Core on SQLite or PostgreSQL, tuned so as not to wait.

What must outlive a power cut (`keeping`) is on disk when it is committed. Cards shown (`noting`)
are committed without waiting for the disk: they outlive a killed process, and the next `keeping`
puts them on disk as well.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from app.settings import UnsafeSettings

LOCKED_MS = 2_000  # how long a statement waits for another process's lock
SILENT_S = 5  # how long a server that was reached may say nothing
RECYCLE_S = 300  # a database file that was replaced under us is noticed after this long
DIALECTS = ("sqlite", "postgresql")
BEGIN = {  # SQLite: how safe, then how the transaction begins
    "keeping": ("PRAGMA synchronous = FULL", "BEGIN IMMEDIATE"),
    "noting": ("PRAGMA synchronous = NORMAL", "BEGIN IMMEDIATE"),
    "reading": ("BEGIN",),
}
COMMIT = {  # PostgreSQL: a site's stricter setting stays for what is kept
    "keeping": "SELECT set_config('synchronous_commit', 'on', true) "
    "WHERE current_setting('synchronous_commit') = 'off'",
    "noting": "SET LOCAL synchronous_commit = off",
}


def new_engine(url: str) -> Engine:
    """An engine for *url*, not yet connected; UnsafeSettings if it can never connect."""
    try:
        parsed = _with_driver(make_url(url))
        engine = create_engine(
            parsed,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_recycle=RECYCLE_S,
            connect_args=_waits(parsed),
        )
    except (ArgumentError, ImportError, ValueError):
        # Without its cause, which may quote the URL and the password in it.
        problem = "RXHOOKS_DATABASE_URL: not a database URL, or its driver is not installed"
        raise UnsafeSettings([problem]) from None
    if engine.dialect.name not in DIALECTS:
        problem = f"RXHOOKS_DATABASE_URL: must be of {' or '.join(DIALECTS)}"
        raise UnsafeSettings([problem])
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def keeping(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction whose rows are on disk once it is over."""
    return _transaction(engine, "keeping")


def noting(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction that may be lost with the machine, not with the process."""
    return _transaction(engine, "noting")


def reading(engine: Engine) -> AbstractContextManager[Connection]:
    """A transaction that only reads, and waits for no writer."""
    return _transaction(engine, "reading")


def reason(error: Exception) -> str:
    """The kind of *error*, as SQLite or the driver names it; messages may quote rows."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlite_errorname", type(cause).__name__))


@contextmanager
def _transaction(engine: Engine, work: str) -> Iterator[Connection]:
    with engine.connect() as connection, connection.execution_options(rxhooks=work).begin():
        yield connection


def _with_driver(url: URL) -> URL:
    """`postgresql:` means the driver that we come with."""
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _waits(url: URL) -> dict[str, Any]:
    """How long to wait for a PostgreSQL server, where *url* does not say it itself."""
    if not url.drivername.startswith("postgresql"):
        return {}
    limits = f"-c lock_timeout={LOCKED_MS} -c statement_timeout={SILENT_S * 1000}"
    waits = {"connect_timeout": 2, "tcp_user_timeout": SILENT_S * 1000, "options": limits}
    return {name: value for name, value in waits.items() if name not in url.query}


def _begin(connection: Connection) -> None:
    """Begin as the work needs it; the drivers' own beginning knows no difference."""
    work = connection.get_execution_options().get("rxhooks", "keeping")
    if connection.dialect.name == "sqlite":
        for statement in BEGIN[work]:
            connection.exec_driver_sql(statement)
    elif work in COMMIT:
        connection.execute(text(COMMIT[work]))


def _tune_sqlite(connection: Any, _record: object) -> None:
    """Readers and one writer at the same time; what is deleted is gone from the file too."""
    connection.isolation_level = None  # `_begin` begins
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {LOCKED_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()
