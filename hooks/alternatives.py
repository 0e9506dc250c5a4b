"""Which of a rule's alternatives suit this patient, and what speaks against the others."""

from dataclasses import replace

from hooks.clinical.biomarkers import speaks_against
from hooks.clinical.elements import Charts
from hooks.clinical.facts import Missing, Order, PatientFacts, Why
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import Alternative
from hooks.clinical.logic import Truth
from hooks.clinical.phenoconversion import beside
from hooks.judging import judge_data, judge_rule
from hooks.knowledge import Knowledge


def with_alternatives(
    finding: Finding, facts: PatientFacts, knowledge: Knowledge, charts: Charts | None = None
) -> Finding:
    """*finding* with the alternatives that nothing known speaks against, and why not the others.

    Checked are the patient's genes, allergies, conditions, what is taken or ordered already, and
    with *charts* the data elements that rule a drug out.
    """
    if finding.action is None or not finding.action.replace_with:
        return finding
    named = finding.action.replace_with
    against = {
        other: _against(other, finding, facts, knowledge)
        or _ruled_out(other, finding.order, knowledge, charts)
        for other in named
    }
    alternatives = tuple(other for other, reason in against.items() if not reason)
    gaps = _unchecked(alternatives, facts)
    return replace(
        finding,
        alternatives=alternatives,
        left_out=tuple((other.drug, reason) for other, reason in against.items() if reason),
        alternatives_checked=not gaps,
        missing=(*finding.missing, *(gap for gap in gaps if gap not in finding.missing)),
    )


def _unchecked(alternatives: tuple[Alternative, ...], facts: PatientFacts) -> list[Missing]:
    """What would have been needed to check *alternatives*, and is not there."""
    if not alternatives:
        return []
    named = [facts.conditions.get(name) for other in alternatives for name in other.not_if]
    asked = [facts.allergies, facts.medications, *named]
    return list(
        dict.fromkeys(
            gap for gap in asked if isinstance(gap, Missing) and gap.why is not Why.NOT_RECORDED
        )
    )


def _against(
    other: Alternative, finding: Finding, facts: PatientFacts, knowledge: Knowledge
) -> str:
    """What of all that we know of this patient speaks against *other*; empty if nothing does."""
    order = finding.order
    conditions = sorted(set(other.not_if) & (facts.recorded_conditions | order.indication))
    if conditions:
        return f"{conditions[0].replace('-', ' ')} on file"
    if isinstance(facts.allergies, frozenset) and other.drug in facts.allergies:
        return "allergy or intolerance on file"
    if any(other.drug in taken.drugs for taken in beside(order, facts)):
        return "ordered already"
    return _own_advice(other, order, facts, knowledge)


def _own_advice(other: Alternative, order: Order, facts: PatientFacts, knowledge: Knowledge) -> str:
    """What the rules of *other* itself say against it, with this patient's genes.

    A ceiling says nothing against it: the dose is the prescriber's to set, and judged once it is.
    """
    trial = Order(order.reference, (other.drug,), indication=order.indication)
    for rule in knowledge.rules_for(other.drug):
        judged = judge_rule(rule, trial, other.drug, facts, knowledge)
        advised = judged.outcome.applies is Truth.YES and not _only_limited(judged)
        if advised and judged.indicator in {"warning", "critical"}:
            return f"{' and '.join(rule.genes)} speaks against it"
    return ""


def _ruled_out(
    other: Alternative, order: Order, knowledge: Knowledge, charts: Charts | None
) -> str:
    """Which rule on data elements speaks against *other*; empty if none does."""
    if charts is None:
        return ""
    trial = Order(order.reference, (other.drug,), indication=order.indication)
    for rule in filter(speaks_against, knowledge.biomarkers_for(other.drug)):
        if judge_data(rule, trial, other.drug, charts).outcome.applies is Truth.YES:
            return rule.title[:1].lower() + rule.title[1:]
    return ""


def _only_limited(judged: Finding) -> bool:
    """Whether the advice is a greatest dose and nothing else."""
    action = judged.action
    return action is not None and action.do == "reduce-dose" and action.cap is not None
