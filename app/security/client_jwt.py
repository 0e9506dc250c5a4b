"""Who signed this token? CDS Hooks, "Trusting CDS Clients": one signed JWT for each call.

Its rule: what the token says of itself chooses nothing but one of *our* clients, by `iss`, and one
of that client's keys, by `kid`. The answer to the caller is always the same; the reason is one
word for the log.
"""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from jwt import PyJWS
from jwt.exceptions import PyJWTError

from app.security.clients import CdsClient
from app.security.key_sets import KeySet, KeysUnavailable
from app.security.keys import ALGORITHMS
from app.security.replay import Replay

BEARER = re.compile(r"bearer +(?P<token>[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)", re.I)
LONGEST = 8_000  # characters of a token
LONGEST_ID = 256  # characters of kid and jti
LIFETIME_S = 3600
LATEST = 2**53
JWS = PyJWS(algorithms=ALGORITHMS)


class NotAuthenticated(Exception):
    """The caller is nobody we know. *reason* is one word of REASONS; *client* is not proven."""

    def __init__(self, reason: str, client: str = "") -> None:
        self.reason = reason
        self.client = client
        super().__init__(reason)


REASONS = frozenset(
    {"token", "header", "algorithm", "issuer", "audience", "claims", "expired", "early"}
    | {"lifetime", "tenant", "jku", "key", "keys-unavailable", "signature", "replay"}
)


@dataclass(frozen=True, slots=True)
class Registered:
    """A client, and where its keys come from."""

    client: CdsClient
    keys: KeySet


@dataclass(frozen=True, slots=True)
class ClientJwt:
    """Verifies tokens; *clients* by issuer, *leeway* in seconds for clocks that differ."""

    clients: Mapping[str, Registered]
    replay: Replay
    leeway: float

    def verify(self, authorization: str, urls: frozenset[str], now: float) -> CdsClient:
        """The client whose token *authorization* is, for a call of one of *urls*.

        Raises NotAuthenticated, or ReplayUnavailable where a good token may have been used before.
        """
        token = _token(authorization)
        header, claims = (_json(part) for part in token.split(".")[:2])
        issuer = claims.get("iss")
        if not isinstance(issuer, str) or issuer not in self.clients:
            raise NotAuthenticated("issuer")
        client, keys = self.clients[issuer].client, self.clients[issuer].keys
        reason = _header_fault(header, client) or _claims_fault(claims, client, urls)
        reason = reason or self._time_fault(claims, now) or _signature_fault(token, header, keys)
        if reason:
            raise NotAuthenticated(reason, client.name)
        if not self.replay.first_use(issuer, claims["jti"], claims["exp"] + self.leeway, now):
            raise NotAuthenticated("replay", client.name)
        return client

    def without_keys(self) -> list[str]:
        """The names of the clients whose keys cannot be had now, for readiness."""
        each = self.clients.values()
        return [one.client.name for one in each if not one.keys.available()]

    def _time_fault(self, claims: dict[str, Any], now: float) -> str:
        issued, ends, begins = claims["iat"], claims["exp"], claims.get("nbf", 0)
        if now >= ends + self.leeway:
            return "expired"
        if max(issued, begins) > now + self.leeway:
            return "early"
        return "" if 0 < ends - issued <= LIFETIME_S else "lifetime"


def _token(authorization: str) -> str:
    found = BEARER.fullmatch(authorization.strip(" "))
    if found is None or len(found["token"]) > LONGEST:
        raise NotAuthenticated("token")
    return found["token"]


def _json(part: str) -> dict[str, Any]:
    """The object in a part of the token; it may say anything."""
    try:
        found = orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, orjson.JSONDecodeError):
        raise NotAuthenticated("token") from None
    if not isinstance(found, dict):
        raise NotAuthenticated("token")
    return found


def _header_fault(header: dict[str, Any], client: CdsClient) -> str:
    """RFC 7515: nothing critical is understood. `jwk`, `x5c` and `x5u` are not looked at."""
    kind = header.get("typ")
    if not isinstance(kind, str) or kind.upper() != "JWT" or "crit" in header:
        return "header"
    if header.get("alg") not in ALGORITHMS:
        return "algorithm"
    if not _is_id(header.get("kid")):
        return "header"
    at_url = "://" in client.jwks
    return "jku" if at_url and header.get("jku", client.jwks) != client.jwks else ""


def _claims_fault(claims: dict[str, Any], client: CdsClient, urls: frozenset[str]) -> str:
    """`sub` and what else a token may say is not looked at."""
    if not _is_for(claims.get("aud"), urls):
        return "audience"
    if client.tenants and claims.get("tenant") not in client.tenants:
        return "tenant"
    times = (claims.get("iat"), claims.get("exp"), claims.get("nbf", 0))
    return "" if all(map(_is_time, times)) and _is_id(claims.get("jti")) else "claims"


def _signature_fault(token: str, header: dict[str, Any], keys: KeySet) -> str:
    try:
        key = keys.find(header["kid"], header["alg"])
    except KeysUnavailable:
        return "keys-unavailable"
    if key is None:
        return "key"
    try:
        JWS.decode_complete(token, key, [key.algorithm_name])
    except (PyJWTError, ValueError, RecursionError):
        return "signature"
    return ""


def _is_for(audience: object, urls: frozenset[str]) -> bool:
    listed = audience if isinstance(audience, list) else [audience]
    return all(isinstance(one, str) for one in listed) and not urls.isdisjoint(listed)


def _is_time(value: object) -> bool:
    """Whether *value* is a NumericDate: seconds since 1970, also with a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < LATEST


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID
