"""Cross-origin calls: browsers of the listed origins may call; never with credentials."""

from flask import Flask, Response, request

HEADERS = "authorization, content-type"
METHODS = "GET, POST, OPTIONS"
MAX_AGE_S = 600


def init_app(app: Flask, origins: tuple[str, ...]) -> None:
    """Add CORS headers to every answer of *app*, errors included. No *origins*: any origin."""

    @app.after_request
    def allow_origin(response: Response) -> Response:
        origin = request.headers.get("Origin")
        if origins:
            response.vary.add("Origin")
        if origin is None or (origins and origin not in origins):
            return response
        response.headers["Access-Control-Allow-Origin"] = origin if origins else "*"
        if request.method == "OPTIONS":
            _preflight(response)
        return response


def _preflight(response: Response) -> None:
    response.headers["Access-Control-Allow-Headers"] = HEADERS
    response.headers["Access-Control-Allow-Methods"] = METHODS
    response.headers["Access-Control-Max-Age"] = str(MAX_AGE_S)
    if request.headers.get("Access-Control-Request-Private-Network") == "true":
        response.headers["Access-Control-Allow-Private-Network"] = "true"
