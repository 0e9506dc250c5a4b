"""Coded and text findings: positive, negative, or neither."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import Reader
from hooks.reading.elements import READERS
from hooks.reading.elements.findings import finding
from tests.unit.hooks.reading import KNOWLEDGE, Json, coded, json_of
from tests.unit.hooks.reading.elements import TABLES, ago, chart, gap, known, observed, truth, why

NOT_LISTED = Known(Truth.NO)
NOT_RECORDED = Missing("cond", Why.NOT_RECORDED)


def told(text: str, **elements: Any) -> Json:
    return observed("hbsag", text, **elements)


def answered(system: str, code: str, name: str = "hbsag", **elements: Any) -> Json:
    return observed(name, valueCodeableConcept=coded(system, code), **elements)


def interpreted(code: str, name: str = "hbsag", **elements: Any) -> Json:
    return observed(name, interpretation=[coded("interpretation", code)], **elements)


@pytest.mark.parametrize(
    "text", ["Positive", "DETECTED", "Reactive", "HBsAg present", "weakly positive", "Immune"]
)
def test_words_tell_a_positive(text: str) -> None:
    assert truth(chart(told(text)), "pos", "hbsag") is Truth.YES
    assert truth(chart(told(text)), "neg", "hbsag") is Truth.NO
    assert known(chart(told(text)), "neg", "hbsag").shown == "positive"


@pytest.mark.parametrize(
    "text",
    [
        *("Negative", "Not detected", "not present", "Non-reactive", "nonreactive", "non reactive"),
        *("absent", "Undetected", "None detected", "No hepatitis B surface antigen detected"),
        *("wild type", "Homozygous wild-type", "no mutation identified", "pMMR", "MSS", "stable"),
        *("No mutation detected", "No variant(s) were identified", "Mutation not detected"),
        *("Variants: none detected", "No evidence of factor V Leiden mutation"),
        *("negative for factor V Leiden mutation", "No pathogenic variant detected"),
        *("normal", "proficient", "Not immune", "Negative (not reactive)", "No HLA-B*57:01 found"),
    ],
)
def test_negatives_are_looked_for_before_positives(text: str) -> None:
    assert truth(chart(told(text)), "pos", "hbsag") is Truth.NO
    assert truth(chart(told(text)), "neg", "hbsag") is Truth.YES
    assert known(chart(told(text)), "pos", "hbsag").shown == "negative"


@pytest.mark.parametrize(
    "text",
    [
        *("Equivocal", "indeterminate", "Inconclusive", "borderline positive", "QNS", "pending"),
        *("Insufficient quantity; not detected", "test failed", "invalid", "not performed"),
        *("unknown", "cancelled"),
    ],
)
def test_equivocal_words_go_before_all(text: str) -> None:
    assert gap(chart(told(text)), "pos", "hbsag") == Missing(
        "hbsag", Why.UNREADABLE, "the result is equivocal"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("see comment", Why.UNREADABLE),
        ("", Why.UNREADABLE),
        ("12.5 IU/mL", Why.UNREADABLE),
        ("abnormal, unstable", Why.UNREADABLE),
        ("Positive " * 60, Why.UNREADABLE),
        ("HIV-1 positive, HIV-2 negative", Why.CONFLICTING),
        ("no. 12: positive", Why.UNREADABLE),
        ("positive? no", Why.UNREADABLE),
    ],
)
def test_what_is_not_plainly_one_or_the_other_is_unknown(text: str, reason: Why) -> None:
    assert why(chart(told(text)), "pos", "hbsag") is reason


@pytest.mark.parametrize(
    ("system", "code", "positive"),
    [
        ("loinc", "LA6576-8", Truth.YES),
        ("loinc", "LA11882-0", Truth.YES),
        ("loinc", "LA6577-6", Truth.NO),
        ("loinc", "LA11883-8", Truth.NO),
        ("snomed", "10828004", Truth.YES),
        ("snomed", "131194007", Truth.NO),
    ],
)
def test_coded_answers_tell_it(system: str, code: str, positive: Truth) -> None:
    assert truth(chart(answered(system, code)), "pos", "hbsag") is positive


@pytest.mark.parametrize("code", ["LA11884-6", "LA18198-4", "LA11885-3"])
def test_an_answer_may_be_that_it_is_equivocal(code: str) -> None:
    assert why(chart(answered("loinc", code)), "pos", "hbsag") is Why.UNREADABLE


@pytest.mark.parametrize(
    ("code", "positive"),
    [("POS", Truth.YES), ("RR", Truth.YES), ("NEG", Truth.NO), ("ND", Truth.NO)],
)
def test_an_interpretation_tells_what_a_number_does_not(code: str, positive: Truth) -> None:
    number = {"valueQuantity": {"value": 12.5, "unit": "IU/mL"}}

    assert truth(chart(interpreted(code) | number), "pos", "hbsag") is positive
    assert why(chart(observed("hbsag") | number), "pos", "hbsag") is Why.UNREADABLE
    for odd in ("N", "A", "H"):
        assert why(chart(interpreted(odd) | number), "pos", "hbsag") is Why.UNREADABLE


def test_an_interpretation_in_words_counts_where_the_value_says_nothing() -> None:
    said = {"interpretation": [{"text": "Reactive"}]}

    assert truth(chart(told("12.5 IU/mL") | said), "pos", "hbsag") is Truth.YES
    assert truth(chart(told("Not detected") | said), "pos", "hbsag") is Truth.NO


def test_codes_and_words_that_differ_contradict_each_other() -> None:
    assert why(chart(interpreted("POS", valueString="Negative")), "pos", "hbsag") is Why.CONFLICTING
    assert truth(chart(interpreted("POS", valueString="1:40")), "pos", "hbsag") is Truth.YES
    assert why(chart(interpreted("IND", valueString="Negative")), "pos", "hbsag") is Why.UNREADABLE


def test_the_newest_result_counts_whatever_it_says() -> None:
    older, newer = told("Positive"), told("Negative", effectiveDateTime=ago(hours=1))
    unsure = told("Equivocal", effectiveDateTime=ago(hours=1))

    assert truth(chart(newer, older), "pos", "hbsag") is Truth.NO
    assert why(chart(unsure, older), "pos", "hbsag") is Why.UNREADABLE
    assert why(chart(older, told("Negative")), "pos", "hbsag") is Why.CONFLICTING


@pytest.mark.parametrize("status", ["preliminary", "registered", "cancelled", "entered-in-error"])
def test_only_final_results_count(status: str) -> None:
    newer = told("Positive", status=status, effectiveDateTime=ago(hours=1))

    assert truth(chart(newer, told("Negative")), "pos", "hbsag") is Truth.NO
    assert isinstance(chart(newer).look(Term("pos", ("hbsag",))), Missing)


@pytest.mark.parametrize(("days", "fresh"), [(365, True), (366, False)])
def test_a_finding_grows_too_old(days: int, fresh: bool) -> None:
    opened = chart(told("Positive", effectiveDateTime=ago(days=days)))

    if fresh:
        assert truth(opened, "pos", "hbsag") is Truth.YES
    else:
        assert why(opened, "pos", "hbsag") is Why.OUTDATED


def test_a_finding_in_a_component_counts() -> None:
    code = told("Positive")["code"]
    panel = told("", code={"text": "panel"}, component=[{"code": code, "valueString": "Negative"}])
    del panel["valueString"]

    found = known(chart(panel), "pos", "hbsag")

    assert found.value is Truth.NO
    assert found.evidence[0].reference == "Observation/hbsag-1"


def test_what_failed_or_is_not_on_file_is_never_negative() -> None:
    failed = Missing("results", Why.NOT_FETCHED, "timed out")

    assert gap(chart(results=failed), "pos", "hbsag") == replace(failed, what="hbsag")
    assert why(chart(), "neg", "hbsag") is Why.NOT_RECORDED
    assert why(chart(), "pos", "ccr5_tropism") is Why.NOT_RECORDED


def test_a_name_of_no_table_that_is_read_stays_unknown() -> None:
    assert why(chart(), "pos", "NO_SUCH_MARKER") is Why.UNREADABLE


@pytest.mark.parametrize("name", sorted({*TABLES.findings.filed} - {*TABLES.findings.words}))
def test_every_finding_that_has_no_words_of_its_own_is_read_by_the_common_ones(name: str) -> None:
    assert isinstance(finding(chart(observed(name, "Positive")), name), Known)


# G6PD: "present" and "absent" may be said of the enzyme
def recorded(found: Known | Missing) -> dict[str, Reader]:
    """The readers, with one that says whether the deficiency is on the problem list."""
    return {**READERS, "cond": lambda _, __: found}


def g6pd(result: Json, on_list: Known | Missing = NOT_LISTED) -> Truth | Why:
    found = chart(result, readers=recorded(on_list)).look(Term("g6pd_def"))
    if isinstance(found, Missing):
        return found.why
    assert isinstance(found.value, Truth)
    return found.value


@pytest.mark.parametrize(
    ("text", "deficient"),
    [
        ("Deficient", Truth.YES),
        ("G6PD deficiency", Truth.YES),
        ("Positive for G6PD deficiency", Truth.YES),
        ("Low", Truth.YES),
        ("Normal", Truth.NO),
        ("Not deficient", Truth.NO),
        ("No evidence of deficiency", Truth.NO),
        ("Negative for G6PD deficiency", Truth.NO),
        ("proficient", Truth.NO),
        ("Negative", Truth.NO),
        ("Present", Why.UNREADABLE),
        ("Absent", Why.UNREADABLE),
        ("Not detected", Why.UNREADABLE),
        ("Indeterminate", Why.UNREADABLE),
        ("8.1 U/g Hb", Why.UNREADABLE),
    ],
)
def test_a_screen_tells_a_deficiency_in_its_own_words(text: str, deficient: Truth | Why) -> None:
    assert g6pd(observed("g6pd", text)) is deficient


@pytest.mark.parametrize(
    ("code", "deficient"),
    [
        ("L", Truth.YES),
        ("LL", Truth.YES),
        ("N", Truth.NO),
        ("H", Why.UNREADABLE),
        ("IND", Why.UNREADABLE),
        (None, Why.UNREADABLE),
    ],
)
def test_an_activity_is_read_by_its_interpretation_alone(
    code: str | None, deficient: Truth | Why
) -> None:
    activity = observed("g6pd_activity", 2.1)
    if code is not None:
        activity |= {"interpretation": [coded("interpretation", code)]}

    assert g6pd(activity) is deficient


def test_a_recorded_deficiency_is_one_whatever_a_screen_says() -> None:
    yes, unsure = Known(Truth.YES), Known(Truth.UNKNOWN)
    normal, odd = observed("g6pd", "Normal"), observed("g6pd", "odd")

    assert g6pd(normal, yes) is Truth.YES
    assert g6pd(odd, yes) is Truth.YES
    assert g6pd(normal, unsure) is Truth.UNKNOWN
    assert g6pd(normal, NOT_RECORDED) is Why.NOT_RECORDED
    assert g6pd(observed("g6pd", "Deficient"), NOT_RECORDED) is Truth.YES
    assert g6pd(odd) is Why.UNREADABLE


@pytest.mark.parametrize(
    ("text", "low", "reduced"),
    [
        ("Poor metabolizer", Truth.YES, Truth.NO),
        ("Deficient activity", Truth.YES, Truth.NO),
        ("very low", Truth.YES, Truth.NO),
        ("absent", Truth.YES, Truth.NO),
        ("Intermediate metabolizer", Truth.NO, Truth.YES),
        ("reduced activity", Truth.NO, Truth.YES),
        ("Heterozygous", Truth.NO, Truth.YES),
        ("Normal metabolizer", Truth.NO, Truth.NO),
    ],
)
def test_tpmt_is_told_in_three_grades(text: str, low: Truth, reduced: Truth) -> None:
    opened = chart(observed("tpmt_phenotype", text))

    assert truth(opened, "tpmt_low") is low
    assert truth(opened, "tpmt_int") is reduced


@pytest.mark.parametrize(
    "text", ["24 nmol/h/mL", "not deficient", "pending", "reduced to poor", "low"]
)
def test_tpmt_that_is_told_otherwise_is_unknown(text: str) -> None:
    opened = chart(observed("tpmt_phenotype", text))

    assert isinstance(opened.look(Term("tpmt_low")), Missing)


@pytest.mark.parametrize(
    ("code", "low", "reduced"),
    [
        ("LA9657-3", Truth.YES, Truth.NO),
        ("LA10317-8", Truth.NO, Truth.YES),
        ("LA25391-6", Truth.NO, Truth.NO),
    ],
)
def test_coded_metabolizers_tell_tpmt(code: str, low: Truth, reduced: Truth) -> None:
    opened = chart(answered("loinc", code, "tpmt_phenotype"))

    assert truth(opened, "tpmt_low") is low
    assert truth(opened, "tpmt_int") is reduced


@pytest.mark.parametrize(
    ("name", "grades"),
    [
        ("", {"positive", "negative", "equivocal"}),
        ("g6pd", {"positive", "negative"}),
        ("tpmt_phenotype", {"low", "intermediate", "normal"}),
    ],
)
def test_codes_and_words_mean_the_same_things(name: str, grades: set[str]) -> None:
    assert set(KNOWLEDGE.findings.answers[name].values()) == grades
    assert {means for means, _ in KNOWLEDGE.findings.words[name]} == grades


NAMES = (
    *("status", "final", "code", "coding", "system", "http://loinc.org", "5196-1", "LA6576-8"),
    *("valueString", "Positive", "valueCodeableConcept", "text", "display", "interpretation"),
    *("component", "effectiveDateTime", "2026-11-01", "dataAbsentReason"),
)


@given(st.lists(json_of(*NAMES)))
def test_nothing_that_a_server_sends_raises(pieces: list[Any]) -> None:
    broken = [told("Positive") | piece for piece in pieces if isinstance(piece, dict)]
    opened = chart(*pieces, *broken)

    for name in ("tpmt_low", "tpmt_int"):
        assert isinstance(opened.look(Term(name)), Known | Missing)
    assert isinstance(opened.look(Term("pos", ("hbsag",))), Known | Missing)
