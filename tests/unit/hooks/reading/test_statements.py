"""What each Observation states of a gene."""

import pytest
from hypothesis import given

from hooks.reading.statements import Statement, statements
from tests.unit.hooks.reading import (
    ABSENT,
    REPORTS,
    Json,
    coded,
    coding,
    component,
    gene,
    json_of,
    loinc,
    observation,
)

IMPLICATION = coded("genomics-tbd", "therapeutic-implication")
POOR = loinc("LA9657-3", "Poor metabolizer")
GENE_EXTENSION = "http://hl7.org/fhir/StructureDefinition/observation-geneticsGene"


def all_of(*observations: Json) -> list[Statement]:
    return list(statements(observations, "prefetch", REPORTS))


def one_of(*observations: Json) -> Statement:
    (only,) = all_of(*observations)
    return only


def score_of(part: Json) -> str:
    part = {"code": {"text": "CYP2D6 activity score"}} | part
    return one_of(observation("79715-9", "see component", component=[part])).score


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_withdrawn_result_states_nothing(status: str) -> None:
    inside = observation("84413-4", "CYP2C9 *1/*1")
    assert all_of(observation("84413-4", "CYP2C19 *1/*2", status=status, contained=[inside])) == []


@pytest.mark.parametrize(
    ("status", "final"),
    [
        ("final", True),
        ("amended", True),
        ("corrected", True),
        ("preliminary", False),
        ("registered", False),
        ("unknown", False),
        (ABSENT, False),
        (4, False),
    ],
)
def test_only_final_amended_and_corrected_results_are_final(status: object, final: bool) -> None:
    assert one_of(observation("84413-4", "CYP2C19 *1/*2", status=status)).final is final


def test_codes_that_hold_no_result_of_ours_state_nothing() -> None:
    assert all_of(observation("718-7", "13 g/dL"), observation("51969-4", "see report")) == []
    assert all_of(observation("82120-7", "Trans"), observation({}, "CYP2C19 *1/*2")) == []


def test_any_coding_of_the_code_counts_and_a_genes_own_goes_first() -> None:
    code = {"coding": [coding("loinc", "84413-4"), coding("loinc", "57132-3")]}
    assert one_of(observation(code, "*1/*2")).gene == "CYP2C19"
    turned = {"coding": [{"code": "local"}, coding("loinc", "57290-9"), coding("loinc", "84413-4")]}
    assert one_of(observation(turned, "*03:01, *30:01")).gene == "HLA-A"


def test_words_are_the_displays_the_text_the_codes_and_the_string() -> None:
    value = {"coding": [{"code": "CYP2C9", "display": "CYP2C9 *4/*35B"}], "text": "*4/*35B"}
    assert one_of(observation("84413-4", value)).texts == ("CYP2C9 *4/*35B", "*4/*35B", "CYP2C9")
    assert one_of(observation("84413-4", "CYP2C9 *1/*2")).texts == ("CYP2C9 *1/*2",)


@pytest.mark.parametrize(
    "named",
    [
        coded("hgnc", "HGNC:2621", "CYP2C19"),
        coded("hgnc", "2621"),
        coded("http://www.genenames.org/geneId", "HGNC:2621"),
        {"text": "cyp2c19"},
        coded("hgnc", "HGNC:262", "CYP2C19"),
    ],
)
def test_a_component_names_the_gene_by_hgnc_code_or_symbol(named: Json) -> None:
    part = component("48018-6", named)
    assert one_of(observation("84413-4", "*1/*2", component=[part])).gene == "CYP2C19"


@pytest.mark.parametrize(
    "named",
    [
        coded("hgnc", "HGNC:2621", "CYP2D6"),
        coded("hgnc", "HGNC:1"),
        {"text": "CYP2C19 and CYP2C9"},
        {},
    ],
)
def test_a_gene_that_is_unknown_or_named_twice_differently_is_none(named: Json) -> None:
    part = component("48018-6", named)
    assert one_of(observation("84413-4", "*1/*2", component=[part])).gene == ""


def test_a_number_of_another_system_is_not_a_gene_of_ours() -> None:
    part = component("48018-6", coded("http://www.ncbi.nlm.nih.gov/gene", "2621", "GAS6"))
    assert one_of(observation("84413-4", "*1/*1", component=[part])).gene == ""


def test_older_examples_name_the_gene_in_an_extension() -> None:
    named = {"url": GENE_EXTENSION, "valueCodeableConcept": coded("hgnc", "2621", "CYP2C19")}
    other = {"url": "http://example.org/other"}
    assert one_of(observation("84413-4", "*1/*2", extension=[other, named])).gene == "CYP2C19"


def test_two_genes_of_one_result_are_none() -> None:
    parts = [gene("CYP2C19"), gene("CYP2C9")]
    assert one_of(observation("84413-4", "*1/*2", component=parts)).gene == ""


def test_what_has_no_gene_takes_that_of_what_it_was_derived_from() -> None:
    haplotype = observation("84414-2", "*2", id="h1", component=[gene("CYP2C19")])
    derived = observation(
        "84413-4", "*1/*2", id="g1", derivedFrom=[{"reference": "Observation/h1"}]
    )
    assert [found.gene for found in all_of(haplotype, derived)] == ["CYP2C19", "CYP2C19"]


@pytest.mark.parametrize(("kind", "gene_of_it"), [("derived-from", "CYP2C19"), ("has-member", "")])
def test_dstu2_says_what_a_result_was_derived_from_among_related_ones(
    kind: str, gene_of_it: str
) -> None:
    haplotype = observation("84414-2", "*2", id="h1", component=[gene("CYP2C19")])
    related = [{"type": kind, "target": {"reference": "Observation/h1"}}]
    derived = observation("84413-4", "*1/*2", id="g1", related=related)
    assert [found.gene for found in all_of(haplotype, derived)] == ["CYP2C19", gene_of_it]


def test_what_was_derived_from_two_genes_has_none() -> None:
    first = observation("57132-3", "*1/*2", id="a")
    second = observation("46724-1", "*1/*2", id="b")
    both = [{"reference": "Observation/a"}, {"reference": "https://x/Observation/b/_history/1"}]
    assert (
        all_of(first, second, observation("84413-4", "x", id="c", derivedFrom=both))[2].gene == ""
    )


def test_a_therapeutic_implication_is_a_phenotype_of_the_gene_it_was_derived_from() -> None:
    genotype = observation("84413-4", "CYP2C19 *2/*2", id="g1", component=[gene("CYP2C19")])
    implied = observation(
        IMPLICATION,
        id="i1",
        derivedFrom=[{"reference": "Observation/g1"}],
        component=[
            {"code": IMPLICATION, "valueCodeableConcept": POOR},
            component("51963-7", coded("rxnorm", "32968", "clopidogrel")),
        ],
    )
    found = all_of(genotype, implied)[1]
    assert (found.gene, found.holds) == ("CYP2C19", "phenotype")
    assert found.answers == {"Poor Metabolizer"}
    assert found.derived_from == ("Observation/g1",)


def test_an_implications_own_value_states_nothing() -> None:
    assert all_of(observation(IMPLICATION, "Poor metabolizer")) == []


def test_a_gene_component_names_the_values_after_it() -> None:
    parts = [
        gene("CYP2C19"),
        component("84413-4", "*1/*2"),
        component("51963-7", "clopidogrel"),
        gene("CYP2C9"),
        component("84413-4", "*1/*3"),
    ]
    found = all_of(observation("82118-1", component=parts))
    assert [(each.gene, each.texts) for each in found] == [
        ("CYP2C19", ("*1/*2",)),
        ("CYP2C9", ("*1/*3",)),
    ]


def test_the_value_of_an_unknown_gene_is_not_given_to_another() -> None:
    parts = [
        gene("CYP2C19"),
        component("84413-4", "*2/*2"),
        component("48018-6", coded("hgnc", "HGNC:8156", "OPRM1")),
        component("84413-4", "*1/*1"),
    ]
    found = all_of(observation("82118-1", component=parts))
    assert [each.texts for each in found if each.gene == "CYP2C19"] == [("*2/*2",)]


def test_a_gene_after_its_value_does_not_name_the_next_one() -> None:
    parts = [
        component("84413-4", "*2/*2"),
        gene("CYP2C19"),
        component("84413-4", "*1/*1"),
        gene("CYP2C9"),
    ]
    found = all_of(observation("82118-1", component=parts))
    assert ("CYP2C19", ("*1/*1",)) not in [(each.gene, each.texts) for each in found]


def test_components_under_a_genes_own_code_need_no_gene() -> None:
    parts = [component("57132-3", "*1/*2"), component("79715-9", POOR)]
    found = all_of(observation("82118-1", component=parts))
    assert [(each.gene, each.holds) for each in found] == [
        ("CYP2C19", "genotype"),
        ("CYP2D6", "phenotype"),
    ]


def test_a_contained_result_takes_over_date_laboratory_and_reference() -> None:
    inside = {
        "resourceType": "Observation",
        "id": "inside",
        "code": loinc("84413-4"),
        "valueString": "CYP2C19 *1/*2",
    }
    found = one_of(observation("82118-1", id="panel", contained=[inside]))
    assert found.final
    assert found.evidence.reference == "Observation/panel"
    assert found.evidence.performer == "Harbour Laboratory"
    assert found.on.isoformat() == "2024-05-01"


def test_a_contained_result_keeps_its_own_date_and_status() -> None:
    inside = observation(
        "57132-3", "*1/*2", status="preliminary", effectiveDateTime="2020-01-01", performer=ABSENT
    )
    found = one_of(observation("82118-1", contained=[inside, {"resourceType": "Specimen"}]))
    assert (found.final, found.on.isoformat()) == (False, "2020-01-01")


def test_nothing_in_a_preliminary_report_is_final() -> None:
    inside = observation("57132-3", "*1/*2")
    assert not one_of(observation("82118-1", status="preliminary", contained=[inside])).final


def test_a_contained_result_may_be_derived_from_another() -> None:
    genotype = observation("57132-3", "*2/*2", id="g")
    implied = observation(
        IMPLICATION,
        id="i",
        derivedFrom=[{"reference": "#g"}],
        component=[{"code": IMPLICATION, "valueCodeableConcept": POOR}],
    )
    found = all_of(observation("82118-1", contained=[genotype, implied]))
    assert [each.gene for each in found] == ["CYP2C19", "CYP2C19"]


def test_a_somatic_result_says_nothing_of_the_germline() -> None:
    parts = [gene("DPYD"), component("48002-0", loinc("LA6684-0", "Somatic"))]
    assert all_of(observation("84413-4", "Reference/Reference", component=parts)) == []


@pytest.mark.parametrize(
    ("part", "score"),
    [
        ({"valueQuantity": {"value": 1.25}}, "1.25"),
        ({"valueQuantity": {"value": 3, "comparator": ">="}}, "≥3"),
        ({"valueInteger": 0}, "0"),
        ({"valueString": "n/a"}, "n/a"),
        ({"valueCodeableConcept": {"text": "0.5"}}, "0.5"),
        ({"valueQuantity": {"value": True}}, ""),
        ({"valueQuantity": {"value": "1"}}, ""),
        ({}, ""),
    ],
)
def test_an_activity_score_may_be_a_component(part: Json, score: str) -> None:
    assert score_of(part) == score


@pytest.mark.parametrize("comparator", [">", "<", "<="])
def test_a_score_above_or_below_is_not_that_score(comparator: str) -> None:
    assert score_of({"valueQuantity": {"value": 2.25, "comparator": comparator}}) != "2.25"


def test_another_component_is_no_activity_score() -> None:
    assert score_of({"code": {"text": "Copy number"}, "valueInteger": 2}) == ""


def test_a_statement_without_a_date_is_older_than_any_other() -> None:
    undated = one_of(observation("84413-4", "CYP2C19 *1/*2", effectiveDateTime=ABSENT))
    dated = one_of(observation("84413-4", "CYP2C19 *1/*2"))
    assert undated.on < dated.on


@given(
    json_of(
        "component", "code", "coding", "system", "http://loinc.org", "84413-4", "48018-6",
        "valueCodeableConcept", "contained", "resourceType", "Observation", "status", "final",
        "derivedFrom", "reference", "extension", "url",
    )
)  # fmt: skip
def test_no_observation_raises(broken: object) -> None:
    resource = broken if isinstance(broken, dict) else {"code": broken, "contained": [broken]}
    all_of(resource, observation("84413-4", "x", component=broken, extension=broken))
