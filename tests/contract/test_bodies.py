"""Bodies: what is packed is counted as it unpacks, and only JSON is read.

Checklist: F2, F10, F11.
"""

import gzip
import tracemalloc
import zlib
from dataclasses import replace

import pytest
import requests

from app.fhir.server import Limits
from hooks.reading.resources import Fetched
from tests.contract.asking import fhir, outcome_of
from tests.contract.loopback import Serve, bundle, http, ids, observation

GZIP = "Content-Encoding: gzip\r\n"
BODY = http(bundle(observation("o1"))).partition(b"\r\n\r\n")[2]
SMALL = Limits(max_bytes=1_000_000)
PACKED = zlib.compress(bytes(10_000_000))
BROKE_OFF = "the answer broke off"


def answer_to(
    serve: Serve, session: requests.Session, body: bytes, headers: str, limits: Limits = SMALL
) -> Fetched | str:
    server = serve(lambda call: call.send(http(body, headers=headers)))
    return outcome_of(replace(fhir(session, server.base), limits=limits))


# Packed


def test_only_gzip_is_asked_for(serve: Serve, session: requests.Session) -> None:
    server = serve(lambda call: call.send(http(bundle())))

    outcome_of(fhir(session, server.base))

    assert server.calls[0].header("Accept-Encoding") == "gzip"


@pytest.mark.parametrize("name", ["gzip", "GZIP", "x-gzip", "identity", ""])
def test_a_body_is_read_by_its_encoding(serve: Serve, session: requests.Session, name: str) -> None:
    body = gzip.compress(BODY) if "gzip" in name.casefold() else BODY

    found = answer_to(serve, session, body, f"Content-Encoding: {name}\r\n")

    assert isinstance(found, Fetched)
    assert ids(found.resource) == ["o1"]


def test_a_body_of_several_members_is_read_whole(serve: Serve, session: requests.Session) -> None:
    members = [gzip.compress(part) for part in (BODY[:9], b"", BODY[9:])]

    found = answer_to(serve, session, b"".join(members), GZIP)

    assert isinstance(found, Fetched)
    assert ids(found.resource) == ["o1"]


def test_a_body_larger_than_a_piece_is_read_whole(serve: Serve, session: requests.Session) -> None:
    many = [observation(f"o{number}") for number in range(5_000)]
    packed = gzip.compress(http(bundle(*many)).partition(b"\r\n\r\n")[2])

    found = answer_to(serve, session, packed, GZIP)

    assert isinstance(found, Fetched)
    assert len(ids(found.resource)) == 5_000


def members_without_end(size: int) -> bytes:
    """Members that unpack to nothing at all."""
    return gzip.compress(b"") * (size // 20)


@pytest.mark.parametrize(
    "bomb",
    [
        gzip.compress(bytes(300_000_000), 9),
        gzip.compress(bytes(2_000_000)) * 50,
        members_without_end(1_200_000),
    ],
    ids=["one member", "many members", "empty members"],
)
def test_a_bomb_is_given_up_on_with_little_memory(
    serve: Serve, session: requests.Session, bomb: bytes
) -> None:
    server = serve(lambda call: call.send(http(bomb, headers=GZIP)))
    asked = replace(fhir(session, server.base), limits=SMALL)
    tracemalloc.start()
    try:
        outcome = outcome_of(asked)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert outcome == "more than 1 MB"
    assert most < 8_000_000 + len(bomb)


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd", "gzip, gzip", "gzip, identity", "?"])
def test_a_packing_that_was_not_asked_for_is_not_unpacked(
    serve: Serve, session: requests.Session, encoding: str
) -> None:
    told = answer_to(serve, session, PACKED, f"Content-Encoding: {encoding}\r\n")

    assert told == "the answer is packed in a way that was not asked for"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY,
        gzip.compress(BODY)[:-1],
        gzip.compress(BODY)[:-8] + bytes(8),
        gzip.compress(BODY) + b"more",
        gzip.compress(BODY) + gzip.compress(BODY)[:12],
    ],
    ids=["empty", "plain", "cut", "wrong sum", "more after it", "a second member cut"],
)
def test_a_packed_body_that_is_not_whole_is_no_answer(
    serve: Serve, session: requests.Session, body: bytes
) -> None:
    assert answer_to(serve, session, body, GZIP) == BROKE_OFF


# Its type


@pytest.mark.parametrize(
    "content_type",
    [
        "application/fhir+json",
        "Application/JSON; charset=utf-8",
        "application/json+fhir",
        "text/json",
    ],
)
def test_json_by_any_of_its_names_is_read(
    serve: Serve, session: requests.Session, content_type: str
) -> None:
    found = answer_to(serve, session, BODY, f"Content-Type: {content_type}\r\n")

    assert isinstance(found, Fetched)


@pytest.mark.parametrize(
    "content_type",
    ["text/html", "text/plain", "application/fhir+xml", "application/octet-stream", "x"],
)
def test_what_says_that_it_is_something_else_is_not_read(
    serve: Serve, session: requests.Session, content_type: str
) -> None:
    told = answer_to(serve, session, BODY, f"Content-Type: {content_type}\r\n")

    assert told == "the answer is not JSON"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"NaN", b'{"resourceType": "Bundle", "total": NaN}', b'"\\ud800"', b"\xff\xfe{}",
     b"\xef\xbb\xbf{}", b"[" * 100_000, b"<html>"],
)  # fmt: skip
def test_what_is_not_json_is_no_answer(
    serve: Serve, session: requests.Session, body: bytes
) -> None:
    told = answer_to(serve, session, body, "Content-Type: application/fhir+json\r\n")

    assert told == "the answer is not JSON"
