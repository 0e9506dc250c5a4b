"""Knowledge, policy and signatures."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app.doctor.checks import Check
from app.doctor.rules import client_policies, knowledge_checks, signatures
from app.security.clients import CdsClient
from app.settings import Settings
from hooks.knowledge import Knowledge, load
from tests.unit.app.doctor import said, states
from tests.unit.hooks.knowledge.files import written

RULE = "cyp2d6-codeine"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load()


def policy(folder: Path, text: str) -> Path:
    file = folder / "policy.toml"
    file.write_text(text)
    return file


def test_what_is_shipped_is_sound_without_a_policy() -> None:
    knowledge, checks = knowledge_checks(None, None)

    assert knowledge is not None
    assert states(checks) == ["ok", "ok"]
    assert f"{knowledge.version}, {len(knowledge.rules)} rules, as shipped." in str(checks[0])


def test_a_policy_that_fits_is_told(tmp_path: Path) -> None:
    file = policy(tmp_path, f'[rules.{RULE}]\non = false\nreason = "not here"\n')

    knowledge, checks = knowledge_checks(None, file)

    assert knowledge is not None
    assert "with a word on 1 rules" in str(checks[-1])


@pytest.mark.parametrize("text", ['drafts = "on"\n', "[rules.nothing]\non = false\n", "="])
def test_a_policy_that_does_not_fit_is_wrong(tmp_path: Path, text: str) -> None:
    knowledge, checks = knowledge_checks(None, policy(tmp_path, text))

    assert knowledge is None
    assert said(checks, "wrong").startswith("wrong    policy: ")


def test_rules_of_a_site_that_cannot_be_read_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "guidelines").mkdir()
    (tmp_path / "sources.toml").touch()
    for number in range(12):
        (tmp_path / "guidelines" / f"broken-{number:02}.toml").write_text("id = \n")

    knowledge, checks = knowledge_checks(tmp_path, None)

    assert knowledge is None
    assert "broken-00.toml" in str(checks[0])
    assert "`rxhooks lint` tells all" in str(checks[-1])


def test_rules_of_a_site_that_are_not_sound_are_wrong(tmp_path: Path) -> None:
    small, site = written(tmp_path / "small"), tmp_path / "site"
    shutil.copytree(small / "guidelines", site / "guidelines")
    shutil.copy(small / "sources.toml", site)

    knowledge, checks = knowledge_checks(site, None)

    assert knowledge is None
    assert "pair-firstin: unknown gene PAIR" in "\n".join(map(str, checks))


def test_rules_that_nobody_signed_are_told(knowledge: Knowledge) -> None:
    check = signatures(knowledge, Settings())

    assert check.state == "warning"
    assert "active rules are signed by nobody: abcg2-slco1b1-rosuvastatin, " in check.told


def test_rules_that_nobody_signed_are_wrong_where_that_is_required(knowledge: Knowledge) -> None:
    assert signatures(knowledge, Settings(require_review=True)).state == "wrong"


def test_rules_that_are_signed_are_well(knowledge: Knowledge) -> None:
    signed = tuple(replace(rule, reviewed_by=("A. Example",)) for rule in knowledge.guidelines)

    told = signatures(replace(knowledge, guidelines=signed, biomarkers=()), None)

    assert told.state == "ok"


def of_client(knowledge: Knowledge, file: Path | None, secret: bytes = b"") -> list[Check]:
    clients = (CdsClient("hospital", policy=file),)
    return list(client_policies(Settings(clients=clients, repeat_secret=secret), knowledge))


def test_clients_without_a_policy_need_no_line(knowledge: Knowledge) -> None:
    assert of_client(knowledge, None) == []


def test_the_policy_of_a_client_is_told(knowledge: Knowledge, tmp_path: Path) -> None:
    assert "of hospital" in said(of_client(knowledge, policy(tmp_path, "")), "ok")


def test_the_policy_of_a_client_that_does_not_fit_is_wrong(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    file = policy(tmp_path, "[rules.nothing]\non = false\n")

    assert "policies of clients: hospital: " in said(of_client(knowledge, file), "wrong")


def test_a_policy_that_needs_a_secret_is_told(knowledge: Knowledge, tmp_path: Path) -> None:
    file = policy(tmp_path, '[mute]\nreasons = ["risk-benefit-ratio"]\n')

    assert "RXHOOKS_REPEAT_SECRET" in said(of_client(knowledge, file), "warning")
    assert states(of_client(knowledge, file, b"x" * 32)) == ["ok"]
