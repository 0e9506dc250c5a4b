"""FHIR servers: whether they answer, in which version, how fast, and whether we get a token."""

from pathlib import Path

import pytest

from app.doctor.checks import Check
from app.doctor.servers import fhir_server
from app.fhir.access import FhirAccess
from app.security.clients import BackendToken, CdsClient
from tests.contract.loopback import Behaviour, always, http, loopback
from tests.contract.token_server import CLIENT_ID, TokenServer, pem
from tests.unit.app.doctor import said, states
from tests.unit.app.security import EC_KEY, OTHER_EC_KEY

KINDS = frozenset({"Observation", "MedicationRequest"})


def statement(version: str, *kinds: str) -> dict[str, object]:
    listed = [{"type": kind} for kind in kinds]
    rest = [{"mode": "server", "resource": listed}] if kinds else []
    return {"resourceType": "CapabilityStatement", "fhirVersion": version, "rest": rest}


def asked(behave: Behaviour, deadline_ms: int = 60_000, key: Path | None = None) -> list[Check]:
    """What is said of a server that answers so."""
    access = FhirAccess(1)
    with loopback(behave) as server:
        token = BackendToken("", CLIENT_ID, key) if key else None
        client = CdsClient("hospital", fhir_servers=(server.base,), token=token)
        found = list(fhir_server(server.base, client, access, deadline_ms, KINDS))
    access.close()
    return found


@pytest.mark.parametrize(
    ("version", "name"), [("4.0.1", "R4"), ("4.3.0", "R4"), ("1.0.2", "DSTU2")]
)
def test_a_version_that_we_read_is_told(version: str, name: str) -> None:
    assert f"{name} ({version}), answered in " in said(asked(always(statement(version))), "ok")


@pytest.mark.parametrize("version", ["3.0.2", "5.0.0"])
def test_a_version_that_we_do_not_read_is_wrong(version: str) -> None:
    line = said(asked(always(statement(version))), "wrong")

    assert f"it speaks FHIR {version}. To mend it: name a base of R4" in line


@pytest.mark.parametrize(
    ("behave", "told"),
    [
        (always({"resourceType": "Patient"}), "did not say its version"),
        (always(b"<html>"), "/metadata cannot be had"),
        (lambda call: call.send(http(b"", "404 Not Found")), "must be the base that /metadata"),
        (lambda call: call.hang_up(), "check host and port"),
    ],
)
def test_a_server_that_does_not_answer_as_one_is_wrong(behave: Behaviour, told: str) -> None:
    assert told in said(asked(behave), "wrong")


def test_a_server_that_is_slower_than_a_call_may_be_is_told() -> None:
    def late(call: object) -> None:
        call.stopped.wait(0.05)  # type: ignore[attr-defined]
        always(statement("4.0.1"))(call)  # type: ignore[arg-type]

    assert "a call may fetch for 20 ms in all" in said(asked(late, 20), "warning")


def test_kinds_that_a_server_does_not_offer_are_told() -> None:
    checks = asked(always(statement("4.0.1", "Observation")))

    assert "does not offer MedicationRequest." in said(checks, "warning")


def test_dstu2_has_its_own_name_for_a_kind() -> None:
    checks = asked(always(statement("1.0.2", "Observation", "MedicationOrder")))

    assert states(checks) == ["ok"]


def with_metadata(tokens: TokenServer) -> Behaviour:
    metadata = always(statement("4.0.1"))
    return lambda call: (metadata if call.target == "/fhir/metadata" else tokens)(call)


def test_a_token_that_is_issued_is_told_and_not_shown(tmp_path: Path) -> None:
    tokens = TokenServer(EC_KEY.public_key(), endpoint="{base}/token")

    checks = asked(with_metadata(tokens), key=pem(tmp_path, EC_KEY))

    assert states(checks) == ["ok", "ok"]
    assert "issued-1" not in "\n".join(map(str, checks))


def test_a_token_that_is_refused_is_wrong(tmp_path: Path) -> None:
    tokens = TokenServer(OTHER_EC_KEY.public_key(), endpoint="{base}/token")

    checks = asked(with_metadata(tokens), key=pem(tmp_path, EC_KEY))

    assert "HTTP 401 (invalid_client). To mend it: compare client_id" in said(checks, "wrong")
