"""Which server a call reaches, as whom, and how many may wait there.

Checklist: F1, F3, F5, F7, F9, F11, F15.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask, g

from app.fhir import gate
from app.fhir.access import FhirAccess, open_access
from app.fhir.deadline import Deadline
from app.fhir.gate import Gate, places_of
from app.fhir.gather import gather
from app.fhir.private_keys import private_key
from app.fhir.server import FhirServer
from app.security.clients import CdsClient
from hooks.clinical.facts import Missing, Why
from hooks.reading.resources import Fetched
from tests.contract.asking import LABS, WITHIN_MS, WITHIN_S, outcome_of
from tests.contract.loopback import Call, Serve, always, bundle, http, observation
from tests.contract.token_server import Registered, TokenServer, asked_for_tokens, pem
from tests.unit.app.cds import call as post
from tests.unit.app.cds import order_select, serving

OPEN = CdsClient("open")
BASE = "https://ehr.example/fhir"
LONG = Deadline.in_ms(3_600_000)  # counted from the import, so longer than the whole run
LATE = Missing("labs", Why.NOT_FETCHED, "no answer in time")


@dataclass(frozen=True, slots=True)
class Hospital:
    """A client as the clients file makes it."""

    fhir_servers: tuple[str, ...] = ()
    name: str = "hospital"
    issuer: str = "https://ehr.example"
    internal: bool = False
    token: Registered | None = None
    cors_origins: tuple[str, ...] = ()


@pytest.fixture
def access() -> Iterator[FhirAccess]:
    access = FhirAccess(places=4)
    yield access
    access.close()


def hook(**given: object) -> dict[str, Any]:
    """A call about patient p1; with a token if anything of it is *given*."""
    token = {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "scope": "s"}
    return {"context": {"patientId": "p1"}} | (
        {"fhirAuthorization": token | {"subject": "rxhooks"} | given} if given else {}
    )


def server_of(access: FhirAccess, body: dict[str, Any], client: Any = None) -> FhirServer:
    found = access.server(BASE, client or OPEN, body, LONG)
    assert isinstance(found, FhirServer), found
    return found


# The token of the call


@pytest.mark.parametrize("seconds", [0, -1, -(10**30)])
def test_a_token_that_has_expired_is_not_used(access: FhirAccess, seconds: int) -> None:
    assert access.server(BASE, OPEN, hook(expires_in=seconds), LONG) == Missing(
        "fhirServer", Why.NOT_FETCHED, "the access token has expired"
    )


@pytest.mark.parametrize("patient", ["p2", "Patient/p2", "p", "P1"])
def test_a_token_for_another_patient_is_not_used(access: FhirAccess, patient: str) -> None:
    assert access.server(BASE, OPEN, hook(patient=patient), LONG) == Missing(
        "fhirServer", Why.NOT_FETCHED, "the access token is for another patient"
    )


@pytest.mark.parametrize("patient", ["p1", "Patient/p1", ""])
def test_a_token_for_the_patient_is_used(access: FhirAccess, patient: str) -> None:
    assert server_of(access, hook(patient=patient)).token == "x"  # noqa: S105


def test_nothing_is_asked_once_the_token_has_ended(access: FhirAccess) -> None:
    assert server_of(access, hook(expires_in=2)).deadline.remaining() <= 2
    assert server_of(access, hook(expires_in=10**30)).deadline == LONG


def test_without_a_token_there_is_none(access: FhirAccess) -> None:
    server = server_of(access, hook())

    assert (server.token, server.backend) == (None, None)


# Our own token


@pytest.fixture
def registered(tmp_path: Path) -> Registered:
    return Registered(pem(tmp_path, ec.generate_private_key(ec.SECP384R1())))


def test_our_own_token_is_of_one_client_at_one_server(
    access: FhirAccess, registered: Registered
) -> None:
    one, other = Hospital(token=registered), Hospital(name="clinic", token=registered)

    def backend(client: Hospital, base: str) -> object:
        server = access.server(base, client, hook(), LONG)
        assert isinstance(server, FhirServer)
        return server.backend

    assert backend(one, BASE) is backend(one, BASE) is not None
    assert len({id(backend(who, at)) for who in (one, other) for at in (BASE, BASE + "2")}) == 4


def test_the_token_of_a_call_goes_before_our_own(
    access: FhirAccess, registered: Registered
) -> None:
    server = server_of(access, hook(expires_in=300), Hospital(token=registered))

    assert (server.token, server.backend) == ("x", None)


# Whole calls of a client


@pytest.fixture
def issuer(registered: Registered) -> TokenServer:
    key, _ = private_key(registered.key)
    return TokenServer(key.public_key())


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with serving(tmp_path, deadline_ms=10_000) as app:
        yield app


def calling(app: Flask, client: object) -> None:
    """Have every call of *app* come from *client*."""
    app.before_request(lambda: setattr(g, "client", client))


def test_a_client_without_a_token_is_served_with_ours(
    serve: Serve, app: Flask, registered: Registered, issuer: TokenServer
) -> None:
    server = serve(issuer)
    calling(app, Hospital((server.base,), token=registered))

    for _ in range(2):
        post(app.test_client(), order_select(prefetch={}, fhirServer=server.base))

    assert asked_for_tokens(server) == 1
    assert {c.header("Authorization") for c in server.calls if "patient=" in c.target} == {
        "Bearer issued-1"
    }


def test_with_a_whole_prefetch_no_token_is_asked_for(
    serve: Serve, app: Flask, registered: Registered, issuer: TokenServer
) -> None:
    server = serve(issuer)
    calling(app, Hospital((server.base,), token=registered))

    answer = post(app.test_client(), order_select(fhirServer=server.base))

    assert answer.status_code == 200
    assert server.calls == []


def test_a_refused_token_is_told_and_is_never_all_clear(
    serve: Serve, app: Flask, registered: Registered, issuer: TokenServer
) -> None:
    issuer.answer = lambda call: call.send(http({"error": "invalid_scope"}, "400 Bad"))
    server = serve(issuer)
    calling(app, Hospital((server.base,), token=registered))

    answer = post(app.test_client(), order_select(prefetch={}, fhirServer=server.base))

    assert answer.status_code == 412
    assert "no access token could be had: HTTP 400 (invalid_scope)" in answer.text


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_token_of_the_call_that_is_refused_is_told(serve: Serve, app: Flask, status: str) -> None:
    server = serve(lambda call: call.send(http(b"", status)))
    calling(app, Hospital((server.base,)))
    body = order_select(prefetch={}, fhirServer=server.base) | {
        "fhirAuthorization": hook(expires_in=300)["fhirAuthorization"]
    }

    answer = post(app.test_client(), body)

    assert answer.status_code == 412
    assert f"HTTP {status[:3]}: the access token" in answer.text


def test_a_server_of_another_client_is_not_contacted(serve: Serve, app: Flask) -> None:
    server = serve(always(bundle()))
    calling(app, Hospital(("https://ehr.example/fhir",)))

    answer = post(app.test_client(), order_select(prefetch={}, fhirServer=server.base))

    assert answer.status_code in {403, 412}
    assert server.calls == []


# Places


@pytest.mark.parametrize(("threads", "places"), [(1, 1), (2, 1), (4, 3), (16, 12), (32, 24)])
def test_a_quarter_of_the_threads_waits_for_no_one_server(threads: int, places: int) -> None:
    assert places_of(threads) == places


def test_a_call_without_a_place_is_refused_after_a_moment() -> None:
    full = Gate(1)

    with full.turn(LONG) as first, full.turn(Deadline.in_ms(10)) as second:
        assert (first, second) == (True, False)
    with full.turn(LONG) as again:
        assert again


def test_while_nobody_comes_back_the_next_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    full = Gate(1)
    with full.turn(LONG):
        with full.turn(Deadline.in_ms(10)):
            pass
        monkeypatch.setattr(gate, "PATIENCE_S", WITHIN_S * 100.0)
        with full.turn(LONG) as third:
            assert not third
    with full.turn(LONG) as fourth:
        assert fourth


def test_while_others_come_back_a_call_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice another call takes the place that became free; the third time it is ours."""
    busy = Gate(1)
    tries = iter([False, False, False, True])

    class Contested:
        def acquire(self, **_: object) -> bool:
            busy._back += 1
            return next(tries)

        def release(self) -> None:
            pass

    monkeypatch.setattr(busy, "_free", Contested())

    with busy.turn(LONG) as mine:
        assert mine


def test_a_place_that_becomes_free_is_taken_by_who_waits() -> None:
    one, entered = Gate(1), Event()

    def wait() -> bool:
        entered.set()
        with one.turn(LONG) as mine:
            return mine

    with ThreadPoolExecutor(1) as pool:
        with one.turn(LONG):
            waiting = pool.submit(wait)
            entered.wait(WITHIN_S)
        assert waiting.result(WITHIN_S)


def test_a_place_is_free_again_after_a_failure() -> None:
    one = Gate(1)
    with pytest.raises(ZeroDivisionError), one.turn(LONG):
        raise ZeroDivisionError
    with one.turn(LONG) as mine:
        assert mine


def gathered(access: FhirAccess, base: str, ms: float) -> object:
    deadline = Deadline.in_ms(ms)
    server = access.server(base, OPEN, hook(), deadline)
    return gather(LABS, {}, server, access.pool_for(server), deadline)["labs"]


def test_many_calls_at_a_hanging_server_hold_no_more_threads_than_places(
    serve: Serve, access: FhirAccess
) -> None:
    """Four wait for the server; the other twenty are told at once or after a moment."""
    server = serve(Call.say_nothing)

    with ThreadPoolExecutor(24) as pool:
        told = pool.map(lambda _: gathered(access, server.base, 1_000), range(24), timeout=WITHIN_S)

    assert list(told) == [LATE] * 24
    assert len(server.calls) == 4


def test_a_hanging_server_takes_no_thread_and_no_place_of_another(
    serve: Serve, access: FhirAccess
) -> None:
    def hang(call: Call) -> None:
        call.say_nothing()
        call.hang_up()

    hanging, healthy = serve(hang), serve(always(bundle(observation("o1"))))
    with ThreadPoolExecutor(24) as pool:
        held = [pool.submit(gathered, access, hanging.base, WITHIN_MS) for _ in range(4)]

        found = [gathered(access, healthy.base, WITHIN_MS) for _ in range(20)]

        assert all(isinstance(each, Fetched) for each in found)
        assert not any(future.done() for future in held)
        hanging.stopped.set()


def test_a_healthy_server_refuses_nobody(serve: Serve, access: FhirAccess) -> None:
    """Forty calls at once through four places: each waits for its turn."""
    server = serve(always(bundle(observation("o1"))))
    together = Barrier(40)

    def ask(_: int) -> object:
        together.wait(WITHIN_S)
        return gathered(access, server.base, WITHIN_MS)

    with ThreadPoolExecutor(40) as pool:
        found = list(pool.map(ask, range(40), timeout=WITHIN_S))

    assert all(isinstance(each, Fetched) for each in found)


def test_a_call_that_needs_no_server_needs_no_place(serve: Serve, access: FhirAccess) -> None:
    server = access.server(BASE, OPEN, hook(), LONG)
    assert isinstance(server, FhirServer)
    with ExitStack() as all_places:
        for _ in range(access.places):
            all_places.enter_context(server.gate.turn(LONG))
        found = gather(LABS, {"labs": bundle()}, server, access.pool_for(server), LONG)

    assert isinstance(found["labs"], Fetched)


def test_each_server_has_a_pool_of_its_own(access: FhirAccess) -> None:
    none = Missing("fhirServer", Why.NOT_FETCHED)
    one, same = server_of(access, hook()), server_of(access, hook())

    assert access.pool_for(one) is access.pool_for(same)
    assert access.pool_for(one) is not access.pool_for(none)
    assert one.gate is same.gate


def test_an_internal_client_reaches_names_that_lead_inside(access: FhirAccess) -> None:
    assert server_of(access, hook(), Hospital(internal=True)).session is access.internal
    assert server_of(access, hook(), Hospital()).session is access.public
    assert server_of(access, hook()).session is access.public


def test_the_site_may_have_certificates_of_its_own(tmp_path: Path) -> None:
    with (
        closing(open_access(16, tmp_path / "ca.pem")) as own,
        closing(open_access(8, None)) as usual,
    ):
        assert own.public.verify == own.internal.verify == str(tmp_path / "ca.pem")
        assert usual.public.verify is usual.internal.verify is True
        assert (own.places, usual.places) == (12, 6)


def test_certificates_that_are_gone_are_told_and_are_no_crash(tmp_path: Path) -> None:
    with closing(open_access(16, tmp_path / "ca.pem")) as access:
        server = server_of(access, hook())

        assert outcome_of(server) == "the request could not be made"


def test_nothing_shows_a_token(access: FhirAccess, registered: Registered) -> None:
    given = hook(access_token="canary")  # noqa: S106

    server = server_of(access, given, Hospital(token=registered))

    assert server.token == "canary"  # noqa: S105
    assert "canary" not in repr([server, access])
