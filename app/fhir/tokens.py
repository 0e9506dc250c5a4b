"""Access tokens by SMART Backend Services, where the call itself brings none.

A token is kept in memory only, for one client at one server, until shortly before it ends; one
request for a new one runs at a time. Why there is none is told without the token, the assertion
or anything that the token server wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import time
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import jwt
import requests

from app.fhir.bodies import body_of, parsed
from app.fhir.deadline import Deadline
from app.fhir.exchange import Limits, got, origin, sent
from app.fhir.private_keys import private_key
from app.fhir.reasons import LATE, FhirUnavailable, refuse, told
from app.fhir.rest import AskedToWait, heed

SCOPE = "system/*.rs"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_S = 240  # SMART: five minutes at most
ACCEPT = {"Accept": "application/json"}
LIMITS = Limits(max_bytes=100_000)
NOT_ISSUED = "no access token could be had: "
ERRORS = frozenset(  # RFC 6749, section 5.2: all that is repeated of an answer
    {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client"}
    | {"unsupported_grant_type", "invalid_scope"}
)
SPARE_S = 60.0  # a token is not used in its last minute,
SPARE_PART = 0.1  # or the last tenth of a short life
HOLD_OFF_S = 5.0  # after a refusal
LONGEST_S = 86_400


class Registration(Protocol):
    """How we are known to a client's token server (SMART: `private_key_jwt`).

    *key* is a file: a private key in PEM, or a JWK. Without *token_url* the FHIR server names it.
    """

    @property
    def token_url(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def key(self) -> Path: ...
    @property
    def kid(self) -> str: ...
    @property
    def scopes(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Held:
    """A token, and when it may no longer be used."""

    token: str = field(repr=False)
    until: Deadline


NOTHING = Held("", Deadline(0.0))


class BackendTokens:
    """The tokens of one client at the server with this *base*."""

    def __init__(self, base: str, config: Registration, session: requests.Session) -> None:
        self._base = base.rstrip("/")
        self._config = config
        self._session = session
        self._lock = Lock()
        self._held = NOTHING
        self._endpoint = config.token_url
        self._refusal = ""
        self._held_off = Deadline(0.0)

    def token(self, deadline: Deadline) -> str:
        """A token, held or new, by *deadline*; raises FhirUnavailable if there is none."""
        found = self._held
        if not found.until.over():
            return found.token
        if not self._lock.acquire(timeout=deadline.remaining()):
            raise FhirUnavailable(NOT_ISSUED + LATE)
        try:
            found = self._held  # another call may have had one meanwhile
            return self._new(deadline) if found.until.over() else found.token
        finally:
            self._lock.release()

    def forget(self, token: str) -> None:
        """The server did not accept *token*; the next call gets a new one."""
        if self._held.token == token:
            self._held = NOTHING

    def _new(self, deadline: Deadline) -> str:
        if not self._held_off.over():
            raise FhirUnavailable(self._refusal)
        try:
            issued = self._issued(deadline)
        except FhirUnavailable as error:
            self._refusal = NOT_ISSUED + str(error)
            if str(error) != LATE:
                seconds = error.seconds if isinstance(error, AskedToWait) else 0.0
                self._held_off = Deadline.in_ms(1000 * max(HOLD_OFF_S, seconds))
            self._endpoint = self._config.token_url
            raise FhirUnavailable(self._refusal) from None
        self._held = issued
        return issued.token

    def _issued(self, deadline: Deadline) -> Held:
        """A token that the token server gives now."""
        self._endpoint = self._endpoint or self._told_endpoint(deadline)
        form = {
            "grant_type": "client_credentials",
            "scope": " ".join(self._config.scopes) or SCOPE,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion(self._config, self._endpoint),
        }

        def asked() -> Held:
            request = requests.PreparedRequest()
            headers = {**self._session.headers, **ACCEPT}
            request.prepare("POST", self._endpoint, headers=headers, data=form)
            with sent(self._session, request, deadline, LIMITS) as response:
                heed(response)
                if response.status_code in (400, 401):
                    raise FhirUnavailable(_error(response, deadline))
                refuse(response.status_code)
                return held(_json(response, deadline))

        return told(asked)

    def _told_endpoint(self, deadline: Deadline) -> str:
        """The token endpoint that the server names, on its own origin only."""
        url = f"{self._base}/.well-known/smart-configuration"

        def asked() -> object:
            with got(self._session, url, ACCEPT, deadline, LIMITS) as response:
                heed(response)
                refuse(response.status_code)
                return _json(response, deadline).get("token_endpoint")

        endpoint = told(asked)
        if not isinstance(endpoint, str) or not _same_origin(endpoint, self._base):
            raise FhirUnavailable("the server names no token endpoint of its own")
        return endpoint


def assertion(config: Registration, endpoint: str) -> str:
    """Our signed statement to the token server at *endpoint* (RFC 7523).

    The key is read each time: a new one needs no restart.
    """
    now = int(time())
    claims = {
        "iss": config.client_id,
        "sub": config.client_id,
        "aud": endpoint,
        "iat": now,
        "exp": now + ASSERTION_S,
        "jti": str(uuid4()),
    }
    key, algorithm = private_key(config.key)
    headers = {"typ": "JWT"} | ({"kid": config.kid} if config.kid else {})
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers)


def held(answer: Mapping[str, Any]) -> Held:
    """The token in the token server's *answer*; without a lifetime it is used once."""
    token, kind = answer.get("access_token"), answer.get("token_type")
    if not isinstance(token, str) or not token or not isinstance(kind, str):
        raise FhirUnavailable("the token server's answer holds none")
    if kind.casefold() != "bearer":
        raise FhirUnavailable("the token server's answer holds none")
    lifetime = answer.get("expires_in")
    if isinstance(lifetime, bool) or not isinstance(lifetime, int) or lifetime <= 0:
        return Held(token, Deadline(0.0))
    seconds = min(lifetime, LONGEST_S)
    return Held(token, Deadline.in_ms(1000 * (seconds - min(SPARE_S, seconds * SPARE_PART))))


def _json(response: requests.Response, deadline: Deadline) -> dict[str, Any]:
    answer = parsed(body_of(response, LIMITS.max_bytes, LIMITS.max_bytes, deadline))
    if not isinstance(answer, dict):
        raise FhirUnavailable("the answer is not a JSON object")
    return answer


def _error(response: requests.Response, deadline: Deadline) -> str:
    """The status of a refusal, and its error if that is one of the standard's words."""
    status = f"HTTP {response.status_code}"
    try:
        error = _json(response, deadline).get("error")
    except FhirUnavailable:
        return status
    return f"{status} ({error})" if isinstance(error, str) and error in ERRORS else status


def _same_origin(url: str, base: str) -> bool:
    try:
        parts = urlsplit(url)
        return origin(parts) == origin(urlsplit(base)) and "@" not in parts.netloc
    except ValueError:
        return False
