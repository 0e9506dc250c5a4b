"""Metrics and health are for operators: browsers of other origins may neither read nor ask."""

from flask import Flask, Response, request

from app.errors import outcome

PATHS = ("/metrics", "/health")
OWN = frozenset({"same-origin", "none", ""})


def init_app(app: Flask) -> None:
    """Refuse browsers of other origins; to be called before CORS is, which it has to undo."""
    app.before_request(_refuse)
    app.after_request(_closed)


def _refuse() -> Response | None:
    foreign = "Origin" in request.headers or request.headers.get("Sec-Fetch-Site", "") not in OWN
    return outcome(403, ["Not for browsers."]) if foreign and is_for_operators() else None


def _closed(response: Response) -> Response:
    if is_for_operators():
        for name in [name for name, _ in response.headers if name.startswith("Access-Control-")]:
            response.headers.remove(name)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def is_for_operators() -> bool:
    """Whether the request at hand is for metrics or health."""
    return request.path.startswith(PATHS)
