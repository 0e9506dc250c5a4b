"""Lint of the rules on data elements."""

from dataclasses import replace

import pytest

from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.genes import GeneTest
from hooks.clinical.guidelines import Action, Alternative
from hooks.knowledge import Knowledge, load
from hooks.knowledge.lint_biomarkers import lint_biomarkers
from tests.unit.hooks.bedside import ADVISE, KIDNEY, UNKNOWN, USUAL, WORDS, rule
from tests.unit.hooks.small import RULE, knowledge

TESTS = {"creatinine": GeneTest("loinc", "2160-0", "Creatinine")}
BELOW = rule("egfr < 30", id="below", catalogue="LAB-901", family="kidney")
BETWEEN = rule("30 <= egfr < 45", id="between", catalogue="LAB-902", family="kidney")
ABOVE = rule("egfr >= 60", id="above", catalogue="LAB-903", family="kidney")
NEXT = rule("45 <= egfr < 60", id="next", catalogue="LAB-904", family="kidney")


def of(*rules: BiomarkerRule) -> Knowledge:
    return replace(knowledge(RULE), biomarkers=rules, orderables=TESTS)


def problems(*rules: BiomarkerRule) -> list[str]:
    return list(lint_biomarkers(of(*rules)))


def test_a_rule_that_is_whole_has_no_problem() -> None:
    assert problems(KIDNEY) == []


def test_the_rules_that_we_ship_have_none() -> None:
    assert list(lint_biomarkers(load())) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"drugs": ("lostin",)}, "firstin-kidney: drug 'lostin' is not in drugs.csv"),
        ({"tests": ("blood",)}, "firstin-kidney: test 'blood' is not in orderables.csv"),
        (
            {"ages": {"urate": 90}},
            "firstin-kidney: max_age_days.urate: the rule reads no analyte of this name",
        ),
        ({"source": "hearsay"}, "firstin-kidney: source 'hearsay' is not in sources.toml"),
        (
            {"drugs": ()},
            "firstin-kidney: a rule for orders names drugs, one for opened charts none",
        ),
        ({"at": "patient-view"}, "firstin-kidney: a rule for orders names drugs"),
    ],
)
def test_names_exist(changed: dict[str, object], told: str) -> None:
    assert any(told in problem for problem in problems(rule(**changed)))


def branches(**texts: object) -> BiomarkerRule:
    return rule(branches=(replace(ADVISE, **texts), USUAL, UNKNOWN))  # type: ignore[arg-type]


def test_an_alternative_exists() -> None:
    action = Action("avoid", replace_with=(Alternative("lostin"),))

    assert problems(branches(action=action)) == [
        "firstin-kidney: drug 'lostin' is not in drugs.csv"
    ]


def test_a_summary_fits_with_drug_and_value() -> None:
    assert problems(branches(summary="{drug} {egfr} " + "x" * 118)) == []
    assert problems(branches(summary="{drug} {egfr} " + "x" * 119)) == [
        "firstin-kidney/advise: the summary may have 140 characters"
    ]


def test_a_text_fills_in_only_what_the_rule_asks() -> None:
    assert problems(branches(advice="At an age of {age}.")) == [
        "firstin-kidney/advise: nothing fills in {age}"
    ]


def test_one_rule_stands_for_an_entry_of_the_catalogue() -> None:
    assert problems(KIDNEY, rule(id="again")) == ["LAB-900: 2 rules stand for it; keep one"]


def test_a_family_that_meets_has_no_problem() -> None:
    assert problems(BELOW, BETWEEN, NEXT, ABOVE) == []


def test_a_gap_in_a_family_is_told() -> None:
    assert problems(BELOW, BETWEEN, ABOVE) == [
        "kidney: no rule for egfr 45; say why in beside",
        "kidney: no rule for egfr 52.5; say why in beside",
    ]


def test_rules_of_a_family_that_hold_at_once_are_told() -> None:
    wide = replace(BELOW, id="wide", when=rule("egfr < 40").when)

    assert problems(wide, BETWEEN) == ["wide and between may hold at once; say why in beside"]


def test_what_is_explained_is_not_told() -> None:
    wide = replace(BELOW, id="wide", when=rule("egfr < 40").when, beside="the stricter one leads")

    assert problems(wide, BETWEEN) == []


def test_rules_that_other_data_keep_apart_do_not_overlap() -> None:
    young = replace(BELOW, id="young", when=rule("egfr < 40 and pregnant").when)
    old = replace(BETWEEN, id="old", gate=rule(gate="not pregnant").gate)

    assert problems(young, old) == []


def test_a_family_is_looked_at_for_each_drug_apart() -> None:
    other = replace(BETWEEN, drugs=("secondin",), when=rule("egfr < 40").when)

    assert problems(BELOW, other) == []


def test_a_family_of_opened_charts_is_looked_at_as_well() -> None:
    first = replace(BELOW, at="patient-view", drugs=())
    second = replace(BETWEEN, at="patient-view", drugs=(), when=rule("egfr < 40").when)

    assert problems(first, second) == ["below and between may hold at once; say why in beside"]


def test_a_family_with_too_many_combinations_is_not_tried() -> None:
    limits = " or ".join(f"{name} > {n}" for n in range(40) for name in ("egfr", "age", "dose_day"))

    assert (
        problems(replace(BELOW, when=rule(limits).when), replace(BETWEEN, when=rule(limits).when))
        == []
    )


def test_a_class_has_a_label_and_drugs_that_there_are() -> None:
    classes = {"FIRST": frozenset({"firstin"}), "LOST": frozenset({"lostin"})}
    words = replace(WORDS, names={**WORDS.names, "drug": {"FIRST": "a first drug"}})
    known = replace(of(), drug_classes=classes, words=words)

    assert list(lint_biomarkers(known)) == [
        "drug_classes.csv: LOST has no label in drug_class_names.csv",
        "drug_classes.csv: LOST: drug 'lostin' is not in drugs.csv",
    ]
