"""The schema: made once whoever comes first, brought up to date, and never downgraded."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import Engine, inspect, text

import app.feedback.store
from app.feedback import database, migrations
from app.feedback.database import new_engine
from app.feedback.migrations import NEWEST, STEPS, Step, migrate
from app.feedback.store import FeedbackStore, StoreUnavailable, open_store
from app.feedback.tables import metadata
from app.settings import UnsafeSettings
from tests.unit.app.feedback.rows import ACCEPTED, CARD, REASONS, SENDER, rows

ROOT = Path(__file__).parents[4]
OLD_CARD = """INSERT INTO shown (card, service, hook_instance, rules, indicator, outcome, at)
    VALUES ('ef4940fc-5171-4d2b-8f26-e28b3db4dd4b', 'rxhooks-order-select', 'i', 'r', 'info',
    'advise', '2026-11-01')"""
OLD_FEEDBACK = """INSERT INTO feedback (card, service, client, outcome, accepted_suggestions,
    override_code, override_system, comment, outcome_timestamp, received_at) VALUES
    ('ef4940fc-5171-4d2b-8f26-e28b3db4dd4b', 'rxhooks-order-select', '', 'overridden', '[]',
    'Erika', 'Erika', 'Erika takes it since 1999', '2026-11-01', '2026-11-01')"""
LATER = "INSERT INTO schema_steps VALUES (77, 'later', '2027-01-01')"


@pytest.fixture
def engine(any_url: str) -> Iterator[Engine]:
    made = new_engine(any_url)
    yield made
    made.dispose()


def steps(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT step FROM schema_steps ORDER BY 1")).scalars())


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def at_version_0_1(engine: Engine) -> None:
    """The tables as 0.1 left them: with a row each, and no word on their version."""
    types = migrations.TYPES[engine.dialect.name]
    run(engine, *(statement.format(**types) for statement in STEPS[0].statements))
    run(engine, OLD_CARD, OLD_CARD, OLD_FEEDBACK)


def test_a_new_database_gets_every_step_once(engine: Engine) -> None:
    migrate(engine)
    migrate(engine)

    assert steps(engine) == [step.number for step in STEPS]


def test_steps_are_numbered_from_one_without_gaps() -> None:
    assert [step.number for step in STEPS] == list(range(1, NEWEST + 1))


def test_the_steps_lead_to_the_tables_that_we_read_and_write(engine: Engine) -> None:
    migrate(engine)

    made = inspect(engine)
    assert set(made.get_table_names()) == {*metadata.tables, "schema_steps"}
    for table in metadata.sorted_tables:
        columns = {column["name"]: column for column in made.get_columns(table.name)}
        assert columns.keys() == set(table.columns.keys())
        assert not any(column["nullable"] for name, column in columns.items() if name != "id")
        keys = made.get_pk_constraint(table.name)["constrained_columns"]
        assert keys == [column.name for column in table.primary_key.columns]


def test_what_is_asked_for_by_a_call_has_an_index(engine: Engine) -> None:
    migrate(engine)

    made = inspect(engine)
    names = {index["name"] for table in metadata.tables for index in made.get_indexes(table)}
    assert {"ux_shown_card", "ux_feedback_entry", "ix_shown_at", "ix_earlier_at"} <= names


def test_a_database_of_version_0_1_keeps_its_rows_and_loses_its_comments(
    engine: Engine, any_url: str
) -> None:
    at_version_0_1(engine)

    migrate(engine)

    [card] = rows(any_url, "shown")
    [given] = rows(any_url, "feedback")
    assert (card["card"], card["client"], card["rules"]) == (CARD.card, "open", "r")
    assert (given["card"], given["client"], given["outcome"]) == (CARD.card, "open", "overridden")
    assert "Erika" not in repr(given)
    assert steps(engine) == [step.number for step in STEPS]


def test_nothing_of_a_comment_stays_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    engine = new_engine(f"sqlite:///{file}")
    at_version_0_1(engine)
    migrate(engine)
    run(engine)
    engine.dispose()

    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert CARD.card.encode() in left
    assert b"Erika" not in left


def test_a_card_shown_by_version_0_1_takes_feedback(engine: Engine, any_url: str) -> None:
    at_version_0_1(engine)
    store = open_store(any_url)

    sender = type(SENDER)("open", SENDER.service)
    assert store.record(sender, [ACCEPTED], REASONS) == []
    store.close()


def test_a_newer_schema_stops_the_start_in_words(engine: Engine, any_url: str) -> None:
    migrate(engine)
    run(engine, LATER)

    with pytest.raises(UnsafeSettings) as caught:
        open_store(any_url)

    assert caught.value.problems == [
        "RXHOOKS_DATABASE_URL: the database has schema 77, and this version of RxHooks knows "
        f"schemas up to {NEWEST}: start the newer version, or give this one a database of its own"
    ]
    assert steps(engine) == [*(step.number for step in STEPS), 77]


def test_a_schema_that_became_newer_while_the_database_was_away_is_left_alone(
    engine: Engine, any_url: str
) -> None:
    migrate(engine)
    run(engine, LATER)
    store = FeedbackStore(any_url)

    with pytest.raises(StoreUnavailable, match="start the newer version"):
        store.remember_shown([CARD])

    store.close()
    assert rows(any_url, "shown") == []


def test_a_step_that_fails_leaves_the_database_as_it_was(
    engine: Engine, any_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_version_0_1(engine)
    broken = Step(4, "broken", ("CREATE TABLE half (a TEXT)", "THIS IS NO SQL"))
    monkeypatch.setattr(migrations, "STEPS", (*STEPS, broken))
    monkeypatch.setattr(migrations, "NEWEST", 4)

    with pytest.raises(Exception, match="THIS"):
        migrate(engine)

    assert set(inspect(engine).get_table_names()) == {"shown", "feedback"}
    assert "comment" in rows(any_url, "feedback")[0]


def test_threads_that_start_at_once_run_each_step_once(engine: Engine, any_url: str) -> None:
    engines = [new_engine(any_url) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(migrate, engines))

    assert steps(engine) == [step.number for step in STEPS]
    for each in engines:
        each.dispose()


STARTING = """
import sys
from app.feedback.database import new_engine
from app.feedback.migrations import migrate
print("ready", flush=True)
sys.stdin.readline()
migrate(new_engine(sys.argv[1]))
"""


def test_replicas_that_start_at_once_run_each_step_once(engine: Engine, any_url: str) -> None:
    at_version_0_1(engine)
    command = [sys.executable, "-c", STARTING, any_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    replicas = [subprocess.Popen(command, cwd=ROOT, text=True, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    for replica in replicas:
        assert replica.stdout.readline() == "ready\n"
    for replica in replicas:
        replica.stdin.write("go\n")
        replica.stdin.flush()

    for replica in replicas:
        _, told = replica.communicate(timeout=60)
        assert (replica.returncode, told) == (0, "")
    assert steps(engine) == [step.number for step in STEPS]


@pytest.mark.parametrize("url", ["mysql://u@h/d", "oracle://u:hunter2@h/d", "mssql://h/d"])
def test_a_database_of_another_kind_stops_the_start(url: str) -> None:
    with pytest.raises(UnsafeSettings) as caught:
        open_store(url)

    assert "hunter2" not in str(caught.value)


def test_a_postgres_url_without_a_driver_means_ours(postgres_url: str) -> None:
    store = open_store(postgres_url.replace("postgresql+psycopg", "postgresql"))
    store.check()
    store.close()


def test_a_postgres_server_that_is_away_stops_nothing_and_is_tried_again(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    store = open_store(f"postgresql+psycopg://u:hunter2@/d?host={tmp_path}")
    with pytest.raises(StoreUnavailable) as caught:
        store.check()
    store.close()
    assert "hunter2" not in str(caught.value)


def test_what_is_kept_is_on_disk_before_it_is_acknowledged(engine: Engine) -> None:
    migrate(engine)
    setting = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}
    if engine.dialect.name == "postgresql":
        run(engine, "ALTER ROLE rxhooks SET synchronous_commit = off")
        engine.dispose()

    told = {}
    for name in ("keeping", "noting"):
        with getattr(database, name)(engine) as connection:
            told[name] = connection.exec_driver_sql(setting[engine.dialect.name]).scalar()

    safe, quick = {"sqlite": (2, 1), "postgresql": ("on", "off")}[engine.dialect.name]
    assert told == {"keeping": safe, "noting": quick}
    if engine.dialect.name == "postgresql":
        run(engine, "ALTER ROLE rxhooks RESET synchronous_commit")


def test_a_url_s_own_waits_are_kept(postgres_url: str) -> None:
    engine = new_engine(f"{postgres_url}?options=-c%20statement_timeout%3D77")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "77ms"
    engine.dispose()


def test_a_postgres_server_that_says_nothing_holds_up_no_card() -> None:
    pytest.importorskip("psycopg")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = FeedbackStore(f"postgresql+psycopg://u@127.0.0.1:{silent.getsockname()[1]}/d")
        started = perf_counter()
        for _ in range(20):
            with pytest.raises(StoreUnavailable):
                store.remember_shown([CARD])
            with pytest.raises(StoreUnavailable):
                store.earlier(CARD.traces, CARD.at)
        assert perf_counter() - started < 4 * app.feedback.store.SHOWN_S
        store.close()
