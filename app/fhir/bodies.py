"""The body of one answer, unpacked piece by piece: what is too much is never held in memory."""

import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
import requests

from app.fhir.deadline import Deadline
from app.fhir.reasons import LATE, FhirUnavailable

CHUNK = 65_536
PLAIN = ("", "identity")
GZIP = ("gzip", "x-gzip")
JSON_TYPES = frozenset(
    {"application/fhir+json", "application/json", "application/json+fhir", "text/json"}
)


def body_of(response: requests.Response, room: int, max_bytes: int, deadline: Deadline) -> bytes:
    """The JSON of *response*, unpacked; at most *room* bytes, as they come and as they unpack.

    Raises FhirUnavailable for what is more, is not JSON by its type, or comes too late.
    """
    if not _is_json(response.headers.get("Content-Type", "")):
        raise FhirUnavailable("the answer is not JSON")
    found, received = [], 0
    for packed, piece in _pieces(response):
        received += packed
        room -= len(piece)
        if room < 0 or received > max_bytes:
            raise FhirUnavailable(f"more than {max_bytes / 1e6:g} MB")
        if deadline.over():
            raise FhirUnavailable(LATE)
        found.append(piece)
    return b"".join(found)


def parsed(body: bytes) -> Any:
    """The value that *body* holds; raises FhirUnavailable if it is not JSON."""
    with suppress(orjson.JSONDecodeError):  # which holds the whole body
        return orjson.loads(body)
    raise FhirUnavailable("the answer is not JSON")


def _is_json(content_type: str) -> bool:
    """Whether *content_type* is one of JSON; a server that gives none is taken by its body."""
    essence = content_type.partition(";")[0].strip().casefold()
    return not essence or essence in JSON_TYPES


def _pieces(response: requests.Response) -> Iterator[tuple[int, bytes]]:
    """The body in pieces, each with the number of bytes that were received for it."""
    encoding = response.headers.get("Content-Encoding", "").strip().casefold()
    if encoding in PLAIN:
        for chunk in _chunks(response):
            yield len(chunk), chunk
    elif encoding in GZIP:
        yield from _unpacked(_chunks(response))
    else:
        raise FhirUnavailable("the answer is packed in a way that was not asked for")


def _chunks(response: requests.Response) -> Iterator[bytes]:
    while chunk := response.raw.read1(CHUNK, decode_content=False):
        yield chunk


def _unpacked(chunks: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """The members of a gzip stream, one after another; it has to end where a member ends."""
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    begun = False
    try:
        for chunk in chunks:
            yield len(chunk), b""
            rest = chunk
            while rest or begun:
                if member.eof:
                    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                piece = member.decompress(rest, CHUNK)
                yield 0, piece
                rest = member.unused_data if member.eof else member.unconsumed_tail
                begun = len(piece) == CHUNK and not member.eof  # it may hold more, already read
    except zlib.error:
        raise FhirUnavailable("the answer broke off") from None
    if not member.eof:
        raise FhirUnavailable("the answer broke off")
