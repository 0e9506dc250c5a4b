"""The rule language: conditions as a pharmacist writes them, parsed once into closures.

`30 <= egfr < 45 and not cond("dialysis")`: names of elements, numbers, comparisons, `and`, `or`,
`not`, and predicates with names in quotes. Python's parser reads it, an allow-list decides what
may stand in it, and nothing is ever evaluated as Python.
"""

import ast
from collections.abc import Callable, Mapping
from decimal import Decimal
from difflib import get_close_matches

from hooks.clinical.biomarkers import Condition
from hooks.clinical.elements import Chart, Interval, Known, Term, Vocabulary
from hooks.clinical.facts import Why
from hooks.clinical.logic import Truth, all_of, any_of

Holds = Callable[[Chart], Truth]
COMPARISONS: Mapping[type[ast.cmpop], Callable[[Interval, Decimal], Truth]] = {
    ast.Lt: lambda interval, limit: interval.less(limit),
    ast.LtE: lambda interval, limit: interval.at_most(limit),
    ast.Gt: lambda interval, limit: ~interval.at_most(limit),
    ast.GtE: lambda interval, limit: ~interval.less(limit),
}
MIRRORED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}
LONGEST = 2_000  # characters of a condition


class ExpressionError(ValueError):
    """A condition that cannot be read: where, why, and what may have been meant."""


def parse(text: str, words: Vocabulary) -> Condition:
    """The condition that *text* states in *words*; ExpressionError names the column."""
    if len(text) > LONGEST:
        raise ExpressionError(f"the condition has more than {LONGEST} characters")
    whole = " ".join(text.split())
    try:
        tree = ast.parse(whole, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        column = getattr(error, "offset", None) or 1
        raise ExpressionError(f"column {column}: cannot be read as a condition") from error
    reader = _Reader(words)
    holds = reader.truth(tree.body)
    terms = tuple(dict.fromkeys(reader.terms))
    return Condition(whole, terms, holds, tuple(dict.fromkeys(reader.limits)))


class _Reader:
    """Turns the tree of one condition into a closure, and notes the terms in it."""

    def __init__(self, words: Vocabulary) -> None:
        self.words = words
        self.terms: list[Term] = []
        self.limits: list[tuple[Term, Decimal]] = []

    def truth(self, node: ast.expr) -> Holds:
        """The closure of a part that is true or not."""
        match node:
            case ast.BoolOp(op=operator, values=values):
                parts = [self.truth(value) for value in values]
                joined = all_of if isinstance(operator, ast.And) else any_of
                return lambda chart: joined(part(chart) for part in parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.truth(operand)
                return lambda chart: ~inner(chart)
            case ast.Compare():
                return self._comparison(node)
            case ast.Call(func=ast.Name(id="known"), args=[argument]):
                return self._known(node, argument)
            case ast.Name() | ast.Call():
                return _truth_of(self._term(node, "truth"))
        raise _at(node, "only names, comparisons, and, or, not and predicates may stand here")

    def _comparison(self, node: ast.Compare) -> Holds:
        """A chain: every neighbouring pair is one name and one number."""
        sides = [node.left, *node.comparators]
        pairs = zip(sides, node.ops, sides[1:], strict=False)
        parts = [self._pair(left, operator, right) for left, operator, right in pairs]
        return parts[0] if len(parts) == 1 else lambda chart: all_of(p(chart) for p in parts)

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Holds:
        kind = type(operator)
        if kind not in COMPARISONS:
            raise _at(left, "numbers are compared by <, <=, > or >=")
        if isinstance(left, ast.Constant):
            left, right, kind = right, left, MIRRORED[kind]
        compare, limit = COMPARISONS[kind], _number(right)
        term = self._term(left, "number")
        self.limits.append((term, limit))

        def holds(chart: Chart) -> Truth:
            value = _value(chart, term)
            return compare(value, limit) if isinstance(value, Interval) else Truth.UNKNOWN

        return holds

    def _known(self, node: ast.Call, argument: ast.expr) -> Holds:
        """`known("tsh")`: whether there is a usable result; what was not fetched is not absent."""
        name = _name_in(argument, node)
        element = self._element(name, argument)
        term = Term(element)
        self.terms.append(term)

        def holds(chart: Chart) -> Truth:
            found = chart.look(term)
            if isinstance(found, Known):
                return Truth.YES
            return Truth.UNKNOWN if found.why is Why.NOT_FETCHED else Truth.NO

        return holds

    def _term(self, node: ast.expr, kind: str) -> Term:
        match node:
            case ast.Name(id=name):
                term = Term(name)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                term = Term(name, tuple(_argument(arg) for arg in args))
            case _:
                raise _at(node, "the name of an element is wanted here")
        self._check(term, kind, node)
        self.terms.append(term)
        return term

    def _check(self, term: Term, kind: str, node: ast.expr) -> None:
        element = self.words.elements[self._element(term.name, node)]
        if element.kind != kind:
            wanted = "is true or not" if element.kind == "truth" else "is a number"
            raise _at(node, f"{term.name} {wanted}")
        if bool(element.argument) != bool(term.args):
            takes = f"takes the name of a {element.argument}"
            raise _at(node, f"{term.name} {takes if element.argument else 'stands alone'}")
        known = self.words.names.get(element.argument, {})
        if element.argument and term.about not in known:
            about = f"{element.argument} {term.about}"
            raise _at(node, f"unknown {about}{_meant(term.about, known)}")

    def _element(self, name: str, node: ast.expr) -> str:
        if name not in self.words.elements:
            raise _at(node, f"unknown element {name}{_meant(name, self.words.elements)}")
        return name


def _truth_of(term: Term) -> Holds:
    def holds(chart: Chart) -> Truth:
        value = _value(chart, term)
        return value if isinstance(value, Truth) else Truth.UNKNOWN

    return holds


def _value(chart: Chart, term: Term) -> Truth | Interval:
    found = chart.look(term)
    return found.value if isinstance(found, Known) else Truth.UNKNOWN


def _number(node: ast.expr) -> Decimal:
    if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        return Decimal(str(node.value))
    raise _at(node, "a name is compared with a number")


def _argument(node: ast.expr) -> str | int:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
        return node.value
    raise _at(node, "a name in quotes or a whole number is wanted here")


def _name_in(node: ast.expr, around: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise _at(around, 'known takes the name of an element in quotes, as known("tsh")')


def _meant(word: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(word, known, 1)
    return f"; is {near[0]} meant?" if near else ""


def _at(node: ast.expr, problem: str) -> ExpressionError:
    return ExpressionError(f"column {node.col_offset + 1}: {problem}")
