"""One rule on one order, in the way that the rule is made."""

from hooks.clinical.biomarkers import BiomarkerRule, judge_biomarker
from hooks.clinical.dose_findings import judge_dose
from hooks.clinical.elements import Charts
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


def judge_data(rule: BiomarkerRule, order: Order, drug: str, charts: Charts) -> Finding:
    """What *rule* says of *drug* in *order*, by results that are not too old for it."""
    return judge_biomarker(rule, order, drug, charts.within(rule.ages).beside(order, drug))
