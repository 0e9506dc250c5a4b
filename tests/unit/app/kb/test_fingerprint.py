"""`reads` lines of guideline files, written from CPIC's rows and nothing else changed."""

import csv
import tomllib
from pathlib import Path

import pytest

from app.kb.compare import Row, compare, read_rows
from app.kb.fingerprint import NotRewritable, knowledge_of, pin, with_fingerprints
from tests.unit.hooks.knowledge.files import READS, RULE, site, written

COLUMNS = ("drug", "population", "lookup_key", "classification", "recommendation_text", "comments")
POOR = ("firstin", "general", '{"PAIR": "Poor"}', "Strong", "Avoid it", "n/a")
INTERMEDIATE = ("firstin", "general", '{"PAIR": "Intermediate"}', "Strong", "Avoid it", "n/a")
NORMAL = ("firstin", "general", '{"PAIR": "Normal"}', "Strong", "Use it", "n/a")
ALL = (POOR, INTERMEDIATE, NORMAL)
NAME = "pair-firstin.toml"
PRINT = "sha256:" + "a" * 64
PRINTS = {("pair-firstin", "not-normal"): PRINT, ("pair-firstin", "normal"): PRINT}


def rows(folder: Path, *cells: tuple[str, ...]) -> list[Row]:
    """*cells* as they are read from a file in *folder*."""
    with (folder / "recommendations.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([COLUMNS, *cells])
    return read_rows(folder)


def reads(text: str) -> dict[str, str]:
    """The fingerprint of each branch in *text*."""
    rule = tomllib.loads(text)
    kinds = ("recommendation", "no_action", "cannot_tell")
    return {b["id"]: b.get("reads", "") for kind in kinds for b in rule.get(kind, [])}


@pytest.fixture
def guidelines(tmp_path: Path) -> Path:
    """The guidelines of a whole knowledge."""
    return written(tmp_path / "knowledge") / "guidelines"


def test_after_pinning_nothing_differs(tmp_path: Path, guidelines: Path) -> None:
    found = rows(tmp_path, *ALL)
    assert not compare(found, knowledge_of(guidelines)).explained

    done = pin(guidelines, found)

    assert compare(found, knowledge_of(guidelines)).explained
    assert done.written == (f"{NAME}: 2 branches",)
    assert done.unreached == ()


def test_a_second_time_there_is_nothing_to_write(tmp_path: Path, guidelines: Path) -> None:
    found = rows(tmp_path, *ALL)
    pin(guidelines, found)

    assert pin(guidelines, found).written == ()


def test_a_changed_word_changes_only_its_own_branch(tmp_path: Path, guidelines: Path) -> None:
    pin(guidelines, rows(tmp_path, *ALL))
    before = reads((guidelines / NAME).read_text())

    done = pin(guidelines, rows(tmp_path, POOR, INTERMEDIATE, (*NORMAL[:-1], "since 2026")))

    after = reads((guidelines / NAME).read_text())
    assert done.written == (f"{NAME}: 1 branches",)
    assert {name for name in after if after[name] != before[name]} == {"normal"}


def test_a_branch_that_no_row_reaches_is_told_and_left_as_it_is(
    tmp_path: Path, guidelines: Path
) -> None:
    done = pin(guidelines, rows(tmp_path, POOR, INTERMEDIATE))

    assert done.unreached == ("pair-firstin/normal: no row leads here",)
    assert reads((guidelines / NAME).read_text())["normal"] == READS


def test_a_branch_without_fingerprint_is_told_unless_it_stands_without_rows(
    tmp_path: Path,
) -> None:
    bare = RULE.replace(f'reads = "{READS}"\n', "")
    folder = written(tmp_path, {f"guidelines/{NAME}": bare}) / "guidelines"

    assert pin(folder, rows(tmp_path)).unreached == (
        "pair-firstin/not-normal: no row leads here",
        "pair-firstin/normal: no row leads here",
    )


def test_a_site_s_own_guidelines_are_pinned_and_ours_left_alone(tmp_path: Path) -> None:
    rule = RULE.replace('"PAIR"', '"CYP2C19"').replace("when.PAIR", "when.CYP2C19")
    rule = rule.replace('"firstin"', '"clopidogrel"').replace('"secondin"', '"prasugrel"')
    own = site(tmp_path / "site", {"guidelines/site-rule.toml": rule, "sources.toml": ""})
    row = ("clopidogrel", "general", '{"CYP2C19": "Normal"}', "Strong", "Use it", "n/a")

    done = pin(own / "guidelines", rows(tmp_path, row))

    assert done.written == ("site-rule.toml: 1 branches",)
    assert done.unreached == ("pair-firstin/not-normal: no row leads here",)


def test_only_the_fingerprints_change() -> None:
    found = with_fingerprints(RULE, PRINTS)

    assert found == RULE.replace(READS, PRINT)


def test_a_branch_without_the_line_gets_one_at_its_end() -> None:
    found = with_fingerprints(RULE.replace(f'reads = "{READS}"\n', ""), PRINTS)

    assert reads(found) == {"not-normal": PRINT, "normal": PRINT, "indeterminate": ""}
    assert f'action = {{ do = "standard-dose" }}\nreads = "{PRINT}"\n' in found


def test_a_file_without_a_last_line_break_is_whole_afterwards() -> None:
    text = RULE.replace('reads = "' + READS + '"\n', "").rstrip()
    prints = {("pair-firstin", "indeterminate"): PRINT}

    assert reads(with_fingerprints(text, prints))["indeterminate"] == PRINT


def test_a_remark_behind_the_fingerprint_stays() -> None:
    text = RULE.replace(f'reads = "{READS}"\n', f'reads = "{READS}"  # read twice\n', 1)

    assert f'reads = "{PRINT}"  # read twice\n' in with_fingerprints(text, PRINTS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('rationale = "It is so."', 'rationale = """\nreads = "x"\n"""'),
        ('rationale = "It is so."', 'rationale = """\n[[not a table\n"""'),
    ],
    ids=["a line of a text that looks like a fingerprint", "a text that looks like a table"],
)
def test_a_file_that_cannot_be_told_apart_by_lines_is_refused(old: str, new: str) -> None:
    with pytest.raises(NotRewritable, match="pair-firstin"):
        with_fingerprints(RULE.replace(old, new), PRINTS)


def test_if_one_file_cannot_be_written_none_is(tmp_path: Path, guidelines: Path) -> None:
    odd = RULE.replace('"pair-firstin"', '"z-rule"').replace(
        'rationale = "It is so."', 'rationale = """\nreads = "x"\n"""'
    )
    (guidelines / "z-rule.toml").write_text(odd)

    with pytest.raises(NotRewritable):
        pin(guidelines, rows(tmp_path, *ALL))

    assert (guidelines / NAME).read_text() == RULE
