"""`rxhooks model`: a published equation on inputs from the command line."""

from collections.abc import Iterable, Mapping
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
        raise WrongInputs(f"no model {name!r}; there are: {', '.join(sorted(knowledge.models))}")
    given = _given(model, words)
    result = calculate(model, given)
    source = knowledge.sources[model.source]
    told = {
        "value": None if isinstance(result, Missing) else _value(result),
        "unit": model.unit,
        "inputs": given,
        "source": f"{source.title}, {source.year}, {source.url}",
    }
    why = (
        f"{result.what}: {result.detail or result.why.value}" if isinstance(result, Missing) else ""
    )
    return told, why


def _given(model: Model, words: Iterable[str]) -> dict[str, str]:
    """The inputs as given, in the model's order, with the defaults of those that are not."""
    pairs = [word.partition("=") for word in words]
    given = {name: value for name, _, value in pairs}
    names = [each.name for each in model.inputs]
    if len(given) < len(pairs) or given.keys() - set(names):
        raise WrongInputs(
            f"{model.name} takes each of these once, as key=value: {', '.join(names)}"
        )
    told = {each.name: given.get(each.name) or each.default for each in model.inputs}
    return {name: value for name, value in told.items() if value}


def _value(result: Result) -> float | Mapping[str, float]:
    """The results as plain numbers; a lone `value` without its name."""
    numbers = {name: float(number) for name, number in result.items()}
    return numbers["value"] if numbers.keys() == {"value"} else numbers
