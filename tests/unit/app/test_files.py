"""Files that are written whole or not at all."""

from pathlib import Path

import pytest

from app.files import replaced


def test_a_file_is_written_and_readable(tmp_path: Path) -> None:
    with replaced(tmp_path / "a.csv") as out:
        out.write("one\n")

    assert (tmp_path / "a.csv").read_text() == "one\n"
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o644


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("old")
    file.chmod(0o600)

    with replaced(file) as out:
        out.write("new")

    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o600)


def test_if_writing_fails_the_file_stays_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("old")

    with pytest.raises(UnicodeEncodeError), replaced(tmp_path / "a.csv") as out:
        out.write("new \ud800")

    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.csv", "old")]
