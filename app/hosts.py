"""By which names the service is called: a page whose own name was led here is no page of ours.

A browser takes the answer for one of the page's own origin then (DNS rebinding), and no check of
origins sees it. Only a name of the public DNS can be led so: an address, `localhost` and names that
a cluster or a network of containers alone knows cannot, and go on working.
"""

from flask import Flask, Response, request

from app import operators
from app.errors import outcome
from app.security.urls import is_address, split
from app.settings import Settings

INSIDE = (".localhost", ".internal", ".svc", ".svc.cluster.local")  # of no public DNS
MISDIRECTED = "The service has another name; RXHOOKS_BASE_URL says which."


def init_app(app: Flask, settings: Settings) -> None:
    """Refuse what comes by the name of another.

    In open mode everything; where clients sign their calls, and browsers with them, only what
    needs no token and is for operators.
    """
    own = _name(split(settings.base_url).hostname)

    @app.before_request
    def refuse() -> Response | None:
        guarded = settings.open or operators.is_for_operators()
        if not guarded or _is_ours(request.headers.get("Host", ""), own):
            return None
        return outcome(421, [MISDIRECTED])


def _is_ours(host: str, own: str) -> bool:
    """Whether *host*, as a Host header has it, leads here; browsers always send one."""
    name = _name(split(f"//{host}").hostname)
    bare = "." not in name or is_address(name)
    return not host or (bool(name) and (bare or name == own or name.endswith(INSIDE)))


def _name(hostname: str | None) -> str:
    return (hostname or "").removesuffix(".")
