"""The configuration, as a real gunicorn runs it with a small WSGI application."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

import pytest

ROOT = Path(__file__).parents[3]
WAIT_S = 30
BODY = b'{"resourceType": "Patient", "name": "Erika Mustermann"}'
APPLICATION = """
import gc, json, os
from flask import Flask
from app import metrics

flask = Flask(__name__)
flask.register_blueprint(metrics.bp)
metrics.init_app(flask, "knowledge-1")

@flask.get("/process")
def process():
    return {"pid": os.getpid(), "gc": gc.get_threshold(), "frozen": gc.get_freeze_count(),
            "folder": os.environ["PROMETHEUS_MULTIPROC_DIR"]}

def app(environ, start_response):
    if environ["PATH_INFO"] != "/slow":
        return flask(environ, start_response)
    start_response("200 OK", [("Content-Length", "10")])
    return slow(environ["wsgi.input"])

def slow(body):
    yield b"started "
    yield body.read(2)
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn, and what it writes to standard error."""

    process: subprocess.Popen[str]
    port: int
    lines: "SimpleQueue[str]"

    def get(self, path: str) -> HTTPResponse:
        """The answer to a GET on a connection of its own, its body not yet read."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse()

    def ask(self) -> dict[str, Any]:
        """What the worker that happens to answer tells of itself."""
        answer: dict[str, Any] = json.loads(self.get("/process").read())
        return answer

    def next_line(self) -> dict[str, Any]:
        line: dict[str, Any] = json.loads(self.lines.get(timeout=WAIT_S))
        return line

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT_S)


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    (tmp_path / "small.py").write_text(APPLICATION)
    started: list[Server] = []

    def begin(**environment: str) -> Server:
        server = _running(tmp_path, {"RXHOOKS_WORKERS": "1", **environment})
        started.append(server)
        return server

    yield begin
    for server in started:
        if server.process.poll() is None:
            server.stop()


def _running(folder: Path, environment: dict[str, str]) -> Server:
    process = subprocess.Popen(
        command(),
        cwd=ROOT,
        env=surroundings(folder, {"RXHOOKS_BIND": "127.0.0.1:0", **environment}),
        text=True,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=_read, args=(process.stderr, lines), daemon=True).start()
    first = json.loads(lines.get(timeout=WAIT_S))
    assert first["event"].startswith("listening on http://127.0.0.1:")
    return Server(process, int(first["event"].rpartition(":")[2]), lines)


def _read(stream: IO[str], lines: "SimpleQueue[str]") -> None:
    with stream:
        for line in stream:
            lines.put(line)


def command() -> list[str]:
    return [sys.executable, "-m", "gunicorn", "-c", "app/gunicorn.conf.py", "small:app"]


def surroundings(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """The environment, without what may be set where the tests run."""
    outside = {key: value for key, value in os.environ.items() if not key.startswith("RXHOOKS_")}
    outside.pop("PROMETHEUS_MULTIPROC_DIR", None)
    return {**outside, "PYTHONPATH": str(folder), **environment}


def failed(folder: Path, **environment: str) -> str:
    """What a gunicorn that does not start says; its exit code is 1."""
    ended = subprocess.run(
        command(),
        cwd=ROOT,
        env=surroundings(folder, environment),
        text=True,
        capture_output=True,
        timeout=WAIT_S,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    return ended.stderr


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S) as connection:
        yield connection


def received(connection: socket.socket, end: bytes) -> bytes:
    """What *connection* gives, up to and including *end*."""
    found = b""
    while end not in found:
        piece = connection.recv(4096)
        assert piece, found
        found += piece
    return found


def test_a_worker_collects_rarely_and_does_not_walk_what_was_loaded(start: Start) -> None:
    told = start().ask()
    assert told["gc"] == [50_000, 20, 100]
    assert told["frozen"] > 10_000


def test_no_answer_names_a_version(start: Start) -> None:
    answer = start().get("/process")
    assert answer.headers["Server"] == "gunicorn"
    assert not answer.headers["X-Powered-By"]


def test_no_header_shifts_the_path(start: Start) -> None:
    server = start()
    for header in ("SCRIPT_NAME: /public", "Script-Name: /public", "PATH_INFO: /process"):
        with connected(server) as connection:
            head = f"GET /public/process HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n"
            connection.sendall(head.encode())
            assert b" 404 " in received(connection, b"\r\n")


@pytest.mark.parametrize(
    ("listening", "told"),
    [
        ("http://0.0.0.0:8080", True),
        ("http://[::]:8080", True),
        ("http://127.0.0.1:8080", False),
        ("http://[::1]:8080", False),
        ("unix:/run/rxhooks.sock", False),
    ],
)
def test_an_open_service_that_other_machines_reach_says_so(
    tmp_path: Path, listening: str, told: bool
) -> None:
    lines = ready(tmp_path, listening, RXHOOKS_OPEN="1")
    warning = f"open: every machine that reaches {listening} may call"
    assert [line["event"] for line in lines[1:]] == [warning] * told
    assert len(ready(tmp_path, listening)) == 1


def ready(folder: Path, listening: str, **environment: str) -> list[dict[str, Any]]:
    """What is logged when gunicorn, without a socket here, has begun to listen there."""
    script = (
        "import runpy, types; hooks = runpy.run_path('app/gunicorn.conf.py');"
        f"hooks['when_ready'](types.SimpleNamespace(LISTENERS=[{listening!r}]))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=surroundings(folder, environment) | {"PYTHONPATH": str(ROOT)},
        text=True,
        capture_output=True,
        timeout=WAIT_S,
        check=True,
    )
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_a_busy_port_ends_the_start_with_one_sentence(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = failed(tmp_path, RXHOOKS_BIND=f"127.0.0.1:{port}")
    assert said == f"rxhooks: cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_a_start_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "small.py").write_text(
        "import os, sys; sys.exit(os.environ['PROMETHEUS_MULTIPROC_DIR'])"
    )
    folder = Path(failed(tmp_path).strip())
    assert folder.name.startswith("rxhooks-metrics-")
    assert not folder.exists()


@pytest.mark.parametrize("name", ["RXHOOKS_WORKERS", "RXHOOKS_THREADS"])
@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "", "1000", "٣"])
def test_a_number_that_is_none_ends_the_start_with_one_sentence(
    tmp_path: Path, name: str, text: str
) -> None:
    said = failed(tmp_path, **{name: text})
    assert said == f"rxhooks: {name} must be a whole number from 1 to 999\n"


def test_a_long_url_is_refused_and_not_logged(start: Start) -> None:
    server = start()
    assert server.get(f"/process?name={'Erika' * 1_000}").status == 400
    line = server.next_line()
    assert line["level"] == "warning"
    assert "Request Line is too large" in line["event"]
    assert "Erika" not in line["event"]


def test_a_body_that_is_taken_for_a_request_is_not_logged(start: Start) -> None:
    server = start()
    with connected(server) as connection:
        connection.sendall(BODY + b"\r\n\r\n")
        assert b" 400 " in received(connection, b"\r\n")
    line = server.next_line()
    assert line["event"].startswith("Invalid request from ip=127.0.0.1: ")
    assert "Erika" not in line["event"]


def test_a_stop_lets_a_running_call_finish(start: Start) -> None:
    server = start()
    with connected(server) as connection:
        connection.sendall(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\no")
        received(connection, b"started ")
        server.process.send_signal(signal.SIGTERM)
        connection.sendall(b"k")
        assert received(connection, b"ok")
    assert server.process.wait(WAIT_S) == 0


def test_counts_are_those_of_all_workers_and_leave_nothing_behind(start: Start) -> None:
    server = start(RXHOOKS_WORKERS="2")
    told = [server.ask()]
    while len({one["pid"] for one in told}) < 2:
        told.append(server.ask())
        assert len(told) < 1_000
    counted = server.get("/metrics").read().decode()
    labels = 'endpoint="process",service="none",status="200"'
    assert f"rxhooks_requests_total{{{labels}}} {len(told)}.0" in counted
    assert 'rxhooks_build_info{knowledge="knowledge-1"} 1.0' in counted
    assert server.stop() == 0
    assert not Path(told[0]["folder"]).exists()


def test_a_folder_of_the_site_is_cleared_of_old_counts_and_of_nothing_else(
    start: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "counts"
    folder.mkdir()
    old, other = folder / "counter_1.db", folder / "rxhooks.db"
    old.write_bytes(b"old")
    other.write_bytes(b"feedback")
    server = start(PROMETHEUS_MULTIPROC_DIR=str(folder))
    assert server.ask()["folder"] == str(folder)
    assert server.stop() == 0
    assert (old.exists(), other.exists()) == (False, True)


def test_a_worker_that_is_killed_is_replaced_and_its_counts_stay(start: Start) -> None:
    server = start()
    killed = server.ask()["pid"]
    os.kill(killed, signal.SIGKILL)
    line = server.next_line()
    assert (line["level"], f"pid:{killed}" in line["event"]) == ("error", True)
    assert server.ask()["pid"] != killed
    counted = server.get("/metrics").read().decode()
    assert 'endpoint="process",service="none",status="200"} 2.0' in counted
