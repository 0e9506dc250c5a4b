"""Which tokens were used: each (issuer, jti) is accepted once, whichever worker or replica asks.

Its rule: what cannot be looked up was not checked, so `ReplayUnavailable` refuses the call. Only
a digest is kept, and only as long as the token could be used again.
"""

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Protocol
from uuid import uuid4

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

LOCKED_S = 1.0  # how long SQLite waits for another process's write
REDIS_S = 0.5
BATCH = 200  # ended tokens that one call removes at most
PREFIX = "rxhooks:jti:"
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
        with _unavailable(sqlite3.Error), closing(_connected(self.file)):
            pass

    def first_use(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """One statement decides, so two workers cannot both be first."""
        with self._lock, _unavailable(sqlite3.Error):
            self._connection = self._connection or _connected(self.file)
            use = self._connection.execute(USE, (_digest(issuer, jti), until, now))
            with suppress(sqlite3.OperationalError):  # locked: a later call cleans up
                self._connection.execute(CLEAN, (now, BATCH))
            return use.rowcount == 1

    def close(self) -> None:
        """Give up the connection; the next use opens another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None


@dataclass(frozen=True, slots=True)
class RedisReplay:
    """Tokens in a Redis that all replicas share."""

    redis: Redis

    @classmethod
    def at(cls, url: str) -> "RedisReplay":
        """Not yet connected; ValueError if *url* is none of Redis's. Waits little, tries twice."""
        retry = Retry(NoBackoff(), 1)
        return cls(
            Redis.from_url(url, socket_timeout=REDIS_S, socket_connect_timeout=REDIS_S, retry=retry)
        )

    def first_use(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """SET NX decides; its own mark tells a second try from another's use."""
        key, mark = PREFIX + _digest(issuer, jti).hex(), uuid4().bytes
        seconds = max(1, math.ceil(until - now))
        with _unavailable(RedisError):
            return bool(self.redis.set(key, mark, nx=True, ex=seconds)) or (
                self.redis.get(key) == mark
            )

    def close(self) -> None:
        """Give up the connections; the next use opens others."""
        self.redis.close()


def _connected(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        file, timeout=LOCKED_S, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.executescript(TABLE)
    return connection


def _digest(issuer: str, jti: str) -> bytes:
    return sha256(f"{issuer}\n{jti}".encode()).digest()


@contextmanager
def _unavailable(kind: type[Exception]) -> Iterator[None]:
    try:
        yield
    except kind as error:
        raise ReplayUnavailable(type(error).__name__) from error
