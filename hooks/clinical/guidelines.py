"""What a gene-drug guideline is: its branches and the action that each advises."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from hooks.clinical.dosing import Dosing
from hooks.clinical.facts import Dose, Missing, Why
from hooks.clinical.genes import GeneCall
from hooks.clinical.logic import Truth
from hooks.clinical.populations import Population
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
STOPS = frozenset({"contraindicated", "avoid"})  # what says not to use the drug
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
    dosing change with it. A cap beside factors is the end of the way, not the whole advice.
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
        """Orders actions: the stricter kind, then no dose allowed or a lower cap, then less.

        A reduction without a number is the mildest one.
        """
        cap = self.cap.value if self.cap else Decimal(0)
        factor = Decimal(1) if self.factor_max is None else self.factor_max
        return -ACTIONS.index(self.do), -cap, -factor

    def allows(self, dose: Dose) -> bool:
        """Whether *dose* keeps to the cap for certain; without a cap every dose does."""
        return self.cap is None or self.cap.holds(dose) is Truth.YES


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
    no card is due. *strength* is the guideline's word, empty where it has none. *reads*
    fingerprints the source rows.
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
class Inhibited:
    """What the guideline says of an inhibitor beside the drug, whatever the genotype.

    *by*: the gene whose enzyme is blocked, and how strongly.
    """

    by: frozenset[tuple[str, str]]
    branch: Branch


@dataclass(frozen=True, slots=True)
class Guideline:
    """A gene-drug guideline, transcribed: every combination of calls has one branch.

    *test_first* are the populations in which an untested gene is told; all, if none is named.
    With *dosing*, a published equation gives the dose, and the branches' populations are how it
    stands to the order (SITUATIONS).
    """

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
    adjusts: tuple[str, ...] = ()  # genes whose score inhibitors change, by the guideline
    inhibited: tuple[Inhibited, ...] = ()
    test_first: tuple[str, ...] = ()
    dosing: Dosing | None = None

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
    def alternatives(self) -> tuple[Alternative, ...]:
        """Every other drug that some branch names instead."""
        return tuple(other for branch in self.branches for other in branch.action.replace_with)

    @property
    def reads_medications(self) -> bool:
        """Whether the medications decide anything here."""
        taken = any(population.taken_for_days for population in self.populations)
        return taken or self.dosing is not None

    @property
    def measures(self) -> frozenset[str]:
        """The measures (age, weight, height, dose) that decide anything here."""
        own = self.dosing.measures.values() if self.dosing is not None else ()
        named = (name for population in self.populations for name in population.measures)
        return frozenset((*named, *own))
