"""`make soak`: SOAK_SECONDS (600) of calls, feedback, discovery and broken requests.

The FHIR server changes its manner every few seconds. Every answer must come in time, mean what it
says, and leave nothing behind: no memory, no file, no thread.
"""

import os
import socket
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event, Lock
from uuid import uuid4

import pytest
import requests

from tests.contract.loopback import Call, bundle, http, loopback
from tests.contract.mutants import mutants
from tests.soak.processes import Running, Sample, running
from tests.unit.app.cds import POOR, complete, draft, order_select, order_sign, patient_view

SECONDS = int(os.environ.get("SOAK_SECONDS", "600"))
DEADLINE_MS = 1_500
TRANSPORT_MS = 150  # what reading, judging and sending may take beside the waiting
CALLERS = 8
PAUSE_S = 0.05
PHASE_S = 4
SAMPLE_S = 1
MOST_GROWTH = 1.10
MORE_FILES = 12
FOUND = http(bundle(POOR))
MUTANTS = list(mutants(7, 500))
Manner = Callable[[Call], None]


def honest(call: Call) -> None:
    call.send(FOUND)


def slow(call: Call) -> None:
    call.stopped.wait(0.4)
    call.send(FOUND)


def too_slow(call: Call) -> None:
    call.stopped.wait(3)
    call.send(FOUND)


def failing(call: Call) -> None:
    call.send(http(b"<html>Sorry</html>", "503 Oh"))


def rude(call: Call) -> None:
    call.send(FOUND[: len(FOUND) // 2])
    call.hang_up()


def flapping(call: Call) -> None:
    """Another manner for each request."""
    (honest, failing, slow, rude, honest)[call.nth % 5](call)


MANNERS: tuple[Manner, ...] = (honest, slow, failing, too_slow, rude, flapping)


@dataclass(slots=True)
class Seen:
    """What came back, from all callers."""

    lock: Lock = field(default_factory=Lock)
    seconds: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def note(self, kind: str, answer: requests.Response, allowed: set[int]) -> None:
        with self.lock:
            self.answers[f"{kind} {answer.status_code}"] += 1
            self.seconds.append(answer.elapsed.total_seconds())
            if answer.status_code not in allowed:
                self.wrong.append(f"{kind} {answer.status_code}: {answer.text[:300]}")


@pytest.mark.soak
@pytest.mark.proves("F11", "L2", "L8")
def test_the_service_stays_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()

    def behave(call: Call) -> None:
        MANNERS[int((time.monotonic() - started) / PHASE_S) % len(MANNERS)](call)

    with loopback(behave) as fhir, running(fhir.base, tmp_path, DEADLINE_MS) as service:
        seen, samples = _load(service, fhir.base)
    told, faults = _report(seen, samples)
    with capsys.disabled():
        print(told)  # noqa: T201  it is what the run is for
    assert faults == []


def _load(service: Running, fhir: str) -> tuple[Seen, list[Sample]]:
    seen, stop = Seen(), Event()
    started = time.monotonic()
    samples = []
    with ThreadPoolExecutor(CALLERS + 1) as pool:
        callers = [pool.submit(_call, service, fhir, seen, stop, seed) for seed in range(CALLERS)]
        callers.append(pool.submit(_stall, service, stop))
        try:
            while time.monotonic() - started < SECONDS and not any(c.done() for c in callers):
                time.sleep(SAMPLE_S)
                samples.append(service.sample(time.monotonic() - started))
        finally:
            stop.set()
        for caller in callers:
            caller.result()
    return seen, samples


def _call(service: Running, fhir: str, seen: Seen, stop: Event, seed: int) -> None:
    """One caller's mix, over a connection of its own."""
    dice = Random(seed)
    with requests.Session() as session:
        while not stop.wait(PAUSE_S * dice.random()):
            dice.choice((_fetched, _fetched, _prefetched, _feedback, _found, _broken))(
                service, session, fhir, seen, dice
            )


def _fetched(
    service: Running, session: requests.Session, fhir: str, seen: Seen, dice: Random
) -> None:
    """Data stand on the FHIR server: cards, or 412 while it fails."""
    body = order_select(prefetch={}) | {"fhirServer": fhir, "hookInstance": str(uuid4())}
    seen.note("fetched", session.post(_url(service, "order-select"), json=body), {200, 412})


def _prefetched(
    service: Running, session: requests.Session, _fhir: str, seen: Seen, dice: Random
) -> None:
    hook = dice.choice(("order-select", "order-sign", "patient-view"))
    make = {"order-select": order_select, "order-sign": order_sign, "patient-view": patient_view}
    answer = session.post(_url(service, hook), json=make[hook]())
    seen.note("prefetched", answer, {200})
    if not answer.json()["cards"]:
        seen.wrong.append("prefetched: no card")


def _feedback(
    service: Running, session: requests.Session, _fhir: str, seen: Seen, dice: Random
) -> None:
    url = _url(service, "order-select")
    [card] = session.post(url, json=order_select()).json()["cards"]
    entry = {"card": card["uuid"], "outcome": "overridden"}
    entry |= {"outcomeTimestamp": "2026-11-21T10:00:00Z"}
    seen.note("feedback", session.post(f"{url}/feedback", json={"feedback": [entry]}), {200, 404})


def _found(
    service: Running, session: requests.Session, _fhir: str, seen: Seen, dice: Random
) -> None:
    if dice.random() < 0.5:
        seen.note("discovery", session.get(f"{service.origin}/cds-services"), {200})
    else:
        many = [draft(id=f"d{number}") for number in range(20)]
        body = order_select(*many, prefetch=complete(POOR))
        seen.note("20 orders", session.post(_url(service, "order-select"), json=body), {200})


def _broken(
    service: Running, session: requests.Session, _fhir: str, seen: Seen, dice: Random
) -> None:
    mutant = dice.choice(MUTANTS)
    headers = {k: v for k, v in mutant.headers.items() if k != "Transfer-Encoding"}
    answer = session.post(service.origin + mutant.path, data=mutant.body, headers=headers)
    seen.note("broken", answer, {200, 400, 404, 412, 415})


def _stall(service: Running, stop: Event) -> None:
    """Now and then a client that sends half a request and falls silent."""
    port = int(service.origin.rpartition(":")[2])
    while not stop.wait(5):
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(b"POST /cds-services/rxhooks-order-select HTTP/1.1\r\nHost: x\r\n")
            stop.wait(4)


def _url(service: Running, hook: str) -> str:
    return f"{service.origin}/cds-services/rxhooks-{hook}"


def _report(seen: Seen, samples: list[Sample]) -> tuple[str, list[str]]:
    """What to print, and what is wrong with it."""
    ranked = sorted(seen.seconds)
    p50, p99 = (ranked[int(len(ranked) * part)] * 1000 for part in (0.5, 0.99))
    quarter = max(1, len(samples) // 4)
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]
    memory = [_mean([s.memory for s in part]) / 1e6 for part in (early, late)]
    files = [max(s.files for s in part) for part in (early, late)]
    threads = [max(s.threads for s in part) for part in (early, late)]
    told = f"""
{len(ranked)} requests in {samples[-1].second:.0f} s: {len(ranked) / samples[-1].second:.0f} a second
  answers   {", ".join(f"{count} {kind}" for kind, count in sorted(seen.answers.items()))}
  time      p50 {p50:.0f} ms, p99 {p99:.0f} ms, slowest {ranked[-1] * 1000:.0f} ms (deadline {DEADLINE_MS} ms)
  memory    {memory[0]:.0f} MB in the second quarter, {memory[1]:.0f} MB in the last
  files     {files[0]} at most in the second quarter, {files[1]} in the last
  threads   {threads[0]} at most in the second quarter, {threads[1]} in the last
"""  # noqa: E501
    faults = list(dict.fromkeys(seen.wrong))
    faults += [f"p99 is {p99:.0f} ms"] * (p99 > DEADLINE_MS + TRANSPORT_MS)
    faults += ["memory grows"] * (memory[1] > memory[0] * MOST_GROWTH)
    faults += ["files are not closed"] * (files[1] > files[0] + MORE_FILES)
    return told, faults


def _mean(values: list[int]) -> float:
    return sum(values) / len(values)
