"""Judging one order by one guideline, in every world that the reports leave possible."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product

from hooks.clinical.facts import (
    AlleleStatus,
    Dose,
    Evidence,
    GeneResult,
    Missing,
    Order,
    PatientFacts,
    Why,
)
from hooks.clinical.genes import INDETERMINATE, NO_RESULT, Calls, Gene, GeneCall
from hooks.clinical.guidelines import (
    CERTAINTY,
    INDICATORS,
    Action,
    Alternative,
    Branch,
    Guideline,
    Population,
    PopulationMatch,
    Severity,
    match_population,
)
from hooks.clinical.logic import Truth


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
    everything for that was at hand.
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

    @property
    def indicator(self) -> str:
        """What a card would show; empty where the finding is silent."""
        branch = self.outcome.branch
        if self.followed:
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
    def may_test(self) -> bool:
        """Whether a test could close the gap: a gene was not tested, or its result is no use."""
        wanted = {missing.what for missing in self.missing if missing.why is not Why.NOT_FETCHED}
        return bool(wanted & set(self.rule.genes))


Sources = tuple[tuple[GeneCall, ...], ...]  # each source's possible calls


def judge(
    guideline: Guideline, order: Order, drug: str, facts: PatientFacts, genes: Mapping[str, Gene]
) -> Finding:
    """Apply *guideline* to *drug* in every world that the reports on its genes leave possible.

    If all worlds lead to the same action, phase and ambiguity do not matter. A laboratory's own
    phenotype that differs from the diplotype's is a second source: the safer one decides.
    """
    results = {symbol: facts.genes.get(symbol) for symbol in guideline.genes}
    because = tuple(e for r in results.values() if isinstance(r, GeneResult) for e in r.evidence)
    remarks = tuple(m for r in results.values() if isinstance(r, GeneResult) for m in r.remarks)
    read = {symbol: _read(guideline, genes[symbol], results[symbol], facts) for symbol in results}
    gaps = tuple(reading for reading in read.values() if isinstance(reading, Missing))
    shown = {symbol: _shown(genes[symbol], read[symbol], results[symbol]) for symbol in read}
    unknown = Outcome(Truth.UNKNOWN)
    blank = Finding(guideline, order, drug, unknown, because, gaps + remarks, shown)
    if len(gaps) == len(read):
        return blank
    sources = {
        symbol: _with_gap(genes[symbol], reading, results[symbol], facts)
        for symbol, reading in read.items()
    }
    populations = match_population(guideline, order, drug, facts)
    outcomes = _outcomes(guideline, sources, populations)
    outcome, decisive = max(outcomes, key=lambda candidate: _severity(candidate[0]))
    matters = len({_answer(candidate) for candidate, _ in outcomes}) > 1
    unsure = (*_conflicts(sources, outcome), *_uncertain(sources, outcome))
    outcome = _doubted(outcome, gaps, results)
    finding = replace(
        blank,
        outcome=outcome,
        missing=(*gaps, *unsure, *(populations.missing if matters else ()), *remarks),
        calls={symbol: _told(source, shown[symbol]) for symbol, source in sources.items()},
        assumed=_assumed(populations, decisive) if matters else (),
    )
    return finding if _unsure(gaps, results) else _followed(finding)


def unknown_indicator(finding: Finding) -> str:
    """How urgently to show that a rule cannot tell.

    Where every possible world needs action, as urgently as the mildest of them; a result that is
    there and cannot be used is always said; a gene that was never tested as the rule wishes.
    """
    urgent = "warning" if finding.rule.when_unknown == "warn" else "info"
    if finding.outcome.possible:
        mildest = min(finding.outcome.possible, key=lambda branch: branch.severity)
        return max(mildest.indicator or urgent, urgent, key=INDICATORS.index)
    reasons = {missing.why for missing in finding.missing}
    never_tested = reasons == {Why.NOT_RECORDED}
    if never_tested and finding.rule.when_unknown == "stay-silent":
        return ""
    return urgent


def _read(
    guideline: Guideline, gene: Gene, result: GeneResult | Missing, facts: PatientFacts
) -> Sources | Missing:
    """The possible calls of *gene*, one tuple a source of knowledge."""
    if isinstance(result, Missing):
        return result
    if gene.method == "hla":
        return _statuses(gene.symbol, guideline.alleles[gene.symbol], result, gene)
    told = _called(gene, result, facts)
    own = frozenset[GeneCall]() if isinstance(told, Missing) else told
    sources = tuple(_sorted(calls) for calls in (own, *_reported(gene, result, own)) if calls)
    if isinstance(told, Missing) and result.candidates:
        return (*sources, (GeneCall(gene.symbol, INDETERMINATE),)) if sources else told
    return sources or Missing(gene.symbol, Why.UNREADABLE, "no alleles and no phenotype")


def _reported(
    gene: Gene, result: GeneResult, own: frozenset[GeneCall]
) -> tuple[frozenset[GeneCall], frozenset[GeneCall]]:
    """What the laboratories concluded otherwise than our table: by score, and by phenotype."""
    told = {call.score for call in own}
    by_score = frozenset(
        call
        for reported in result.reported
        for call in gene.reported_score(reported)
        if call.score not in told
    )
    known = {call.phenotype for call in own | by_score}
    by_phenotype = frozenset(
        call
        for reported in result.reported
        if reported.phenotype not in known
        for call in gene.reported_phenotype(reported)
    )
    return by_score, by_phenotype


def _called(gene: Gene, result: GeneResult, facts: PatientFacts) -> Calls:
    """The calls of all candidates; one that cannot be read makes the whole unreadable."""
    read = [gene.calls(candidate, facts.sex) for candidate in sorted(result.candidates, key=str)]
    gap = next((told for told in read if isinstance(told, Missing)), None)
    if gap is not None or not read:
        return gap or Missing(gene.symbol, Why.NOT_RECORDED, "no alleles are reported")
    return frozenset().union(*(told for told in read if not isinstance(told, Missing)))


def _statuses(symbol: str, allele: str, result: GeneResult, gene: Gene) -> Sources | Missing:
    """Whether *allele* is carried: tests for it, and every typing that is fine enough."""
    tested = [
        GeneCall(symbol, str(status)) for status in result.statuses if status.allele == allele
    ]
    typed = {candidate: gene.status(candidate, allele) for candidate in result.candidates}
    told = [
        GeneCall(symbol, str(status), str(candidate))
        for candidate, status in typed.items()
        if isinstance(status, AlleleStatus)
    ]
    unclear = [status for status in typed.values() if isinstance(status, Missing)]
    if unclear and not tested:
        return Missing(symbol, Why.UNREADABLE, unclear[0].detail)
    if not tested and not told:
        return Missing(symbol, Why.NOT_RECORDED, f"no test tells {symbol}{allele}")
    return (_sorted({*tested, *told}),)


def _with_gap(
    gene: Gene, reading: Sources | Missing, result: GeneResult | Missing, facts: PatientFacts
) -> Sources:
    """A gene without a reading stands as CPIC's `No Result` beside the others.

    Where some of its candidates can be read, each of them stays possible as well.
    """
    if not isinstance(reading, Missing):
        return reading
    calls = {GeneCall(gene.symbol, NO_RESULT)}
    if isinstance(result, GeneResult) and gene.method != "hla":
        for candidate in result.candidates:
            told = gene.calls(candidate, facts.sex)
            calls |= frozenset() if isinstance(told, Missing) else told
    return (_sorted(calls),)


def _shown(
    gene: Gene, reading: Sources | Missing, result: GeneResult | Missing
) -> tuple[GeneCall, ...]:
    """The diplotypes of a gene that cannot be read: they are shown, and never judged."""
    if isinstance(result, Missing) or not isinstance(reading, Missing) or gene.method == "hla":
        return ()
    return _sorted(GeneCall(gene.symbol, "", str(each)) for each in result.candidates)


def _told(source: Sources, shown: tuple[GeneCall, ...]) -> tuple[GeneCall, ...]:
    """The calls of *source*, and what else is *shown*."""
    judged = _flat(source)
    known = {call.diplotype for call in judged}
    return judged + tuple(call for call in shown if call.diplotype not in known)


def _outcomes(
    guideline: Guideline, sources: Mapping[str, Sources], populations: PopulationMatch
) -> list[tuple[Outcome, Population | None]]:
    """The outcome for each population and choice of sources, judged in all of its worlds."""
    found: list[tuple[Outcome, Population | None]] = []
    for population in populations.possible or (None,):
        for choice in product(*sources.values()):
            apart = (_distinct(calls) for calls in choice)
            worlds = [dict(zip(sources, world, strict=True)) for world in product(*apart)]
            name = population.id if population else ""
            found.append(
                (_agreed(guideline.branch_for(world, name) for world in worlds), population)
            )
    return found


def _distinct(calls: tuple[GeneCall, ...]) -> tuple[GeneCall, ...]:
    """One of those *calls* that a guideline answers alike: many diplotypes are one world."""
    return tuple({(call.phenotype, call.score): call for call in calls}.values())


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


def _doubted(
    outcome: Outcome, gaps: tuple[Missing, ...], results: Mapping[str, GeneResult | Missing]
) -> Outcome:
    """No reassurance while a result is on file, or may be, and could not be read."""
    unsure = _unsure(gaps, results)
    return Outcome(Truth.UNKNOWN) if unsure and outcome.applies is Truth.NO else outcome


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
        unclear = [symbol for symbol, source in sources.items() if len(_flat(source)) > 1]
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
        symbol: {call.phenotype for call in _flat(source)} for symbol, source in sources.items()
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
    """The finding, marked if the order already keeps to its advice."""
    branch = finding.outcome.branch
    if branch is None or finding.outcome.applies is not Truth.YES:
        return finding
    dose = finding.order.daily_dose(finding.drug)
    cap = branch.action.cap
    kept = cap is not None and isinstance(dose, Dose) and cap.holds(dose) is Truth.YES
    if not kept and f"{finding.rule.id}/{branch.id}" not in finding.order.applied:
        return finding
    return replace(finding, outcome=Outcome(Truth.NO, branch), followed=True)


def _flat(source: Sources) -> tuple[GeneCall, ...]:
    return tuple(call for calls in source for call in calls)


def _sorted(calls: Iterable[GeneCall]) -> tuple[GeneCall, ...]:
    return tuple(sorted(calls, key=lambda call: (call.diplotype, call.phenotype, str(call.score))))
