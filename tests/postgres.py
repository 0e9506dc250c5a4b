"""A PostgreSQL server of our own on loopback, for as long as a test runs."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

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
    options = " ".join(f"-c {setting}" for setting in (*settings, f"port={port}"))
    control = (programs / "pg_ctl", "-D", folder / "data", "-w", "-t", "60")
    _run(*control, "-l", folder / "log", "-o", options, "start")
    try:
        yield port
    finally:
        _run(*control, "-m", "immediate", "stop")


def _run(*command: object) -> None:
    who = {"user": NOT_ROOT, "cwd": "/"} if os.getuid() == 0 else {}
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,  # the server holds on to what it inherits
        stderr=subprocess.DEVNULL,
        timeout=120,
        **who,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, f"{command[0]} failed"
