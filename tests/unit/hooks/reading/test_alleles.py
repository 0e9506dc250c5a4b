"""What a report writes of alleles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import Missing
from hooks.reading import alleles
from hooks.reading.words import LONGEST_TEXT
from tests.unit.hooks.reading import KNOWLEDGE

GENES = KNOWLEDGE.genes


def stated(symbol: str, text: str) -> set[str]:
    """The diplotypes that *text* states, as text."""
    return {str(found) for found in alleles.diplotypes(GENES[symbol], text, GENES)}


def named(symbol: str, text: str) -> set[str]:
    """The haplotypes that *text* names."""
    return set(alleles.haplotype(GENES[symbol], text, GENES))


@pytest.mark.parametrize(
    "text",
    [
        "CYP2C19 *1/*2",
        "CYP2C19*1/*2",
        "CYP2C19*1/CYP2C19*2",
        "*2/*1",
        "*1 / *2",
        "CYP2C19: *1/*2.",
        "Genotype (*1/*2)",
        "CYP2C19 *1/*2, Intermediate Metabolizer",
    ],
)
def test_a_pair_of_star_alleles_is_a_diplotype(text: str) -> None:
    assert stated("CYP2C19", text) == {"*1/*2"}


@pytest.mark.parametrize(
    ("text", "diplotypes"),
    [
        ("CYP2D6*1/*2x2", {"*1/*2x2"}),
        ("*1/*2 x 2", {"*1/*2x2"}),
        ("*1/*2\u00d72", {"*1/*2x2"}),
        ("*1/*2X2", {"*1/*2x2"}),
        ("*1/*4xN", {"*1/*4xN"}),
        ("*1/*2XN", {"*1/*2xN"}),
        ("*1x>=3/*4", {"*1x≥3/*4"}),
        ("*1x≥ 3/*4", {"*1x≥3/*4"}),
        ("*4x2/*17", {"*4x2/*17"}),
        ("(*1/*2)xN", {"*1xN/*2", "*1/*2xN"}),
        ("(*1/*4) x 2", {"*1x2/*4", "*1/*4x2"}),
        ("(*1/*4)x≥3", {"*1xN/*4", "*1/*4xN"}),
        ("*1/*4 duplication", {"*1xN/*4", "*1/*4xN"}),
        ("DUP *1/*4", {"*1xN/*4", "*1/*4xN"}),
        ("*1x2/*4 (duplication)", {"*1x2/*4"}),
        ("*1/*2 (no duplication)", {"*1/*2"}),
        ("*1/*2 without gene duplication", {"*1/*2"}),
    ],
)
def test_copy_numbers_are_kept_on_every_allele_that_may_have_them(
    text: str, diplotypes: set[str]
) -> None:
    assert stated("CYP2D6", text) == diplotypes


@pytest.mark.parametrize(
    "text",
    [
        "*1/*2; copy number 3",
        "*1/*2 CN=3",
        "[*1/*2]x3",
        "*1/*2 gene amplification",
        "*1/*2, gene multiplications",
    ],
)
def test_a_copy_number_in_other_words_is_not_a_plain_pair(text: str) -> None:
    assert stated("CYP2D6", text) != {"*1/*2"}


@pytest.mark.parametrize("text", ["(*1/*36+*10)x2", "(*36+*10/*1)xN"])
def test_the_copies_of_a_pair_with_a_tandem_are_kept(text: str) -> None:
    assert stated("CYP2D6", text) != {"*1/*36 + *10"}


def test_a_duplication_that_was_not_detected_is_none() -> None:
    assert stated("CYP2D6", "*1/*2, duplication not detected") <= {"*1/*2"}


@pytest.mark.parametrize(
    ("text", "diplotypes"),
    [
        ("*36+*10/*1", {"*1/*36 + *10"}),
        ("*36 + *10 / *1", {"*1/*36 + *10"}),
        ("*1/*10+*36", {"*1/*10 + *36"}),
        ("*13+*68x2+*4/*1", {"*1/*13 + *68x2 + *4"}),
        ("*10/*36+*10x2", {"*10/*36 + *10x2"}),
    ],
)
def test_a_tandem_is_one_haplotype(text: str, diplotypes: set[str]) -> None:
    assert stated("CYP2D6", text) == diplotypes


@pytest.mark.parametrize(
    ("symbol", "text", "diplotypes"),
    [
        ("TPMT", "*1/*3A or *3B/*3C", {"*1/*3A", "*3B/*3C"}),
        ("TPMT", "*1/*3A OR *3B/*3C", {"*1/*3A", "*3B/*3C"}),
        ("CYP2C19", "*1/*2|*1/*17", {"*1/*2", "*1/*17"}),
        ("DPYD", "HapB3/Reference or c.2846A>T/Reference", {"Reference/HapB3", "Reference/2846"}),
    ],
)
def test_an_ambiguous_call_is_every_diplotype_that_it_leaves(
    symbol: str, text: str, diplotypes: set[str]
) -> None:
    found = {
        name.replace("c.1129-5923C>G, c.1236G>A (HapB3)", "HapB3").replace("c.2846A>T", "2846")
        for name in stated(symbol, text)
    }
    assert found == diplotypes


@pytest.mark.parametrize(
    ("symbol", "text"),
    [
        ("DPYD", "Reference/Reference or c.2846A>T/unknown"),
        ("DPYD", "Reference/Reference or c.9999A>T/Reference"),
        ("TPMT", "*1/*1 or *3A/?"),
        ("CYP2C19", "*1/*1 or *2/unknown"),
    ],
)
def test_a_choice_that_cannot_be_read_makes_the_whole_unreadable(symbol: str, text: str) -> None:
    assert stated(symbol, text) == set()


@pytest.mark.parametrize("text", ["*4.013/*1", "*1/*4.013"])
def test_a_legacy_sub_allele_is_kept_with_its_dot(text: str) -> None:
    (diplotype,) = alleles.diplotypes(GENES["CYP2D6"], text, GENES)
    assert str(diplotype) == "*1/*4.013"
    assert not isinstance(GENES["CYP2D6"].calls(diplotype, "female"), Missing)


@pytest.mark.parametrize("text", ["*1/*164", "*1/*2AB", "*1/*999"])
def test_an_allele_that_is_not_in_our_table_is_kept_as_written(text: str) -> None:
    assert stated("CYP2D6", text) == {text}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Wild type",
        "see attached report",
        "*1",
        "*1/",
        "*1/*?",
        "*1/*1/*2",
        "*1/*4.1",
        "*1/*1**",
        "*1,*2",
        "*1|*2",
        "x*1/*2",
        "*1/*2_",
        "(*1xN)/*4",
        "rs4244285 G/A",
    ],
)
def test_what_is_no_pair_of_star_alleles_states_nothing(text: str) -> None:
    assert stated("CYP2C19", text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "not *1/*1",
        "No *2/*3",
        "without *2/*2",
        "excludes *2/*3",
        "rules out *2/*2",
        "*2/*3 not detected",
        "*2/*2 absent",
        "*2/*2 was excluded",
        "CYP2C19 *2/*17 (not *1/*1)",
        "Test not performed. *1/*1",
        "No call *1/*1",
    ],
)
def test_a_negated_pair_states_nothing(text: str) -> None:
    assert stated("CYP2C19", text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "negative for *2/*3",
        "*1/*1 ruled out",
        "*1/*1 cannot be confirmed",
        "*1/*1 (no variants tested)",
        "Inconclusive (*1/*1?)",
        "pending: *1/*1",
        "presumed *1/*1",
        "possible *1/*1",
        "failed: *1/*1 is a default",
        "Reference range: *1/*1",
        "*1/*1 (control sample)",
    ],
)
def test_an_uncertain_pair_states_nothing(text: str) -> None:
    assert stated("CYP2C19", text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "likely *1/*1",
        "unlikely *1/*1",
        "*1/*1 questionable",
        "*1/*1, low confidence",
        "*1/*1 invalid",
        "*1/*1 withdrawn",
        "superseded: *1/*1",
        "*1/*1 to be confirmed",
        "may be *1/*1",
        "wrong patient *1/*1",
        "daughter *1/*1",
        "*1/*1 before transplant",
        "*1/*1 (imputed)",
        "*1/*1 nocall",
        "*1/*1, coverage incomplete",
        "*1/*1 in error",
    ],
)
def test_words_that_we_do_not_know_leave_a_pair_open(text: str) -> None:
    assert stated("CYP2C19", text) == set()


@pytest.mark.parametrize(
    ("text", "diplotypes"),
    [
        ("CYP2C19 *1/*2; CYP2D6 *4/*4", {"*1/*2"}),
        ("CYP2D6 *4/*4, CYP2C19 *1/*2", {"*1/*2"}),
        ("CYP2C9 *1/*1", set()),
        ("CYP2D6 *4/*4; CYP2C19: see attached", set()),
        ("CYP2C9*1/*1 CYP2C19", set()),
    ],
)
def test_another_genes_result_in_the_same_text_is_not_ours(text: str, diplotypes: set[str]) -> None:
    assert stated("CYP2C19", text) == diplotypes


@pytest.mark.parametrize(
    "text",
    [
        "CYP2C19: failed; CYP1A2 *1/*1",
        "CYP2A6 *1/*1",
        "UGT2B15 *1/*1",
        "CYP 2D6 *1/*1",
        "cyp2d6 *1/*1",
    ],
)
def test_the_result_of_a_gene_that_we_do_not_know_is_not_ours(text: str) -> None:
    assert stated("CYP2C19", text) == set()


def test_a_result_of_ours_beside_one_of_an_unknown_gene_is_plain() -> None:
    assert stated("CYP2C19", "CYP2C19 *2/*2, CYP3A5 *1/*1") == {"*2/*2"}


def test_a_short_name_of_another_gene_is_not_ours() -> None:
    assert stated("CYP2C19", "2D6 *1/*1") == set()


def test_a_longer_symbol_is_not_a_shorter_one() -> None:
    assert alleles.segment("CYP2C19 *2/*2", "CYP2C9", GENES) == ""
    assert alleles.segment("xHLA-B 1", "HLA-B", GENES) == "xHLA-B 1"


def test_words_before_our_gene_count_where_no_other_is_named() -> None:
    assert alleles.segment("Positive for HLA-B*57:01", "HLA-B", GENES) == "Positive for *57:01"
    assert alleles.segment("HLA-A positive. HLA-B *57:01", "HLA-B", GENES) == " *57:01"


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


MEDITERRANEAN = "Mediterranean, Dallas, Panama, Sassari, Cagliari, Birmingham"


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


@pytest.mark.parametrize(
    "text",
    [
        "HLA-B*57:01/HLA-B*08:01",
        "HLA-B*57:01,HLA-B*08:01",
        "HLA-B*08:01, *57:01",
        "B*57:01 B*08:01",
        "57:01, 08:01",
        "HLA-B*08:01 and HLA-B*57:01, high resolution typing",
        "hla#3.31.0#HLA-B*08:01+HLA-B*57:01",
        "hla#3.31.0#HLA-A*03:01+HLA-A*30:01^HLA-B*57:01+HLA-B*08:01",
    ],
)
def test_two_hla_alleles_are_a_typing(text: str) -> None:
    assert stated("HLA-B", text) == {"*08:01/*57:01"}


@pytest.mark.parametrize(
    ("text", "typings"),
    [
        ("HLA-B*57:01:01:01/*08:01:01G", {"*08:01:01G/*57:01:01:01"}),
        ("HLA-B*57", {"*57"}),
        ("HLA-B*08:01", {"*08:01"}),
        ("HLA-B*08:01 homozygous", {"*08:01"}),
        ("hla#3.31.0#HLA-B*08:01/HLA-B*40:01+HLA-B*07:02", {"*07:02/*08:01", "*07:02/*40:01"}),
        (
            "hla#3.31.0#HLA-B*57:01+HLA-B*08:01|HLA-B*15:02+HLA-B*08:01",
            {"*08:01/*57:01", "*08:01/*15:02"},
        ),
        ("HLA-B*08:01 | HLA-B*40:01", {"*08:01", "*40:01"}),
    ],
)
def test_a_typing_keeps_its_fields_and_its_ambiguity(text: str, typings: set[str]) -> None:
    assert stated("HLA-B", text) == typings


@pytest.mark.parametrize(
    "text",
    [
        "hla#3.33.0#HLA-B*08:01/HLA-B*40:01",
        "hla#3.33.0#HLA-B*08:01+HLA-B*40:01+HLA-B*07:02",
        "HLA-B*08:01/HLA-B*40:01 failed",
        "HLA-B*57:01 positive",
        "HLA-B*57:01 kit, lot 08:01",
        "HLA-B*08:01, HLA-B*40:01, HLA-B*07:02",
        "HLA-B*15:XX",
        "",
    ],
)
def test_what_is_no_typing_states_none(text: str) -> None:
    assert stated("HLA-B", text) == set()


def test_an_alternative_that_cannot_be_read_makes_the_typing_unreadable() -> None:
    assert stated("HLA-B", "hla#3.31.0#HLA-B*57:01|HLA-B*08:01+HLA-B*40:01") == set()


def test_a_time_of_day_is_no_allele() -> None:
    assert stated("HLA-B", "HLA-B*08:01 (2024-05-01 10:30)") <= {"*08:01"}


@pytest.mark.parametrize(
    "text",
    [
        "HLA-B*08:01, HLA-C*07:01",
        "HLA-A*02:01, HLA-B*08:01, HLA-C*07:01",
        "HLA-B*08:01+HLA-C*07:01",
        "B*08:01, C*07:01",
        "A*02:01 B*08:01",
    ],
)
def test_an_allele_of_another_locus_is_not_the_second_one(text: str) -> None:
    assert stated("HLA-B", text) <= {"*08:01"}


def test_a_time_of_day_behind_a_comma_is_no_allele() -> None:
    assert stated("HLA-B", "HLA-B*08:01, 12:30") <= {"*08:01"}


@pytest.mark.parametrize(
    ("symbol", "text", "haplotypes"),
    [
        ("CYP2C19", "CYP2C19*2", {"*2"}),
        ("CYP2C19", "CYP2C19 *2 or *3", set()),
        ("CYP2C19", "*2/*3", set()),
        ("CYP2C19", "wild type", set()),
        ("CYP2D6", "*36+*10", {"*36 + *10"}),
        ("CYP2D6", "*1 x 2", {"*1x2"}),
        ("HLA-B", "HLA-B*57:01", {"*57:01"}),
        ("DPYD", "c.2846A>T", {"c.2846A>T"}),
        ("DPYD", "HapB3", {"HapB3"}),
        ("DPYD", "c.9999A>T", set()),
        ("CYP2C19", "CYP2D6*4", set()),
    ],
)
def test_a_haplotype_is_named_by_its_allele(symbol: str, text: str, haplotypes: set[str]) -> None:
    assert named(symbol, text) == haplotypes


@pytest.mark.parametrize("text", ["*2 not detected", "No *2", "*2 absent"])
def test_a_negated_haplotype_is_none(text: str) -> None:
    assert named("CYP2C19", text) == set()


@pytest.mark.parametrize("symbol", ["CYP2C19", "CYP2D6", "DPYD", "G6PD", "HLA-B"])
@given(text=st.text() | st.text("*/+x≥N(). 0123456789:ABc>T-,;|#hlazygous", max_size=60))
def test_no_text_raises(symbol: str, text: str) -> None:
    stated(symbol, text)
    named(symbol, text)


def test_an_endless_allele_number_does_not_raise() -> None:
    stated("CYP2C19", "*1/*" + "1" * 5000)


@pytest.mark.parametrize("text", ["*1/*2" + " " * LONGEST_TEXT, "*" * 20_000, "*1 + " * 5_000])
def test_a_text_that_is_too_long_for_one_result_states_nothing(text: str) -> None:
    assert stated("CYP2C19", text) == set()


STARS = st.sampled_from([name for name in GENES["CYP2D6"].alleles if " " not in name])
HLA_ALLELES = st.from_regex(r"\A[0-9]{2}:[0-9]{2}\Z")
VARIANTS = st.sampled_from(sorted(GENES["DPYD"].alleles))


@given(STARS, STARS)
def test_the_order_of_star_alleles_does_not_matter(first: str, second: str) -> None:
    assert len(stated("CYP2D6", f"{first}/{second}")) == 1
    assert stated("CYP2D6", f"{first}/{second}") == stated("CYP2D6", f"{second}/{first}")


@given(VARIANTS, VARIANTS)
def test_the_order_of_named_variants_does_not_matter(first: str, second: str) -> None:
    assert len(stated("DPYD", f"{first}/{second}")) == 1
    assert stated("DPYD", f"{first}/{second}") == stated("DPYD", f"{second}/{first}")


@given(HLA_ALLELES, HLA_ALLELES)
def test_the_order_of_hla_alleles_does_not_matter(first: str, second: str) -> None:
    assert len(stated("HLA-B", f"*{first}/*{second}")) == 1
    assert stated("HLA-B", f"*{first}/*{second}") == stated("HLA-B", f"*{second}/*{first}")


STARRED = sorted(symbol for symbol, gene in GENES.items() if "*1" in gene.alleles)
NAMED = sorted(set(GENES) - set(STARRED) - {"HLA-A", "HLA-B"})


@pytest.mark.parametrize("symbol", sorted(set(STARRED) - {"UGT1A1"}))
def test_every_allele_of_the_table_can_be_read_beside_the_reference(symbol: str) -> None:
    for name in GENES[symbol].alleles:
        (found,) = alleles.diplotypes(GENES[symbol], f"{symbol} {name}/*1", GENES)
        assert sorted(found.alleles) == sorted((name, "*1"))


@pytest.mark.parametrize("name", GENES["UGT1A1"].alleles)
def test_every_tandem_of_the_table_can_be_read_in_either_spelling(name: str) -> None:
    for text in (f"UGT1A1 {name}/*1", f"UGT1A1 {name.replace('+', ' + ')}/*1"):
        (found,) = alleles.diplotypes(GENES["UGT1A1"], text, GENES)
        assert {GENES["UGT1A1"].allele(each) for each in found.alleles} == {name, "*1"}


@pytest.mark.parametrize("symbol", NAMED)
def test_every_named_allele_of_the_table_can_be_read_beside_itself(symbol: str) -> None:
    for name in set(GENES[symbol].alleles) - {"No name"}:  # which denies itself
        (found,) = alleles.diplotypes(GENES[symbol], f"{name}/{name}", GENES)
        assert found.alleles == (name, name)
