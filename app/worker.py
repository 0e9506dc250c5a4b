"""gunicorn's threaded worker, made to stop without losing a call that reached it."""

import select
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]


class GracefulWorker(ThreadWorker):  # type: ignore[misc]
    """On SIGTERM it takes in what waits to be accepted, and closes the door at once.

    gunicorn's own keeps the listening socket open until its last call has ended: clients that
    connect meanwhile are let in by the kernel, never answered, and cut off at the end.
    """

    def set_accept_enabled(self, enabled: Any) -> None:
        """As gunicorn has it; the last time, which is at the stop, it also clears the queue."""
        super().set_accept_enabled(enabled)
        if not self.alive and not enabled:
            for listener in self.sockets:
                self._accept_waiting(listener)
                listener.close()

    def _accept_waiting(self, listener: Any) -> None:
        listener.setblocking(False)
        while select.select([listener], [], [], 0)[0]:
            before = self.nr_conns
            self.accept(listener)
            if self.nr_conns == before:
                return  # another worker was quicker
