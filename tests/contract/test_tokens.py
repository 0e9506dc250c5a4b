"""SMART Backend Services against a token server that verifies what it gets.

Checklist: F2, F3, F5, F7, F10, F15.
"""

import socket
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import time

import orjson
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm

from app.fhir import tokens
from app.fhir.deadline import Deadline
from app.fhir.reasons import FhirUnavailable
from app.fhir.rest import RESTS
from app.fhir.server import FhirServer
from app.fhir.tokens import BackendTokens, held
from hooks.reading.resources import Fetched
from tests.contract.asking import LONG_MS, WITHIN_S, outcome_of
from tests.contract.loopback import Call, Serve, http
from tests.contract.token_server import (
    CLIENT_ID,
    KID,
    PrivateKey,
    Registered,
    TokenServer,
    asked_for_tokens,
    pem,
)

NO_TOKEN = "no access token could be had: "  # noqa: S105
NO_KEY = NO_TOKEN + "our own private key cannot be used"

GOOD = {"access_token": "canary-token", "token_type": "bearer", "expires_in": 300}

Start = Callable[..., "Backend"]


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


class Backend:
    """A FHIR server that wants a token, and our way to get one."""

    def __init__(
        self,
        serve: Serve,
        session: requests.Session,
        registered: Registered,
        token_server: TokenServer,
    ) -> None:
        self.issuer = token_server
        self.loopback = serve(token_server)
        self.session = session
        self.tokens = BackendTokens(self.loopback.base, registered, session)

    def server(self, ms: float = LONG_MS) -> FhirServer:
        deadline = Deadline.in_ms(ms)
        return FhirServer(self.loopback.base, None, self.session, deadline, backend=self.tokens)

    @property
    def asked(self) -> int:
        return asked_for_tokens(self.loopback)


@pytest.fixture
def start(
    serve: Serve, session: requests.Session, tmp_path: Path, key: ec.EllipticCurvePrivateKey
) -> Start:
    """Start a token server; *with_key* is our key, *knows* the one that it verifies with."""

    def start(
        with_key: PrivateKey = key, knows: object = None, token_url: str = "", **more: object
    ) -> Backend:
        issuer = TokenServer(knows or with_key.public_key(), **more)  # type: ignore[arg-type]
        return Backend(serve, session, Registered(pem(tmp_path, with_key), token_url), issuer)

    return start


# A token is had


def test_a_token_is_had_by_a_signed_assertion_and_opens_the_server(start: Start) -> None:
    backend = start()

    assert isinstance(outcome_of(backend.server()), Fetched)
    [form], [claims], [header] = (
        backend.issuer.forms, backend.issuer.claims, backend.issuer.headers
    )  # fmt: skip
    assert form["grant_type"] == "client_credentials"
    assert form["client_assertion_type"].endswith("client-assertion-type:jwt-bearer")
    assert form["scope"] == "system/Observation.rs system/Patient.rs"
    assert (claims["iss"], claims["sub"]) == (CLIENT_ID, CLIENT_ID)
    assert 0 < claims["exp"] - time() <= 300  # type: ignore[operator]
    assert header == {"alg": "ES384", "typ": "JWT", "kid": KID}


def test_an_rsa_key_signs_with_rs384(start: Start) -> None:
    backend = start(with_key=rsa.generate_private_key(public_exponent=65537, key_size=2048))

    assert isinstance(outcome_of(backend.server()), Fetched)
    assert backend.issuer.headers[0]["alg"] == "RS384"


def test_a_key_may_be_a_jwk(start: Start, key: ec.EllipticCurvePrivateKey, tmp_path: Path) -> None:
    backend = start()
    jwk = ECAlgorithm.to_jwk(key, as_dict=True) | {"alg": "ES384"}
    (tmp_path / "private.pem").write_bytes(orjson.dumps(jwk))

    assert isinstance(outcome_of(backend.server()), Fetched)


def test_each_assertion_is_its_own(start: Start) -> None:
    backend = start(lifetime=0)

    for _ in range(3):
        outcome_of(backend.server())

    assert len({claims["jti"] for claims in backend.issuer.claims}) == 3


def test_a_token_url_of_the_configuration_is_used_as_it_stands(
    serve: Serve, start: Start, session: requests.Session, key: ec.EllipticCurvePrivateKey
) -> None:
    issuer = TokenServer(key.public_key())
    elsewhere = serve(issuer)
    backend = start(token_url=f"{elsewhere.base}/oauth")
    backend.issuer.good = issuer.good

    assert isinstance(outcome_of(backend.server()), Fetched)
    assert elsewhere.targets == ["/fhir/oauth"]
    assert backend.loopback.targets == ["/fhir/Observation?patient=p1"]


def test_without_a_kid_the_header_names_none(
    start: Start, key: ec.EllipticCurvePrivateKey, tmp_path: Path, session: requests.Session
) -> None:
    backend = start()
    nameless = Registered(pem(tmp_path, key), kid="")
    backend.tokens = BackendTokens(backend.loopback.base, nameless, session)

    outcome_of(backend.server())

    assert "kid" not in backend.issuer.headers[0]


# It is kept, and not for long


def test_a_token_is_kept_for_the_calls_after_it(start: Start) -> None:
    backend = start()

    for _ in range(3):
        assert isinstance(outcome_of(backend.server()), Fetched)

    assert backend.asked == 1


def test_many_calls_at_once_ask_for_one_token(start: Start) -> None:
    backend = start()

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda _: outcome_of(backend.server()), range(24), timeout=WITHIN_S))

    assert all(isinstance(each, Fetched) for each in found)
    assert backend.asked == 1


@pytest.mark.parametrize(
    ("lifetime", "seconds"), [(300, 270), (3600, 3540), (100, 90), (10**30, 86_340)]
)
def test_a_token_is_given_up_shortly_before_it_ends(lifetime: int, seconds: int) -> None:
    found = held(GOOD | {"expires_in": lifetime})

    assert found.until.remaining() == pytest.approx(seconds, abs=2)


@pytest.mark.parametrize("lifetime", [None, 0, -5, True, "300", 300.5])
def test_a_token_without_a_lifetime_is_used_once(start: Start, lifetime: object) -> None:
    backend = start(lifetime=lifetime)

    for _ in range(2):
        assert isinstance(outcome_of(backend.server()), Fetched)

    assert backend.asked == 2


def test_a_token_that_the_server_no_longer_accepts_is_replaced_once(start: Start) -> None:
    backend = start()
    outcome_of(backend.server())
    backend.issuer.good.clear()

    assert isinstance(outcome_of(backend.server()), Fetched)
    assert backend.asked == 2


def test_a_server_that_accepts_no_token_is_not_asked_for_ever(start: Start) -> None:
    backend = start()
    backend.issuer.good = _Nothing()

    assert (
        outcome_of(backend.server()) == "HTTP 401: the access token is missing or was not accepted"
    )
    assert backend.asked == 2


class _Nothing(set[str]):
    def __contains__(self, _: object) -> bool:
        return False


def test_the_token_of_one_server_is_not_sent_to_another(
    start: Start, serve: Serve, session: requests.Session, key: ec.EllipticCurvePrivateKey
) -> None:
    one, other = start(), start()
    outcome_of(one.server())
    outcome_of(other.server())

    assert (one.asked, other.asked) == (1, 1)


def test_a_connection_that_went_stale_between_two_tokens_costs_nothing(start: Start) -> None:
    backend = start(lifetime=0, answer=None)
    outcome_of(backend.server())
    for connection in {call.connection for call in backend.loopback.calls}:
        connection.shutdown(socket.SHUT_RDWR)

    assert isinstance(outcome_of(backend.server()), Fetched)


# It is not had


def refused(answer: object, status: str = "200 OK", headers: str = "") -> Callable[[Call], None]:
    return lambda call: call.send(http(answer, status, headers))


REFUSALS = [
    (refused({"error": "invalid_client"}, "400 Bad"), "HTTP 400 (invalid_client)"),
    (refused({"error": "invalid_scope"}, "401 No"), "HTTP 401 (invalid_scope)"),
    (refused({"error": "canary-token"}, "400 Bad"), "HTTP 400"),
    (refused({"error": ["invalid_client"]}, "400 Bad"), "HTTP 400"),
    (refused(b"canary-token", "400 Bad"), "HTTP 400"),
    (refused({}, "403 No"), "HTTP 403: the access token does not allow this"),
    (refused({}, "500 Oh"), "HTTP 500"),
    (refused({}, "503 Oh", "Retry-After: 1\r\n"), f"HTTP 503: {RESTS}"),
    (refused(b"", "302 Found", "Location: http://127.0.0.1/\r\n"), "redirected to another place"),
    (refused(b"<html>"), "the answer is not JSON"),
    (refused(orjson.dumps(GOOD), headers="Content-Type: text/html\r\n"), "the answer is not JSON"),
    (refused([]), "the answer is not a JSON object"),
    (refused({}), "the token server's answer holds none"),
    (refused(GOOD | {"access_token": ""}), "the token server's answer holds none"),
    (refused(GOOD | {"access_token": 7}), "the token server's answer holds none"),
    (refused(GOOD | {"token_type": "mac"}), "the token server's answer holds none"),
    (refused({"access_token": "canary-token"}), "the token server's answer holds none"),
    (refused(b" " * 200_000), "more than 0.1 MB"),
    (Call.hang_up, "no connection"),
]


@pytest.mark.parametrize(("answer", "reason"), REFUSALS)
def test_a_refusal_is_told_in_our_own_words(
    start: Start, answer: Callable[[Call], None], reason: str
) -> None:
    backend = start(answer=answer)

    with pytest.raises(FhirUnavailable) as caught:
        backend.server().search("Observation?patient=p1")

    assert str(caught.value) == NO_TOKEN + reason
    told = "".join(traceback.format_exception(caught.value))
    assert "canary" not in told
    assert backend.issuer.forms[0]["client_assertion"] not in told
    assert "/fhir/Observation?patient=p1" not in backend.loopback.targets


def test_a_token_that_is_no_token_is_not_sent(start: Start) -> None:
    backend = start(answer=refused(GOOD | {"access_token": "a\r\nX-Other: b"}))

    assert outcome_of(backend.server()) == "the access token is not one"


def test_an_assertion_that_is_not_ours_is_refused(start: Start) -> None:
    stranger = ec.generate_private_key(ec.SECP384R1())
    backend = start(knows=stranger.public_key())

    assert outcome_of(backend.server()) == NO_TOKEN + "HTTP 401 (invalid_client)"


def test_after_a_refusal_the_token_server_is_left_alone_for_a_while(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = start(answer=refused({}, "500 Oh"))

    reasons = {str(outcome_of(backend.server())) for _ in range(5)}

    assert reasons == {NO_TOKEN + "HTTP 500"}
    assert backend.asked == 1


def test_after_that_while_it_is_asked_again(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "HOLD_OFF_S", 0.0)
    backend = start(answer=refused({}, "500 Oh"))
    outcome_of(backend.server())
    backend.issuer.answer = None

    assert isinstance(outcome_of(backend.server()), Fetched)


def test_a_token_server_that_wants_a_longer_while_gets_it(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "HOLD_OFF_S", 0.0)
    busy = http({}, "503 Busy", "Retry-After: 30\r\n")
    backend = start(answer=lambda call: call.send(busy))

    reasons = {outcome_of(backend.server()) for _ in range(3)}

    assert reasons == {f"{NO_TOKEN}HTTP 503: {RESTS}"}
    assert backend.asked == 1


def test_a_token_server_that_hangs_holds_nobody_past_the_deadline(start: Start) -> None:
    backend = start(answer=Call.say_nothing)

    with ThreadPoolExecutor(8) as pool:
        told = pool.map(lambda _: outcome_of(backend.server(300)), range(8), timeout=WITHIN_S)

    assert set(told) == {NO_TOKEN + "no answer in time"}


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/token",
        "http://127.0.0.1:1/token",
        "http://user@127.0.0.1/token",
        "//evil.example/token",
        "/token",
        "http://[",
        "file:///token",
        "",
    ],
)
def test_a_token_endpoint_on_another_origin_gets_no_assertion(start: Start, endpoint: str) -> None:
    backend = start(endpoint=endpoint)

    expected = NO_TOKEN + "the server names no token endpoint of its own"
    assert outcome_of(backend.server()) == expected
    assert backend.loopback.targets == ["/fhir/.well-known/smart-configuration"]


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"{}",
        b"{",
        b"\xff",
        b"-----BEGIN PRIVATE KEY-----\n",
        orjson.dumps({"kty": "oct", "k": "AAAA", "alg": "HS256"}),
    ],
)
def test_a_key_that_cannot_be_used_is_told(
    start: Start, tmp_path: Path, content: bytes | None
) -> None:
    backend = start()
    file = tmp_path / "private.pem"
    file.unlink() if content is None else file.write_bytes(content)

    assert outcome_of(backend.server()) == NO_KEY


@pytest.mark.parametrize(
    "weak",
    [
        ec.generate_private_key(ec.SECP256R1()),
        rsa.generate_private_key(public_exponent=65537, key_size=1024),  # noqa: S505
    ],
    ids=["P-256", "RSA 1024"],
)
def test_a_key_of_another_kind_is_not_used(start: Start, weak: PrivateKey) -> None:
    backend = start(with_key=weak)

    assert outcome_of(backend.server()) == NO_KEY


def test_a_new_key_needs_no_restart(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, newer = start(lifetime=0), ec.generate_private_key(ec.SECP384R1())
    outcome_of(backend.server())
    pem(tmp_path, newer)
    backend.issuer.public = newer.public_key()

    assert isinstance(outcome_of(backend.server()), Fetched)


def test_what_holds_a_token_does_not_show_it(start: Start) -> None:
    backend = start()
    outcome_of(backend.server())

    assert "issued-1" not in repr([backend.tokens, backend.server(), vars(backend.tokens)])


def test_a_token_of_the_call_goes_before_one_of_ours(start: Start) -> None:
    backend = start()
    backend.issuer.good.add("given")

    server = replace(backend.server(), token="given", backend=None)  # noqa: S106

    assert isinstance(outcome_of(server), Fetched)
    assert backend.asked == 0
