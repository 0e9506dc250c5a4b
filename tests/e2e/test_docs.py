"""Every command of docs/ does what its page says, in a copy of the project."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import free_port
from tests.e2e.pages import PAGES, ROOT, Command, File, languages, steps, text_of

OURS = ("hooks", "sandbox", "tests", "docs")  # copied: a page may write into them
LINKED = ("app", "pyproject.toml", "deploy", "README.md")
PORTS = re.compile(r"(?<=127\.0\.0\.1:)80\d\d\b")
WAIT_S = 60.0
NOT_RUN = [
    pytest.param(page, step, id=f"{page}, line {step.line}: {step.text}")
    for page in PAGES
    for step in steps(page)
    if isinstance(step, Command) and step.how.startswith("not run")
]


class Reader:
    """Somebody who does what a page says, on ports that are free."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports: dict[str, str] = {}
        own = {name: value for name, value in os.environ.items() if "RXHOOKS" not in name}
        path = f"{folder / '.venv/bin'}{os.pathsep}{own['PATH']}"
        self.environment = own | {"PATH": path, "PYTHONPATH": str(folder), "NO_COLOR": "1"}

    def here(self, text: str) -> str:
        """*text* with the ports of this reader."""
        return PORTS.sub(lambda port: self.ports.setdefault(port[0], str(free_port())), text)

    def write(self, file: File) -> None:
        path = self.folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.here(file.content), "utf-8")

    def run(self, command: Command) -> tuple[int, str]:
        """Exit status, and all that was printed, with the ports of the page."""
        done = subprocess.run(
            ["bash", "-c", self.here(command.text)],
            **self._place(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=WAIT_S,
            check=False,
        )
        told = done.stdout
        for port, own in self.ports.items():
            told = told.replace(f"127.0.0.1:{own}", f"127.0.0.1:{port}")
        return done.returncode, told

    @contextmanager
    def background(self, command: Command) -> Iterator[None]:
        """*command*, once it listens."""
        text = self.here(command.text)
        bind = re.search(r"--bind (\S+):(\d+)", text)
        assert bind is not None
        log = (self.folder / f"line-{command.line}.log").open("wb")
        with (
            log,
            subprocess.Popen(
                ["bash", "-c", f"exec {exported(text)}"], **self._place(), stdout=log, stderr=log
            ) as running,
        ):
            try:
                until_listening(bind[1], int(bind[2]), running)
                yield
            finally:
                running.terminate()

    def _place(self) -> dict[str, Any]:
        return {"cwd": self.folder, "env": self.environment, "stdin": subprocess.DEVNULL}


def exported(text: str) -> str:
    """*text* with its settings before it given by `env`, so that bash becomes the command."""
    return f"env {text}"


def until_listening(host: str, port: int, running: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        assert running.poll() is None, "it ended by itself"
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("it does not listen")


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """In a copy of the project, with the commands of its .venv."""
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on this machine")
    found = Reader(tmp_path)
    ignored = shutil.ignore_patterns("__pycache__")
    for name in OURS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in LINKED:
        (tmp_path / name).symlink_to(ROOT / name)
    for request in (tmp_path / "sandbox" / "requests").iterdir():
        request.write_text(found.here(request.read_text("utf-8")), "utf-8")
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, what in (("python", ""), ("rxhooks", " -m app.cli")):
        (programs / name).write_text(f'#!/bin/sh\nexec {sys.executable}{what} "$@"\n')
        (programs / name).chmod(0o755)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_command_does_what_the_page_says(page: str, reader: Reader) -> None:
    with ExitStack() as running:
        for step in steps(page):
            if isinstance(step, File):
                reader.write(step)
            elif step.how == "background":
                running.enter_context(reader.background(step))
            elif not step.how.startswith("not run"):
                status, told = reader.run(step)
                where = f"docs/{page}.md, line {step.line}: {step.text}"
                assert status == step.status, f"{where} ended with {status}:\n{told}"
                assert step.matches(told), f"{where} printed:\n{told}"


@pytest.mark.parametrize(("page", "step"), NOT_RUN)
def test_what_is_not_run_has_a_reason(page: str, step: Command) -> None:
    reason = step.how.removeprefix("not run: ")
    assert len(reason) > 10
    pytest.skip(f"docs/{page}.md, line {step.line}: {reason}")


@pytest.mark.parametrize("page", PAGES)
def test_commands_stand_in_console_blocks_alone(page: str) -> None:
    assert languages(page) <= {"console", "toml", "json", "python", "text"}
    assert not re.search(r"^    (?:\$ |rxhooks |make |curl )", text_of(page), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", text_of(page))
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not (ROOT / "docs" / link).exists()] == []
