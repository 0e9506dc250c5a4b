"""A client's current keys: from a file, or from its JWKS URL; they rotate without a restart.

Its rule: nothing that a token says makes us fetch from anywhere but the address in the clients
file, and none can make us do so often. Keys that cannot be had are unavailable, never "no keys".
"""

import mmap
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic, time_ns
from typing import Protocol

import requests
import urllib3
from jwt import PyJWK

from app.logs import get_logger
from app.security.keys import Keys, NotAKeySet, parse_keys

FRESH_S = 60.0  # older sets are read again behind the call that finds them so
OLD_S = 120.0  # for a set this old, the call waits until it was read again
LOST_S = 3600.0  # how long the last keys serve where no others can be had
WAIT_S = 2.5
CONNECT_S, READ_S = 1.0, 2.0
MAX_BYTES = 256_000
BURST = 3  # refreshes at once, and then one in EVERY_S
EVERY_S = 10.0
WORD = 8  # bytes


class KeysUnavailable(Exception):
    """The client's keys could not be had for too long."""


class KeySet(Protocol):
    """Finds keys."""

    def find(self, kid: str, algorithm: str) -> PyJWK | None:
        """The key of that name; None if the client has none; KeysUnavailable if who knows."""
        ...

    def available(self) -> bool:
        """Whether keys are at hand; the first to ask has them read."""
        ...


@dataclass(slots=True)
class FileKeys:
    """Keys in a file; a changed file is read at the next call."""

    file: Path
    clock: Callable[[], float] = monotonic
    _keys: Keys = field(default_factory=dict)
    _mark: tuple[int, ...] = ()
    _confirmed: float = float("-inf")

    def find(self, kid: str, algorithm: str) -> PyJWK | None:
        """Keys of a file that is gone or broken serve on for an hour."""
        if not self.available():
            raise KeysUnavailable
        return self._keys.get((kid, algorithm))

    def available(self) -> bool:
        """Whether the file could be read within the last hour."""
        with suppress(OSError, NotAKeySet):
            self._read_if_changed()
        return self.clock() - self._confirmed <= LOST_S

    def _read_if_changed(self) -> None:
        state = self.file.stat()
        mark = (state.st_mtime_ns, state.st_size, state.st_ino)
        if mark != self._mark:
            self._keys, self._mark = parse_keys(self.file.read_bytes()), mark
        self._confirmed = self.clock()


@dataclass(slots=True)
class Bucket:
    """Lets BURST through at once, and then one in EVERY_S seconds."""

    clock: Callable[[], float] = monotonic
    _level: float = BURST
    _at: float = float("-inf")

    def take(self) -> bool:
        """Whether one may pass now; it counts."""
        now = self.clock()
        self._level = min(BURST, self._level + (now - self._at) / EVERY_S)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


class Board:
    """A number for each client that all workers forked later see: which keys are the latest."""

    def __init__(self, clients: int) -> None:
        self._words = memoryview(mmap.mmap(-1, max(1, clients) * WORD)).cast("Q")

    def read(self, place: int) -> int:
        """The number that was last written there; 0 at first."""
        return self._words[place]

    def write(self, place: int) -> int:
        """Write a number there that was not there before."""
        self._words[place] = time_ns()
        return self._words[place]


@dataclass(slots=True)
class UrlKeys:
    """Keys at a URL. A worker that finds them changed has the others read them again."""

    url: str
    session: requests.Session
    board: Board
    place: int
    clock: Callable[[], float] = monotonic
    bucket: Bucket = field(default_factory=Bucket)
    _lock: Lock = field(default_factory=Lock)
    _keys: Keys = field(default_factory=dict)
    _tried_at: float = float("-inf")
    _read_at: float = float("-inf")
    _failed: bool = False
    _seen: int = 0
    _running: Event | None = None

    def find(self, kid: str, algorithm: str) -> PyJWK | None:
        """An unknown kid has the set read again, if that was not done too often lately."""
        began = self.clock()
        self._keep_fresh()
        if (kid, algorithm) not in self._keys:
            self._refreshed_since(began)
        if self._lost():
            raise KeysUnavailable
        return self._keys.get((kid, algorithm))

    def available(self) -> bool:
        """Whether they could be read within the last hour."""
        self._keep_fresh()
        return not self._lost()

    def _lost(self) -> bool:
        return self.clock() - self._read_at > LOST_S

    def _keep_fresh(self) -> None:
        age = self.clock() - self._read_at
        told = self.board.read(self.place) != self._seen
        if told or (age > OLD_S and not self._failed):
            self._refresh_and_wait()
        elif age > FRESH_S:
            self._refresh()

    def _refreshed_since(self, began: float) -> None:
        """Wait for a reading that runs, or for one of our own if none began at *began* or later."""
        if (running := self._running) is not None:
            running.wait(WAIT_S)
        elif self._tried_at < began:
            self._refresh_and_wait()

    def _refresh_and_wait(self) -> None:
        done = self._refresh()
        if done is not None:
            done.wait(WAIT_S)

    def _refresh(self) -> Event | None:
        """Begin to read the keys in a thread; None if they were read too often lately."""
        with self._lock:
            if self._running is not None:
                return self._running
            if not self.bucket.take():
                return None
            done = self._running = Event()
        Thread(target=self._read, args=(done,), name="jwks", daemon=True).start()
        return done

    def _read(self, done: Event) -> None:
        self._tried_at = self.clock()
        told = self.board.read(self.place)
        try:
            keys = parse_keys(fetched(self.url, self.session))
        except (OSError, urllib3.exceptions.HTTPError, ValueError) as error:
            self._failed = True
            get_logger().warning("a client's keys could not be read", error=error)
        else:
            if told == self._seen and self._keys and not same(keys, self._keys):
                told = self.board.write(self.place)
            self._keys, self._seen = keys, told
            self._read_at, self._failed = self._tried_at, False
        finally:
            with self._lock:
                self._running = None
            done.set()


def same(keys: Keys, others: Keys) -> bool:
    """Whether the same names stand for the same keys."""
    return keys.keys() == others.keys() and all(
        key.key.public_numbers() == others[name].key.public_numbers() for name, key in keys.items()
    )


def fetched(url: str, session: requests.Session) -> bytes:
    """What stands at *url*: one answer of 200, bounded in time and size, no redirect followed.

    Raises requests' and urllib3's errors, or NotAKeySet.
    """
    request = requests.PreparedRequest()
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "rxhooks"}
    request.prepare("GET", url, headers=headers)
    with session.get_adapter(url).send(
        request,
        stream=True,
        timeout=urllib3.Timeout(CONNECT_S + READ_S, CONNECT_S, READ_S),  # type: ignore[arg-type]
        verify=session.verify or True,
    ) as response:
        if response.status_code != 200:
            raise NotAKeySet("is not there")
        body = bytearray()
        while len(body) <= MAX_BYTES:
            chunk = response.raw.read1(MAX_BYTES, decode_content=False)
            if not chunk:
                return bytes(body)
            body += chunk
    raise NotAKeySet("is too large")
