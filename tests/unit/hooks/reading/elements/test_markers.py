"""Every marker: a result that shows it, one that rules it out, and one that leaves it open."""

from typing import Any

import pytest

from hooks.clinical.elements import Known
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from tests.unit.hooks.reading.elements.marked import (
    ABSENT,
    BENIGN,
    FETAL,
    GERMLINE,
    HETEROZYGOUS,
    HOMOZYGOUS,
    LIKELY,
    PATHOGENIC,
    SOMATIC,
    UNCLEAR,
    Json,
    named,
    neg,
    pos,
    result,
    shipped,
    truth,
    variant,
)

YES, NO = Truth.YES, Truth.NO
CHANGES = {  # marker: gene, a change that shows it
    "EGFR_sens": ("EGFR", "p.(Leu858Arg)"),
    "EGFR_atyp": ("EGFR", "p.Gly719Ser"),
    "EGFR_ex20ins": ("EGFR", "p.Ala767_Val769dup"),
    "EGFR_T790M": ("EGFR", "p.Thr790Met"),
    "EGFR_C797S": ("EGFR", "p.Cys797Ser"),
    "ALK_fus": ("ALK", "EML4::ALK fusion"),
    "ALK_G1202R": ("ALK", "p.Gly1202Arg"),
    "ROS1_fus": ("ROS1", "CD74::ROS1"),
    "ROS1_G2032R": ("ROS1", "p.G2032R"),
    "RET_fus": ("RET", "KIF5B::RET"),
    "RET_mut": ("RET", "p.Met918Thr"),
    "NTRK_fus": ("NTRK3", "ETV6::NTRK3"),
    "NRG1_fus": ("NRG1", "CD74::NRG1"),
    "MET_ex14": ("MET", "c.3028G>A"),
    "KRAS_G12C": ("KRAS", "p.Gly12Cys"),
    "KRAS_mut": ("KRAS", "p.Gln61His"),
    "RAS_mut": ("NRAS", "p.Gln61Arg"),
    "BRAF_V600": ("BRAF", "p.Val600Lys"),
    "BRAF_V600E": ("BRAF", "p.Val600Glu"),
    "BRAF_any": ("BRAF", "KIAA1549::BRAF"),
    "HER2_mut": ("ERBB2", "p.Tyr772_Ala775dup"),
    "PIK3CA_mut": ("PIK3CA", "p.His1047Arg"),
    "PIK3_path": ("PTEN", "c.388C>T"),
    "ESR1_mut": ("ESR1", "p.Asp538Gly"),
    "FLT3_mut": ("FLT3", "p.Asp835Tyr"),
    "FLT3_ITD": ("FLT3", "FLT3-ITD"),
    "IDH1_mut": ("IDH1", "p.Arg132His"),
    "IDH2_mut": ("IDH2", "p.Arg140Gln"),
    "NPM1_mut": ("NPM1", "p.Trp288CysfsTer12"),
    "KMT2A_r": ("KMT2A", "KMT2A::MLLT3"),
    "PML_RARA": ("RARA", "PML::RARA"),
    "BCR_ABL": ("BCR", "BCR::ABL1"),
    "ABL_T315I": ("ABL1", "p.Thr315Ile"),
    "ABL_NILO": ("ABL1", "p.Glu255Lys"),
    "ABL_DASA": ("ABL1", "p.Val299Leu"),
    "KIT_D816V": ("KIT", "p.Asp816Val"),
    "PDGFRA_ex18": ("PDGFRA", "p.Asp842Val"),
    "PDGFRA_D842V": ("PDGFRA", "p.D842V"),
    "PDGFRB_r": ("PDGFRB", "ETV6::PDGFRB"),
    "FGFR2_fus": ("FGFR2", "FGFR2::BICC1"),
    "FGFR3_alt": ("FGFR3", "p.Ser249Cys"),
    "EZH2_mut": ("EZH2", "p.Tyr646Phe"),
    "H3K27M": ("H3-3A", "p.Lys28Met"),
    "F5_leiden": ("F5", "p.Arg506Gln"),
    "F2_20210": ("F2", "c.*97G>A"),
    "CFTR_resp": ("CFTR", "p.Phe508del"),
    "GLA_amen": ("GLA", "p.Asn215Ser"),
}
HARMFUL = {  # marker: gene; pathogenic variants count, in the germline where that is asked for
    "BRCA_germ": "BRCA1",
    "BRCA_any": "BRCA2",
    "HRR_any": "PALB2",
    "BRCA1_2": "BRCA2",
    "MMR_germ": "EPCAM",
    "FH_gene": "LDLR",
    "TP53_germ": "TP53",
    "TTR_germ": "TTR",
    "MHS_gene": "RYR1",
    "LQT_gene": "KCNH2",
    "POLG": "POLG",
    "RET_germ": "RET",
    "SCN1A": "SCN1A",
    "HMBS": "HMBS",
    "VHL_germ": "VHL",
}
COPIES = {  # marker: gene, change; two copies have to be changed
    "HFE_hom": ("HFE", "p.Cys282Tyr"),
    "PIZZ": ("SERPINA1", "p.Glu366Lys"),
    "SMN1_del": ("SMN1", "deletion"),
    "MUTYH_bi": ("MUTYH", "p.Tyr179Cys"),
}
NAMED = {  # marker: name of the test, words for positive, negative and equivocal
    "CMET_high": ("c-Met protein expression", "High", "Low", "Indeterminate"),
    "HRD_pos": ("HRD score", "HRD positive", "HRD negative", "Inconclusive"),
    "MSI_H": ("Mismatch repair status", "dMMR", "pMMR", "Equivocal"),
    "KIT_pos": ("CD117 immunostain", "3+", "Negative", "Borderline"),
    "CD20": ("CD20 expression", "Positive", "Negative", "Insufficient material"),
    "CD19": ("CD19 by flow cytometry", "Present", "Absent", "QNS"),
    "CD22": ("CD22 expression", "Expressed", "Not expressed", "Failed"),
    "CD30": ("CD30 immunohistochemistry", "Positive (80%)", "Not detected", "Pending"),
    "CD33": ("CD33 expression", "Positive", "No expression", "Equivocal"),
    "CLDN182": ("Claudin 18.2 IHC", "Positive", "Negative", "Indeterminate"),
    "FOLR1": ("FOLR1 IHC", "Positive", "Negative", "Equivocal"),
    "DEL5Q": ("Chromosome 5q FISH", "del(5q) detected", "Normal", "Inconclusive"),
    "HLA_A0201": ("HLA-A*02:01", "Detected", "Not detected", "Indeterminate"),
    "SSTR": ("Somatostatin receptor imaging", "Positive", "Negative", "Equivocal"),
    "ER": ("Estrogen receptor", "Positive (95%)", "Negative", "Borderline"),
    "PR": ("Progesterone receptor", "Positive", "Negative (0%)", "Equivocal"),
}
TESTED = {test.marker for test in shipped().markers.tests}
TOLD_BY_OTHERS = {"HER2_pos", "HER2_low", "HER2_neg", "HR_pos"}


def genes(name: str) -> tuple[str, ...]:
    return shipped().markers.named[name].genes


def absent(name: str, **more: Any) -> list[Json]:
    return [variant(gene, value=ABSENT, **more) for gene in genes(name)]


def test_every_marker_is_tried_here() -> None:
    tried = {*CHANGES, *HARMFUL, *COPIES, *NAMED, *TOLD_BY_OTHERS}

    assert tried == shipped().markers.named.keys()


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_is_asked_for_shows_a_marker(name: str) -> None:
    gene, change = CHANGES[name]

    found = pos(name, variant(gene, change))

    assert isinstance(found, Known)
    assert found.value is YES
    assert found.shown.endswith("present")
    assert [each.reference for each in found.evidence] == ["Observation/1"]
    assert truth(neg(name, variant(gene, change))) is NO


@pytest.mark.parametrize("name", CHANGES)
def test_genes_without_any_change_rule_a_marker_out(name: str) -> None:
    assert truth(pos(name, *absent(name))) is NO
    assert truth(neg(name, *absent(name))) is YES


@pytest.mark.parametrize("name", CHANGES)
def test_an_indeterminate_variant_leaves_a_marker_open(name: str) -> None:
    gene, change = CHANGES[name]

    assert truth(pos(name, variant(gene, change, value=UNCLEAR))) is Why.UNREADABLE
    assert truth(neg(name, variant(gene, change, value=UNCLEAR))) is Why.UNREADABLE


@pytest.mark.parametrize("significance", [PATHOGENIC, LIKELY])
@pytest.mark.parametrize("name", HARMFUL)
def test_a_pathogenic_variant_shows_a_marker(name: str, significance: str) -> None:
    found = variant(HARMFUL[name], "c.100del", source_class=GERMLINE, significance=significance)

    assert truth(pos(name, found)) is YES


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmless_variant_counts_as_negative_and_is_shown(name: str) -> None:
    told = pos(name, variant(HARMFUL[name], "c.7A>G", source_class=GERMLINE, significance=BENIGN))

    assert isinstance(told, Known)
    assert told.value is NO
    assert told.shown == f"{HARMFUL[name]} c.7A>G, present, benign: counts as negative"
    assert told.note == "uncertain, benign and conflicting variants count as negative"


@pytest.mark.parametrize("name", HARMFUL)
def test_genes_without_a_variant_rule_an_inherited_marker_out(name: str) -> None:
    assert truth(pos(name, *absent(name, source_class=GERMLINE))) is NO


@pytest.mark.parametrize("name", HARMFUL)
def test_a_variant_without_significance_leaves_a_marker_open(name: str) -> None:
    assert truth(pos(name, variant(HARMFUL[name], "c.7A>G", source_class=GERMLINE))) is (
        Why.UNREADABLE
    )


@pytest.mark.parametrize("name", HARMFUL)
def test_a_germline_marker_needs_the_source_class(name: str) -> None:
    unclassed = variant(HARMFUL[name], "c.100del", significance=PATHOGENIC)
    needed = shipped().markers.named[name].source_class == "germline"

    assert truth(pos(name, unclassed)) is (Why.UNREADABLE if needed else YES)


@pytest.mark.parametrize("source_class", [SOMATIC, FETAL])
def test_a_tumour_or_a_child_says_nothing_of_the_germline(source_class: str) -> None:
    other = variant("BRCA1", "c.100del", source_class=source_class, significance=PATHOGENIC)

    assert truth(pos("BRCA1_2", other)) is Why.NOT_RECORDED


@pytest.mark.parametrize("name", COPIES)
def test_two_changed_copies_show_a_marker_and_one_does_not(name: str) -> None:
    gene, change = COPIES[name]
    both = variant(gene, change, state=HOMOZYGOUS, significance=PATHOGENIC)
    one = variant(gene, change, state=HETEROZYGOUS, significance=PATHOGENIC)
    unclear = variant(gene, change, state=HOMOZYGOUS, value=UNCLEAR)

    assert truth(pos(name, both)) is YES
    assert truth(pos(name, one)) is NO
    assert truth(pos(name, unclear)) is Why.UNREADABLE
    assert truth(pos(name, variant(gene, value=ABSENT))) is NO


@pytest.mark.parametrize("name", NAMED)
def test_a_named_test_is_read_in_words(name: str) -> None:
    test, positive, negative, equivocal = NAMED[name]

    assert truth(pos(name, named(test, positive))) is YES
    assert truth(pos(name, named(test, negative))) is NO
    assert truth(pos(name, named(test, equivocal))) is Why.UNREADABLE


@pytest.mark.parametrize("name", sorted(TESTED & shipped().markers.named.keys()))
def test_every_test_is_read(name: str) -> None:
    for test in shipped().markers.tests_of(name):
        negative = pos(name, result(test.code[1], "Negative"))

        assert truth(pos(name, result(test.code[1], "Positive"))) is YES
        assert truth(negative) is (Why.UNREADABLE if test.part else NO)
        assert truth(pos(name, result(test.code[1], "Equivocal"))) is Why.UNREADABLE


def test_a_marker_without_any_result_is_not_recorded() -> None:
    assert pos("KRAS_G12C") == Missing("KRAS_G12C", Why.NOT_RECORDED)
