"""From alleles to phenotypes: each method, copy numbers, and what is not in the table."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import AlleleStatus, Diplotype, Missing, ReportedPhenotype, Why
from hooks.clinical.genes import (
    Calls,
    Gene,
    GeneCall,
    allele_scores,
    fold,
    hla_status,
    pair,
    possible_scores,
    scored,
)
from hooks.clinical.scores import NOT_AVAILABLE, Score, ScoreRange
from tests.unit.hooks.small import (
    CARRIED,
    GENES,
    LINKED,
    MATERNAL,
    NAMED,
    PAIR,
    REPORTED,
    SCORED,
    TYPED,
    VARIANTS,
    diplotype,
)

NO_SEX = Missing("sex", Why.NOT_RECORDED)
CALLED = [gene for gene in GENES.values() if gene.method != "hla"]


def calls(gene: Gene, text: str, sex: str | Missing = NO_SEX) -> Calls:
    return gene.calls(diplotype(gene.symbol, text), sex)


def phenotypes(gene: Gene, text: str, sex: str | Missing = NO_SEX) -> set[str]:
    told = calls(gene, text, sex)
    assert isinstance(told, frozenset), told
    return {call.phenotype for call in told}


def unreadable(gene: Gene, detail: str) -> Missing:
    return Missing(gene.symbol, Why.UNREADABLE, detail)


# Names


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("*1", "*1"),
        ("Wild  Type", "*1"),
        ("*2.001", "*2"),
        ("*2.013", "*2"),
    ],
)
def test_an_allele_is_known_by_name_alias_and_sub_allele(name: str, known: str) -> None:
    assert PAIR.allele(name) == known


@pytest.mark.parametrize("name", ["*3", "", ".", "*1 ", "1", "*1*2", "*1.x", ".001"])
def test_a_name_that_is_not_in_our_table_is_unreadable(name: str) -> None:
    assert PAIR.allele(name) == unreadable(PAIR, f"allele {name} is not in our table")


def test_a_sub_allele_of_an_unknown_allele_is_unreadable() -> None:
    assert PAIR.allele("*3.001") == unreadable(PAIR, "allele *3 is not in our table")


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("A-  202A_376G", "a- 202a_376g"),
        ("*36 + *10", "*36+*10"),
        ("*36+ *10", "*36+*10"),
        (" B (Reference) ", "b (reference)"),
    ],
)
def test_aliases_are_looked_up_without_case_and_spare_spaces(name: str, folded: str) -> None:
    assert fold(name) == folded


def test_a_pair_of_functions_has_one_order() -> None:
    assert pair("none", "normal") == pair("normal", "none") == ("none", "normal")


@given(
    st.sampled_from(CALLED),
    st.lists(
        st.sampled_from(["*1", "*2", "*4", "B", "A-", "c.1A>G", "c.2A>G", "m.1A>G", "m.3A>G"])
    ),
)
def test_the_order_of_alleles_never_matters(gene: Gene, alleles: list[str]) -> None:
    told = [gene.calls(Diplotype(gene.symbol, turned), "female") for turned in _turned(alleles)]

    assert len({_meaning(each) for each in told}) == 1


def _turned(alleles: list[str]) -> list[tuple[str, ...]]:
    return list(permutations(alleles[:3]))


def _meaning(told: Calls) -> object:
    """What *told* says, without the spelling of the diplotype and which gap came first."""
    if isinstance(told, Missing):
        return told.why
    return frozenset(replace(call, diplotype="") for call in told)


# Function pairs


@pytest.mark.parametrize(
    ("text", "phenotype"),
    [
        ("*1/*1", "Normal"),
        ("*1/*2", "Intermediate"),
        ("*2/*1", "Intermediate"),
        ("*2/*2", "Poor"),
        ("*1/*12", "Indeterminate"),
        ("*2.002/*1", "Intermediate"),
    ],
)
def test_two_functions_make_a_phenotype(text: str, phenotype: str) -> None:
    assert phenotypes(PAIR, text) == {phenotype}


def test_a_call_tells_gene_and_diplotype() -> None:
    assert calls(PAIR, "*2/*1") == {GeneCall("PAIR", "Intermediate", "*1/*2")}


@pytest.mark.parametrize("text", ["*1", "*1/*1/*1"])
def test_a_function_pair_needs_two_alleles(text: str) -> None:
    assert calls(PAIR, text) == unreadable(PAIR, "two alleles are needed")


def test_one_unknown_allele_makes_the_pair_unreadable() -> None:
    assert calls(PAIR, "*1/*77") == unreadable(PAIR, "allele *77 is not in our table")


def test_an_allele_without_an_assigned_function_is_unreadable_never_normal() -> None:
    assert calls(PAIR, "*1/*42") == unreadable(PAIR, "allele *42 has no assigned function yet")


# Hemizygous


@pytest.mark.parametrize(
    ("text", "sex", "phenotype"),
    [
        ("B", "male", "Normal"),
        ("A-", "male", "Deficient"),
        ("A-/A-", "male", "Deficient"),
        ("B/B", "female", "Normal"),
        ("A-/B", "female", "Variable"),
        ("A-/A-", "female", "Deficient"),
    ],
)
def test_a_man_has_one_allele_and_a_woman_two(text: str, sex: str, phenotype: str) -> None:
    assert phenotypes(LINKED, text, sex) == {phenotype}


def test_two_different_alleles_in_a_man_are_unreadable() -> None:
    told = calls(LINKED, "A-/B", "male")

    assert told == unreadable(LINKED, "two different alleles in a man")


def test_one_allele_in_a_woman_is_not_enough() -> None:
    assert calls(LINKED, "A-", "female") == unreadable(LINKED, "two alleles are needed")


@pytest.mark.parametrize("text", ["B/B", "A-", "A-/B"])
def test_without_the_sex_the_number_of_alleles_cannot_be_told(text: str) -> None:
    told = calls(LINKED, text)

    assert told == unreadable(LINKED, "the number of alleles depends on the sex")


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("B/Atlantis", "allele Atlantis is not in our table"),
        ("B/New", "allele New has no assigned function yet"),
    ],
)
def test_an_unknown_allele_is_told_before_the_sex(text: str, detail: str) -> None:
    assert calls(LINKED, text) == unreadable(LINKED, detail)


# Activity scores


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*1/*1", {"Normal"}),
        ("*1/*10", {"Normal"}),
        ("*4/*1", {"Intermediate"}),
        ("*4/*4", {"Poor"}),
        ("*10/*10", {"Intermediate"}),
        ("*1/*1x2", {"Ultrarapid"}),
        ("*1/*22", {"Indeterminate"}),
        ("*4/*1x3", {"Ultrarapid"}),
    ],
)
def test_the_sum_of_both_activity_values_decides(text: str, expected: set[str]) -> None:
    assert phenotypes(SCORED, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*4/*1xN", {"Normal", "Ultrarapid"}),
        ("*1/*1xN", {"Ultrarapid"}),
        ("*4/*4xN", {"Poor"}),
        ("*4/*41xN", {"Intermediate", "Normal", "Ultrarapid"}),
    ],
)
def test_an_open_copy_number_leaves_every_phenotype_that_it_may_have(
    text: str, expected: set[str]
) -> None:
    assert phenotypes(SCORED, text) == expected


def test_a_call_tells_the_score() -> None:
    told = calls(SCORED, "*1/*1x≥3")

    assert told == {GeneCall("SCORED", "Ultrarapid", "*1/*1x≥3", Score.parse("≥4.0"))}


@pytest.mark.parametrize(
    ("name", "scores"),
    [
        ("*1", {"1.0"}),
        ("*1x2", {"2.0"}),
        ("*1x3", {"≥3.0"}),
        ("*1x4", {"≥3.0"}),
        ("*1x≥3", {"≥3.0"}),
        ("*1xN", {"2.0", "≥3.0"}),
        ("*4xN", {"0.0"}),
        ("*4x3", {"0.0"}),
        ("*4x≥2", {"0.0"}),
        ("*10x2", {"0.5"}),
        ("*10xN", {"0.5", "≥0.75"}),
        ("*10x≥2", {"≥0.5"}),
        ("*41x2", {"0.5"}),
        ("*41x3", {"0.75"}),
        ("*41xN", {"0.5", "≥0.75"}),
        ("*22x2", {"n/a"}),
        ("*36 + *10", {"0.25"}),
        ("*10 + *36", {"0.25"}),
        ("*10+*36", {"0.25"}),
        ("*36 + *10x2", {"0.5"}),
        ("*4.013", {"0.0"}),
    ],
)
def test_copies_and_tandems_have_scores(name: str, scores: set[str]) -> None:
    told = allele_scores(SCORED, name)

    assert isinstance(told, frozenset)
    assert {str(score) for score in told} == scores


@pytest.mark.parametrize(
    ("name", "plain"),
    [("*1.001x2", "*1x2"), ("*1.001xN", "*1xN"), ("*36.001 + *10", "*36 + *10")],
)
def test_a_sub_allele_counts_with_its_copies_and_partners(name: str, plain: str) -> None:
    assert allele_scores(SCORED, name) == allele_scores(SCORED, plain)


@pytest.mark.parametrize(
    ("name", "score"), [("*10 + *36x3", "0.25"), ("*1 + *68x3", "1.0"), ("*1 + *68xN", "1.0")]
)
def test_copies_of_one_part_of_a_tandem_do_not_multiply_the_other(name: str, score: str) -> None:
    assert allele_scores(SCORED, name) == {Score.parse(score)}


@pytest.mark.parametrize(
    ("name", "scores"),
    [
        ("*4 + *41", {"0.25"}),
        ("*68x3 + *1", {"1.0"}),
        ("*41xN + *4", {"0.5", "≥0.75"}),
        ("*22 + *1", {"n/a"}),
    ],
)
def test_a_tandem_that_the_table_does_not_have_is_the_sum_of_its_parts(
    name: str, scores: set[str]
) -> None:
    told = allele_scores(SCORED, name)

    assert isinstance(told, frozenset)
    assert {str(score) for score in told} == scores


def test_one_unknown_part_makes_a_tandem_unreadable() -> None:
    told = allele_scores(SCORED, "*1 + *99 + *4")

    assert told == unreadable(SCORED, "allele *99 is not in our table")


@pytest.mark.parametrize("name", ["*99", "*99x2", "*99xN", "*1x", "*1xM", "xN", "*1x100", ""])
def test_copies_of_an_unknown_allele_are_unreadable(name: str) -> None:
    told = allele_scores(SCORED, name)

    assert told == unreadable(SCORED, f"allele {name} is not in our table")


def test_no_copies_are_unreadable() -> None:
    assert isinstance(allele_scores(SCORED, "*1x0"), Missing)


def test_an_absurd_number_of_copies_raises_nothing() -> None:
    name = "*1x" + "9" * 5000

    told = SCORED.calls(Diplotype("SCORED", ("*1", name)), NO_SEX)

    assert isinstance(told, Missing | frozenset)


def test_a_diplotype_can_be_made_of_an_absurd_name() -> None:
    assert Diplotype.of("SCORED", "*1", "*" + "9" * 5000).gene == "SCORED"


UNASSIGNED = replace(SCORED, alleles={**SCORED.alleles, "*150": "unassigned"})


def test_a_score_of_an_unassigned_allele_is_unreadable() -> None:
    told = UNASSIGNED.calls(diplotype("SCORED", "*1/*150"), NO_SEX)

    assert told == unreadable(SCORED, "allele *150 has no assigned function yet")


def test_copies_of_an_unassigned_allele_are_unreadable() -> None:
    told = UNASSIGNED.calls(diplotype("SCORED", "*1/*150x2"), NO_SEX)

    assert told == unreadable(SCORED, "allele *150 has no assigned function yet")


@pytest.mark.parametrize("text", ["*1", "*1/*1/*1"])
def test_an_activity_score_needs_two_alleles(text: str) -> None:
    assert calls(SCORED, text) == unreadable(SCORED, "two alleles are needed")


def test_a_score_outside_every_range_has_no_call() -> None:
    assert scored(VARIANTS, "", {Score.parse("0.75")}) == frozenset()


def test_a_score_that_is_not_available_is_indeterminate() -> None:
    told = scored(SCORED, "*1/*22", {NOT_AVAILABLE})

    assert told == {GeneCall("SCORED", "Indeterminate", "*1/*22", NOT_AVAILABLE)}


def test_possible_scores_are_the_sums_of_two_alleles_that_have_values() -> None:
    gene = replace(
        UNASSIGNED, alleles={"*1": "1.0", "*1x≥3": "≥3.0", "*22": "n/a", "*9": "unassigned"}
    )

    assert {str(score) for score in possible_scores(gene)} == {"2.0", "≥4.0", "≥6.0"}


# The lowest two


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Reference/Reference", {"Normal"}),
        ("Reference/c.1A>G", {"Intermediate"}),
        ("Reference/c.2A>G", {"Intermediate"}),
        ("c.1A>G/c.2A>G", {"Poor"}),
        ("c.1A>G/c.2A>G/Reference", {"Poor"}),
        ("c.1A>G/c.3A>G/c.3A>G", {"Intermediate"}),
    ],
)
def test_the_two_lowest_values_of_all_variants_decide(text: str, expected: set[str]) -> None:
    assert phenotypes(VARIANTS, text) == expected


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("c.1A>G + c.2A>G/Reference", "1.0"),
        ("c.2A>G + c.3A>G/Reference", "1.5"),
        ("c.1A>G + c.2A>G/c.2A>G", "0.5"),
    ],
)
def test_variants_on_one_chromosome_count_once_by_the_lower(text: str, score: str) -> None:
    told = calls(VARIANTS, text)

    assert isinstance(told, frozenset)
    assert {str(call.score) for call in told} == {score}


def test_a_haplotype_that_has_a_row_of_its_own_is_not_taken_apart() -> None:
    told = calls(VARIANTS, "c.4A>G + c.5A>G (*5)/Reference")

    assert isinstance(told, frozenset)
    assert {str(call.score) for call in told} == {"1.5"}


@pytest.mark.parametrize("text", ["c.9A>G/Reference", "c.1A>G + c.9A>G/Reference"])
def test_one_unknown_variant_makes_the_whole_unreadable(text: str) -> None:
    told = calls(VARIANTS, text)

    assert told == unreadable(VARIANTS, "allele c.9A>G is not in our table")


def test_one_variant_alone_leaves_the_other_chromosome_open() -> None:
    assert calls(VARIANTS, "c.1A>G") == unreadable(VARIANTS, "two alleles are needed")


# One variant decides


@pytest.mark.parametrize(
    ("text", "phenotype"),
    [
        ("Reference/c.1A>G", "Susceptible"),
        ("c.1A>G/c.1A>G", "Susceptible"),
        ("c.2A>G/c.1A>G", "Susceptible"),
        ("c.2A>G/c.3A>G/c.1A>G", "Susceptible"),
        ("c.2A>G + p.1/Reference", "Susceptible"),
        ("Reference/c.2A>G", "Unsure"),
        ("c.3A>G/c.3A>G", "Unsure"),
        ("Reference/Reference", "Unsure"),
        ("Reference/c.2A>G/c.3A>G", "Unsure"),
    ],
)
def test_one_variant_is_enough_among_any_number(text: str, phenotype: str) -> None:
    assert phenotypes(CARRIED, text) == {phenotype}


@pytest.mark.parametrize("text", ["c.1A>G", "c.1A>G/c.9A>G", "c.9A>G/c.1A>G", "c.4A>G/c.1A>G"])
def test_a_variant_that_decides_does_so_whatever_stands_beside_it(text: str) -> None:
    assert phenotypes(CARRIED, text) == {"Susceptible"}


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("Reference/c.9A>G", "allele c.9A>G is not in our table"),
        ("c.2A>G + c.9A>G/Reference", "allele c.9A>G is not in our table"),
        ("Reference/c.4A>G", "allele c.4A>G has no assigned function yet"),
        ("Reference", "two alleles are needed"),
        ("c.2A>G", "two alleles are needed"),
    ],
)
def test_without_such_a_variant_everything_must_be_known(text: str, detail: str) -> None:
    assert calls(CARRIED, text) == unreadable(CARRIED, detail)


# Mitochondrial


@pytest.mark.parametrize(
    ("text", "phenotype"),
    [
        ("m.1A>G", "increased"),
        ("m.2A>G", "uncertain"),
        ("m.3A>G", "normal"),
        ("Reference", "normal"),
        ("Reference/Reference", "normal"),
        ("m.1A>G/m.1A>G", "increased"),
        ("Reference/m.1A>G", "increased"),
        ("m.2A>G/m.3A>G", "uncertain"),
        ("m.9A>G/m.1A>G", "increased"),
        ("m.3A>G + m.2A>G", "uncertain"),
    ],
)
def test_the_worst_variant_of_one_mitochondrial_call_decides(text: str, phenotype: str) -> None:
    assert phenotypes(MATERNAL, text) == {phenotype}


def test_a_mitochondrial_variant_that_is_said_twice_is_one() -> None:
    assert calls(MATERNAL, "m.2A>G/m.2A>G") == {GeneCall("MATERNAL", "uncertain", "m.2A>G")}


def test_an_unknown_mitochondrial_variant_is_unreadable() -> None:
    assert calls(MATERNAL, "Reference/m.9A>G") == unreadable(
        MATERNAL, "allele m.9A>G is not in our table"
    )


def test_no_variant_at_all_is_unreadable() -> None:
    told = MATERNAL.calls(Diplotype("MATERNAL", ()), NO_SEX)

    assert told == unreadable(MATERNAL, "no allele is named")


# A test for one variant


def positive(gene: Gene, allele: str) -> frozenset[GeneCall]:
    return gene.decided(AlleleStatus(gene.symbol, allele, present=True))


@pytest.mark.parametrize(
    ("gene", "allele", "phenotype"),
    [
        (CARRIED, "c.1A>G", "Susceptible"),
        (CARRIED, "p.1", "Susceptible"),
        (MATERNAL, "m.1A>G", "increased"),
    ],
)
def test_a_positive_test_for_a_variant_that_decides_is_a_call(
    gene: Gene, allele: str, phenotype: str
) -> None:
    assert positive(gene, allele) == {GeneCall(gene.symbol, phenotype, f"{allele} positive")}


@pytest.mark.parametrize(
    ("gene", "allele"),
    [
        (CARRIED, "c.2A>G"),
        (CARRIED, "c.9A>G"),
        (MATERNAL, "m.3A>G"),
        (PAIR, "*2"),
        (TYPED, "*57:01"),
    ],
)
def test_a_positive_test_for_another_variant_is_none(gene: Gene, allele: str) -> None:
    assert positive(gene, allele) == frozenset()


def test_a_negative_test_for_one_variant_says_nothing_of_the_others() -> None:
    negative = AlleleStatus("MATERNAL", "m.1A>G", present=False)

    assert MATERNAL.decided(negative) == frozenset()


# A gene without phenotypes


@pytest.mark.parametrize("text", ["*1/*3", "*3/*1", "Wild Type/*3"])
def test_a_gene_without_phenotypes_is_called_by_its_diplotype(text: str) -> None:
    assert calls(NAMED, text) == {GeneCall("NAMED", "*1/*3", "*1/*3")}


@pytest.mark.parametrize(
    ("text", "detail"),
    [("*1/*9", "allele *9 is not in our table"), ("*1", "two alleles are needed")],
)
def test_such_a_gene_needs_two_known_alleles(text: str, detail: str) -> None:
    assert calls(NAMED, text) == unreadable(NAMED, detail)


# A gene of which only reported phenotypes are known


@pytest.mark.parametrize("text", ["*1/*1", "*2/*2", ""])
def test_no_alleles_of_a_gene_that_is_only_reported_are_read(text: str) -> None:
    detail = "its alleles are not read, only a phenotype is"

    assert calls(REPORTED, text) == unreadable(REPORTED, detail)


def test_a_gene_that_is_only_reported_has_the_phenotype_that_was_reported() -> None:
    told = REPORTED.reported_phenotype(ReportedPhenotype("REPORTED", "Poor"))

    assert told == {GeneCall("REPORTED", "Poor", reported=True)}


# HLA


@pytest.mark.parametrize(
    ("typing", "present"),
    [
        ("*57:01/*08:01", True),
        ("*57:01:01/*08:01", True),
        ("*57:01:01:02/*08:01", True),
        ("HLA-B*57:01/*08:01", True),
        ("57:01/08:01", True),
        ("*57:01:01G/*08:01", True),
        ("*57:01P/*08:01", True),
        ("*57:01/*57:01", True),
        ("*57:01", True),
        ("*57:01/*57", True),
        ("*57:03/*08:01", False),
        ("*57:10/*08:01", False),
        ("*57:011/*08:01", False),
        ("*58:01/*08:01", False),
        ("*58/*08:01", False),
        ("*08:01:01/*07:02:01", False),
    ],
)
def test_the_first_two_fields_of_two_typings_decide(typing: str, present: bool) -> None:
    told = TYPED.status(diplotype("TYPED", typing), "*57:01")

    assert told == AlleleStatus("TYPED", "*57:01", present)


@pytest.mark.parametrize(
    "typing",
    ["*57/*08:01", "*57:XX/*08:01", "*57:/*08:01", "*08:01", "blank/*08:01", "/", "B57/B8"],
)
def test_a_typing_that_is_too_coarse_or_half_tells_nothing(typing: str) -> None:
    told = TYPED.status(diplotype("TYPED", typing), "*57:01")

    detail = "the typing does not tell TYPED*57:01"
    assert told == Missing("TYPED*57:01", Why.UNREADABLE, detail)


@pytest.mark.parametrize("typing", ["*57:01L/*08:01", "*57:01:01G/*08:01", "*57:01:01:01Q/*08:01"])
def test_a_suffix_of_expression_does_not_hide_the_allele(typing: str) -> None:
    told = TYPED.status(diplotype("TYPED", typing), "*57:01")

    assert told == AlleleStatus("TYPED", "*57:01", present=True)


def test_a_null_allele_is_neither_there_nor_not() -> None:
    told = TYPED.status(diplotype("TYPED", "*57:01:01:02N/*08:01"), "*57:01")

    detail = "the typing has a null allele of TYPED*57:01"
    assert told == Missing("TYPED*57:01", Why.UNREADABLE, detail)
    other = TYPED.status(diplotype("TYPED", "*57:28N/*08:01"), "*57:01")
    assert other == AlleleStatus("TYPED", "*57:01", present=False)


@pytest.mark.parametrize(
    ("typing", "present"),
    [("*5701/*0801", True), ("*570101/*0801", True), ("*5703/*0801", False)],
)
def test_a_name_of_before_2010_has_two_fields_without_a_colon(typing: str, present: bool) -> None:
    told = TYPED.status(diplotype("TYPED", typing), "*57:01")

    assert told == AlleleStatus("TYPED", "*57:01", present)


@given(st.lists(st.text() | st.from_regex(r"\*?\d{1,3}(:\d{2})*[A-Z]?"), max_size=3))
def test_a_carried_allele_is_positive_whatever_stands_beside_it(others: list[str]) -> None:
    told = hla_status("TYPED", Diplotype("TYPED", ("*57:01", *others)), "*57:01")

    assert told == AlleleStatus("TYPED", "*57:01", present=True)


# What a laboratory concluded itself


def test_a_reported_phenotype_stands_for_itself_where_the_gene_has_no_scores() -> None:
    told = PAIR.reported_phenotype(ReportedPhenotype("PAIR", "Poor"))

    assert told == {GeneCall("PAIR", "Poor", reported=True)}


def test_a_reported_phenotype_stands_for_every_score_that_it_covers() -> None:
    told = SCORED.reported_phenotype(ReportedPhenotype("SCORED", "Normal"))

    assert {str(call.score) for call in told} == {"1.25", "1.5", "1.75", "2.0", "2.25"}
    assert {(call.phenotype, call.reported) for call in told} == {("Normal", True)}


def test_a_reported_phenotype_without_a_range_has_no_score() -> None:
    told = SCORED.reported_phenotype(ReportedPhenotype("SCORED", "Indeterminate"))

    assert told == {GeneCall("SCORED", "Indeterminate", reported=True)}


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("1.0", {"Intermediate"}),
        ("≥2.0", {"Normal", "Ultrarapid"}),
        ("n/a", {"Indeterminate"}),
    ],
)
def test_a_reported_score_is_judged_by_the_ranges_of_today(score: str, expected: set[str]) -> None:
    told = SCORED.reported_score(ReportedPhenotype("SCORED", "Normal", score))

    assert {call.phenotype for call in told} == expected
    assert all(call.reported for call in told)


def test_without_a_score_or_without_ranges_a_reported_score_says_nothing() -> None:
    assert SCORED.reported_score(ReportedPhenotype("SCORED", "Normal")) == frozenset()
    assert PAIR.reported_score(ReportedPhenotype("PAIR", "Normal", "2.0")) == frozenset()


# Whatever a report writes

NAMES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(sorted({name for gene in CALLED for name in gene.alleles})),
    st.from_regex(r"\*?\d{1,3}[A-Z]?(\.\d{3})?( \+ \*\d+)?x(N|≥?\d{1,6})", fullmatch=True),
    st.from_regex(r"(HLA-B)?\*?\d{1,4}(:\d{1,4}){0,3}[A-Z]?", fullmatch=True),
)
SEXES = st.sampled_from(["male", "female", NO_SEX])


@given(st.sampled_from(CALLED), st.lists(NAMES, max_size=4), SEXES)
def test_no_name_of_an_allele_raises(gene: Gene, names: list[str], sex: str | Missing) -> None:
    told = gene.calls(Diplotype.of(gene.symbol, *names), sex)

    assert isinstance(told, Missing) or {call.gene for call in told} <= {gene.symbol}


@given(st.lists(NAMES, max_size=4))
def test_no_name_of_an_hla_allele_raises(names: list[str]) -> None:
    told = TYPED.status(Diplotype.of("TYPED", *names), "*57:01")

    assert isinstance(told, Missing | AlleleStatus)


@given(st.sampled_from(CALLED), st.lists(NAMES, max_size=4), SEXES, st.text(max_size=5))
def test_a_name_that_is_not_in_the_table_gives_no_phenotype_unless_another_decides(
    gene: Gene, names: list[str], sex: str | Missing, odd: str
) -> None:
    strange = f"?{odd}?"
    deciding = {name for name in gene.alleles if gene.alleles[name] in gene.precedence[:1]}
    names = [name for name in names if name not in deciding]

    assert isinstance(gene.calls(Diplotype.of(gene.symbol, strange, *names), sex), Missing)


def test_every_score_of_two_alleles_has_a_phenotype_in_ranges_without_gaps() -> None:
    spans = {"Low": ScoreRange.parse("score 0 to 1"), "High": ScoreRange.parse("score > 1")}
    gene = replace(SCORED, ranges=spans)

    assert all(scored(gene, "", {score}) for score in possible_scores(gene))
