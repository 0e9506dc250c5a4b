"""Each query has an answer: the prefetch's, the server's, or the reason why there is none."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any, cast

import msgspec
import pytest
import requests

from app.fhir.deadline import Deadline
from app.fhir.gather import gather
from app.fhir.server import FhirServer
from hooks.clinical.facts import Missing, Why
from hooks.reading.resources import Fetched
from tests.contract.asking import LABS, PATIENT, WITHIN_MS, Ask, fetched, raw
from tests.contract.loopback import (
    Call,
    Serve,
    always,
    bundle,
    http,
    ids,
    observation,
)

EHR = "https://ehr.example/fhir"
NO_SERVER = Missing("server", Why.NOT_FETCHED, "no prefetch and no FHIR server")
SHORT_MS = 250
ONE_ANSWER_MS = 1_000  # enough for a server that answers at once, however busy the machine


# The server


@pytest.mark.parametrize(
    "prefetch", [{}, {"labs": "123"}, {"labs": msgspec.Raw(b"{")}, {"lab": None}]
)
def test_what_the_prefetch_does_not_say_is_fetched(
    serve: Serve,
    ask: Ask,
    prefetch: dict[str, object],
) -> None:
    server = serve(always(bundle(observation("o1"))))

    answers = ask(server.base + "/", prefetch)

    answer = fetched(answers["labs"])
    assert ids(answer.resource) == ["o1"]
    assert (answer.source, answer.remark) == (server.base, None)
    assert server.targets == ["/fhir/Observation?patient=p1&category=laboratory"]


def test_what_the_prefetch_says_is_not_fetched(serve: Serve, ask: Ask) -> None:
    server = serve(always(bundle()))
    prefetch = {"labs": raw(bundle()), "patient": raw(None)}

    answers = ask(server.base, prefetch, queries=LABS | PATIENT)

    assert [fetched(answer).source for answer in answers.values()] == ["prefetch", "prefetch"]
    assert server.calls == []


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("Patient/p1", {"resourceType": "Patient"}),
        ("Patient/p1?_elements=birthDate", {"resourceType": "Patient"}),
        ("Patient", bundle()),
        ("Observation/_search?patient=p1", bundle()),
        ("Observation/$lastn?patient=p1", bundle()),
        ("Patient/p1/$everything", bundle()),
    ],
)
def test_reads_are_told_from_searches(
    serve: Serve,
    ask: Ask,
    query: str,
    answer: dict[str, Any],
) -> None:
    server = serve(always(answer))

    answers = ask(server.base, queries={"key": query})

    found = fetched(answers["key"]).resource
    assert found is not None
    assert found["resourceType"] == answer["resourceType"]


def test_one_failure_leaves_the_other_answers(serve: Serve, ask: Ask) -> None:
    def answer(call: Call) -> None:
        status = "403 Forbidden" if "Condition" in call.target else "200 OK"
        call.send(http(bundle(), status))

    queries = LABS | {"problems": "Condition?patient=p1"}

    answers = ask(serve(answer).base, queries=queries)

    assert list(answers) == ["labs", "problems"]
    assert isinstance(answers["labs"], Fetched)
    assert answers["problems"] == Missing(
        "problems", Why.NOT_FETCHED, "HTTP 403: the access token does not allow this"
    )


def test_a_remark_carries_the_name_of_its_key(serve: Serve, ask: Ask) -> None:
    def answer(call: Call) -> None:
        status = "500 Oh" if "page=2" in call.target else "200 OK"
        call.send(http(bundle(observation("o1"), next_url="?page=2"), status))

    answers = ask(serve(answer).base)

    assert fetched(answers["labs"]).remark == Missing("labs", Why.NOT_FETCHED, "HTTP 500")


def test_without_queries_nothing_is_asked(pool: ThreadPoolExecutor) -> None:
    assert gather({}, {"labs": raw(bundle())}, NO_SERVER, pool, Deadline.in_ms(0)) == {}


# A prefetch that is only the first page


def test_the_pages_after_a_prefetched_one_are_fetched(serve: Serve, ask: Ask) -> None:
    def answer(call: Call) -> None:
        link = "?page=3" if "page=2" in call.target else None
        call.send(http(bundle(observation(call.target[-1]), next_url=link)))

    server = serve(answer)
    prefetch = {"labs": raw(bundle(observation("1"), next_url=f"{server.base}?page=2"))}

    answers = ask(server.base, prefetch)

    answer_ = fetched(answers["labs"])
    assert ids(answer_.resource) == ["1", "2", "3"]
    assert (answer_.source, answer_.remark) == (server.base, None)
    assert server.targets == ["/fhir?page=2", "/fhir/?page=3"]
    assert {call.header("Authorization") for call in server.calls} == {"Bearer secret"}


def test_a_foreign_link_of_the_prefetch_gets_no_request_and_no_token(
    serve: Serve, ask: Ask
) -> None:
    ehr, foreign = serve(always(bundle())), serve(always(bundle()))
    prefetch = {"labs": raw(bundle(observation("1"), next_url=f"{foreign.base}?page=2"))}

    answers = ask(ehr.base, prefetch)

    answer = fetched(answers["labs"])
    assert ids(answer.resource) == ["1"]
    assert answer.source == "prefetch"
    assert answer.remark == Missing("labs", Why.NOT_FETCHED, "the next page is on another server")
    assert ehr.calls == foreign.calls == []


def test_a_foreign_link_of_the_server_gets_no_request_and_no_token(serve: Serve, ask: Ask) -> None:
    foreign = serve(always(bundle()))
    ehr = serve(always(bundle(observation("1"), next_url=f"{foreign.base}?page=2")))

    answers = ask(ehr.base)

    assert ids(fetched(answers["labs"]).resource) == ["1"]
    assert fetched(answers["labs"]).remark is not None
    assert len(ehr.calls) == 1
    assert foreign.calls == []


def test_a_first_page_outlives_a_server_that_does_not_answer(serve: Serve, ask: Ask) -> None:
    server = serve(Call.say_nothing)
    prefetch = {"labs": raw(bundle(observation("1"), next_url=f"{server.base}?page=2"))}

    answers = ask(server.base, prefetch, ms=SHORT_MS)

    assert ids(fetched(answers["labs"]).resource) == ["1"]
    assert fetched(answers["labs"]).remark == Missing("labs", Why.NOT_FETCHED, "no answer in time")


# Time


def test_all_queries_are_under_way_together(serve: Serve, ask: Ask) -> None:
    together = Barrier(8, timeout=WITHIN_MS / 1_000)

    def answer(call: Call) -> None:
        together.wait()  # nobody gets an answer before all eight have asked
        call.send(http(bundle(observation(call.target[-1]))))

    queries = {f"key{number}": f"Observation?n={number}" for number in range(8)}

    answers = ask(serve(answer).base, queries=queries)

    assert [ids(fetched(answers[key]).resource) for key in queries] == [[n] for n in "01234567"]


def test_what_is_not_there_at_the_deadline_is_missing(serve: Serve, ask: Ask) -> None:
    def answer(call: Call) -> None:
        if "Condition" in call.target:
            call.say_nothing()
        call.send(http(bundle()))

    queries = {"problems": "Condition?patient=p1"} | LABS

    answers = ask(serve(answer).base, queries=queries, ms=ONE_ANSWER_MS)

    assert answers["problems"] == Missing("problems", Why.NOT_FETCHED, "no answer in time")
    assert isinstance(answers["labs"], Fetched)


def test_the_pages_read_before_the_deadline_are_kept(serve: Serve, ask: Ask) -> None:
    def answer(call: Call) -> None:
        if "page=2" in call.target:
            call.say_nothing()
        call.send(http(bundle(observation("1"), next_url="?page=2")))

    answers = ask(serve(answer).base, ms=ONE_ANSWER_MS)

    assert ids(fetched(answers["labs"]).resource) == ["1"]
    assert fetched(answers["labs"]).remark == Missing("labs", Why.NOT_FETCHED, "no answer in time")


def test_a_query_that_found_no_thread_is_not_sent_later() -> None:
    session, deadline = BrokenSession(), Deadline.in_ms(SHORT_MS)
    queries = {f"key{number}": f"Observation?n={number}" for number in range(3)}

    with ThreadPoolExecutor(1) as narrow:
        answers = gather(queries, {}, session.server(deadline), narrow, deadline)
        session.may_break.set()

    assert set(answers.values()) == {
        Missing(key, Why.NOT_FETCHED, "no answer in time") for key in queries
    }
    assert session.asked == [f"{EHR}/Observation?n=0"]


# Our own mistakes


class BrokenSession:
    """Hangs until it is told to go on, then fails as only a bug does."""

    def __init__(self) -> None:
        self.may_break = Event()
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}

    def get_adapter(self, url: str) -> None:
        self.asked.append(url)
        self.may_break.wait(WITHIN_MS / 1_000)
        raise ZeroDivisionError("a bug")

    def server(self, deadline: Deadline) -> FhirServer:
        return FhirServer(EHR, None, cast(requests.Session, self), deadline)


def test_a_bug_in_a_fetch_is_raised(pool: ThreadPoolExecutor) -> None:
    session, deadline = BrokenSession(), Deadline.in_ms(WITHIN_MS)
    session.may_break.set()

    with pytest.raises(ZeroDivisionError):
        gather(LABS, {}, session.server(deadline), pool, deadline)


def test_a_bug_in_an_abandoned_fetch_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    session, deadline = BrokenSession(), Deadline.in_ms(SHORT_MS)

    with ThreadPoolExecutor(1) as pool, caplog.at_level(logging.ERROR):
        gather(LABS, {}, session.server(deadline), pool, deadline)
        session.may_break.set()

    assert "ZeroDivisionError" in caplog.text
