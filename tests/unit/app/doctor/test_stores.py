"""The database, the used tokens and the audit: can they be written? Nothing is changed."""

import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import inspect

from app.doctor.checks import Check
from app.doctor.stores import audit_file, database, used_tokens
from app.feedback.database import new_engine
from app.feedback.migrations import NEWEST
from app.feedback.store import open_store
from app.security.audit_sinks import AuditSettings
from app.security.replay import SqliteReplay
from app.settings import Settings
from tests import postgres
from tests.unit.app.doctor import said, states

REDIS = shutil.which("redis-server")


def told(url: str) -> list[Check]:
    return list(database(Settings(database_url=url)))


def sqlite(file: Path) -> str:
    return f"sqlite:///{file}"


def test_a_database_that_the_service_made_is_well(tmp_path: Path) -> None:
    file = tmp_path / "feedback.db"
    open_store(sqlite(file))

    assert said(told(sqlite(file)), "ok") == (
        f"ok       database: {file}, schema {NEWEST}, can be written."
    )


def test_a_database_that_is_not_there_yet_is_well_and_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "feedback.db"

    assert "the service makes it" in said(told(sqlite(file)), "ok")
    assert not file.exists()


def test_a_database_in_a_folder_that_is_not_there_is_wrong(tmp_path: Path) -> None:
    assert "make the folder" in said(told(sqlite(tmp_path / "no" / "feedback.db")), "wrong")


def test_an_empty_database_gets_its_schema_from_the_service(tmp_path: Path) -> None:
    file = tmp_path / "feedback.db"
    file.touch()

    assert f"schema none; the next start makes it {NEWEST}" in said(told(sqlite(file)), "ok")
    with closing(sqlite3.connect(file)) as found:
        assert found.execute("SELECT name FROM sqlite_master").fetchall() == []


def with_steps(file: Path, number: int) -> None:
    """Have *file* say that its schema is *number*."""
    open_store(sqlite(file))
    with closing(sqlite3.connect(file)) as found, found:
        found.execute("DELETE FROM schema_steps WHERE step > ?", (number,))
        found.execute("INSERT OR IGNORE INTO schema_steps VALUES (?, '', '')", (number,))


def test_an_older_schema_is_to_be_backed_up_first(tmp_path: Path) -> None:
    with_steps(tmp_path / "feedback.db", NEWEST - 1)

    assert "back it up first" in said(told(sqlite(tmp_path / "feedback.db")), "warning")


def test_a_newer_schema_is_wrong(tmp_path: Path) -> None:
    with_steps(tmp_path / "feedback.db", NEWEST + 1)

    assert "start the newer version" in said(told(sqlite(tmp_path / "feedback.db")), "wrong")


def test_a_file_that_is_no_database_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "feedback.db"
    file.write_text("no database, and long enough to be seen as none" * 50)

    assert "it is no SQLite database" in said(told(sqlite(file)), "wrong")


def test_a_database_that_somebody_holds_locked_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "feedback.db"
    open_store(sqlite(file))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        assert "another process holds it locked" in said(told(sqlite(file)), "wrong")


def test_a_database_in_memory_is_told() -> None:
    assert "lost at each restart" in said(told("sqlite://"), "warning")


@pytest.mark.parametrize("url", ["oracle://u:hush@db/x", "nonsense hush"])
def test_another_kind_of_database_is_wrong(url: str) -> None:
    assert "hush" not in said(told(url), "wrong")


def test_a_server_that_does_not_answer_is_wrong_and_its_password_not_shown() -> None:
    line = said(told("postgresql://rx:hush@127.0.0.1:9/feedback?password=hush"), "wrong")

    assert "PostgreSQL feedback at 127.0.0.1:9: it cannot be used (OperationalError)" in line
    assert "check host, port, name, user and password" in line
    assert "hush" not in line


def test_postgresql_is_examined_as_well() -> None:
    with postgres.server() as url:
        assert "schema none" in said(told(url), "ok")
        engine = new_engine(url)
        assert not inspect(engine).get_table_names()
        engine.dispose()

        open_store(url)
        assert f"schema {NEWEST}, can be written" in said(told(url), "ok")


# Used tokens


def tokens(settings: Settings) -> list[Check]:
    return list(used_tokens(settings))


def test_open_mode_has_no_tokens() -> None:
    assert tokens(Settings(open=True)) == []


def test_a_file_of_used_tokens_is_made_by_the_service(tmp_path: Path) -> None:
    file = tmp_path / "jti.db"

    assert "the service makes it" in said(tokens(Settings(replay_file=file)), "ok")
    SqliteReplay(file).prepare()
    assert "can be written" in said(tokens(Settings(replay_file=file)), "ok")


def test_a_file_that_cannot_hold_tokens_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "jti.db"
    file.write_text("no database, and long enough to be seen as none" * 50)

    assert "cannot be written" in said(tokens(Settings(replay_file=file)), "wrong")


@contextmanager
def redis(folder: Path, *options: str) -> Iterator[str]:
    """Host and port of a real redis-server."""
    if REDIS is None:
        pytest.skip("there is no redis-server on this machine")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [REDIS, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL) as running:
        try:
            until_up(int(port))
            yield f"127.0.0.1:{port}"
        finally:
            running.terminate()


def until_up(port: int) -> None:
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)


def asked_redis(url: str) -> list[Check]:
    return tokens(Settings(redis_url=url))


def test_redis_that_forgets_nothing_is_well(tmp_path: Path) -> None:
    with redis(tmp_path) as place:
        assert "forgets nothing by itself" in said(asked_redis(f"redis://{place}/0"), "ok")


def test_redis_that_forgets_by_itself_is_told(tmp_path: Path) -> None:
    with redis(tmp_path, "--maxmemory-policy", "allkeys-lru") as place:
        line = said(asked_redis(f"redis://{place}/0"), "warning")

    assert "maxmemory-policy allkeys-lru" in line


def test_a_password_that_redis_refuses_is_wrong_and_not_shown(tmp_path: Path) -> None:
    with redis(tmp_path, "--requirepass", "right") as place:
        line = said(asked_redis(f"redis://:hush@{place}/0"), "wrong")

    assert "refuses the password" in line
    assert "hush" not in line


def test_redis_that_hides_its_settings_is_told(tmp_path: Path) -> None:
    with redis(tmp_path) as place:
        with Redis.from_url(f"redis://{place}/0") as root:
            root.acl_setuser("rx", enabled=True, passwords=["+hush"], commands=["+ping"])
        line = said(asked_redis(f"redis://rx:hush@{place}/0"), "warning")

    assert "must be noeviction" in line


def test_redis_that_does_not_answer_is_wrong() -> None:
    assert "does not answer" in said(asked_redis("redis://:hush@127.0.0.1:9/0"), "wrong")


def test_an_address_that_is_none_of_redis_is_wrong() -> None:
    assert "cannot be read" in said(asked_redis("redis://127.0.0.1:port/0"), "wrong")


# Audit


def test_the_audit_is_told(tmp_path: Path) -> None:
    assert said(audit_file(Settings()), "ok") == "ok       audit: off."
    audit = AuditSettings(file=tmp_path / "audit.ndjson")
    assert "audit.ndjson" in said(audit_file(Settings(audit=audit)), "ok")


def test_a_token_file_without_a_token_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("\n")
    audit = AuditSettings(server="https://audit.example", token_file=file)

    assert "holds no token" in said(audit_file(Settings(audit=audit)), "wrong")
    file.write_text("hush\n")
    assert states(audit_file(Settings(audit=replace(audit, required=True)))) == []
