"""What is kept of cards and feedback, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from time import monotonic, sleep
from uuid import uuid4

import pytest

import app.feedback.store
from app.feedback import work
from app.feedback.store import FeedbackStore, open_store
from app.feedback.tables import FeedbackEntry, Sender, earlier, feedback, shown
from hooks.repeats import MUTED, Earlier
from tests.unit.app.feedback.rows import (
    ACCEPTED,
    CARD,
    NOON,
    OVERRIDDEN,
    REASONS,
    SECOND,
    SENDER,
    SYSTEM,
    rows,
)

LONG_AGO = NOON - timedelta(days=3_000)
UNKNOWN = replace(ACCEPTED, card="00000000-0000-4000-8000-000000000000")


@pytest.fixture
def store(any_url: str) -> Iterator[FeedbackStore]:
    opened = open_store(any_url)
    opened.remember_shown([CARD])
    yield opened
    opened.close()


def given(store: FeedbackStore, *entries: FeedbackEntry) -> list[int]:
    return store.record(SENDER, entries, REASONS)


def test_a_shown_card_is_a_row(store: FeedbackStore, any_url: str) -> None:
    [row] = rows(any_url, "shown")

    assert row | {"id": 1, "at": str(row["at"])[:19]} == {
        "id": 1,
        "card": CARD.card,
        "client": "city-ehr",
        "service": "rxhooks-order-select",
        "hook_instance": CARD.hook_instance,
        "rules": "cyp2c19-clopidogrel/poor-acs cyp2c19-other",
        "suggestions": "s-one s-two",
        "traces": "trace-one trace-two",
        "indicator": "critical",
        "outcome": "advise",
        "knowledge": "k1",
        "at": "2026-11-21 12:00:00",
    }


def test_feedback_says_on_what_it_was_given_by_whom_and_when(
    store: FeedbackStore, any_url: str
) -> None:
    assert given(store, ACCEPTED, OVERRIDDEN) == []

    first, second = rows(any_url, "feedback")
    assert (first["card"], first["client"]) == (CARD.card, "city-ehr")
    assert (first["rule"], first["branch"]) == ("cyp2c19-clopidogrel", "poor-acs")
    assert first["rules"] == "cyp2c19-clopidogrel/poor-acs cyp2c19-other"
    assert (first["knowledge"], first["indicator"]) == ("k1", "critical")
    assert (first["outcome"], first["accepted"], first["override_code"]) == ("accepted", "2", "")
    assert str(first["outcome_timestamp"])[:19] == "2026-11-21 12:00:00"
    assert first["received_at"]
    assert (second["outcome"], second["accepted"]) == ("overridden", "")
    assert (second["override_code"], second["override_system"]) == ("tolerated", SYSTEM)


def test_the_tables_have_no_column_for_anything_of_a_patient_or_a_text() -> None:
    assert [column.name for column in shown.columns] == [
        *("id", "card", "client", "service", "hook_instance", "rules", "suggestions", "traces"),
        *("indicator", "outcome", "knowledge", "at"),
    ]
    assert [column.name for column in feedback.columns] == [
        *("id", "entry", "card", "client", "service", "rule", "branch", "rules", "indicator"),
        *("knowledge", "outcome", "accepted", "override_code", "override_system"),
        *("outcome_timestamp", "received_at"),
    ]
    assert [column.name for column in earlier.columns] == [
        *("trace", "hook", "card", "hook_instance", "at"),
    ]


def test_nothing_to_remember_is_no_row(store: FeedbackStore, any_url: str) -> None:
    store.remember_shown([])
    assert given(store) == []

    assert len(rows(any_url, "shown")) == 1
    assert rows(any_url, "feedback") == []


def test_an_entry_that_comes_again_is_kept_once(store: FeedbackStore, any_url: str) -> None:
    assert given(store, OVERRIDDEN, OVERRIDDEN) == []
    assert given(store, OVERRIDDEN) == []

    assert len(rows(any_url, "feedback")) == 1


def test_a_change_of_mind_is_kept_too(store: FeedbackStore, any_url: str) -> None:
    later = replace(OVERRIDDEN, outcome_timestamp=NOON + timedelta(seconds=1))
    given(store, OVERRIDDEN)
    given(store, ACCEPTED, later)

    outcomes = [row["outcome"] for row in rows(any_url, "feedback")]
    assert outcomes == ["overridden", "accepted", "overridden"]


def test_an_unknown_card_is_told_and_the_others_are_kept(
    store: FeedbackStore, any_url: str
) -> None:
    assert given(store, UNKNOWN, ACCEPTED, UNKNOWN) == [0, 2]

    assert [row["card"] for row in rows(any_url, "feedback")] == [CARD.card]


@pytest.mark.parametrize(
    "sender",
    [replace(SENDER, client="other-ehr"), replace(SENDER, service="rxhooks-order-sign")],
)
def test_a_card_of_another_client_or_service_is_unknown(
    store: FeedbackStore, any_url: str, sender: Sender
) -> None:
    assert store.record(sender, [ACCEPTED], REASONS) == [0]

    assert rows(any_url, "feedback") == []


@pytest.mark.parametrize(
    ("code", "system", "kept"),
    [
        ("tolerated", SYSTEM, ("tolerated", SYSTEM)),
        ("tolerated", "", ("tolerated", SYSTEM)),
        ("tolerated", "urn:other", ("other", "")),
        ("Erika Mustermann hat es vertragen", "", ("other", "")),
        ("", "", ("", "")),
        ("a\0\ud800", "b\0", ("other", "")),
    ],
)
def test_only_a_reason_that_cards_offer_is_kept_as_it_is(
    store: FeedbackStore, any_url: str, code: str, system: str, kept: tuple[str, str]
) -> None:
    given(store, replace(OVERRIDDEN, override_code=code, override_system=system))

    [row] = rows(any_url, "feedback")
    assert (row["override_code"], row["override_system"]) == kept


def test_suggestions_of_other_cards_do_not_count(store: FeedbackStore, any_url: str) -> None:
    given(store, replace(ACCEPTED, accepted_suggestions=("elsewhere", "s-two", "s-one", "s-one")))

    assert rows(any_url, "feedback")[0]["accepted"] == "1 2"


def test_times_of_any_zone_are_stored_in_utc(store: FeedbackStore, any_url: str) -> None:
    berlin = NOON.astimezone(timezone(timedelta(hours=1)))
    given(store, replace(ACCEPTED, outcome_timestamp=berlin))

    stored = rows(any_url, "feedback")[0]["outcome_timestamp"]
    assert str(stored)[:19] == "2026-11-21 12:00:00"


def test_what_databases_refuse_is_replaced(store: FeedbackStore, any_url: str) -> None:
    odd = replace(SECOND, client="a\0b\ud800c", hook_instance="é" * 5_000)
    store.remember_shown([odd])

    row = rows(any_url, "shown")[1]
    assert (row["client"], row["hook_instance"]) == ("a\ufffdb?c", "é" * 255)


def test_a_card_that_was_noted_already_is_noted_once(store: FeedbackStore, any_url: str) -> None:
    store.remember_shown([CARD, SECOND])

    assert [row["card"] for row in rows(any_url, "shown")] == [CARD.card, SECOND.card]


def test_what_was_shown_is_found_by_its_traces(store: FeedbackStore) -> None:
    assert store.earlier(["trace-one", "nothing"], LONG_AGO) == [
        Earlier("trace-one", "order-select", CARD.card, CARD.hook_instance, NOON)
    ]
    assert store.earlier(["trace-one"], NOON) == []


def test_the_last_showing_of_a_trace_is_the_one_that_counts(store: FeedbackStore) -> None:
    again = replace(SECOND, traces=CARD.traces, at=NOON + timedelta(minutes=5))
    store.remember_shown([again])
    store.remember_shown([replace(again, card=str(uuid4()), hook="order-sign")])

    found = store.earlier(["trace-one"], LONG_AGO)
    assert {(each.hook, each.at) for each in found} == {
        ("order-select", again.at),
        ("order-sign", again.at),
    }
    assert [each.card for each in found if each.hook == "order-select"] == [SECOND.card]


def muted(store: FeedbackStore) -> set[str]:
    found = store.earlier([*CARD.traces, *SECOND.traces], LONG_AGO)
    return {each.trace for each in found if each.hook == MUTED}


def test_an_override_that_lasts_mutes_all_that_was_on_the_card(store: FeedbackStore) -> None:
    store.remember_shown([SECOND])
    given(store, OVERRIDDEN)

    assert muted(store) == set(CARD.traces)


@pytest.mark.parametrize(
    "entry",
    [
        ACCEPTED,
        replace(OVERRIDDEN, override_code="wish"),
        replace(OVERRIDDEN, override_code=""),
        replace(OVERRIDDEN, override_system="urn:other"),
    ],
)
def test_nothing_else_mutes(store: FeedbackStore, entry: FeedbackEntry) -> None:
    given(store, entry)

    assert muted(store) == set()


def test_a_silence_counts_from_when_we_heard_of_it_not_from_the_client_s_clock(
    store: FeedbackStore,
) -> None:
    given(store, replace(OVERRIDDEN, outcome_timestamp=datetime(2900, 1, 1, tzinfo=UTC)))

    [found] = [each for each in store.earlier(["trace-one"], LONG_AGO) if each.hook == MUTED]
    assert found.at < datetime.now(UTC) + timedelta(minutes=1)


def test_who_accepts_later_wants_to_be_told_again(store: FeedbackStore) -> None:
    given(store, OVERRIDDEN)
    given(store, ACCEPTED)
    assert muted(store) == set()

    given(store, OVERRIDDEN)  # sent once more, late

    assert muted(store) == set()


def test_a_foreign_override_mutes_nothing(store: FeedbackStore) -> None:
    store.record(replace(SENDER, client="other-ehr"), [OVERRIDDEN], REASONS)

    assert muted(store) == set()


def test_what_is_too_old_goes_step_by_step_by_itself(
    any_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "BATCH", 10)
    monkeypatch.setattr(app.feedback.store, "MORE_S", 0.0)
    tidy = open_store(any_url, keep=timedelta(days=100))
    old = datetime.now(UTC) - timedelta(days=101)
    new = replace(SECOND, at=datetime.now(UTC))
    tidy.remember_shown([replace(CARD, card=str(uuid4()), at=old) for _ in range(35)])
    tidy.remember_shown([new])

    left = _eventually_one_left(tidy, any_url)

    assert [row["card"] for row in left] == [new.card]
    assert [row["trace"] for row in rows(any_url, "earlier")] == ["trace-three"]
    tidy.close()


def _eventually_one_left(store: FeedbackStore, url: str) -> list[dict[str, object]]:
    until = monotonic() + 20
    while len(rows(url, "shown")) > 1 and monotonic() < until:
        store.check()
        sleep(0.01)
    return rows(url, "shown")


def test_nothing_is_deleted_where_no_age_is_set(store: FeedbackStore, any_url: str) -> None:
    store.remember_shown([replace(SECOND, at=LONG_AGO)])
    store.check()
    store.check()

    assert len(rows(any_url, "shown")) == 2


def test_feedback_outlives_what_is_known_of_its_card(store: FeedbackStore, any_url: str) -> None:
    long_ago = replace(SECOND, at=LONG_AGO)
    store.remember_shown([long_ago])
    entry = replace(ACCEPTED, card=long_ago.card)
    given(store, entry)
    assert store.purge(LONG_AGO + timedelta(days=1)) == 1 + len(long_ago.traces)

    assert given(store, entry) == [0]
    assert rows(any_url, "feedback")[0]["rule"] == "cyp2c19-clopidogrel"
