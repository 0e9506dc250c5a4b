"""The session that all requests share: it keeps connections, and nothing else."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from app.fhir.session import new_session, was_stale
from hooks.reading.resources import Fetched
from tests.contract.asking import QUERY, WITHIN_S, fhir, outcome_of
from tests.contract.loopback import Call, Serve, always, bundle, http, ids, observation
from tests.contract.tls import TlsServer, serving_tls

CERTIFICATE = "certificate.pem"


# Pooled connections


def test_queries_share_a_connection(serve: Serve, session: requests.Session) -> None:
    server = serve(always(bundle()))

    for _ in range(3):
        outcome_of(fhir(session, server.base))

    assert [call.nth for call in server.calls] == [1, 2, 3]


def test_a_connection_that_went_stale_in_the_pool_costs_nothing(
    serve: Serve, session: requests.Session
) -> None:
    def answer(call: Call) -> None:
        call.send(http(bundle(observation("o1")))) if call.nth == 1 else call.hang_up()

    server = serve(answer)
    outcome_of(fhir(session, server.base))

    found = outcome_of(fhir(session, server.base))

    assert isinstance(found, Fetched)
    assert [call.nth for call in server.calls] == [1, 2, 1]


def test_a_server_that_hangs_up_on_a_new_connection_is_not_asked_again(
    serve: Serve, session: requests.Session
) -> None:
    server = serve(Call.hang_up)

    assert outcome_of(fhir(session, server.base)) == "no connection"
    assert len(server.calls) == 1


def test_a_server_that_always_hangs_up_is_asked_twice_at_most(
    serve: Serve, session: requests.Session
) -> None:
    def answer(call: Call) -> None:
        call.send(http(bundle())) if len(server.calls) == 1 else call.hang_up()

    server = serve(answer)
    outcome_of(fhir(session, server.base))

    assert outcome_of(fhir(session, server.base)) == "no connection"
    assert len(server.calls) == 3


def test_an_error_tells_nothing_about_the_next_query(
    serve: Serve, session: requests.Session
) -> None:
    def answer(call: Call) -> None:
        status = "500 Oh" if len(server.calls) == 1 else "200 OK"
        call.send(http(bundle(observation("o1")), status))

    server = serve(answer)

    assert outcome_of(fhir(session, server.base)) == "HTTP 500"
    assert isinstance(outcome_of(fhir(session, server.base)), Fetched)


# Nothing of one request reaches another


def test_each_request_sends_its_own_token(serve: Serve, session: requests.Session) -> None:
    server = serve(always(bundle()))
    tokens = ["one", "two", None, "one"]

    for token in tokens:
        outcome_of(replace(fhir(session, server.base), token=token))

    assert [call.header("Authorization") for call in server.calls] == [
        "Bearer one",
        "Bearer two",
        "",
        "Bearer one",
    ]
    assert len({call.connection for call in server.calls}) == 1


def test_requests_at_the_same_time_do_not_mix_their_tokens(
    serve: Serve, session: requests.Session
) -> None:
    server = serve(lambda call: call.send(http(bundle(observation(call.header("Authorization"))))))

    def asked_as(token: str) -> list[str]:
        found = replace(fhir(session, server.base), token=token).search(QUERY)
        return ids(found.resource)

    tokens = [f"t{number % 7}" for number in range(200)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(asked_as, tokens, timeout=WITHIN_S))

    assert answers == [[f"Bearer {token}"] for token in tokens]


def test_cookies_are_not_kept(serve: Serve, session: requests.Session) -> None:
    cookie = "Set-Cookie: session=p1; Path=/\r\n"
    server = serve(lambda call: call.send(http(bundle(), headers=cookie)))

    for _ in range(2):
        outcome_of(fhir(session, server.base))
        session.get(server.base, timeout=WITHIN_S)

    assert {call.header("Cookie") for call in server.calls} == {""}
    assert not session.cookies


def test_a_proxy_of_the_environment_is_not_used(
    serve: Serve, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(always(bundle())), serve(always(bundle()))
    monkeypatch.setenv("HTTP_PROXY", proxy.base)
    monkeypatch.setenv("http_proxy", proxy.base)

    outcome_of(fhir(session, server.base))

    assert (len(proxy.calls), len(server.calls)) == (0, 1)


# Trust


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[TlsServer]:
    with ThreadPoolExecutor(1) as pool, serving_tls(tmp_path, "127.0.0.1", pool) as server:
        yield server


def test_a_certificate_that_nobody_signed_is_not_trusted(
    tls: TlsServer, session: requests.Session
) -> None:
    session.verify = False  # not even now

    assert outcome_of(fhir(session, tls.base)) == "no trusted TLS connection"
    assert tls.asked.result(WITHIN_S) == b""


def test_a_certificate_that_the_site_knows_is_trusted(
    tls: TlsServer, session: requests.Session
) -> None:
    session.verify = str(tls.certificate)

    assert isinstance(outcome_of(fhir(session, tls.base)), Fetched)
    assert tls.asked.result(WITHIN_S).startswith(b"GET /fhir/Observation?patient=p1 HTTP/1.1")


def test_a_session_takes_nothing_from_the_environment() -> None:
    with new_session() as session:
        assert session.trust_env is False
        assert session.verify is True


def test_urls_do_not_reach_the_log(
    serve: Serve, session: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    odd = "Content-Type : a\r\n folded\r\nno colon\r\n"
    server = serve(lambda call: call.send(http(bundle(), headers=odd)))

    with caplog.at_level(logging.DEBUG):
        outcome_of(fhir(session, server.base))

    assert len(server.calls) == 1
    assert "p1" not in caplog.text


def test_an_error_without_a_cause_is_not_a_stale_connection() -> None:
    assert not was_stale(requests.ConnectionError())
    assert not was_stale(requests.ConnectionError("refused"))
