"""A folder of CPIC tables: what is in it, that it is whole, and that it is exchanged as a whole."""

import hashlib
import json
from pathlib import Path

import pytest

from app.kb.compare import read_rows
from app.kb.snapshot import COLUMNS, foreign, read, tables_of, write
from tests.unit.app.kb.release import release

ABOUT = {"newest_change": "2026-08-12"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of the small release."""
    write(tmp_path / "tables", tables_of(release()), ABOUT)
    return tmp_path / "tables"


def test_recommendations_are_written_as_they_are_compared(folder: Path) -> None:
    rows = read_rows(folder)

    assert {row.name for row in rows} == {
        "firstin, general, PAIR Poor",
        "firstin, general, PAIR Normal",
        "firstin, general, PAIR No Result, SCORED 2.0",
    }
    assert {row.text for row in rows} == {"Avoid it", "Use it"}


def test_a_drug_is_written_with_its_codes_and_its_guideline() -> None:
    first, second = tables_of(release())["drugs"]

    assert first == {
        "drug": "firstin",
        "rxnorm_ingredient_cui": "1001",
        "cpic_drugid": "RxNorm:1001",
        "atc_codes": "A01AA01",
        "cpic_guideline": "PAIR and firstin",
        "guideline_url": "https://society.example/1",
        "guideline_pmids": "7654321",
    }
    assert set(second.values()) == {"mouth drugs", "ATC:A01", ""}


def test_a_phenotype_is_written_with_the_gene_that_its_result_is_of() -> None:
    assert tables_of(release())["phenotypes"][0] == {
        "gene": "PAIR",
        "activity_score": "",
        "function_1": "No function",
        "function_2": "No function",
        "value_1": "",
        "value_2": "",
        "phenotype": "Poor",
    }


def test_true_and_false_are_words_and_a_list_is_json() -> None:
    tables = tables_of(release())

    assert tables["pairs"][0]["provisional"] == "no"
    assert json.loads(tables["test_alerts"][0]["alert_text"]) == ["Test first"]


def test_an_alert_of_no_drug_has_none() -> None:
    api = release()
    api["test_alert"][0]["drugid"] = None

    assert tables_of(api)["test_alerts"][0]["drug"] == ""


def test_the_order_of_the_api_s_rows_and_their_ids_do_not_matter() -> None:
    api = release()
    api["recommendation"].reverse()
    for number, row in enumerate(api["recommendation"]):
        row["id"] = number

    assert tables_of(api) == tables_of(release())


def test_what_was_written_is_read_again(folder: Path) -> None:
    assert read(folder) == tables_of(release())


def test_the_manifest_pins_each_table(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())

    assert manifest["newest_change"] == "2026-08-12"
    assert manifest["tables"].keys() == COLUMNS.keys()
    for name, pinned in manifest["tables"].items():
        content = (folder / f"{name}.csv").read_bytes()
        assert pinned["sha256"] == hashlib.sha256(content).hexdigest()
        assert pinned["rows"] == len(content.splitlines()) - 1


def test_a_table_that_is_not_as_pinned_is_not_read(folder: Path) -> None:
    with (folder / "genes.csv").open("a") as out:
        out.write("X,,,\n")

    with pytest.raises(ValueError, match=r"genes\.csv is not as manifest\.json pins it"):
        read(folder)


def test_tables_without_a_manifest_are_read_as_they_are(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    (folder / "genes.csv").unlink()

    assert read(folder).keys() == COLUMNS.keys() - {"genes"}


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "nowhere") == {}
    assert foreign(tmp_path / "nowhere") == []


def test_a_folder_s_other_files_are_named(folder: Path) -> None:
    assert foreign(folder) == []

    (folder / "notes.md").touch()

    assert foreign(folder) == ["notes.md"]


def test_a_second_writing_takes_the_place_of_the_first(folder: Path) -> None:
    later = release()
    later["test_alert"] = []

    write(folder, tables_of(later), ABOUT)

    assert read(folder) == tables_of(later)
    assert [each.name for each in folder.parent.iterdir()] == ["tables"]


def test_if_the_folder_cannot_be_exchanged_the_earlier_one_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def full(self: Path, target: Path) -> Path:
        if target == folder and "-earlier" not in self.name:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space left"):
        write(folder, {"genes": []}, ABOUT)

    assert read(folder) == tables_of(release())
    assert [each.name for each in folder.parent.iterdir()] == ["tables"]
