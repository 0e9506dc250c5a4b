"""The sandbox as people start it: a process of its own, on a free loopback port."""

import contextlib
import re
import select
import subprocess
import sys
from collections.abc import Iterator

import pytest

STARTS_WITHIN = 30  # seconds


@contextlib.contextmanager
def running_sandbox() -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The origin and the process of a sandbox that says it is ready."""
    command = [sys.executable, "-m", "sandbox", "--bind", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready, _, _ = select.select([process.stdout], [], [], STARTS_WITHIN)
            assert ready, "the sandbox said nothing"
            said = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert address, f"the sandbox said {said!r}"
            yield address[0], process
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """The origin of a sandbox that all tests share; none of them turns its switch."""
    with running_sandbox() as (origin, _process):
        yield origin


@pytest.fixture(scope="session")
def fhir(origin: str) -> str:
    """The plain base URL."""
    return f"{origin}/fhir"
