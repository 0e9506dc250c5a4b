"""Traps on the way from a laboratory's report to advice, each by what would go wrong.

From FHIR to the finding, with the shipped knowledge.
"""

from datetime import date
from typing import Any

import pytest

from hooks.clinical.facts import Missing, Order, Why
from hooks.evaluate import evaluate, read_facts
from hooks.extension import finding_json
from hooks.knowledge import load
from hooks.reading.resources import Answer, Fetched
from tests.unit.hooks.reading import (
    Json,
    bundle,
    coded,
    component,
    gene,
    loinc,
    observation,
    read,
)

KNOWLEDGE = load()
TODAY = date(2026, 10, 1)
NORMAL = loinc("LA25391-6", "Normal metabolizer")


def genotype(symbol: str, of: object, **elements: object) -> Json:
    """A genotype of one gene, as reports give it."""
    return observation("84413-4", of, **({"component": [gene(symbol)]} | elements))


def judged(
    drug: str, *results: Json, sex: str = "female", conditions: Answer | None = None
) -> dict[str, Any]:
    """What the first rule of *drug* says to a patient with *results*."""
    found: dict[str, Answer] = {
        "genotypes": Fetched(bundle(*results)),
        "conditions": conditions or Fetched(bundle()),
        "medications": Fetched(bundle()),
        "allergies": Fetched(bundle()),
        "patient": Fetched({"resourceType": "Patient", "id": "p1", "gender": sex}),
    }
    facts = read_facts(found, "p1", KNOWLEDGE, TODAY)
    findings = evaluate([Order("MedicationRequest/1", (drug,))], facts, KNOWLEDGE)
    return finding_json(findings[0], KNOWLEDGE)


def told(finding: dict[str, Any], symbol: str) -> tuple[str, str]:
    """The phenotype and the score of one gene in *finding*; empty text for none."""
    for each in finding.get("genes", []):
        if each["gene"] == symbol:
            return each.get("phenotype", ""), each.get("activityScore", "")
    return "", ""


def whys(finding: dict[str, Any]) -> set[str]:
    """The reasons for which something is missing."""
    return {gap["why"] for gap in finding.get("missing", [])}


# 2


@pytest.mark.parametrize(
    ("text", "phenotype", "score"),
    [
        ("*1x\u22653/*10", "Ultrarapid Metabolizer", "\u22653.25"),
        ("*1/*22", "Indeterminate", "n/a"),
        ("*10/*41", "Intermediate Metabolizer", "0.5"),
        ("*1/*10", "Normal Metabolizer", "1.25"),
        ("*9/*10x2", "Intermediate Metabolizer", "0.75"),
    ],
)
def test_trap_2_scores_are_exact_and_at_least_and_na_stay(
    text: str, phenotype: str, score: str
) -> None:
    found = judged("codeine", genotype("CYP2D6", text))
    assert told(found, "CYP2D6") == (phenotype, score)


@pytest.mark.parametrize("written", ["2", "2.0", "2,0", "2.00"])
def test_trap_2_one_score_has_many_spellings(written: str) -> None:
    text = f"CYP2D6 *1/*2 (activity score {written})"
    found = judged("codeine", genotype("CYP2D6", text))
    assert told(found, "CYP2D6") == ("Normal Metabolizer", "2.0")
    assert "CONFLICTING" not in whys(found)


# 4


@pytest.mark.parametrize(
    ("text", "phenotype", "score"),
    [
        ("*1/*2x2", "Ultrarapid Metabolizer", "3.0"),
        ("*4x2/*17", "Intermediate Metabolizer", "0.5"),
        ("*4xN/*4", "Poor Metabolizer", "0.0"),
        ("*1/*41x3", "Normal Metabolizer", "1.75"),
    ],
)
def test_trap_4_copies_count_for_the_allele_that_has_them(
    text: str, phenotype: str, score: str
) -> None:
    assert told(judged("codeine", genotype("CYP2D6", text)), "CYP2D6") == (phenotype, score)


def test_trap_4_an_open_copy_number_is_every_copy_number() -> None:
    phenotype, score = told(judged("codeine", genotype("CYP2D6", "*2xN/*4")), "CYP2D6")
    assert set(phenotype.split(" or ")) == {"Normal Metabolizer", "Ultrarapid Metabolizer"}
    assert set(score.split(" or ")) == {"2.0", "\u22653.0"}


# 5


@pytest.mark.parametrize(
    ("drug", "symbol", "text", "phenotype"),
    [
        ("codeine", "CYP2D6", "*36+*10/*1", "Normal Metabolizer"),
        ("codeine", "CYP2D6", "*2x\u22653/*4", "Ultrarapid Metabolizer"),
        (
            "fluorouracil",
            "DPYD",
            "c.1129-5923C>G, c.1236G>A (HapB3)/c.2846A>T",
            "Intermediate Metabolizer",
        ),
        (
            "rasburicase",
            "G6PD",
            "Union,Maewo, Chinese-2, Kalo/Telti/Kobe",
            "Deficient",
        ),
    ],
)
def test_trap_5_names_with_slashes_commas_and_pluses_are_not_torn(
    drug: str, symbol: str, text: str, phenotype: str
) -> None:
    assert told(judged(drug, genotype(symbol, text)), symbol)[0] == phenotype


# 6


@pytest.mark.parametrize("text", ["*1/*43", "*1/*999", "*1/*2Z", "*1/*?", "*1/novel"])
def test_trap_6_an_allele_that_we_do_not_know_is_never_the_reference(text: str) -> None:
    found = judged("clopidogrel", genotype("CYP2C19", text))
    assert told(found, "CYP2C19") == ("", "")
    assert found["outcome"] == "cannot-tell"
    assert whys(found) == {"UNREADABLE"}


# 7


@pytest.mark.parametrize(
    ("drug", "symbol", "text"),
    [("clopidogrel", "CYP2C19", "*1/*12"), ("simvastatin", "SLCO1B1", "*1/*2")],
)
def test_trap_7_a_function_that_is_uncertain_is_not_normal(
    drug: str, symbol: str, text: str
) -> None:
    found = judged(drug, genotype(symbol, text))
    assert told(found, symbol)[0] == "Indeterminate"
    assert found["outcome"] != "no-action" or found["action"] == "no-recommendation"


# 9


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("HLA-B*57:01:01/*08:01", "*57:01 positive"),
        ("HLA-B*57:03/*08:01", "*57:01 negative"),
        ("HLA-B*58:01/*08:01", "*57:01 negative"),
        ("HLA-B*57/*08:01", ""),
        ("HLA-B*08:01", ""),
        ("HLA-B*57:01N/*08:01", ""),
    ],
)
def test_trap_9_two_fields_decide_and_absence_is_not_negative(text: str, status: str) -> None:
    found = judged("abacavir", observation("57291-7", text))
    assert told(found, "HLA-B")[0] == status


def test_trap_9_a_test_for_another_allele_says_nothing() -> None:
    other = observation("79711-8", loinc("LA6577-6", "Negative"))
    assert told(judged("abacavir", other), "HLA-B") == ("", "")


def test_trap_9_an_allele_is_not_found_by_the_beginning_of_its_name() -> None:
    found = judged("phenytoin", observation("57291-7", "HLA-B*15:01/HLA-B*15:11"))
    assert told(found, "HLA-B")[0] == "*15:02 negative"


# 14


@pytest.mark.parametrize(
    ("text", "sex", "phenotype"),
    [
        ("B/A- 202A_376G", "female", "Variable"),
        ("Mediterranean", "male", "Deficient"),
        ("Dallas/Dallas", "female", "Deficient"),
        ("B/Mediterranean", "male", ""),
        ("Mediterranean", "female", ""),
    ],
)
def test_trap_14_g6pd_depends_on_the_sex_and_on_both_alleles(
    text: str, sex: str, phenotype: str
) -> None:
    assert told(judged("rasburicase", genotype("G6PD", text), sex=sex), "G6PD")[0] == phenotype


def test_trap_14_an_enzyme_test_is_not_ignored() -> None:
    activity = observation("32546-4", id="a", valueQuantity={"value": 1.1, "unit": "U/g"})
    later = activity | {"effectiveDateTime": "2026-01-01"}
    found = judged("rasburicase", genotype("G6PD", "B/B"), later)
    assert found["outcome"] == "cannot-tell"
    deficient = observation("32546-4", "Deficient", id="a")
    both = judged("rasburicase", genotype("G6PD", "B/B"), deficient)
    assert both["outcome"] == "advise"
    assert "CONFLICTING" in whys(both)


# 15


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("[c.1905+1G>A (*2A) + c.2846A>T]/Reference", "1.0"),
        ("c.1905+1G>A heterozygous; c.2846A>T heterozygous; c.1236G>A heterozygous", "0.5"),
        ("c.496A>G/c.1601G>A (*4)", "2.0"),
    ],
)
def test_trap_15_the_two_lowest_chromosomes_count_for_dpyd(text: str, score: str) -> None:
    assert told(judged("fluorouracil", genotype("DPYD", text)), "DPYD")[1] == score


def test_trap_15_one_variant_that_is_absent_is_not_a_normal_gene() -> None:
    absent = observation("69548-6", loinc("LA9634-2", "Absent"), component=[gene("DPYD")])
    assert told(judged("fluorouracil", absent), "DPYD") == ("", "")


# 16


def test_trap_16_calls_without_phase_that_agree_are_advice() -> None:
    assert read(genotype("CYP2B6", "*1/*6 or *4/*9")).found["CYP2B6"]
    found = judged("clopidogrel", genotype("CYP2C19", "*2/*3 or *2/*2"))
    assert told(found, "CYP2C19")[0] == "Poor Metabolizer"
    assert found["outcome"] == "advise"


@pytest.mark.parametrize(
    ("drug", "symbol", "text"),
    [
        ("mercaptopurine", "TPMT", "*1/*3A or *3B/*3C"),
        ("codeine", "CYP2D6", "(*1/*4)xN"),
        ("simvastatin", "SLCO1B1", "*1/*14 or *5/*37"),
    ],
)
def test_trap_16_calls_without_phase_that_disagree_are_all_shown(
    drug: str, symbol: str, text: str
) -> None:
    found = judged(drug, genotype(symbol, text))
    assert " or " in told(found, symbol)[0]
    assert found["outcome"] == "cannot-tell"


# 17


def test_trap_17_the_reference_haplotype_is_38_and_the_star_1_is_another() -> None:
    assert told(judged("clopidogrel", genotype("CYP2C19", "*38/*38")), "CYP2C19")[0] == (
        "Normal Metabolizer"
    )
    assert told(judged("clopidogrel", genotype("CYP2C19", "*1A/*4B")), "CYP2C19")[0] == (
        "Intermediate Metabolizer"
    )


@pytest.mark.parametrize("text", ["no variants detected", "wild type", "*2 not detected"])
def test_trap_17_what_was_not_tested_is_not_the_reference(text: str) -> None:
    found = judged("clopidogrel", genotype("CYP2C19", text))
    assert told(found, "CYP2C19") == ("", "")
    assert whys(found) == {"UNREADABLE"}


# 26


def test_trap_26_a_phenotype_that_differs_from_the_alleles_is_shown_and_the_safer_acts() -> None:
    by_phenotype = observation("79714-2", NORMAL, id="p")
    found = judged("clopidogrel", genotype("CYP2C19", "*2/*2"), by_phenotype)
    assert set(told(found, "CYP2C19")[0].split(" or ")) == {
        "Poor Metabolizer",
        "Normal Metabolizer",
    }
    assert found["outcome"] == "advise"
    assert "CONFLICTING" in whys(found)


def test_trap_26_also_within_one_text() -> None:
    found = judged("clopidogrel", genotype("CYP2C19", "CYP2C19 *1/*1, Poor Metabolizer"))
    assert "CONFLICTING" in whys(found)
    assert found["outcome"] == "advise"


# 27


def test_trap_27_two_laboratories_that_disagree_are_both_possible() -> None:
    first = genotype("CYP2C19", "*1/*1", id="a", effectiveDateTime="2026-01-01")
    other = {"performer": [{"display": "Another Laboratory"}]}
    second = genotype("CYP2C19", "*2/*2", id="b", effectiveDateTime="2020-01-01", **other)
    found = judged("clopidogrel", first, second)
    assert found["outcome"] == "cannot-tell"
    assert "CONFLICTING" in whys(found)


# 30


@pytest.mark.parametrize(
    ("code", "symbol"),
    [
        ("79713-4", "TPMT"),
        ("79714-2", "CYP2C19"),
        ("79715-9", "CYP2D6"),
        ("79716-7", "CYP2C9"),
        ("79719-1", "DPYD"),
    ],
)
def test_trap_30_each_phenotype_code_is_of_its_own_gene(code: str, symbol: str) -> None:
    found = read(observation(code, loinc("LA9657-3", "Poor metabolizer"))).found
    assert set(found) == {symbol}


# Whose genes


def transplanted(code: str) -> Fetched:
    """A patient with one condition, whose day is not told."""
    subject = {"reference": "Patient/p1"}
    return Fetched(
        bundle(
            {
                "resourceType": "Condition",
                "id": "c",
                "code": coded("icd10cm", code),
                "subject": subject,
            }
        )
    )


@pytest.mark.parametrize("code", ["Z94.84", "Z94.4"])
def test_after_a_transplant_the_result_is_told_and_not_used(code: str) -> None:
    normal = genotype("CYP2C19", "*1/*1")
    found = judged("clopidogrel", normal, conditions=transplanted(code))
    assert found["outcome"] == "cannot-tell"
    assert "transplant" in found["missing"][0]["detail"]


def test_without_the_conditions_the_result_counts_and_a_remark_says_what_was_not_seen() -> None:
    asked: dict[str, Answer] = {
        "genotypes": Fetched(bundle(genotype("CYP2C19", "*2/*2"))),
        "conditions": Missing("conditions", Why.NOT_FETCHED, "the server did not answer"),
    }
    facts = read_facts(asked, "p1", KNOWLEDGE, TODAY)
    [found] = evaluate([Order("MedicationRequest/1", ("clopidogrel",))], facts, KNOWLEDGE)
    assert finding_json(found, KNOWLEDGE)["outcome"] == "advise"
    assert [remark.what for remark in facts.remarks] == ["transplants"]


def test_conditions_that_nobody_asked_for_are_no_remark() -> None:
    facts = read_facts({"genotypes": Fetched(bundle())}, "p1", KNOWLEDGE, TODAY)
    assert facts.remarks == ()


def test_a_panel_of_many_genes_is_read_gene_by_gene() -> None:
    parts = [gene("CYP2C19"), component("84413-4", "*2/*2"), gene("CYP2D6")]
    panel = observation("82118-1", component=[*parts, component("84413-4", "*4/*4")])
    assert told(judged("clopidogrel", panel), "CYP2C19")[0] == "Poor Metabolizer"
    assert told(judged("codeine", panel), "CYP2D6")[0] == "Poor Metabolizer"
