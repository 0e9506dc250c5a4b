"""A server that asks to be left alone for a while is, by all calls of the process."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic

import pytest
import requests

from app.fhir.access import open_access
from app.fhir.deadline import Deadline
from app.fhir.observed import kind
from app.fhir.rest import RESTS, Rest, seconds_of
from app.security.clients import CdsClient
from hooks.clinical.facts import Missing
from tests.contract.asking import Ask, fetched, fhir, outcome_of
from tests.contract.loopback import Call, Serve, bundle, http, ids, observation

FOUND = http(bundle(observation("o1")))
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class Busy:
    """Refuses *times* requests with *status* and Retry-After, then answers; when each came."""

    def __init__(self, after: str, status: str = "429 Too Many Requests", times: int = 1) -> None:
        self.refusal = http({}, status, f"Retry-After: {after}\r\n")
        self.times = times
        self.came: list[float] = []

    def __call__(self, call: Call) -> None:
        self.came.append(monotonic())
        call.send(self.refusal if len(self.came) <= self.times else FOUND)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Busy"])
@pytest.mark.proves("F10")
def test_a_short_rest_is_waited_for_and_the_query_asked_again(
    serve: Serve, session: requests.Session, status: str
) -> None:
    busy = Busy("1", status)

    found = outcome_of(fhir(session, serve(busy).base))

    assert not isinstance(found, str)
    assert ids(found.resource) == ["o1"]
    assert len(busy.came) == 2
    assert busy.came[1] - busy.came[0] >= 1


def test_a_rest_beyond_the_deadline_is_not_waited_for(
    serve: Serve, session: requests.Session
) -> None:
    busy = Busy("30")
    started = monotonic()

    assert outcome_of(fhir(session, serve(busy).base, 5_000)) == f"HTTP 429: {RESTS}"

    assert len(busy.came) == 1
    assert monotonic() - started < 2


def test_a_server_that_asks_again_is_not_asked_a_third_time(
    serve: Serve, session: requests.Session
) -> None:
    busy = Busy("0", times=9)

    assert outcome_of(fhir(session, serve(busy).base)) == f"HTTP 429: {RESTS}"
    assert len(busy.came) == 2


def test_without_a_time_it_is_a_failure_like_others(
    serve: Serve, session: requests.Session
) -> None:
    busy = Busy("soon", "503 Busy", times=9)

    assert outcome_of(fhir(session, serve(busy).base)) == "HTTP 503"
    assert len(busy.came) == 1


def test_no_call_asks_a_server_that_rests_and_others_are_asked(serve: Serve) -> None:
    busy, other = serve(Busy("30")), serve(lambda call: call.send(FOUND))
    client = CdsClient("hospital", fhir_servers=(busy.base, other.base))
    access = open_access(4, None)
    hook = {"context": {"patientId": "p1"}}

    def asked(base: str) -> object:
        server = access.server(base, client, hook, Deadline.in_ms(1_500))
        assert not isinstance(server, Missing)
        return outcome_of(server)

    try:
        assert [asked(busy.base) for _ in range(3)] == [f"HTTP 429: {RESTS}"] * 3
        assert not isinstance(asked(other.base), str)
    finally:
        access.close()
    assert len(busy.calls) == 1


def test_all_queries_of_a_call_wait_and_are_answered(serve: Serve, ask: Ask) -> None:
    queries = {f"q{number}": f"Observation?patient=p{number}" for number in range(4)}
    came: list[float] = []

    def behave(call: Call) -> None:
        came.append(monotonic())
        early = came[-1] < came[0] + 0.9
        call.send(http({}, "503 Busy", "Retry-After: 1\r\n") if early else FOUND)

    answers = ask(serve(behave).base, queries=queries)

    assert [ids(fetched(answer).resource) for answer in answers.values()] == [["o1"]] * 4
    assert len(came) <= 8


def test_later_pages_wait_as_well(serve: Serve, session: requests.Session) -> None:
    pages = iter([None, http({}, "503 Busy", "Retry-After: 1\r\n"), FOUND])

    def behave(call: Call) -> None:
        answer = next(pages)
        if answer is None:
            link = f"http://{call.header('Host')}/fhir/Observation?page=2"
            answer = http(bundle(observation("o0"), next_url=link))
        call.send(answer)

    found = outcome_of(fhir(session, serve(behave).base))

    assert not isinstance(found, str)
    assert ids(found.resource) == ["o0", "o1"]
    assert found.remark is None


def test_a_rest_that_another_call_makes_longer_is_kept() -> None:
    rest, deadline = Rest(), Deadline.in_ms(5_000)
    with ThreadPoolExecutor(1) as pool:
        rest._until = monotonic() + 0.2
        waiting = pool.submit(rest.wait, deadline)
        rest._until = end = monotonic() + 0.5
        waiting.result(5)
    assert monotonic() >= end


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        (" 7 ", 7),
        ("60", 60),
        ("3600", 60),
        ("999999999", 60),
        (format_datetime(NOW + timedelta(seconds=20), usegmt=True), 20),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        (format_datetime(NOW + timedelta(days=400), usegmt=True), 60),
        ("Sun, 22 Nov 2026 10:00:05 -0000", 5),
        *((text, None) for text in ("", "-1", "1.5", "soon", "9" * 5_000, "Sun, 99 Nov 2026", "٣")),
    ],
)
def test_a_time_is_a_number_of_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert seconds_of(text, NOW) == seconds


def test_it_counts_as_a_status_in_the_metrics() -> None:
    assert kind(f"HTTP 429: {RESTS}") == "status"


def test_the_rest_of_one_server_object_is_its_copies_as_well(session: requests.Session) -> None:
    server = fhir(session, "http://127.0.0.1:9/fhir")
    assert replace(server, trace={"traceparent": "x"}).rest is server.rest
