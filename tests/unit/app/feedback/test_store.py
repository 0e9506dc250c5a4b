"""The store against real SQLite files: locked, read-only, full, gone, shared and forked."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from time import perf_counter

import pytest

import app.feedback.store
from app.feedback.store import (
    CHECK_S,
    MOST_WAITING,
    FeedbackStore,
    StoreUnavailable,
    open_store,
)
from app.feedback.tables import LONGEST_COMMENT, FeedbackEntry, ShownCard, feedback, shown
from app.settings import UnsafeSettings

ROOT = Path(__file__).parents[4]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CARD = ShownCard(
    card="ef4940fc-5171-4d2b-8f26-e28b3db4dd4b",
    service="rxhooks-order-select",
    hook_instance="d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    rules=("cyp2c19-clopidogrel", "cyp2c19-other"),
    indicator="critical",
    outcome="advise",
    at=NOON,
)
ACCEPTED = FeedbackEntry(CARD.card, "accepted", NOON, accepted_suggestions=("one", "two"))
OVERRIDDEN = FeedbackEntry(
    CARD.card, "overridden", NOON, override_code="r1", override_system="urn:r", comment="why"
)


def url(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feedback.db"


@pytest.fixture
def store(file: Path) -> Iterator[FeedbackStore]:
    opened = open_store(url(file))
    yield opened
    opened.close()


def rows(file: Path, table: str) -> list[dict[str, object]]:
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY id")]  # noqa: S608


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


def test_a_shown_card_is_a_row(store: FeedbackStore, file: Path) -> None:
    store.remember_shown([CARD])
    store.close()
    assert rows(file, "shown") == [
        {
            "id": 1,
            "card": CARD.card,
            "service": "rxhooks-order-select",
            "hook_instance": CARD.hook_instance,
            "rules": "cyp2c19-clopidogrel cyp2c19-other",
            "indicator": "critical",
            "outcome": "advise",
            "at": "2026-11-21 12:00:00.000000",
        }
    ]


def test_feedback_is_a_row_that_says_who_gave_it_and_when(store: FeedbackStore, file: Path) -> None:
    store.record(CARD.service, [ACCEPTED, OVERRIDDEN], client="city-ehr")
    first, second = rows(file, "feedback")
    assert (first["outcome"], first["accepted_suggestions"]) == ("accepted", '["one", "two"]')
    assert (first["service"], first["client"]) == (CARD.service, "city-ehr")
    assert first["outcome_timestamp"] == "2026-11-21 12:00:00.000000"
    assert first["received_at"]
    assert (second["override_code"], second["override_system"]) == ("r1", "urn:r")
    assert second["comment"] == "why"


def test_the_tables_have_no_column_for_anything_of_a_patient() -> None:
    assert [column.name for column in shown.columns] == [
        *("id", "card", "service", "hook_instance", "rules", "indicator", "outcome", "at")
    ]
    assert [column.name for column in feedback.columns] == [
        *("id", "card", "service", "client", "outcome", "accepted_suggestions"),
        *("override_code", "override_system", "comment", "outcome_timestamp", "received_at"),
    ]


def test_nothing_to_remember_is_no_row(store: FeedbackStore, file: Path) -> None:
    store.remember_shown([])
    store.record(CARD.service, [])
    store.close()
    assert rows(file, "shown") == rows(file, "feedback") == []


def test_the_same_feedback_twice_and_a_change_of_mind_are_all_kept(
    store: FeedbackStore, file: Path
) -> None:
    store.record(CARD.service, [OVERRIDDEN, OVERRIDDEN])
    store.record(CARD.service, [ACCEPTED])
    outcomes = [row["outcome"] for row in rows(file, "feedback")]
    assert outcomes == ["overridden", "overridden", "accepted"]


def test_a_comment_is_cut(store: FeedbackStore, file: Path) -> None:
    store.record(CARD.service, [replace(OVERRIDDEN, comment="é" * 5_000)])
    assert rows(file, "feedback")[0]["comment"] == "é" * LONGEST_COMMENT


def test_a_comment_does_not_show_when_an_entry_is_printed() -> None:
    assert "why" not in repr(OVERRIDDEN)


def test_nul_and_lone_surrogates_are_stored_as_signs_for_them(
    store: FeedbackStore, file: Path
) -> None:
    store.record(CARD.service, [replace(OVERRIDDEN, comment="a\0b\ud800c", override_code="\0")])
    assert rows(file, "feedback")[0]["comment"] == "a\ufffdb?c"


def test_times_of_any_zone_are_stored_in_utc(store: FeedbackStore, file: Path) -> None:
    berlin = NOON.astimezone(timezone(timedelta(hours=1)))
    store.record(CARD.service, [replace(ACCEPTED, outcome_timestamp=berlin)])
    stored = rows(file, "feedback")[0]["outcome_timestamp"]
    assert stored == "2026-11-21 12:00:00.000000"


def test_feedback_is_kept_as_a_whole_or_not_at_all(store: FeedbackStore, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON feedback WHEN NEW.outcome = 'accepted' "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(StoreUnavailable):
        store.record(CARD.service, [OVERRIDDEN, ACCEPTED])
    assert rows(file, "feedback") == []


def test_a_locked_database_holds_up_no_card_answer(store: FeedbackStore, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = perf_counter()
        for _ in range(100):
            store.remember_shown([CARD])
        assert perf_counter() - started < 10 * CHECK_S  # a hundred waits would be many times that
        with pytest.raises(StoreUnavailable, match="no answer within"):
            store.check()
        with pytest.raises(StoreUnavailable, match="no answer within"):
            store.remember_shown([CARD])
        other.execute("COMMIT")
    store.record(CARD.service, [ACCEPTED])
    assert len(rows(file, "shown")) == 101
    store.remember_shown([CARD])


def test_feedback_is_refused_when_a_lock_stays(
    store: FeedbackStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.feedback.store, "RECORD_S", 0.1)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="no answer within"):
            store.record(CARD.service, [ACCEPTED])


def test_a_read_only_database_is_unavailable(store: FeedbackStore, file: Path) -> None:
    store.check()
    reader = open_store(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(StoreUnavailable, match="SQLITE_READONLY"):
        reader.remember_shown([CARD])
    with pytest.raises(StoreUnavailable, match="SQLITE_READONLY"):
        reader.check()
    with pytest.raises(StoreUnavailable, match="SQLITE_READONLY"):
        reader.record(CARD.service, [ACCEPTED])
    reader.close()


def test_cards_wait_for_a_database_that_is_away_but_not_without_end(tmp_path: Path) -> None:
    store = open_store(url(tmp_path / "later" / "feedback.db"))
    with pytest.raises(StoreUnavailable, match="too many"):
        store.remember_shown([CARD] * (MOST_WAITING + 1))
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
from app.feedback.store import StoreUnavailable, open_store
from tests.unit.app.feedback.test_store import ACCEPTED, CARD, replace
store = open_store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    for _ in range(100):
        store.record(CARD.service, [replace(ACCEPTED, outcome="x" * 200)] * 100)
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
    store.remember_shown([CARD])
    store.close()
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
        store.record(CARD.service, [replace(OVERRIDDEN, comment="Erika Mustermann")])
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
    store.remember_shown([replace(CARD, at=NOON - timedelta(days=day)) for day in range(2_500)])
    store.record(CARD.service, [ACCEPTED])
    assert store.purge(NOON - timedelta(days=99)) == 2_400
    assert len(rows(file, "shown")) == 100
    assert len(rows(file, "feedback")) == 1


def test_purging_everything_takes_feedback_as_well(store: FeedbackStore, file: Path) -> None:
    store.remember_shown([CARD])
    store.record(CARD.service, [ACCEPTED, OVERRIDDEN])
    assert store.purge(datetime(2100, 1, 1, tzinfo=UTC)) == 3
    assert rows(file, "feedback") == []


def test_a_database_in_memory_serves_one_process() -> None:
    store = open_store("sqlite://")
    store.remember_shown([CARD])
    store.check()
    assert store.purge(NOON + timedelta(days=1)) == 1
    store.close()


def test_a_closed_store_connects_again(store: FeedbackStore, file: Path) -> None:
    store.remember_shown([CARD])
    store.close()
    store.remember_shown([CARD])
    store.close()
    assert len(rows(file, "shown")) == 2


def test_readers_do_not_wait_for_writers(store: FeedbackStore, file: Path) -> None:
    store.remember_shown([CARD])
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


OPENING = """
import sys
from app.feedback.store import open_store
from tests.unit.app.feedback.test_store import ACCEPTED, CARD
print("ready", flush=True)
sys.stdin.readline()
store = open_store(sys.argv[1])
store.record(CARD.service, [ACCEPTED] * 10)
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
    assert len(rows(file, "feedback")) == 40


ENDING = """
import sys
from app.feedback.store import open_store
from tests.unit.app.feedback.test_store import CARD
open_store(sys.argv[1]).remember_shown([CARD])
"""


def test_a_process_that_ends_writes_what_waits(file: Path) -> None:
    said(run(ENDING, url(file)))
    assert len(rows(file, "shown")) == 1


FORKING = """
import os, sys
from app.feedback.store import open_store
from tests.unit.app.feedback.test_store import ACCEPTED, CARD
store = open_store(sys.argv[1])
store.remember_shown([CARD])
store.record(CARD.service, [ACCEPTED])
store.remember_shown([CARD])
children = []
for _ in range(3):
    child = os.fork()
    if not child:
        for _ in range(20):
            store.record(CARD.service, [ACCEPTED])
        store.close()
        os._exit(0)
    children.append(child)
for _ in range(20):
    store.record(CARD.service, [ACCEPTED])
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
store.close()
"""


def test_a_store_goes_on_in_forked_workers_and_in_their_parent(file: Path) -> None:
    said(run(FORKING, url(file)))
    assert len(rows(file, "feedback")) == 81
    assert len(rows(file, "shown")) == 2
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
