"""What `rxhooks lint` says of inhibitors: in their table, and in the rules that weigh them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hooks.clinical.guidelines import Guideline, Inhibited
from hooks.clinical.phenoconversion import Modifier
from hooks.knowledge import load
from hooks.knowledge.lint import lint
from tests.unit.hooks.small import AVOID, RULE, SCORED_RULE, knowledge

STRONG = Modifier("secondin", "SCORED", "inhibitor", "strong", Decimal(0))
READS = f"sha256:{'0' * 64}"
SPOKEN = replace(AVOID, summary="-", advice="-", rationale="-", reads="", when={})


def problems(rule: Guideline, modifier: Modifier = STRONG) -> list[str]:
    read = [replace(branch, reads=READS) for branch in rule.branches]
    whole = replace(rule, branches=tuple(read))
    return lint(replace(knowledge(whole), modifiers={modifier.drug: (modifier,)}))


def test_a_rule_may_adjust_its_own_scored_gene() -> None:
    assert problems(replace(SCORED_RULE, adjusts=("SCORED",))) == []


def test_a_rule_adjusts_no_gene_of_others() -> None:
    assert problems(replace(SCORED_RULE, adjusts=("PAIR",))) == [
        "scored-firstin: adjusts PAIR, which is not a gene of this rule"
    ]


def test_a_gene_without_scores_cannot_be_adjusted() -> None:
    assert problems(replace(RULE, adjusts=("PAIR",))) == [
        "pair-firstin: adjusts PAIR, which has no activity scores"
    ]


def test_a_warning_of_inhibitors_needs_no_source_row_but_an_inhibitor() -> None:
    by = frozenset({("SCORED", "strong"), ("SCORED", "moderate")})
    warned = replace(SCORED_RULE, inhibited=(Inhibited(by, SPOKEN),))

    assert problems(warned) == ["scored-firstin/poor: inhibitors.csv has no moderate one of SCORED"]


@pytest.mark.parametrize(
    ("modifier", "problem"),
    [
        (replace(STRONG, drug="unheard"), "inhibitors.csv: drug 'unheard' is not in drugs.csv"),
        (replace(STRONG, gene="GENE9"), "inhibitors.csv: unknown gene GENE9"),
    ],
)
def test_inhibitors_are_of_known_drugs_and_genes(modifier: Modifier, problem: str) -> None:
    assert problems(RULE, modifier) == [problem]


@pytest.mark.parametrize(
    ("name", "gene", "strength"),
    [
        ("CYP2D6_STRONG", "CYP2D6", "strong"),
        ("CYP2D6_MODERATE", "CYP2D6", "moderate"),
        ("CYP2C19_STRONG", "CYP2C19", "strong"),
        ("CYP2C19_MODERATE", "CYP2C19", "moderate"),
        ("CYP2C9_MODERATE", "CYP2C9", "moderate"),
    ],
)
def test_the_classes_of_drugs_and_the_table_of_inhibitors_agree(
    name: str, gene: str, strength: str
) -> None:
    shipped = load()
    listed = [each for found in shipped.modifiers.values() for each in found]
    kind = ("inhibitor", gene, strength)

    assert shipped.drug_classes[name] == {
        each.drug for each in listed if (each.role, each.gene, each.strength) == kind
    }


@pytest.mark.parametrize("gene", ["CYP2B6", "CYP2C19", "CYP2C9"])
def test_the_classes_of_inducers_agree_as_well(gene: str) -> None:
    shipped = load()
    listed = [each for found in shipped.modifiers.values() for each in found]

    assert shipped.drug_classes[f"{gene}_INDUCER"] == {
        each.drug for each in listed if (each.role, each.gene) == ("inducer", gene)
    }
