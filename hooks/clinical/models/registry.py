"""Which function calculates which model: a model that joins adds its module and a line here."""

from collections.abc import Callable, Mapping

from hooks.clinical.facts import Missing
from hooks.clinical.models.iwpc import weekly_dose
from hooks.clinical.models.model import Model, Result

CALCULATIONS: Mapping[str, Callable[[Model, Mapping[str, str]], Result | Missing]] = {
    "iwpc": weekly_dose,
}


def calculate(model: Model, given: Mapping[str, str]) -> Result | Missing:
    """What *model* gives for inputs in words; Missing where it does not apply.

    KeyError for an input that the model does not have.
    """
    return CALCULATIONS[model.name](model, given)
