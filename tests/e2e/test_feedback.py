"""Feedback and fewer repeated alerts with real gunicorn workers, killed at the worst moment."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests import postgres
from tests.e2e.conftest import ROOT, draft, free_port, order_select, until_up
from tests.unit.app.feedback.rows import rows

CLOPIDOGREL = ("309362", "clopidogrel 75 MG Oral Tablet")
SECRET = "thirty-two bytes of nobody's key"  # noqa: S105
TOLERATED = "action-performed-no-adverse-effect"
POLICY = f"""
[repeats]
order-sign = "critical"
critical = ["cyp2c19-clopidogrel"]
[mute]
reasons = ["{TOLERATED}"]
critical = ["cyp2c19-clopidogrel"]
"""


@dataclass(slots=True)
class Service:
    """A running service: its base URL, its master process and where it keeps its feedback."""

    url: str
    master: "subprocess.Popen[bytes]"
    database: str

    def workers(self) -> list[int]:
        """The processes that answer calls."""
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                parent = status.read_text().rpartition(")")[2].split()[1]
                found += [int(status.parent.name)] if int(parent) == self.master.pid else []
        return found

    def kill_workers(self) -> None:
        """As the kernel does when memory is short: without a word."""
        for worker in self.workers():
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)

    def call(self, body: dict[str, Any], service: str = "rxhooks-order-select") -> dict[str, Any]:
        answer = requests.post(f"{self.url}/{service}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def give(self, *entries: dict[str, Any]) -> requests.Response:
        url = f"{self.url}/rxhooks-order-select/feedback"
        return requests.post(url, json={"feedback": list(entries)}, timeout=10)


@contextmanager
def running(fhir: str, database: str, **environment: str) -> Iterator[Service]:
    port = free_port()
    settings = {
        "RXHOOKS_OPEN": "1",
        "RXHOOKS_WORKERS": "2",
        "RXHOOKS_FHIR_SERVERS": f"{fhir}/fhir",
        "RXHOOKS_DATABASE_URL": database,
    }
    master = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--bind", f"127.0.0.1:{port}"],
        env=os.environ | settings | environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until_up(f"http://127.0.0.1:{port}/cds-services", master)
        yield Service(f"http://127.0.0.1:{port}/cds-services", master, database)
    finally:
        master.terminate()
        master.wait(timeout=20)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/feedback.db"
    else:
        with postgres.server() as url:
            yield url


def order(fhir: str, **more: Any) -> dict[str, Any]:
    patient = "carla-sanchez"
    return order_select(patient, f"{fhir}/fhir", draft(patient, *CLOPIDOGREL, **more))


def to_sign(body: dict[str, Any]) -> dict[str, Any]:
    context = {key: each for key, each in body["context"].items() if key != "selections"}
    instance = {"hookInstance": str(uuid4())}
    return body | instance | {"hook": "order-sign", "context": context}


def overridden(card: str, moment: str = "2026-11-21T10:00:00Z") -> dict[str, Any]:
    reason = {"reason": {"code": TOLERATED}, "userComment": "Erika takes it"}
    told = {"card": card, "outcome": "overridden", "overrideReason": reason}
    return told | {"outcomeTimestamp": moment}


@dataclass(slots=True)
class Load:
    """Threads that give feedback without end, each entry with a time of its own."""

    service: Service
    card: str
    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, thread: int) -> None:
        for number in range(100_000):
            if self.stop.is_set():
                return
            moment = f"2026-01-01T{thread:02}:{number // 60:02}:{number % 60:02}Z"
            with suppress(requests.RequestException):
                answer = self.service.give(overridden(self.card, moment))
                if answer.status_code == 200:
                    self.acknowledged.append(moment[:19].replace("T", " "))
                else:
                    self.refused += 1


def test_killed_workers_lose_nothing_that_was_acknowledged(fhir: str, database: str) -> None:
    with running(fhir, database) as service:
        [card] = service.call(order(fhir))["cards"]
        load = Load(service, card["uuid"])
        threads = [threading.Thread(target=load.run, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for _ in range(4):
            enough = len(load.acknowledged) + 20
            until = time.monotonic() + 20
            while len(load.acknowledged) < enough and time.monotonic() < until:
                time.sleep(0.01)
            service.kill_workers()
        load.stop.set()
        for thread in threads:
            thread.join(30)

        kept = {str(row["outcome_timestamp"])[:19] for row in rows(database, "feedback")}
        assert len(load.acknowledged) >= 80
        assert set(load.acknowledged) - kept == set()
        assert load.refused == 0


def test_a_card_takes_feedback_from_any_worker_also_after_its_own_was_killed(
    fhir: str, database: str
) -> None:
    with running(fhir, database) as service:
        [card] = service.call(order(fhir))["cards"]
        service.kill_workers()

        answers = [_given(service, overridden(card["uuid"])).status_code for _ in range(8)]

        assert answers == [200] * 8
        assert len(rows(database, "feedback")) == 1


def _given(service: Service, entry: dict[str, Any]) -> requests.Response:
    """The answer once a worker is there again."""
    until = time.monotonic() + 20
    while True:
        try:
            return service.give(entry)
        except requests.ConnectionError:
            assert time.monotonic() < until
            time.sleep(0.05)


def test_any_worker_knows_what_another_has_shown_or_was_told(
    fhir: str, database: str, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    environment = {"RXHOOKS_REPEAT_SECRET": SECRET, "RXHOOKS_POLICY": str(policy)}
    with running(fhir, database, **environment) as service:
        [card] = service.call(order(fhir))["cards"]

        signed = [service.call(to_sign(order(fhir)), "rxhooks-order-sign") for _ in range(6)]
        assert [answer["cards"] for answer in signed] == [[]] * 6
        [told] = signed[0]["extension"]["org.rxhooks.repeated"]
        assert (told["why"], told["card"]) == ("shown", card["uuid"])

        assert len(service.call(order(fhir))["cards"]) == 1
        assert service.give(overridden(card["uuid"])).status_code == 200
        selected = [service.call(order(fhir)) for _ in range(6)]
        assert [answer["cards"] for answer in selected] == [[]] * 6
        metrics = requests.get(f"{service.url.removesuffix('/cds-services')}/metrics", timeout=5)
        assert 'rxhooks_left_out_total{service="rxhooks-order-select",why="muted"} 6.0' in (
            metrics.text
        )
        assert 'rxhooks_left_out_total{service="rxhooks-order-sign",why="shown"} 6.0' in (
            metrics.text
        )


def test_a_locked_database_costs_no_card_and_little_time(fhir: str, tmp_path: Path) -> None:
    file = tmp_path / "feedback.db"
    environment = {"RXHOOKS_REPEAT_SECRET": SECRET}
    with running(fhir, f"sqlite:///{file}", **environment) as service:
        service.call(order(fhir))
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            started = time.monotonic()
            answers = [service.call(to_sign(order(fhir)), "rxhooks-order-sign") for _ in range(10)]
            spent = time.monotonic() - started
        root = service.url.removesuffix("/cds-services")
        metrics = requests.get(f"{root}/metrics", timeout=5).text

    assert [len(answer["cards"]) for answer in answers] == [1] * 10
    assert spent < 6  # ten waits for the lock would be twenty seconds
    assert 'rxhooks_store_failures_total{work="shown"} 10.0' in metrics


def test_a_newer_schema_stops_the_start_with_one_sentence(fhir: str, tmp_path: Path) -> None:
    file = tmp_path / "feedback.db"
    with running(fhir, f"sqlite:///{file}"):
        pass
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("INSERT INTO schema_steps VALUES (77, 'later', '2027-01-01')")

    started = subprocess.run(
        [sys.executable, "-m", "app.cli", "serve", "--bind", f"127.0.0.1:{free_port()}"],
        env=os.environ | {"RXHOOKS_OPEN": "1", "RXHOOKS_DATABASE_URL": f"sqlite:///{file}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert started.returncode != 0
    assert "the database has schema 77" in started.stderr
    assert "Traceback" not in started.stderr
