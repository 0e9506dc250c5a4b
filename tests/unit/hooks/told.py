"""Findings for tests of what a card says, and the parts of its detail."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hooks.card_text import detail
from hooks.clinical.facts import Missing, Why
from hooks.clinical.findings import Finding, Outcome
from hooks.clinical.guidelines import Action, Branch
from hooks.clinical.logic import Truth
from hooks.suggestions import Situation
from tests.unit.hooks.small import AVOID, DRUG, RULE, TODAY, knowledge, order

KNOWN = knowledge(RULE)
SITUATION = Situation("p1", TODAY)
SPOKEN = replace(
    AVOID,
    summary="{Drug} is unlikely to work: PAIR poor metabolizer",
    advice="Choose another drug than {drug}.",
    rationale="This patient cannot activate {drug}. It stays without effect.",
)
HALF = Action("reduce-dose", factor_min=Decimal("0.5"), factor_max=Decimal("0.5"))


def advising(branch: Branch = SPOKEN, **more: Any) -> Finding:
    """That the rule advises *branch* on the order of firstin."""
    ordered = more.pop("order", order())
    return Finding(RULE, ordered, DRUG, Outcome(Truth.YES, branch), **more)


def gap(why: Why, detail: str = "", what: str = "PAIR") -> Finding:
    """That the rule cannot tell because *what* is missing."""
    return Finding(
        RULE, order(), DRUG, Outcome(Truth.UNKNOWN), missing=(Missing(what, why, detail),)
    )


def parts(finding: Finding) -> dict[str, str]:
    """The parts of the detail, by their titles, in order."""
    blocks = detail(finding, SITUATION, KNOWN).split("\n\n")
    found = (block.removeprefix("**").split(":**", 1) for block in blocks)
    return {title: text.strip() for title, text in found}
