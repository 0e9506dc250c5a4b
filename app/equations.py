"""`rxhooks model`: a published equation on inputs from the command line."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from hooks.clinical.facts import Missing
from hooks.clinical.models.model import Model, Result
from hooks.clinical.models.registry import calculate
from hooks.knowledge import Knowledge


class WrongInputs(Exception):
    """The command line names no model that we have, or inputs that it does not take."""

    def __init__(self, problem: str) -> None:
        self.problems = [problem]
        super().__init__(problem)


def answer(name: str, words: Iterable[str], knowledge: Knowledge) -> tuple[dict[str, Any], str]:
    """What model *name* gives for `key=value` words, not rounded; and why, if it gives nothing."""
    model = knowledge.models.get(name)
    if model is None:
        there = ", ".join(sorted(knowledge.models))
        raise WrongInputs(f"no model {name!r}{_meant(name, knowledge.models)}; there are: {there}")
    given = _given(model, words)
    result = calculate(model, given)
    source = knowledge.sources[model.source]
    told = {
        "value": None if isinstance(result, Missing) else _value(model, result),
        "unit": model.unit,
        "inputs": given,
        "source": ", ".join(str(part) for part in (source.title, source.year, source.url) if part),
    }
    return told, "; ".join(_gaps(model, given, result))


def listed(knowledge: Knowledge) -> Iterator[str]:
    """A line a model: its name, what it is, and its inputs; those in brackets may be left out."""
    for name, model in sorted(knowledge.models.items()):
        inputs = (
            f"[{each.name}]" if each.optional or each.default else each.name
            for each in model.inputs
        )
        yield f"{name}: {model.title} ({' '.join(inputs)})"


def _given(model: Model, words: Iterable[str]) -> dict[str, str]:
    """The inputs as given, in the model's order, with the defaults of those that are not."""
    pairs = [word.partition("=") for word in words]
    given = {name: value.strip() for name, _, value in pairs}
    names = [each.name for each in model.inputs]
    takes = f"{model.name} takes each of these once, as key=value: {', '.join(names)}"
    for name in given:
        if name not in names:
            raise WrongInputs(f"no input {name!r}{_meant(name, names)}; {takes}")
    if len(given) < len(pairs):
        raise WrongInputs(takes)
    told = {each.name: given.get(each.name) or each.default for each in model.inputs}
    return {name: value for name, value in told.items() if value}


def _meant(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), 1)
    return f" (is {near[0]} meant?)" if near else ""


def _gaps(model: Model, given: Mapping[str, str], result: Result | Missing) -> list[str]:
    """What of the results is not there and why, and which inputs are not."""
    if isinstance(result, Missing):
        gaps = [f"{result.what}: {result.detail or result.why.value}"]
    else:
        numbers = [name for name in model.results if name not in model.bands]
        gaps = [f"{name} is not for these inputs" for name in numbers if name not in result]
    needed = [e.name for e in model.inputs if not (e.optional and isinstance(result, Missing))]
    absent = [f"missing {name}" for name in needed if name not in given]
    return gaps and [*gaps, *absent]


def _value(model: Model, result: Result) -> Any:
    """The results by name, as plain numbers and words; null for one that does not apply.

    A lone `value` stands without its name.
    """
    told: dict[str, float | int | str | None] = dict.fromkeys(model.results)
    told |= {name: _plain(number) for name, number in result.items()}
    for name, bands in model.bands.items():
        if bands.of in result:
            told[name] = bands.word(result[bands.of])
    return told["value"] if told.keys() == {"value"} else told


def _plain(number: Decimal) -> float | int:
    return int(number) if number == number.to_integral_value() else float(number)
