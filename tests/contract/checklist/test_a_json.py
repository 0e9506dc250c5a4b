"""A: JSON and transport."""

import gzip
import zlib
from collections.abc import Iterator
from time import monotonic

import orjson
import pytest

from tests.contract.checklist import Service, outcome, wire
from tests.unit.app.cds import complete, draft, empties, order_select
from tests.unit.hooks.reading import observation

BODY = orjson.dumps(order_select())
PATH = "/cds-services/rxhooks-order-select"
MB = 1_000_000


@pytest.mark.proves("A1", "A3", "A4", "A8")
def test_every_answer_is_json_with_nothing_empty_in_it(rx: Service) -> None:
    answer = rx.send(BODY)

    assert answer.headers["Content-Type"] == "application/json"
    assert empties(answer.json()) == []
    assert empties(rx.discover()) == []


@pytest.mark.proves("A3", "G2")
def test_the_only_empty_value_is_the_list_of_cards(rx: Service) -> None:
    loratadine = draft(medicationCodeableConcept={"text": "loratadine"})

    assert rx.call(order_select(loratadine)).content == b'{"cards":[]}'


@pytest.mark.proves("A6", "A9", "H3")
@pytest.mark.parametrize(
    "body",
    [
        BODY[:-1] + b",}",
        b"/* a comment */" + BODY,
        BODY + b"x",
        BODY[:-1],
        b"",
        b"null",
        b"[]",
        b"{" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"context": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001,
        BODY[:-1] + b',"x":NaN}',
        BODY[:-1] + b',"x":-Infinity}',
        BODY[:-1] + b',"fhirServer":1e999}',
        BODY[:-1] + b',"fhirServer":' + b"9" * 5_000 + b"}",
        b"\xef\xbb\xbf" + BODY,
        BODY.decode().encode("utf-16"),
        BODY.replace(b"clopidogrel", "clopidogrél".encode("latin-1")),
        BODY.replace(b'"clopidogrel"', b'"\\ud800"'),
        BODY.replace(b'"hook"', b'"\\udfff": 1, "hook"'),
    ],
    ids=range(19),
)  # fmt: skip
def test_what_is_not_json_is_400(rx: Service, body: bytes) -> None:
    started = monotonic()

    assert outcome(rx.send(body), 400)
    assert monotonic() - started < 5


@pytest.mark.proves("A7", "A8", "A9", "L6")
@pytest.mark.parametrize(
    "body",
    [
        BODY.replace(b'"clopidogrel"', b'"clopidogrel \\u0000"'),
        BODY.replace(b'"Harbour Laboratory"', b'"\\u0000 \\u202e \\ufeff"'),
        BODY.replace(b'"hook":', b'"hook":"other","hook":', 1),
        BODY[:-1] + b',"x":1e999}',
        BODY[:-1] + b',"x":' + b"9" * 5_000 + b"}",
        BODY[:-1] + b',"x":' + b"[" * 900 + b"]" * 900 + b"}",
    ],
    ids=range(6),
)
def test_odd_json_is_read_one_way(rx: Service, body: bytes) -> None:
    answer = rx.send(body)

    assert answer.status_code == 200
    assert answer.json()["cards"][0]["indicator"] == "critical"


@pytest.mark.proves("A9", "E11")
@pytest.mark.parametrize("number", ["1e999", "9" * 5_000, "1e-400", "-0.0", "1." + "0" * 5_000])
def test_a_number_that_no_computer_holds_is_never_a_result(rx: Service, number: str) -> None:
    result = observation("84413-4", "CYP2C19 *2/*2") | {"valueQuantity": {"value": "@"}}
    body = orjson.dumps(order_select(prefetch=complete(result)))

    assert rx.send(body.replace(b'"@"', number.encode())).status_code in {200, 412}


@pytest.mark.proves("A10", "H7")
@pytest.mark.parametrize("size", [17 * MB, 64 * MB])
@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_a_body_over_the_limit_is_413(rx: Service, size: int, chunked: bool) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"x":"'
        for _ in range(size // MB):
            yield b"a" * MB
        yield b'"}'

    outcome(rx.send(chunks() if chunked else b"".join(chunks())), 413)


@pytest.mark.proves("A10")
def test_a_body_over_the_limit_is_refused_before_it_comes(rx: Service) -> None:
    lines = ("Content-Type: application/json", f"Content-Length: {64 * MB}")

    assert rx.raw(wire("POST", PATH, *lines, body=b"{")).startswith(b"HTTP/1.1 413 ")


@pytest.mark.proves("A10", "L4")
@pytest.mark.parametrize("size", [1 * MB, 5 * MB, 12 * MB])
def test_a_large_body_is_answered(rx: Service, size: int) -> None:
    body = order_select() | {"unused": "a" * size}

    assert rx.cards(body)[0]["indicator"] == "critical"


@pytest.mark.proves("A9", "A10", "H7")
@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(BODY)),
        ("gzip", gzip.compress(bytes(200 * MB), 1)),
        ("deflate", zlib.compress(BODY)),
        ("br", BODY),
        ("zstd", BODY),
        ("identity", BODY),
    ],
    ids=["gzip", "a gzip bomb", "deflate", "br", "zstd", "identity"],
)
def test_an_encoded_body_is_415_and_not_unpacked(rx: Service, encoding: str, body: bytes) -> None:
    outcome(rx.send(body, **{"Content-Encoding": encoding}), 415)


@pytest.mark.proves("A9")
def test_a_chunked_body_is_read_whole(rx: Service) -> None:
    answer = rx.send(BODY[at : at + 7] for at in range(0, len(BODY), 7))

    assert answer.json()["cards"][0]["indicator"] == "critical"


@pytest.mark.proves("A11", "C1", "H7")
@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("application/json;charset=UTF-8; x=y", 200),
        ("APPLICATION/Json", 200),
        ("text/plain", 415),
        ("text/plain; application/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/xml", 415),
        ("*/*", 415),
        ("", 415),
    ],
)
def test_only_application_json_is_read(rx: Service, media_type: str, status: int) -> None:
    assert rx.send(BODY, **{"Content-Type": media_type}).status_code == status


@pytest.mark.proves("A1", "B16")
@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "", "nonsense"])
def test_the_answer_is_json_whatever_is_accepted(rx: Service, accept: str) -> None:
    assert rx.send(BODY, Accept=accept).headers["Content-Type"] == "application/json"
