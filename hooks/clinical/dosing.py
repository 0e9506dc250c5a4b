"""How a guideline doses by a published equation: where inputs come from, what comes on top."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from hooks.clinical.facts import Dose, Evidence, Missing, Why

DAYS = 7
# How an estimate stands to the order, or why there is none: what a dosing guideline's branches
# are chosen by, beside the genes.
SITUATIONS = (
    "taken",  # the drug is taken already: no starting dose is due
    "child",  # below the age that the guideline is for
    "ungenotyped",  # a gene that the equation takes is missing
    "uncalculated",  # the genes are known, another input is missing
    "lower",  # the estimate is lower than the ordered dose
    "optional",  # the ordered dose fits the equation, and an optional reduction does not
    "near",
    "higher",
    "start-lower",  # no dose is ordered yet; lower than by clinical factors alone
    "start-near",
    "start-higher",
)

ORDERED = frozenset({"lower", "optional", "near", "higher"})
CALCULATED = ORDERED | {"start-lower", "start-near", "start-higher"}


@dataclass(frozen=True, slots=True)
class GeneInput:
    """The input that a gene gives to the equation.

    By its phenotype, or by its alleles: each allele -> the one that it counts as, in the order in
    which a pair is named.
    """

    name: str
    phenotypes: Mapping[str, str] = field(default_factory=dict)
    alleles: Mapping[str, str] = field(default_factory=dict)

    def value(self, gene: str, phenotype: str, alleles: tuple[str, ...]) -> str | Missing:
        """The equation's word for a call, or that it has none."""
        if phenotype in self.phenotypes:
            return self.phenotypes[phenotype]
        strange = [name for name in alleles if name not in self.alleles]
        if strange and self.alleles:
            named = ", ".join(dict.fromkeys(strange))
            return Missing(gene, Why.UNREADABLE, f"{named}: not in the equation")
        if len(alleles) != 2 or not self.alleles:
            return Missing(gene, Why.UNREADABLE, "the equation takes the alleles")
        return "/".join(sorted(self.alleles[name] for name in alleles))


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What carriers of any of *alleles* get more or less than the equation gives, as factors.

    *once* for one such allele, *twice* for two; *text* says it in words.
    """

    gene: str
    alleles: frozenset[str]
    once: tuple[Decimal, Decimal]
    twice: tuple[Decimal, Decimal]
    strength: str
    text: str

    def factors(self, alleles: tuple[str, ...]) -> tuple[Decimal, Decimal] | None:
        """The factors for *alleles*, the smaller first; None where none of them counts."""
        carried = sum(name in self.alleles for name in alleles)
        return None if not carried else self.once if carried == 1 else self.twice


@dataclass(frozen=True, slots=True)
class Dosing:
    """A guideline's way to a dose: a model and where its inputs come from.

    *result* and *without_genes* name results of *model* in mg a week; *tolerance* is how far, in
    percent of the smaller, an order may be off; *measures*, *fixed*, *taking* (any of these drugs
    among the active medications) and *genes* give the inputs by name; *remarks* stand on every
    card with an estimate.
    """

    model: str
    result: str
    without_genes: str
    adults_from: Decimal
    tolerance: Decimal
    measures: Mapping[str, str]
    fixed: Mapping[str, str]
    taking: Mapping[str, tuple[str, ...]]
    genes: Mapping[str, GeneInput]
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()

    def exceeds(self, more: Decimal, less: Decimal) -> bool:
        """Whether *more* is above *less* by more than the tolerance."""
        return more > less * (1 + self.tolerance / 100)


@dataclass(frozen=True, slots=True)
class Shown:
    """An input as the card shows it, and where it was read."""

    label: str
    value: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Doses in mg a week, each as its smallest and greatest possible value.

    *weekly* by the equation, *adjusted* with what comes on top, *clinical* without genes.
    """

    model: str
    weekly: tuple[Decimal, Decimal]
    adjusted: tuple[Decimal, Decimal]
    clinical: Decimal
    inputs: tuple[Shown, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()


def joined(estimates: Iterable[Estimate]) -> Estimate:
    """One estimate for all possible readings: from the smallest to the greatest."""
    told = list(estimates)
    return Estimate(
        told[0].model,
        (min(each.weekly[0] for each in told), max(each.weekly[1] for each in told)),
        (min(each.adjusted[0] for each in told), max(each.adjusted[1] for each in told)),
        told[0].clinical,
        tuple(dict.fromkeys(shown for each in told for shown in each.inputs)),
        tuple(dict.fromkeys(one for each in told for one in each.adjustments)),
    )


def situation(dosing: Dosing, estimate: Estimate, ordered: Dose | Missing) -> str:
    """How *estimate* stands to the *ordered* dose, or, without one, to a dose without genes."""
    low, high = estimate.adjusted
    if isinstance(ordered, Missing) or ordered.unit != "mg":
        return f"start-{_compared(dosing, estimate.clinical, low, high)}"
    weekly = ordered.value * DAYS
    found = _compared(dosing, weekly, low, high)
    lessened = high < estimate.weekly[1]
    return "optional" if found == "near" and lessened and weekly > high else found


def _compared(dosing: Dosing, other: Decimal, low: Decimal, high: Decimal) -> str:
    """Whether a dose from *low* to *high* is lower than *other*, higher, or near it."""
    if dosing.exceeds(other, high):
        return "lower"
    return "higher" if dosing.exceeds(low, other) else "near"


def plain(value: Decimal) -> str:
    """*value* with one decimal, without it if that is 0."""
    return f"{value:.1f}".removesuffix(".0")


def span(low: Decimal, high: Decimal) -> str:
    """One number, or `low to high`."""
    return plain(low) if plain(low) == plain(high) else f"{plain(low)} to {plain(high)}"
