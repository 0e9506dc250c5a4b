"""Thousands of requests with something wrong in them: none is a 5xx, none hangs, none gets a card
that is not whole. `make soak` sends 50,000, and writes what it saw."""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import local
from time import monotonic

import jsonschema_rs
import pytest
import requests

from app.openapi import document
from tests.contract.checklist import WITHIN_S, Service
from tests.contract.mutants import Mutant, mutants

SOME = 3_000
ALL = 50_000
AT_ONCE = 6
ALLOWED = {200, 400, 404, 412, 413, 415}
SCHEMAS = document("http://127.0.0.1", is_open=True)["components"]
OUTCOME, CARDS = (
    jsonschema_rs.validator_for(
        {"$ref": f"#/components/schemas/{name}", "components": SCHEMAS}, validate_formats=True
    )
    for name in ("OperationOutcome", "Cards")
)
HELD = local()


def answered(rx: Service, mutant: Mutant) -> tuple[int, float]:
    """The status and seconds of the answer to *mutant*, after looking at it."""
    session = HELD.__dict__.setdefault("session", requests.Session())
    chunked = mutant.headers.get("Transfer-Encoding") == "chunked"
    headers = {key: value for key, value in mutant.headers.items() if key != "Transfer-Encoding"}
    body = iter([mutant.body]) if chunked and mutant.body else mutant.body
    started = monotonic()
    answer = session.post(rx.origin + mutant.path, data=body, headers=headers, timeout=WITHIN_S)
    seconds = monotonic() - started
    assert answer.status_code in ALLOWED, (answer.status_code, mutant)
    assert answer.headers["Content-Type"] == "application/json"
    if answer.status_code != 200:
        OUTCOME.validate(answer.json())
    elif not mutant.path.endswith("/feedback"):
        CARDS.validate(answer.json())
    return answer.status_code, seconds


def report(rx: Service, sent: Iterable[Mutant]) -> str:
    """Send all, and tell what came back."""
    started = monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        seen = list(pool.map(lambda mutant: answered(rx, mutant), sent, chunksize=50))
    seconds = sorted(each for _, each in seen)
    counts = ", ".join(f"{n} x {s}" for s, n in sorted(Counter(s for s, _ in seen).items()))
    return (
        f"{len(seen)} mutated requests in {monotonic() - started:.0f} s: {counts}; "
        f"median {seconds[len(seconds) // 2] * 1000:.0f} ms, slowest {seconds[-1]:.2f} s"
    )


@pytest.mark.proves("H8", "L1", "A9", "G23")
def test_no_mutant_of_a_request_is_a_fault_of_ours(rx: Service) -> None:
    assert report(rx, mutants(20_261_121, SOME))


@pytest.mark.soak
def test_50_000_mutants_of_requests_are_no_fault_of_ours(
    rx: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    told = report(rx, mutants(1, ALL))

    with capsys.disabled():
        print(f"\n{told}")  # noqa: T201  it is what the run is for
