"""The rule language: conditions as a pharmacist writes them, parsed once into closures.

`30 <= egfr < 45 and not cond("dialysis")`: names of elements, numbers, comparisons, `and`, `or`,
`not`, and predicates with names in quotes. Python's parser reads it, an allow-list decides what
may stand in it, and nothing is ever evaluated as Python.
"""

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches

from hooks.clinical.biomarkers import Condition
from hooks.clinical.elements import Chart, Element, Interval, Known, Term, Vocabulary
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
NEWLINE = "\n"
LONGEST = 2_000  # characters of a condition
WITHIN_DAYS = frozenset({"stopped"})  # the predicates that take a number of days beside the name
MOST_DAYS = 36_500  # of such a number
HINTS = {"on_class": '; on takes classes as well as drugs, as on("STATIN")'}


class ExpressionError(ValueError):
    """A condition that cannot be read: where, why, and what may have been meant."""


def parse(text: str, words: Vocabulary) -> Condition:
    """The condition that *text* states in *words*; ExpressionError names line and column.

    A comment is refused: the lines are read as one, so it would swallow all that follow.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"the condition has more than {LONGEST} characters")
    if "#" in text:
        raise ExpressionError(f"{_place(text, text.index('#'))}: a comment cannot stand here")
    try:
        tree = ast.parse(_one_line(text), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = getattr(error, "offset", None) or len(_one_line(text)) + 1
        place = _place(text, _skipped(text) + at - 1)
        raise ExpressionError(f"{place}: cannot be read as a condition") from error
    reader = _Reader(words)
    try:
        holds = reader.truth(tree.body)
    except _Wrong as error:
        place = _place(text, _skipped(text) + _characters(text, error.node.col_offset))
        raise ExpressionError(f"{place}: {error}") from error
    terms, limits = dict.fromkeys(reader.terms), dict.fromkeys(reader.limits)
    return Condition(" ".join(text.split()), tuple(terms), holds, tuple(limits))


def meant(word: str, known: Iterable[str]) -> str:
    """What to add to the complaint that *word* is not *known*: the nearest word that is."""
    near = get_close_matches(word, known, 1)
    return f"; is {near[0]} meant?" if near else ""


class _Wrong(Exception):
    """A part of the tree that may not stand in a condition, and why."""

    def __init__(self, node: ast.expr, problem: str) -> None:
        self.node = node
        super().__init__(problem)


def _one_line(text: str) -> str:
    """*text* without its margin, each of its characters where it was."""
    return re.sub(r"\s", " ", text.strip())


def _skipped(text: str) -> int:
    return len(text) - len(text.lstrip())


def _characters(text: str, offset: int) -> int:
    """The tree counts bytes; how many characters of *text* that is."""
    return len(_one_line(text).encode()[:offset].decode(errors="ignore"))


def _place(text: str, offset: int) -> str:
    """Where *offset* lies, as an editor counts; the line only where there are several."""
    before = text[:offset]
    column = f"column {offset - before.rfind(NEWLINE)}"
    return f"line {before.count(NEWLINE) + 1}, {column}" if NEWLINE in text.strip() else column


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
            case ast.Call(func=ast.Name(id="known")):
                return self._known(node)
            case ast.Name() | ast.Call():
                return _truth_of(self._term(node, "truth"))
        raise _Wrong(node, "only names, comparisons, and, or, not and predicates may stand here")

    def _comparison(self, node: ast.Compare) -> Holds:
        """A chain: every neighbouring pair is one name and one number."""
        sides = [node.left, *node.comparators]
        pairs = zip(sides, node.ops, sides[1:], strict=False)
        parts = [self._pair(left, operator, right) for left, operator, right in pairs]
        return parts[0] if len(parts) == 1 else lambda chart: all_of(p(chart) for p in parts)

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Holds:
        kind = type(operator)
        if kind not in COMPARISONS:
            raise _Wrong(left, "numbers are compared by <, <=, > or >=")
        if isinstance(left, ast.Constant):
            left, right, kind = right, left, MIRRORED[kind]
        compare, limit = COMPARISONS[kind], _number(right)
        term = self._term(left, "number")
        self.limits.append((term, limit))

        def holds(chart: Chart) -> Truth:
            value = _value(chart, term)
            return compare(value, limit) if isinstance(value, Interval) else Truth.UNKNOWN

        return holds

    def _known(self, node: ast.Call) -> Holds:
        """`known("tsh")`: whether there is a usable result; what was not fetched is not absent."""
        term = Term(self._plain(node))
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
                raise _Wrong(node, "the name of an element is wanted here")
        self._check(term, kind, node)
        self.terms.append(term)
        return term

    def _plain(self, node: ast.Call) -> str:
        """The element that `known` names: one that stands alone."""
        match node:
            case ast.Call(args=[ast.Constant(value=str(name))], keywords=[]):
                element = self.words.elements[self._element(name, node.args[0])]
            case _:
                known = 'known takes the name of an element in quotes, as known("tsh")'
                raise _Wrong(node, known)
        if element.argument:
            raise _Wrong(node, f"known takes an element that stands alone, which {name} does not")
        return name

    def _check(self, term: Term, kind: str, node: ast.expr) -> None:
        element = self.words.elements[self._element(term.name, node)]
        if element.kind != kind:
            wanted = "is true or not" if element.kind == "truth" else "is a number"
            raise _Wrong(node, f"{term.name} {wanted}")
        if not _fits(term, element.argument):
            raise _Wrong(node, f"{term.name} {_takes(element)}")
        known = self.words.names.get(element.argument, {})
        if element.argument and term.about not in known:
            about = f"{element.argument} {term.about}"
            raise _Wrong(node, f"unknown {about}{meant(term.about, known)}")

    def _element(self, name: str, node: ast.expr) -> str:
        if name not in self.words.elements:
            hint = HINTS.get(name) or meant(name, self.words.elements)
            raise _Wrong(node, f"unknown element {name}{hint}")
        return name


def _fits(term: Term, argument: str) -> bool:
    """Whether *term* has a name where it takes one, days where it takes them, and no more."""
    if not argument:
        return not term.args
    match term.args:
        case (str(), int(days)):
            return term.name in WITHIN_DAYS and 1 <= days <= MOST_DAYS
        case (str(),):
            return term.name not in WITHIN_DAYS
    return False


def _takes(element: Element) -> str:
    if not element.argument:
        return "stands alone"
    days = f"days, from 1 to {MOST_DAYS}" if element.name in WITHIN_DAYS else "nothing else"
    return f"takes the name of a {element.argument}, and {days}"


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
        number = Decimal(str(node.value))
        if number.is_finite():
            return number
    raise _Wrong(node, "a name is compared with a number")


def _argument(node: ast.expr) -> str | int:
    match node:
        case ast.Constant(value=str(value) | int(value)) if not isinstance(value, bool):
            return value
    raise _Wrong(node, "a name in quotes or a whole number is wanted here")
