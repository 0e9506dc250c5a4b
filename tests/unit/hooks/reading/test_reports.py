"""Reports and panels: what they hold, refer to or conclude."""

import pytest

from hooks.clinical.facts import GeneResult, Why
from hooks.reading.genotypes import gene_record
from tests.unit.hooks.reading import (
    ABSENT,
    REPORTS,
    Json,
    alleles,
    component,
    fetched,
    gene,
    loinc,
    missing,
    observation,
    phenotypes,
    read,
    result,
)


def report(conclusion: str = "", **elements: object) -> Json:
    """A final report on patient p1."""
    resource: Json = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "code": loinc("51969-4", "Genetic analysis report"),
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2024-05-01",
        "conclusion": conclusion,
    }
    resource |= elements
    return {name: element for name, element in resource.items() if element is not ABSENT}


def genotype(of: object = "*1/*2", symbol: str = "CYP2C19", **elements: object) -> Json:
    return observation("84413-4", of, **({"component": [gene(symbol)]} | elements))


@pytest.mark.parametrize(
    "conclusion",
    ["CYP2C19 *2/*2", "CYP2C19: *2/*2, Poor Metabolizer.", "CYP2C19 *2/*2; CYP2D6 *1/*1"],
)
def test_a_conclusion_that_is_unmistakable_is_read(conclusion: str) -> None:
    assert alleles("CYP2C19", report(conclusion)) == {"*2/*2"}


def test_a_conclusion_may_be_coded_under_the_code_of_one_gene() -> None:
    coded_poor = [loinc("LA9657-3", "Poor metabolizer")]
    found = report(ABSENT, code=loinc("79714-2"), conclusionCode=coded_poor)
    assert phenotypes("CYP2C19", found) == {"Poor Metabolizer"}


@pytest.mark.parametrize(
    "conclusion",
    [
        "CYP2C19 result consistent with poor metabolism. Avoid clopidogrel.",
        "The patient may be a CYP2C19 poor metabolizer",
        "No CYP2C19 variants were found",
    ],
)
def test_a_conclusion_in_free_words_is_unreadable_and_never_dropped(conclusion: str) -> None:
    assert missing("CYP2C19", report(conclusion)).why is Why.UNREADABLE


def test_a_report_without_words_is_of_any_gene() -> None:
    pdf = report(presentedForm=[{"contentType": "application/pdf", "title": "PGx"}])
    assert read(pdf).get("CYP2C19").detail == "a result on file names no gene"  # type: ignore[union-attr]


def test_a_report_whose_results_are_on_file_adds_nothing() -> None:
    found = report("See results.", result=[{"reference": "Observation/g"}])
    assert result("CYP2C19", found, genotype(id="g")).remarks == ()


def test_a_report_may_contain_its_results() -> None:
    inside = genotype("*2/*2", id="g", subject=ABSENT, status=ABSENT)
    found = report("Long text on CYP2C19.", contained=[inside], result=[{"reference": "#g"}])
    assert alleles("CYP2C19", found) == {"*2/*2"}


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_withdrawn_report_is_as_if_it_were_not_there(status: str) -> None:
    assert read(report("CYP2C19 *2/*2", status=status)).found == {}


def test_a_preliminary_report_does_not_count_and_is_told() -> None:
    assert missing("CYP2C19", report("CYP2C19 *2/*2", status="partial")).detail.endswith(
        "not final"
    )


def test_an_appended_report_is_final() -> None:
    assert alleles("CYP2C19", report("CYP2C19 *2/*2", status="appended")) == {"*2/*2"}


@pytest.mark.parametrize(
    "other",
    [
        report("CYP2C19 *2/*2", subject={"reference": "Patient/p2"}),
        report("CYP2C19 *2/*2", code=loinc("58410-2", "CBC panel")),
    ],
)
def test_other_reports_are_passed_over(other: Json) -> None:
    assert read(other).found == {}


def test_the_gene_of_a_panel_is_that_of_its_members() -> None:
    panel = observation(
        "82118-1", id="p", component=[gene("CYP2C19")], hasMember=[{"reference": "Observation/m"}]
    )
    assert alleles("CYP2C19", panel, observation("84413-4", "*2/*2", id="m")) == {"*2/*2"}


def test_the_gene_of_a_panel_is_that_of_what_it_contains() -> None:
    inside = observation("84413-4", "*2/*2", id="m", subject=ABSENT)
    panel = observation("82118-1", component=[gene("CYP2C19")], contained=[inside])
    assert alleles("CYP2C19", panel) == {"*2/*2"}


def test_a_gene_may_be_named_by_a_string() -> None:
    parts = [component("48018-6", "CYP2C19")]
    assert alleles("CYP2C19", observation("84413-4", "*2/*2", component=parts)) == {"*2/*2"}


@pytest.mark.parametrize(
    ("quantity", "phenotype"),
    [
        ({"value": 1.25, "unit": "activity score"}, "Normal Metabolizer"),
        ({"value": 3, "comparator": ">=", "unit": "Activity Score"}, "Ultrarapid Metabolizer"),
    ],
)
def test_a_quantity_of_activity_score_stands_for_its_phenotype(
    quantity: Json, phenotype: str
) -> None:
    found = observation("79715-9", valueQuantity=quantity)
    assert phenotypes("CYP2D6", found) == {phenotype}


@pytest.mark.parametrize(
    ("symbol", "code", "unit"),
    [("G6PD", "32546-4", "U/g{Hb}"), ("TPMT", "21563-2", "U/mL"), ("CYP2D6", "79715-9", "")],
)
def test_a_bare_number_of_enzyme_activity_is_unreadable_and_told(
    symbol: str, code: str, unit: str
) -> None:
    found = missing(symbol, observation(code, valueQuantity={"value": 1.2, "unit": unit}))
    assert found.why is Why.UNREADABLE


@pytest.mark.parametrize(
    ("symbol", "code", "value", "phenotype"),
    [
        ("G6PD", "32546-4", "Deficient", "Deficient"),
        ("G6PD", "32546-4", "G6PD activity: normal", "Normal"),
        ("TPMT", "21563-2", "Intermediate metabolizer", "Intermediate Metabolizer"),
    ],
)
def test_enzyme_activity_is_read_as_far_as_a_phenotype_is_stated(
    symbol: str, code: str, value: str, phenotype: str
) -> None:
    assert phenotypes(symbol, observation(code, value)) == {phenotype}


@pytest.mark.parametrize(
    "value", ["12 % of normal", "low normal", "normal range 7-20", "borderline"]
)
def test_enzyme_activity_in_doubtful_words_is_unreadable(value: str) -> None:
    assert missing("G6PD", observation("32546-4", value)).why is Why.UNREADABLE


def test_only_wanted_genes_of_a_large_panel_are_looked_at() -> None:
    parts = [gene("CYP2C9"), component("57132-3", "*1/*17")]
    inside = genotype("*2/*2", id="g", subject=ABSENT)
    found = fetched(
        genotype("*1/*3", "CYP2C9", id="a"),
        observation("82118-1", id="b", component=parts),
        observation("82118-1", id="c", contained=[inside], component=[gene("CYP2C9")]),
    )
    told = gene_record(found, "p1", REPORTS, {"CYP2C19"})
    assert set(told.found) == {"CYP2C19"}
    result = told.get("CYP2C19")
    assert isinstance(result, GeneResult)
    assert {str(each) for each in result.candidates} == {"*1/*17", "*2/*2"}
