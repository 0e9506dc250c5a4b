"""The files of rules on data elements: their shape, their conditions, their units."""

import shutil
from pathlib import Path

import pytest

from hooks.knowledge import Knowledge, KnowledgeError, load
from hooks.knowledge.lint_biomarkers import lint_biomarkers
from hooks.knowledge.policy import Policy, RulePolicy, effective, with_policy
from tests.unit.hooks.knowledge.files import FILES, site, written

FILE = """
title = "Firstin and age"
source = "society"
reviewed_by = []
drugs = ["firstin"]
known_limits = "Everything here is invented."

[units]
age = "a"

[[rule]]
id = "firstin-old"
catalogue = "LAB-900"
title = "Firstin in old age"
status = "active"
gate = 'not cond("stroke")'
when = "age >= 65"
indicator = "warning"
action = { do = "avoid" }
summary = "Avoid {drug} at {age}"
advice = "Choose another drug."
rationale = "It is not for the old."
cites = "A label"
source_check = "verified"
harm = "moderate"

[rule.missing]
policy = "info"
indicator = "info"
summary = "{Drug}: the age is not known"
advice = "Look at the age."
"""
CONDITIONS = FILES["conditions.csv"] + "stroke,icd10cm,I63,Cerebral infarction,category,WHO\n"


def loaded(folder: Path, *changes: tuple[str, str]) -> Knowledge:
    text = FILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load(written(folder, {"biomarkers/old.toml": text, "conditions.csv": CONDITIONS}))


def refused(folder: Path, *changes: tuple[str, str]) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        loaded(folder, *changes)
    return caught.value.problems


def test_a_rule_is_read_with_its_conditions_texts_and_policy(tmp_path: Path) -> None:
    known = loaded(tmp_path)
    [rule] = known.biomarkers

    assert (rule.id, rule.drugs, rule.missing) == ("firstin-old", ("firstin",), "info")
    assert [str(term) for term in rule.terms] == ['cond("stroke")', "age"]
    assert [branch.indicator for branch in rule.branches] == ["warning", "", "info"]
    assert known.biomarkers_for("firstin") == (rule,)
    assert known.rules[-1] == rule


def test_the_name_of_a_class_stands_for_its_drugs(tmp_path: Path) -> None:
    [rule] = loaded(tmp_path, ('drugs = ["firstin"]', 'drugs = ["FIRST", "firstin"]')).biomarkers

    assert rule.drugs == ("firstin",)


def test_a_rule_may_name_drugs_of_its_own_and_limits(tmp_path: Path) -> None:
    own = ('harm = "moderate"', 'harm = "moderate"\ndrugs = []\nknown_limits = "More."')
    [rule] = loaded(tmp_path, own).biomarkers

    assert rule.drugs == ()
    assert rule.known_limits == "Everything here is invented. More."


def test_a_rule_may_be_about_some_routes_of_administration(tmp_path: Path) -> None:
    some = ("[rule.missing]", 'routes = ["oral", "intraven"]\n\n[rule.missing]')
    [rule] = loaded(tmp_path, some).biomarkers

    assert rule.routes == ("oral", "intraven")


def test_a_silent_rule_has_no_texts_on_what_is_missing(tmp_path: Path) -> None:
    start = FILE.index('policy = "info"')
    [rule] = loaded(tmp_path, (FILE[start:], 'policy = "silent"\n')).biomarkers

    assert [branch.rationale for branch in rule.branches] == ["It is not for the old.", "", ""]


def test_a_rule_for_opened_charts_has_no_drugs(tmp_path: Path) -> None:
    known = loaded(tmp_path, ('status = "active"', 'status = "active"\nat = "patient-view"'))

    assert known.biomarkers_for("firstin") == ()
    assert known.chart_rules == known.biomarkers
    assert known.chart_rules[0].drugs == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([("age >= 65", "agee >= 65")], "old.toml: firstin-old: when: column 1: unknown element"),
        ([('"stroke"', '"strok"')], "old.toml: firstin-old: gate: column 5: unknown condition"),
        ([('age = "a"', 'age = "mo"')], "old.toml: units.age: age is measured in a"),
        ([('age = "a"', "")], "old.toml: units.age: is not there; age is measured in a"),
        (
            [('age = "a"', 'age = "a"\nweight = "kg"')],
            "old.toml: units.weight: no rule of the file compares it",
        ),
        ([('status = "active"', 'status = "off"')], 'off_reason goes with status "off"'),
        ([('"verified"', '"from memory"')], "a statement that was not verified is a draft"),
        ([('advice = "Look at the age."', "")], "go with a policy that speaks"),
        ([('"LAB-900"', '"ABC-123"')], "catalogue: String does not match expected pattern"),
        (
            [("[rule.missing]", 'routes = ["intravenus"]\n\n[rule.missing]')],
            "unknown route intravenus; is intravenous meant?",
        ),
        (
            [('title = "Firstin in old age"', 'titel = "x"')],
            "old.toml: firstin-old: rule.0.titel: Unknown field; is title meant?",
        ),
        ([('id = "firstin-old"', "id = 3")], "old.toml: rule.0.id: Not a valid string."),
        ([("[units]", "rule = 3\n\n[units]"), (FILE[FILE.index("[[rule]]") :], "")], "rule: "),
    ],
)
def test_what_is_wrong_with_a_rule_is_told(
    tmp_path: Path, changes: list[tuple[str, str]], told: str
) -> None:
    assert told in " ".join(refused(tmp_path, *changes))


def test_every_condition_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    start = FILE.index("[[rule]]")
    rule = FILE[start:].replace("age >= 65", "agee >= 65").replace('"stroke"', '"strok"')

    assert refused(tmp_path, (FILE[start:], rule + rule.replace("firstin-old", "second"))) == [
        f"old.toml: {name}: {problem}"
        for name in ("firstin-old", "second")
        for problem in (
            "gate: column 5: unknown condition strok; is stroke meant?",
            "when: column 1: unknown element agee; is age meant?",
        )
    ]


def test_lint_names_the_file_of_a_rule_and_the_nearest_drug(tmp_path: Path) -> None:
    known = loaded(tmp_path, ('drugs = ["firstin"]', 'drugs = ["fristin"]'))

    assert list(lint_biomarkers(known)) == [
        "old.toml: firstin-old: drug 'fristin' is not in drugs.csv; is firstin meant?"
    ]


def test_two_rules_of_one_id_are_told(tmp_path: Path) -> None:
    start = FILE.index("[[rule]]")

    assert "firstin-old: is there twice" in refused(tmp_path, (FILE[start:], FILE[start:] * 2))


def test_a_site_s_own_rules_join_ours(tmp_path: Path) -> None:
    own = (
        FILE.replace("firstin-old", "site-old")
        .replace("LAB-900", "")
        .replace("society", "hospital")
    )
    ours = written(tmp_path / "ours", {"conditions.csv": CONDITIONS})
    known = load(ours, site(tmp_path / "site", {"biomarkers/own.toml": own}))

    assert [rule.id for rule in known.biomarkers] == ["site-old"]
    assert known.biomarkers[0].group == ""


def test_a_site_may_have_rules_on_data_elements_alone(tmp_path: Path) -> None:
    own = FILE.replace("LAB-900", "").replace("society", "hospital")
    folder = site(tmp_path / "site", {"biomarkers/own.toml": own})
    shutil.rmtree(folder / "guidelines")
    ours = written(tmp_path / "ours", {"conditions.csv": CONDITIONS})

    assert [rule.id for rule in load(ours, folder).biomarkers] == ["firstin-old"]


def test_a_site_that_adds_nothing_is_told(tmp_path: Path) -> None:
    folder = site(tmp_path / "site", {})
    (folder / "guidelines").rename(folder / "guideline")

    with pytest.raises(KnowledgeError) as caught:
        load(written(tmp_path / "ours"), folder)

    assert caught.value.problems == [
        "site: has none of guidelines/, biomarkers/ and no table of drug_products, analytes, "
        "findings"
    ]


def test_drafts_and_what_is_off_can_be_turned_on(tmp_path: Path) -> None:
    draft = loaded(tmp_path / "1", ('"active"', '"draft"'))
    off = loaded(tmp_path / "2", ('"active"', '"off"\noff_reason = "rare"'))

    assert [len(known.biomarkers_for("firstin")) for known in (draft, off)] == [0, 0]
    assert [len(k.with_drafts().biomarkers_for("firstin")) for k in (draft, off)] == [1, 0]
    assert [len(k.with_all().biomarkers_for("firstin")) for k in (draft, off)] == [1, 1]


# A site's policy


def statuses(known: Knowledge, policy: Policy) -> list[str]:
    return [rule.status for rule in with_policy(known, policy).biomarkers]


@pytest.mark.parametrize(
    ("status", "policy", "expected"),
    [
        ("active", Policy(), "active"),
        ("active", Policy({"firstin-old": RulePolicy(on=False)}), "off"),
        ("draft", Policy({"firstin-old": RulePolicy(on=True)}), "active"),
        ("off", Policy({"firstin-old": RulePolicy(on=True)}), "active"),
        ("retired", Policy({"firstin-old": RulePolicy(on=True)}), "retired"),
        ("active", Policy(groups={"LAB": False}), "off"),
        ("draft", Policy(groups={"LAB": True}), "active"),
        ("off", Policy(groups={"LAB": True}), "off"),
        ("active", Policy({"firstin-old": RulePolicy(on=True)}, groups={"LAB": False}), "active"),
        ("active", Policy(groups={"LAB": False}, never_off=("firstin-old",)), "active"),
    ],
)
def test_a_site_turns_rules_and_groups_on_and_off(
    tmp_path: Path, status: str, policy: Policy, expected: str
) -> None:
    reason = '\noff_reason = "rare"' if status == "off" else ""
    known = loaded(tmp_path, ('status = "active"', f'status = "{status}"{reason}'))

    assert statuses(known, policy) == [expected]


def test_a_site_that_wants_no_cards_before_tests_gets_none(tmp_path: Path) -> None:
    [rule] = with_policy(loaded(tmp_path), Policy(pre_test="never")).biomarkers

    assert rule.missing == "silent"


def test_a_group_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError) as caught:
        with_policy(loaded(tmp_path), Policy(groups={"XYZ": True}))

    assert caught.value.problems == ["policy: there is no group 'XYZ' in the catalogue"]


def test_the_policy_says_what_became_of_groups_and_rules(tmp_path: Path) -> None:
    told = set(effective(loaded(tmp_path), Policy(groups={"LAB": False}, most_cards=3)))

    assert ("groups.LAB", "off", "policy") in told
    assert ("most_cards", "3", "policy") in told
    assert ("firstin-old", "off", "policy") in told
    assert ("firstin-old.when_unknown", "info", "rule") in told
