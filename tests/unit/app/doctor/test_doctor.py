"""The command as a whole."""

from pathlib import Path

import pytest

from app import doctor
from app.cli import main
from app.doctor import examine
from app.doctor.checks import ok
from tests.contract.loopback import loopback
from tests.contract.token_server import TokenServer, pem
from tests.unit.app.doctor import said, states
from tests.unit.app.doctor.test_servers import with_metadata
from tests.unit.app.security import EC_KEY, clients_toml

Capture = pytest.CaptureFixture[str]
BACKEND = """
[client.backend]
client_id = "rxhooks-at-the-hospital"
key = "private.pem"
"""
SECRET = "hush" * 10


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_site_that_is_well_set_up_has_only_its_signatures_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    pem(tmp_path, EC_KEY).chmod(0o600)
    with loopback(with_metadata(TokenServer(EC_KEY.public_key()))) as server:
        servers = f'fhir_servers = ["{server.base}"]'
        file = clients_toml(tmp_path, servers, backend=BACKEND)
        monkeypatch.setenv("RXHOOKS_CLIENTS", str(file))
        monkeypatch.setenv("RXHOOKS_BASE_URL", "https://cds.example")
        monkeypatch.setenv("RXHOOKS_DEADLINE_MS", "60000")  # a busy machine is no slow server
        monkeypatch.setenv("RXHOOKS_REPEAT_SECRET", SECRET)

        assert main(["doctor"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:-1]] == [
        "ok       settings",
        "ok       knowledge",
        "ok       policy",
        "warning  review",
        "ok       keys of hospital",
        "ok       own key for hospital",
        "ok       FHIR server http",
        "ok       token of hospital at http",
        "ok       database",
        "ok       used tokens",
        "ok       audit",
    ]
    assert lines[-1] == "10 ok, 1 to look at, 0 wrong"
    assert SECRET not in "".join(lines)


def test_what_cannot_be_checked_before_the_settings_are_good_is_said(capsys: Capture) -> None:
    assert main(["doctor"]) == 1

    told = capsys.readouterr().out
    assert "wrong    RXHOOKS_OPEN: not set" in told
    assert "database, used tokens, audit: not checked." in told
    assert "ok       knowledge" in told


def test_faults_of_a_policy_are_said_beside_those_of_servers(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("=")
    environ = {
        "RXHOOKS_OPEN": "1",
        "RXHOOKS_POLICY": "policy.toml",
        "RXHOOKS_FHIR_SERVERS": "http://127.0.0.1:9/fhir",
    }

    checks = list(examine(environ))

    wrong = [check.about for check in checks if check.state == "wrong"]
    assert wrong == ["policy", "FHIR server http://127.0.0.1:9/fhir"]
    assert "review" not in [check.about for check in checks]


def test_the_audit_server_is_asked_as_well() -> None:
    environ = {"RXHOOKS_OPEN": "1", "RXHOOKS_AUDIT_SERVER": "http://127.0.0.1:9/audit"}

    assert "FHIR server http://127.0.0.1:9/audit" in said(examine(environ), "wrong")


def test_a_check_that_fails_is_wrong_and_tells_no_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr(doctor, "database", broken)

    line = said(examine({"RXHOOKS_OPEN": "1"}), "wrong")

    assert "a check failed (ValueError)" in line
    assert SECRET not in line


def test_a_line_without_a_mend_is_the_state_and_a_sentence() -> None:
    assert str(ok("this", "is well.")) == "ok       this: is well."
    assert states([ok("this", "is well.")]) == ["ok"]
