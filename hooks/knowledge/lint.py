"""Checks across the knowledge files, for `rxhooks lint`: sentences on what is wrong."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from importlib.resources.abc import Traversable
from itertools import combinations_with_replacement, pairwise, product

from hooks.clinical.dosing import SITUATIONS
from hooks.clinical.facts import Diplotype
from hooks.clinical.genes import (
    INDETERMINATE,
    NO_RESULT,
    UNASSIGNED,
    Gene,
    GeneCall,
    pair,
    possible_scores,
    scored,
)
from hooks.clinical.guidelines import Branch, Guideline
from hooks.clinical.logic import Truth
from hooks.clinical.scores import Score, ScoreRange
from hooks.knowledge import Knowledge, KnowledgeError, load
from hooks.knowledge.lint_biomarkers import lint_biomarkers
from hooks.knowledge.lint_dosing import lint_dosing, lint_models
from hooks.knowledge.lint_variants import lint_definitions
from hooks.knowledge.policy import read_policy, with_policy
from hooks.knowledge.schemas import NO_STRENGTH

CASE_KINDS = ("advise", "no-action", "cannot-tell")


def lint(knowledge: Knowledge) -> list[str]:
    """Every problem of *knowledge*, one a line; an empty list if there is none."""
    return [
        *_ids(knowledge),
        *(problem for gene in knowledge.genes.values() for problem in lint_gene(gene)),
        *(problem for rule in knowledge.guidelines for problem in lint_guideline(rule, knowledge)),
        *lint_biomarkers(knowledge),
        *_displays(knowledge),
        *_modifiers(knowledge),
        *lint_models(knowledge),
        *_products(knowledge),
        *lint_definitions(knowledge.loci.genes, knowledge.genes, knowledge.loci.names),
    ]


def load_checked(site: Traversable | None = None, policy: Traversable | None = None) -> Knowledge:
    """The knowledge to run with: what is shipped was checked before, a *site*'s files are now.

    *policy* is the site's policy file.
    """
    knowledge = load(site=site)
    if site is not None and (problems := lint(knowledge)):
        raise KnowledgeError(problems)
    return with_policy(knowledge, read_policy(policy)) if policy is not None else knowledge


def lint_cases(knowledge: Knowledge, cases: Mapping[str, Iterable[str]]) -> list[str]:
    """Rules without a case that advises, needs no action or cannot tell; *cases* by rule id."""
    return [
        f"{rule.id}: no case expects {kind}"
        for rule in knowledge.rules
        for kind in _case_kinds(rule)
        if kind not in set(cases.get(rule.id, ()))
    ]


def _case_kinds(rule: Guideline) -> Iterator[str]:
    """The kinds of case that *rule* owes: what its branches say, and that it cannot tell."""
    told = {branch.applies for branch in (*rule.branches, *(i.branch for i in rule.inhibited))}
    owed = zip((Truth.YES in told, Truth.NO in told, True), CASE_KINDS, strict=True)
    yield from (kind for is_owed, kind in owed if is_owed)


def unsigned(knowledge: Knowledge) -> list[str]:
    """The active rules that no person has signed."""
    return [rule.id for rule in knowledge.active if not rule.reviewed_by]


def lint_gene(gene: Gene) -> Iterator[str]:
    """Every pair of functions has a phenotype; scores are covered once; aliases lead somewhere."""
    for alias, name in gene.aliases.items():
        if name not in gene.alleles:
            yield f"{gene.symbol}: alias {alias} leads to {name}, which is no allele"
    if gene.method in {"function-pair", "hemizygous"}:
        yield from _pairs(gene)
    if gene.method in {"hemizygous", "carrier", "mitochondrial"}:
        yield from _alone(gene)
    if gene.method in {"carrier", "mitochondrial"}:
        yield from _precedence(gene)
    if gene.method in {"activity-score", "lowest-two"}:
        yield from _ranges(gene)
    if gene.method == "lowest-two" and any(_closed(v) is None for v in gene.alleles.values()):
        yield f"{gene.symbol}: a variant has no plain value"


def lint_guideline(rule: Guideline, knowledge: Knowledge) -> Iterator[str]:
    """Names exist, every combination of calls leads to exactly one branch, cards are whole."""
    unknown = [symbol for symbol in rule.genes if symbol not in knowledge.genes]
    if unknown:
        yield f"{rule.id}: unknown gene {', '.join(unknown)}"
        return
    yield from _names(rule, knowledge)
    yield from _terms(rule, knowledge)
    for branch in rule.branches:
        yield from _branch(rule, branch)
    yield from _inhibition(rule, knowledge)
    if not all(branch.when.keys() <= set(rule.genes) for branch in rule.branches):
        return
    if rule.dosing is None:
        yield from _outcomes(rule, knowledge)
    else:
        asked = dict.fromkeys(gene for branch in rule.branches for gene in branch.when)
        choices = [[*gene_calls(knowledge.genes[s]), GeneCall(s, NO_RESULT)] for s in asked]
        yield from lint_dosing(rule, rule.dosing, choices, knowledge)


def gene_calls(gene: Gene, allele: str = "") -> list[GeneCall]:
    """Every call that *gene* can make, by alleles or by a laboratory's own phenotype."""
    if gene.method == "hla":
        return [GeneCall(gene.symbol, f"{allele} {sign}") for sign in ("positive", "negative")]
    calls = {GeneCall(gene.symbol, INDETERMINATE)}
    if gene.method == "diplotype":
        pairs = combinations_with_replacement(gene.alleles, 2)
        calls |= {GeneCall(gene.symbol, str(Diplotype.of(gene.symbol, *two))) for two in pairs}
    calls |= {GeneCall(gene.symbol, phenotype) for phenotype in gene.phenotypes.values()}
    if gene.ranges:
        calls |= scored(gene, "", possible_scores(gene))
    return sorted(calls, key=lambda call: (call.phenotype, str(call.score)))


def _ids(knowledge: Knowledge) -> Iterator[str]:
    for rule, count in Counter(rule.id for rule in knowledge.rules).items():
        if count > 1:
            yield f"{rule}: the id is used {count} times"
        if rule in knowledge.retired:
            yield f"{rule}: the id is retired and may not be used again"
    for guideline in knowledge.guidelines:
        for branch, count in Counter(branch.id for branch in guideline.branches).items():
            if count > 1:
                yield f"{guideline.id}/{branch}: the id is used {count} times"


def _pairs(gene: Gene) -> Iterator[str]:
    functions = sorted(set(gene.alleles.values()) - {UNASSIGNED})
    for first, second in combinations_with_replacement(functions, 2):
        if pair(first, second) not in gene.phenotypes:
            yield f"{gene.symbol}: no phenotype for {first} + {second}"


def _alone(gene: Gene) -> Iterator[str]:
    for function in sorted(set(gene.alleles.values()) - {UNASSIGNED}):
        if (function,) not in gene.phenotypes:
            yield f"{gene.symbol}: no phenotype for {function} alone"


def _precedence(gene: Gene) -> Iterator[str]:
    """The precedence names every function once, and nothing else."""
    wanted = sorted(set(gene.alleles.values()) - {UNASSIGNED})
    if sorted(gene.precedence) != wanted:
        yield f"{gene.symbol}: the precedence has to name {', '.join(wanted)}, each once"


def _ranges(gene: Gene) -> Iterator[str]:
    """Every score that the alleles can make lies in one range, and ranges do not overlap."""
    for score in sorted(possible_scores(gene), key=str):
        fitting = [name for name, span in gene.ranges.items() if span.touches(score)]
        if len(fitting) != 1:
            yield f"{gene.symbol}: score {score} is in {len(fitting)} phenotypes; want 1"
    ordered = sorted(gene.ranges.values(), key=lambda span: (span.low, span.above))
    for lower, upper in pairwise(ordered):
        if _overlap(lower, upper):
            yield f"{gene.symbol}: scores from {upper.low} are in two phenotypes"


def _overlap(lower: ScoreRange, upper: ScoreRange) -> bool:
    if lower.high is None or lower.high > upper.low:
        return True
    return lower.high == upper.low and not lower.below and not upper.above


def _closed(value: str) -> Decimal | None:
    score = Score.parse(value)
    return None if score.at_least else score.value


def _names(rule: Guideline, knowledge: Knowledge) -> Iterator[str]:
    others = rule.alternatives
    for drug in {*rule.drugs, *(other.drug for other in others)} - knowledge.drugs.keys():
        yield f"{rule.id}: drug {drug!r} is not in drugs.csv"
    for other in others:
        product = knowledge.products.get(other.product)
        if other.product and (product is None or other.drug not in product.drugs):
            yield f"{rule.id}: product {other.product} does not hold {other.drug}"
    conditions = {name for other in others for name in other.not_if}
    conditions |= {name for population in rule.populations for name in population.conditions}
    for name in conditions - knowledge.conditions.names:
        yield f"{rule.id}: condition {name!r} is not in conditions.csv"
    if rule.source not in knowledge.sources:
        yield f"{rule.id}: source {rule.source!r} is not in sources.toml"
    ids = {population.id for population in rule.populations}
    ids |= set(SITUATIONS) if rule.dosing is not None else set()
    used = {name for branch in rule.branches for name in branch.populations} | {*rule.test_first}
    for name in used - ids:
        yield f"{rule.id}: population {name!r} is not declared"


def _terms(rule: Guideline, knowledge: Knowledge) -> Iterator[str]:
    """Every phenotype that a branch names can come from its gene."""
    for symbol in rule.genes:
        calls = gene_calls(knowledge.genes[symbol], rule.alleles.get(symbol, ""))
        known = {call.phenotype for call in calls} | {NO_RESULT}
        for branch in rule.branches:
            for term in branch.when[symbol].phenotypes - known if symbol in branch.when else ():
                yield f"{rule.id}/{branch.id}: {symbol} has no phenotype {term!r}"


def _branch(rule: Guideline, branch: Branch) -> Iterator[str]:
    filled = max(
        (branch.summary.replace("{drug}", d).replace("{Drug}", d) for d in rule.drugs), key=len
    )
    if len(filled) > 139:
        yield f"{rule.id}/{branch.id}: the summary has {len(filled)} characters; want under 140"
    if branch.applies is Truth.YES and not branch.indicator:
        yield f"{rule.id}/{branch.id}: advises and shows nothing"
    needs_rows = branch.strength not in {"n/a", NO_STRENGTH} and rule.dosing is None
    if not branch.reads and needs_rows:
        yield f"{rule.id}/{branch.id}: no fingerprint of the source rows"
    for symbol in branch.when.keys() - set(rule.genes):
        yield f"{rule.id}/{branch.id}: {symbol} is not a gene of this rule"


def _inhibition(rule: Guideline, knowledge: Knowledge) -> Iterator[str]:
    """Adjusted and inhibited genes are the rule's own, scored, and have inhibitors."""
    for symbol in set(rule.adjusts) - set(rule.genes):
        yield f"{rule.id}: adjusts {symbol}, which is not a gene of this rule"
    for symbol in set(rule.adjusts) & set(rule.genes):
        if not knowledge.genes[symbol].ranges:
            yield f"{rule.id}: adjusts {symbol}, which has no activity scores"
    known = {(m.gene, m.strength) for found in knowledge.modifiers.values() for m in found}
    for each in rule.inhibited:
        yield from _branch(rule, replace(each.branch, reads=each.branch.reads or "-"))
        for gene, strength in sorted(each.by - known):
            yield f"{rule.id}/{each.branch.id}: inhibitors.csv has no {strength} one of {gene}"


def _outcomes(rule: Guideline, knowledge: Knowledge) -> Iterator[str]:
    """Every combination of calls, in every population, leads to exactly one branch."""
    choices = []
    for symbol in rule.genes:
        calls = gene_calls(knowledge.genes[symbol], rule.alleles.get(symbol, ""))
        missing = [GeneCall(symbol, NO_RESULT)] if len(rule.genes) > 1 else []
        choices.append(calls + missing)
    for world in product(*choices):
        if all(call.phenotype == NO_RESULT for call in world):
            continue
        calls_by_gene = dict(zip(rule.genes, world, strict=True))
        for population in [p.id for p in rule.populations] or [""]:
            fitting = [b.id for b in rule.branches if b.fits(calls_by_gene, population)]
            if len(fitting) != 1:
                yield f"{rule.id}: {len(fitting)} branches for {_said(world, population)}; want 1"


def _said(world: Iterable[GeneCall], population: str) -> str:
    calls = ", ".join(
        f"{call.gene} {call.phenotype}" + (f" ({call.score})" if call.score else "")
        for call in world
    )
    return f"{calls} in {population}" if population else calls


def _modifiers(knowledge: Knowledge) -> Iterator[str]:
    for drug in knowledge.modifiers.keys() - knowledge.drugs.keys():
        yield f"inhibitors.csv: drug {drug!r} is not in drugs.csv"
    for symbol in knowledge.modified_genes - knowledge.genes.keys():
        yield f"inhibitors.csv: unknown gene {symbol}"


def _displays(knowledge: Knowledge) -> Iterator[str]:
    """A code has one display wherever it stands."""
    for gene in knowledge.genes.values():
        if gene.test is None:
            continue
        known = knowledge.result_codes.get((gene.test.system, gene.test.code))
        if known is not None and known.display != gene.test.display:
            yield f"{gene.symbol}: {gene.test.code} is called {known.display!r} elsewhere"


def _products(knowledge: Knowledge) -> Iterator[str]:
    """A product holds drugs of drugs.csv, each once, and is looked up by a number."""
    for held in knowledge.products.values():
        for drug in sorted(set(held.drugs) - knowledge.drugs.keys()):
            yield f"drug_products.csv: {held.code}: {drug!r} is not in drugs.csv"
        if len(set(held.drugs)) != len(held.drugs) or not held.drugs:
            yield f"drug_products.csv: {held.code}: want each drug once, and at least one"
        if not held.code.isdecimal():
            yield f"drug_products.csv: {held.code!r} is no RxNorm code"
