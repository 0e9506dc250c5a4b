"""Variants as markers read them: whose, which gene and change, found or not, how many copies."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hooks.clinical.elements import Known
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from tests.unit.hooks.reading.elements.marked import (
    ABSENT,
    BENIGN,
    COMPOUND,
    GERMLINE,
    HETEROZYGOUS,
    HGNC,
    INTERPRETATION,
    NO_CALL,
    PATHOGENIC,
    PRESENT,
    SNOMED,
    UNCERTAIN,
    Json,
    coded,
    component,
    observation,
    pos,
    shipped,
    truth,
    variant,
)

YES, NO = Truth.YES, Truth.NO
ANOTHER = "another variant is on file, which says nothing about this one"


def shown(found: Known | Missing) -> str:
    assert isinstance(found, Known)
    return found.shown


# Which change


def test_another_change_says_nothing_of_the_one_that_is_asked_for() -> None:
    found = pos("KRAS_G12C", variant("KRAS", "p.Gly12Asp"))

    assert found == Missing("KRAS_G12C", Why.NOT_RECORDED, ANOTHER)


def test_another_gene_says_nothing() -> None:
    assert pos("KRAS_G12C", variant("EGFR", "p.Leu858Arg")) == (
        Missing("KRAS_G12C", Why.NOT_RECORDED)
    )


@pytest.mark.parametrize(
    ("marker", "gene", "change"),
    [
        ("KRAS_G12C", "KRAS", "p.Gly12Cys"),
        ("BRAF_V600E", "BRAF", "V600E"),
        ("ALK_fus", "ALK", "rearrangement"),
        ("FLT3_ITD", "FLT3", "internal tandem duplication"),
        ("RET_mut", "RET", "mutation"),
        ("BCR_ABL", "BCR", "BCR::ABL1"),
    ],
)
def test_the_absence_of_the_whole_change_rules_a_marker_out(
    marker: str, gene: str, change: str
) -> None:
    assert truth(pos(marker, variant(gene, change, value=ABSENT))) is NO


@pytest.mark.parametrize(
    ("marker", "gene", "change"),
    [
        ("EGFR_sens", "EGFR", "p.Leu858Arg"),
        ("KRAS_mut", "KRAS", "p.Gly12Cys"),
        ("ALK_fus", "ALK", "EML4::ALK fusion"),
        ("BRCA_any", "BRCA1", "c.68_69del"),
        ("RET_mut", "RET", "fusion"),
        ("BRAF_V600", "BRAF", "p.Val600Glu"),
    ],
)
def test_the_absence_of_one_change_of_many_says_nothing(
    marker: str, gene: str, change: str
) -> None:
    assert truth(pos(marker, variant(gene, change, value=ABSENT))) is Why.NOT_RECORDED


def test_a_change_has_to_be_told_where_only_some_count() -> None:
    found = pos("EGFR_sens", variant("EGFR"))

    detail = "EGFR, present: does not say which change was found"
    assert found == Missing("EGFR_sens", Why.UNREADABLE, detail)


def test_any_change_does_where_all_count() -> None:
    assert shown(pos("IDH1_mut", variant("IDH1"))) == "IDH1, present"


@pytest.mark.parametrize(
    ("marker", "gene", "change"),
    [
        ("KRAS_mut", "KRAS", "p.Gly120Ser"),
        ("BRAF_V600", "BRAF", "p.Val6001Leu"),
        ("EGFR_atyp", "EGFR", "p.Gly7190Ser"),
        ("PIK3CA_mut", "PIK3CA", "p.(=)"),
        ("PIK3CA_mut", "PIK3CA", "p.(Leu339=)"),
        ("KMT2A_r", "KMT2A", "p.Arg1000Ter"),
        ("KMT2A_r", "KMT2A", "KMT2A-PTD"),
        ("PML_RARA", "RARA", "ZBTB16::RARA"),
        ("BCR_ABL", "BCR", "BCR::JAK2"),
        ("BCR_ABL", "BCR", "c.2708G>A"),
        ("EGFR_ex20ins", "EGFR", "p.Thr790Met"),
    ],
)
def test_a_change_that_only_looks_like_it_is_another(marker: str, gene: str, change: str) -> None:
    assert truth(pos(marker, variant(gene, change))) is Why.NOT_RECORDED


@pytest.mark.parametrize(
    ("marker", "gene", "change"),
    [
        ("EGFR_sens", "EGFR", "NP_005219.2:p.(Glu746_Ala750del)"),
        ("EGFR_sens", "EGFR", "p.Leu747_Pro753delinsSer"),
        ("EGFR_sens", "EGFR", "exon 19 in-frame deletion"),
        ("EGFR_sens", "EGFR", "ex19del"),
        ("EGFR_ex20ins", "EGFR", "p.D770_N771insSVD"),
        ("EGFR_ex20ins", "EGFR", "exon 20 insertion"),
        ("ALK_fus", "ALK", "EML4-ALK"),
        ("ALK_fus", "ALK", "inv(2)(p21p23)"),
        ("MET_ex14", "MET", "exon 14 skipping"),
        ("MET_ex14", "MET", "c.3028+1G>T"),
        ("BCR_ABL", "BCR", "t(9;22)(q34;q11)"),
        ("PML_RARA", "PML", "PML-RARA"),
        ("F5_leiden", "F5", "Factor V Leiden"),
        ("F2_20210", "F2", "G20210A"),
        ("H3K27M", "H3-3A", "H3K27M"),
        ("FLT3_ITD", "FLT3", "c.1770_1796dup"),
    ],
)
def test_a_change_goes_by_many_names(marker: str, gene: str, change: str) -> None:
    assert truth(pos(marker, variant(gene, change))) is YES


# Which gene


def test_a_gene_may_be_told_by_its_symbol() -> None:
    parts = [component("48018-6", "KRAS"), component("48005-3", "p.Gly12Cys")]

    assert (
        truth(
            pos(
                "KRAS_G12C",
                observation(coded("69548-6"), component=parts, valueCodeableConcept=coded(PRESENT)),
            )
        )
        is YES
    )


def test_a_fusion_is_told_by_either_partner() -> None:
    strange = component("48018-6", coded("HGNC:1316", HGNC, "EML4"))
    found = observation(
        coded("69548-6"),
        component=[strange, component("48005-3", "EML4::ALK fusion")],
        valueCodeableConcept=coded(PRESENT),
    )

    assert shown(pos("ALK_fus", found)) == "ALK EML4::ALK fusion, present"


def test_a_gene_that_is_none_of_ours_says_nothing_of_ours() -> None:
    strange = component("48018-6", coded("HGNC:11389", HGNC, "STK11"))
    found = observation(
        coded("69548-6"),
        component=[strange, component("48005-3", "p.Gly12Cys")],
        valueString="KRAS not tested",
    )

    assert truth(pos("KRAS_G12C", found)) is Why.NOT_RECORDED


@pytest.mark.parametrize(
    ("text", "marker", "expected"),
    [
        ("KRAS p.Gly12Cys detected", "KRAS_G12C", YES),
        ("KRAS G12C", "KRAS_G12C", YES),
        ("KRAS G12C not detected", "KRAS_G12C", NO),
        ("KRAS: wild type", "KRAS_G12C", NO),
        ("KRAS G12D detected; KRAS G12C not detected", "KRAS_G12C", NO),
        ("KRAS G12D detected; EGFR L858R detected", "EGFR_sens", YES),
        ("KRAS G12D detected", "KRAS_G12C", Why.NOT_RECORDED),
        ("KRAS equivocal", "KRAS_G12C", Why.UNREADABLE),
        ("KRAS", "KRAS_G12C", Why.UNREADABLE),
        ("SERPINA1 PI*ZZ", "PIZZ", YES),
        ("SERPINA1 PI*MZ", "PIZZ", NO),
        ("HFE C282Y homozygous", "HFE_hom", YES),
        ("HFE C282Y heterozygous", "HFE_hom", NO),
    ],
)
def test_a_variant_may_be_told_in_words_alone(
    text: str, marker: str, expected: Truth | Why
) -> None:
    assert truth(pos(marker, observation(coded("69548-6"), valueString=text))) is expected


def test_other_components_are_passed_over() -> None:
    found = variant("KRAS", "p.Gly12Cys")
    found["component"] = [component("51958-7", "NM_004985.5"), *found["component"], "odd", {}]
    found["component"].append({"code": {"coding": [{}, {"code": "48005-3"}]}})

    assert truth(pos("KRAS_G12C", found)) is YES


def test_a_number_is_no_gene() -> None:
    assert truth(pos("ABL_T315I", observation(coded("69548-6"), valueString="76 T315I"))) is (
        Why.NOT_RECORDED
    )


# Found or not


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"valueCodeableConcept": coded("260373001", SNOMED)}, YES),
        ({"valueCodeableConcept": coded("260415000", SNOMED)}, NO),
        ({"valueCodeableConcept": coded("42425007", SNOMED)}, Why.UNREADABLE),
        ({"valueCodeableConcept": coded(NO_CALL)}, Why.UNREADABLE),
        ({"valueCodeableConcept": {"text": "Present"}}, YES),
        ({"valueString": "Not detected"}, NO),
        ({"interpretation": [coded("POS", INTERPRETATION)]}, YES),
        ({"interpretation": [coded("ND", INTERPRETATION)]}, NO),
        ({"interpretation": [coded("IND", INTERPRETATION)]}, Why.UNREADABLE),
        ({"valueCodeableConcept": coded(HETEROZYGOUS)}, YES),
        ({"valueCodeableConcept": coded(PRESENT, display="Not detected")}, Why.UNREADABLE),
        ({"valueCodeableConcept": coded(PRESENT), "dataAbsentReason": {}}, Why.UNREADABLE),
        ({}, Why.UNREADABLE),
    ],
)
def test_what_was_found_is_told_in_codes_or_words(
    more: dict[str, Any], expected: Truth | Why
) -> None:
    found = variant("KRAS", "p.Gly12Cys", value=None, **more)

    assert truth(pos("KRAS_G12C", found)) is expected


def test_a_value_in_words_may_name_the_change() -> None:
    found = variant("KRAS", valueCodeableConcept={**coded(PRESENT), "text": "p.Gly12Cys"})

    assert shown(pos("KRAS_G12C", found)) == "KRAS p.Gly12Cys, present"


# Several genes


def test_every_gene_has_to_be_without_a_variant() -> None:
    kras, nras = (variant(gene, value=ABSENT) for gene in ("KRAS", "NRAS"))

    assert pos("RAS_mut", kras) == Missing("RAS_mut", Why.NOT_RECORDED, "no result of NRAS")
    assert shown(pos("RAS_mut", kras, nras)) == "KRAS, absent; NRAS, absent"


def test_a_result_of_two_genes_is_read_once() -> None:
    both = variant("KRAS NRAS", value=ABSENT)

    assert shown(pos("RAS_mut", both)) == "KRAS, NRAS, absent"


def test_a_positive_wins_over_a_later_negative() -> None:
    found = pos(
        "KRAS_mut",
        variant("KRAS", "p.Gly12Asp", on="2025-01-01"),
        variant("KRAS", value=ABSENT, on="2026-01-01"),
    )

    assert shown(found) == "KRAS p.Gly12Asp, present"


# Source class, significance, copies


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Germline", YES),
        ("Likely germline", Why.UNREADABLE),
        ("Unknown genomic origin", Why.UNREADABLE),
        ("Somatic", Why.NOT_RECORDED),
    ],
)
def test_a_source_class_may_be_told_in_words(words: str, expected: Truth | Why) -> None:
    found = variant("TP53", "p.Arg175His", significance=PATHOGENIC)
    found["component"].append(component("48002-0", {"text": words}))

    assert truth(pos("TP53_germ", found)) is expected


@pytest.mark.parametrize(
    ("words", "expected", "told"),
    [
        ("Pathogenic/Likely pathogenic", YES, "pathogenic"),
        ("Pathogenic, low penetrance", YES, "pathogenic"),
        ("Conflicting interpretations of pathogenicity", NO, "of conflicting significance"),
        ("Uncertain significance", NO, "of uncertain significance"),
        ("VUS", NO, "of uncertain significance"),
        ("Likely benign", NO, "benign"),
        ("not pathogenic", NO, "benign"),
        ("Benign in one database, pathogenic in another", NO, "of conflicting significance"),
    ],
)
def test_a_significance_may_be_told_in_words(words: str, expected: Truth, told: str) -> None:
    found = variant("TP53", "p.Arg175His", source_class=GERMLINE)
    found["component"].append(component("53037-8", {"text": words}))

    answer = pos("TP53_germ", found)

    assert truth(answer) is expected
    assert told in shown(answer)


def test_words_of_no_significance_leave_it_open() -> None:
    found = variant("TP53", "p.Arg175His", source_class=GERMLINE)
    found["component"].append(component("53037-8", {"text": "Drug response"}))

    assert truth(pos("TP53_germ", found)) is Why.UNREADABLE


def test_two_significances_conflict() -> None:
    found = variant("TP53", "p.Arg175His", source_class=GERMLINE, significance=PATHOGENIC)
    found["component"].append(component("53037-8", coded(BENIGN)))

    assert "of conflicting significance" in shown(pos("TP53_germ", found))


def test_an_uncertain_variant_is_named_on_the_card() -> None:
    found = variant("BRCA2", "c.7A>G", source_class=GERMLINE, significance=UNCERTAIN)

    told = "BRCA2 c.7A>G, present, of uncertain significance: counts as negative"
    assert shown(pos("BRCA_germ", found)) == told


@pytest.mark.parametrize("name", ["HFE_hom", "PIZZ", "MUTYH_bi"])
def test_the_number_of_copies_has_to_be_told(name: str) -> None:
    gene, change = {
        "HFE_hom": ("HFE", "p.Cys282Tyr"),
        "PIZZ": ("SERPINA1", "p.Glu366Lys"),
        "MUTYH_bi": ("MUTYH", "p.Tyr179Cys"),
    }[name]

    assert truth(pos(name, variant(gene, change, significance=PATHOGENIC))) is Why.UNREADABLE


def test_compound_heterozygous_is_two_copies_of_a_gene_but_not_of_a_change() -> None:
    hfe = variant("HFE", "p.Cys282Tyr", state=COMPOUND)
    mutyh = variant("MUTYH", "p.Tyr179Cys", state=COMPOUND, significance=PATHOGENIC)

    assert truth(pos("HFE_hom", hfe)) is NO
    assert truth(pos("MUTYH_bi", mutyh)) is YES


def test_a_state_in_words_counts() -> None:
    found = variant("HFE", "p.Cys282Tyr")
    found["component"].append(component("53034-5", "Homozygous"))
    double = variant("MUTYH", "p.Tyr179Cys", significance=PATHOGENIC)
    double["component"].append(component("53034-5", "compound heterozygous"))

    assert truth(pos("HFE_hom", found)) is YES
    assert truth(pos("MUTYH_bi", double)) is YES


def test_two_pathogenic_variants_of_one_report_are_both_copies() -> None:
    first, second = (
        variant("MUTYH", change, state=HETEROZYGOUS, significance=PATHOGENIC)
        for change in ("p.Tyr179Cys", "p.Gly396Asp")
    )
    found = pos("MUTYH_bi", first, second)

    assert isinstance(found, Known)
    assert found.value is YES
    assert "both copies" in found.note


# Which result counts


@pytest.mark.parametrize("status", ["registered", "preliminary", "unknown", "appended"])
def test_what_is_not_final_neither_fires_nor_reassures(status: str) -> None:
    waiting = variant("KRAS", "p.Gly12Cys", status=status)
    final = variant("KRAS", value=ABSENT, on="2025-01-01")

    detail = "KRAS p.Gly12Cys, present: no result on file is final"
    assert pos("KRAS_G12C", waiting) == Missing("KRAS_G12C", Why.UNREADABLE, detail)
    assert truth(pos("KRAS_G12C", waiting, final)) is NO


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_what_was_withdrawn_is_not_there(status: str) -> None:
    assert truth(pos("KRAS_G12C", variant("KRAS", "p.Gly12Cys", status=status))) is (
        Why.NOT_RECORDED
    )


def test_another_patient_s_variant_is_not_read() -> None:
    other = variant("KRAS", "p.Gly12Cys", subject={"reference": "Patient/other"})

    assert truth(pos("KRAS_G12C", other)) is Why.NOT_RECORDED


@pytest.mark.parametrize(
    "more",
    [
        {"focus": [{"reference": "Patient/child"}]},
        {"focus": [{"reference": "RelatedPerson/1"}]},
        {"specimen": {"display": "Amniotic fluid"}},
        {"specimen": {"display": "Donor blood"}},
    ],
)
def test_a_variant_of_somebody_else_is_not_read(more: Json) -> None:
    assert truth(pos("KRAS_G12C", variant("KRAS", "p.Gly12Cys", **more))) is Why.NOT_RECORDED


def test_a_tumour_in_focus_is_the_patient_s_own() -> None:
    found = variant("KRAS", "p.Gly12Cys", focus=[{"reference": "Condition/1"}])

    assert truth(pos("KRAS_G12C", found)) is YES


def test_a_result_of_the_future_is_not_final() -> None:
    soon = variant("KRAS", "p.Gly12Cys", on="2026-11-22T12:59:00Z")
    late = variant("KRAS", "p.Gly12Cys", on="2026-11-22T13:01:00Z")

    assert truth(pos("KRAS_G12C", soon)) is YES
    assert truth(pos("KRAS_G12C", late)) is Why.UNREADABLE


def test_an_old_variant_still_counts() -> None:
    assert truth(pos("KRAS_G12C", variant("KRAS", "p.Gly12Cys", on="1999-01-01"))) is YES


# A partial answer


def test_a_positive_in_half_an_answer_holds_and_a_negative_does_not() -> None:
    remark = Missing("markers", Why.NOT_FETCHED, "further pages")

    assert truth(pos("KRAS_G12C", variant("KRAS", "p.Gly12Cys"), remark=remark)) is YES
    assert pos("KRAS_G12C", variant("KRAS", value=ABSENT), remark=remark) == (
        Missing("KRAS_G12C", Why.NOT_FETCHED, "further pages")
    )


# Whatever comes in

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["coding", "code", "system", "text", "valueString", "component", "value"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
ELEMENTS = ["component", "valueCodeableConcept", "status", "interpretation", "focus", "specimen"]


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(ELEMENTS), JSON, max_size=4))
def test_nothing_that_comes_in_stops_a_marker(broken: dict[str, Any]) -> None:
    found = {**variant("KRAS", "p.Gly12Cys"), **broken}

    for name in shipped().markers.named:
        assert isinstance(pos(name, found), Known | Missing)


@settings(max_examples=40, deadline=200)
@given(st.text(alphabet="EML4ALKp.(Gly12-:= exon19del", max_size=5000))
def test_no_pattern_takes_long(text: str) -> None:
    found = variant("EGFR ALK KRAS", text, valueString=text)

    for name in ("EGFR_sens", "ALK_fus", "KRAS_mut", "EGFR_ex20ins"):
        assert isinstance(pos(name, found), Known | Missing)
