"""Star alleles in text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import Missing
from hooks.reading import alleles
from tests.unit.hooks.reading import KNOWLEDGE

GENES = KNOWLEDGE.genes
STARS = st.sampled_from([name for name in GENES["CYP2D6"].alleles if " " not in name])
STARRED = sorted(symbol for symbol, gene in GENES.items() if "*1" in gene.alleles)


def stated(symbol: str, text: str) -> set[str]:
    """The diplotypes that *text* states, as text."""
    return {str(found) for found in alleles.diplotypes(GENES[symbol], text, GENES)}


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


@given(STARS, STARS)
def test_the_order_of_star_alleles_does_not_matter(first: str, second: str) -> None:
    assert len(stated("CYP2D6", f"{first}/{second}")) == 1
    assert stated("CYP2D6", f"{first}/{second}") == stated("CYP2D6", f"{second}/{first}")


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


@pytest.mark.parametrize(
    "text",
    [
        "* 1 / * 2",
        "one copy of *1 and one copy of *2",
        "1 copy of *1 and 1 copy of the *2",
        "one *1 allele and one *2 allele",
        "heterozygous *1/*2",
        "compound heterozygous for *1 and *2",
        "CYP2C19*1/CYP2C19*2",
        "CYP2C19 *1/CYP2C19 *2",
        "2C19 *1/*2",
        "CYP-2C19: *1/*2",
        "CYP 2C19 *1/*2",
        "*1/*2 detected",
        "*1/*2, Intermediate Metabolizer (IM)",
        "*1/*2 - Likely Poor Metabolizer",
        "*1/*2 [rs4244285]",
    ],
)
def test_a_pair_may_be_written_in_words_or_with_what_changes_nothing(text: str) -> None:
    assert stated("CYP2C19", text) == {"*1/*2"}


@pytest.mark.parametrize(
    "text",
    ["two copies of *4", "two copies of the *4 allele", "homozygous for *4", "*4 (homozygous)"],
)
def test_two_copies_of_one_allele_are_a_pair(text: str) -> None:
    assert stated("CYP2D6", text) == {"*4/*4"}


@pytest.mark.parametrize(
    "text",
    [
        "heterozygous for *2",
        "one copy of *2",
        "carrier of *2",
        "heterozygous for *2 and *3",
        "three copies of *1",
        "two copies of *1 and one copy of *4",
    ],
)
def test_the_other_allele_is_never_assumed(text: str) -> None:
    assert stated("CYP2D6", text) == set()


@pytest.mark.parametrize("text", ["homozygous *1/*2", "heterozygous *2/*2", "*2/*2 (het)"])
def test_a_zygosity_that_contradicts_the_alleles_leaves_both_open(text: str) -> None:
    assert stated("CYP2C19", text) == set()


@pytest.mark.parametrize(
    ("text", "diplotypes"),
    [
        ("*1/*2 or *3", {"*1/*2", "*1/*3"}),
        ("*1/(*2|*3)", {"*1/*2", "*1/*3"}),
        ("(*2 or *3)/*17", {"*2/*17", "*3/*17"}),
        ("*1/*3A (or *3B/*3C)", {"*1/*3A", "*3B/*3C"}),
        ("either *1/*3A or *3B/*3C", {"*1/*3A", "*3B/*3C"}),
        ("*1/*2|*3", {"*1/*2", "*1/*3"}),
    ],
)
def test_every_allele_of_a_choice_is_possible(text: str, diplotypes: set[str]) -> None:
    assert stated("CYP2C19", text) == diplotypes


def test_more_choices_than_anybody_writes_are_not_read() -> None:
    many = "(" + "|".join(f"*{number}" for number in range(1, 15)) + ")"
    assert stated("CYP2C19", f"{many}/*1") == set()


@pytest.mark.parametrize(
    ("text", "diplotypes"),
    [
        ("*1/*2 (CN=3)", {"*1x2/*2", "*1/*2x2"}),
        ("*1/*2, copy number: 3", {"*1x2/*2", "*1/*2x2"}),
        ("*1/*2 3 copies", {"*1x2/*2", "*1/*2x2"}),
        ("*1/*2 CN 4", {"*1x3/*2", "*1x2/*2x2", "*1/*2x3"}),
        ("*1/*2 CN=N", {"*1xN/*2", "*1/*2xN"}),
        ("*1/*2 CN ≥3", {"*1xN/*2", "*1/*2xN"}),
        ("*1/*2 CN=2", {"*1/*2"}),
        ("*1/*2x2 CN=3", {"*1/*2x2"}),
        ("*1/*2xN CN=3", {"*1/*2xN"}),
        ("*36+*10/*1 CN=3", {"*1/*36 + *10"}),
        ("(*1/*2)x3", {"*1x3/*2", "*1/*2x3", "*1x2/*2", "*1/*2x2"}),
        ("(*36+*10/*1)x3", {"*1/*36 + *10x3", "*1x3/*36 + *10"}),
        ("*2/*4dup", {"*2xN/*4", "*2/*4xN"}),
        ("*2dup/*4", {"*2xN/*4"}),
    ],
)
def test_copies_of_the_gene_go_to_every_allele_that_may_have_them(
    text: str, diplotypes: set[str]
) -> None:
    assert stated("CYP2D6", text) == diplotypes


@pytest.mark.parametrize(
    "text",
    [
        "*1/*2 CN=1",
        "*1/*2 CN=3, CN=4",
        "*36+*10/*1 CN=4",
        "*1/*2x2 CN=5",
        "*1/*2x2 CN=N",
        "*1/*2 CN ≥4",
        "(*1/*2)x2 CN=3",
        "*1/*4 copy number gain",
        "*1/*5 deletion",
        "*1/*2 2",
    ],
)
def test_copies_that_do_not_fit_the_alleles_leave_them_open(text: str) -> None:
    assert stated("CYP2D6", text) == set()


@pytest.mark.parametrize(
    ("symbol", "text", "diplotype"),
    [
        ("TPMT", "*1/*3c", "*1/*3C"),
        ("CYP2D6", "*4.001/*2A", "*2A/*4.001"),
        ("UGT1A1", "*1/*80+*28", "*1/*80 + *28"),
    ],
)
def test_older_and_smaller_names_are_kept(symbol: str, text: str, diplotype: str) -> None:
    assert stated(symbol, text) == {diplotype}


@pytest.mark.parametrize("text", ["(TA)6/(TA)7", "TA6/TA7", "(TA)6/(TA)7 heterozygous"])
def test_an_allele_with_stars_may_have_a_name_without(text: str) -> None:
    assert stated("UGT1A1", text) == {"*1/*28"}


@pytest.mark.parametrize("text", ["*1/*2\u00b9", "*1/*2 \u2020", "*1/*2 #", "*1 > *2", "~*1/*2"])
def test_a_sign_that_we_do_not_know_leaves_a_pair_open(text: str) -> None:
    assert stated("CYP2C19", text) == set()
