"""Alleles with names of many forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import Missing
from hooks.reading import alleles
from tests.unit.hooks.reading import KNOWLEDGE

GENES = KNOWLEDGE.genes
VARIANTS = st.sampled_from(sorted(GENES["DPYD"].alleles))
NAMED = sorted(
    set(GENES)
    - {symbol for symbol, gene in GENES.items() if "*1" in gene.alleles}
    - {"HLA-A", "HLA-B"}
)
MEDITERRANEAN = "Mediterranean, Dallas, Panama, Sassari, Cagliari, Birmingham"


def stated(symbol: str, text: str) -> set[str]:
    """The diplotypes that *text* states, as text."""
    return {str(found) for found in alleles.diplotypes(GENES[symbol], text, GENES)}


@pytest.mark.parametrize(
    ("text", "diplotype"),
    [
        ("c.1905+1G>A (*2A)/c.2846A>T", "c.1905+1G>A (*2A)/c.2846A>T"),
        ("c.2846A>T/c.1905+1G>A (*2A)", "c.1905+1G>A (*2A)/c.2846A>T"),
        ("DPYD *1/*2A", "Reference/c.1905+1G>A (*2A)"),
        ("*2A/*13", "c.1679T>G (*13)/c.1905+1G>A (*2A)"),
        ("Reference/Reference", "Reference/Reference"),
        ("HapB3/Reference", "Reference/c.1129-5923C>G, c.1236G>A (HapB3)"),
        (
            "c.1129-5923C>G, c.1236G>A (HapB3)/Reference",
            "Reference/c.1129-5923C>G, c.1236G>A (HapB3)",
        ),
        ("c.1236G>A/*1", "Reference/c.1129-5923C>G, c.1236G>A (HapB3)"),
        ("[c.1905+1G>A + c.2846A>T]/Reference", "Reference/c.1905+1G>A (*2A) + c.2846A>T"),
    ],
)
def test_named_variants_make_a_diplotype(text: str, diplotype: str) -> None:
    assert stated("DPYD", text) == {diplotype}


@pytest.mark.parametrize(
    ("text", "diplotype"),
    [
        ("c.1905+1G>A (*2A) heterozygous", "Reference/c.1905+1G>A (*2A)"),
        ("c.2846A>T homozygous", "c.2846A>T/c.2846A>T"),
        ("c.2846A>T (heterozygous)", "Reference/c.2846A>T"),
        ("c.2846A>T heterozygous; HapB3 heterozygous", "HapB3/2846"),
        ("c.2846A>T heterozygous, c.1236G>A heterozygous", "HapB3/2846"),
        ("c.2846A>T heterozygous and c.1236G>A heterozygous", "HapB3/2846"),
    ],
)
def test_variants_with_their_zygosity_make_a_diplotype(text: str, diplotype: str) -> None:
    found = {
        name.replace("c.1129-5923C>G, c.1236G>A (HapB3)/c.2846A>T", "HapB3/2846")
        for name in stated("DPYD", text)
    }
    assert found == {diplotype}


def test_a_name_with_a_comma_may_have_a_zygosity() -> None:
    found = stated("DPYD", "c.1129-5923C>G, c.1236G>A (HapB3) heterozygous")
    assert found == {"Reference/c.1129-5923C>G, c.1236G>A (HapB3)"}


@pytest.mark.parametrize(
    "text",
    [
        "c.2846A>T not detected",
        "c.1905+1G>A absent",
        "no c.1905+1G>A/Reference",
        "negative for c.2846A>T heterozygous",
        "c.2846A>T heterozygous; c.9999A>T heterozygous",
        "c.2846A>T homozygous wild type",
        "c.2846A>T nonheterozygous",
        "Wild type/Wild type",
        "*1/*1 pending",
        "Reference/Reference (c.1905+1G>A not tested)",
        "c.1905+1G>A + c.9999A>T/Reference",
        "c.[1905+1G>A];[=]",
        "rs3918290 heterozygous",
        "/Reference",
        "Reference/",
    ],
)
def test_named_variants_that_are_not_unmistakable_state_nothing(text: str) -> None:
    assert stated("DPYD", text) == set()


def test_one_variant_alone_is_half_a_diplotype() -> None:
    (half,) = alleles.diplotypes(GENES["DPYD"], "c.1905+1G>A", GENES)
    assert isinstance(GENES["DPYD"].calls(half, "female"), Missing)


@pytest.mark.parametrize(
    ("text", "diplotype"),
    [
        (MEDITERRANEAN, MEDITERRANEAN),
        ("Dallas", MEDITERRANEAN),
        ("B (reference)/Mediterranean", f"B (reference)/{MEDITERRANEAN}"),
        (f"{MEDITERRANEAN}/B", f"B (reference)/{MEDITERRANEAN}"),
        ("Union,Maewo, Chinese-2, Kalo/B", "B (reference)/Union,Maewo, Chinese-2, Kalo"),
        ("Telti/Kobe", "Telti/Kobe"),
        ("Telti/Kobe/B", "B (reference)/Telti/Kobe"),
        ("A- 202A_376G", "A- 202A_376G"),
        ("A- 202A_376G heterozygous", "A- 202A_376G/B (reference)"),
    ],
)
def test_alleles_of_several_names_are_found_by_all_or_one(text: str, diplotype: str) -> None:
    assert stated("G6PD", text) == {diplotype}


@pytest.mark.parametrize("text", ["A (see note)", "A+", "Mediterranean/unknown", "normal"])
def test_a_g6pd_name_that_is_none_states_nothing(text: str) -> None:
    assert stated("G6PD", text) == set()


@given(VARIANTS, VARIANTS)
def test_the_order_of_named_variants_does_not_matter(first: str, second: str) -> None:
    assert len(stated("DPYD", f"{first}/{second}")) == 1
    assert stated("DPYD", f"{first}/{second}") == stated("DPYD", f"{second}/{first}")


@pytest.mark.parametrize("symbol", NAMED)
def test_every_named_allele_of_the_table_can_be_read_beside_itself(symbol: str) -> None:
    for name in set(GENES[symbol].alleles) - {"No name"}:  # which denies itself
        (found,) = alleles.diplotypes(GENES[symbol], f"{name}/{name}", GENES)
        assert found.alleles == (name, name)


def only(symbol: str, text: str) -> str:
    """The one diplotype that *text* states."""
    (found,) = stated(symbol, text)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "DPYD: Reference / c.2846A>T",
        "Genotype: Reference/c.2846A>T",
        "(Reference/c.2846A>T)",
        "Reference/c.2846A>T, Intermediate Metabolizer, activity score 1.5",
        "Reference/c.2846A>T (Intermediate Metabolizer)",
        "Reference/c.2846A>T - Intermediate Metabolizer (AS 1.5)",
        "[Reference/c.2846A>T].",
        "Reference/2846A>T",
        "heterozygous for c.2846A>T",
        "c.2846A>T: heterozygous",
        "het c.2846A>T",
        "c.2846A>T (p.Asp949Val) heterozygous",
        "c.2846A>T heterozygous detected",
    ],
)
def test_words_that_change_nothing_may_stand_beside_names(text: str) -> None:
    assert only("DPYD", text) == "Reference/c.2846A>T"


HAPB3 = "c.1129-5923C>G, c.1236G>A (HapB3)"


@pytest.mark.parametrize(
    ("symbol", "text", "diplotype"),
    [
        ("DPYD", "compound heterozygous for *2A and *13", "c.1679T>G (*13)/c.1905+1G>A (*2A)"),
        ("DPYD", "c.1236G>A (HapB3)/*1", f"Reference/{HAPB3}"),
        ("DPYD", "IVS14+1G>A/Reference", "Reference/c.1905+1G>A (*2A)"),
        ("DPYD", "c.2846A>T heterozygous; HapB3 het", f"{HAPB3}/c.2846A>T"),
        ("G6PD", "B/A-, Variable", "A- 202A_376G/B (reference)"),
        ("G6PD", "A-(202A)/B", "A- 202A_376G/B (reference)"),
        ("G6PD", "Mediterranean, Dallas/B", f"B (reference)/{MEDITERRANEAN}"),
        ("G6PD", "Union, Maewo, Chinese-2, Kalo", "Union,Maewo, Chinese-2, Kalo"),
        ("G6PD", "Hemizygous for Mediterranean", MEDITERRANEAN),
        ("G6PD", "A", "A"),
        ("G6PD", "Hemizygous A", "A"),
        ("DPYD", "Reference homozygous", "Reference/Reference"),
        ("MT-RNR1", "Variant m.1555A>G detected", "m.1555A>G"),
        ("G6PD", "Genotype A/B", "A/B (reference)"),
        ("G6PD", "Mediterranean (hemizygous)", MEDITERRANEAN),
        ("ABCG2", "rs2231142 G/T", "rs2231142 reference (G)/rs2231142 variant (T)"),
        ("VKORC1", "-1639 G/A", "rs9923231 reference (C)/rs9923231 variant (T)"),
        ("RYR1", "c.1840C>T heterozygous", "Reference/c.1840C>T"),
        ("CFTR", "2789+5G>A/F508del", "2789+5G->A/ivacaftor non-responsive CFTR sequence"),
        ("MT-RNR1", "MT-RNR1 1555A>G", "m.1555A>G"),
        ("MT-RNR1", "A1555G", "m.1555A>G"),
        ("MT-RNR1", "m.1555A>G, heteroplasmy 12 %", "m.1555A>G"),
        ("MT-RNR1", "m.1555A>G (heteroplasmic, 0.5%)", "m.1555A>G"),
        ("MT-RNR1", "m.1555A>G: heteroplasmic (45%)", "m.1555A>G"),
        ("MT-RNR1", "m.1555A>G 12 % heteroplasmy; m.827A>G", "m.827A>G/m.1555A>G"),
        ("MT-RNR1", "m.1555A>G homoplasmic", "m.1555A>G"),
        ("MT-RNR1", "Reference", "Reference"),
    ],
)
def test_names_of_every_gene_are_read(symbol: str, text: str, diplotype: str) -> None:
    assert only(symbol, text) == diplotype


@pytest.mark.parametrize(
    ("symbol", "text"),
    [
        ("MT-RNR1", "m.1555A>G, heteroplasmy 0 %"),
        ("MT-RNR1", "m.1555A>G, heteroplasmy <1 %"),
        ("MT-RNR1", "m.1555A>G not detected"),
        ("MT-RNR1", "m.1555A>G, m.9999A>G"),
        ("MT-RNR1", "no variant"),
        ("DPYD", "wild type"),
        ("DPYD", "homozygous c.2846A>T/Reference"),
        ("DPYD", "c.2846A>T heterozygous, c.1905+1G>A not detected"),
        ("DPYD", "het het"),
        ("DPYD", "compound heterozygous for *2A"),
        ("DPYD", "compound heterozygous for *2A and *99"),
        ("DPYD", "carrier"),
        ("DPYD", "Reference/c.2846A>T see note"),
        ("DPYD", "Reference/c.2846A>T 2"),
        ("G6PD", "Mediterranean/(A)"),
        ("G6PD", "the patient has a deficient phenotype"),
        ("G6PD", "A deficient patient"),
        ("G6PD", "A. by the report"),
        ("G6PD", "the result was split"),
        ("MT-RNR1", "the reference patient"),
        ("DPYD", "Reference heterozygous"),
        ("G6PD", "a"),
        ("G6PD", "A Mediterranean/B"),
        ("G6PD", "Mediterranean, A/B"),
        ("G6PD", "hemizygous for Mediterranean; hemizygous for Seattle"),
        ("ABCG2", "rs2231142 C/A"),
        ("CFTR", "F508del/see note"),
        ("CFTR", "R1162X/W1282X"),
    ],
)
def test_names_that_are_not_unmistakable_state_nothing(symbol: str, text: str) -> None:
    assert stated(symbol, text) == set()


def test_a_variant_that_is_not_in_our_table_is_kept_beside_one_that_may_decide() -> None:
    assert stated("CFTR", "R1162X/G551D") == {"G551D/R1162X"}
    assert stated("RYR1", "(c.1840C>T)/c.99999C>T") == {"c.1840C>T/c.99999C>T"}


def test_many_words_that_change_nothing_state_nothing() -> None:
    assert stated("DPYD", "the patient " * 40) == set()
