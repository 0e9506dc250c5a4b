"""Phenoconversion: another drug blocks or boosts the enzyme that a gene makes.

CPIC adjusts the activity score for some drugs only (opioids, PMID 33387367); elsewhere an inhibitor
or inducer is told and changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from hooks.clinical.facts import Missing, Order, PatientFacts
from hooks.clinical.genes import Gene, GeneCall, scored
from hooks.clinical.scores import Score

NOTHING_LEFT = Score(Decimal(0))


@dataclass(frozen=True, slots=True)
class Modifier:
    """A drug that changes the activity of the enzyme of *gene*.

    *role* is `inhibitor` or `inducer`, *strength* the FDA's word. *factor* multiplies the activity
    score, where there is a rule for that. *checked* says whether the classification was verified.
    """

    drug: str
    gene: str
    role: str
    strength: str
    factor: Decimal | None = None
    checked: bool = True

    def __str__(self) -> str:
        return f"{self.drug} ({self.strength} {self.gene} {self.role})"


Modifiers = Mapping[str, tuple[Modifier, ...]]  # by drug


def acting(
    modifiers: Modifiers, symbols: Iterable[str], drug: str, others: Iterable[Order]
) -> tuple[Modifier, ...]:
    """The modifiers of *symbols* among *others*; a drug is none of its own."""
    wanted = set(symbols)
    taken = dict.fromkeys(name for order in others for name in order.drugs if name != drug)
    found = (modifier for name in taken for modifier in modifiers.get(name, ()))
    return tuple(modifier for modifier in found if modifier.gene in wanted)


def beside(order: Order, facts: PatientFacts) -> tuple[Order, ...]:
    """The other orders that hold at the same time: active ones, and other drafts."""
    return tuple(each for each in (*_active(facts), *facts.drafts) if each is not order)


def with_order(facts: PatientFacts, order: Order) -> PatientFacts:
    """*facts* with *order* among what holds, once."""
    known = any(each is order for each in (*facts.drafts, *_active(facts)))
    return facts if known else replace(facts, drafts=(*facts.drafts, order))


def without_order(facts: PatientFacts, order: Order) -> PatientFacts:
    """*facts* as if *order* had not been written."""
    return replace(facts, drafts=tuple(each for each in facts.drafts if each is not order))


def factor_on(symbol: str, found: Iterable[Modifier]) -> Decimal | None:
    """What multiplies the activity score of *symbol*: the least of all factors; None if none."""
    factors = [each.factor for each in found if each.gene == symbol and each.factor is not None]
    return min(factors, default=None)


def converted(gene: Gene, calls: Iterable[GeneCall], factor: Decimal) -> frozenset[GeneCall]:
    """*calls* with their scores times *factor*, each telling what it was before.

    A call without a score (an allele of unknown function) stays; with factor 0 nothing is left
    whatever it is.
    """
    found: set[GeneCall] = set()
    for call in calls:
        score = NOTHING_LEFT if factor == 0 else call.score and call.score.by(factor)
        if score is None or score.value is None:
            found.add(call)
            continue
        after = scored(gene, call.diplotype, {score})
        found |= {replace(each, reported=call.reported, before=call) for each in after}
    return frozenset(found)


def blocked(gene: Gene) -> frozenset[GeneCall]:
    """The calls of *gene* where a strong inhibitor leaves no activity, whatever the genotype."""
    return scored(gene, "", {NOTHING_LEFT})


def _active(facts: PatientFacts) -> tuple[Order, ...]:
    return () if isinstance(facts.medications, Missing) else facts.medications
