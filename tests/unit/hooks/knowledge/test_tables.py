"""The CSV tables."""

from decimal import Decimal

import pytest

from hooks.clinical.codes import Coding, Drug, Product, ResultCode, Strength
from hooks.knowledge import tables


def test_a_drug_has_its_codes_and_synonyms_divided_by_semicolons() -> None:
    row = {"name": "firstin", "rxnorm": "1", "atc": "A01;B02", "synonyms": " Primin ; ;other name"}

    assert tables.drugs([row]) == {
        "firstin": Drug("firstin", "1", ("A01", "B02"), ("Primin", "other name"))
    }


def test_a_product_has_a_strength_for_each_ingredient_that_we_know() -> None:
    row = {
        "rxnorm": "2",
        "display": "both",
        "strengths": "folic acid 2.5 mg;firstin ? ?",
        "others": "yes",
        "form": "Tablet",
        "brand": "Onemark",
    }

    strengths = (Strength("folic acid", Decimal("2.5"), "mg"), Strength("firstin", None, ""))
    assert tables.products([row]) == {
        "2": Product("2", "both", strengths, True, "Tablet", "Onemark")
    }


def row(name: str, system: str, code: str, match: str) -> dict[str, str]:
    return {"name": name, "system": system, "code": code, "match": match}


@pytest.mark.parametrize(
    ("code", "names"),
    [("I63.9", {"stroke"}), ("I21.4", {"infarction", "heart"}), ("I20.0", {"angina", "heart"})],
)
def test_a_condition_matches_by_category_or_exactly(code: str, names: set[str]) -> None:
    conditions = tables.conditions(
        [
            row("stroke", "icd10cm", "I63", "category"),
            row("infarction", "icd10cm", "I21", "category"),
            row("heart", "icd10cm", "I21", "category"),
            row("angina", "icd10cm", "I20.0", "exact"),
            row("heart", "icd10cm", "I20.0", "exact"),
        ]
    )

    assert conditions.named(("icd10cm", code)) == names


def test_a_category_may_be_written_with_its_dot() -> None:
    conditions = tables.conditions([row("stroke", "icd10cm", "I63.3", "category")])

    assert conditions.named(("icd10cm", "I63.32")) == {"stroke"}
    assert conditions.named(("icd10cm", "I63.4")) == frozenset()


@pytest.mark.parametrize(
    "text", ["rare disease", "Rare  disease (disorder)", "VERY RARE", "rare disease (a finding)"]
)
def test_a_condition_without_a_code_is_told_in_words(text: str) -> None:
    named = [{"name": "rare", "label": "a rare one", "words": "rare disease; very rare"}]
    conditions = tables.conditions([], named)

    assert conditions.called(text) == {"rare"}
    assert conditions.called(f"no {text}") == frozenset()
    assert conditions.called("") == frozenset()
    assert conditions.names == {"rare"}
    assert conditions.labels == {"rare": "a rare one"}


def test_a_result_code_says_what_it_holds() -> None:
    found = tables.result_codes(
        [{"system": "loinc", "code": "1-8", "display": "Test", "holds": "genotype"}]
    )

    assert found == {("loinc", "1-8"): ResultCode("genotype", "Test")}


def test_a_gene_s_code_says_which_gene_and_which_allele() -> None:
    found = tables.gene_codes(
        "TYPED", [{"code": "loinc:2-6", "holds": "status", "display": "T", "allele": "*57:01"}]
    )

    assert found == {("loinc", "2-6"): ResultCode("status", "T", "TYPED", "*57:01")}


def test_a_coded_answer_means_a_phenotype() -> None:
    found = tables.answers([{"system": "loinc", "code": "LA1-1", "means": "Poor"}])

    assert found == {("loinc", "LA1-1"): "Poor"}


def test_a_term_is_looked_up_in_lower_case() -> None:
    assert tables.phenotype_terms([{"text": "Poor Metaboliser", "means": "Poor"}]) == {
        "poor metaboliser": "Poor"
    }


def test_a_coding_keeps_its_system_s_uri() -> None:
    found = tables.codings([{"system": "https://x.example", "code": "a", "display": "A"}])

    assert found == (Coding("https://x.example", "a", "A"),)


def analyte(code: str, **changes: str) -> dict[str, str]:
    told = {"name": "weight", "system": "loinc", "code": code, "unit": "kg", "max_age_days": "365"}
    return told | changes


UNITS = [
    {"analyte": "weight", "unit": "g", "factor": "0.001", "offset": "", "low": "0", "high": "400"},
    {"analyte": "weight", "unit": "", "factor": "1", "offset": "2", "low": "0", "high": "400"},
]


def test_an_analyte_has_its_codes_and_the_units_that_it_comes_in() -> None:
    found = tables.analytes([analyte("1-8"), analyte("2-6")], tables.units(UNITS))

    assert found.codes == {("loinc", "1-8"): "weight", ("loinc", "2-6"): "weight"}
    weight = found.analytes["weight"]
    assert (weight.unit, weight.max_age_days) == ("kg", 365)
    assert weight.units["g"].of(Decimal(2000)) == 2
    assert weight.units[""].of(Decimal(2)) == 4


@pytest.mark.parametrize(
    "second", [analyte("1-8"), analyte("2-6", unit="g"), analyte("2-6", max_age_days="30")]
)
def test_lines_of_one_analyte_that_differ_are_a_fault(second: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="contradicts another line"):
        tables.analytes([analyte("1-8"), second], tables.units(UNITS))


def test_an_analyte_without_units_is_a_fault() -> None:
    with pytest.raises(KeyError):
        tables.analytes([analyte("1-8")], {})


def note(what: str, value: str = "", code: str = "") -> dict[str, str]:
    """A line of analyte_notes.csv."""
    return {"name": "weight", "what": what, "system": "loinc", "code": code, "value": value}


def test_an_analyte_without_a_code_is_there_and_filed_under_none() -> None:
    found = tables.analytes([analyte("") | {"system": ""}], tables.units(UNITS))

    assert list(found.analytes) == ["weight"]
    assert found.codes == found.filed == {}


def test_notes_set_an_analyte_apart() -> None:
    notes = tables.analyte_notes(
        [
            note("prefer", code="1-8"),
            note("spoiled", "haemol"),
            note("spoiled", "hemol"),
            note("place", "clinic"),
            note("remark", "in the morning"),
            note("remark", "by oneself", "1-8"),
        ]
    )

    weight = tables.analytes([analyte("1-8")], tables.units(UNITS), notes).analytes["weight"]

    assert weight.preferred == {("loinc", "1-8")}
    assert weight.spoiled_by == ("haemol", "hemol")
    assert weight.place == "clinic"
    assert weight.remarks == ((None, "in the morning"), (("loinc", "1-8"), "by oneself"))


def test_a_note_of_another_kind_is_a_fault() -> None:
    with pytest.raises(ValueError, match="weight: colour is nothing that an analyte has"):
        tables.analyte_notes([note("colour")])


@pytest.mark.parametrize("factor", ["0", "-1"])
def test_a_factor_that_turns_values_round_is_a_fault(factor: str) -> None:
    with pytest.raises(ValueError, match="a factor is above 0"):
        tables.units([UNITS[0] | {"factor": factor}])


def finding(code: str, **changes: str) -> dict[str, str]:
    """A line of findings.csv."""
    told = {"name": "antibody", "system": "loinc", "code": code, "label": "antibody"}
    return told | {"max_age_days": "365"} | changes


def test_findings_have_codes_answers_and_words() -> None:
    coded = tables.finding_answers(
        [{"finding": "", "system": "loinc", "code": "LA1-1", "means": "positive"}]
    )
    words = tables.finding_words(
        [
            {"finding": "", "means": "negative", "pattern": "not detected"},
            {"finding": "", "means": "positive", "pattern": "detected"},
        ]
    )

    found = tables.findings(
        [finding("1-8"), finding("2-6"), finding("", name="other")], coded, words
    )

    assert found.filed == {"antibody": (("loinc", "1-8"), ("loinc", "2-6"))}
    assert list(found.kinds) == ["antibody", "other"]
    assert found.answers == {"": {("loinc", "LA1-1"): "positive"}}
    assert [means for means, _ in found.words[""]] == ["negative", "positive"]
    assert found.words[""][1][1].search("DETECTED")
    assert not found.words[""][1][1].search("undetected")


def test_lines_of_one_finding_that_differ_are_a_fault() -> None:
    with pytest.raises(ValueError, match="contradicts another line"):
        tables.findings([finding("1-8"), finding("2-6", max_age_days="7")])


def test_words_that_are_no_pattern_are_a_fault() -> None:
    with pytest.raises(ValueError, match="is no pattern"):
        tables.finding_words([{"finding": "", "means": "positive", "pattern": "(detected"}])
