"""The body of a request, in one read where the server lets us."""

from flask import current_app, request

from app.errors import NotJsonType


def json_body() -> bytes:
    """The body of the request at hand; NotJsonType if it is not plain JSON, 413 if it is too large.

    gunicorn hands out bodies in pieces of 1 kB, which costs more than all judging of a call with
    hundreds of results. Its reader gives the whole at once; any other server is asked as usual.
    """
    if request.mimetype != "application/json" or "Content-Encoding" in request.headers:
        raise NotJsonType
    length = request.content_length
    reader = getattr(request.environ["wsgi.input"], "reader", None)
    if reader is None or length is None or length > current_app.config["MAX_CONTENT_LENGTH"]:
        return request.get_data(cache=False)
    body: bytes = reader.read(length)
    return body
