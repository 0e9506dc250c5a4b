"""Judging one order by a guideline that doses by a published equation.

The estimate is shown beside what was ordered; it never becomes a dose of its own accord.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from hooks.clinical.dose_inputs import (
    Given,
    Read,
    Reads,
    World,
    given_inputs,
    possible,
    read_gene,
)
from hooks.clinical.dosing import (
    DAYS,
    Adjustment,
    Dosing,
    Estimate,
    Shown,
    joined,
    plain,
    situation,
    span,
)
from hooks.clinical.facts import Dose, GeneResult, Missing, Order, PatientFacts, Why
from hooks.clinical.findings import NO_MODIFIERS, Finding, Outcome
from hooks.clinical.genes import NO_RESULT, Gene, GeneCall
from hooks.clinical.guidelines import Branch, Guideline
from hooks.clinical.logic import Truth
from hooks.clinical.models.model import Input, Model
from hooks.clinical.models.registry import calculate
from hooks.clinical.phenoconversion import Modifier, Modifiers, acting, beside


@dataclass(frozen=True, slots=True)
class Judged:
    """What one world leads to: a branch, an estimate if there is one, and what it lacks."""

    branch: Branch | Missing
    estimate: Estimate | None = None
    gap: Missing | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is the same in all worlds: the rule, its equation, the inputs, and what is ordered."""

    rule: Guideline
    dosing: Dosing
    model: Model
    given: Given
    ordered: Dose | Missing


def judge_dose(
    rule: Guideline,
    dosing: Dosing,
    order: Order,
    drug: str,
    facts: PatientFacts,
    genes: Mapping[str, Gene],
    model: Model,
    modifiers: Modifiers = NO_MODIFIERS,
) -> Finding:
    """Apply *rule* and its *dosing* to *drug*, in every world that the reports leave possible.

    Someone who takes the drug already needs no starting dose. If all worlds lead to one branch it
    is the answer, with the estimates from the smallest to the greatest.
    """
    results = {symbol: facts.genes.get(symbol) for symbol in rule.genes}
    reads = {symbol: read_gene(genes[symbol], result, facts) for symbol, result in results.items()}
    others = beside(order, facts)
    blank = replace(
        _blank(rule, order, drug, results, reads),
        modifiers=_unweighed(dosing, acting(modifiers, rule.genes, drug, others)),
    )
    options = possible(reads)
    if isinstance(facts.medications, tuple) and any(drug in c.drugs for c in facts.medications):
        calls = {symbol: reading[0].call for symbol, reading in options.items()}
        return _concluded(blank, reads, [Judged(rule.branch_for(calls, "taken"))])
    needed = [reads[symbol] for symbol in dosing.genes]
    if all(isinstance(read, Missing) and read.why is Why.NOT_RECORDED for read in needed):
        return blank
    given = given_inputs(dosing, facts, others, model)
    question = Question(rule, dosing, model, given, order.daily_dose(drug))
    worlds = [dict(zip(options, world, strict=True)) for world in product(*options.values())]
    found = _concluded(blank, reads, [_judged(question, world) for world in worlds])
    if any(isinstance(read, Missing) for read in needed):
        return _quiet_if_untested(found)
    doubted = any(isinstance(r, GeneResult) and r.doubted for r in results.values())
    return _with_inputs(_doubted(found) if doubted else found, question)


def _unweighed(dosing: Dosing, found: tuple[Modifier, ...]) -> tuple[Modifier, ...]:
    """The other drugs that act on the genes, without those that the equation weighs itself."""
    weighed = {drug for drugs in dosing.taking.values() for drug in drugs}
    return tuple(each for each in found if each.drug not in weighed)


def _blank(
    rule: Guideline,
    order: Order,
    drug: str,
    results: Mapping[str, GeneResult | Missing],
    reads: Reads,
) -> Finding:
    """The finding before anything is concluded: the calls, the evidence and the gaps of genes."""
    on_file = [result for result in results.values() if isinstance(result, GeneResult)]
    gaps = [read for read in reads.values() if isinstance(read, Missing)]
    return Finding(
        rule,
        order,
        drug,
        Outcome(Truth.UNKNOWN),
        tuple(evidence for result in on_file for evidence in result.evidence),
        (*gaps, *(remark for result in on_file for remark in result.remarks)),
        {
            symbol: (GeneCall(symbol, NO_RESULT),)
            if isinstance(read, Missing)
            else tuple(each.call for each in read)
            for symbol, read in reads.items()
        },
    )


def _judged(question: Question, world: World) -> Judged:
    """The branch that *world* leads to, and its estimate where the equation gives one."""
    rule, given = question.rule, question.given
    calls = {symbol: read.call for symbol, read in world.items()}
    if isinstance(given.age, Decimal) and given.age < question.dosing.adults_from:
        return Judged(rule.branch_for(calls, "child"))
    words: dict[str, str] = {}
    for symbol, wanted in question.dosing.genes.items():
        read = world[symbol]
        word = wanted.value(symbol, read.call.phenotype, read.alleles)
        if isinstance(word, Missing):
            known = None if read.call.phenotype == NO_RESULT else word
            return Judged(rule.branch_for(calls, "ungenotyped"), gap=known)
        words[wanted.name] = word
    if given.missing:
        return Judged(rule.branch_for(calls, "uncalculated"))
    estimate = _estimate(question, world, words)
    if isinstance(estimate, Missing):
        return Judged(rule.branch_for(calls, "uncalculated"), gap=estimate)
    stands = situation(question.dosing, estimate, question.ordered)
    return Judged(rule.branch_for(calls, stands), estimate)


def _estimate(question: Question, world: World, words: Mapping[str, str]) -> Estimate | Missing:
    """The dose by the equation, and what comes on top of it."""
    dosing, model, given = question.dosing, question.model, question.given
    result = calculate(model, {**given.words, **words})
    if isinstance(result, Missing):
        return result
    weekly = result[dosing.result]
    low = high = weekly
    used: list[Adjustment] = []
    for adjustment in dosing.adjustments:
        factors = adjustment.factors(world[adjustment.gene].alleles)
        if factors is not None:
            low, high = low * factors[0], high * factors[1]
            used.append(adjustment)
    genes = (
        _gene_input(model.input(wanted.name), words[wanted.name], world[symbol])
        for symbol, wanted in dosing.genes.items()
    )
    return Estimate(
        model.name,
        (weekly, weekly),
        (low, high),
        result[dosing.without_genes],
        (*given.shown, *genes),
        tuple(used),
    )


def _gene_input(wanted: Input, word: str, read: Read) -> Shown:
    """The equation's word, and the alleles that it stands for where these are others."""
    own = "/".join(read.alleles)
    other = "/" in word and word != own
    return Shown(wanted.label, f"{word} (for {own})" if other else word)


def _concluded(blank: Finding, reads: Reads, judged: list[Judged]) -> Finding:
    """*blank* with one outcome if all worlds lead to one branch; else that it cannot be told."""
    gaps = dict.fromkeys(each.gap for each in judged if each.gap is not None)
    estimates = [each.estimate for each in judged if each.estimate is not None]
    estimate = joined(estimates) if len(estimates) == len(judged) else None
    found = replace(
        blank,
        estimate=estimate,
        missing=(*blank.missing, *gaps, *_conflicts(reads)),
    )
    branches = {each.branch.id: each.branch for each in judged if isinstance(each.branch, Branch)}
    lost = next((each.branch for each in judged if isinstance(each.branch, Missing)), None)
    if lost is not None:
        outcome = Outcome(Truth.UNKNOWN, gap=lost)
        return replace(found, outcome=outcome, missing=(*found.missing, lost))
    filled = [_filled(branch, estimate, blank) for branch in branches.values()]
    ranked = sorted(filled, key=lambda branch: branch.severity, reverse=True)
    if len(ranked) == 1:
        return replace(found, outcome=Outcome(ranked[0].applies, ranked[0]))
    open_ = [symbol for symbol, read in reads.items() if not isinstance(read, Missing) and read[1:]]
    detail = "the possible readings lead to different advice"
    unclear = (Missing(symbol, Why.CONFLICTING, detail) for symbol in open_)
    outcome = Outcome(Truth.UNKNOWN, possible=tuple(ranked))
    return replace(found, outcome=outcome, missing=(*found.missing, *unclear))


def _conflicts(reads: Reads) -> list[Missing]:
    """The genes of which a laboratory says otherwise than its alleles do."""
    detail = "the reported phenotype and the reported alleles differ"
    return [
        Missing(symbol, Why.CONFLICTING, detail)
        for symbol, found in reads.items()
        if not isinstance(found, Missing) and len({bool(read.alleles) for read in found}) > 1
    ]


def _quiet_if_untested(finding: Finding) -> Finding:
    """Without a branch where a gene was merely never tested: the rule's own choice shows it."""
    branch = finding.outcome.branch
    untested = all(gap.why is Why.NOT_RECORDED for gap in finding.missing)
    if untested and branch is not None and branch.applies is Truth.UNKNOWN:
        return replace(finding, outcome=Outcome(Truth.UNKNOWN))
    return finding


def _doubted(finding: Finding) -> Finding:
    """No reassurance while a newer result is on file and could not be read."""
    if finding.outcome.applies is not Truth.NO:
        return finding
    return replace(finding, outcome=Outcome(Truth.UNKNOWN))


def _with_inputs(finding: Finding, question: Question) -> Finding:
    """*finding* with where the inputs were read, what of them is missing, and the remarks."""
    given, dose = question.given, question.ordered
    used = (shown.evidence for shown in given.shown if shown.evidence is not None)
    unread = (dose,) if isinstance(dose, Missing) and dose.why is Why.UNREADABLE else ()
    return replace(
        finding,
        because=(*finding.because, *used),
        missing=(*finding.missing, *given.missing, *unread),
        assumed=question.dosing.remarks if finding.estimate is not None else (),
    )


def _filled(branch: Branch, estimate: Estimate | None, finding: Finding) -> Branch:
    """*branch* with the numbers in the places that its texts leave for them."""
    if estimate is None:
        return branch
    dose = finding.order.daily_dose(finding.drug)
    numbers = {
        "{weekly}": span(*estimate.adjusted),
        "{daily}": span(*(end / DAYS for end in estimate.adjusted)),
        "{clinical}": plain(estimate.clinical),
    }
    if isinstance(dose, Dose):
        numbers["{ordered}"] = plain(dose.value * DAYS)

    def filled(text: str) -> str:
        for place, number in numbers.items():
            text = text.replace(place, number)
        return text

    return replace(
        branch,
        summary=filled(branch.summary),
        advice=filled(branch.advice),
        rationale=filled(branch.rationale),
    )
