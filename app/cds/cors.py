"""Cross-origin calls: browsers of the listed origins may call; never with credentials."""

from collections.abc import Iterable

from flask import Flask, Response, g, request

from app.security.clients import CdsClient

HEADERS = "authorization, content-type"
METHODS = "GET, POST, OPTIONS"
MAX_AGE_S = 600


def init_app(app: Flask, origins: tuple[str, ...], clients: Iterable[CdsClient] = ()) -> None:
    """Add CORS headers to every answer of *app*, errors included.

    *origins* may call as any client; a client's own only as that client. A preflight, and a call
    that was refused, is nobody's, and is answered to all of them. No *origins* and no *clients*:
    any origin.
    """
    listed = frozenset(origins).union(*(client.cors_origins for client in clients))
    anyone = not origins and not clients

    @app.after_request
    def allow_origin(response: Response) -> Response:
        origin = request.headers.get("Origin")
        if not anyone:
            response.vary.add("Origin")
        if origin is None or not (anyone or origin in _permitted(listed, origins)):
            return response
        response.headers["Access-Control-Allow-Origin"] = "*" if anyone else origin
        if request.method == "OPTIONS":
            _preflight(response)
        return response


def _permitted(listed: frozenset[str], origins: tuple[str, ...]) -> Iterable[str]:
    return {*origins, *g.client.cors_origins} if "client" in g else listed


def _preflight(response: Response) -> None:
    response.headers["Access-Control-Allow-Headers"] = HEADERS
    response.headers["Access-Control-Allow-Methods"] = METHODS
    response.headers["Access-Control-Max-Age"] = str(MAX_AGE_S)
    if request.headers.get("Access-Control-Request-Private-Network") == "true":
        response.headers["Access-Control-Allow-Private-Network"] = "true"
