"""Single tests: stains, hybridisation, single genes, in codes or words; the latest of ER and PR."""

from typing import Any

import pytest

from hooks.clinical.elements import Known
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from tests.unit.hooks.reading.elements.marked import (
    INTERPRETATION,
    SNOMED,
    UNCLEAR,
    coded,
    component,
    named,
    neg,
    observation,
    pos,
    result,
    truth,
    variant,
)

YES, NO = Truth.YES, Truth.NO
POSITIVE, NEGATIVE = coded("LA6576-8"), coded("LA6577-6")
KRAS, KRAS_COLON, BRAF, MSI, FLT3, FLT3_ITD = (
    *("21702-6", "85509-8", "85299-6", "81695-9"),
    *("47958-4", "79210-1"),
)
ER, PR = "85337-4", "85339-0"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (POSITIVE, YES),
        (NEGATIVE, NO),
        (coded("260373001", SNOMED), YES),
        (coded(UNCLEAR), Why.UNREADABLE),
        ("p.Gly12Asp", YES),
        ("KRAS G12V", YES),
        ("G12D detected; G13D not detected", YES),
        ("Mutation detected", YES),
        ("No mutation detected", NO),
        ("Wild type", NO),
        ("p.Ala18Asp", Why.NOT_RECORDED),
        ("p.Ala18Asp detected", Why.NOT_RECORDED),
        ("G12C not detected", Why.NOT_RECORDED),
        ("see report", Why.UNREADABLE),
        ("Equivocal", Why.UNREADABLE),
    ],
)
def test_a_test_of_a_gene_is_read_in_codes_and_words(value: Any, expected: Truth | Why) -> None:
    assert truth(pos("KRAS_mut", result(KRAS, value))) is expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"interpretation": [coded("POS", INTERPRETATION)]}, YES),
        ({"interpretation": [coded("NEG", INTERPRETATION)]}, NO),
        ({"valueBoolean": True}, YES),
        ({"valueBoolean": False}, NO),
        ({"valueString": "Detected", "dataAbsentReason": {}}, Why.UNREADABLE),
        ({"valueQuantity": {"value": 3}}, Why.UNREADABLE),
        ({}, Why.UNREADABLE),
        (
            {"valueString": "Detected", "interpretation": [coded("NEG", INTERPRETATION)]},
            Why.UNREADABLE,
        ),
    ],
)
def test_interpretation_and_other_values_count(more: dict[str, Any], expected: Truth | Why) -> None:
    assert truth(pos("KRAS_mut", observation(coded(KRAS), **more))) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (coded("LA26203-2"), YES),
        (coded("LA26202-4"), NO),
        (coded("LA14122-8"), NO),
        ("MSI-High", YES),
        ("MSI-H", YES),
        ("High", YES),
        ("MSI-Low", NO),
        ("MSS", NO),
        ("Microsatellite stable", NO),
        ("pMMR", NO),
        ("dMMR: loss of MLH1 and PMS2", YES),
        ("No loss of expression", NO),
        ("MLH1, MSH2, MSH6 and PMS2 intact", NO),
        ("MLH1 intact, loss of MSH6", Why.UNREADABLE),
        ("Instable", Why.UNREADABLE),
    ],
)
def test_instability_of_microsatellites_has_words_of_its_own(
    value: Any, expected: Truth | Why
) -> None:
    assert truth(pos("MSI_H", result(MSI, value))) is expected


def test_a_test_for_one_change_does_not_rule_out_the_others() -> None:
    found = result(BRAF, NEGATIVE)

    assert truth(pos("BRAF_V600E", found)) is NO
    detail = "negative: a negative result of this test alone leaves it open"
    assert pos("BRAF_V600", found) == Missing("BRAF_V600", Why.UNREADABLE, detail)
    assert truth(pos("BRAF_V600", found, variant("BRAF", value="LA9634-2"))) is NO


def test_a_test_for_one_gene_of_two_leaves_the_other_open() -> None:
    assert truth(pos("RAS_mut", result(KRAS_COLON, "p.Gly12Asp"))) is YES
    assert truth(neg("RAS_mut", result(KRAS_COLON, NEGATIVE))) is Why.UNREADABLE
    assert truth(neg("RAS_mut", result("81420-2", NEGATIVE))) is YES


def test_a_tandem_duplication_is_one_kind_of_mutation() -> None:
    assert truth(pos("FLT3_mut", result(FLT3_ITD, POSITIVE))) is YES
    assert truth(pos("FLT3_mut", result(FLT3_ITD, NEGATIVE))) is Why.UNREADABLE
    assert truth(pos("FLT3_mut", result(FLT3, NEGATIVE))) is NO
    assert truth(pos("FLT3_mut", result(FLT3, "p.Asp835Tyr"))) is YES


def test_the_lack_of_the_very_change_rules_it_out() -> None:
    assert truth(pos("BRAF_V600E", result(BRAF, "V600E not detected"))) is NO


def test_another_variant_in_words_says_nothing() -> None:
    assert truth(pos("BRAF_V600E", result(BRAF, "V600K detected"))) is Why.NOT_RECORDED


def test_a_test_may_stand_in_a_component() -> None:
    panel = observation({"text": "panel"}, component=[component(ER, "Positive")])

    found = pos("ER", panel)

    assert isinstance(found, Known)
    assert (found.value, found.shown) == (YES, "Positive")


def test_a_test_is_read_once_though_two_codes_name_it() -> None:
    both = {"coding": [*coded(ER)["coding"], *coded("40556-3")["coding"]], "text": "ER"}

    found = pos("ER", observation(both, valueString="Positive"))

    assert isinstance(found, Known)
    assert len(found.evidence) == 1


@pytest.mark.parametrize("status", ["preliminary", "registered"])
def test_a_test_that_is_not_final_does_not_count(status: str) -> None:
    detail = "positive: no result on file is final"

    assert pos("KRAS_mut", result(KRAS, POSITIVE, status=status)) == (
        Missing("KRAS_mut", Why.UNREADABLE, detail)
    )


def test_a_withdrawn_test_is_not_there() -> None:
    found = result(KRAS, POSITIVE, status="entered-in-error")

    assert truth(pos("KRAS_mut", found)) is Why.NOT_RECORDED


@pytest.mark.parametrize(
    ("marker", "name"),
    [
        ("DEL5Q", "Chromosome 15q FISH"),
        ("ER", "Estrogen+Progesterone receptor"),
        ("ER", "Estrogen receptor 1 gene mutation analysis"),
        ("PR", "Estrogen and progesterone receptor"),
        ("CLDN182", "Claudin 6"),
        ("CD20", "CD200"),
    ],
)
def test_a_test_whose_name_only_looks_like_it_is_another(marker: str, name: str) -> None:
    assert truth(pos(marker, named(name, "Positive"))) is Why.NOT_RECORDED


# Hormone receptors: the latest


def test_of_a_receptor_the_latest_result_wins() -> None:
    first, later = result(ER, POSITIVE, on="2025-01-01"), result(ER, NEGATIVE, on="2026-01-01")

    assert truth(pos("ER", first, later)) is NO
    assert truth(pos("ER", {**first, "effectiveDateTime": "2026-02-01"}, later)) is YES


def test_a_newer_equivocal_receptor_leaves_it_open() -> None:
    first, later = result(ER, POSITIVE, on="2025-01-01"), result(ER, "Equivocal")

    assert truth(pos("ER", first, later)) is Why.UNREADABLE


def test_the_latest_receptor_may_be_missing_from_half_an_answer() -> None:
    remark = Missing("markers", Why.NOT_FETCHED, "further pages")

    assert truth(pos("ER", result(ER, POSITIVE), remark=remark)) is Why.NOT_FETCHED


def test_receptors_of_one_day_that_differ_conflict() -> None:
    assert truth(pos("ER", result(ER, POSITIVE), result(ER, NEGATIVE))) is Why.CONFLICTING


@pytest.mark.parametrize(
    ("oestrogen", "progesterone", "expected", "shown"),
    [
        (POSITIVE, NEGATIVE, YES, "ER positive, PR negative"),
        (NEGATIVE, POSITIVE, YES, "ER negative, PR positive"),
        (NEGATIVE, NEGATIVE, NO, "ER negative, PR negative"),
        (POSITIVE, None, YES, "ER positive"),
    ],
)
def test_either_receptor_is_enough(
    oestrogen: Any, progesterone: Any, expected: Truth, shown: str
) -> None:
    results = [result(ER, oestrogen)] + ([result(PR, progesterone)] if progesterone else [])

    found = pos("HR_pos", *results)

    assert isinstance(found, Known)
    assert (found.value, found.shown, len(found.evidence)) == (expected, shown, len(results))


def test_one_negative_receptor_does_not_tell_of_the_other() -> None:
    assert pos("HR_pos", result(ER, NEGATIVE)) == Missing("HR_pos", Why.NOT_RECORDED)
