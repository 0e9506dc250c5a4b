"""patient-view: a chart is opened; active medications are judged by what is on file."""

from dataclasses import replace
from datetime import date
from functools import partial

from hooks.clinical.biomarkers import BiomarkerRule, is_failed
from hooks.clinical.facts import Missing, Order
from hooks.clinical.findings import Finding
from hooks.drafts import needed_consents, referred_medications, rule_needs
from hooks.evaluate import (
    CHART,
    answer_to,
    evaluate_chart,
    medications,
    read_chart,
    read_facts,
)
from hooks.knowledge import Knowledge
from hooks.overview import is_due, overview, watches
from hooks.queries import chart_needs, filled, medications_query, templates
from hooks.reading.charts import day_of
from hooks.reading.medications import active_medications
from hooks.service import Answers, Context, Decision, HookService, decision
from hooks.suggestions import Situation


def needs(context: Context, answers: Answers, knowledge: Knowledge) -> dict[str, str]:
    """The medications first; then what the rules of those drugs need."""
    patient = str(context["patientId"])
    first = {**medications_query(knowledge), **chart_needs(knowledge)}
    if "medications" not in answers:
        return filled(first, patient)
    answer = answer_to(answers, "medications")
    taken = active_medications(answer, patient, medications(answers), knowledge.drug_tables)
    if isinstance(taken, Missing):
        return (
            filled(first, patient)
            | referred_medications(context, answers)
            | needed_consents(context, answers, knowledge)
        )
    drugs = [drug for order in taken for drug in order.drugs]
    return (
        filled(first, patient)
        | referred_medications(context, answers)
        | rule_needs(drugs, context, answers, knowledge)
    )


def decide(context: Context, answers: Answers, knowledge: Knowledge, today: date) -> Decision:
    """One card on the active medications that a genetic result speaks against, one on monitoring
    that is due, and one for each rule on the chart itself."""
    patient = str(context["patientId"])
    facts = read_facts(answers, patient, knowledge, today)
    orders: list[Order | Missing] = (
        [facts.medications] if isinstance(facts.medications, Missing) else latest(facts.medications)
    )
    known = [CHART, *(order for order in orders if isinstance(order, Order))]
    situations = {order.reference: Situation(patient, day_of(today)) for order in known}
    charts = read_chart(answers, patient, knowledge, today, facts)
    lost = (*(order for order in orders if isinstance(order, Missing)), *facts.remarks)
    hook, adjust = SERVICE.hook, quiet_at_opening
    return decision(
        orders,
        situations,
        facts,
        knowledge,
        hook,
        partial(overview, lost=lost),
        adjust,
        charts,
        evaluate_chart(charts, knowledge),
    )


def latest(orders: tuple[Order, ...]) -> list[Order | Missing]:
    """The newest order of each drug."""
    newest: dict[tuple[str, ...], Order] = {}
    for order in sorted(orders, key=lambda order: order.started or date.min):
        newest[order.drugs] = order
    return list(newest.values())


def quiet_at_opening(finding: Finding) -> Finding:
    """At chart opening a gene test that was never done is no news, and draws no card.

    Of the rules on data elements, those on orders tell here what of monitoring is due, or that
    nobody can say so, no more.
    """
    if isinstance(finding.rule, BiomarkerRule):
        unsure = is_failed(finding) and watches(finding)
        told = finding.order is CHART or is_due(finding) or unsure
        return finding if told else replace(finding, quiet=True)
    if finding.untested:
        return replace(finding, rule=replace(finding.rule, when_unknown="stay-silent"))
    return finding


SERVICE = HookService(
    id="rxhooks-patient-view",
    hook="patient-view",
    title="Genes and biomarkers: active medications",
    description=(
        "When a chart is opened, checks the active medications against the genotypes on file "
        "(CPIC guidelines)."
    ),
    queries=templates,
    needs=needs,
    decide=decide,
)
