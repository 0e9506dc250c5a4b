"""The door: who calls is known before anything reads the body.

Everything below /cds-services is closed, discovery and feedback included; a route that is added
there is closed by itself. Preflights are let through: browsers send them without a token.
"""

from collections.abc import Iterable
from pathlib import Path
from time import time

from flask import Flask, g, request

from app import health
from app.cds.slashes import CALLED
from app.fhir.session import internal_session, new_session
from app.logs import get_logger
from app.security.client_jwt import ClientJwt, Registered
from app.security.clients import OPEN, CdsClient
from app.security.key_sets import Board, FileKeys, KeySet, UrlKeys
from app.security.replay import Replay, ReplayUnavailable, SqliteReplay
from app.security.urls import is_loopback, split
from app.settings import DEFAULT_BASE_URL, Settings, UnsafeSettings

CLOSED = "/cds-services"
FEEDBACK = "/feedback"


def init_app(app: Flask, settings: Settings) -> None:
    """Have `flask.g.client` set for every call below /cds-services, or the call refused."""
    if settings.open:
        everybody = open_client(settings)
        app.before_request(lambda: setattr(g, "client", everybody))
        get_logger().warning("open: clients are not authenticated")
        return
    verifier = ClientJwt(registered(settings), replay(settings), settings.jwt_leeway_s)
    app.extensions["rxhooks.gate"] = verifier
    health.add_check(app, "key_sets", lambda: keys_state(verifier))
    _warn(settings)

    @app.before_request
    def authenticate() -> None:
        if _is_closed():
            authorization = request.headers.get("Authorization", "")
            g.client = verifier.verify(authorization, _urls(settings.base_url), time())


def warn_of_reach(listening: Iterable[str]) -> None:
    """Say of an open service *listening* there that other machines can reach it, if they can."""
    hosts = [(each, split(each).hostname) for each in listening]
    if outside := [each for each, host in hosts if host and not is_loopback(host)]:
        told = f"open: every machine that reaches {', '.join(outside)} may call"
        get_logger().warning(told)


def keys_state(verifier: ClientJwt) -> str:
    """For readiness: whether every client's keys can be had; all lost is as good as down."""
    without = len(verifier.without_keys())
    if not without:
        return "reachable"
    return health.NEEDED if without == len(verifier.clients) else "failing"


def open_client(settings: Settings) -> CdsClient:
    """Everybody, where clients are not authenticated."""
    return CdsClient(OPEN, fhir_servers=settings.fhir_servers, cors_origins=settings.cors_origins)


def registered(settings: Settings) -> dict[str, Registered]:
    """Each client with its keys, by issuer; nothing is fetched before the first call."""
    board, outside, inside = Board(len(settings.clients)), new_session(), internal_session()
    for session in (outside, inside):
        session.verify = str(settings.ca_file) if settings.ca_file else True
    keys: list[KeySet] = [
        UrlKeys(client.jwks, inside if client.internal else outside, board, place)
        if "://" in client.jwks
        else FileKeys(Path(client.jwks))
        for place, client in enumerate(settings.clients)
    ]
    return {
        client.issuer: Registered(client, found)
        for client, found in zip(settings.clients, keys, strict=True)
    }


def replay(settings: Settings) -> Replay:
    """Where used tokens are noted; UnsafeSettings if that can never be."""
    if settings.redis_url:
        return _redis(settings.redis_url)
    store = SqliteReplay(settings.replay_file)
    try:
        store.prepare()
    except ReplayUnavailable:
        problem = f"RXHOOKS_REPLAY_FILE: {settings.replay_file} cannot be written"
        raise UnsafeSettings([problem]) from None
    return store


def _redis(url: str) -> Replay:
    from app.security.redis_replay import RedisReplay

    try:
        return RedisReplay.at(url)
    except ValueError:  # without its message, which may quote the password
        raise UnsafeSettings(["RXHOOKS_REDIS_URL: cannot be read"]) from None


def _is_closed() -> bool:
    """Whether the request at hand needs a token, also where it leads nowhere."""
    below = request.path == CLOSED or request.path.startswith(f"{CLOSED}/")
    return below and request.method != "OPTIONS"


def _urls(base_url: str) -> frozenset[str]:
    """The addresses that a token for this call may be for; the Host header has no say.

    As it is advertised, and as it was typed, with slashes too many. Feedback also takes the
    address of its service (CDS Hooks leaves open which it is).
    """
    path = request.path
    paths = {path, request.environ.get(CALLED, path), path.removesuffix(FEEDBACK)}
    return frozenset(f"{base_url}{one}" for one in paths)


def _warn(settings: Settings) -> None:
    """What was set and does not do what one might think."""
    if settings.fhir_servers:
        get_logger().warning("RXHOOKS_FHIR_SERVERS is for open mode; each client names its own")
    if settings.base_url == DEFAULT_BASE_URL:
        get_logger().warning("RXHOOKS_BASE_URL is not set: only tokens for loopback are accepted")
