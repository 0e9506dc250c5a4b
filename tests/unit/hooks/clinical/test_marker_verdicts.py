"""All results of a marker together: a positive wins, or the latest one does."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from hooks.clinical.elements import Known
from hooks.clinical.facts import Evidence, Missing, Why
from hooks.clinical.logic import Truth
from hooks.clinical.marker_verdicts import BOTH_COPIES, latest, positive_wins
from hooks.clinical.markers import UNRANKED, Bearing, Marker

YES, NO, OPEN = Truth.YES, Truth.NO, Truth.UNKNOWN
TWO = Marker("TWO", "two genes", genes=("AAA", "BBB"))
GAP = Missing("TWO", Why.NOT_FETCHED, "not asked for")


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def said(truth: Truth, on: int | None = 1, *genes: str, **more: object) -> Bearing:
    """A bearing of *truth* of that day of January."""
    where = Evidence(f"Observation/{on}", date(2026, 1, on) if on else None, "Lab")
    at = day(on) if on else None
    told = f"{truth.name} {on}"
    found = Bearing(truth, told, where, at, frozenset(genes), why="is not plain")
    return replace(found, **more)  # type: ignore[arg-type]


def test_a_positive_wins_over_newer_negatives() -> None:
    found = positive_wins(TWO, [said(NO, 9), said(YES, 1), said(OPEN, 8)])

    assert found == Known(YES, "YES 1", (Evidence("Observation/1", date(2026, 1, 1), "Lab"),))


def test_a_positive_holds_where_there_may_be_more() -> None:
    assert positive_wins(TWO, [said(NO), said(YES)], GAP) == positive_wins(TWO, [said(YES)])


def test_a_negative_does_not_hold_where_there_may_be_more() -> None:
    assert positive_wins(TWO, [said(NO)], GAP) == GAP


def test_a_doubt_that_is_not_older_than_every_negative_leaves_it_open() -> None:
    doubt = Missing("TWO", Why.UNREADABLE, "UNKNOWN 5: is not plain")

    assert positive_wins(TWO, [said(NO, 4), said(OPEN, 5)]) == doubt
    assert positive_wins(TWO, [said(NO, 5), said(OPEN, 5)]) == doubt


def test_a_later_negative_settles_a_doubt() -> None:
    found = positive_wins(TWO, [said(OPEN, 4), said(NO, 5)])

    assert isinstance(found, Known)
    assert found.value is NO


@pytest.mark.parametrize(("doubt", "negative"), [(None, 5), (4, None)])
def test_without_a_date_nothing_is_settled(doubt: int | None, negative: int | None) -> None:
    found = positive_wins(TWO, [said(OPEN, doubt), said(NO, negative)])

    assert isinstance(found, Missing)
    assert found.why is Why.UNREADABLE


def test_a_doubt_that_does_not_count_speaks_only_where_nothing_else_does() -> None:
    waiting = said(OPEN, 9, counts=False)

    assert isinstance(positive_wins(TWO, [waiting]), Missing)
    assert isinstance(positive_wins(TWO, [waiting, said(NO, 1)]), Known)


def test_every_gene_has_to_be_without_a_change() -> None:
    one = positive_wins(TWO, [said(NO, 1, "AAA")])

    assert one == Missing("TWO", Why.NOT_RECORDED, "no result of BBB")
    assert isinstance(positive_wins(TWO, [said(NO, 1, "AAA"), said(NO, 2, "BBB")]), Known)


def test_a_fusion_is_ruled_out_by_one_of_its_genes() -> None:
    fusion = replace(TWO, negative_in="one")

    assert isinstance(positive_wins(fusion, [said(NO, 1, "AAA")]), Known)
    assert positive_wins(fusion, []) == Missing("TWO", Why.NOT_RECORDED)


def test_a_partial_negative_beside_a_result_that_does_not_count_is_unreadable() -> None:
    found = positive_wins(TWO, [said(NO, 1, "AAA"), said(OPEN, 9, counts=False)])

    assert found == Missing("TWO", Why.UNREADABLE, "UNKNOWN 9: is not plain")


def test_a_card_tells_the_newest_three_and_how_many_more() -> None:
    found = positive_wins(TWO, [said(YES, number) for number in range(1, 6)])

    assert isinstance(found, Known)
    assert found.shown == "YES 5; YES 4; YES 3; 2 more"
    assert len(found.evidence) == 5


def test_notes_are_told_once() -> None:
    found = positive_wins(TWO, [said(NO, 1, note="counted"), said(NO, 2, note="counted")])

    assert isinstance(found, Known)
    assert found.note == "counted"


# Two copies


def test_two_changes_of_one_report_are_both_copies() -> None:
    found = positive_wins(TWO, [said(NO, 1, copy="p.Tyr179Cys"), said(NO, 1, copy="p.Gly396Asp")])

    assert isinstance(found, Known)
    assert (found.value, found.note) == (YES, BOTH_COPIES)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((1, "p.Tyr179Cys"), (1, "p.Y179C")),
        ((1, "p.Tyr179Cys"), (1, "c.1187G>A")),
        ((1, "p.Tyr179Cys"), (2, "p.Gly396Asp")),
        ((None, "p.Tyr179Cys"), (None, "p.Gly396Asp")),
    ],
    ids=["the same", "told in another way", "of another day", "without a date"],
)
def test_what_may_be_one_change_is_one_copy(
    first: tuple[int | None, str], second: tuple[int | None, str]
) -> None:
    found = positive_wins(TWO, [said(NO, on, copy=copy) for on, copy in (first, second)])

    assert isinstance(found, Known)
    assert found.value is NO


# The latest


def test_the_latest_wins() -> None:
    assert latest(TWO, [said(YES, 1), said(NO, 2)]) == Known(NO, "NO 2", (said(NO, 2).evidence,))


def test_the_latest_may_be_missing_where_there_may_be_more() -> None:
    assert latest(TWO, [said(YES)], GAP) == GAP


def test_a_newer_result_that_cannot_be_read_leaves_it_open() -> None:
    found = latest(TWO, [said(YES, 1), said(OPEN, 2)])

    assert found == Missing("TWO", Why.UNREADABLE, "UNKNOWN 2: is not plain")


def test_results_of_one_moment_that_differ_conflict() -> None:
    found = latest(TWO, [said(YES, 2), said(NO, 2), said(NO, 1)])

    assert found == Missing("TWO", Why.CONFLICTING, "results of one moment differ")


def test_of_one_moment_the_corrected_one_wins() -> None:
    found = latest(TWO, [said(YES, 2, rank=UNRANKED), said(NO, 2, rank=(0, 2, UNRANKED[-1]))])

    assert isinstance(found, Known)
    assert found.value is NO


def test_without_a_date_results_have_to_agree() -> None:
    assert isinstance(latest(TWO, [said(YES, None)]), Known)
    differ = latest(TWO, [said(YES, None), said(NO, 2)])
    assert differ == Missing("TWO", Why.CONFLICTING, "results differ, and one has no date")


def test_a_result_that_does_not_count_is_not_the_latest() -> None:
    waiting = said(OPEN, 9, counts=False)

    assert isinstance(latest(TWO, [waiting, said(YES, 1)]), Known)
    assert isinstance(latest(TWO, [waiting]), Missing)
    assert latest(TWO, []) == Missing("TWO", Why.NOT_RECORDED)
