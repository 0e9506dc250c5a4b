"""The draft orders of a call: shared by order-select and order-sign."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from hooks.clinical.facts import Missing, Order, Why
from hooks.evaluate import (
    answer_to,
    genes_for,
    measures_for,
    medications,
    read_chart,
    read_facts,
)
from hooks.knowledge import Knowledge
from hooks.queries import (
    consents_query,
    filled,
    medication_reads,
    medications_query,
    needed,
)
from hooks.reading.charts import day_of
from hooks.reading.consents import any_restricted
from hooks.reading.medications import (
    active_medications,
    active_requests,
    medication_statements,
    past_requests,
)
from hooks.reading.orders import Medicine, medication_requests, medications_in, medicine, order
from hooks.reading.resources import Resource, is_of_patient, reference
from hooks.service import Answers, Context, Decision, decision
from hooks.suggestions import Situation

Requests = list[Resource]
MEDICINES = {
    "medications": active_requests,
    "statements": medication_statements,
    "past-medications": past_requests,
}


def own_drafts(context: Context) -> Requests:
    """The medication drafts that are about the patient in context; they come with the request.

    One that says not to give the drug is no order of it.
    """
    requests = medication_requests(context.get("draftOrders"))
    patient = _patient(context)
    return [
        request
        for request in requests
        if is_of_patient(request, patient, "prefetch") and request.get("doNotPerform") is not True
    ]


def read_orders(
    requests: Iterable[Resource], context: Context, answers: Answers, knowledge: Knowledge
) -> list[Order | Missing]:
    """The orders that *requests* make, or why one cannot be told."""
    known = {**medications_in(context.get("draftOrders")), **medications(answers)}
    return [order(request, known, knowledge.drug_tables) for request in requests]


def draft_needs(
    requests: Requests, context: Context, answers: Answers, knowledge: Knowledge
) -> dict[str, str]:
    """What judging *requests* takes: their medications first, then what the drugs' rules need."""
    known = {**medications_in(context.get("draftOrders")), **medications(answers)}
    found = [medicine(request, known, knowledge.drug_tables) for request in requests]
    drugs = [drug for each in found if isinstance(each, Medicine) for drug in each.drugs]
    wanted = rule_needs(drugs, context, answers, knowledge)
    beside = own_drafts(context) if "medications" in wanted else requests
    return {**medication_reads(beside, known), **wanted}


def rule_needs(
    drugs: Iterable[str], context: Context, answers: Answers, knowledge: Knowledge
) -> dict[str, str]:
    """What the rules of *drugs* need, and the Medications that active orders only refer to."""
    listed = list(drugs)
    asked: dict[str, str] = {}
    if any(knowledge.inhibits(drug) for drug in listed):
        asked = medications_query(knowledge)
        listed += _changed_drugs(context, answers, knowledge)
    wanted = filled(asked | needed(listed, knowledge), _patient(context))
    if "medications" in wanted:
        wanted |= referred_medications(context, answers)
    return wanted | needed_consents(context, answers, knowledge)


def needed_consents(context: Context, answers: Answers, knowledge: Knowledge) -> dict[str, str]:
    """The consents, once something was met that may be used only with leave."""
    if knowledge.restrictions.use == "never" or not any_restricted(answers):
        return {}
    return filled(consents_query(knowledge), _patient(context))


def _changed_drugs(context: Context, answers: Answers, knowledge: Knowledge) -> list[str]:
    """The drugs taken or drafted whose advice an inhibitor may change."""
    taken = active_medications(
        answer_to(answers, "medications"),
        _patient(context),
        medications(answers),
        knowledge.drug_tables,
    )
    drafted = read_orders(own_drafts(context), context, answers, knowledge)
    orders = (*(() if isinstance(taken, Missing) else taken), *drafted)
    drugs = [drug for order in orders if isinstance(order, Order) for drug in order.drugs]
    return [
        drug
        for drug in drugs
        if any(rule.adjusts or rule.inhibited for rule in knowledge.rules_for(drug))
    ]


def referred_medications(context: Context, answers: Answers) -> dict[str, str]:
    """A read for each Medication that the medicines in *answers* only refer to."""
    wanted: dict[str, str] = {}
    for key, medicines in MEDICINES.items():
        answer = answer_to(answers, key)
        if not isinstance(answer, Missing):
            known = {**medications_in(answer.resource), **medications(answers)}
            wanted |= medication_reads(medicines(answer, _patient(context)), known)
    return wanted


def decide_drafts(
    requests: Requests,
    context: Context,
    answers: Answers,
    knowledge: Knowledge,
    today: date,
    hook: str,
) -> Decision:
    """Judge *requests*, each with its draft at hand for suggestions."""
    situations = _situations(requests, context, day_of(today))
    orders = read_orders(requests, context, answers, knowledge)
    judged = tuple(orders)
    strange = len(list(medication_requests(context.get("draftOrders")))) - len(own_drafts(context))
    if strange:
        detail = "a draft that is not about the patient in context was left out"
        orders.append(Missing("draft order", Why.UNREADABLE, detail))
    known = [order for order in orders if isinstance(order, Order)]
    genes = genes_for(known, knowledge)
    inhibits = any(knowledge.inhibits(drug) for order in known for drug in order.drugs)
    ours = any(knowledge.biomarkers_for(drug) for order in known for drug in order.drugs)
    if not genes and not inhibits and not ours:
        return Decision(remarks=tuple(order for order in orders if isinstance(order, Missing)))
    patient = _patient(context)
    wanted = (None, None) if inhibits else (genes, measures_for(known, knowledge))
    facts = read_facts(answers, patient, knowledge, today, *wanted)
    chosen = {id(request) for request in requests}
    others = [request for request in own_drafts(context) if id(request) not in chosen]
    unselected = read_orders(others, context, answers, knowledge)
    drafts = (*known, *(order for order in unselected if isinstance(order, Order)))
    facts = replace(facts, drafts=drafts, undrafted=_undrafted((*judged, *unselected)))
    charts = read_chart(answers, patient, knowledge, today, facts)
    return decision(orders, situations, facts, knowledge, hook, charts=charts)


def _undrafted(orders: Iterable[Order | Missing]) -> Missing | None:
    """That one of *orders* may be of any drug, because its medication could not be had."""
    lost = (each for each in orders if isinstance(each, Missing) and each.why is Why.NOT_FETCHED)
    gap = next(lost, None)
    return gap and Missing("draft orders", gap.why, "the medication of a draft is not at hand")


def _situations(requests: Requests, context: Context, today: date) -> dict[str, Situation]:
    """The situation of each draft; one whose reference is not its own has no draft to change."""
    named = Counter(
        reference(request) for request in medication_requests(context.get("draftOrders"))
    )
    found: dict[str, Situation] = {}
    for request in requests:
        name = reference(request)
        own = named[name] == 1 and not name.endswith("?")
        found[name] = Situation(_patient(context), today, request if own else None)
    return found


def _patient(context: Context) -> str:
    return str(context["patientId"])
