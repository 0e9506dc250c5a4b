"""Which function calculates which model: a model that joins adds its module and a line here."""

from collections.abc import Callable, Mapping

from hooks.clinical.facts import Missing
from hooks.clinical.models import meld3, prevent
from hooks.clinical.models.ckdepi2021 import filtration_rate
from hooks.clinical.models.cockcroft_gault import clearance
from hooks.clinical.models.fib4 import fibrosis
from hooks.clinical.models.iwpc import weekly_dose
from hooks.clinical.models.model import Model, Result
from hooks.clinical.models.points import points
from hooks.clinical.models.qtc import corrected

CALCULATIONS: Mapping[str, Callable[[Model, Mapping[str, str]], Result | Missing]] = {
    "cha2ds2vasc": points,
    "child_pugh": points,
    "ckdepi2021": filtration_rate,
    "cockcroft_gault": clearance,
    "fib4": fibrosis,
    "hasbled": points,
    "iwpc": weekly_dose,
    "meld3": meld3.severity,
    "prevent": prevent.risks,
    "qtc": corrected,
    "tisdale": points,
}
# What a coefficient may weigh beside the inputs themselves.
FEATURES: Mapping[str, frozenset[str]] = {"meld3": meld3.FEATURES, "prevent": prevent.FEATURES}


def calculate(model: Model, given: Mapping[str, str]) -> Result | Missing:
    """What *model* gives for inputs in words; Missing where it does not apply.

    KeyError for an input that the model does not have.
    """
    return CALCULATIONS[model.name](model, given)
