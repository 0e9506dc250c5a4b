"""From checked tables to the values of the clinical core."""

import tomllib
from decimal import Decimal
from typing import Any

import pytest

from hooks.clinical.genes import Gene, GeneTest
from hooks.clinical.guidelines import Action, Alternative, Cap, Guideline
from hooks.clinical.logic import Truth
from hooks.clinical.populations import Population, Span
from hooks.clinical.scores import ScoreRange
from hooks.knowledge import build
from hooks.knowledge.schemas import GeneFile, GuidelineFile
from tests.unit.hooks.knowledge.files import GENE, RULE, SCORED


def gene(text: str, **changes: Any) -> Gene:
    return build.gene(GeneFile().load({**tomllib.loads(text), **changes}))


def guideline(**changes: Any) -> Guideline:
    return build.guideline(GuidelineFile().load({**tomllib.loads(RULE), **changes}))


def test_a_gene_has_its_table_and_its_test() -> None:
    built = gene(GENE)

    assert built.alleles == {"*1": "normal", "*2": "none"}
    assert built.test == GeneTest("loinc", "1-8", "PAIR gene test")


def test_a_gene_without_a_test_has_none() -> None:
    assert gene(SCORED).test is None


def test_a_gene_may_have_a_test_of_its_activity() -> None:
    test = {"code": "loinc:2-6", "display": "PAIR activity", "source": "LOINC"}

    assert gene(GENE, activity_test=test).activity_test == GeneTest("loinc", "2-6", "PAIR activity")


def test_a_pair_of_functions_is_found_in_either_order() -> None:
    built = gene(GENE, phenotypes={"normal + none": "Intermediate", "none": "Deficient"})

    assert built.phenotypes == {("none", "normal"): "Intermediate", ("none",): "Deficient"}


def test_a_phenotype_has_a_range_of_scores() -> None:
    assert gene(SCORED).ranges["Poor"] == ScoreRange(Decimal(0), Decimal(0))


@pytest.mark.parametrize(
    ("allele", "spelling"),
    [
        ("c.85T>C (*9A)", "C.85T>C"),
        ("c.85T>C (*9A)", "*9a"),
        ("Canton, Taiwan-Hakka, Gifu-like", "taiwan-hakka"),
        ("Canton, Taiwan-Hakka, Gifu-like", "Canton, Taiwan-Hakka, Gifu-like"),
        ("*36 + *10", "*36+*10"),
        ("*36 + *10", "*10 + *36"),
    ],
)
def test_an_allele_may_be_spelled_in_other_ways(allele: str, spelling: str) -> None:
    assert gene(SCORED, alleles={allele: "1.0", "*1": "1.0"}).allele(spelling) == allele


def test_a_base_alone_names_no_allele() -> None:
    built = gene(SCORED, alleles={"rs1 reference (G)": "1.0", "rs1 variant (T)": "0.0"})

    assert built.allele("rs1 variant") == "rs1 variant (T)"
    assert not isinstance(built.allele("T"), str)


def test_the_precedence_of_functions_keeps_its_order() -> None:
    assert gene(GENE, precedence=["normal", "none"]).precedence == ("normal", "none")


def test_a_spelling_that_two_alleles_share_belongs_to_neither() -> None:
    built = gene(SCORED, alleles={"c.1A>G (HapB3)": "0.5", "c.2A>G (HapB3)": "0.5"})

    assert not isinstance(built.allele("HapB3"), str)
    assert built.allele("c.1A>G") == "c.1A>G (HapB3)"


def test_an_alias_of_the_file_goes_before_a_spelling() -> None:
    built = gene(SCORED, alleles={"a (x)": "1.0", "b": "0.0"}, aliases={"X": "b"})

    assert built.allele("x") == "b"


def test_branches_of_each_kind_have_their_truth() -> None:
    told = [(branch.id, branch.applies) for branch in guideline().branches]

    assert told == [
        ("not-normal", Truth.YES),
        ("normal", Truth.NO),
        ("indeterminate", Truth.UNKNOWN),
    ]


def test_a_branch_wants_phenotypes_and_scores() -> None:
    table = tomllib.loads(RULE)["no_action"]
    table[0]["when"] = {"PAIR": ["Normal", "score > 2"]}

    wanted = guideline(no_action=table).branches[1].when["PAIR"]

    assert wanted.phenotypes == {"Normal"}
    assert wanted.scores == (ScoreRange(Decimal(2), None, above=True),)


def test_a_branch_that_wants_no_range_is_refused() -> None:
    table = tomllib.loads(RULE)["no_action"]
    table[0]["when"] = {"PAIR": ["score over 2"]}

    with pytest.raises(ValueError, match="is not a range"):
        guideline(no_action=table)


def test_an_action_is_built_whole() -> None:
    table = tomllib.loads(RULE)["recommendation"]
    table[0]["action"] = {
        "do": "reduce-dose",
        "factor_min": "0.3",
        "factor_max": "0.8",
        "basis": "standard starting dose",
        "schedule": "every other day",
        "cap": {"value": "20", "unit": "mg", "below": True},
        "replace_with": [{"drug": "secondin", "product": "2002", "not_if": ["stroke"]}],
    }

    built = guideline(recommendation=table).branches[0].action

    assert built == Action(
        "reduce-dose",
        Decimal("0.3"),
        Decimal("0.8"),
        "standard starting dose",
        "every other day",
        Cap(Decimal(20), "mg", below=True),
        (Alternative("secondin", "2002", ("stroke",)),),
    )


def test_a_population_is_built() -> None:
    table = {"id": "brain", "text": "a stroke", "source_name": "CVA", "conditions": ["stroke"]}

    assert guideline(population=[table]).populations == (
        Population("brain", "a stroke", "CVA", ("stroke",)),
    )


@pytest.mark.parametrize(
    ("limits", "span"),
    [
        ({"from": "18"}, Span(Decimal(18))),
        ({"over": "40", "up_to": "60"}, Span(Decimal(40), Decimal(60), above=True)),
        ({"below": "18"}, Span(high=Decimal(18), below=True)),
    ],
)
def test_a_measure_of_a_population_is_a_span(limits: dict[str, str], span: Span) -> None:
    table = {"id": "some", "text": "some", "source_name": "some", "weight": limits}

    [population] = guideline(population=[table]).populations

    assert population.measures == {"weight": span}


def test_the_allele_that_an_hla_rule_asks_for_is_read_from_its_statuses() -> None:
    table = tomllib.loads(RULE)["no_action"]
    table[0]["when"] = {"HLA-B": ["*57:01 negative", "No Result"], "PAIR": ["Normal"]}

    assert guideline(no_action=table).alleles == {"HLA-B": "*57:01"}


def test_texts_lose_the_space_around_them() -> None:
    assert guideline(known_limits="\nAll.\n").known_limits == "All."
