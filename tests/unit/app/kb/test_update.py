"""An update from one release to the next: taken over whole, or refused and nothing touched."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.kb.api import TableUnsound
from app.kb.compare import fingerprints, row_of
from app.kb.shapes import ApiTable
from app.kb.snapshot import read, tables_of
from app.kb.update import Update, UpdateRefused, update
from hooks.knowledge import Knowledge
from tests.unit.app.kb.release import ApiRows, release
from tests.unit.hooks.small import RULE, knowledge

TODAY = date(2026, 11, 21)


@dataclass
class FakeApi:
    """An API that has *tables*; its change log has a newer date each time if *moving*."""

    tables: Mapping[str, list[dict[str, Any]]]
    newest: tuple[str, ...] = ("2026-08-12",)
    base: str = "https://api.example/v1"
    asked: int = 0

    def table(self, table: ApiTable) -> list[dict[str, Any]]:
        if table.name not in self.tables:
            raise TableUnsound(f"{table.name}: answered 404")
        return self.tables[table.name]

    def newest_change(self) -> str:
        self.asked += 1
        return self.newest[min(self.asked, len(self.newest)) - 1]


def run(
    api: FakeApi, to: Path, earlier: Path | None = None, known: Knowledge | None = None
) -> Update:
    return update(api, to, earlier or to, known or knowledge(RULE), TODAY)  # type: ignore[arg-type]


def refused(api: FakeApi, to: Path, earlier: Path | None = None) -> list[str]:
    with pytest.raises(UpdateRefused) as caught:
        run(api, to, earlier)
    return caught.value.problems


def changed(change: Callable[[ApiRows], object]) -> FakeApi:
    rows = release()
    change(rows)
    return FakeApi(rows)


def test_a_sound_release_is_taken_over(tmp_path: Path) -> None:
    done = run(FakeApi(release()), tmp_path / "tables")

    assert read(tmp_path / "tables") == tables_of(release())
    assert (done.rows, done.newest_change) == (19, "2026-08-12")
    manifest = json.loads((tmp_path / "tables" / "manifest.json").read_text())
    assert (manifest["read"], manifest["url"]) == ("2026-11-21", "https://api.example/v1")


def test_the_branches_whose_source_changed_are_listed(tmp_path: Path) -> None:
    rows = [row_of(cells) for cells in tables_of(release())["recommendations"]]
    prints = fingerprints(rows, knowledge(RULE))
    branches = tuple(
        replace(branch, reads=prints.get((RULE.id, branch.id), "")) for branch in RULE.branches
    )
    known = knowledge(replace(RULE, branches=branches))
    other = changed(lambda api: api["recommendation"][0].update(drugrecommendation="Other"))

    assert run(FakeApi(release()), tmp_path / "a", known=known).branches == ()
    assert run(other, tmp_path / "b", known=known).branches == (
        "pair-firstin/poor: the 1 rows behind it changed, or were never read",
    )


@pytest.mark.parametrize(
    ("api", "told"),
    [
        (FakeApi({}), "gene: answered 404"),
        (changed(lambda api: api["gene"].clear()), "gene: is empty"),
        (
            changed(lambda api: api["gene"][0].update(symbol=None)),
            "gene: row 1: symbol is not a text",
        ),
        (
            FakeApi(release(), ("2026-08-12", "2026-08-13")),
            "change_log: was of 2026-08-12, then of 2026-08-13: changed while it was read",
        ),
        (
            changed(lambda api: api["recommendation"][0].update(classification="Firm")),
            "recommendation: unknown classification 'Firm' (1 rows)",
        ),
    ],
)
def test_an_unsound_release_is_refused_and_nothing_written(
    tmp_path: Path, api: FakeApi, told: str
) -> None:
    assert refused(api, tmp_path / "tables") == [told]
    assert list(tmp_path.iterdir()) == []


def test_what_got_lost_since_the_last_time_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    run(FakeApi(release()), folder)

    told = refused(changed(lambda api: api["allele"].pop()), folder)

    assert told == ["alleles: had 3 rows, has 2: more than 5 % fewer"]
    assert read(folder) == tables_of(release())


def test_another_folder_may_be_the_earlier_one(tmp_path: Path) -> None:
    run(FakeApi(release()), tmp_path / "old")

    told = refused(changed(lambda api: api["allele"].pop()), tmp_path / "new", tmp_path / "old")

    assert told == ["alleles: had 3 rows, has 2: more than 5 % fewer"]
    assert not (tmp_path / "new").exists()


def test_an_earlier_folder_without_tables_is_refused(tmp_path: Path) -> None:
    [told] = refused(FakeApi(release()), tmp_path / "new", tmp_path / "nowhere")

    assert told.endswith("nowhere: holds no tables to compare with")


def test_a_folder_with_other_files_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("mine")

    [told] = refused(FakeApi(release()), tmp_path)

    assert told.endswith("holds notes.md, which would be lost")
    assert (tmp_path / "notes.md").read_text() == "mine"
