"""Conditions and reasons to the names of conditions.csv."""

from hooks.clinical.codes import ConditionCodes
from hooks.clinical.facts import Evidence, Missing, Record, Why
from hooks.reading.resources import (
    Answer,
    Resource,
    as_dict,
    as_list,
    as_text,
    codings,
    entries,
    evidence,
    is_of_patient,
    texts,
)

ACTIVE = frozenset({"active", "recurrence", "relapse"})
REFUTED = frozenset({"refuted", "entered-in-error"})
DOUBTFUL = frozenset({"provisional", "differential", "unconfirmed"})


def condition_record(answer: Answer, patient_id: str, codes: ConditionCodes) -> Record[Evidence]:
    """The active, confirmed conditions of the problem list, by name.

    A status that is not given counts as active and confirmed. A refuted entry does not count; a
    doubtful one leaves the condition unreadable rather than absent.
    """
    if isinstance(answer, Missing):
        return Record(otherwise=answer.why, detail=answer.detail)
    found: dict[str, Evidence | Missing] = {}
    for resource in entries(answer.resource, "Condition"):
        if is_of_patient(resource, patient_id, answer.source) and _is_active(resource):
            for name in names(resource.get("code"), codes):
                if not isinstance(found.get(name), Evidence):
                    found[name] = _told(name, resource, answer.source)
    if answer.remark is not None:
        return Record(found, answer.remark.why, answer.remark.detail)
    return Record(found)


def names(concept: object, codes: ConditionCodes) -> frozenset[str]:
    """The conditions that a CodeableConcept's codes stand for, or its words where no code does."""
    coded = (codes.named(code) for code in codings(concept))
    said = (codes.called(text) for text in texts(concept)) if codes.words else ()
    return frozenset().union(*coded, *said)


def reasons(request: Resource, codes: ConditionCodes) -> frozenset[str]:
    """What an order gives as its reason, as an array or as the lone object some clients send."""
    concepts = (*as_list(request, "reasonCode"), *as_list(request, "reasonCodeableConcept"))
    return frozenset().union(*(names(concept, codes) for concept in concepts))


def _is_active(resource: Resource) -> bool:
    clinical = status_of(resource, "clinicalStatus")
    refuted = status_of(resource, "verificationStatus") in REFUTED
    return not refuted and not has_ended(resource) and (not clinical or clinical in ACTIVE)


def has_ended(resource: Resource) -> bool:
    """Whether any abatement[x] is given; DSTU2's abatementBoolean may deny it."""
    return any(
        name.startswith("abatement") and value is not False for name, value in resource.items()
    )


def _told(name: str, resource: Resource, source: str) -> Evidence | Missing:
    if status_of(resource, "verificationStatus") in DOUBTFUL:
        return Missing(name, Why.UNREADABLE, "the diagnosis is not confirmed")
    return evidence(resource, source)


def status_of(resource: Resource, name: str) -> str:
    """The code of a status, which R4 has as a CodeableConcept and DSTU2 as a string."""
    coded = as_list(as_dict(resource, name), "coding")
    first = next((code for coding in coded if (code := as_text(coding, "code"))), "")
    return first or as_text(resource, name)
