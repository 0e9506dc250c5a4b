"""`make demo`: the sandbox FHIR server, the service, one real order-select, its card printed."""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

import requests

from sandbox.show import printed

FHIR = ("127.0.0.1", 8081)
SERVICE = ("127.0.0.1", 8080)
REQUEST = Path(__file__).with_name("requests") / "order-select-clopidogrel.json"
WAIT_S = 20.0


class DemoFailed(Exception):
    """The demo cannot go on; the message is what a newcomer needs to know."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; 0 if the card was shown."""
    parser = argparse.ArgumentParser("make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop after the card is printed")
    once = parser.parse_args(arguments).once
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _servers() as processes:
            print(_answer())
            if not once:
                print(_next_steps(), flush=True)
                _wait(processes)
    except DemoFailed as error:
        print(f"make demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print()
    return 0


@contextlib.contextmanager
def _servers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Both servers, up and answering; stopped at the end."""
    for name, address in (("sandbox FHIR server", FHIR), ("service", SERVICE)):
        _free(name, address)
    processes: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory(prefix="rxhooks-demo-") as folder:
        try:
            processes.append(_started([sys.executable, "-m", "sandbox", "--bind", _at(FHIR)], {}))
            processes.append(_started(_service_command(), _service_environment(folder)))
            _until_up(f"http://{_at(FHIR)}/fhir/metadata", processes[0], "sandbox FHIR server")
            _until_up(f"http://{_at(SERVICE)}/cds-services", processes[1], "service")
            yield processes
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                _stopped(process)


def _service_command() -> list[str]:
    return [sys.executable, "-m", "app.cli", "serve", "--bind", _at(SERVICE)]


def _service_environment(folder: str) -> dict[str, str]:
    return {
        "RXHOOKS_OPEN": "1",
        "RXHOOKS_FHIR_SERVERS": f"http://{_at(FHIR)}/fhir",
        "RXHOOKS_UNCHECKED": "card",
        "RXHOOKS_DATABASE_URL": f"sqlite:///{folder}/feedback.db",
        "RXHOOKS_LOG_LEVEL": "error",
    }


def _answer() -> str:
    """The service's answer to the sample request, as an EHR would show it."""
    body = json.loads(REQUEST.read_text("utf-8"))
    url = f"http://{_at(SERVICE)}/cds-services/rxhooks-order-select"
    try:
        response = requests.post(url, json=body, timeout=10)
        response.raise_for_status()
    except requests.RequestException as error:
        raise DemoFailed(f"the service did not answer: {type(error).__name__}") from error
    cards = response.json()["cards"]
    if not cards:
        raise DemoFailed("the service answered without a card")
    patient = body["context"]["patientId"]
    heading = (
        f"Patient {patient}: clopidogrel 75 mg is selected (order-select).\n"
        f"The genotype is not in the request; the service fetched it from {body['fhirServer']}.\n"
    )
    return heading + "\n".join(printed(card) for card in cards)


def _next_steps() -> str:
    return f"""
Running until Ctrl-C:
  service              http://{_at(SERVICE)}/cds-services
  sandbox FHIR server  http://{_at(FHIR)}/        (patients, behaviours)

To try next:
  curl -s http://{_at(SERVICE)}/cds-services/rxhooks-order-select \\
       -H 'Content-Type: application/json' -d @sandbox/requests/order-select-codeine.json
  curl -X PUT -d '{{"behaviour":"slow-3000"}}' http://{_at(FHIR)}/behaviour   then ask again
  Open https://sandbox.cds-hooks.org, settings, "Add CDS Services": http://{_at(SERVICE)}/cds-services
"""


def _wait(processes: list[subprocess.Popen[bytes]]) -> None:
    while all(process.poll() is None for process in processes):
        time.sleep(0.5)
    raise DemoFailed("a server stopped by itself")


def _started(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  our own modules, no shell
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, start_new_session=True
    )


def _until_up(url: str, process: subprocess.Popen[bytes], name: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DemoFailed(f"the {name} did not start; its own message stands above")
        with contextlib.suppress(requests.RequestException):
            requests.get(url, timeout=1)
            return
        time.sleep(0.05)
    raise DemoFailed(f"the {name} did not answer within {WAIT_S:.0f} seconds")


def _free(name: str, address: tuple[str, int]) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise DemoFailed(
                f"port {address[1]} is in use, and the {name} needs it; stop what listens there"
            ) from error


def _stopped(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _at(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
