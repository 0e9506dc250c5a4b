"""Clients that sign their calls, and a real gunicorn of two workers."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.loopback import Call, http, loopback
from tests.e2e.conftest import ROOT, draft, free_port, order_select, process
from tests.unit.app.security import (
    EC_KEY,
    OTHER_EC_KEY,
    bearer,
    claims,
    clients_toml,
    jwk,
    token,
)

ORDER = draft("carla-sanchez", "309362", "clopidogrel 75 MG Oral Tablet")
ELSEWHERE = "https://elsewhere.example/fhir"
SERVICE = "rxhooks-order-select"


@contextmanager
def closed(folder: Path, *more: str, **environment: str) -> Iterator[str]:
    """The base URL of the discovery of a service for one client, with two workers."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    settings = {
        "RXHOOKS_CLIENTS": str(clients_toml(folder, *more)),
        "RXHOOKS_BASE_URL": base,
        "RXHOOKS_WORKERS": "2",
        "RXHOOKS_DATABASE_URL": f"sqlite:///{folder}/feedback.db",
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--bind", f"127.0.0.1:{port}"]
    with process(command, settings | environment, f"{base}/health/live"):
        yield f"{base}/cds-services"


def call(
    url: str, body: dict[str, Any] | None = None, signed: str | None = None, **header: Any
) -> int:
    """The status of an order-select call on a connection of its own; by default, a good token."""
    address = f"{url}/{SERVICE}"
    signed = token(claims(aud=address), **header) if signed is None else signed
    sent = body or order_select("carla-sanchez", ELSEWHERE, ORDER)
    answer = requests.post(address, json=sent, headers=bearer(signed), timeout=20)
    return answer.status_code


def without_server() -> dict[str, Any]:
    """A call that needs no data: a drug without rules."""
    body = order_select("p", ELSEWHERE, draft("p", "311700", "loratadine 10 MG Oral Tablet"))
    del body["fhirServer"]
    return body


def test_a_client_gets_cards_from_its_own_fhir_server(tmp_path: Path, fhir: str) -> None:
    with closed(tmp_path, f'fhir_servers = ["{fhir}/fhir"]') as url:
        address = f"{url}/{SERVICE}"
        body = order_select("carla-sanchez", f"{fhir}/fhir", ORDER)
        headers = bearer(token(claims(aud=address)))
        answer = requests.post(address, json=body, headers=headers, timeout=20)

        assert answer.json()["cards"][0]["indicator"] == "critical"
        assert call(url) == 403
        assert requests.get(url, timeout=5).status_code == 401
        discovery = requests.get(url, headers=bearer(token(claims(aud=url))), timeout=5)
        assert discovery.json()["services"]


def test_a_token_is_accepted_by_one_worker_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with closed(tmp_path) as url:
        for _ in range(10):
            signed = token(claims(aud=f"{url}/{SERVICE}"))
            assert [call(url, without_server(), signed) for _ in range(8)] == [200] + [401] * 7

    told = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    refusing = {line["worker"] for line in told if line.get("reason") == "replay"}
    answering = {line["worker"] for line in told if line["event"] == "answered"}
    assert len(refusing) == 2, "both workers were asked"
    assert answering <= refusing


def test_a_used_token_is_refused_after_a_restart(tmp_path: Path) -> None:
    port = str(free_port())
    address = f"http://127.0.0.1:{port}/cds-services"
    signed = token(claims(aud=f"{address}/{SERVICE}"))
    for status in (200, 401):
        with closed(tmp_path, RXHOOKS_BASE_URL=f"http://127.0.0.1:{port}") as url:
            assert call(url, without_server(), signed) == status


def test_keys_rotate_without_a_restart_in_every_worker(tmp_path: Path) -> None:
    current = [jwk(EC_KEY, "old")]

    def keys(request: Call) -> None:
        request.send(http({"keys": current}))

    with loopback(keys) as server, closed(tmp_path, f'jwks = "{server.base}"') as url:
        assert {call(url, without_server(), kid="old") for _ in range(12)} == {200}

        current[:] = [jwk(OTHER_EC_KEY, "new")]

        new = {"key": OTHER_EC_KEY, "kid": "new"}
        assert {call(url, without_server(), **new) for _ in range(12)} == {200}
        assert {call(url, without_server(), kid="old") for _ in range(12)} == {401}
        assert len(server.calls) <= 8


def test_replicas_share_used_tokens_through_redis(tmp_path: Path) -> None:
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("there is no redis-server on this machine")
    port = free_port()
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tmp_path)
    shared = {"RXHOOKS_REDIS_URL": f"redis://127.0.0.1:{port}/0"}
    public = {"RXHOOKS_BASE_URL": "http://127.0.0.1:9"}
    signed = token(claims(aud=f"http://127.0.0.1:9/cds-services/{SERVICE}"))
    try:
        folders = [tmp_path / name for name in ("one", "two")]
        for folder in folders:
            folder.mkdir()
        with (
            closed(folders[0], **shared, **public) as one,
            closed(folders[1], **shared, **public) as other,
        ):
            assert call(one, without_server(), signed) == 200
            assert call(other, without_server(), signed) == 401
            redis.terminate()
            redis.wait(10)
            fresh = token(claims(aud=f"http://127.0.0.1:9/cds-services/{SERVICE}"))
            assert call(other, without_server(), fresh) == 503
    finally:
        redis.terminate()
        redis.wait(10)


def test_without_clients_and_without_open_the_start_ends_with_one_sentence(tmp_path: Path) -> None:
    said = refused({})

    assert said.count("\n") == 1
    assert "RXHOOKS_CLIENTS" in said
    assert "RXHOOKS_OPEN=1" in said


def test_a_policy_that_does_not_fit_ends_the_start_in_words(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("[rules.no-such-rule]\non = false\n")
    file = clients_toml(tmp_path, 'policy = "policy.toml"')

    said = refused({"RXHOOKS_CLIENTS": str(file)})

    assert said == "hospital: policy: there is no rule 'no-such-rule'\n"


def test_an_open_service_listens_on_loopback_unless_told_otherwise() -> None:
    code = "import runpy; print(runpy.run_path('app/gunicorn.conf.py')['bind'])"
    outside = clean({"RXHOOKS_OPEN": "1"})
    for environment, bind in (
        (outside, "127.0.0.1:8080"),
        (outside | {"RXHOOKS_BIND": "x:1"}, "x:1"),
    ):
        ended = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            cwd=ROOT,
            text=True,
            capture_output=True,
            check=True,
        )
        assert ended.stdout.strip() == bind


def refused(environment: dict[str, str]) -> str:
    """What `rxhooks serve` says instead of starting."""
    ended = subprocess.run(
        [sys.executable, "-m", "app.cli", "serve", "--bind", f"127.0.0.1:{free_port()}"],
        env=clean(environment),
        cwd=ROOT,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    return ended.stderr


def clean(environment: dict[str, str]) -> dict[str, str]:
    """The environment, without settings of ours that may be set where the tests run."""
    outside = {key: value for key, value in os.environ.items() if not key.startswith("RXHOOKS_")}
    return outside | environment
