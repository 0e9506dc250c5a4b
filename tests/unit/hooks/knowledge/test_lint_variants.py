"""What is wrong with the variants that define alleles, in sentences."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from hooks.clinical.haplotypes import Definition, Definitions, Site, defined
from hooks.clinical.loci import Locus
from hooks.knowledge import load
from hooks.knowledge.lint_variants import lint_definitions
from tests.unit.hooks.small import PAIR

SITE = Site("PAIR", "chr1", 100, ("G", "A"), "rs1", 90)
OTHER = Site("PAIR", "chr1", 200, ("C", "T"), "rs2", 190)
ALLELES: tuple[tuple[str, Definition], ...] = (("*1", {}), ("*2", {100: frozenset("A")}))
SOUND = defined("PAIR", (SITE, OTHER), ALLELES)


def told(gene: Definitions, names: Mapping[tuple[str, str], Locus] | None = None) -> list[str]:
    return lint_definitions({gene.symbol: gene}, {"PAIR": PAIR}, names or {})


def test_sound_definitions_have_no_problem() -> None:
    assert told(SOUND, {("PAIR", "c.1g>a"): Locus(SITE, "A", "G")}) == []
    assert told(replace(SOUND, symbol="STRANGE")) == []


@pytest.mark.parametrize(
    ("gene", "problem"),
    [
        (replace(SOUND, copies="three"), "PAIR: 'three' is no number of copies"),
        (
            defined("PAIR", (SITE,), (("Reference", {}), ALLELES[1])),
            "PAIR: the reference Reference is not in the gene's table",
        ),
        (
            defined("PAIR", (SITE, replace(OTHER, chromosome="chr2")), ALLELES),
            "PAIR: lies on several chromosomes",
        ),
        (
            defined("PAIR", (SITE, replace(OTHER, position_37=191)), ALLELES),
            "PAIR: GRCh37 and GRCh38 are not at one distance",
        ),
        (
            defined("PAIR", (SITE, replace(OTHER, letters=("C", "N"))), ALLELES),
            "PAIR: 200 has letters that are no bases",
        ),
        (
            defined("PAIR", (SITE, OTHER), (*ALLELES, ("*3", {100: frozenset("A")}))),
            "PAIR: *2 and *3 have the same variants",
        ),
        (
            defined("PAIR", (SITE, replace(OTHER, rsid="rs1")), ALLELES),
            "rs1: names 2 positions",
        ),
    ],
)
def test_a_problem_of_the_definitions_is_told(gene: Definitions, problem: str) -> None:
    assert told(gene) == [problem]


def test_alleles_that_variants_cannot_tell_apart_may_be_alike_if_they_are_never_called() -> None:
    alike = (*ALLELES, ("*3", {100: frozenset("A")}))
    assert told(defined("PAIR", (SITE, OTHER), alike, not_called="it has copies")) == []


def test_a_name_of_a_letter_that_is_not_there_is_told() -> None:
    problem = "PAIR: c.1g>t names a letter that its position does not have"
    assert told(SOUND, {("PAIR", "c.1g>t"): Locus(SITE, "T", "G")}) == [problem]


def test_what_is_shipped_has_no_problem() -> None:
    knowledge = load()
    found = lint_definitions(knowledge.loci.genes, knowledge.genes, knowledge.loci.names)
    assert found == []
