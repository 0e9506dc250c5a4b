"""Which of a guideline's populations a patient is in, as the record tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from hooks.clinical.facts import Dose, LabResult, Missing, Order, PatientFacts, Why
from hooks.clinical.logic import Truth, all_of

UNITS = {"age": "years", "weight": "kg", "dose": "mg"}  # a measure -> its unit


@dataclass(frozen=True, slots=True)
class Span:
    """Values from *low* to *high*, either of which may be open; the ends count unless told.

    *above* leaves out *low*, *below* leaves out *high*.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    above: bool = False
    below: bool = False

    def holds(self, value: Decimal) -> Truth:
        """Whether *value* is in the span."""
        over = self.low is None or value > self.low or (value == self.low and not self.above)
        under = self.high is None or value < self.high or (value == self.high and not self.below)
        return Truth.YES if over and under else Truth.NO


@dataclass(frozen=True, slots=True)
class Population:
    """A group that a guideline speaks of, and how a record tells who is in it.

    *conditions* are names of conditions.csv; *measures* (see MEASURES) all have to hold;
    *taken_for_days* is an order for the drug that is older; *otherwise* is who fits no other;
    *never* says why no record can tell.
    """

    id: str
    text: str
    source_name: str
    conditions: tuple[str, ...] = ()
    taken_for_days: int = 0
    otherwise: bool = False
    never: str = ""
    measures: Mapping[str, Span] = field(default_factory=dict)


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
    populations: tuple[Population, ...], drugs: tuple[str, ...], order: Order, facts: PatientFacts
) -> PopulationMatch:
    """Which of *populations* the order's patient is in, as the record tells it.

    *drugs* are the ordered drug, and then all that the guideline speaks of.
    """
    known = tuple(population for population in populations if not population.never)
    if not known:
        return PopulationMatch(())
    measured = _by_measures(known, drugs[0], order, facts)
    fitting = measured.possible
    if any(population.taken_for_days for population in fitting):
        found = _by_duration(fitting, order, drugs, facts)
    elif any(population.conditions for population in fitting) or not _has_measures(known):
        found = _by_condition(fitting, order, facts)
    else:
        return measured
    return replace(found, missing=(*measured.missing, *found.missing))


def _has_measures(populations: tuple[Population, ...]) -> bool:
    return any(population.measures for population in populations)


def _by_measures(
    populations: tuple[Population, ...], drug: str, order: Order, facts: PatientFacts
) -> PopulationMatch:
    """The populations that no measure rules out, and the measures that could not be had."""
    names = dict.fromkeys(name for population in populations for name in population.measures)
    values = {name: _measure(name, drug, order, facts) for name in names}
    possible = tuple(p for p in populations if _fits(p, values) is not Truth.NO)
    open_ = {n for p in possible for n in p.measures if len(possible) > 1}
    missing = tuple(
        told for name, told in values.items() if isinstance(told, Missing) and name in open_
    )
    return PopulationMatch(possible, missing)


def _fits(population: Population, values: Mapping[str, Decimal | Missing]) -> Truth:
    return all_of(
        Truth.UNKNOWN if isinstance(told := values[name], Missing) else span.holds(told)
        for name, span in population.measures.items()
    )


def _measure(name: str, drug: str, order: Order, facts: PatientFacts) -> Decimal | Missing:
    """The measure *name* in its unit (UNITS), or why it is missing."""
    if name == "age":
        return facts.age
    if name == "weight":
        return _in_unit(facts.labs.get(name), name)
    return _in_unit(order.daily_dose(drug), name)


def _in_unit(told: LabResult | Dose | Missing, name: str) -> Decimal | Missing:
    if isinstance(told, Missing):
        return told
    if told.unit != UNITS[name] or (isinstance(told, LabResult) and told.comparator):
        return Missing(name, Why.UNREADABLE, f"is not plainly in {UNITS[name]}")
    return told.value


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
