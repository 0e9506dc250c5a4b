"""One rule on one order, in the way that the rule is made."""

from hooks.clinical.dose_findings import judge_dose
from hooks.clinical.facts import Order, PatientFacts
from hooks.clinical.findings import Finding, judge
from hooks.clinical.guidelines import Guideline
from hooks.knowledge import Knowledge


def judge_rule(
    rule: Guideline, order: Order, drug: str, facts: PatientFacts, knowledge: Knowledge
) -> Finding:
    """What *rule* says of *drug* in *order*: by its branches alone, or by its equation."""
    genes, modifiers = knowledge.genes, knowledge.modifiers
    if rule.dosing is None:
        return judge(rule, order, drug, facts, genes, modifiers)
    model = knowledge.models[rule.dosing.model]
    return judge_dose(rule, rule.dosing, order, drug, facts, genes, model, modifiers)
