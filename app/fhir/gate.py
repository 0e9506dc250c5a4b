"""How many calls may wait for one server at a time: one that hangs takes some threads, not all.

A call for which there is no place waits while others come back from the server. If nobody does for
a moment, it goes without, and later calls do not even wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from app.fhir.deadline import Deadline

PATIENCE_S = 0.25


def places_of(threads: int) -> int:
    """The calls of one process that may wait for the same server: a quarter stays for others."""
    return max(1, threads - max(1, threads // 4))


class Gate:
    """The places at one server, of one process."""

    def __init__(self, places: int) -> None:
        self._free = BoundedSemaphore(places)
        self._back = 0
        self._stuck = False

    @contextmanager
    def turn(self, deadline: Deadline) -> Iterator[bool]:
        """Whether the server may be asked now; its place is free again after the block."""
        if not self._entered(deadline):
            yield False
            return
        try:
            yield True
        finally:
            self._back += 1
            self._stuck = False
            self._free.release()

    def _entered(self, deadline: Deadline) -> bool:
        if self._free.acquire(blocking=False):
            return True
        while not (self._stuck or deadline.over()):
            before = self._back
            if self._free.acquire(timeout=min(PATIENCE_S, deadline.remaining())):
                return True
            self._stuck = self._back == before
        return False
