"""The store against real SQLite files: locked, read-only, full, gone, shared and forked."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import pytest

import app.feedback.store
from app.feedback.migrations import STEPS
from app.feedback.store import (
    MOST_WAITING,
    FeedbackStore,
    StoreUnavailable,
    open_store,
)
from app.feedback.tables import FeedbackEntry, ShownCard
from app.settings import UnsafeSettings
from tests.unit.app.feedback.rows import ACCEPTED, CARD, NOON, OVERRIDDEN, REASONS, SENDER
from tests.unit.app.feedback.rows import rows as rows_at

ROOT = Path(__file__).parents[4]


def url(file: Path) -> str:
    return f"sqlite:///{file}"


def fresh(at: datetime = NOON) -> ShownCard:
    """The card as another call shows it."""
    return replace(CARD, card=str(uuid4()), at=at)


def given(store: FeedbackStore, *entries: FeedbackEntry) -> list[int]:
    return store.record(SENDER, entries, REASONS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db"


@pytest.fixture
def store(file: Path) -> Iterator[FeedbackStore]:
    opened = open_store(url(file))
    yield opened
    opened.close()


def rows(file: Path, table: str) -> list[dict[str, object]]:
    return rows_at(url(file), table)


def schema_steps(file: Path) -> list[int]:
    with closing(sqlite3.connect(file)) as connection:
        return [step for (step,) in connection.execute("SELECT step FROM schema_steps ORDER BY 1")]


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def said(process: subprocess.Popen[str]) -> str:
    """What *process* printed, once it has ended well."""
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    return out


def test_feedback_is_kept_as_a_whole_or_not_at_all(store: FeedbackStore, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON feedback WHEN NEW.outcome = 'accepted' "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    store.remember_shown([CARD])
    with pytest.raises(StoreUnavailable):
        given(store, OVERRIDDEN, ACCEPTED)
    assert rows(file, "feedback") == []


def test_a_locked_database_holds_up_no_card_answer(store: FeedbackStore, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = perf_counter()
        for _ in range(100):
            with pytest.raises(StoreUnavailable, match="no answer within"):
                store.remember_shown([fresh()])
        assert (
            perf_counter() - started < 10 * app.feedback.store.SHOWN_S
        )  # a hundred waits would be many times that
        with pytest.raises(StoreUnavailable, match="no answer within"):
            store.check()
        other.execute("COMMIT")
    store.check()
    assert len(rows(file, "shown")) == 100
    store.remember_shown([fresh()])
    assert len(rows(file, "shown")) == 101


def test_reading_what_was_earlier_waits_for_no_writer(store: FeedbackStore, file: Path) -> None:
    store.remember_shown([CARD])
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert len(store.earlier(CARD.traces, NOON - timedelta(days=1))) == 2


def test_reading_what_was_earlier_waits_a_bounded_time(
    store: FeedbackStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="no answer within"):
            store.remember_shown([fresh()])  # the thread waits for the lock from now on
        started = perf_counter()
        for _ in range(100):
            with pytest.raises(StoreUnavailable, match="no answer within"):
                store.earlier(CARD.traces, NOON)
        assert perf_counter() - started < 10 * app.feedback.store.SHOWN_S


def test_a_card_is_noted_when_its_call_is_answered(store: FeedbackStore, file: Path) -> None:
    store.remember_shown([CARD])
    assert [row["card"] for row in rows(file, "shown")] == [CARD.card]


def test_feedback_is_refused_when_a_lock_stays(
    store: FeedbackStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.feedback.store, "RECORD_S", 0.1)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="no answer within"):
            given(store, ACCEPTED)


def test_a_read_only_database_is_unavailable(store: FeedbackStore, file: Path) -> None:
    store.check()
    reader = open_store(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(StoreUnavailable, match="SQLITE_READONLY"):
        reader.remember_shown([CARD])
    with pytest.raises(StoreUnavailable, match="SQLITE_READONLY"):
        reader.check()
    with pytest.raises(StoreUnavailable, match="SQLITE_READONLY"):
        given(reader, ACCEPTED)
    reader.close()


def test_cards_wait_for_a_database_that_is_away_but_not_without_end(tmp_path: Path) -> None:
    store = open_store(url(tmp_path / "later" / "feedback.db"))
    with pytest.raises(StoreUnavailable, match="too many"):
        store.remember_shown(fresh() for _ in range(MOST_WAITING + 1))
    with pytest.raises(StoreUnavailable):
        store.check()
    (tmp_path / "later").mkdir()
    for _ in range(60):  # each waits half a second at most, and ten thousand rows may take longer
        with suppress(StoreUnavailable):
            store.check()
            break
    store.close()
    assert len(rows(tmp_path / "later" / "feedback.db", "shown")) == MOST_WAITING


FULL = """
import resource, sys
import app.feedback.store
from app.feedback.store import StoreUnavailable, open_store
app.feedback.store.SHOWN_S = 20
from tests.unit.app.feedback.test_store import fresh, replace
store = open_store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    for _ in range(100):
        store.remember_shown(replace(fresh(), outcome="x" * 200) for _ in range(100))
except StoreUnavailable as error:
    print("unavailable")
store.close()
"""


def test_a_full_disk_is_unavailable(file: Path) -> None:
    assert said(run(FULL, url(file))) == "unavailable\n"


def test_a_database_that_is_not_there_yet_is_used_once_it_is(tmp_path: Path) -> None:
    file = tmp_path / "later" / "feedback.db"
    store = open_store(url(file))
    with pytest.raises(StoreUnavailable, match="SQLITE_CANTOPEN"):
        store.remember_shown([CARD])
    with pytest.raises(StoreUnavailable):
        store.check()
    file.parent.mkdir()
    store.check()
    store.remember_shown([fresh()])
    assert len(rows(file, "shown")) == 2  # the first had waited


def test_a_file_that_is_no_database_is_unavailable_and_stays_as_it_is(file: Path) -> None:
    file.write_text("this is a letter, not a database " * 40)
    store = open_store(url(file))
    with pytest.raises(StoreUnavailable, match="SQLITE_NOTADB"):
        store.check()
    store.close()
    assert file.read_text().startswith("this is a letter")


def test_a_reason_quotes_neither_rows_nor_url(file: Path) -> None:
    store = FeedbackStore(f"sqlite:///{file}/secret-name")
    file.touch()
    with pytest.raises(StoreUnavailable) as caught:
        given(store, replace(OVERRIDDEN, override_code="Erika Mustermann"))
    store.close()
    assert "Erika" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "wrong", ["", "no url", "nosuch://host/db", "postgresql+nosuch://u:hunter2@h/d", "sqlite:/x"]
)
def test_a_url_that_can_never_work_stops_the_start_without_showing_its_password(
    wrong: str,
) -> None:
    with pytest.raises(UnsafeSettings) as caught:
        open_store(wrong)
    assert caught.value.problems[0].startswith("RXHOOKS_DATABASE_URL: ")
    assert "hunter2" not in str(caught.value)


def test_checking_writes_nothing(store: FeedbackStore, file: Path) -> None:
    store.remember_shown([CARD])
    store.check()
    assert [row["card"] for row in rows(file, "shown")] == [CARD.card]


def test_purging_deletes_what_is_older_and_says_how_much(store: FeedbackStore, file: Path) -> None:
    with suppress(StoreUnavailable):  # so many may take longer
        store.remember_shown([fresh(NOON - timedelta(days=day)) for day in range(2_500)])
    assert store.purge(NOON - timedelta(days=99)) == 2_400 + len(CARD.traces)
    assert len(rows(file, "shown")) == 100


def test_purging_everything_takes_feedback_as_well(store: FeedbackStore, file: Path) -> None:
    store.remember_shown([CARD])
    without_reason = replace(OVERRIDDEN, override_code="")
    given(store, ACCEPTED, without_reason)
    assert store.purge(datetime(2100, 1, 1, tzinfo=UTC)) == 3 + len(CARD.traces)
    assert rows(file, "feedback") == rows(file, "earlier") == []


def test_a_database_in_memory_serves_one_process() -> None:
    store = open_store("sqlite://")
    store.remember_shown([CARD])
    store.check()
    assert store.purge(NOON + timedelta(days=1)) == 1 + len(CARD.traces)
    store.close()


def test_a_closed_store_connects_again(store: FeedbackStore, file: Path) -> None:
    store.remember_shown([fresh()])
    store.close()
    store.remember_shown([fresh()])
    assert len(rows(file, "shown")) == 2


def test_readers_do_not_wait_for_writers(store: FeedbackStore, file: Path) -> None:
    store.remember_shown([CARD])
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


OPENING = """
import sys
import app.feedback.store
from app.feedback.store import open_store
app.feedback.store.SHOWN_S = 20
from tests.unit.app.feedback.test_store import fresh
print("ready", flush=True)
sys.stdin.readline()
store = open_store(sys.argv[1])
store.remember_shown(fresh() for _ in range(10))
store.close()
"""


def test_several_workers_may_open_a_new_database_at_once(file: Path) -> None:
    workers = [run(OPENING, url(file)) for _ in range(4)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        said(worker)
    assert len(rows(file, "shown")) == 40
    assert schema_steps(file) == [step.number for step in STEPS]


ENDING = """
import sqlite3, sys
from app.feedback.store import StoreUnavailable, open_store
from tests.unit.app.feedback.test_store import fresh
store = open_store(sys.argv[1])
other = sqlite3.connect(sys.argv[2], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
try:
    store.remember_shown([fresh()])
except StoreUnavailable:
    other.execute("COMMIT")
other.close()
"""


def test_a_process_that_ends_writes_what_waits(file: Path) -> None:
    said(run(ENDING, url(file), file))
    assert len(rows(file, "shown")) == 1


KILLED = """
import os, signal, sys
import app.feedback.store
from app.feedback.store import open_store
app.feedback.store.SHOWN_S = 20
from tests.unit.app.feedback.test_store import ACCEPTED, CARD, given
store = open_store(sys.argv[1])
store.remember_shown([CARD])
given(store, ACCEPTED)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_taken_outlives_a_killed_process(file: Path) -> None:
    killed = run(KILLED, url(file))
    killed.communicate(timeout=30)
    assert killed.returncode == -signal.SIGKILL
    assert len(rows(file, "shown")) == len(rows(file, "feedback")) == 1


FORKING = """
import os, sys
import app.feedback.store
from app.feedback.store import open_store
app.feedback.store.SHOWN_S = 20
from tests.unit.app.feedback.test_store import fresh
store = open_store(sys.argv[1])
store.remember_shown([fresh()])
store.remember_shown([fresh()])
children = []
for _ in range(3):
    child = os.fork()
    if not child:
        for _ in range(20):
            store.remember_shown([fresh()])
        store.close()
        os._exit(0)
    children.append(child)
for _ in range(20):
    store.remember_shown([fresh()])
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
store.close()
"""


def test_a_store_goes_on_in_forked_workers_and_in_their_parent(file: Path) -> None:
    said(run(FORKING, url(file)))
    assert len(rows(file, "shown")) == 82
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
