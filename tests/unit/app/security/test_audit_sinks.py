"""Where audit events go: nothing is lost unseen, and a moved file is left alone."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from prometheus_client import REGISTRY

from app.security import audit_sinks
from app.security.audit_server import ANSWER_S, AuditFailed, ServerSink, TokenFile
from app.security.audit_sinks import (
    AuditSettings,
    FileSink,
    InBackground,
    audit_settings,
    sinks,
)
from tests.contract.loopback import Call, http, loopback

WAIT_S = 30
EVENT = b'{"resourceType":"AuditEvent"}'


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("rxhooks_audit_events_total", {"outcome": outcome}) or 0.0


def failures() -> float:
    return counted("failed")


def waiting() -> float | None:
    return REGISTRY.get_sample_value("rxhooks_audit_waiting")


def until(true: Callable[[], bool]) -> None:
    """Wait for what another thread is to do."""
    end = monotonic() + WAIT_S
    while not true():
        assert monotonic() < end
        sleep(0.01)


def nothing(_descriptor: int) -> None:
    """Nothing is forced to the disk."""


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines()


# The file


def test_each_event_is_a_line_at_the_end_of_a_file_that_others_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "audit.ndjson"
    file.write_text("earlier\n")
    file.chmod(0o600)
    sink = FileSink(file, nothing)
    sink.write(EVENT)
    sink.write(EVENT)
    assert lines(file) == ["earlier", EVENT.decode(), EVENT.decode()]


def test_a_new_file_is_the_owner_s_alone(tmp_path: Path) -> None:
    FileSink(tmp_path / "new.ndjson", nothing).write(EVENT)
    assert (tmp_path / "new.ndjson").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("removed", [True, False], ids=["removed", "moved"])
def test_a_file_that_was_rotated_is_left_and_a_new_one_begun(tmp_path: Path, removed: bool) -> None:
    file, old = tmp_path / "audit.ndjson", tmp_path / "audit.1"
    sink = FileSink(file, nothing)
    sink.write(EVENT)
    file.rename(old)
    if not removed:
        file.touch()
    sink.write(EVENT)
    assert (len(lines(old)), len(lines(file))) == (1, 1)


def test_where_the_audit_is_required_each_line_is_forced_to_the_disk(tmp_path: Path) -> None:
    forced: list[int] = []
    sink = FileSink(tmp_path / "audit.ndjson", lambda file: forced.append(os.fstat(file).st_size))
    sink.write(EVENT)
    assert forced == [len(EVENT) + 1]


def test_a_line_is_forced_where_it_stands_though_the_file_is_rotated_meanwhile(
    tmp_path: Path,
) -> None:
    file, old = tmp_path / "audit.ndjson", tmp_path / "audit.1"
    forced: list[int] = []

    def slowly(descriptor: int) -> None:
        if not old.exists():
            file.rename(old)
            other = Thread(target=sink.write, args=(EVENT,))
            other.start()
            other.join(WAIT_S)
        forced.append(os.fstat(descriptor).st_ino)

    sink = FileSink(file, slowly)
    sink.write(EVENT)
    assert (lines(old), lines(file)) == ([EVENT.decode()], [EVENT.decode()])
    assert forced == [file.stat().st_ino, old.stat().st_ino]


def test_a_file_that_cannot_be_written_is_a_failure_without_its_name(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "absent" / "audit.ndjson", nothing)
    for attempt in (lambda: sink.write(EVENT), sink.check):
        with pytest.raises(AuditFailed, match=r"\AFileNotFoundError\Z"):
            attempt()
    (tmp_path / "absent").mkdir()
    sink.check()
    sink.write(EVENT)


def test_a_line_that_was_cut_short_does_not_spoil_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "audit.ndjson"
    sink, whole = FileSink(file, nothing), os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda descriptor, line: whole(descriptor, line[:5]))
        with pytest.raises(AuditFailed, match="cut short"):
            sink.write(EVENT)
    sink.write(EVENT)
    assert lines(file) == [EVENT.decode()[:5], EVENT.decode()]


# The server


def answering(status: int) -> Callable[[Call], None]:
    def behave(call: Call) -> None:
        call.send(http({}, f"{status} X", "Connection: close\r\n"))
        call.hang_up()

    return behave


def test_a_server_is_posted_the_event_with_the_token_of_the_moment(tmp_path: Path) -> None:
    token = tmp_path / "token"
    with loopback(answering(201)) as server:
        sink = ServerSink(server.base, TokenFile(token))
        for text in ("first", "second\n"):
            token.write_text(text)
            sink.write(EVENT)
        sink.check()
    posts = [call for call in server.calls if call.head.startswith("POST /fhir/AuditEvent ")]
    assert [call.header("Authorization") for call in posts] == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize("status", [200, 201])
def test_a_server_without_a_token_is_fine(status: int) -> None:
    with loopback(answering(status)) as server:
        ServerSink(server.base, None).write(EVENT)
        assert server.calls[0].header("Authorization") == ""


@pytest.mark.parametrize("status", [302, 400, 401, 500])
def test_any_other_answer_is_a_failure_that_health_sees(status: int) -> None:
    with loopback(answering(status)) as server:
        sink = ServerSink(server.base, None)
        for attempt in (lambda: sink.write(EVENT), sink.check):
            with pytest.raises(AuditFailed, match=f"HTTP {status}"):
                attempt()


def test_a_server_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(AuditFailed, match=r"\AConnectionError\Z"):
        ServerSink("http://127.0.0.1:9/fhir", None).write(EVENT)
    with pytest.raises(AuditFailed, match=r"\AFileNotFoundError\Z"):
        ServerSink("http://127.0.0.1:9/fhir", TokenFile(tmp_path / "absent")).write(EVENT)


LONG_HEAD = http({}, "201 Created", f"X: {'x' * 5_000}\r\n")
LONG_BODY = http(b"x" * 5_000, "201 Created")
HEAD_OF_IT = LONG_BODY.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def dripping_head(call: Call) -> None:
    call.drip(LONG_HEAD)


def dripping_body(call: Call) -> None:
    call.send(HEAD_OF_IT)
    call.drip(LONG_BODY.removeprefix(HEAD_OF_IT))


def test_a_server_that_drips_its_head_is_a_failure_in_time() -> None:
    with loopback(dripping_head) as server:
        sink, started = ServerSink(server.base, None), monotonic()
        for attempt in (lambda: sink.write(EVENT), sink.check):
            with pytest.raises(AuditFailed):
                attempt()
        assert monotonic() - started < 4 * ANSWER_S


def test_a_server_that_drips_its_body_has_taken_the_event() -> None:
    with loopback(dripping_body) as server:
        sink, started = ServerSink(server.base, None), monotonic()
        sink.write(EVENT)
        sink.check()
        assert monotonic() - started < 4 * ANSWER_S


def test_a_connection_is_used_again_and_one_that_was_closed_is_replaced() -> None:
    def twice(call: Call) -> None:
        if call.nth > 2:
            call.hang_up()
        else:
            call.send(http({}, "201 Created"))

    with loopback(twice) as server:
        sink = ServerSink(server.base, None)
        for _ in range(3):
            sink.write(EVENT)
        assert [call.nth for call in server.calls] == [1, 2, 3, 1]


# In the background


def test_a_server_that_drips_does_not_keep_the_thread() -> None:
    before = failures()
    with loopback(dripping_head) as server:
        background = InBackground(ServerSink(server.base, None))
        background.write(EVENT)
        background.write(EVENT)
        until(lambda: failures() >= before + 2)
        with pytest.raises(AuditFailed):
            background.check()


class Slow:
    """A sink that waits until it is told to go on."""

    def __init__(self, failure: str = "") -> None:
        self.go, self.done, self.failure = Event(), Event(), failure
        self.events: list[bytes] = []

    def write(self, event: bytes) -> None:
        self.go.wait(10)
        self.events.append(event)
        self.done.set()
        if self.failure:
            raise AuditFailed(self.failure)

    def check(self) -> None:
        if self.failure:
            raise AuditFailed(self.failure)


def test_a_server_in_the_background_holds_up_nobody() -> None:
    slow = Slow()
    background = InBackground(slow)
    background.write(EVENT)
    assert slow.events == []
    slow.go.set()
    assert slow.done.wait(10)
    assert slow.events == [EVENT]
    background.check()


def test_what_fails_in_the_background_is_counted_and_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before, slow = failures(), Slow("HTTP 500")
    background = InBackground(slow)
    slow.go.set()
    background.write(EVENT)
    slow.done.wait(10)
    background.write(EVENT)  # the one thread has then told of the first
    slow.done.clear()
    slow.done.wait(10)
    assert failures() >= before + 1
    line = json.loads(capsys.readouterr().err.splitlines()[0])
    assert (line["event"], line["reason"]) == ("audit event not written", "HTTP 500")
    with pytest.raises(AuditFailed):
        background.check()


def test_an_event_is_counted_as_written_once_it_is(tmp_path: Path) -> None:
    before, slow = counted("written"), Slow()
    background = InBackground(slow)
    background.write(EVENT)
    assert (counted("written"), waiting()) == (before, 1)
    slow.go.set()
    until(lambda: waiting() == 0)
    FileSink(tmp_path / "audit.ndjson", nothing).write(EVENT)
    assert counted("written") == before + 1
    with loopback(answering(201)) as server:
        ServerSink(server.base, None).write(EVENT)
    assert counted("written") == before + 2


def test_an_event_that_nobody_takes_is_not_counted_as_written() -> None:
    written, failed = counted("written"), failures()
    background = InBackground(ServerSink("http://127.0.0.1:9/fhir", None))
    background.write(EVENT)
    until(lambda: waiting() == 0)
    assert (counted("written"), failures()) == (written, failed + 1)


def test_too_many_that_wait_are_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_sinks, "MOST_WAITING", 1)
    slow = Slow()
    background = InBackground(slow)
    background.write(EVENT)
    with pytest.raises(AuditFailed, match="too many"):
        background.write(EVENT)
    slow.go.set()


# Settings


def read(**environ: str) -> tuple[AuditSettings, list[str]]:
    problems: list[str] = []
    return audit_settings(environ, problems), problems


def test_without_settings_the_audit_is_off() -> None:
    settings, problems = read()
    assert (settings, problems) == (AuditSettings(), [])
    assert sinks(settings) == ()


def test_settings_name_a_file_a_server_or_both(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.touch()
    settings, problems = read(
        RXHOOKS_AUDIT_FILE=str(tmp_path / "audit.ndjson"),
        RXHOOKS_AUDIT_SERVER="https://audit.example/fhir/",
        RXHOOKS_AUDIT_TOKEN_FILE=str(token),
        RXHOOKS_AUDIT_REQUIRED="1",
    )
    assert problems == []
    assert settings.server == "https://audit.example/fhir"
    assert [type(sink) for sink in sinks(settings)] == [FileSink, ServerSink]
    relaxed = AuditSettings(settings.file, settings.server)
    assert [type(sink) for sink in sinks(relaxed)] == [FileSink, InBackground]


@pytest.mark.parametrize(
    ("environ", "problem"),
    [
        ({"RXHOOKS_AUDIT_FILE": "/absent/audit"}, "RXHOOKS_AUDIT_FILE: cannot be written there"),
        ({"RXHOOKS_AUDIT_FILE": "/"}, "RXHOOKS_AUDIT_FILE: cannot be written there"),
        ({"RXHOOKS_AUDIT_SERVER": "http://ehr.example"}, "RXHOOKS_AUDIT_SERVER: must be an https"),
        ({"RXHOOKS_AUDIT_SERVER": "https://a:b@ehr.example"}, "RXHOOKS_AUDIT_SERVER: must be an"),
        ({"RXHOOKS_AUDIT_SERVER": "https://ehr.example:x"}, "RXHOOKS_AUDIT_SERVER: must be an"),
        ({"RXHOOKS_AUDIT_TOKEN_FILE": "/absent"}, "RXHOOKS_AUDIT_TOKEN_FILE: is not a file"),
        ({"RXHOOKS_AUDIT_REQUIRED": "yes"}, "RXHOOKS_AUDIT_REQUIRED: must be 0 or 1"),
        ({"RXHOOKS_AUDIT_REQUIRED": "1"}, "RXHOOKS_AUDIT_REQUIRED: set RXHOOKS_AUDIT_FILE or"),
    ],
)
def test_what_cannot_work_is_told(environ: dict[str, str], problem: str) -> None:
    _, [told] = read(**environ)
    assert told.startswith(problem)
