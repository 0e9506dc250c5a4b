"""Rules from the FDA table and labels: what sets them apart, and which drugs have none."""

import pytest

from hooks.clinical.guidelines import Guideline
from hooks.knowledge import load
from hooks.reading.phenotypes import phenotype

KNOWLEDGE = load()
FDA = [rule for rule in KNOWLEDGE.guidelines if rule.source.startswith("fda-")]
OTHERS = [rule for rule in KNOWLEDGE.guidelines if rule not in FDA]
NAMED_WITHOUT_ROW = [
    "esomeprazole", "rabeprazole", "naproxen", "diclofenac", "oxycodone", "morphine", "methadone",
    "fluoxetine", "duloxetine", "tegafur", "peginterferon alfa-2a", "peginterferon alfa-2b",
    "ribavirin", "atenolol", "bisoprolol", "carvedilol", "nebivolol", "propranolol",
]  # fmt: skip
NO_ADJUSTMENT_BY_GENOTYPE = "mavacamten"  # so says its row, in section 2 of the FDA table


@pytest.mark.parametrize("rule", FDA, ids=lambda rule: rule.id)
def test_a_rule_of_the_fda_says_so_and_claims_no_strength(rule: Guideline) -> None:
    source = KNOWLEDGE.sources[rule.source]

    assert rule.id.startswith("fda-")
    assert source.label.startswith("FDA")
    assert {branch.strength for branch in rule.branches} == {""}
    assert "FDA" in source.title


def test_every_other_rule_has_a_word_for_its_strength() -> None:
    assert all(branch.strength for rule in OTHERS for branch in rule.branches)


def test_a_drug_with_rows_of_a_guideline_has_no_rule_of_the_fda() -> None:
    ruled = {drug for rule in OTHERS for drug in rule.drugs}

    assert not ruled & {drug for rule in FDA for drug in rule.drugs}


@pytest.mark.parametrize("drug", [*NAMED_WITHOUT_ROW, NO_ADJUSTMENT_BY_GENOTYPE])
def test_a_drug_without_a_row_of_its_own_borrows_none(drug: str) -> None:
    assert not any(drug in rule.drugs for rule in KNOWLEDGE.guidelines)


def test_an_alternative_may_be_a_drug_without_a_rule() -> None:
    assert KNOWLEDGE.rules_for("morphine") == ()
    assert "morphine" in KNOWLEDGE.drugs


# Genes of which only a reported phenotype is read


def told(symbol: str, text: str) -> str:
    """The phenotype that *text* states for the gene; empty if it states none plainly."""
    gene = KNOWLEDGE.genes[symbol]
    read = phenotype(gene, text, KNOWLEDGE.phenotype_terms, KNOWLEDGE.genes)
    return read.phenotype if read is not None else ""


@pytest.mark.parametrize(
    ("symbol", "text", "read"),
    [
        ("BCHE", "BCHE poor metabolizer", "Poor Metabolizer"),
        ("UGT2B17", "UGT2B17 *2/*2 Poor Metabolizer", "Poor Metabolizer"),
        ("UGT2B17", "Normal Metabolizer", "Normal Metabolizer"),
        ("POLG", "POLG-related disorder", "POLG-related disorder"),
        ("POLG", "Alpers-Huttenlocher syndrome", "POLG-related disorder"),
        ("POLG", "No POLG mutation found", "no POLG mutation found"),
        ("POLG", "No POLG-related disorder", ""),
        ("POLG", "POLG-related disorder not excluded", ""),
        ("POLG", "POLG c.1399G>A (p.Ala467Thr) heterozygous", ""),
        ("POLG", "Suspected Alpers-Huttenlocher syndrome", ""),
        ("BCHE", "Alpers-Huttenlocher syndrome", ""),
        ("BCHE", "homozygous atypical", ""),
    ],
)
def test_only_a_plain_statement_is_read(symbol: str, text: str, read: str) -> None:
    assert told(symbol, text) == read
