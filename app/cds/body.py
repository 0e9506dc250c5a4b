"""The body of a request, in one read where the server lets us."""

from typing import Any

from flask import Response, current_app, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import RequestEntityTooLarge

from app.errors import BrokenBody, NotJsonType

LITTLE = 65_536  # gunicorn gives up a connection with more than this unread


def json_body() -> bytes:
    """The body of the request at hand.

    NotJsonType if it is not plain JSON, 413 if it is too large, BrokenBody if it does not arrive
    whole. gunicorn hands out bodies in pieces of 1 kB, which costs more than all judging of a call
    with hundreds of results. Its reader gives the whole at once; any other server is asked as
    usual.
    """
    if request.mimetype != "application/json" or "Content-Encoding" in request.headers:
        raise NotJsonType
    reader = getattr(request.environ["wsgi.input"], "reader", None)
    if reader is None:
        return request.get_data(cache=False)
    most: int = current_app.config["MAX_CONTENT_LENGTH"]
    length = request.content_length
    if length is not None and length > most:
        raise RequestEntityTooLarge
    body = _read(reader, most + 1 if length is None else length)
    if len(body) > most:
        raise RequestEntityTooLarge
    if length is not None and len(body) < length:
        raise BrokenBody
    return body


def _read(reader: Any, most: int) -> bytes:
    """At most *most* bytes; a chunked body may break the rules in the middle of it."""
    try:
        body: bytes = reader.read(most)
    except (OSError, ParseException) as error:
        raise BrokenBody from error
    return body


def discard_rest(response: Response) -> Response:
    """Read what nobody has read of the body, before *response* is sent.

    Otherwise gunicorn reads it afterwards, and the next request with it, which then waits for ever.
    Where the rest is long, or broken, the client is told that the connection ends.
    """
    body = request.environ["wsgi.input"]
    reader = getattr(body, "reader", None)
    if reader is not None and not _emptied(reader):
        body.end_connection()
    return response


def _emptied(reader: Any) -> bool:
    """Whether nothing is left of a body, after reading a little more of it."""
    if getattr(reader, "length", 0) > LITTLE:
        return False
    try:
        rest = _read(reader, LITTLE)
    except BrokenBody:
        return False
    return len(rest) < LITTLE and getattr(reader, "length", 0) == 0
