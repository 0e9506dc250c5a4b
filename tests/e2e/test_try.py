"""`rxhooks try` as it is typed, into a file and into a terminal."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

from tests.e2e.conftest import ROOT

COMMAND = [sys.executable, "-m", "app.cli", "try"]
COLOUR = "\x1b[41;97m CRITICAL \x1b[0m"


def on_a_terminal(**environment: str) -> str:
    """What the command writes where standard output is a terminal."""
    ours, theirs = pty.openpty()
    clean = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(COMMAND, cwd=ROOT, env=clean | environment, stdout=theirs) as running:
        os.close(theirs)
        told = b"".join(chunks(ours))
    assert running.returncode == 0
    return told.decode()


def chunks(terminal: int) -> Iterator[bytes]:
    with suppress(OSError):  # how Linux says that the other end is closed
        while chunk := os.read(terminal, 65_536):
            yield chunk
    os.close(terminal)


def test_without_arguments_it_shows_a_card_and_what_to_try() -> None:
    done = subprocess.run(COMMAND, cwd=ROOT, capture_output=True, text=True, check=True)

    assert "CRITICAL  Clopidogrel is unlikely to work: CYP2C19 poor metabolizer" in done.stdout
    assert "rxhooks try --patient uma-forsyth --drug capecitabine --hook order-sign" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_a_terminal_sees_colours_unless_it_wants_none() -> None:
    assert COLOUR in on_a_terminal()
    assert "\x1b" not in on_a_terminal(NO_COLOR="1")
