"""The checklist of the protocol, item by item, against the service as it is deployed.

Each test names the items it proves; `make proofs` tells which items have none.
"""

import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests

Json = dict[str, Any]
WITHIN_S = 30
JSON = {"Content-Type": "application/json"}
IDS = {hook: f"rxhooks-{hook}" for hook in ("order-select", "order-sign", "patient-view")}


@dataclass(frozen=True, slots=True)
class Service:
    """A running service, by its origin."""

    origin: str

    @property
    def discovery(self) -> str:
        return f"{self.origin}/cds-services"

    def url(self, hook: str = "order-select") -> str:
        return f"{self.discovery}/{IDS[hook]}"

    def discover(self, **headers: str) -> list[Json]:
        answer = requests.get(self.discovery, headers=headers, timeout=WITHIN_S)
        assert answer.status_code == 200
        found: list[Json] = answer.json()["services"]
        return found

    def call(self, body: object, hook: str = "order-select", **headers: str) -> requests.Response:
        return self.send(orjson.dumps(body), hook, **headers)

    def send(
        self, body: Any, hook: str = "order-select", place: str = "", **headers: str
    ) -> requests.Response:
        """The answer to *body*, bytes or an iterator of chunks, said to be JSON."""
        sent = JSON | headers
        return requests.post(self.url(hook) + place, data=body, headers=sent, timeout=WITHIN_S)

    def feedback(self, *entries: object, hook: str = "order-select") -> requests.Response:
        return self.send(orjson.dumps({"feedback": list(entries)}), hook, "/feedback")

    def cards(self, body: object, hook: str = "order-select") -> list[Json]:
        answer = self.call(body, hook)
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["cards"]
        return found

    def raw(self, request: bytes) -> bytes:
        """The answer to bytes on a connection; what the service says before it closes it."""
        at = urlsplit(self.origin)
        where = (at.hostname or "", at.port or 0)
        with socket.create_connection(where, WITHIN_S) as connection:
            with suppress(OSError):
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
            return b"".join(_received(connection))


def _received(connection: socket.socket) -> Iterator[bytes]:
    with suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            yield part


def wire(method: str, path: str, *lines: str, body: bytes = b"") -> bytes:
    """A request as bytes, exactly as given."""
    head = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", *lines, "", ""]
    return "\r\n".join(head).encode("latin-1") + body


def outcome(answer: requests.Response, status: int) -> str:
    """What an error says, after checking that it is one as the protocol has it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome"
    assert body["issue"]
    for issue in body["issue"]:
        assert issue["severity"] in {"fatal", "error", "warning", "information"}
        assert issue["code"]
    for word in ("Traceback", "File ", "Error:", "werkzeug", "flask", "gunicorn", "marshmallow"):
        assert word not in answer.text
    return " ".join(issue["diagnostics"] for issue in body["issue"])


def without_uuids(value: Any) -> Any:
    """*value* without what is new in every answer."""
    if isinstance(value, dict):
        return {key: without_uuids(inner) for key, inner in value.items() if key != "uuid"}
    return [without_uuids(inner) for inner in value] if isinstance(value, list) else value
