"""Clients: their keys, their servers, and our own key."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.doctor.checks import Check
from app.doctor.environment import read_settings
from app.doctor.keys import client_keys, own_key
from app.fhir.access import FhirAccess
from app.security.clients import BackendToken, CdsClient
from tests.contract.loopback import Behaviour, always, http, loopback
from tests.contract.test_addresses import Names
from tests.contract.tls import serving_tls
from tests.contract.token_server import pem
from tests.unit.app.doctor import said, states
from tests.unit.app.security import EC_KEY, KID, clients_toml, jwk, key_set


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


def keys_at(behave: Behaviour) -> list[Check]:
    """What is said of keys at a URL that answers so."""
    access = FhirAccess(1)
    with loopback(behave) as server:
        client = CdsClient("hospital", jwks=f"{server.base}/jwks.json")
        found = list(client_keys(client, access.public))
    access.close()
    return found


def keys_in(folder: Path, document: str) -> list[Check]:
    """What is said of a file of keys."""
    file = folder / "jwks.json"
    file.write_text(document)
    access = FhirAccess(1)
    found = list(client_keys(CdsClient("hospital", jwks=str(file)), access.public))
    access.close()
    return found


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ((), "may name no FHIR server"),
        ((), "RXHOOKS_BASE_URL: not set, so that only tokens for loopback are accepted."),
    ],
)
def test_a_client_that_can_do_little_is_told(
    tmp_path: Path, more: tuple[str, ...], told: str
) -> None:
    _, checks = read_settings({"RXHOOKS_CLIENTS": str(clients_toml(tmp_path, *more))})

    assert states(checks) == ["warning", "warning"]
    assert told in "\n".join(map(str, checks))


def test_servers_of_open_mode_are_not_used_for_clients(tmp_path: Path) -> None:
    file = clients_toml(tmp_path, 'fhir_servers = ["https://ehr.example/fhir"]')
    environ = {
        "RXHOOKS_CLIENTS": str(file),
        "RXHOOKS_BASE_URL": "https://cds.example",
        "RXHOOKS_FHIR_SERVERS": "https://ehr.example/fhir",
    }

    assert "is for open mode, and not used" in said(read_settings(environ)[1], "warning")
    del environ["RXHOOKS_FHIR_SERVERS"]
    assert states(read_settings(environ)[1]) == ["ok"]


def test_keys_that_can_be_used_are_named(tmp_path: Path) -> None:
    assert said(keys_in(tmp_path, key_set()), "ok") == (
        "ok       keys of hospital: 2 can be used (ES384 ec-1, RS384 rsa-1)."
    )


def test_keys_at_a_url_are_fetched() -> None:
    assert states(keys_at(always(key_set().encode()))) == ["ok"]


def test_keys_of_another_kind_are_told(tmp_path: Path) -> None:
    other = jwk(ec.generate_private_key(ec.SECP256R1()), "p256")

    checks = keys_in(tmp_path, key_set(jwk(EC_KEY, KID), other))

    assert states(checks) == ["warning", "ok"]
    assert "1 of 2 cannot be used" in str(checks[0])
    assert "elliptic curve P-384" in str(checks[0])


def test_a_set_without_any_key_that_can_be_used_is_wrong(tmp_path: Path) -> None:
    assert "holds no public key for ES384 or RS384" in said(keys_in(tmp_path, key_set({})), "wrong")


def test_a_private_key_among_the_public_ones_is_wrong_and_not_shown(tmp_path: Path) -> None:
    checks = keys_in(tmp_path, key_set(jwk(EC_KEY, KID, d="hush")))

    assert "holds a private key" in said(checks, "wrong")
    assert "hush" not in "\n".join(map(str, checks))


@pytest.mark.parametrize(
    ("behave", "told"),
    [
        (always(b"<html>"), "what stands there is not JSON"),
        (lambda call: call.send(http(b"", "404 Not Found")), "what stands there is not there"),
        (lambda call: call.hang_up(), "no connection"),
        (lambda call: call.say_nothing(), "no answer in time"),
    ],
)
def test_keys_that_cannot_be_fetched_are_wrong(behave: Behaviour, told: str) -> None:
    assert told in said(keys_at(behave), "wrong")


def test_a_name_that_leads_inside_is_told_with_the_setting_for_it(names: Names) -> None:
    names.answers["keys.example"] = [["10.1.2.3"]]
    access = FhirAccess(1)
    client = CdsClient("hospital", jwks="https://keys.example/jwks.json")
    found = list(client_keys(client, access.public))
    access.close()

    assert "set internal = true for this client" in said(found, "wrong")


def test_a_certificate_that_nobody_trusts_is_told_with_the_setting_for_it(tmp_path: Path) -> None:
    access = FhirAccess(1)
    with ThreadPoolExecutor(1) as pool, serving_tls(tmp_path, "127.0.0.1", pool) as server:
        client = CdsClient("hospital", jwks=f"{server.base}/jwks.json")
        found = list(client_keys(client, access.public))
    access.close()

    assert "RXHOOKS_CA_FILE" in said(found, "wrong")


def test_a_file_that_is_gone_is_told_without_its_content(tmp_path: Path) -> None:
    access = FhirAccess(1)
    found = list(client_keys(CdsClient("hospital", jwks=str(tmp_path / "no")), access.public))
    access.close()

    assert "No such file or directory" in said(found, "wrong")


def backend(file: Path) -> list[Check]:
    token = BackendToken("", "rxhooks", file)
    return list(own_key(CdsClient("hospital", token=token), token))


def test_our_own_key_is_told_with_its_algorithm(tmp_path: Path) -> None:
    file = pem(tmp_path, EC_KEY)
    file.chmod(0o600)

    assert said(backend(file), "ok").endswith("private.pem signs with ES384.")


def test_a_key_that_everybody_can_read_is_told(tmp_path: Path) -> None:
    file = pem(tmp_path, EC_KEY)
    file.chmod(0o644)

    assert "chmod o-rwx" in said(backend(file), "warning")


def test_a_key_of_another_kind_is_wrong(tmp_path: Path) -> None:
    file = pem(tmp_path, ec.generate_private_key(ec.SECP256R1()))

    assert "is no private key that we use" in said(backend(file), "wrong")
