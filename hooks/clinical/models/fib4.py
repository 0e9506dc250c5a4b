"""FIB-4: how likely a liver is scarred, by age, two enzymes and the platelets (Sterling 2006)."""

from collections.abc import Mapping

from hooks.clinical.facts import Missing
from hooks.clinical.models.model import Model, Result


def fibrosis(model: Model, given: Mapping[str, str]) -> Result | Missing:
    """Age x AST / (platelets x the square root of ALT)."""
    values = model.read(given)
    if isinstance(values, Missing):
        return values
    told = values.numbers
    scarred = told["age"] * told["ast_U_L"]
    return {"value": scarred / (told["platelets_10e9_L"] * told["alt_U_L"].sqrt())}
