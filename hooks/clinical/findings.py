"""Judging one order by one guideline, in every world that the reports leave possible."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product

from hooks.clinical.dosing import Estimate
from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import (
    Dose,
    Evidence,
    GeneResult,
    Missing,
    Order,
    PatientFacts,
    Why,
)
from hooks.clinical.genes import INDETERMINATE, NO_RESULT, Gene, GeneCall
from hooks.clinical.guidelines import (
    CERTAINTY,
    INDICATORS,
    Action,
    Alternative,
    Branch,
    Guideline,
    Severity,
)
from hooks.clinical.logic import Truth
from hooks.clinical.phenoconversion import (
    Modifier,
    Modifiers,
    acting,
    beside,
    blocked,
    converted,
    factor_on,
)
from hooks.clinical.populations import Population, PopulationMatch, match_population
from hooks.clinical.worlds import (
    Sources,
    distinct,
    flat,
    in_order,
    read,
    shown,
    told_of,
    with_gap,
)

NO_MODIFIERS: Modifiers = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A rule's answer: YES advises, NO needs no action, UNKNOWN cannot tell.

    *branch* is the guideline's branch, if one was reached; *possible* are the branches that
    different readings lead to, if they disagree; *gap* is a reading that no branch answers.
    """

    applies: Truth
    branch: Branch | None = None
    possible: tuple[Branch, ...] = ()
    gap: Missing | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one drug of one order, on what evidence, and what was missing.

    *calls* are the readings of each gene; *assumed* are sentences on what was taken for granted;
    *followed* says that the order already keeps to the advice; *alternatives* are those of the
    advice that nothing we know of this patient speaks against, *alternatives_checked* says whether
    everything for that was at hand, *left_out* which were not offered and why. *modifiers* are the
    other drugs that act on the genes; *quiet* says that the site shows nothing so mild at this
    hook; *taken* is the order of *drug* where *order* is that of such a modifier. *may_wait* says
    that a gene which was never tested is no matter yet: the guideline asks for the test in others
    first.
    """

    rule: Guideline
    order: Order
    drug: str
    outcome: Outcome
    because: tuple[Evidence, ...] = ()
    missing: tuple[Missing, ...] = ()
    calls: Mapping[str, tuple[GeneCall, ...]] | None = None
    assumed: tuple[str, ...] = ()
    followed: bool = False
    alternatives: tuple[Alternative, ...] = ()
    alternatives_checked: bool = True
    left_out: tuple[tuple[str, str], ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    quiet: bool = False
    taken: Order | None = None
    may_wait: bool = False
    estimate: Estimate | None = None  # a dose by a published equation
    told: tuple[tuple[Term, Known], ...] = ()  # the data elements that a condition found

    @property
    def indicator(self) -> str:
        """What a card would show; empty where the finding is silent."""
        branch = self.outcome.branch
        if self.followed or self.quiet:
            return ""
        if branch is not None and (branch.indicator or branch.applies is not Truth.UNKNOWN):
            return branch.indicator
        return unknown_indicator(self)

    @property
    def action(self) -> Action | None:
        """The structured action, or None where nothing is proposed."""
        if self.outcome.branch is not None:
            return self.outcome.branch.action
        return Action("order-test") if self.indicator and self.may_test else None

    @property
    def mark(self) -> str:
        """What an order carries that was changed by this advice: the rule and its branch."""
        branch = self.outcome.branch
        return f"{self.rule.id}/{branch.id}" if branch is not None else ""

    @property
    def untested(self) -> bool:
        """Whether all that is missing of the genes is a test that was never done."""
        gaps = {gap.why for gap in self.missing if gap.what in self.rule.genes}
        return gaps == {Why.NOT_RECORDED}

    @property
    def may_test(self) -> bool:
        """Whether a test could close the gap: a gene was not tested, or its result is no use."""
        wanted = {missing.what for missing in self.missing if missing.why is not Why.NOT_FETCHED}
        return bool(wanted & set(self.rule.genes))


def judge(
    guideline: Guideline,
    order: Order,
    drug: str,
    facts: PatientFacts,
    genes: Mapping[str, Gene],
    modifiers: Modifiers = NO_MODIFIERS,
) -> Finding:
    """Apply *guideline* to *drug* in every world that the reports on its genes leave possible.

    If all worlds lead to the same action, phase and ambiguity do not matter. A laboratory's own
    phenotype that differs from the diplotype's is a second source: the safer one decides. Scores
    are adjusted for the inhibitors beside the order where the guideline says so.
    """
    found = acting(modifiers, guideline.genes, drug, beside(order, facts))
    blank = Finding(guideline, order, drug, Outcome(Truth.UNKNOWN), modifiers=found)
    return _inhibited(_judged(blank, facts, genes))


def _judged(blank: Finding, facts: PatientFacts, genes: Mapping[str, Gene]) -> Finding:
    guideline, order, drug = blank.rule, blank.order, blank.drug
    results = {symbol: facts.genes.get(symbol) for symbol in guideline.genes}
    because = tuple(e for r in results.values() if isinstance(r, GeneResult) for e in r.evidence)
    remarks = tuple(m for r in results.values() if isinstance(r, GeneResult) for m in r.remarks)
    told = {symbol: read(guideline, genes[symbol], results[symbol], facts) for symbol in results}
    adjusted = {s: _adjusted(blank, genes[s], reading) for s, reading in told.items()}
    gaps = tuple(reading for reading in adjusted.values() if isinstance(reading, Missing))
    beyond = tuple(m for s, m in told.items() if isinstance(m, Missing) and m not in gaps)
    beyond += _unseen_modifiers(guideline, facts)
    only_shown = {s: shown(genes[s], adjusted[s], results[s]) for s in adjusted}
    blank = replace(blank, because=because, missing=gaps + beyond + remarks, calls=only_shown)
    if len(gaps) == len(told):
        return replace(blank, may_wait=_may_wait(blank, facts))
    sources = {
        symbol: with_gap(genes[symbol], reading, results[symbol], facts)
        for symbol, reading in adjusted.items()
    }
    populations = match_population(guideline.populations, (drug, *guideline.drugs), order, facts)
    outcomes = _outcomes(guideline, sources, populations)
    outcome, decisive = max(outcomes, key=lambda candidate: _severity(candidate[0]))
    matters = len({_answer(candidate) for candidate, _ in outcomes}) > 1
    unsure = (*_conflicts(sources, outcome), *_uncertain(sources, outcome))
    unsure += populations.missing if matters else ()
    doubtful = _unsure(gaps, results)
    if (doubtful or _unseen_modifiers(guideline, facts)) and outcome.applies is Truth.NO:
        outcome = Outcome(Truth.UNKNOWN)  # no reassurance from half of what matters
    finding = replace(
        blank,
        outcome=outcome,
        missing=(*gaps, *unsure, *beyond, *remarks),
        calls={symbol: told_of(source, only_shown[symbol]) for symbol, source in sources.items()},
        assumed=_assumed(populations, decisive) if matters else (),
    )
    return finding if doubtful else _followed(finding)


def _may_wait(blank: Finding, facts: PatientFacts) -> bool:
    """Whether the patient is for certain in none of the populations that are to be tested first."""
    rule = blank.rule
    populations = match_population(
        rule.populations, (blank.drug, *rule.drugs), blank.order, facts
    ).possible
    return bool(rule.test_first) and not any(p.id in rule.test_first for p in populations)


def _adjusted(blank: Finding, gene: Gene, reading: Sources | Missing) -> Sources | Missing:
    """*reading* with its scores as the inhibitors leave them, if the guideline adjusts them.

    Where nothing is left whatever the genotype, it need not be known.
    """
    factor = factor_on(gene.symbol, blank.modifiers)
    if gene.symbol not in blank.rule.adjusts or factor is None:
        return reading
    if isinstance(reading, Missing):
        return (in_order(blocked(gene)),) if factor == 0 else reading
    return tuple(in_order(converted(gene, calls, factor)) for calls in reading)


def _unseen_modifiers(guideline: Guideline, facts: PatientFacts) -> tuple[Missing, ...]:
    """That the medications are not known, where an inhibitor among them would change the advice."""
    weighed = guideline.adjusts or guideline.inhibited
    return (facts.medications,) if weighed and isinstance(facts.medications, Missing) else ()


def _inhibited(finding: Finding) -> Finding:
    """The finding, or the guideline's word on an inhibitor beside the order if that is graver."""
    strengths = {
        (each.gene, each.strength) for each in finding.modifiers if each.role == "inhibitor"
    }
    branches = [each.branch for each in finding.rule.inhibited if each.by & strengths]
    worst = max(branches, key=lambda branch: branch.severity, default=None)
    if worst is None or worst.severity <= _severity(finding.outcome):
        return finding
    return replace(finding, outcome=Outcome(Truth.YES, worst), followed=False, assumed=())


def unknown_indicator(finding: Finding) -> str:
    """How urgently to show that a rule cannot tell.

    Where every possible world needs action, as urgently as the mildest of them; a result that is
    there and cannot be used is always said; a gene that was never tested as the rule wishes.
    """
    urgent = "warning" if finding.rule.when_unknown == "warn" else "info"
    if finding.outcome.possible:
        mildest = min(finding.outcome.possible, key=lambda branch: branch.severity)
        return max(mildest.indicator or urgent, urgent, key=INDICATORS.index)
    if finding.untested and (finding.may_wait or finding.rule.when_unknown == "stay-silent"):
        return ""
    return urgent


def _outcomes(
    guideline: Guideline, sources: Mapping[str, Sources], populations: PopulationMatch
) -> list[tuple[Outcome, Population | None]]:
    """The outcome for each population and choice of sources, judged in all of its worlds."""
    found: list[tuple[Outcome, Population | None]] = []
    for population in populations.possible or (None,):
        for choice in product(*sources.values()):
            apart = (distinct(calls) for calls in choice)
            worlds = [dict(zip(sources, world, strict=True)) for world in product(*apart)]
            name = population.id if population else ""
            found.append(
                (_agreed(guideline.branch_for(world, name) for world in worlds), population)
            )
    return found


def _answer(outcome: Outcome) -> tuple[object, ...]:
    """What two outcomes have in common if the difference between them does not matter."""
    branch = outcome.branch
    if branch is None:
        return outcome.applies, *(option.id for option in outcome.possible)
    return outcome.applies, branch.action, branch.indicator, branch.strength


def _agreed(branches: Iterable[Branch | Missing]) -> Outcome:
    """One outcome if all *branches* advise the same, or nothing; else that it cannot be told."""
    told = list(branches)
    different = {branch.id: branch for branch in told if isinstance(branch, Branch)}
    ranked = sorted(different.values(), key=lambda branch: branch.severity, reverse=True)
    gap = next((branch for branch in told if isinstance(branch, Missing)), None)
    if gap is not None:
        return Outcome(Truth.UNKNOWN, gap=gap)
    silent = all(branch.applies is Truth.NO for branch in ranked)
    if silent or len({(branch.applies, branch.action) for branch in ranked}) == 1:
        return Outcome(ranked[0].applies, ranked[0])
    return Outcome(Truth.UNKNOWN, possible=tuple(ranked))


def _severity(outcome: Outcome) -> tuple[int, ...] | Severity:
    if outcome.branch is not None:
        return outcome.branch.severity
    shown = min((branch.severity[0] for branch in outcome.possible), default=0)
    return max(shown, 1), CERTAINTY[Truth.UNKNOWN]


def _unsure(gaps: tuple[Missing, ...], results: Mapping[str, GeneResult | Missing]) -> bool:
    """Whether a gene may be another than it seems: a result failed, or is there unread."""
    newer = any(isinstance(result, GeneResult) and result.doubted for result in results.values())
    return newer or any(gap.why is not Why.NOT_RECORDED for gap in gaps)


def _conflicts(sources: Mapping[str, Sources], outcome: Outcome) -> tuple[Missing, ...]:
    """What contradicts itself: sources that differ, and worlds that lead to other advice."""
    found = [
        Missing(symbol, Why.CONFLICTING, "the reported phenotype and the reported alleles differ")
        for symbol, source in sources.items()
        if len(source) > 1
    ]
    if outcome.possible:
        unclear = [symbol for symbol, source in sources.items() if len(flat(source)) > 1]
        detail = "the possible readings lead to different advice"
        found += [Missing(symbol, Why.CONFLICTING, detail) for symbol in unclear]
    return tuple(found)


def _uncertain(sources: Mapping[str, Sources], outcome: Outcome) -> tuple[Missing, ...]:
    """Why a guideline's own branch cannot tell, or that it has none."""
    if outcome.gap is not None:
        return (outcome.gap,)
    if outcome.applies is not Truth.UNKNOWN or outcome.possible:
        return ()
    named = {
        symbol: {call.phenotype for call in flat(source)} for symbol, source in sources.items()
    }
    unclear = [symbol for symbol, calls in named.items() if INDETERMINATE in calls]
    if unclear:
        detail = "the function of an allele is not certain"
        return tuple(Missing(symbol, Why.UNREADABLE, detail) for symbol in unclear)
    told = [symbol for symbol, calls in named.items() if NO_RESULT not in calls]
    return tuple(Missing(symbol, Why.UNREADABLE, "the phenotype does not tell") for symbol in told)


def _assumed(populations: PopulationMatch, decisive: Population | None) -> tuple[str, ...]:
    if decisive is None or populations.tells(decisive):
        return ()
    return (f"taken to be for {decisive.text}, the safer reading",)


def _followed(finding: Finding) -> Finding:
    """The finding, marked if the order already keeps to its advice.

    A dose under the cap does not, where the advice also asks for a part of the usual dose.
    """
    branch = finding.outcome.branch
    if branch is None or finding.outcome.applies is not Truth.YES:
        return finding
    dose = finding.order.daily_dose(finding.drug)
    cap = branch.action.cap if branch.action.factor_max is None else None
    kept = cap is not None and isinstance(dose, Dose) and cap.holds(dose) is Truth.YES
    if not kept and finding.mark not in finding.order.applied:
        return finding
    return as_followed(finding)


def as_followed(finding: Finding) -> Finding:
    """*finding*, which advises, of an order that already keeps to the advice."""
    return replace(finding, outcome=Outcome(Truth.NO, finding.outcome.branch), followed=True)
