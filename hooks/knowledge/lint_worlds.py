"""What conditions can say: every combination of the data that decide them is tried.

A number takes each of its limits, a value between each two and one beyond either end; what is
true or not may be missing as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise, product
from math import prod

from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth

MOST_WORLDS = 20_000  # combinations that are tried
Choices = Mapping[Term, list[Known | Missing]]


@dataclass(frozen=True, slots=True)
class World:
    """A chart that tells one combination of data; the rest was never recorded."""

    told: Mapping[Term, Known | Missing]

    def look(self, term: Term) -> Known | Missing:
        """What the world says of *term*."""
        return self.told.get(term, _missing(term))


def lint_condition(rule: BiomarkerRule) -> Iterator[str]:
    """A rule that can never hold, or whose condition always does.

    Where there are too many combinations to try, neither can be said.
    """
    choices = choices_of([rule])
    if _too_many(choices):
        return
    if not any(_whole(rule, world) is Truth.YES for world in _worlds(choices)):
        yield f"{rule.id}: gate and when can never hold"
    if all(rule.when.holds(world) is not Truth.NO for world in _worlds(choices)):
        yield f"{rule.id}: when always holds"


def can_do_without(rule: BiomarkerRule, name: str, truth: Truth) -> bool:
    """Whether *rule* can come to *truth* although the number called *name* is missing."""
    choices = {term: known for term, known in choices_of([rule]).items() if term.name != name}
    found = () if _too_many(choices) else _worlds(choices)
    return any(_whole(rule, world) is truth for world in found)


def lint_family(rules: list[BiomarkerRule]) -> Iterator[str]:
    """Two rules of a family hold at once, or none does between two that do.

    What a rule says in `beside` excuses where it stands itself, not the rest of its family.
    """
    for first, second in combinations((rule for rule in rules if not rule.beside), 2):
        yield from _overlap(first, second)
    choices = choices_of(rules)
    if not _too_many(choices):
        values = dict.fromkeys(gap for term in limits_of(rules) for gap in _gaps(rules, term))
        for term, value in values:
            yield f"{rules[0].family}: no rule for {term} {value}; say why in beside"
    elif not all(rule.beside for rule in rules):
        yield f"{rules[0].family}: too many combinations to look for gaps; say in beside of each"


def _overlap(first: BiomarkerRule, second: BiomarkerRule) -> Iterator[str]:
    choices = choices_of([first, second])
    names = f"{first.id} and {second.id}"
    if _too_many(choices):
        yield f"{names}: too many combinations to try; say in beside why they stay apart"
    elif any(len(_holding([first, second], world)) > 1 for world in _worlds(choices)):
        yield f"{names} may hold at once; say why in beside"


def _gaps(rules: list[BiomarkerRule], term: Term) -> Iterator[tuple[Term, Decimal]]:
    """The values of *term* where no rule holds, although one does below and another above."""
    points = _points(limits_of(rules)[term])
    others = {each: known for each, known in choices_of(rules).items() if each != term}
    for world in _worlds(others):
        line = [World({**world.told, term: Known(Interval.exactly(value))}) for value in points]
        holding = [_holding(rules, each) for each in line]
        known = [i for i, found in enumerate(holding) if found]
        for low, high in pairwise(known):
            edge = {rule.id: rule for rule in (*holding[low], *holding[high])}
            if len(edge) > 1 and not any(rule.beside for rule in edge.values()):
                between = range(low + 1, high)
                yield from ((term, points[i]) for i in between if _none(rules, line[i]))


def _whole(rule: BiomarkerRule, world: World) -> Truth:
    gate = rule.gate.holds(world) if rule.gate is not None else Truth.YES
    return gate & rule.when.holds(world)


def _holding(rules: Iterable[BiomarkerRule], world: World) -> list[BiomarkerRule]:
    return [rule for rule in rules if _whole(rule, world) is Truth.YES]


def _none(rules: Iterable[BiomarkerRule], world: World) -> bool:
    return all(_whole(rule, world) is Truth.NO for rule in rules)


def limits_of(rules: Iterable[BiomarkerRule]) -> dict[Term, list[Decimal]]:
    """The limits that the conditions compare each number with, in order."""
    found: dict[Term, set[Decimal]] = {}
    for rule in rules:
        for term, value in (*rule.when.limits, *(rule.gate.limits if rule.gate else ())):
            found.setdefault(term, set()).add(value)
    return {term: sorted(values) for term, values in found.items()}


def choices_of(rules: Iterable[BiomarkerRule]) -> Choices:
    """What each term of *rules* may be."""
    rules = list(rules)
    limits = limits_of(rules)
    terms = dict.fromkeys(term for rule in rules for term in rule.terms)
    return {
        term: [Known(Interval.exactly(value)) for value in _points(limits[term])]
        if term in limits
        else [Known(Truth.YES), Known(Truth.NO), _missing(term)]
        for term in terms
    }


def _too_many(choices: Choices) -> bool:
    return prod(len(choice) for choice in choices.values()) > MOST_WORLDS


def _worlds(choices: Choices) -> Iterator[World]:
    """Every combination of *choices*."""
    for values in product(*choices.values()):
        yield World(dict(zip(choices, values, strict=True)))


def _missing(term: Term) -> Missing:
    return Missing(term.about, Why.NOT_RECORDED)


def _points(limits: list[Decimal]) -> list[Decimal]:
    """The *limits*, a value between each two, and one beyond either end."""
    between = [(low + high) / 2 for low, high in pairwise(limits)]
    return sorted({limits[0] - 1, limits[-1] + 1, *limits, *between})
