"""Which tokens were used: each (issuer, jti) is accepted once, whichever worker or replica asks.

Its rule: what cannot be looked up was not checked, so `ReplayUnavailable` refuses the call. Only
a digest is kept, and only as long as the token could be used again.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Protocol

LOCKED_S = 1.0  # how long SQLite waits for another process's write
BATCH = 200  # ended tokens that one call removes at most
TABLE = """
CREATE TABLE IF NOT EXISTS used (id BLOB PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS used_until ON used (until);
"""
USE = """
INSERT INTO used VALUES (?, ?)
ON CONFLICT (id) DO UPDATE SET until = excluded.until WHERE until < ?
"""
CLEAN = "DELETE FROM used WHERE id IN (SELECT id FROM used WHERE until < ? LIMIT ?)"


class ReplayUnavailable(Exception):
    """Whether a token was used before cannot be told now; the call has to be refused."""


class Replay(Protocol):
    """Remembers tokens."""

    def first_use(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """Whether this token is new; from now on it is not, to its end at *until*.

        Both times in seconds since 1970. Raises ReplayUnavailable if it cannot be told.
        """
        ...

    def close(self) -> None:
        """Give up the connections; the next use opens others."""
        ...


@dataclass(slots=True)
class SqliteReplay:
    """Tokens in a SQLite file that the workers of one machine share; it outlives a restart."""

    file: Path
    _lock: Lock = field(default_factory=Lock)
    _connection: sqlite3.Connection | None = None

    def prepare(self) -> None:
        """Make the file and its table; leaves no connection that a fork could carry along."""
        with unavailable(sqlite3.Error), closing(_connected(self.file)):
            pass

    def first_use(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """One statement decides, so two workers cannot both be first."""
        with self._lock, unavailable(sqlite3.Error):
            self._connection = self._connection or _connected(self.file)
            use = self._connection.execute(USE, (digest(issuer, jti), until, now))
            with suppress(sqlite3.OperationalError):  # locked: a later call cleans up
                self._connection.execute(CLEAN, (now, BATCH))
            return use.rowcount == 1

    def close(self) -> None:
        """Give up the connection; the next use opens another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None


def _connected(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        file, timeout=LOCKED_S, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.executescript(TABLE)
    return connection


def digest(issuer: str, jti: str) -> bytes:
    """What is kept of a token."""
    return sha256(f"{issuer}\n{jti}".encode()).digest()


@contextmanager
def unavailable(kind: type[Exception]) -> Iterator[None]:
    """Give errors of a *kind* as ReplayUnavailable."""
    try:
        yield
    except kind as error:
        raise ReplayUnavailable(type(error).__name__) from error
