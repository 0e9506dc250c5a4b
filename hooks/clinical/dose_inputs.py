"""What an equation takes: readings of genes, measures of the body, and what else is taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from hooks.clinical.dosing import Dosing, Shown, plain
from hooks.clinical.facts import (
    Diplotype,
    Evidence,
    GeneResult,
    LabResult,
    Missing,
    Order,
    PatientFacts,
    Why,
)
from hooks.clinical.genes import NO_RESULT, Gene, GeneCall
from hooks.clinical.models.model import Input, Model


@dataclass(frozen=True, slots=True)
class Read:
    """One possible reading of a gene: its call, and the alleles by our table's names."""

    call: GeneCall
    alleles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """The inputs that do not come from genes, in the equation's words and as a card shows them."""

    age: Decimal | Missing
    words: Mapping[str, str]
    shown: tuple[Shown, ...]
    missing: tuple[Missing, ...]


Reads = Mapping[str, tuple[Read, ...] | Missing]
World = Mapping[str, Read]
Told = tuple[str, str, Shown]  # an input, its value in the equation's words, and as it is shown


def read_gene(
    gene: Gene, result: GeneResult | Missing, facts: PatientFacts
) -> tuple[Read, ...] | Missing:
    """Every reading of *gene*; a laboratory's own conclusion that differs is one more."""
    if isinstance(result, Missing):
        return result
    found: list[Read] = []
    for candidate in sorted(result.candidates, key=str):
        calls = gene.calls(candidate, facts.sex)
        if isinstance(calls, Missing):
            return calls
        found += [Read(call, _alleles(gene, candidate)) for call in calls]
    known = {read.call.phenotype for read in found}
    for reported in sorted(result.reported, key=str):
        if reported.phenotype not in known:
            found += [Read(call) for call in gene.reported_phenotype(reported)]
    reads = tuple(sorted(set(found), key=_order))
    return reads or Missing(gene.symbol, Why.UNREADABLE, "no alleles and no phenotype")


def _order(read: Read) -> tuple[str, ...]:
    return str(read.alleles), read.call.phenotype, str(read.call.score)


def _alleles(gene: Gene, candidate: Diplotype) -> tuple[str, ...]:
    """The names of our table; those of *candidate* have been called, so each has one."""
    named = (gene.allele(name) for name in candidate.alleles)
    return tuple(name for name in named if isinstance(name, str))


def possible(reads: Reads) -> dict[str, tuple[Read, ...]]:
    """The readings of each gene; CPIC's `No Result` stands for a gene without one."""
    return {
        symbol: (Read(GeneCall(symbol, NO_RESULT)),) if isinstance(read, Missing) else read
        for symbol, read in reads.items()
    }


def given_inputs(
    dosing: Dosing, facts: PatientFacts, others: Iterable[Order], model: Model
) -> Given:
    """The inputs of the body, of what is taken as well (*others*), and those that are fixed."""
    told: list[Told | Missing] = [
        _measured(model.input(name), _measure(measure, facts))
        for name, measure in dosing.measures.items()
    ]
    told += _taken(dosing, facts, others, model)
    told += [
        (name, value, Shown(model.input(name).label, value)) for name, value in dosing.fixed.items()
    ]
    known = [each for each in told if not isinstance(each, Missing)]
    return Given(
        facts.age,
        {name: word for name, word, _ in known},
        tuple(shown for _, _, shown in known),
        tuple(each for each in told if isinstance(each, Missing)),
    )


def _measured(wanted: Input, found: tuple[Decimal, Evidence | None] | Missing) -> Told | Missing:
    if isinstance(found, Missing):
        return found
    number, evidence = found
    return wanted.name, str(number), Shown(wanted.label, f"{plain(number)} {wanted.unit}", evidence)


def _taken(
    dosing: Dosing, facts: PatientFacts, others: Iterable[Order], model: Model
) -> list[Told | Missing]:
    """Whether any of the drugs that an input names is among *others*."""
    if isinstance(facts.medications, Missing):
        return [facts.medications]
    active = {drug for course in others for drug in course.drugs}
    found: list[Told | Missing] = []
    for name, drugs in dosing.taking.items():
        taken = [drug for drug in drugs if drug in active]
        shown = Shown(model.input(name).label, ", ".join(taken) or "none on file")
        found.append((name, "1" if taken else "0", shown))
    return found


def _measure(name: str, facts: PatientFacts) -> tuple[Decimal, Evidence | None] | Missing:
    if name == "age":
        age = facts.age
        return age if isinstance(age, Missing) else (age, None)
    found = facts.labs.get(name)
    if isinstance(found, LabResult) and found.comparator:
        return Missing(name, Why.UNREADABLE, "is not one plain value")
    return found if isinstance(found, Missing) else (found.value, found.evidence)
