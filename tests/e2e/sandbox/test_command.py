"""`python -m sandbox`: how it starts and stops."""

import signal
import socket
import subprocess
import sys
import time

import pytest
import requests

from tests.e2e.sandbox.conftest import running_sandbox

STOPS_WITHIN = 10  # seconds


def start(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """A start that fails at once."""
    command = [sys.executable, "-m", "sandbox", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_a_busy_port_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        result = start("--bind", address)

    assert result.returncode == 2
    assert result.stderr == f"The sandbox cannot listen on {address}: Address already in use.\n"
    assert result.stdout == ""


@pytest.mark.parametrize("address", ["8081", ":8081", "127.0.0.1:", "127.0.0.1:99999", "a:b"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    result = start("--bind", address)

    assert result.returncode == 2
    assert "is not of the form HOST:PORT" in result.stderr


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_quickly_even_while_it_answers(stop: signal.Signals) -> None:
    with running_sandbox() as (origin, process):
        url = f"{origin}/drip/fhir/Patient/carla-sanchez"
        with requests.get(url, stream=True, timeout=10):
            began = time.monotonic()
            process.send_signal(stop)

            assert process.wait(timeout=STOPS_WITHIN) == 0
            assert time.monotonic() - began < STOPS_WITHIN
