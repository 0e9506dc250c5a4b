"""Where audit events go: a file of one JSON line each, a FHIR server, or both.

The file is opened for append and written with one call a line, so several workers share it. It is
opened anew when it was moved or removed (log rotation). Lines are forced to the disk (fsync) where
the audit is required, before the answer leaves; else when the system sees fit. Where it is not
required, a server is told by a thread of its own, and events that wait for it are lost with the
process if that is killed.
"""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

from app.logs import get_logger
from app.metrics import observe_audit, observe_audit_waiting
from app.security.audit_server import AuditFailed, ServerSink, TokenFile, Tokens
from app.security.urls import is_secure

MOST_WAITING = 10_000  # events for a server that does not take them
TOKEN_MODE = 0o600


class Sink(Protocol):
    """Somewhere that events go."""

    def write(self, event: bytes) -> None:
        """Keep *event*, a JSON object on one line; raises AuditFailed."""

    def check(self) -> None:
        """Raise AuditFailed if events cannot be written now, as far as can be told."""


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Where audit events go, and whether a call may be answered without one."""

    file: Path | None = None
    server: str = ""
    token_file: Path | None = None
    required: bool = False


def audit_settings(environ: Mapping[str, str], problems: list[str]) -> AuditSettings:
    """What *environ* says of the audit; faults go to *problems*."""
    file, server = environ.get("RXHOOKS_AUDIT_FILE"), environ.get("RXHOOKS_AUDIT_SERVER", "")
    token, required = environ.get("RXHOOKS_AUDIT_TOKEN_FILE"), environ.get("RXHOOKS_AUDIT_REQUIRED")
    if file is not None and not _may_hold(Path(file)):
        problems.append("RXHOOKS_AUDIT_FILE: cannot be written there")
    if server and not is_secure(server):
        problems.append("RXHOOKS_AUDIT_SERVER: must be an https URL (plain http only on loopback)")
    if token is not None and not Path(token).is_file():
        problems.append("RXHOOKS_AUDIT_TOKEN_FILE: is not a file")
    if required not in {None, "0", "1"}:
        problems.append("RXHOOKS_AUDIT_REQUIRED: must be 0 or 1")
    if required == "1" and not file and not server:
        problems.append("RXHOOKS_AUDIT_REQUIRED: set RXHOOKS_AUDIT_FILE or RXHOOKS_AUDIT_SERVER")
    return AuditSettings(
        Path(file) if file else None,
        server.rstrip("/"),
        Path(token) if token else None,
        required == "1",
    )


def sinks(
    settings: AuditSettings, tokens: Tokens | None = None, ca_file: Path | None = None
) -> tuple[Sink, ...]:
    """What *settings* name; none where the audit is off.

    *tokens* are for the server, where the settings name no file of one.
    """
    found: list[Sink] = []
    if settings.file is not None:
        found.append(FileSink(settings.file, os.fsync if settings.required else _not_forced))
    if settings.server:
        own = TokenFile(settings.token_file) if settings.token_file else tokens
        server = ServerSink(settings.server, own, ca_file)
        found.append(server if settings.required else InBackground(server))
    return tuple(found)


class FileSink:
    """Lines at the end of *path*; *force* brings what was written to the disk.

    It is given a descriptor of its own: another thread may meanwhile find the file moved, and close
    the one that all share.
    """

    def __init__(self, path: Path, force: Callable[[int], None]) -> None:
        self._path = path
        self._force = force
        self._lock = Lock()
        self._descriptor = -1
        self._cut = False

    def write(self, event: bytes) -> None:
        try:
            with self._lock:
                cut, written_to = self._appended(event), os.dup(self._descriptor)
            try:
                self._force(written_to)
            finally:
                os.close(written_to)
        except OSError as error:
            raise AuditFailed(type(error).__name__) from None
        if cut:
            raise AuditFailed("the line was cut short")
        observe_audit("written")

    def check(self) -> None:
        try:
            with self._lock:
                self._opened()
        except OSError as error:
            raise AuditFailed(type(error).__name__) from None

    def _appended(self, event: bytes) -> bool:
        """Write *event* as a line; whether it was cut short. The next one then begins anew."""
        line = (b"\n" if self._cut else b"") + event + b"\n"
        self._cut = os.write(self._opened(), line) != len(line)
        return self._cut

    def _opened(self) -> int:
        """The open file; anew if another one, or none, stands at its path."""
        if self._descriptor >= 0 and self._is_moved():
            os.close(self._descriptor)
            self._descriptor = -1
        if self._descriptor < 0:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, TOKEN_MODE)
        return self._descriptor

    def _is_moved(self) -> bool:
        try:
            there, ours = self._path.stat(), os.fstat(self._descriptor)
        except FileNotFoundError:
            return True
        return (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)


class InBackground:
    """*sink*, told by a thread of its own; each process has one. What fails is counted and logged.

    The thread ends what waits when the process ends in peace.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._lock = Lock()
        self._thread: ThreadPoolExecutor | None = None
        self._pid = 0
        self._waiting = 0

    def write(self, event: bytes) -> None:
        with self._lock:
            if self._waiting >= MOST_WAITING:
                raise AuditFailed("too many events wait")
            self._waiting += 1
            observe_audit_waiting(self._waiting)
            if self._thread is None or self._pid != os.getpid():
                self._thread, self._pid = ThreadPoolExecutor(1, "audit"), os.getpid()
            self._thread.submit(self._tell, event)

    def check(self) -> None:
        self._sink.check()

    def _tell(self, event: bytes) -> None:
        try:
            self._sink.write(event)
        except AuditFailed as error:
            tell_failure(error)
        finally:
            with self._lock:
                self._waiting -= 1
                observe_audit_waiting(self._waiting)


def tell_failure(error: AuditFailed) -> None:
    """Make it seen that an event was not written."""
    observe_audit("failed")
    get_logger().error("audit event not written", reason=str(error))


def _not_forced(_descriptor: int) -> None:
    """The system writes when it sees fit."""


def _may_hold(file: Path) -> bool:
    """Whether *file* can be written, or made."""
    there = file if file.exists() else file.parent
    return there.is_file() == file.exists() and os.access(there, os.W_OK)
