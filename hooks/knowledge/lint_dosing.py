"""Checks of the published equations, and of the guidelines that dose by one."""

from collections.abc import Iterable, Iterator
from itertools import combinations_with_replacement, product

from hooks.clinical.dosing import CALCULATED, ORDERED, SITUATIONS, Dosing, GeneInput
from hooks.clinical.genes import GeneCall
from hooks.clinical.guidelines import Guideline
from hooks.clinical.models.model import Model
from hooks.knowledge import Knowledge

PLACES = {"{weekly}": CALCULATED, "{daily}": CALCULATED, "{clinical}": CALCULATED}
PLACES["{ordered}"] = ORDERED


def lint_models(knowledge: Knowledge) -> Iterator[str]:
    """Every model has a source, and equations that start with an intercept."""
    for model in knowledge.models.values():
        if model.source not in knowledge.sources:
            yield f"{model.name}: source {model.source!r} is not in sources.toml"
        for equation, terms in model.coefficients.items():
            if "intercept" not in terms:
                yield f"{model.name}: {equation} has no intercept"


def lint_dosing(
    rule: Guideline, dosing: Dosing, calls: Iterable[list[GeneCall]], knowledge: Knowledge
) -> Iterator[str]:
    """The model and its inputs exist; genes and situations lead to exactly one branch.

    *calls*: for each gene of the rule, every call that it can make, and `No Result`.
    """
    model = knowledge.models.get(dosing.model)
    if model is None:
        yield f"{rule.id}: unknown model {dosing.model}"
        return
    yield from (f"{rule.id}: {problem}" for problem in _inputs(dosing, model, knowledge))
    strange = {*dosing.genes, *(each.gene for each in dosing.adjustments)} - set(rule.genes)
    if strange:
        yield f"{rule.id}: {', '.join(sorted(strange))} is no gene of this rule"
        return
    yield from (f"{rule.id}: {problem}" for problem in _alleles(dosing, model, knowledge))
    yield from (f"{rule.id}/{problem}" for problem in _branches(rule))
    yield from (f"{rule.id}: {problem}" for problem in _outcomes(rule, dosing, calls))


def _inputs(dosing: Dosing, model: Model, knowledge: Knowledge) -> Iterator[str]:
    """Each input of the model is given once, by something that exists."""
    genes = [gene.name for gene in dosing.genes.values()]
    given = sorted([*dosing.measures, *dosing.fixed, *dosing.taking, *genes])
    wanted = sorted(each.name for each in model.inputs)
    if given != wanted:
        yield f"{model.name} takes {', '.join(wanted)}; given are {', '.join(given)}"
    for name in {*dosing.measures.values()} - {"age", *knowledge.analytes.analytes}:
        yield f"measure {name!r} is not in analytes.csv"
    for drug in {drug for drugs in dosing.taking.values() for drug in drugs} - {*knowledge.drugs}:
        yield f"drug {drug!r} is not in drugs.csv"
    for name in {dosing.result, dosing.without_genes} - {*model.results}:
        yield f"{model.name} has no result {name!r}"
    for name, choice in dosing.fixed.items():
        if choice not in model.choices(name):
            yield f"{name} has no choice {choice!r}"


def _alleles(dosing: Dosing, model: Model, knowledge: Knowledge) -> Iterator[str]:
    """Alleles are those of the gene's table, and what they count as is a choice of the model."""
    named = [(symbol, {*gene.alleles}) for symbol, gene in dosing.genes.items()]
    named += [(each.gene, {*each.alleles}) for each in dosing.adjustments]
    for symbol, alleles in named:
        for allele in sorted(alleles - knowledge.genes[symbol].alleles.keys()):
            yield f"{symbol} has no allele {allele}"
    for gene in dosing.genes.values():
        for word in sorted(_words(gene) - model.choices(gene.name)):
            yield f"{gene.name} has no choice {word!r}"


def _words(gene: GeneInput) -> set[str]:
    pairs = combinations_with_replacement(sorted({*gene.alleles.values()}), 2)
    return {*gene.phenotypes.values(), *("/".join(pair) for pair in pairs)}


def _branches(rule: Guideline) -> Iterator[str]:
    """Branches name situations, and leave places only for numbers that are there."""
    for branch in rule.branches:
        if not branch.populations or branch.populations - {*SITUATIONS}:
            yield f"{branch.id}: has to name situations: {', '.join(SITUATIONS)}"
        for place, there in PLACES.items():
            if place in branch.summary + branch.advice and branch.populations - there:
                yield f"{branch.id}: there is not always a number for {place}"


def _outcomes(rule: Guideline, dosing: Dosing, calls: Iterable[list[GeneCall]]) -> Iterator[str]:
    """Every combination of calls, in every situation, leads to exactly one branch."""
    for world in product(*calls):
        told = {call.gene: call for call in world}
        for name in SITUATIONS:
            fitting = [branch.id for branch in rule.branches if branch.fits(told, name)]
            if len(fitting) != 1:
                said = ", ".join(
                    f"{call.gene} {call.phenotype}" for call in world if call.gene in dosing.genes
                )
                yield f"{len(fitting)} branches for {said}, {name}; want 1"
