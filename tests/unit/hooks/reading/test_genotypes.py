"""Genetic results to gene results: every form in which reports state them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import GeneResult, Missing, Record, Why
from hooks.reading.genotypes import gene_record
from hooks.reading.resources import Fetched
from tests.unit.hooks.reading import (
    ABSENT,
    ANY_JSON,
    REPORTS,
    Json,
    alleles,
    bundle,
    coded,
    coding,
    component,
    fetched,
    gene,
    json_of,
    loinc,
    missing,
    observation,
    phenotypes,
    read,
    result,
    statuses,
)

IMPLICATION = coded("genomics-tbd", "therapeutic-implication")
POOR = loinc("LA9657-3", "Poor metabolizer")
NORMAL = loinc("LA25391-6", "Normal metabolizer")
SERVER = "https://ehr.example/fhir"


def genotype(of: object = "*1/*2", symbol: str = "CYP2C19", **elements: object) -> Json:
    return observation("84413-4", of, **({"component": [gene(symbol)]} | elements))


def haplotype(name: str, **elements: object) -> Json:
    return observation("84414-2", name, component=[gene("CYP2C19")], **elements)


def laboratory(name: str) -> Json:
    return {"performer": [{"display": name}]}


@pytest.mark.parametrize(
    "value",
    [
        "CYP2C19 *1/*2",
        "*2/*1",
        {"text": "CYP2C19 *1/*2"},
        {"coding": [{"system": "http://www.pharmvar.org", "code": "CYP2C19 *1/*2"}]},
        {
            "coding": [
                {
                    "system": "http://www.pharmvar.org",
                    "code": "CYP2C19",
                    "display": "CYP2C19 *1/*2",
                }
            ]
        },
        {"coding": [{"code": "CYP2C19*1/CYP2C19*2", "display": "CYP2C19 *1/*2"}], "text": "*1/*2"},
    ],
)
def test_a_genotype_is_read_from_display_text_code_or_string(value: object) -> None:
    assert alleles("CYP2C19", genotype(value)) == {"*1/*2"}


def test_a_genotype_may_name_its_gene_in_the_text_only() -> None:
    found = observation("84413-4", "CYP2C19 *1/*2; CYP2C9 *1/*3")
    assert alleles("CYP2C19", found) == {"*1/*2"}
    assert alleles("CYP2C9", found) == {"*1/*3"}


def test_a_genotype_may_carry_the_code_of_its_assay_as_well() -> None:
    code = {"coding": [coding("loinc", "84413-4"), coding("loinc", "57290-9")]}
    value = coded("http://glstring.org", "hla#3.31.0#HLA-A*03:01:01:01+HLA-A*30:01:01")
    assert alleles("HLA-A", observation(code, value)) == {"*03:01:01:01/*30:01:01"}


def test_a_laboratorys_own_code_may_stand_before_ours() -> None:
    code = {"coding": [coding("http://lab.example", "PGX-7"), coding("loinc", "57132-3")]}
    assert alleles("CYP2C19", observation(code, "*1/*17")) == {"*1/*17"}
    assert read(observation({"coding": code["coding"][:1]}, "CYP2C19 *1/*17")).found == {}


@pytest.mark.parametrize("code", ["57132-3", "66489-6"])
def test_a_genes_own_code_needs_no_gene_beside_it(code: str) -> None:
    assert alleles("CYP2C19", observation(code, "*1/*17")) == {"*1/*17"}


def test_texts_that_state_different_alleles_are_unreadable() -> None:
    found = missing("CYP2C19", genotype({"coding": [{"display": "*1/*1"}], "text": "*2/*2"}))
    assert (found.why, found.detail) == (Why.UNREADABLE, "Observation/o1 states different alleles")


def test_text_that_cannot_be_read_is_unreadable_and_never_normal() -> None:
    found = missing("CYP2C19", genotype("no variants found"))
    assert (found.why, found.detail) == (Why.UNREADABLE, "Observation/o1 cannot be read")


def test_words_that_take_the_alleles_back_make_them_unreadable() -> None:
    value = {"coding": [{"display": "CYP2C19 *1/*1"}], "text": "sample failed"}
    missing("CYP2C19", genotype(value))


def test_a_gene_in_lower_case_is_found() -> None:
    assert alleles("CYP2C19", observation("84413-4", "cyp2c19 *2/*2")) == {"*2/*2"}


def test_two_haplotypes_of_one_laboratory_and_day_are_a_diplotype() -> None:
    found = [haplotype("CYP2C19*2", id="h1"), haplotype("CYP2C19*1", id="h2")]
    assert alleles("CYP2C19", *found) == {"*1/*2"}


def test_one_haplotype_is_not_a_homozygote() -> None:
    found = missing("CYP2C19", haplotype("*1"))
    assert found.detail == "Observation/o1 is one haplotype without the other"


def test_three_haplotypes_are_no_diplotype() -> None:
    found = missing("CYP2C19", *(haplotype(f"*{n}", id=f"h{n}") for n in (1, 2, 3)))
    assert found.detail == "Observation/h1 is one of many"


def test_the_same_haplotype_twice_is_not_a_homozygote() -> None:
    missing("CYP2C19", haplotype("*1", id="h1"), haplotype("*1", id="h1"))


def test_haplotypes_without_a_laboratory_make_a_diplotype() -> None:
    found = [haplotype(name, id=f"h{name[1]}", performer=ABSENT) for name in ("*1", "*2")]
    assert alleles("CYP2C19", *found) == {"*1/*2"}


def test_haplotypes_without_laboratory_and_date_are_not_put_together() -> None:
    bare = {"performer": ABSENT, "effectiveDateTime": ABSENT}
    missing("CYP2C19", haplotype("*1", id="h1", **bare), haplotype("*1", id="h2", **bare))


def test_the_haplotypes_of_one_panel_make_a_diplotype() -> None:
    parts = [gene("CYP2C19"), component("84414-2", "*1"), component("84414-2", "*2")]
    assert alleles("CYP2C19", observation("82118-1", component=parts)) == {"*1/*2"}


@pytest.mark.parametrize("name", ["wild type", "*2 or *3", ""])
def test_a_haplotype_that_names_no_single_allele_is_unreadable(name: str) -> None:
    found = missing("CYP2C19", haplotype(name))
    assert found.detail == "Observation/o1 names no single allele"


def test_haplotypes_of_different_days_are_not_put_together() -> None:
    later = haplotype("*2", id="h2", effectiveDateTime="2024-05-02")
    missing("CYP2C19", haplotype("*1", id="h1"), later)


def test_a_genotype_stands_for_the_haplotypes_of_its_day() -> None:
    found = [haplotype("*2", id="h1"), haplotype("*1", id="h2"), genotype("*1/*2", id="g1")]
    assert alleles("CYP2C19", *found) == {"*1/*2"}
    assert result("CYP2C19", *found).remarks == ()


def test_half_a_diplotype_beside_a_genotype_of_its_day_is_remarked() -> None:
    found = result("CYP2C19", haplotype("*1", id="h1"), genotype("*1/*2", id="g1"))
    assert {str(each) for each in found.candidates} == {"*1/*2"}
    assert [remark.detail for remark in found.remarks] == [
        "Observation/h1 is one haplotype without the other"
    ]


def test_a_genotype_stands_for_the_haplotypes_that_it_was_derived_from() -> None:
    half = haplotype("*2", id="h1", effectiveDateTime="2024-04-30")
    whole = genotype("*1/*2", id="g1", derivedFrom=[{"reference": "Observation/h1"}])
    found = result("CYP2C19", half, whole)
    assert {str(each) for each in found.candidates} == {"*1/*2"}
    assert found.remarks == ()


def test_haplotypes_that_contradict_the_genotype_are_not_hidden() -> None:
    found = [haplotype("*2", id="h1"), haplotype("*17", id="h2"), genotype("*1/*1", id="g1")]
    told = read(*found).get("CYP2C19")
    assert isinstance(told, Missing) or len(told.candidates) == 2 or told.remarks


@pytest.mark.parametrize(
    ("symbol", "code", "value", "phenotype"),
    [
        ("CYP2C19", "79714-2", POOR, "Poor Metabolizer"),
        ("CYP2D6", "79715-9", NORMAL, "Normal Metabolizer"),
        ("CYP2C19", "79714-2", "Likely poor metabolizer", "Likely Poor Metabolizer"),
        ("SLCO1B1", "79722-5", loinc("LA25395-7"), "Decreased Function"),
        ("CYP2C9", "79716-7", loinc("LA11884-6"), "Indeterminate"),
        ("CYP2D6", "72880-8", {"text": "Extensive (normal) metabolizer"}, "Normal Metabolizer"),
    ],
)
def test_older_codes_hold_the_phenotype_of_one_gene(
    symbol: str, code: str, value: object, phenotype: str
) -> None:
    assert phenotypes(symbol, observation(code, value)) == {phenotype}


@pytest.mark.parametrize("code", ["53040-2", "51961-1", "51971-0", "83009-1"])
def test_general_codes_hold_a_phenotype_beside_the_gene(code: str) -> None:
    found = observation(code, POOR, component=[gene("CYP2C19")])
    assert phenotypes("CYP2C19", found) == {"Poor Metabolizer"}


def test_a_therapeutic_implication_tells_the_phenotype_of_what_it_was_derived_from() -> None:
    implied = observation(
        IMPLICATION,
        id="i1",
        derivedFrom=[{"reference": "Observation/g1"}],
        component=[{"code": IMPLICATION, "valueCodeableConcept": POOR}],
    )
    found = result("CYP2C19", genotype("*2/*2", id="g1"), implied)
    assert {str(each) for each in found.candidates} == {"*2/*2"}
    assert {str(each) for each in found.reported} == {"Poor Metabolizer"}


def test_alleles_and_phenotype_may_stand_in_one_text() -> None:
    found = result("CYP2D6", genotype("CYP2D6 *1/*4, intermediate metabolizer", "CYP2D6"))
    assert {str(each) for each in found.candidates} == {"*1/*4"}
    assert {str(each) for each in found.reported} == {"Intermediate Metabolizer"}


@pytest.mark.parametrize(
    ("value", "parts", "reported"),
    [
        ("Normal metabolizer (activity score 2.0)", [], {("Normal Metabolizer", "2.0")}),
        ("Activity score: 0.5", [], {("Intermediate Metabolizer", "0.5")}),
        (
            NORMAL,
            [{"code": {"text": "Activity score"}, "valueQuantity": {"value": 2}}],
            {("Normal Metabolizer", "2.0")},
        ),
        ("Activity score: n/a", [], {("Indeterminate", "n/a")}),
    ],
)
def test_a_score_is_kept_or_stands_for_its_phenotype(
    value: object, parts: list[Json], reported: set[tuple[str, str]]
) -> None:
    found = result("CYP2D6", observation("79715-9", value, component=parts))
    assert {(each.phenotype, each.activity_score) for each in found.reported} == reported


def test_a_score_of_a_gene_without_scores_is_no_phenotype() -> None:
    missing("CYP2C19", observation("79714-2", "Activity score: 2"))


def test_a_code_and_words_that_differ_are_both_told_or_unreadable() -> None:
    found = read(observation("79715-9", NORMAL | {"text": "Poor metabolizer"})).get("CYP2D6")
    assert isinstance(found, Missing) or len(found.reported) == 2


def test_a_panel_holds_results_in_components() -> None:
    parts = [
        component("57132-3", "*1/*2"),
        gene("CYP2C9"),
        component("84413-4", "*1/*3"),
        component("50956-2", loinc("LA6577-6", "Negative")),
    ]
    panel = observation("82118-1", component=parts)
    assert alleles("CYP2C19", panel) == {"*1/*2"}
    assert alleles("CYP2C9", panel) == {"*1/*3"}
    assert statuses("HLA-B", panel) == {"*57:01 negative"}


def test_a_panel_refers_to_its_members() -> None:
    panel = observation("82118-1", id="p", hasMember=[{"reference": "Observation/g1"}])
    assert alleles("CYP2C19", panel, genotype("*1/*2", id="g1")) == {"*1/*2"}


def test_a_panel_may_contain_its_results() -> None:
    inside = genotype("*1/*2", id="g", subject=ABSENT, status=ABSENT)
    assert alleles("CYP2C19", observation("82118-1", contained=[inside])) == {"*1/*2"}


def test_a_contained_result_of_another_patient_does_not_hide_ours() -> None:
    other = genotype("*2/*2", id="a", subject={"reference": "Patient/p2"})
    panel = observation("82118-1", contained=[other, genotype("*1/*2", id="b"), "broken"])
    assert alleles("CYP2C19", panel) == {"*1/*2"}


def test_contained_results_of_another_patient_alone_do_not_count() -> None:
    other = genotype("*2/*2", id="a", subject={"reference": "Patient/p2"})
    assert "CYP2C19" not in read(observation("82118-1", contained=[other])).found


def test_a_value_with_a_reason_for_its_absence_is_unreadable() -> None:
    missing("CYP2C19", genotype("*1/*1", dataAbsentReason={"text": "error"}))


def test_an_hla_typing_holds_both_alleles() -> None:
    assert alleles("HLA-B", observation("57291-7", "HLA-B*57:01, HLA-B*08:01")) == {"*08:01/*57:01"}


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (loinc("LA6576-8", "Positive"), "positive"),
        (loinc("LA6577-6"), "negative"),
        (loinc("LA9633-4", "Present"), "positive"),
        (loinc("LA11883-8", "Not detected"), "negative"),
        (coded("snomed", "260385009"), "negative"),
        ("Detected", "positive"),
        ("Not detected", "negative"),
        ({"text": "Absent"}, "negative"),
    ],
)
def test_a_presence_test_is_positive_or_negative(value: object, status: str) -> None:
    assert statuses("HLA-B", observation("50956-2", value)) == {f"*57:01 {status}"}


@pytest.mark.parametrize(
    "value",
    [
        "Indeterminate",
        "pending",
        "57:01",
        loinc("LA11884-6", "Indeterminate"),
        {"coding": [coding("loinc", "LA6576-8"), coding("loinc", "LA6577-6")]},
        {"coding": [{"display": "Negative"}], "text": "Positive"},
        ABSENT,
    ],
)
def test_a_presence_test_without_a_plain_answer_is_unreadable(value: object) -> None:
    found = missing("HLA-B", observation("50956-2", value))
    assert found.detail == "Observation/o1 does not say plainly present or absent"


@pytest.mark.parametrize(
    "value",
    [
        {"coding": [{"display": "Negative"}], "text": "Indeterminate"},
        loinc("LA6577-6", "Negative") | {"text": "Positive"},
        loinc("LA6577-6", "Negative") | {"text": "insufficient sample"},
        "Not negative",
    ],
)
def test_a_doubtful_negative_is_not_negative(value: object) -> None:
    missing("HLA-B", observation("50956-2", value))


def test_single_alleles_may_be_answered_for_in_a_typings_text() -> None:
    found = observation("57291-7", "HLA-B*57:01 negative; HLA-B*15:02 positive")
    assert statuses("HLA-B", found) == {"*57:01 negative", "*15:02 positive"}


def test_answers_that_contradict_each_other_in_one_result_are_none() -> None:
    value = {"coding": [{"display": "HLA-B*57:01 negative"}], "text": "HLA-B*57:01 positive"}
    missing("HLA-B", observation("57291-7", value))


def test_tests_for_different_alleles_hold_together() -> None:
    first = observation("50956-2", "Negative", id="a")
    second = observation("57979-7", "Positive", id="b", effectiveDateTime="2025-01-01")
    assert statuses("HLA-B", first, second) == {"*57:01 negative", "*15:02 positive"}


def test_a_typing_without_a_call_is_unreadable() -> None:
    missing("HLA-B", observation("57291-7", loinc("LA18198-4", "No call")))


def test_a_variant_that_is_absent_says_nothing_of_the_gene() -> None:
    variant = observation("69548-6", loinc("LA9634-2", "Absent"), component=[gene("DPYD")])
    assert missing("DPYD", variant).why is Why.NOT_RECORDED


def test_a_variant_that_is_present_is_never_silence() -> None:
    variant = observation("69548-6", loinc("LA9633-4", "Present"), component=[gene("DPYD")])
    assert missing("DPYD", variant).why is Why.UNREADABLE


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_withdrawn_result_is_as_if_it_were_not_there(status: str) -> None:
    assert "CYP2C19" not in read(genotype(status=status)).found


@pytest.mark.parametrize("status", ["preliminary", "registered", "unknown"])
def test_a_result_that_is_not_final_does_not_count(status: str) -> None:
    found = missing("CYP2C19", genotype(status=status))
    assert (found.why, found.detail) == (Why.UNREADABLE, "Observation/o1 is not final")


def test_a_preliminary_result_does_not_replace_a_final_one() -> None:
    newer = genotype("*1/*1", id="n", status="preliminary", effectiveDateTime="2025-01-01")
    assert alleles("CYP2C19", genotype("*2/*2"), newer) == {"*2/*2"}


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_a_newer_result_of_the_same_laboratory_replaces_the_older(status: str) -> None:
    newer = genotype("*2/*2", id="n", status=status, effectiveDateTime="2025-01-01")
    assert alleles("CYP2C19", genotype("*1/*1"), newer) == {"*2/*2"}
    assert alleles("CYP2C19", newer, genotype("*1/*1")) == {"*2/*2"}


def test_two_results_of_one_day_are_both_possible() -> None:
    found = [genotype("*1/*1", id="a"), genotype("*2/*2", id="b", status="amended")]
    assert alleles("CYP2C19", *found) == {"*1/*1", "*2/*2"}


def test_a_newer_unreadable_result_of_the_same_laboratory_blocks_the_older() -> None:
    newer = genotype("see attached", id="n", effectiveDateTime="2025-01-01")
    assert missing("CYP2C19", genotype("*1/*1"), newer).why is Why.UNREADABLE


def test_a_newer_phenotype_does_not_replace_the_alleles() -> None:
    newer = observation("79714-2", POOR, id="n", effectiveDateTime="2025-01-01")
    found = result("CYP2C19", genotype("*1/*2"), newer)
    assert len(found.candidates) == len(found.reported) == 1


@pytest.mark.parametrize(
    ("day", "doubted"),
    [("2025-01-01", True), (ABSENT, True), ("2024-05-01", False), ("2020-01-01", False)],
)
def test_a_newer_unreadable_result_of_another_laboratory_is_a_doubt(
    day: object, doubted: bool
) -> None:
    other = genotype("see attached", id="b", effectiveDateTime=day, **laboratory("Lab B"))
    assert result("CYP2C19", genotype("*1/*1", id="a"), other).doubted is doubted


def test_results_of_different_laboratories_all_stand() -> None:
    other = genotype("*1/*1", id="b", effectiveDateTime="2025-01-01", **laboratory("Lab B"))
    found = result("CYP2C19", genotype("*2/*2", id="a"), other)
    assert {str(each) for each in found.candidates} == {"*1/*1", "*2/*2"}
    assert [each.reference for each in found.evidence] == ["Observation/b", "Observation/a"]


def test_an_unreadable_result_of_another_laboratory_is_remarked() -> None:
    other = genotype("see attached", id="b", **laboratory("Lab B"))
    found = result("CYP2C19", genotype("*1/*1", id="a"), other)
    assert [remark.detail for remark in found.remarks] == ["Observation/b cannot be read"]


def test_a_result_without_a_date_replaces_nothing_and_is_not_replaced() -> None:
    undated = genotype("*2/*2", id="u", effectiveDateTime=ABSENT)
    assert alleles("CYP2C19", genotype("*1/*1"), undated) == {"*1/*1", "*2/*2"}


def test_results_without_a_laboratory_all_stand() -> None:
    older = genotype("*1/*1", id="a", performer=ABSENT)
    newer = genotype("*2/*2", id="b", performer=ABSENT, effectiveDateTime="2025-01-01")
    assert alleles("CYP2C19", older, newer) == {"*1/*1", "*2/*2"}


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/p1",
        "Patient/p1/_history/3",
        f"{SERVER}/Patient/p1",
        f"{SERVER}/Patient/p1/_history/1",
    ],
)
def test_results_of_the_patient_in_context_count(reference: str) -> None:
    found = genotype(subject={"reference": reference})
    assert isinstance(read(found, source=SERVER).get("CYP2C19"), GeneResult)


def test_a_result_without_a_subject_counts() -> None:
    assert isinstance(read(genotype(subject=ABSENT), source=SERVER).get("CYP2C19"), GeneResult)


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p2"},
        {"reference": "https://other.example/fhir/Patient/p1"},
        {"display": "p1"},
        None,
    ],
)
def test_results_of_another_patient_or_server_do_not_count(subject: object) -> None:
    assert read(genotype(subject=subject), source=SERVER).found == {}


def test_no_answer_makes_every_gene_not_fetched() -> None:
    record = gene_record(Missing("genotypes", Why.NOT_FETCHED, "timeout"), "p1", REPORTS)
    assert record.get("CYP2C19") == Missing("CYP2C19", Why.NOT_FETCHED, "timeout")


@pytest.mark.parametrize("nothing", [None, {}, {"resourceType": "Bundle"}])
def test_an_empty_answer_makes_every_gene_not_recorded(nothing: Json | None) -> None:
    record = gene_record(Fetched(nothing), "p1", REPORTS)
    assert record.get("CYP2C19") == Missing("CYP2C19", Why.NOT_RECORDED)


def test_what_an_incomplete_answer_does_not_hold_is_not_fetched() -> None:
    cut = Fetched(bundle(genotype()), "prefetch", Missing("genotypes", Why.NOT_FETCHED, "page 2"))
    record = gene_record(cut, "p1", REPORTS)
    assert isinstance(record.get("CYP2C19"), GeneResult)
    assert record.get("CYP2C9") == Missing("CYP2C9", Why.NOT_FETCHED, "page 2")


def test_what_an_incomplete_answer_holds_may_not_be_the_last_word() -> None:
    gap = Missing("genotypes", Why.NOT_FETCHED, "page 2")
    unreadable = genotype("*1/*nonsense", "CYP2D6") | {"id": "o2"}
    record = gene_record(Fetched(bundle(genotype(), unreadable), "prefetch", gap), "p1", REPORTS)

    found = record.get("CYP2C19")
    assert isinstance(found, GeneResult)
    assert found.doubted
    assert found.remarks == (Missing("CYP2C19", Why.NOT_FETCHED, "page 2"),)
    unread = record.get("CYP2D6")
    assert isinstance(unread, Missing)
    assert unread.why is Why.UNREADABLE


def test_only_the_wanted_genes_are_read() -> None:
    both = fetched(genotype("*1/*2"), genotype("*1/*3", "CYP2C9", id="o2"))
    assert set(gene_record(both, "p1", REPORTS, {"CYP2C9"}).found) == {"CYP2C9"}


def broken_beside_good(broken: list[object]) -> Record[GeneResult]:
    good = {"resource": genotype("*1/*2", id="good")}
    entries = [*broken, *({"resource": each} for each in broken), good, *broken]
    return gene_record(Fetched({"entry": entries}), "p1", REPORTS)


@given(st.lists(ANY_JSON, max_size=4))
def test_no_json_hides_a_good_result(broken: list[object]) -> None:
    found = broken_beside_good(broken).get("CYP2C19")
    assert isinstance(found, GeneResult)
    assert {str(each) for each in found.candidates} == {"*1/*2"}


ELEMENTS = json_of(
    "coding", "system", "http://loinc.org", "code", "84413-4", "display", "text", "component",
    "valueCodeableConcept", "valueString", "reference", "url", "value", "*1/*2", "CYP2C19",
)  # fmt: skip


@given(
    st.sampled_from(
        ["id", "status", "code", "subject", "effectiveDateTime", "issued", "performer", "component",
         "contained", "extension", "derivedFrom", "valueString", "valueCodeableConcept"]
    ),
    ELEMENTS,
)  # fmt: skip
def test_no_broken_element_raises_or_hides_a_good_result(element: str, broken: object) -> None:
    bad = observation("57132-3", id="bad", **laboratory("Lab B")) | {element: broken}
    found = broken_beside_good([bad]).get("CYP2C19")
    assert isinstance(found, GeneResult)
    assert "*1/*2" in {str(each) for each in found.candidates}


@given(st.text())
def test_no_text_raises_as_a_genotype(text: str) -> None:
    for code in ("84413-4", "84414-2", "57132-3", "57291-7", "50956-2", "79715-9", "69548-6"):
        read(observation(code, text), observation(code, {"text": text}, component=[gene("DPYD")]))


@given(st.permutations(range(4)))
def test_the_order_of_entries_does_not_matter(order: list[int]) -> None:
    found = [
        genotype("*1/*2", id="a"),
        genotype("*1/*17", id="b", **laboratory("Lab B")),
        observation("79714-2", POOR, id="c"),
        genotype("?", id="d", **laboratory("Lab C")),
    ]
    assert read(*(found[place] for place in order)).found == read(*found).found


def test_every_fetched_answer_is_read_by_the_server_that_it_came_from() -> None:
    record = gene_record(fetched(genotype(), source=SERVER), "p1", REPORTS)
    found = record.get("CYP2C19")
    assert isinstance(found, GeneResult)
    assert found.evidence[0].source == SERVER
