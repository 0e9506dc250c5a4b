"""CPIC's rows beside our branches: a changed word, a changed strength, a row that is gone."""

import csv
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from app.kb.compare import Row, branch_of, compare, fingerprint, fingerprints, read_rows
from hooks.clinical.facts import Missing
from hooks.clinical.guidelines import Branch, Guideline
from hooks.clinical.populations import Population
from hooks.knowledge import Knowledge
from tests.unit.hooks.small import AVOID, RULE, SCORED_RULE, STANDARD, knowledge

COLUMNS = ("drug", "population", "lookup_key", "classification", "recommendation_text", "comments")
POOR = ("firstin", "general", '{"PAIR": "Poor"}', "Strong", "Avoid it", "n/a")
INTERMEDIATE = ("firstin", "general", '{"PAIR": "Intermediate"}', "Moderate", "Less of it", "n/a")
NORMAL = ("firstin", "general", '{"PAIR": "Normal"}', "Strong", "Use it", "n/a")
UNCLEAR = ("firstin", "general", '{"PAIR": "Indeterminate"}', "No Recommendation", "-", "n/a")
ALL = (POOR, INTERMEDIATE, NORMAL, UNCLEAR)
Cells = tuple[str, ...]


def table(folder: Path, rows: Iterable[Cells]) -> list[Row]:
    """*rows* as they are read from a file in *folder*."""
    with (folder / "recommendations.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([COLUMNS, *rows])
    return read_rows(folder)


def read_from(rows: list[Row], rule: Guideline = RULE) -> Knowledge:
    """A knowledge whose branches carry the fingerprints of *rows*."""
    prints = fingerprints(rows, knowledge(rule))
    branches = tuple(
        replace(branch, reads=prints.get((rule.id, branch.id), "")) for branch in rule.branches
    )
    return knowledge(replace(rule, branches=branches))


@pytest.fixture
def known(tmp_path: Path) -> Knowledge:
    """A knowledge that was read from ALL."""
    return read_from(table(tmp_path, ALL))


def changed(row: Cells, column: str, value: str) -> Cells:
    cells = list(row)
    cells[COLUMNS.index(column)] = value
    return tuple(cells)


def test_rows_are_read_with_their_key_and_their_strength_in_lower_case(tmp_path: Path) -> None:
    [row] = table(tmp_path, [changed(UNCLEAR, "population", " general ")])

    assert row == Row(
        "firstin", "general", {"PAIR": "Indeterminate"}, "no recommendation", "-", "n/a"
    )
    assert row.name == "firstin, general, PAIR Indeterminate"


def test_what_was_read_from_the_same_rows_does_not_differ(tmp_path: Path, known: Knowledge) -> None:
    assert list(compare(table(tmp_path, ALL), known)) == []


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path, known: Knowledge) -> None:
    assert list(compare(table(tmp_path, reversed(ALL)), known)) == []


@pytest.mark.parametrize("column", ["recommendation_text", "comments"])
def test_a_changed_word_is_noticed(tmp_path: Path, known: Knowledge, column: str) -> None:
    rows = table(tmp_path, [changed(POOR, column, "other words"), *ALL[1:]])

    assert list(compare(rows, known)) == [
        "pair-firstin/poor: the 1 rows behind it changed, or were never read"
    ]


def test_a_changed_strength_is_noticed_and_told(tmp_path: Path, known: Knowledge) -> None:
    rows = table(tmp_path, [changed(POOR, "classification", "Optional"), *ALL[1:]])

    assert list(compare(rows, known)) == [
        "firstin, general, PAIR Poor: optional, but pair-firstin/poor is strong",
        "pair-firstin/poor: the 1 rows behind it changed, or were never read",
    ]


def test_a_row_that_is_gone_is_noticed(tmp_path: Path, known: Knowledge) -> None:
    assert list(compare(table(tmp_path, ALL[1:]), known)) == [
        "pair-firstin/poor: no row leads here any more"
    ]


def test_a_row_that_is_added_to_a_branch_is_noticed(tmp_path: Path, known: Knowledge) -> None:
    rows = table(tmp_path, [*ALL, changed(POOR, "population", "children")])

    assert list(compare(rows, known)) == [
        "pair-firstin/poor: the 2 rows behind it changed, or were never read"
    ]


def test_a_branch_that_was_never_read_from_a_row_is_noticed(tmp_path: Path) -> None:
    found = list(compare(table(tmp_path, ALL), knowledge(RULE)))

    assert len(found) == len(RULE.branches)
    assert all("or were never read" in line for line in found)


def test_a_row_that_no_branch_answers_is_told(tmp_path: Path, known: Knowledge) -> None:
    rows = table(tmp_path, [*ALL, changed(POOR, "lookup_key", '{"PAIR": "Superb"}')])

    assert list(compare(rows, known)) == [
        "firstin, general, PAIR Superb: the guideline says nothing on PAIR Superb"
    ]


def test_rows_of_other_drugs_and_genes_are_none_of_ours(tmp_path: Path, known: Knowledge) -> None:
    others = [
        changed(POOR, "drug", "anotherin"),
        changed(POOR, "lookup_key", '{"OTHER": "Poor"}'),
        changed(POOR, "lookup_key", '{"PAIR": "Poor", "OTHER": "Poor"}'),
    ]

    assert list(compare(table(tmp_path, [*ALL, *others]), known)) == []


def test_a_population_leads_to_its_own_branch(tmp_path: Path) -> None:
    rule = replace(
        RULE,
        populations=(Population("young", "children", "pediatrics"), Population("old", "-", "old")),
        branches=(
            replace(AVOID, id="young", populations=frozenset({"young"})),
            replace(AVOID, id="old", populations=frozenset({"old"})),
            STANDARD,
        ),
    )
    [young] = table(tmp_path, [changed(POOR, "population", "pediatrics")])
    [unknown] = table(tmp_path, [changed(POOR, "population", "somebody")])

    found = branch_of(young, rule, knowledge(rule))

    assert isinstance(found, Branch)
    assert found.id == "young"
    assert isinstance(branch_of(unknown, rule, knowledge(rule)), Missing)


@pytest.mark.parametrize(
    ("score", "branch"),
    [
        ("0.0", "poor"),
        ("0.5", "intermediate"),
        ("1.25", "normal"),
        ("≥3.0", "ultrarapid"),
        ("n/a", "indeterminate"),
    ],
)
def test_an_activity_score_is_looked_up_as_a_score(tmp_path: Path, score: str, branch: str) -> None:
    [row] = table(tmp_path, [changed(POOR, "lookup_key", f'{{"SCORED": "{score}"}}')])

    found = branch_of(row, SCORED_RULE, knowledge(SCORED_RULE))

    assert isinstance(found, Branch)
    assert found.id == branch


def test_a_fingerprint_covers_who_how_strong_and_every_word(tmp_path: Path) -> None:
    [row] = table(tmp_path, [POOR])
    others = [
        replace(row, drug="x"),
        replace(row, population="x"),
        replace(row, key={"PAIR": "x"}),
        replace(row, strength="x"),
        replace(row, text="x"),
        replace(row, note="x"),
    ]

    prints = {fingerprint([each]) for each in (row, *others)}

    assert len(prints) == 7
    assert all(each.startswith("sha256:") for each in prints)
