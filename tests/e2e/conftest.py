"""Real processes on loopback: the sandbox FHIR server, and the service under gunicorn."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parents[2]
WAIT_S = 30.0
Start = Callable[..., str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(command: list[str], environment: dict[str, str], url: str) -> Iterator[str]:
    """*command* until the block ends; *url* has answered before it begins."""
    running = subprocess.Popen(
        command, env=os.environ | environment, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        until_up(url, running)
        yield url
    finally:
        running.terminate()
        running.wait(timeout=20)


def until_up(url: str, running: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        assert running.poll() is None, "the process ended by itself"
        try:
            requests.get(url, timeout=1)
        except requests.RequestException:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the process did not come up")


@pytest.fixture(scope="session")
def fhir() -> Iterator[str]:
    """The sandbox FHIR server's origin; each behaviour is a path below it."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "sandbox", "--bind", f"127.0.0.1:{port}"]
    with process(command, {}, f"{origin}/fhir/metadata"):
        yield origin


@contextmanager
def service(fhir_servers: list[str], folder: Path, **environment: str) -> Iterator[str]:
    """The service's base URL."""
    port = free_port()
    command = [sys.executable, "-m", "app.cli", "serve", "--bind", f"127.0.0.1:{port}"]
    settings = {
        "RXHOOKS_OPEN": "1",
        "RXHOOKS_WORKERS": "2",
        "RXHOOKS_FHIR_SERVERS": ",".join(fhir_servers),
        "RXHOOKS_DATABASE_URL": f"sqlite:///{folder}/feedback-{port}.db",
    }
    url = f"http://127.0.0.1:{port}/cds-services"
    with process(command, settings | environment, url):
        yield url


BEHAVIOURS = ("fhir", "slow-5000/fhir", "failing-500/fhir", "failing-403/fhir", "endless/fhir")
MORE = ("foreign/fhir", "drip/fhir", "html/fhir", "broken/fhir", "redirect/fhir", "outcome/fhir")


@pytest.fixture(scope="session")
def rxhooks(fhir: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service as it is deployed, allowed to ask every behaviour of the sandbox server."""
    servers = [f"{fhir}/{path}" for path in (*BEHAVIOURS, *MORE, "partial/fhir", "secured/fhir")]
    with service(servers, tmp_path_factory.mktemp("service"), RXHOOKS_DEADLINE_MS="1000") as url:
        yield url


@pytest.fixture(scope="session")
def rxhooks_card(fhir: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same with RXHOOKS_UNCHECKED=card, as the demo runs it."""
    servers = [f"{fhir}/fhir", f"{fhir}/slow-5000/fhir"]
    folder = tmp_path_factory.mktemp("card")
    with service(servers, folder, RXHOOKS_UNCHECKED="card", RXHOOKS_DEADLINE_MS="500") as url:
        yield url


def draft(patient: str, code: str, display: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": {
            "coding": [
                {
                    "system": "http://www.nlm.nih.gov/research/umls/rxnorm",
                    "code": code,
                    "display": display,
                }
            ],
            "text": display,
        },
        **more,
    }


def order_select(patient: str, server: str, *drafts: dict[str, Any]) -> dict[str, Any]:
    return {
        "hook": "order-select",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": server,
        "context": {
            "userId": "Practitioner/1",
            "patientId": patient,
            "selections": [f"{order['resourceType']}/{order['id']}" for order in drafts],
            "draftOrders": {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [{"resource": order} for order in drafts],
            },
        },
    }
