"""Real servers that are slow, silent, endless or rude: every wait has an end.

Nothing here measures time. A wait that did not end would fail at `WITHIN_S`, long before the
server gives up.
"""

import gzip
import socket
from contextlib import ExitStack
from dataclasses import replace

import pytest
import requests

from app.fhir.deadline import Deadline
from app.fhir.server import Limits
from hooks.clinical.facts import Missing, Why
from hooks.reading.resources import Fetched
from tests.contract.asking import fhir, outcome_of
from tests.contract.loopback import (
    Behaviour,
    Call,
    Serve,
    bundle,
    http,
    ids,
    observation,
)

SHORT_MS = 200
ONE_ANSWER_MS = 1_000  # enough for a server that answers at once, however busy the machine
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = "Content-Encoding: gzip\r\n"


def endlessly(start: bytes, again: bytes) -> Behaviour:
    """A server that never stops sending *again*."""

    def answer(call: Call) -> None:
        call.send(start)
        while not call.stopped.is_set():
            call.send(again)

    return answer


# Slow


def test_a_server_that_accepts_nobody_is_given_up_on(session: requests.Session) -> None:
    with ExitStack() as queue:
        listener = queue.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):  # the places in the queue, so that the next one gets no reply at all
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        server = fhir(session, f"http://127.0.0.1:{listener.getsockname()[1]}/fhir")

        assert outcome_of(replace(server, limits=Limits(connect_s=0.1))) == "no answer in time"
        assert outcome_of(replace(server, deadline=Deadline.in_ms(100))) == "no answer in time"


def test_a_server_that_is_not_there_is_given_up_on(session: requests.Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert outcome_of(fhir(session, f"http://127.0.0.1:{port}/fhir")) == "no connection"


def test_a_server_that_never_answers_is_given_up_on_at_the_deadline(
    serve: Serve, session: requests.Session
) -> None:
    server = serve(Call.say_nothing)

    assert outcome_of(fhir(session, server.base, SHORT_MS)) == "no answer in time"


def test_a_server_that_never_answers_is_given_up_on_at_the_limit_of_one_answer(
    serve: Serve, session: requests.Session
) -> None:
    server = fhir(session, serve(Call.say_nothing).base)

    assert outcome_of(replace(server, limits=Limits(read_s=0.1))) == "no answer in time"


@pytest.mark.parametrize(
    "prompt_part",
    [b"", HEAD, HEAD + b"Content-Length: 1000000\r\n\r\n", CHUNKED, CHUNKED + b"f4240\r\n"],
    ids=["status line", "headers", "body", "chunk size", "chunk"],
)
def test_a_server_that_drips_its_answer_is_given_up_on(
    serve: Serve, session: requests.Session, prompt_part: bytes
) -> None:
    def answer(call: Call) -> None:
        call.send(prompt_part)
        call.drip(b"0" * 1_000_000)

    assert outcome_of(fhir(session, serve(answer).base, SHORT_MS)) == "no answer in time"


def test_a_server_that_only_ever_promises_an_answer_is_given_up_on(
    serve: Serve, session: requests.Session
) -> None:
    server = serve(endlessly(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100))

    assert outcome_of(fhir(session, server.base, SHORT_MS)) == "no answer in time"


def test_an_answer_in_many_small_pieces_is_read(serve: Serve, session: requests.Session) -> None:
    def answer(call: Call) -> None:
        for byte in http(bundle(observation("o1"))):
            call.send(bytes([byte]))

    found = outcome_of(fhir(session, serve(answer).base))

    assert isinstance(found, Fetched)
    assert ids(found.resource) == ["o1"]


def test_a_second_page_that_never_comes_leaves_the_first(
    serve: Serve, session: requests.Session
) -> None:
    def answer(call: Call) -> None:
        if "page=2" in call.target:
            call.say_nothing()
        call.send(http(bundle(observation("o1"), next_url="?page=2")))

    found = outcome_of(fhir(session, serve(answer).base, ONE_ANSWER_MS))

    assert isinstance(found, Fetched)
    assert ids(found.resource) == ["o1"]
    assert found.remark == Missing("Observation", Why.NOT_FETCHED, "no answer in time")


# Endless


@pytest.mark.parametrize(
    ("start", "again"),
    [(HEAD + b"\r\n", b" " * 65_536), (CHUNKED, b"10000\r\n" + b" " * 65_536 + b"\r\n")],
    ids=["until it closes", "chunked"],
)
def test_an_endless_body_is_cut_off(
    serve: Serve, session: requests.Session, start: bytes, again: bytes
) -> None:
    server = fhir(session, serve(endlessly(start, again)).base)

    assert outcome_of(replace(server, limits=Limits(max_bytes=1_000_000))) == "more than 1 MB"


def test_an_endless_body_does_not_outlast_the_deadline(
    serve: Serve, session: requests.Session
) -> None:
    server = fhir(session, serve(endlessly(HEAD + b"\r\n", b" " * 1_000)).base, SHORT_MS)

    assert outcome_of(replace(server, limits=Limits(max_bytes=10**12))) == "no answer in time"


def test_a_small_answer_that_unpacks_to_a_large_one_is_cut_off(
    serve: Serve, session: requests.Session
) -> None:
    bomb = gzip.compress(bytes(200_000_000), 1)
    server = serve(lambda call: call.send(http(bomb, headers=GZIP)))

    assert outcome_of(fhir(session, server.base)) == "more than 20 MB"


def test_a_compressed_answer_is_unpacked(serve: Serve, session: requests.Session) -> None:
    packed = gzip.compress(http(bundle(observation("o1"))).partition(b"\r\n\r\n")[2])
    server = serve(lambda call: call.send(http(packed, headers=GZIP)))

    found = outcome_of(fhir(session, server.base))

    assert isinstance(found, Fetched)
    assert ids(found.resource) == ["o1"]


def test_the_body_of_a_redirect_is_not_read(serve: Serve, session: requests.Session) -> None:
    start = b"HTTP/1.1 302 Found\r\nLocation: /fhir/Patient\r\n\r\n"
    server = serve(endlessly(start, b" " * 65_536))

    assert outcome_of(fhir(session, server.base)) == "redirected to another place"
    assert len(server.calls) == 1


def test_endless_pages_come_to_an_end(serve: Serve, session: requests.Session) -> None:
    def answer(call: Call) -> None:
        page = len(server.calls)
        call.send(http(bundle(observation(f"o{page}"), next_url=f"?page={page}")))

    server = serve(answer)

    found = outcome_of(fhir(session, server.base))

    assert isinstance(found, Fetched)
    assert len(ids(found.resource)) == len(server.calls) == 40
    assert found.remark == Missing("Observation", Why.NOT_FETCHED, "more than 40 pages")


# Rude


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"\xff" * 100_000, "no connection"),
        (b"HTTP/1.1 twohundred\r\n\r\n", "no connection"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no connection"),
        (HEAD + b"X: y\r\n" * 1_000 + b"\r\n", "no connection"),
        (HEAD + b"Content-Length: 5, 6\r\n\r\n12345", "the request could not be made"),
        (HEAD + b"Content-Length: 1000\r\n\r\n{}", "the answer broke off"),
        (CHUNKED + b"2\r\n{}\r\n", "the answer broke off"),
        (CHUNKED + b"many\r\n{}\r\n", "the answer broke off"),
        (http(b"plain", headers=GZIP), "the answer broke off"),
        (
            http(b"{}", headers="Content-Encoding: " + "gzip, " * 9 + "gzip\r\n"),
            "the answer is packed in a way that was not asked for",
        ),
        (
            http(gzip.compress(b'{"resourceType": "Bundle"}')[:20], headers=GZIP),
            "the answer broke off",
        ),
    ],
)
def test_an_answer_that_breaks_the_rules_of_http_is_no_answer(
    serve: Serve, session: requests.Session, answer: bytes, reason: str
) -> None:
    def once(call: Call) -> None:
        call.send(answer)
        call.connection.shutdown(socket.SHUT_WR)

    assert outcome_of(fhir(session, serve(once).base)) == reason
