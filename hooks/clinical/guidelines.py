"""What a gene-drug guideline is: populations, branches and the action that each advises."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from hooks.clinical.facts import Dose, Missing, Order, PatientFacts, Why
from hooks.clinical.genes import GeneCall
from hooks.clinical.logic import Truth
from hooks.clinical.scores import ScoreRange

INDICATORS = ("info", "warning", "critical")
ACTIONS = (
    "contraindicated",
    "avoid",
    "alternative",
    "reduce-dose",
    "increase-dose",
    "standard-dose",
    "monitor",
    "order-test",
    "no-recommendation",
)  # the stricter first
Severity = tuple[int, int, int, Decimal, Decimal]
CERTAINTY = {Truth.NO: 0, Truth.UNKNOWN: 2, Truth.YES: 3}


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another drug to order instead; *product* is its RxNorm code, *not_if* names conditions."""

    drug: str
    product: str = ""
    not_if: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cap:
    """The greatest daily dose; with *below*, the dose must stay under *value*."""

    value: Decimal
    unit: str
    below: bool = False

    def holds(self, dose: Dose) -> Truth:
        """Whether *dose* keeps to the cap; UNKNOWN in another unit."""
        if dose.unit != self.unit:
            return Truth.UNKNOWN
        kept = dose.value < self.value if self.below else dose.value <= self.value
        return Truth.YES if kept else Truth.NO

    def __str__(self) -> str:
        return f"{'<' if self.below else '≤'}{self.value} {self.unit}/day"


@dataclass(frozen=True, slots=True)
class Action:
    """What to do: one of ACTIONS, dose factors of the standard dose, a cap, other drugs.

    *basis* says what the factors multiply ("standard starting dose"), *schedule* how the days of
    dosing change with it.
    """

    do: str
    factor_min: Decimal | None = None
    factor_max: Decimal | None = None
    basis: str = ""
    schedule: str = ""
    cap: Cap | None = None
    replace_with: tuple[Alternative, ...] = ()

    @property
    def strictness(self) -> tuple[int, Decimal, Decimal]:
        """Orders actions: the stricter kind, then no dose allowed or a lower cap, then less."""
        cap = self.cap.value if self.cap else Decimal(0)
        return -ACTIONS.index(self.do), -cap, -(self.factor_max or Decimal(0))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a branch asks of one gene: phenotypes (or statuses), or activity scores."""

    phenotypes: frozenset[str] = frozenset()
    scores: tuple[ScoreRange, ...] = ()

    def fits(self, call: GeneCall) -> bool:
        """Whether *call* is one of the phenotypes, or its score lies in a range."""
        if call.phenotype in self.phenotypes:
            return True
        return call.score is not None and any(span.holds(call.score) for span in self.scores)


@dataclass(frozen=True, slots=True)
class Branch:
    """The guideline's answer for some calls of its genes, in one population or in all.

    *applies*: YES advises, NO needs no action, UNKNOWN cannot tell. *indicator* is empty where
    no card is due. *reads* fingerprints the source rows.
    """

    id: str
    applies: Truth
    when: Mapping[str, Wanted]
    action: Action
    strength: str
    populations: frozenset[str] = frozenset()
    indicator: str = ""
    summary: str = ""
    advice: str = ""
    rationale: str = ""
    reads: str = ""

    @property
    def severity(self) -> "Severity":
        """Orders branches: what shows more urgently, then advice over doubt over silence, then
        the stricter action."""
        shown = INDICATORS.index(self.indicator) + 1 if self.indicator else 0
        return shown, CERTAINTY[self.applies], *self.action.strictness

    def fits(self, calls: Mapping[str, GeneCall], population: str) -> bool:
        """Whether this branch answers for *calls* in *population*."""
        if self.populations and population not in self.populations:
            return False
        return all(wanted.fits(calls[gene]) for gene, wanted in self.when.items())


@dataclass(frozen=True, slots=True)
class Population:
    """A group that a guideline speaks of, and how a record tells who is in it.

    *conditions* are names of conditions.csv; *taken_for_days* is an order for the drug that is
    older; *otherwise* is who fits no other; *never* says why no record can tell.
    """

    id: str
    text: str
    source_name: str
    conditions: tuple[str, ...] = ()
    taken_for_days: int = 0
    otherwise: bool = False
    never: str = ""


@dataclass(frozen=True, slots=True)
class Guideline:
    """A gene-drug guideline, transcribed: every combination of calls has one branch."""

    id: str
    title: str
    source: str
    drugs: tuple[str, ...]
    genes: tuple[str, ...]
    branches: tuple[Branch, ...]
    when_unknown: str
    known_limits: str
    question: str
    status: str = "active"
    populations: tuple[Population, ...] = ()
    catalogue: str = ""
    reviewed_by: tuple[str, ...] = ()
    alleles: Mapping[str, str] = field(default_factory=dict)  # HLA gene -> the allele it asks for

    def branch_for(self, calls: Mapping[str, GeneCall], population: str) -> Branch | Missing:
        """The one branch for *calls*; `rxhooks lint` proves that there is exactly one.

        Missing for a reading that none of our tables makes.
        """
        for branch in self.branches:
            if branch.fits(calls, population):
                return branch
        found = ", ".join(f"{gene} {call.phenotype}" for gene, call in calls.items())
        return Missing(self.genes[0], Why.UNREADABLE, f"the guideline says nothing on {found}")

    @property
    def reads_conditions(self) -> bool:
        """Whether the problem list decides anything here."""
        return any(population.conditions for population in self.populations)

    @property
    def reads_medications(self) -> bool:
        """Whether the medications decide anything here."""
        return any(population.taken_for_days for population in self.populations)


@dataclass(frozen=True, slots=True)
class PopulationMatch:
    """The populations that the patient may belong to; *certain* are those the record tells."""

    possible: tuple[Population, ...]
    missing: tuple[Missing, ...] = ()
    certain: frozenset[str] = frozenset()

    def tells(self, population: Population | None) -> bool:
        """Whether the record, and not caution, puts the patient in *population*."""
        if population is None or population.id in self.certain:
            return True
        return len(self.possible) == 1 and not self.missing


def match_population(
    guideline: Guideline, order: Order, drug: str, facts: PatientFacts
) -> PopulationMatch:
    """Which of the guideline's populations the order's patient is in, as the record tells it."""
    known = tuple(population for population in guideline.populations if not population.never)
    if any(population.taken_for_days for population in known):
        return _by_duration(known, order, (drug, *guideline.drugs), facts)
    if known:
        return _by_condition(known, order, facts)
    return PopulationMatch(())


def _by_condition(
    populations: tuple[Population, ...], order: Order, facts: PatientFacts
) -> PopulationMatch:
    """The reason for the order decides; without one that we know, the problem list does.

    A condition that several populations share leaves them all possible.
    """
    stated = _having(populations, order.indication)
    if stated:
        return PopulationMatch(stated, certain=_certain(stated, order.indication))
    recorded = facts.recorded_conditions
    fitting = _having(populations, recorded)
    if fitting and facts.conditions.otherwise is Why.NOT_RECORDED:
        doubtful = _having(populations, frozenset(facts.conditions.found) - recorded)
        possible = tuple(p for p in populations if p in fitting or p in doubtful)
        return PopulationMatch(possible, certain=_certain(fitting, recorded))
    detail = "neither the order's reason nor the problem list tells it"
    missing = Missing("indication", facts.conditions.otherwise, facts.conditions.detail or detail)
    return PopulationMatch(populations, (missing,))


def _having(
    populations: tuple[Population, ...], conditions: frozenset[str]
) -> tuple[Population, ...]:
    return tuple(p for p in populations if any(name in conditions for name in p.conditions))


def _certain(populations: tuple[Population, ...], conditions: frozenset[str]) -> frozenset[str]:
    """The populations that a condition of their own speaks for."""
    listed = [name for population in populations for name in population.conditions]
    own = {name for name in conditions if listed.count(name) == 1}
    return frozenset(p.id for p in populations if own & set(p.conditions))


def _by_duration(
    populations: tuple[Population, ...], order: Order, drugs: tuple[str, ...], facts: PatientFacts
) -> PopulationMatch:
    """How long any of *drugs* has been taken: a course of phenytoin counts for fosphenytoin."""
    if isinstance(facts.medications, Missing):
        return PopulationMatch(populations, (facts.medications,))
    taken = [course for course in facts.medications if set(drugs) & set(course.drugs)]
    for population in populations:
        limit = timedelta(days=population.taken_for_days)
        if limit and any(_longer(each.started, limit, facts.as_of) for each in (*taken, order)):
            return PopulationMatch((population,))
    if any(course.started is None for course in taken):
        missing = Missing(f"start of {drugs[0]}", Why.UNREADABLE, "the active order has no date")
        return PopulationMatch(populations, (missing,))
    return PopulationMatch(tuple(p for p in populations if p.otherwise))


def _longer(started: date | None, limit: timedelta, as_of: date) -> bool:
    return started is not None and as_of - started > limit
