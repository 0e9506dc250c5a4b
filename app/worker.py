"""gunicorn's threaded worker, made to stop without losing a call that reached it."""

import select
import selectors
import time
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

LINGER_S = 2.0  # how long a connection that was promised to stay open stays so after SIGTERM
CHECK_S = 0.2


class GracefulWorker(ThreadWorker):  # type: ignore[misc]
    """On SIGTERM it takes in what waits to be accepted, closes the door, and answers the rest.

    gunicorn's own keeps the listening socket until its last call has ended: clients that connect
    meanwhile are let in by the kernel, never answered, and cut off at the end. It also closes
    connections whose answer, sent a moment before, promised to keep them open.
    """

    def set_accept_enabled(self, enabled: Any) -> None:
        """As gunicorn has it; the last time, which is at the stop, it also clears the queue."""
        super().set_accept_enabled(enabled)
        if self.alive or enabled:
            return
        for listener in self.sockets:
            self._accept_waiting(listener)
            listener.close()
        for connection in self.keepalived_conns:
            connection.timeout = min(connection.timeout, time.monotonic() + LINGER_S)

    def finish_request(self, conn: Any, fs: "Future[Any]") -> None:
        """As gunicorn has it; while stopping, a kept connection gets one more call."""
        kept = not fs.cancelled() and fs.exception() is None and fs.result() is True
        if self.alive or not kept:
            super().finish_request(conn, fs)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + LINGER_S
        self.keepalived_conns.append(conn)
        answer = partial(self.on_client_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, answer)

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        """As gunicorn has it; while stopping, it looks often whether idle connections are over."""
        super().wait_for_and_dispatch_events(timeout if self.alive else min(timeout or 0, CHECK_S))

    def _accept_waiting(self, listener: Any) -> None:
        listener.setblocking(False)
        while select.select([listener], [], [], 0)[0]:
            before = self.nr_conns
            self.accept(listener)
            if self.nr_conns == before:
                return  # another worker was quicker
