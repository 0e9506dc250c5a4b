"""What the patient takes and took: medication orders and statements."""

from collections.abc import Iterator, Mapping

from hooks.clinical.codes import DrugTables
from hooks.clinical.facts import Missing, Order, Why
from hooks.reading.orders import medication_requests, medications_in, order
from hooks.reading.resources import Answer, Resource, as_text, entries, is_of_patient

ENDED = frozenset({"stopped", "completed"})


def active_requests(answer: Answer, patient_id: str) -> Iterator[Resource]:
    """The patient's active medication orders in *answer*, if there is one."""
    if isinstance(answer, Missing):
        return
    for request in medication_requests(answer.resource):
        mine = is_of_patient(request, patient_id, answer.source)
        if mine and _status(request) == "active" and not request.get("doNotPerform"):
            yield request


def past_requests(answer: Answer, patient_id: str) -> Iterator[Resource]:
    """The patient's medication orders in *answer* that were stopped or completed."""
    if isinstance(answer, Missing):
        return
    for request in medication_requests(answer.resource):
        if is_of_patient(request, patient_id, answer.source) and _status(request) in ENDED:
            yield request


def active_statements(answer: Answer, patient_id: str) -> Iterator[Resource]:
    """The patient's statements in *answer* that something is taken."""
    every = medication_statements(answer, patient_id)
    return (resource for resource in every if _status(resource) == "active")


def past_statements(answer: Answer, patient_id: str) -> Iterator[Resource]:
    """The patient's statements in *answer* that something was stopped or completed."""
    every = medication_statements(answer, patient_id)
    return (resource for resource in every if _status(resource) in ENDED)


def medication_statements(answer: Answer, patient_id: str) -> Iterator[Resource]:
    """The patient's medication statements in *answer*, of any status."""
    if isinstance(answer, Missing):
        return
    for resource in entries(answer.resource, "MedicationStatement"):
        if is_of_patient(resource, patient_id, answer.source):
            yield resource


def active_medications(
    answer: Answer, patient_id: str, fetched: Mapping[str, Resource], tables: DrugTables
) -> tuple[Order, ...] | Missing:
    """The active orders of drugs that we know, or why they are not known.

    An active order whose medication could not be had makes the whole unknown: it may be any drug.
    """
    if isinstance(answer, Missing):
        return Missing("medications", Why.NOT_FETCHED, answer.detail)
    known = {**medications_in(answer.resource), **fetched}
    read = [order(request, known, tables) for request in active_requests(answer, patient_id)]
    gap = next((found for found in read if isinstance(found, Missing)), answer.remark)
    if gap is not None:
        why = gap.why if gap is answer.remark else Why.NOT_FETCHED
        return Missing("medications", why, gap.detail or "a medication is not at hand")
    return tuple(found for found in read if isinstance(found, Order) and found.drugs)


def _status(resource: Resource) -> str:
    return as_text(resource, "status")
