"""Requests that are slow, broken or endless, over a real pair of sockets."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic

import pytest
from gunicorn import http
from gunicorn.config import Config
from gunicorn.http.errors import InvalidHeader, InvalidRequestLine, NoMoreData
from gunicorn.http.parser import RequestParser

from app.receiving import TimedParser, TimedUnreader, install

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
LONG_AGO = -1.0
Pair = tuple[TimedParser, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A parser, and the socket of its client."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield TimedParser(Config(), ours, ("127.0.0.1", 1)), theirs


def test_a_request_is_read_as_gunicorn_reads_it(pair: Pair) -> None:
    parser, client = pair
    client.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")

    assert next(parser).body.read() == b"{}"


def test_what_comes_after_its_time_counts_as_broken_off(pair: Pair) -> None:
    parser, client = pair
    client.sendall(HEAD + b"Content-Length: 2\r\n\r\n")
    message = next(parser)
    parser.unreader.end = LONG_AGO
    client.sendall(b"{}")

    assert message.body.read() == b""
    assert parser.unreader.read() == b""


def test_silence_counts_as_broken_off(pair: Pair) -> None:
    parser, client = pair
    parser.unreader.sock.settimeout(0.01)
    client.sendall(HEAD)

    with pytest.raises(NoMoreData):
        next(parser)
    client.sendall(b"\r\n")
    assert parser.unreader.read() == b""


@pytest.mark.parametrize(
    "head", [b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nX-Host: x\r\n\r\n"]
)
def test_a_request_that_names_no_host_is_refused(pair: Pair, head: bytes) -> None:
    parser, client = pair
    client.sendall(head)

    with pytest.raises(InvalidHeader):
        next(parser)


def test_http_1_0_need_not_name_a_host(pair: Pair) -> None:
    parser, client = pair
    client.sendall(b"GET / HTTP/1.0\r\n\r\n")

    assert next(parser).method == "GET"


def test_a_head_of_lines_that_end_with_lf_alone_is_refused(pair: Pair) -> None:
    parser, client = pair
    client.sendall(HEAD.replace(b"\r", b"") + b"\n")
    client.shutdown(socket.SHUT_WR)

    with pytest.raises(InvalidRequestLine):
        next(parser)


def test_each_request_has_its_own_time(pair: Pair) -> None:
    parser, client = pair
    client.sendall(HEAD + b"\r\n")
    next(parser)
    parser.unreader.end = LONG_AGO
    client.sendall(HEAD + b"\r\n")

    assert next(parser).method == "POST"


@pytest.mark.parametrize("chunks", [b"zz\r\n{}", b"2\r\n{}xx", b"-2\r\n{}", b"\r\n", b"2 \r\n{}"])
def test_nothing_is_read_after_chunks_that_break_the_rules(pair: Pair, chunks: bytes) -> None:
    parser, client = pair
    client.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"\r\n" + HEAD)
    message = next(parser)
    with suppress(OSError):
        message.body.read()

    assert parser.unreader.broken
    assert next(parser, None) is None


def test_chunks_are_read_to_their_end(pair: Pair) -> None:
    parser, client = pair
    client.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")

    assert next(parser).body.read() == b"{}"
    assert not parser.unreader.broken


def test_a_connection_on_which_the_next_request_waits_is_not_waited_on(pair: Pair) -> None:
    parser, client = pair
    client.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
    next(parser)
    assert parser.finish_body(monotonic() + 5)

    client.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}" + HEAD)
    next(parser)
    assert not parser.finish_body(monotonic() + 5)


def test_gunicorn_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "RequestParser", RequestParser)
    install()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        parser = http.get_parser(Config(), ours, None)

    assert isinstance(parser.unreader, TimedUnreader)
