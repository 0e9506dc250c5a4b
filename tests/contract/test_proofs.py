"""The checklist against the tests: what is proved, what is owed, what is a slip of the pen."""

from pathlib import Path

from tests.contract.proofs import items, proofs, report

LISTED = {
    name: {"id": name, "level": level, "title": "t"}
    for name, level in {"A1": "MUST", "A2": "PROJ", "A3": "SHOULD"}.items()
}


def test_ids_are_read_from_marks_and_names(tmp_path: Path) -> None:
    source = '@pytest.mark.proves("A1", "A3")\ndef test_x(): ...\n\ndef test_a2_j1_y(): ...\n'
    (tmp_path / "test_it.py").write_text(source, "utf-8")

    assert proofs(tmp_path) == {
        "A1": ["test_it.py:1"],
        "A3": ["test_it.py:1"],
        "A2": ["test_it.py:4"],
        "J1": ["test_it.py:4"],
    }


def test_what_is_demanded_and_has_no_test_is_owed() -> None:
    text, status = report(LISTED, {"A1": ["x"]})

    assert status == 1
    assert "no test: A2" in text
    assert "no test: A1" not in text


def test_a_should_without_a_test_is_told_and_not_owed() -> None:
    text, status = report(LISTED, {"A1": ["x"], "A2": ["y"]})

    assert status == 0
    assert "no test: A3" in text


def test_an_id_that_is_not_listed_is_a_mistake() -> None:
    assert report(LISTED, {"A1": ["x"], "A2": ["y"], "Z9": ["file:1"]})[1] == 1


def test_no_test_names_an_id_that_is_not_listed() -> None:
    assert proofs().keys() <= items().keys()
