"""A real HTTP server on loopback whose every byte, and every silence, the test decides."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from threading import Event, Lock, Thread
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came in, and the connection to answer it on; *nth* counts from 1 there."""

    head: str
    nth: int
    connection: socket.socket
    stopped: Event
    body: bytes = b""

    @property
    def target(self) -> str:
        return self.head.split(" ", 2)[1]

    def header(self, name: str) -> str:
        """The value of header *name*; empty if it was not sent."""
        lines = (line.partition(": ") for line in self.head.split("\r\n")[1:])
        return next((value for key, _, value in lines if key.lower() == name.lower()), "")

    def send(self, answer: bytes) -> None:
        self.connection.sendall(answer)

    def hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def say_nothing(self) -> None:
        """Keep the client waiting until the test is over."""
        self.stopped.wait(30)

    def drip(self, answer: bytes) -> None:
        """Send a byte fifty times a second, for as long as the test lasts."""
        for byte in answer:
            if self.stopped.wait(0.02):
                return
            self.send(bytes([byte]))


Behaviour = Callable[[Call], None]


@dataclass(frozen=True, slots=True)
class Loopback:
    """A running server: its base URL, and all that was asked of it so far."""

    base: str
    calls: list[Call]
    stopped: Event
    body: bytes = b""

    @property
    def targets(self) -> list[str]:
        return [call.target for call in self.calls]


Serve = Callable[[Behaviour], Loopback]


@dataclass(slots=True)
class _Open:
    """The connections that are open."""

    lock: Lock = field(default_factory=Lock)
    sockets: list[socket.socket] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)


def bundle(*resources: Any, next_url: str | None = None) -> dict[str, Any]:
    """A searchset of *resources*."""
    links = [{"relation": "next", "url": next_url}] if next_url is not None else []
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}


def observation(name: str) -> dict[str, str]:
    return {"resourceType": "Observation", "id": name}


def outcome(*severities: str) -> dict[str, Any]:
    issues = [{"severity": severity, "code": "processing"} for severity in severities]
    return {"resourceType": "OperationOutcome", "issue": issues}


def ids(found: dict[str, Any] | None) -> list[str]:
    """The ids of a Bundle's resources."""
    assert found is not None
    return [entry["resource"]["id"] for entry in found["entry"]]


def http(body: object, status: str = "200 OK", headers: str = "") -> bytes:
    """A complete HTTP answer; *body* as it is if it is bytes, else as JSON."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return (
        f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{headers}\r\n".encode() + content
    )


def always(body: object) -> Behaviour:
    """A server that gives the same answer to everything."""
    answer = http(body)
    return lambda call: call.send(answer)


@contextmanager
def loopback(behave: Behaviour) -> Iterator[Loopback]:
    """Serve *behave* in threads, one for each connection, and close everything at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        server = Loopback(f"http://127.0.0.1:{port}/fhir", [], Event())
        connections = _Open()
        accepting = Thread(target=_accept, args=(listener, server, behave, connections))
        accepting.start()
        try:
            yield server
        finally:
            server.stopped.set()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(10)
            _close(connections)


def _accept(listener: socket.socket, server: Loopback, behave: Behaviour, open_: _Open) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            thread = Thread(target=_serve_and_close, args=(connection, server, behave, open_))
            with open_.lock:
                open_.sockets.append(connection)
                open_.threads = [each for each in open_.threads if each.is_alive()]
                open_.threads.append(thread)
                thread.start()


def _serve_and_close(
    connection: socket.socket, server: Loopback, behave: Behaviour, open_: _Open
) -> None:
    """A long run opens more connections than a process may hold: each is closed when it is over."""
    try:
        _serve(connection, server, behave)
    finally:
        with open_.lock:
            open_.sockets.remove(connection)
        connection.close()


def _serve(connection: socket.socket, server: Loopback, behave: Behaviour) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    nth = 0
    with suppress(OSError), connection.makefile("rb") as stream:
        while head := _head(stream):
            nth += 1
            call = Call(head, nth, connection, server.stopped)
            if length := call.header("Content-Length"):
                call = replace(call, body=stream.read(int(length)))
            server.calls.append(call)
            behave(call)


def _head(stream: Any) -> str:
    lines = []
    while (line := stream.readline()) not in (b"", b"\r\n"):
        lines.append(line.decode("latin-1"))
    return "".join(lines)


def _close(connections: _Open) -> None:
    with connections.lock:
        sockets, threads = list(connections.sockets), list(connections.threads)
        for connection in sockets:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(10)
