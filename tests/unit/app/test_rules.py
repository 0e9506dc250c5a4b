"""`rxhooks rules`: which rules there are, and in which state."""

from dataclasses import replace

import pytest

from app.cli import main
from app.rules import RuleFilter, listing
from tests.unit.hooks.bedside import KIDNEY, rule
from tests.unit.hooks.small import RULE, knowledge

OFF = rule(id="off-rule", catalogue="", status="off", off_reason="rare", drugs=tuple("abcdef"))
OPENED = rule(id="opened", catalogue="GER-001", at="patient-view", drugs=())
KNOWN = replace(knowledge(RULE), biomarkers=(KIDNEY, OFF, OPENED))


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        (RuleFilter(), ["pair-firstin", "firstin-kidney", "off-rule", "opened"]),
        (RuleFilter(drug="FirstIn"), ["pair-firstin", "firstin-kidney"]),
        (RuleFilter(group="LAB"), ["firstin-kidney"]),
        (RuleFilter(group="PGX"), ["pair-firstin"]),
        (RuleFilter(group="site"), ["off-rule"]),
        (RuleFilter(state="off"), ["off-rule"]),
        (RuleFilter(at="patient-view"), ["opened"]),
        (RuleFilter(at="order", state="draft"), []),
    ],
)
def test_rules_are_listed_by_drug_group_state_and_place(asked: RuleFilter, ids: list[str]) -> None:
    assert [line.split()[0] for line in listing(asked, KNOWN)] == ids


def test_a_line_tells_catalogue_id_state_title_drugs_and_why_it_is_off() -> None:
    lines = listing(RuleFilter(), KNOWN)

    assert lines[1] == "firstin-kidney LAB-900 active  Firstin and kidneys [firstin]"
    assert lines[2].endswith("off     Firstin and kidneys [a, b, c, d, 2 more] (off: rare)")
    assert lines[3].endswith("GER-001 active  Firstin and kidneys [chart opening]")


def test_the_command_lists_what_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--drug", "clopidogrel", "--group", "pgx"]) == 0
    assert "cyp2c19-clopidogrel" in capsys.readouterr().out


def test_the_command_is_1_where_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--drug", "nothing"]) == 1
    assert capsys.readouterr().out == "no such rule\n"
