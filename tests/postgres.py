"""A PostgreSQL server of our own on loopback, for as long as a test runs.

It is a child of the test run and ends with it, also where the run is killed.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

NOT_ROOT = "nobody"  # PostgreSQL refuses to run as root
SETTINGS = ("fsync=on", "max_connections=60", "shared_buffers=16MB")


def installed() -> Path | None:
    """The folder of `initdb` and `postgres`, if they are on this machine."""
    found = [Path(path) for path in (shutil.which("initdb"),) if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return found[0].resolve().parent if found else None


@contextmanager
def server() -> Iterator[str]:
    """The URL of a new, empty database; skips the test where there is no PostgreSQL."""
    programs = installed()
    if programs is None or find_spec("psycopg") is None:
        pytest.skip("PostgreSQL (initdb, postgres) or psycopg is not installed: not tested on it")
    folder = Path(tempfile.mkdtemp(prefix="rxhooks-postgres-"))
    if os.getuid() == 0:
        shutil.chown(folder, NOT_ROOT)
    try:
        _run(programs / "initdb", "-D", folder / "data", "-U", "rxhooks", "-A", "trust", "-N")
        with _running(programs, folder) as port:
            yield f"postgresql+psycopg://rxhooks@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(programs: Path, folder: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = (*SETTINGS, "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}")
    options = [word for setting in (*settings, f"port={port}") for word in ("-c", setting)]
    running = subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", *options],
        preexec_fn=_end_with_parent,
        **_quietly(),
    )
    try:
        _until_up(running, folder / "data" / "postmaster.pid")
        yield port
    finally:
        running.send_signal(signal.SIGQUIT)
        running.wait(60)


def _until_up(running: "subprocess.Popen[bytes]", status: Path) -> None:
    until = time.monotonic() + 60
    while not (status.is_file() and status.read_text().rstrip().endswith("ready")):
        assert running.poll() is None, "postgres ended by itself"
        assert time.monotonic() < until, "postgres did not come up"
        time.sleep(0.05)


def _end_with_parent() -> None:
    """Ask the kernel to send SIGQUIT when whoever started us ends; Linux only."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], timeout=120, **_quietly())
    assert done.returncode == 0, f"{command[0]} failed"


def _quietly() -> dict[str, Any]:
    """Without output, and not as root."""
    who = {"user": NOT_ROOT, "cwd": "/"} if os.getuid() == 0 else {}
    return {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **who}
