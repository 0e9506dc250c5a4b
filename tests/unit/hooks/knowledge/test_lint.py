"""Checks across files: the shipped knowledge is sound, and each fault is told in a sentence."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hooks.clinical.codes import Product, Strength
from hooks.clinical.genes import Gene, GeneTest
from hooks.clinical.guidelines import Action, Alternative, Branch, Guideline
from hooks.clinical.populations import Population
from hooks.clinical.scores import ScoreRange
from hooks.knowledge import KnowledgeError, load
from hooks.knowledge.lint import (
    gene_calls,
    lint,
    lint_cases,
    lint_gene,
    load_checked,
    unsigned,
)
from tests.unit.hooks.knowledge.files import site
from tests.unit.hooks.small import (
    AVOID,
    CARRIED,
    GENES,
    LINKED,
    MATERNAL,
    NAMED,
    PAIR,
    REDUCE,
    REPORTED,
    RULE,
    SCORED,
    SCORED_RULE,
    STANDARD,
    TWO_GENES,
    TYPED,
    TYPED_RULE,
    UNCLEAR,
    VARIANTS,
    knowledge,
    wanted,
)

READS = "sha256:" + "0" * 64


def sound(rule: Guideline) -> Guideline:
    """*rule* with the fingerprints that its branches need."""
    return replace(rule, branches=tuple(replace(each, reads=READS) for each in rule.branches))


def changed(branch: Branch, **changes: Any) -> Guideline:
    """The small rule, one of its branches changed."""
    kept = [each for each in RULE.branches if each.id != branch.id]
    return sound(replace(RULE, branches=(*kept, replace(branch, **changes))))


def problems(*rules: Guideline, **tables: Any) -> list[str]:
    return lint(replace(knowledge(*rules), **tables))


def test_the_knowledge_that_we_ship_is_sound() -> None:
    assert lint(load()) == []


def test_the_small_knowledge_is_sound() -> None:
    rules = (RULE, TWO_GENES, TYPED_RULE, SCORED_RULE)

    assert problems(*(sound(rule) for rule in rules)) == []


# Products


@pytest.mark.parametrize(
    ("product", "told"),
    [
        (
            Product("2009", "x", (Strength("unheard", None, ""),), False, "", ""),
            "drug_products.csv: 2009: 'unheard' is not in drugs.csv",
        ),
        (
            Product("2009", "x", (Strength("firstin", None, ""),) * 2, False, "", ""),
            "drug_products.csv: 2009: want each drug once, and at least one",
        ),
        (
            Product("2009", "x", (), False, "", ""),
            "drug_products.csv: 2009: want each drug once, and at least one",
        ),
        (
            Product("C07AB02", "x", (Strength("firstin", None, ""),), False, "", ""),
            "drug_products.csv: 'C07AB02' is no RxNorm code",
        ),
    ],
)
def test_a_product_that_cannot_be_is_told(product: Product, told: str) -> None:
    assert problems(sound(RULE), products={product.code: product}) == [told]


# Ids


def test_an_id_that_is_used_twice_is_told() -> None:
    assert problems(sound(RULE), sound(RULE)) == ["pair-firstin: the id is used 2 times"]


def test_an_id_that_was_retired_is_told() -> None:
    assert problems(replace(sound(RULE), id="old-rule")) == [
        "old-rule: the id is retired and may not be used again"
    ]


def test_two_branches_of_one_id_are_told() -> None:
    assert problems(changed(REDUCE)) == []
    assert problems(changed(REDUCE, id="poor")) != []


# Genes


def gene(base: Gene, **changes: Any) -> list[str]:
    return list(lint_gene(replace(base, **changes)))


@pytest.mark.parametrize("base", GENES.values(), ids=GENES)
def test_a_gene_of_each_method_can_be_sound(base: Gene) -> None:
    assert gene(base) == []


def test_an_alias_that_leads_nowhere_is_told() -> None:
    assert gene(PAIR, aliases={"wild type": "*0"}) == [
        "PAIR: alias wild type leads to *0, which is no allele"
    ]


def test_a_pair_of_functions_without_phenotype_is_told() -> None:
    left = {key: name for key, name in PAIR.phenotypes.items() if key != ("none", "normal")}

    assert gene(PAIR, phenotypes=left) == ["PAIR: no phenotype for none + normal"]


def test_a_function_alone_without_phenotype_is_told_where_men_have_one_allele() -> None:
    left = {key: name for key, name in LINKED.phenotypes.items() if key != ("class III",)}

    assert gene(LINKED, phenotypes=left) == ["LINKED: no phenotype for class III alone"]


@pytest.mark.parametrize("base", [CARRIED, MATERNAL])
def test_a_function_without_phenotype_is_told_where_one_variant_decides(base: Gene) -> None:
    first = base.precedence[0]
    left = {key: name for key, name in base.phenotypes.items() if key != (first,)}

    assert gene(base, phenotypes=left) == [f"{base.symbol}: no phenotype for {first} alone"]


@pytest.mark.parametrize(
    "precedence",
    [
        (),
        ("malignant hyperthermia", "normal"),
        ("malignant hyperthermia", "uncertain", "normal", "normal"),
        ("malignant hyperthermia", "uncertain", "normal", "decreased"),
    ],
    ids=["none", "one left out", "one twice", "another"],
)
def test_a_precedence_that_does_not_name_each_function_once_is_told(
    precedence: tuple[str, ...],
) -> None:
    assert gene(CARRIED, precedence=precedence) == [
        "CARRIED: the precedence has to name malignant hyperthermia, normal, uncertain, each once"
    ]


def spans(**texts: str) -> dict[str, ScoreRange]:
    return {name: ScoreRange.parse(text) for name, text in texts.items()}


ONE_OR_NONE = {"*1": "1.0", "*4": "0.0"}  # scores 0, 1 and 2


def test_a_score_in_no_phenotype_is_told() -> None:
    told = gene(SCORED, alleles=ONE_OR_NONE, aliases={}, ranges=spans(Poor="score 0 to 1"))

    assert told == ["SCORED: score 2.0 is in 0 phenotypes; want 1"]


def test_a_score_in_two_phenotypes_is_told() -> None:
    ranges = spans(Poor="score 0 to 1", Normal="score >= 1")

    assert gene(SCORED, alleles=ONE_OR_NONE, aliases={}, ranges=ranges) == [
        "SCORED: score 1.0 is in 2 phenotypes; want 1",
        "SCORED: scores from 1 are in two phenotypes",
    ]


@pytest.mark.parametrize(
    ("lower", "upper", "told"),
    [
        ("score 0 to 0.5", "score > 0.5", []),
        ("score >= 0 and < 0.5", "score >= 0.5", []),
        ("score 0 to 0.5", "score >= 0.5", ["SCORED: scores from 0.5 are in two phenotypes"]),
        ("score 0 to 0.6", "score > 0.5", ["SCORED: scores from 0.5 are in two phenotypes"]),
    ],
)
def test_ranges_that_overlap_are_told_though_no_score_lies_there(
    lower: str, upper: str, told: list[str]
) -> None:
    ranges = spans(Poor=lower, Normal=upper)

    assert gene(SCORED, alleles=ONE_OR_NONE, aliases={}, ranges=ranges) == told


def test_a_range_without_end_below_another_is_told() -> None:
    ranges = spans(Poor="score >= 0", Normal="score > 5")

    assert gene(SCORED, alleles=ONE_OR_NONE, aliases={}, ranges=ranges) == [
        "SCORED: scores from 5 are in two phenotypes"
    ]


def test_the_order_of_ranges_in_a_file_does_not_matter() -> None:
    ranges = spans(Intermediate="score > 0 and < 1.5", Poor="score 0", Normal="score >= 1.5")

    assert gene(SCORED, alleles=ONE_OR_NONE, aliases={}, ranges=ranges) == []


@pytest.mark.parametrize("value", ["n/a", "≥1.0"])
def test_a_variant_without_a_plain_value_is_told(value: str) -> None:
    told = gene(VARIANTS, alleles={**VARIANTS.alleles, "c.9A>G": value})

    assert "VARIANTS: a variant has no plain value" in told


# Rules: names


def alternative(**changes: Any) -> Guideline:
    other = Alternative(**{"drug": "secondin", **changes})
    return changed(AVOID, action=Action("avoid", replace_with=(other,)))


GONE = Population("gone", "nobody", "gone", conditions=("fracture",))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (replace(RULE, genes=("PAIR", "LOST")), "unknown gene LOST"),
        (replace(RULE, drugs=("lostin",)), "drug 'lostin' is not in drugs.csv"),
        (alternative(drug="lostin"), "drug 'lostin' is not in drugs.csv"),
        (alternative(product="2001"), "product 2001 does not hold secondin"),
        (alternative(product="9999"), "product 9999 does not hold secondin"),
        (alternative(not_if=("fracture",)), "condition 'fracture' is not in conditions.csv"),
        (
            replace(RULE, populations=(GONE,)),
            "condition 'fracture' is not in conditions.csv",
        ),
        (replace(RULE, source="hearsay"), "source 'hearsay' is not in sources.toml"),
    ],
    ids=[
        "gene",
        "drug",
        "alternative",
        "product of another drug",
        "unknown product",
        "condition of an alternative",
        "condition of a population",
        "source",
    ],
)
def test_a_name_that_stands_for_nothing_is_told(rule: Guideline, told: str) -> None:
    assert problems(sound(rule)) == [f"pair-firstin: {told}"]


def test_a_product_that_holds_its_drug_is_sound() -> None:
    assert problems(alternative(product="2002")) == []


def test_a_population_that_is_not_declared_is_told() -> None:
    told = problems(changed(AVOID, populations=frozenset({"heart"})))

    assert "pair-firstin: population 'heart' is not declared" in told


def test_a_population_to_test_first_that_is_not_declared_is_told() -> None:
    assert problems(sound(replace(RULE, test_first=("heart",)))) == [
        "pair-firstin: population 'heart' is not declared"
    ]


def test_a_phenotype_that_its_gene_cannot_have_is_told() -> None:
    rule = changed(AVOID, when={"PAIR": wanted("Poor", "Superb")})

    assert problems(rule) == ["pair-firstin/poor: PAIR has no phenotype 'Superb'"]


def test_an_allele_that_the_rule_asks_beside_its_own_is_told() -> None:
    more = replace(AVOID, id="other", when={"TYPED": wanted("*58:01 positive")})
    rule = sound(replace(TYPED_RULE, branches=(*TYPED_RULE.branches, more)))

    assert problems(rule) == ["typed-firstin/other: TYPED has no phenotype '*58:01 positive'"]


# Rules: branches


def test_a_summary_that_is_too_long_with_the_drug_in_its_place_is_told() -> None:
    rule = changed(AVOID, summary="{drug}" + "x" * 133)

    assert problems(rule) == ["pair-firstin/poor: the summary has 140 characters; want under 140"]
    assert problems(changed(AVOID, summary="{Drug}" + "x" * 132)) == []


def test_advice_that_shows_nothing_is_told() -> None:
    assert problems(changed(AVOID, indicator="")) == [
        "pair-firstin/poor: advises and shows nothing"
    ]


@pytest.mark.parametrize("strength", ["n/a", ""])
def test_a_branch_without_fingerprint_is_told_unless_no_row_stands_behind_it(strength: str) -> None:
    rule = changed(STANDARD)
    bare = tuple(replace(b, reads="") if b.id == "normal" else b for b in rule.branches)
    free = tuple(replace(b, strength=strength) if b.id == "normal" else b for b in bare)

    assert problems(replace(rule, branches=bare)) == [
        "pair-firstin/normal: no fingerprint of the source rows"
    ]
    assert problems(replace(rule, branches=free)) == []


def stray(*phenotypes: str) -> Guideline:
    """The small rule with a branch that asks a gene which is not the rule's."""
    when = {"PAIR": wanted(*phenotypes), "OTHER": wanted("Poor")}
    return sound(replace(RULE, branches=(*RULE.branches, replace(UNCLEAR, id="stray", when=when))))


def test_a_branch_that_asks_a_gene_of_another_rule_is_told() -> None:
    assert problems(stray()) == ["pair-firstin/stray: OTHER is not a gene of this rule"]


def test_such_a_branch_does_not_stop_the_other_checks() -> None:
    assert problems(stray("Poor")) == ["pair-firstin/stray: OTHER is not a gene of this rule"]


# Rules: every combination


def test_a_phenotype_without_branch_is_told() -> None:
    rule = sound(replace(RULE, branches=(AVOID, REDUCE, STANDARD)))

    assert problems(rule) == ["pair-firstin: 0 branches for PAIR Indeterminate; want 1"]


def test_a_phenotype_with_two_branches_is_told() -> None:
    rule = changed(REDUCE, when={"PAIR": wanted("Intermediate", "Poor")})

    assert problems(rule) == ["pair-firstin: 2 branches for PAIR Poor; want 1"]


def test_a_score_without_branch_is_told_with_the_score() -> None:
    less = tuple(
        replace(branch, when={"SCORED": wanted("score 0.25 to 0.5")})
        if branch.id == "intermediate"
        else branch
        for branch in SCORED_RULE.branches
    )

    told = problems(sound(replace(SCORED_RULE, branches=less)))

    assert "scored-firstin: 0 branches for SCORED Intermediate (0.75); want 1" in told


def test_a_population_without_branch_is_told_by_name() -> None:
    brain = Population("brain", "a stroke", "CVA", conditions=("stroke",))
    heart = Population("heart", "a heart attack", "MI", conditions=("infarction",))
    rule = replace(changed(AVOID, populations=frozenset({"heart"})), populations=(brain, heart))

    assert problems(rule) == ["pair-firstin: 0 branches for PAIR Poor in brain; want 1"]


def test_a_gene_without_result_needs_a_branch_beside_another_gene() -> None:
    less = tuple(branch for branch in TWO_GENES.branches if branch.id != "other-normal")

    told = problems(sound(replace(TWO_GENES, branches=less)))

    assert set(told) == {
        "pair-other-firstin: 0 branches for PAIR Indeterminate, OTHER Normal; want 1",
        "pair-other-firstin: 0 branches for PAIR No Result, OTHER Normal; want 1",
    }


def test_no_result_of_any_gene_needs_no_branch() -> None:
    less = replace(TWO_GENES.branches[-1], when={"PAIR": wanted("Indeterminate", "No Result")})
    narrow = replace(
        less, when={"PAIR": wanted("Indeterminate"), "OTHER": wanted("Indeterminate", "No Result")}
    )
    half = replace(
        less, id="half", when={"PAIR": wanted("No Result"), "OTHER": wanted("Indeterminate")}
    )
    rule = replace(TWO_GENES, branches=(*TWO_GENES.branches[:-1], narrow, half))

    assert problems(sound(rule)) == []


@pytest.mark.parametrize(
    ("base", "allele", "calls"),
    [
        (TYPED, "*57:01", ["*57:01 positive", "*57:01 negative"]),
        (PAIR, "", ["Indeterminate", "Intermediate", "Normal", "Poor"]),
        (
            replace(SCORED, alleles=ONE_OR_NONE),
            "",
            ["Indeterminate", "Intermediate", "Normal", "Poor"],
        ),
        (CARRIED, "", ["Indeterminate", "Susceptible", "Unsure"]),
        (NAMED, "", ["*1/*1", "*1/*3", "*3/*3", "Indeterminate"]),
        (REPORTED, "", ["Indeterminate", "Normal", "Poor"]),
    ],
    ids=["hla", "function pair", "activity score", "carrier", "diplotype", "reported"],
)
def test_every_call_that_a_gene_can_make_is_tried(
    base: Gene, allele: str, calls: list[str]
) -> None:
    assert [call.phenotype for call in gene_calls(base, allele)] == calls


# Displays


def test_a_code_that_is_called_differently_elsewhere_is_told() -> None:
    renamed = replace(PAIR, test=GeneTest("loinc", "1-8", "Another name"))

    assert problems(genes={**GENES, "PAIR": renamed}) == [
        "PAIR: 1-8 is called 'PAIR gene test' elsewhere"
    ]


def test_a_test_that_no_table_names_may_be_called_anything() -> None:
    elsewhere = replace(PAIR, test=GeneTest("loinc", "9-9", "Another test"))

    assert problems(genes={**GENES, "PAIR": elsewhere}) == []


# Cases and signatures


def test_a_rule_without_cases_of_all_kinds_is_told() -> None:
    assert lint_cases(knowledge(RULE), {"pair-firstin": ["advise", "advise"]}) == [
        "pair-firstin: no case expects no-action",
        "pair-firstin: no case expects cannot-tell",
    ]
    assert len(lint_cases(knowledge(RULE), {})) == 3


def test_a_rule_with_cases_of_all_kinds_is_sound() -> None:
    cases = {"pair-firstin": ["cannot-tell", "advise", "no-action"]}

    assert lint_cases(knowledge(RULE), cases) == []


def test_a_rule_that_never_says_no_action_owes_no_case_of_it() -> None:
    worried = replace(RULE, branches=(AVOID, UNCLEAR))

    assert lint_cases(knowledge(worried), {}) == [
        "pair-firstin: no case expects advise",
        "pair-firstin: no case expects cannot-tell",
    ]


def test_active_rules_that_nobody_signed_are_listed() -> None:
    signed = replace(TYPED_RULE, reviewed_by=("A. Pharmacist",))
    draft = replace(SCORED_RULE, status="draft")

    assert unsigned(knowledge(RULE, signed, draft)) == ["pair-firstin"]


def test_the_rules_that_we_ship_claim_no_review_that_did_not_happen() -> None:
    shipped = load()

    assert unsigned(shipped) == [rule.id for rule in shipped.rules if rule.status == "active"]


def test_a_site_s_faulty_knowledge_is_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="site-rule: unknown gene PAIR"):
        load_checked(site(tmp_path, {}))
