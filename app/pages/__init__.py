"""The sandbox chart: a small EHR in the browser, to try the service with.

Its rule: it is served in open mode only, and only to its own origin. What a FHIR server or a user
sends shows as text; nothing is loaded from elsewhere, nothing is kept.
"""

from flask import Flask, Response, request
from jinja2 import StrictUndefined

from app.errors import outcome
from app.pages.routes import bp
from app.settings import Settings

PATH = "/sandbox"
OWN = frozenset({"same-origin", "none"})
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def init_app(app: Flask, settings: Settings) -> None:
    """Serve the chart in open mode; to be called before CORS is, which it has to undo."""
    if not settings.open:
        return
    app.jinja_env.undefined = StrictUndefined
    app.before_request(_refuse)
    app.after_request(_closed)
    app.register_blueprint(bp)


def _refuse() -> Response | None:
    """Pages of other origins may link here, and do nothing else."""
    if not _is_ours() or _is_of_own_origin() or _is_link():
        return None
    return outcome(403, ["Not for pages of other origins."])


def _is_of_own_origin() -> bool:
    """By Sec-Fetch-Site; by Origin for browsers that do not send it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OWN
    return request.headers.get("Origin") in {None, request.host_url.rstrip("/")}


def _is_link() -> bool:
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"


def _closed(response: Response) -> Response:
    if _is_ours():
        for name in [name for name, _ in response.headers if name.startswith("Access-Control-")]:
            response.headers.remove(name)
        response.headers.update(HEADERS)
    return response


def _is_ours() -> bool:
    return request.path == PATH or request.path.startswith(f"{PATH}/")
