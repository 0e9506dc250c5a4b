"""AuditEvents for a FHIR server that wants a token, by the registration in a client's entry."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.security.audit_server import AuditFailed
from app.security.audit_sinks import AuditSettings, ServerSink, sinks
from app.security.audit_token import SCOPE, backend_token
from app.security.clients import BackendToken, CdsClient
from tests.contract.loopback import Call, Loopback, http, loopback
from tests.contract.token_server import CLIENT_ID, KID, TokenServer, pem
from tests.unit.app.cds import call, order_select, serving

EVENT = b'{"resourceType":"AuditEvent"}'
KEY = ec.generate_private_key(ec.SECP384R1())


@dataclass(slots=True)
class Hospital:
    """A FHIR server that takes AuditEvents with a token of its own token server."""

    issuer: TokenServer
    running: Loopback
    client: CdsClient

    @property
    def tokens(self) -> list[str]:
        """What the events came with."""
        posts = [call for call in self.running.calls if "POST /fhir/AuditEvent " in call.head]
        return [call.header("Authorization") for call in posts]

    def sink(self, *clients: CdsClient) -> ServerSink:
        listed = clients or (self.client,)
        return ServerSink(self.running.base, backend_token(self.running.base, listed, None))


@contextmanager
def a_hospital(folder: Path, *scopes: str) -> Iterator[Hospital]:
    issuer = TokenServer(KEY.public_key())

    def behave(call: Call) -> None:
        if "POST /fhir/AuditEvent " not in call.head:
            issuer(call)
        elif call.header("Authorization").removeprefix("Bearer ") in issuer.good:
            call.send(http({}, "201 Created"))
        else:
            call.send(http({}, "401 Unauthorized"))

    with loopback(behave) as running:
        token = BackendToken(f"{running.base}/token", CLIENT_ID, pem(folder, KEY), scopes, KID)
        yield Hospital(issuer, running, CdsClient("own", "x", (running.base,), token=token))


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    with a_hospital(tmp_path) as found:
        yield found


def test_an_event_comes_with_a_token_that_may_make_events_and_no_more(hospital: Hospital) -> None:
    sink = hospital.sink(CdsClient("other", "y"), hospital.client)
    sink.write(EVENT)
    sink.write(EVENT)

    assert hospital.tokens == ["Bearer issued-1"] * 2
    assert [form["scope"] for form in hospital.issuer.forms] == [SCOPE]


def test_the_entry_s_own_word_for_the_scope_is_used(tmp_path: Path) -> None:
    with a_hospital(tmp_path, "system/*.rs", "system/AuditEvent.write") as hospital:
        hospital.sink().write(EVENT)

        assert hospital.issuer.forms[0]["scope"] == "system/AuditEvent.write"


def test_a_token_that_is_refused_is_replaced_once(hospital: Hospital) -> None:
    sink = hospital.sink()
    sink.write(EVENT)
    hospital.issuer.good.clear()
    sink.write(EVENT)

    assert hospital.tokens == ["Bearer issued-1", "Bearer issued-1", "Bearer issued-2"]


def test_a_server_that_takes_no_token_is_a_failure(hospital: Hospital) -> None:
    tokens = backend_token(hospital.running.base, [hospital.client], None)
    hospital.issuer.answer = lambda call: call.send(
        http({"access_token": "no good", "token_type": "bearer", "expires_in": 300})
    )

    with pytest.raises(AuditFailed, match=r"\AHTTP 401\Z"):
        ServerSink(hospital.running.base, tokens).write(EVENT)


def test_where_no_token_can_be_had_the_failure_names_nothing(hospital: Hospital) -> None:
    hospital.issuer.answer = lambda call: call.send(http(b"secret", "500 Oh"))

    with pytest.raises(AuditFailed, match=r"\Ano access token could be had: HTTP 500\Z"):
        hospital.sink().write(EVENT)
    assert hospital.tokens == []


def test_another_server_gets_no_token(hospital: Hospital) -> None:
    base = hospital.running.base
    assert backend_token(f"{base}/elsewhere", [hospital.client], None) is None
    assert backend_token(base, [replace(hospital.client, token=None)], None) is None
    assert backend_token("", [hospital.client], None) is None


def test_a_token_in_a_file_comes_first(hospital: Hospital, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-the-file")
    hospital.issuer.good.add("from-the-file")
    settings = AuditSettings(None, hospital.running.base, tmp_path / "token", required=True)
    [sink] = sinks(settings, backend_token(hospital.running.base, [hospital.client], None))

    sink.write(EVENT)

    assert hospital.tokens == ["Bearer from-the-file"]
    assert hospital.issuer.forms == []


def test_a_call_is_not_answered_where_the_event_needs_a_token_that_there_is_not(
    hospital: Hospital, tmp_path: Path
) -> None:
    audit = AuditSettings(None, hospital.running.base, required=True)
    with serving(tmp_path, audit=audit, clients=(hospital.client,)) as app:
        client = app.test_client()
        assert call(client, order_select()).status_code == 200
        hospital.issuer.good.clear()
        hospital.issuer.answer = lambda call: call.send(http(b"", "500 Oh"))
        assert call(client, order_select()).status_code == 503
    assert hospital.tokens[0] == "Bearer issued-1"
