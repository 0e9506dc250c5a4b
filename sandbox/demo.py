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
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import requests

from sandbox.show import printed

HOST = "127.0.0.1"
REQUEST = Path(__file__).with_name("requests") / "order-select-clopidogrel.json"
WAIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Places:
    """Where the two servers listen, as host:port."""

    fhir: str
    service: str


class DemoFailed(Exception):
    """The demo cannot go on; the message is what a newcomer needs to know."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; 0 if the card was shown."""
    parser = argparse.ArgumentParser("make demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="stop after the card is printed")
    parser.add_argument("--fhir-port", type=int, default=8081)
    parser.add_argument("--service-port", type=int, default=8080)
    options = parser.parse_args(arguments)
    places = Places(f"{HOST}:{options.fhir_port}", f"{HOST}:{options.service_port}")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with servers(places) as processes:
            print(_answer(places))
            if not options.once:
                print(_next_steps(places), flush=True)
                _wait(processes)
    except DemoFailed as error:
        print(f"make demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print()
    return 0


@contextlib.contextmanager
def servers(places: Places) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Both servers, up and answering; stopped at the end."""
    for name, address in (("sandbox FHIR server", places.fhir), ("service", places.service)):
        _free(name, address)
    processes: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory(prefix="rxhooks-demo-") as folder:
        environment = _service_environment(places, folder)
        logs = [Path(folder) / "sandbox.log", Path(folder) / "service.log"]
        fhir = [sys.executable, "-m", "sandbox", "--bind", places.fhir]
        try:
            processes.append(_started(fhir, {}, logs[0]))
            processes.append(_started(_service_command(places), environment, logs[1]))
            _until_up(f"http://{places.fhir}/fhir/metadata", processes[0], logs[0])
            _until_up(f"http://{places.service}/cds-services", processes[1], logs[1])
            yield processes
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                _stopped(process)


def _service_command(places: Places) -> list[str]:
    return [sys.executable, "-m", "app.cli", "serve", "--bind", places.service]


def _service_environment(places: Places, folder: str) -> dict[str, str]:
    return {
        "RXHOOKS_OPEN": "1",
        "RXHOOKS_FHIR_SERVERS": f"http://{places.fhir}/fhir",
        "RXHOOKS_UNCHECKED": "card",
        "RXHOOKS_DATABASE_URL": f"sqlite:///{folder}/feedback.db",
    }


def _answer(places: Places) -> str:
    """The service's answer to the sample request, as an EHR would show it."""
    body = json.loads(REQUEST.read_text("utf-8")) | {"fhirServer": f"http://{places.fhir}/fhir"}
    url = f"http://{places.service}/cds-services/rxhooks-order-select"
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


def _next_steps(places: Places) -> str:
    return f"""
Running until Ctrl-C:
  sandbox chart        http://{places.service}/sandbox/   (a small EHR, for your browser)
  service              http://{places.service}/cds-services
  sandbox FHIR server  http://{places.fhir}/        (patients, behaviours)

To try next:
  curl -s http://{places.service}/cds-services/rxhooks-order-select \\
       -H 'Content-Type: application/json' -d @sandbox/requests/order-select-codeine.json
  curl -X PUT -d '{{"behaviour":"slow-3000"}}' http://{places.fhir}/behaviour   then ask again
  Open https://sandbox.cds-hooks.org, settings, "Add CDS Services": http://{places.service}/cds-services
"""


def _wait(processes: list[subprocess.Popen[bytes]]) -> None:
    while all(process.poll() is None for process in processes):
        time.sleep(0.5)
    raise DemoFailed("a server stopped by itself")


def _started(command: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """*command* in a session of its own, so that Ctrl-C reaches the demo alone."""
    with log.open("wb") as errors:
        return subprocess.Popen(  # noqa: S603  our own modules, no shell
            command,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )


def _until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = log.read_text("utf-8", "replace").strip()
            raise DemoFailed(f"the {log.stem} server did not start:\n{said}")
        with contextlib.suppress(requests.RequestException):
            requests.get(url, timeout=1)
            return
        time.sleep(0.05)
    raise DemoFailed(f"the {log.stem} server did not answer within {WAIT_S:.0f} seconds")


def _free(name: str, address: str) -> None:
    host, _, port = address.partition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise DemoFailed(
                f"port {port} is in use, and the {name} needs it; stop what listens there"
            ) from error


def _stopped(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
