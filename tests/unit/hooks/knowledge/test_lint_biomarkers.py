"""Lint of the rules on data elements."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hooks.clinical.analytes import Analyte, AnalyteTables, Conversion
from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.genes import GeneTest
from hooks.clinical.guidelines import Action, Alternative, Cap
from hooks.knowledge import Knowledge, load
from hooks.knowledge.lint_biomarkers import lint_biomarkers
from tests.unit.hooks.bedside import ADVISE, KIDNEY, UNKNOWN, USUAL, WORDS, rule
from tests.unit.hooks.small import RULE, knowledge

TESTS = {"creatinine": GeneTest("loinc", "2160-0", "Creatinine")}
FIRST = rule("egfr < 30", id="first", catalogue="LAB-901", family="kidney")
SECOND = rule("30 <= egfr < 45", id="second", catalogue="LAB-902", family="kidney")
LIMITED = AnalyteTables(
    {
        "egfr": Analyte(
            "egfr", "mL/min", 365, {"mL/min": Conversion(*map(Decimal, ["1", "1", "200"]))}
        )
    },
    {},
)


def of(*rules: BiomarkerRule) -> Knowledge:
    return replace(knowledge(RULE), biomarkers=rules, orderables=TESTS, analytes=LIMITED)


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
        ({"tests": ("creatine",)}, "not in orderables.csv; is creatinine meant?"),
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
        "firstin-kidney: drug 'lostin' is not in drugs.csv; is firstin meant?"
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


@pytest.mark.parametrize("when", ['egfr < 30 or cond("stroke")', 'egfr < 30 or not known("egfr")'])
def test_a_text_fills_in_no_number_that_its_branch_can_do_without(when: str) -> None:
    assert problems(rule(when)) == ["firstin-kidney/advise: {egfr} is not always known there"]


def test_a_number_that_decides_may_be_filled_in() -> None:
    assert problems(rule('egfr < 30 and not cond("stroke")')) == []


def test_what_is_said_of_missing_data_fills_in_none_of_it() -> None:
    asked = rule(branches=(ADVISE, USUAL, replace(UNKNOWN, advice="The last was {egfr}.")))

    assert problems(asked) == ["firstin-kidney/cannot-tell: {egfr} is not always known there"]


def test_what_is_true_or_not_has_no_value_to_fill_in() -> None:
    assert problems(replace(branches(advice="{pregnant}"), when=rule("pregnant").when)) == [
        "firstin-kidney/advise: nothing fills in {egfr}",
        "firstin-kidney/advise: nothing fills in {pregnant}",
    ]


def test_a_rule_for_opened_charts_fills_in_no_drug() -> None:
    chart = rule(at="patient-view", drugs=())

    assert problems(chart) == [
        "firstin-kidney/advise: nothing fills in {drug}",
        "firstin-kidney/cannot-tell: nothing fills in {Drug}",
    ]


def test_a_rule_for_opened_charts_asks_nothing_of_an_order() -> None:
    chart = rule("egfr < 30 and dose_day > 3", at="patient-view", drugs=())

    told = "firstin-kidney: dose_day is of an order, and an opened chart has none"
    assert told in problems(chart)


def test_a_cap_stands_where_the_ordered_dose_is_compared() -> None:
    capped = branches(action=Action("reduce-dose", cap=Cap(Decimal(30), "mg/d", below=False)))

    assert problems(capped) == [
        "firstin-kidney/advise: a cap, and no condition compares the ordered dose"
    ]
    assert problems(replace(capped, when=rule("egfr < 30 and dose_day > 30").when)) == []


def test_no_drug_is_replaced_by_itself() -> None:
    action = Action("alternative", replace_with=(Alternative("firstin"),))

    assert problems(branches(action=action)) == [
        "firstin-kidney/advise: firstin is replaced by itself"
    ]


def test_a_number_is_compared_with_what_can_be() -> None:
    assert problems(rule("egfr < 30000")) == [
        "firstin-kidney: egfr 30000 is beyond the plausible values of units.csv"
    ]


def test_one_rule_stands_for_an_entry_of_the_catalogue() -> None:
    assert problems(KIDNEY, rule(id="again")) == ["LAB-900: 2 rules stand for it; keep one"]


def test_a_family_is_looked_at_for_each_drug_apart() -> None:
    other = replace(SECOND, drugs=("secondin",), when=rule("egfr < 40").when)

    assert problems(FIRST, other) == []


def test_a_family_of_opened_charts_is_looked_at_as_well() -> None:
    first = replace(FIRST, at="patient-view", drugs=())
    second = replace(SECOND, at="patient-view", drugs=(), when=rule("egfr < 40").when)

    assert "first and second may hold at once; say why in beside" in problems(first, second)


def test_a_class_has_a_label_and_drugs_that_there_are() -> None:
    classes = {"FIRST": frozenset({"firstin"}), "LOST": frozenset({"lostin"})}
    words = replace(WORDS, names={**WORDS.names, "drug": {"FIRST": "a first drug"}})
    known = replace(of(), drug_classes=classes, words=words)

    assert list(lint_biomarkers(known)) == [
        "drug_classes.csv: LOST has no label in drug_class_names.csv",
        "drug_classes.csv: LOST: drug 'lostin' is not in drugs.csv",
    ]
