"""What a laboratory concluded, in its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.reading import phenotypes
from tests.unit.hooks.reading import KNOWLEDGE

GENES = KNOWLEDGE.genes
TERMS = KNOWLEDGE.phenotype_terms
BARE = {term for term in TERMS if " " not in term}


def concluded(symbol: str, text: str) -> tuple[str, str] | None:
    """The phenotype and score that *text* states, or that it states none."""
    found = phenotypes.phenotype(GENES[symbol], text, TERMS, GENES)
    return (found.phenotype, found.activity_score) if found is not None else None


@pytest.mark.parametrize(
    ("symbol", "text", "phenotype"),
    [
        ("CYP2C19", "Poor metabolizer", "Poor Metabolizer"),
        ("CYP2C19", "CYP2C19 Poor Metaboliser", "Poor Metabolizer"),
        ("CYP2C19", "Likely poor metabolizer", "Likely Poor Metabolizer"),
        ("CYP2C19", "Ultra-rapid metabolizer", "Ultrarapid Metabolizer"),
        ("CYP2D6", "Extensive (normal) metabolizer", "Normal Metabolizer"),
        ("CYP2D6", "Phenotype: intermediate metabolizer (predicted)", "Intermediate Metabolizer"),
        ("SLCO1B1", "Possible decreased function", "Possible Decreased Function"),
        ("G6PD", "G6PD deficient", "Deficient"),
        ("G6PD", "Deficient with CNSHA", "Deficient with CNSHA"),
        ("CYP2C9", "Indeterminate", "Indeterminate"),
        ("ABCG2", "ABCG2 poor function", "Poor Function"),
        ("CFTR", "ivacaftor responsive in CF patients", "ivacaftor responsive in CF patients"),
        ("NAT2", "NAT2: slow acetylator", "Poor Metabolizer"),
        ("NAT2", "Rapid acetylator", "Rapid Metabolizer"),
        ("RYR1", "Uncertain susceptibility", "Uncertain Susceptibility"),
        ("VKORC1", "VKORC1 -1639 AG", "-1639 AG"),
        ("VKORC1", "VKORC1 -1639 GA", "-1639 AG"),
        ("VKORC1", "-1639GG", "-1639 GG"),
    ],
)
def test_the_laboratorys_words_are_cpics_terms(symbol: str, text: str, phenotype: str) -> None:
    assert concluded(symbol, text) == (phenotype, "")


@pytest.mark.parametrize("symbol", GENES)
def test_every_phenotype_of_a_gene_can_be_told_in_its_own_words(symbol: str) -> None:
    for phenotype in phenotypes.vocabulary(GENES[symbol]):
        assert concluded(symbol, f"{symbol} {phenotype}") == (phenotype, "")


@pytest.mark.parametrize(
    ("symbol", "text"),
    [
        ("CFTR", "ivacaftor responsive"),
        ("CFTR", "not ivacaftor responsive in CF patients"),
        ("MT-RNR1", "no increased risk of aminoglycoside-induced hearing loss"),
        ("MT-RNR1", "normal risk"),
        ("RYR1", "no malignant hyperthermia susceptibility"),
        ("RYR1", "uncertain"),
        ("VKORC1", "AG"),
        ("CYP4F2", "poor metabolizer"),
    ],
)
def test_a_word_that_may_be_misread_states_no_phenotype(symbol: str, text: str) -> None:
    assert concluded(symbol, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Not a normal metabolizer",
        "cannot exclude normal metabolizer",
        "Poor or normal metabolizer",
        "poor to intermediate metabolizer",
        "intermediate/normal metabolizer",
        "Rapid/ultrarapid metabolizer",
        "likely normal metabolizer",
        "Normal metabolizer, previously reported as poor metabolizer",
        "non-normal metabolizer",
        "abnormal metabolizer",
        "metabolizer: normal",
        "normal",
        "NM",
        "Normal function",
        "CYP2D6 normal metabolizer",
        "Normal metabolizers make up 70 % of people",
    ],
)
def test_what_is_no_plain_phenotype_of_the_gene_is_none(text: str) -> None:
    assert concluded("CYP2C19", text) is None


@pytest.mark.parametrize(
    ("symbol", "text"),
    [
        ("CYP2D6", "lower than normal metabolizer"),
        ("CYP2D6", "possibly normal metabolizer"),
        ("CYP2D6", "Normal metabolizer?"),
        ("CYP2D6", "inconclusive: normal metabolizer"),
        ("CYP2D6", "Unable to determine; normal metabolizer presumed"),
        ("CYP2D6", "Normal metabolizer can't be assigned"),
        ("CYP2D6", "Normal metabolizer pending confirmation"),
        ("CYP2D6", "previously normal metabolizer"),
        ("G6PD", "10% of normal"),
        ("G6PD", "Below normal"),
        ("G6PD", "G6PD activity: lower limit of normal"),
        ("G6PD", "G6PD activity normal pending"),
    ],
)
def test_an_uncertain_normal_is_not_normal(symbol: str, text: str) -> None:
    assert concluded(symbol, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Extensive metabolizer",  # older reports use it for one normal copy as well
        "unlikely normal metabolizer",
        "reference: normal metabolizer",
        "Normal metabolizer unless *17 is carried",
        "Normal metabolizer, if confirmed",
        "may be a normal metabolizer",
        "Normal metabolizer (daughter)",
        "Normal metabolizer: result withdrawn",
        "questionable normal metabolizer",
    ],
)
def test_words_that_we_do_not_know_leave_a_phenotype_open(text: str) -> None:
    assert concluded("CYP2D6", text) is None


def test_a_range_of_phenotypes_is_none() -> None:
    assert concluded("CYP2D6", "normal/intermediate metabolizer") is None


def test_each_gene_has_its_own_words_in_a_shared_text() -> None:
    text = "CYP2C19 poor metabolizer, CYP2D6 normal metabolizer"
    assert concluded("CYP2C19", text) == ("Poor Metabolizer", "")
    assert concluded("CYP2D6", text) == ("Normal Metabolizer", "")


@pytest.mark.parametrize(
    ("text", "phenotype", "score"),
    [
        ("Normal metabolizer (activity score 1)", "Normal Metabolizer", "1.0"),
        ("Intermediate metabolizer, activity score: 0,5", "Intermediate Metabolizer", "0.5"),
        ("Ultrarapid metabolizer; activity score >= 3", "Ultrarapid Metabolizer", "≥3.0"),
        ("Indeterminate (activity score n/a)", "Indeterminate", "n/a"),
    ],
)
def test_a_score_beside_the_phenotype_is_kept(text: str, phenotype: str, score: str) -> None:
    assert concluded("CYP2D6", text) == (phenotype, score)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Activity score of 1.25", "1.25"),
        ("activity score is ≥3", "≥3.0"),
        ("ACTIVITY SCORE = 0", "0.0"),
        ("activity score <2", ""),
        ("activity score > 2", ""),
        ("activity", ""),
        ("score 2", ""),
    ],
)
def test_a_score_is_written_as_cpic_does(text: str, score: str) -> None:
    assert phenotypes.score(text) == score


@pytest.mark.parametrize(
    "text", ["Activity score 1.25 to 3", "activity score 0-2", "activity score 1.25-2.25"]
)
def test_a_range_of_scores_is_no_score(text: str) -> None:
    assert phenotypes.score(text) == ""


@pytest.mark.parametrize(
    ("text", "score"),
    [("1", "1.0"), (" 0,25 ", "0.25"), ("N/A", "n/a"), ("≥3", "≥3.0"), (">=3", "≥3.0")],
)
def test_a_bare_score_is_read(text: str, score: str) -> None:
    assert phenotypes.score_text(text) == score


@pytest.mark.parametrize("text", ["", "high", "-1", "inf", "NaN", "1 to 2", "<1"])
def test_what_is_no_bare_score_is_none(text: str) -> None:
    assert phenotypes.score_text(text) == ""


def test_an_absurd_score_does_not_raise() -> None:
    assert phenotypes.score_text("1e9999999") == ""


@given(st.text() | st.lists(st.sampled_from(sorted(TERMS)), max_size=3).map(" ".join))
def test_no_text_raises(text: str) -> None:
    concluded("CYP2D6", text)
    concluded("G6PD", text)


@given(st.sampled_from(sorted(set(TERMS) - BARE)), st.sampled_from(sorted(set(TERMS) - BARE)))
def test_two_different_terms_are_never_one_phenotype(first: str, second: str) -> None:
    for symbol, gene in GENES.items():
        means = {TERMS[first], TERMS[second]} & phenotypes.vocabulary(gene)
        if len(means) == 2:
            assert concluded(symbol, f"{first}, {second}") is None
