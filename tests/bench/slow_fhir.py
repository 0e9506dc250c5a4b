"""A FHIR server on loopback that answers each search late, and costs the machine little.

    python -m tests.bench.slow_fhir PORT DELAY_MS

The sandbox's `slow-50` does the same, but its Flask would need a core for itself.
"""

import asyncio
import sys
from typing import cast

import orjson

from tests.bench.bodies import searches

END = b"\r\n\r\n"


class Late(asyncio.Protocol):
    """One connection: each request is answered by its resource type, after the delay."""

    def __init__(self, answers: dict[str, bytes], delay_s: float) -> None:
        self._answers = answers
        self._delay_s = delay_s
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        while END in self._read:
            head, _, self._read = self._read.partition(END)
            target = head.split(b" ", 2)[1].decode()
            kind = target.partition("?")[0].rpartition("/")[2]
            answer = self._answers.get(kind, NOTHING)
            asyncio.get_running_loop().call_later(self._delay_s, self._answer, answer)

    def _answer(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


def http(status: str, body: bytes) -> bytes:
    """*body* as an answer over HTTP."""
    kind = b"Content-Type: application/fhir+json\r\n"
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (
        status.encode(),
        kind,
        len(body),
        body,
    )


NOTHING = http("404 Not Found", b'{"resourceType": "OperationOutcome"}')


async def serve(port: int, delay_s: float) -> None:
    """Answer until the process is ended."""
    answers = {kind: http("200 OK", orjson.dumps(found)) for kind, found in searches().items()}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Late(answers, delay_s), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]) / 1000))
