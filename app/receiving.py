"""How requests arrive under gunicorn: each within a time of its own.

gunicorn waits for ever for the rest of a request, with one of its few threads. Here a request that
is not whole after RECEIVE_S counts as broken off, however slowly or oddly it drips in, and so does
an answer that nobody takes. What follows a broken request on its connection is never read.
"""

import socket
import ssl
import struct
from collections.abc import Iterator
from time import monotonic
from typing import Any

from gunicorn import http
from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import InvalidHeader, InvalidRequestLine, NoMoreData
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader

RECEIVE_S = 10.0
SILENCE_S = 3  # without a single byte
SEND_S = 30
HTTP_1_1 = (1, 1)  # from here on a request has to name its host
WAITS = (BlockingIOError, TimeoutError, ssl.SSLWantReadError)


class TimedUnreader(SocketUnreader):  # type: ignore[misc]
    """The bytes of a connection, until `end`; after that it looks closed."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.end = monotonic() + RECEIVE_S
        self.broken = False
        # In the kernel, so that no byte costs a system call more.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENCE_S, 0))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_S, 0))

    def read(self, size: int | None = None) -> bytes:
        received: bytes = b"" if self.broken else super().read(size)
        return received

    def chunk(self) -> bytes:
        if monotonic() >= self.end:
            self.broken = True
            return b""
        try:
            received: bytes = super().chunk()
        except WAITS:
            self.broken = True
            return b""
        return received


class TimedParser(RequestParser):  # type: ignore[misc]
    """The requests of a connection, each with its own time to arrive."""

    def __init__(self, cfg: Any, source: Any, source_addr: Any) -> None:
        super().__init__(cfg, source, source_addr)
        self.unreader = TimedUnreader(source)

    def __next__(self) -> Any:
        self.unreader.end = monotonic() + RECEIVE_S
        message = self._parsed()
        if message.version >= HTTP_1_1 and all(name != "HOST" for name, _ in message.headers):
            raise InvalidHeader("Host: there is none")
        message.body.end_connection = message.force_close  # for app/cds/body.py
        reader = message.body.reader
        if isinstance(reader, ChunkedReader):
            reader.parser = self._chunks(reader.parser)
        return message

    def finish_body(self, deadline: float | None = None, max_bytes: int | None = None) -> bool:
        """Whether the connection may be used again.

        Not if the next request came in already: gunicorn would wait for a byte of it that is here.
        """
        finished = bool(super().finish_body(deadline, max_bytes))
        return finished and (deadline is None or not self.unreader.buf.getvalue())

    def _parsed(self) -> Any:
        """The next request. A head whose lines end with LF alone has not broken off: it is none."""
        try:
            return super().__next__()
        except NoMoreData as error:
            if b"\n\n" in (error.buf or b""):
                raise InvalidRequestLine("its lines end with LF alone") from None
            raise

    def _chunks(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """*chunks*; if they break the rules, nobody can tell where the next request begins."""
        try:
            yield from chunks
        except Exception:
            self.unreader.broken = True
            raise


def install() -> None:
    """Have gunicorn receive all requests so; to be called before the first connection."""
    http.RequestParser = TimedParser
