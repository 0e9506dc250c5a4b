"""`make demo` as a newcomer runs it."""

import os
import signal
import socket
import subprocess
import sys

from tests.e2e.conftest import ROOT, free_port


def demo(*options: str) -> "subprocess.Popen[str]":
    ports = ["--fhir-port", str(free_port()), "--service-port", str(free_port())]
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox.demo", *ports, *options],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_once_it_prints_the_card_and_ends_well() -> None:
    with demo("--once") as running:
        printed, errors = running.communicate(timeout=60)

    assert (running.returncode, errors) == (0, "")
    assert "CRITICAL  Clopidogrel is unlikely to work: CYP2C19 poor metabolizer" in printed
    for part in ("What to do:", "Why:", "Found: CYP2C19 *2/*2", "● Prasugrel", "Source: CPIC"):
        assert part in printed


def test_it_serves_until_it_is_interrupted() -> None:
    with demo() as running:
        assert running.stdout is not None
        for line in running.stdout:
            if line.startswith("To try next"):
                break
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)

    assert running.returncode == 0


def test_a_busy_port_is_said_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with demo("--once", "--fhir-port", port) as running:
            _, errors = running.communicate(timeout=30)

    assert running.returncode == 1
    assert errors.count("\n") == 1
    assert f"port {port} is in use" in errors


def test_a_make_target_that_is_not_there_is_said_in_one_sentence() -> None:
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    answer = subprocess.run(
        ["make", "nothing"],
        cwd=ROOT,
        env=alone,
        text=True,
        capture_output=True,
        check=False,
        timeout=30,
    )

    assert answer.returncode != 0
    assert answer.stdout == "There is no 'nothing' here. 'make help' lists what there is.\n"
