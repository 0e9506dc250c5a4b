"""The draft orders of a call: shared by order-select and order-sign."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from hooks.clinical.facts import Missing, Order, Why
from hooks.evaluate import answer_to, genes_for, medications, read_facts
from hooks.knowledge import Knowledge
from hooks.queries import filled, medication_reads, needed
from hooks.reading.medications import active_requests
from hooks.reading.orders import Medicine, medication_requests, medications_in, medicine, order
from hooks.reading.resources import Resource, is_of_patient, reference
from hooks.service import Answers, Context, Decision, decision
from hooks.suggestions import Situation

Requests = list[Resource]


def own_drafts(context: Context) -> Requests:
    """The medication drafts that are about the patient in context; they come with the request."""
    requests = medication_requests(context["draftOrders"])
    patient = _patient(context)
    return [request for request in requests if is_of_patient(request, patient, "prefetch")]


def read_orders(
    requests: Iterable[Resource], context: Context, answers: Answers, knowledge: Knowledge
) -> list[Order | Missing]:
    """The orders that *requests* make, or why one cannot be told."""
    known = {**medications_in(context["draftOrders"]), **medications(answers)}
    return [order(request, known, knowledge.drug_tables) for request in requests]


def draft_needs(
    requests: Requests, context: Context, answers: Answers, knowledge: Knowledge
) -> dict[str, str]:
    """What judging *requests* takes: their medications first, then what the drugs' rules need."""
    known = {**medications_in(context["draftOrders"]), **medications(answers)}
    found = [medicine(request, known, knowledge.drug_tables) for request in requests]
    drugs = [drug for each in found if isinstance(each, Medicine) for drug in each.drugs]
    return {
        **medication_reads(requests, known),
        **rule_needs(drugs, context, answers, knowledge),
    }


def rule_needs(
    drugs: Iterable[str], context: Context, answers: Answers, knowledge: Knowledge
) -> dict[str, str]:
    """What the rules of *drugs* need, and the Medications that active orders only refer to."""
    wanted = filled(needed(drugs, knowledge), _patient(context))
    if "medications" in wanted:
        wanted |= referred_medications(context, answers)
    return wanted


def referred_medications(context: Context, answers: Answers) -> dict[str, str]:
    """A read for each Medication that the active orders in *answers* only refer to."""
    answer = answer_to(answers, "medications")
    if isinstance(answer, Missing):
        return {}
    known = {**medications_in(answer.resource), **medications(answers)}
    return medication_reads(active_requests(answer, _patient(context)), known)


def decide_drafts(
    requests: Requests, context: Context, answers: Answers, knowledge: Knowledge, today: date
) -> Decision:
    """Judge *requests*, each with its draft at hand for suggestions."""
    situations = _situations(requests, context, today)
    orders = read_orders(requests, context, answers, knowledge)
    strange = len(list(medication_requests(context["draftOrders"]))) - len(own_drafts(context))
    if strange:
        detail = "a draft that is not about the patient in context was left out"
        orders.append(Missing("draft order", Why.UNREADABLE, detail))
    genes = genes_for([order for order in orders if isinstance(order, Order)], knowledge)
    if not genes:
        return Decision(remarks=tuple(order for order in orders if isinstance(order, Missing)))
    facts = read_facts(answers, _patient(context), knowledge, today, genes)
    return decision(orders, situations, facts, knowledge)


def _situations(requests: Requests, context: Context, today: date) -> dict[str, Situation]:
    """The situation of each draft; one whose reference is not its own has no draft to change."""
    named = Counter(reference(request) for request in medication_requests(context["draftOrders"]))
    found: dict[str, Situation] = {}
    for request in requests:
        name = reference(request)
        own = named[name] == 1 and not name.endswith("?")
        found[name] = Situation(_patient(context), today, request if own else None)
    return found


def _patient(context: Context) -> str:
    return str(context["patientId"])
