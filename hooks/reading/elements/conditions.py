"""What the problem list says: a condition now, or ever.

Only what is coded counts, and what is not recorded is taken as not so; the card says that. A code
below one of conditions.csv (a descendant in SNOMED CT) is not known to us: a site adds it there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Evidence, Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import OrderChart, OrderReader, PatientChart, Reader
from hooks.reading.conditions import ACTIVE, REFUTED, has_ended, names
from hooks.reading.resources import (
    Resource,
    as_dict,
    as_list,
    as_text,
    evidence,
    to_date,
)

QUERY = "conditions"
PAST = frozenset({"inactive", "resolved", "remission"})
CONFIRMED = "confirmed"
UNSURE = "the diagnosis is not confirmed, or its status is not known"
NO_CODE = "no code is known for it, so it cannot be looked up"
DATES = ("recordedDate", "dateRecorded", "onsetDateTime")
DERIVED = {"cond_squamous": "squamous-nsclc", "has_lymphoma": "lymphoma", "has_mds": "mds"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the problem list: whether the patient has it now, and had it ever."""

    now: Truth
    ever: Truth
    evidence: Evidence


def entries_of(chart: PatientChart, name: str) -> list[Entry]:
    """The entries for the condition *name*; refuted ones are none."""
    found = chart.once(names, lambda: _by_name(chart)).get(name, ())
    return [
        _entry(resource, chart.source(QUERY))
        for resource in found
        if _codes(resource, "verificationStatus").isdisjoint(REFUTED)
    ]


def _by_name(chart: PatientChart) -> Mapping[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for resource in chart.resources(QUERY, "Condition"):
        for name in names(resource.get("code"), chart.tables.conditions):
            found.setdefault(name, []).append(resource)
    return found


def cond(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the condition is active and confirmed."""
    return has(chart, term.about)


def hist(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the condition is confirmed, be it active or past."""
    return history(chart, term.about)


def has(chart: PatientChart, name: str) -> Known | Missing:
    """Whether the condition *name* is active and confirmed.

    One that is confirmed and past is none, and the card shows where that was read.
    """
    return _told(chart, name, [(entry.now, entry) for entry in entries_of(chart, name)])


def history(chart: PatientChart, name: str) -> Known | Missing:
    """Whether the condition *name* is confirmed, be it active or past."""
    return _told(chart, name, [(entry.ever, entry) for entry in entries_of(chart, name)])


def derived(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether the condition is active that *term* stands for."""
    return has(chart, DERIVED[term.name])


def _told(chart: PatientChart, name: str, entries: list[tuple[Truth, Entry]]) -> Known | Missing:
    proof = [entry for truth, entry in entries if truth is Truth.YES]
    if proof:
        return _known(Truth.YES, "on file", proof)
    if name not in chart.tables.conditions.names:
        return Missing(name, Why.NOT_FETCHED, NO_CODE)
    gap = chart.gap(QUERY, name)
    if gap is not None:
        return gap
    if any(truth is Truth.UNKNOWN for truth, _ in entries):
        return Missing(name, Why.UNREADABLE, UNSURE)
    past = [entry for _, entry in entries]
    return _known(Truth.NO, "in the past", past) if past else Known(Truth.NO)


def _known(truth: Truth, shown: str, entries: list[Entry]) -> Known:
    return Known(truth, shown, tuple(dict.fromkeys(entry.evidence for entry in entries)))


def _entry(resource: Resource, source: str) -> Entry:
    """A status that is not given counts as active and as confirmed; one unknown to us as neither.

    An end, whatever the status, makes it past.
    """
    verified = _codes(resource, "verificationStatus")
    ever = Truth.YES if not verified or CONFIRMED in verified else Truth.UNKNOWN
    days = (to_date(as_text(resource, name)) for name in DATES)
    on = next((day for day in days if day is not None), None)
    return Entry(_now(resource) & ever, ever, replace(evidence(resource, source), on=on))


def _now(resource: Resource) -> Truth:
    clinical = _codes(resource, "clinicalStatus")
    if has_ended(resource) or (clinical & PAST and clinical.isdisjoint(ACTIVE)):
        return Truth.NO
    if not clinical or (clinical & ACTIVE and clinical.isdisjoint(PAST)):
        return Truth.YES
    return Truth.UNKNOWN


def _codes(resource: Resource, name: str) -> frozenset[str]:
    """The codes of a status, and its text: a CodeableConcept in R4, a string in DSTU2."""
    concept = as_dict(resource, name)
    told = [as_text(coding, "code") for coding in as_list(concept, "coding")]
    told += [as_text(concept, "text"), as_text(resource, name)]
    return frozenset(text.casefold() for text in told if text)


def _or_reason(chart: OrderChart, name: str, looked: Known | Missing) -> Known | Missing:
    """*looked*, but YES where the order itself gives the condition *name* as its reason."""
    if name not in chart.order.indication:
        return looked
    if isinstance(looked, Known) and looked.value is Truth.YES:
        return looked
    label = chart.patient.tables.conditions.labels.get(name, name)
    return Known(Truth.YES, "the order's reason", note=f"{label} is the reason of this order")


def recorded_or_reason(chart: OrderChart, term: Term) -> Known | Missing:
    """The condition as it is recorded, or as the order's own reasonCode names it."""
    return _or_reason(chart, term.about, chart.patient.look(term))


def derived_or_reason(chart: OrderChart, term: Term) -> Known | Missing:
    """The same of a condition that has a term of its own."""
    return _or_reason(chart, DERIVED[term.name], chart.patient.look(term))


READERS: dict[str, Reader] = {"cond": cond, "hist": hist, **dict.fromkeys(DERIVED, derived)}
ORDER_READERS: dict[str, OrderReader] = {
    **dict.fromkeys(("cond", "hist"), recorded_or_reason),
    **dict.fromkeys(DERIVED, derived_or_reason),
}
