"""Checks of the rules on data elements: names exist, texts fit, families are whole."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise, product

from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.knowledge import Knowledge

LONGEST_SUMMARY = 139
FILLED = 12  # characters that a value takes where the text leaves room for it
MOST_WORLDS = 20_000  # combinations of a family's data that are tried


@dataclass(frozen=True, slots=True)
class World:
    """A chart in which everything is known: one combination of a family's data."""

    told: Mapping[Term, Known]

    def look(self, term: Term) -> Known | Missing:
        """What the world says of *term*."""
        return self.told.get(term, Missing(term.about, Why.NOT_RECORDED))


def lint_biomarkers(knowledge: Knowledge) -> Iterator[str]:
    """Every problem of the rules on data elements, one a line."""
    ours = Counter(rule.catalogue for rule in knowledge.biomarkers if not rule.beside)
    others = {rule.catalogue for rule in knowledge.guidelines}
    for name, count in ours.items():
        if name and count + (name in others) > 1:
            yield f"{name}: {count + (name in others)} rules stand for it; keep one"
    yield from _classes(knowledge)
    for rule in knowledge.biomarkers:
        yield from _names(rule, knowledge)
        yield from _texts(rule)
    families: dict[tuple[str, str], list[BiomarkerRule]] = {}
    for rule in knowledge.biomarkers:
        for drug in (rule.drugs or ("",)) if rule.family else ():
            families.setdefault((rule.family, drug), []).append(rule)
    for rules in {tuple(rule.id for rule in each): each for each in families.values()}.values():
        yield from _family(rules)


def _classes(knowledge: Knowledge) -> Iterator[str]:
    """A class of drugs has words for a card, and drugs that there are."""
    named = knowledge.words.names.get("drug", {})
    for name, drugs in knowledge.drug_classes.items():
        if name not in named:
            yield f"drug_classes.csv: {name} has no label in drug_class_names.csv"
        for drug in sorted(drugs - knowledge.drugs.keys()):
            yield f"drug_classes.csv: {name}: drug {drug!r} is not in drugs.csv"


def _names(rule: BiomarkerRule, knowledge: Knowledge) -> Iterator[str]:
    others = [other.drug for branch in rule.branches for other in branch.action.replace_with]
    for drug in sorted({*rule.drugs, *others} - knowledge.drugs.keys()):
        yield f"{rule.id}: drug {drug!r} is not in drugs.csv"
    for name in sorted(set(rule.tests) - knowledge.orderables.keys()):
        yield f"{rule.id}: test {name!r} is not in orderables.csv"
    elements = knowledge.words.elements
    asked = (elements[term.name] for term in rule.terms if term.name in elements)
    read = {name for element in asked for name in element.reads}
    for name in sorted(rule.ages.keys() - (read & knowledge.analytes.analytes.keys())):
        yield f"{rule.id}: max_age_days.{name}: the rule reads no analyte of this name"
    if rule.source not in knowledge.sources:
        yield f"{rule.id}: source {rule.source!r} is not in sources.toml"
    if bool(rule.drugs) == (rule.at != "order"):
        yield f"{rule.id}: a rule for orders names drugs, one for opened charts none"


def _texts(rule: BiomarkerRule) -> Iterator[str]:
    """Summaries fit, with the longest drug and with values; texts fill in what the rule asks."""
    numbers = {term.name for term in rule.terms if not term.args}
    for branch in rule.branches:
        longest = max((len(drug) for drug in rule.drugs), default=0)
        summary = branch.summary
        for name in ("{drug}", "{Drug}"):
            summary = summary.replace(name, "x" * longest)
        for name in numbers:
            summary = summary.replace(f"{{{name}}}", "x" * FILLED)
        if len(summary) > LONGEST_SUMMARY:
            yield f"{rule.id}/{branch.id}: the summary may have {len(summary)} characters"
        for part in f"{branch.summary} {branch.advice} {branch.rationale}".split("{")[1:]:
            name = part.partition("}")[0]
            if name not in numbers | {"drug", "Drug"}:
                yield f"{rule.id}/{branch.id}: nothing fills in {{{name}}}"


def _family(rules: list[BiomarkerRule]) -> Iterator[str]:
    """Two rules of a family hold at once, or none does between two of its thresholds."""
    unsaid = [rule for rule in rules if not rule.beside]
    for first, second in combinations(unsaid, 2):
        worlds = _worlds([first, second])
        if any(_holds(first, world) and _holds(second, world) for world in worlds):
            yield f"{first.id} and {second.id} may hold at once; say why in beside"
    limits = _limits(rules)
    if len(limits) == 1 and len(unsaid) == len(rules) > 1:
        [(term, values)] = limits.items()
        for value in _between(values):
            world = World({term: Known(Interval.exactly(value))})
            if all(_whole(rule, world) is Truth.NO for rule in rules):
                yield f"{rules[0].family}: no rule for {term} {value}; say why in beside"


def _whole(rule: BiomarkerRule, world: World) -> Truth:
    gate = rule.gate.holds(world) if rule.gate is not None else Truth.YES
    return gate & rule.when.holds(world)


def _holds(rule: BiomarkerRule, world: World) -> bool:
    return _whole(rule, world) is Truth.YES


def _limits(rules: Iterable[BiomarkerRule]) -> dict[Term, list[Decimal]]:
    """The thresholds of every number that the conditions compare."""
    found: dict[Term, set[Decimal]] = {}
    for rule in rules:
        for term, value in (*rule.when.limits, *(rule.gate.limits if rule.gate else ())):
            found.setdefault(term, set()).add(value)
    return {term: sorted(values) for term, values in found.items()}


def _between(limits: list[Decimal]) -> Iterator[Decimal]:
    """The thresholds but the outermost, and a value between each two."""
    yield from limits[1:-1]
    yield from ((low + high) / 2 for low, high in pairwise(limits))


def _worlds(rules: list[BiomarkerRule]) -> Iterator[World]:
    """Every combination of what decides *rules*, as far as there are not too many."""
    limits = _limits(rules)
    terms = list(dict.fromkeys(term for rule in rules for term in rule.terms))
    choices = [_values(limits[term]) if term in limits else _TRUTHS for term in terms]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count <= MOST_WORLDS:
        for values in product(*choices):
            yield World(dict(zip(terms, values, strict=True)))


_TRUTHS = [Known(Truth.YES), Known(Truth.NO)]


def _values(limits: list[Decimal]) -> list[Known]:
    below, above = limits[0] - 1, limits[-1] + 1
    points = {below, above, *limits, *((low + high) / 2 for low, high in pairwise(limits))}
    return [Known(Interval.exactly(value)) for value in sorted(points)]
