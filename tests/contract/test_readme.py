"""The README's security chapter: each module and test that it names is there, with what it says."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CHAPTER = README[README.index("## Security\n") : README.index("## Deployment\n")]
ROWS = [line.split(" | ")[1:] for line in CHAPTER.splitlines() if line.startswith("| ")][2:]


def named(cell: str) -> list[Path]:
    """The files of *cell*; a name without a folder stands in that of the name before it."""
    found: list[Path] = []
    for name in re.findall(r"`([\w/.]+)`", cell):
        folder = found[-1].parent if found and "/" not in name else ROOT
        found.append(folder / re.sub(r"^checklist/", "tests/contract/checklist/", name))
    return found


def test_every_promise_has_a_module_and_a_test() -> None:
    assert len(ROWS) > 20
    for kept_by, proved_by in ROWS:
        assert named(kept_by) or "everywhere" in kept_by
        assert any("tests" in path.parts for path in named(proved_by))


def test_what_is_named_is_there() -> None:
    assert [path for row in ROWS for cell in row for path in named(cell) if not path.exists()] == []


def test_items_of_the_checklist_are_proved_where_it_says() -> None:
    for _, proved_by in ROWS:
        for told in re.finditer(r"\(([A-M]\d[^)]*)\)", proved_by):
            text = named(proved_by[: told.start()])[-1].read_text("utf-8")
            for item in re.findall(r"[A-M]\d+", told[1]):
                assert f'"{item}"' in text or f"{item.lower()}_" in text, item
