"""SIGTERM under load: every call that got a connection gets its answer."""

import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from json import dumps, loads
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest

from tests.e2e.conftest import ROOT, draft, free_port, order_select, until_up

CLOPIDOGREL = ("309362", "clopidogrel 75 MG Oral Tablet")
CLIENTS = 12
LOAD_S = 1.5
LONGEST_S = 20


@dataclass(slots=True)
class Client:
    """Calls again and again until nobody listens any more; *reused* keeps its connection."""

    port: int
    body: str
    reused: bool
    answers: Counter[int] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)

    def run(self) -> None:
        end = monotonic() + LONGEST_S
        while monotonic() < end:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
            try:
                connection.connect()
            except ConnectionRefusedError:
                return
            self._use(connection)
            connection.close()

    def _use(self, connection: HTTPConnection) -> None:
        """Calls on *connection* until the server, or we, close it."""
        try:
            while True:
                connection.request(
                    "POST",
                    "/cds-services/rxhooks-order-select",
                    self.body,
                    {"Content-Type": "application/json"},
                )
                answer = connection.getresponse()
                self.answers[answer.status if loads(answer.read())["cards"] else 0] += 1
                if answer.will_close or not self.reused:
                    return
        except (OSError, HTTPException) as error:
            self.lost.append(repr(error))


@pytest.mark.parametrize("delay_ms", [0, 200])
def test_a_stop_under_load_loses_no_call(fhir: str, tmp_path: Path, delay_ms: int) -> None:
    server, port = f"{fhir}/slow-{delay_ms}/fhir", free_port()
    settings = {
        "RXHOOKS_OPEN": "1",
        "RXHOOKS_WORKERS": "2",
        "RXHOOKS_FHIR_SERVERS": server,
        "RXHOOKS_DEADLINE_MS": "5000",
        "RXHOOKS_DATABASE_URL": f"sqlite:///{tmp_path}/feedback.db",
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--bind", f"127.0.0.1:{port}"]
    body = dumps(order_select("carla-sanchez", server, draft("carla-sanchez", *CLOPIDOGREL)))
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, env=os.environ | settings, cwd=ROOT, stderr=log)
    clients = [Client(port, body, reused=bool(nth % 2)) for nth in range(CLIENTS)]
    threads = [Thread(target=client.run) for client in clients]
    try:
        until_up(f"http://127.0.0.1:{port}/health/live", process)
        for thread in threads:
            thread.start()
        sleep(LOAD_S)
        process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        code = process.wait(20)
    finally:
        process.kill()
        process.wait()
    assert [lost for client in clients for lost in client.lost] == []
    assert sum((client.answers for client in clients), Counter()).keys() == {200}
    assert all(client.answers for client in clients)
    assert code == 0
