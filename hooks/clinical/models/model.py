"""What a published equation is: its inputs, their valid ranges, and its coefficients."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from math import prod

from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.clinical.populations import Span

ABSENT = "not given"
KINDS = ("number", "choice", "flag")
FLAGS = {
    **dict.fromkeys(("1", "yes", "true"), Decimal(1)),
    **dict.fromkeys(("0", "no", "false"), Decimal(0)),
}
Result = Mapping[str, Decimal]  # a result of the model that is not in it does not apply


@dataclass(frozen=True, slots=True)
class Values:
    """Inputs as an equation takes them: numbers and flags (1 or 0), and choices by name."""

    numbers: Mapping[str, Decimal]
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Input:
    """One input of an equation.

    *kind*: a number in *unit* that lies in *span*, a choice among *choices* and those that a
    coefficient names (`race asian`), or a flag (1 or 0). A number with a *step* counts in whole
    steps: age 65 with step 10 is 6; one beyond *counts* counts as the nearest end of it. *default*
    stands for a choice that is not given; *aliases* are other spellings. The equation does without
    an *optional* input.
    """

    name: str
    kind: str
    label: str
    unit: str = ""
    span: Span = field(default_factory=Span)
    step: Decimal = Decimal(0)
    default: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    counts: Span = field(default_factory=Span)
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """Some *results* are for a narrower *span* of an *input* than the others."""

    results: frozenset[str]
    input: str
    span: Span


@dataclass(frozen=True, slots=True)
class Bands:
    """Words for ranges of the result *of*: word -> the least value that it is for."""

    of: str
    least: Mapping[str, Decimal]

    def word(self, value: Decimal) -> str:
        """The word whose range *value* is in; the first if it is below all of them."""
        fitting = [word for word, least in self.least.items() if least <= value]
        return max(fitting, key=self.least.__getitem__, default=next(iter(self.least)))


@dataclass(frozen=True, slots=True)
class Model:
    """A published equation, or a family of them: name of the equation -> term -> coefficient.

    *results* are the names of what it gives; one result alone is called `value`. *bands* give
    some of them, in words, by another result.
    """

    name: str
    title: str
    unit: str
    source: str
    inputs: tuple[Input, ...]
    results: tuple[str, ...]
    coefficients: Mapping[str, Mapping[str, Decimal]]
    known_limits: str
    reviewed_by: tuple[str, ...] = ()
    bands: Mapping[str, Bands] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()

    def input(self, name: str) -> Input:
        """The input called *name*; KeyError if there is none."""
        return {each.name: each for each in self.inputs}[name]

    def choices(self, name: str) -> frozenset[str]:
        """The values that the choice *name* has of its own or in a coefficient of any equation."""
        terms = {term for table in self.coefficients.values() for term in table}
        named = (term.removeprefix(f"{name} ") for term in terms if term.startswith(f"{name} "))
        return frozenset((*self.input(name).choices, *named))

    def read(self, given: Mapping[str, str]) -> Values | Missing:
        """*given*, as words, to values that the equation takes; Missing tells the gaps.

        KeyError for a name that is no input.
        """
        for name in given:
            self.input(name)
        told = {each.name: given.get(each.name, "").strip() or each.default for each in self.inputs}
        absent = [each.label for each in self.inputs if not (told[each.name] or each.optional)]
        if absent:
            return Missing(", ".join(absent), Why.NOT_RECORDED, ABSENT)
        numbers: dict[str, Decimal] = {}
        words: dict[str, str] = {}
        for each in self.inputs:
            if not told[each.name]:
                continue
            value = self._value(each, told[each.name])
            if isinstance(value, Missing):
                return value
            if isinstance(value, Decimal):
                numbers[each.name] = value
            else:
                words[each.name] = value
        return Values(numbers, words)

    def linear(self, equation: str, values: Values) -> Decimal:
        """The sum of the terms of *equation*; inputs that it has no term for do not count."""
        table = self.coefficients[equation]
        total = table["intercept"]
        for name, word in values.words.items():
            total += table.get(f"{name} {word}", Decimal(0))
        for name, number in values.numbers.items():
            step = self.input(name).step
            total += table.get(name, Decimal(0)) * (number // step if step else number)
        return total

    def applies(self, result: str, values: Values) -> bool:
        """Whether *values* are in what *result* is for; every other range was seen to by read."""
        narrow = (each for each in self.limits if result in each.results)
        return all(each.span.holds(values.numbers[each.input]) is Truth.YES for each in narrow)

    def _value(self, wanted: Input, text: str) -> Decimal | str | Missing:
        if wanted.kind == "number":
            return _number(wanted, text)
        if wanted.kind == "flag":
            return FLAGS.get(text.casefold(), Missing(wanted.label, Why.UNREADABLE, "not 1 or 0"))
        known = {choice.casefold(): choice for choice in self.choices(wanted.name)}
        spelled = {name.casefold(): choice for name, choice in wanted.aliases.items()}
        choice = known.get(text.casefold()) or spelled.get(text.casefold())
        detail = f"{text} is not in the equation"
        return choice if choice is not None else Missing(wanted.label, Why.UNREADABLE, detail)


def weighed(table: Mapping[str, Decimal], features: Mapping[str, Decimal]) -> Decimal:
    """The intercept and each coefficient times its feature, or its product: `age * diabetes`."""
    total = table["intercept"]
    for term, coefficient in table.items():
        if term != "intercept":
            total += prod((features[name] for name in term.split(" * ")), start=coefficient)
    return total


def _number(wanted: Input, text: str) -> Decimal | Missing:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return Missing(wanted.label, Why.UNREADABLE, "not a number")
    if not value.is_finite() or wanted.span.holds(value) is not Truth.YES:
        return Missing(wanted.label, Why.UNREADABLE, "outside what the equation is for")
    low, high = wanted.counts.low, wanted.counts.high
    value = value if low is None else max(value, low)
    return value if high is None else min(value, high)
