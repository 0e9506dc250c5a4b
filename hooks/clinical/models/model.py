"""What a published equation is: its inputs, their valid ranges, and its coefficients."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.clinical.populations import Span

KINDS = ("number", "choice", "flag")
FLAGS = {
    **dict.fromkeys(("1", "yes", "true"), Decimal(1)),
    **dict.fromkeys(("0", "no", "false"), Decimal(0)),
}
Values = Mapping[str, Decimal | str]
Result = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Input:
    """One input of an equation.

    *kind*: a number in *unit* that lies in *span*, a choice among those that a coefficient names
    (`race asian`), or a flag (1 or 0). A number with a *step* counts in whole steps: age 65 with
    step 10 is 6. *default* stands for a choice that is not given; *aliases* are other spellings.
    """

    name: str
    kind: str
    label: str
    unit: str = ""
    span: Span = field(default_factory=Span)
    step: Decimal = Decimal(0)
    default: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Model:
    """A published equation, or a family of them: name of the equation -> term -> coefficient.

    *results* are the names of what it gives; one result alone is called `value`.
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

    def input(self, name: str) -> Input:
        """The input called *name*; KeyError if there is none."""
        return {each.name: each for each in self.inputs}[name]

    def choices(self, name: str) -> frozenset[str]:
        """The values that a coefficient of any equation names for the choice *name*."""
        terms = {term for table in self.coefficients.values() for term in table}
        return frozenset(
            term.removeprefix(f"{name} ") for term in terms if term.startswith(f"{name} ")
        )

    def read(self, given: Mapping[str, str]) -> Values | Missing:
        """*given*, as words, to values that the equation takes; Missing tells the first gap.

        KeyError for a name that is no input.
        """
        for name in given:
            self.input(name)
        values: dict[str, Decimal | str] = {}
        for each in self.inputs:
            value = self._value(each, given.get(each.name, "").strip() or each.default)
            if isinstance(value, Missing):
                return value
            values[each.name] = value
        return values

    def linear(self, equation: str, values: Values) -> Decimal:
        """The sum of the terms of *equation*; inputs that it has no term for do not count."""
        table = self.coefficients[equation]
        total = table["intercept"]
        for each in self.inputs:
            value = values[each.name]
            if isinstance(value, str):
                total += table.get(f"{each.name} {value}", Decimal(0))
            else:
                steps = value // each.step if each.step else value
                total += table.get(each.name, Decimal(0)) * steps
        return total

    def _value(self, wanted: Input, text: str) -> Decimal | str | Missing:
        if not text:
            return Missing(wanted.label, Why.NOT_RECORDED)
        if wanted.kind == "number":
            return _number(wanted, text)
        if wanted.kind == "flag":
            return FLAGS.get(text.casefold(), Missing(wanted.label, Why.UNREADABLE, "not 1 or 0"))
        known = {choice.casefold(): choice for choice in self.choices(wanted.name)}
        spelled = {name.casefold(): choice for name, choice in wanted.aliases.items()}
        choice = known.get(text.casefold()) or spelled.get(text.casefold())
        detail = f"{text} is not in the equation"
        return choice if choice is not None else Missing(wanted.label, Why.UNREADABLE, detail)


def _number(wanted: Input, text: str) -> Decimal | Missing:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return Missing(wanted.label, Why.UNREADABLE, "not a number")
    if not value.is_finite() or wanted.span.holds(value) is not Truth.YES:
        return Missing(wanted.label, Why.UNREADABLE, "outside what the equation is for")
    return value
