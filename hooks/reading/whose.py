"""Whose genes a result tells: the patient's, or those of a donor, a child to be born, a relative.

A result of the patient's own record that is not of the patient's own genes is told, never used.
"""

import re
from dataclasses import dataclass
from datetime import date

from hooks.clinical.codes import ConditionCodes
from hooks.clinical.facts import Missing
from hooks.clinical.genes import Gene
from hooks.reading.conditions import REFUTED, names, status_of
from hooks.reading.resources import (
    Answer,
    Resource,
    as_dict,
    as_list,
    as_text,
    entries,
    is_of_patient,
    relative,
    texts,
    to_date,
)

ORGANS = {"stem-cell-transplant": "blood", "liver-transplant": "liver"}  # conditions.csv -> organ
NOT_THE_PATIENTS = re.compile(r"\b(?:f(?:o)?et(?:al|us)|amnio\w*|chorionic|donor)\b", re.IGNORECASE)
OWN_CELLS = re.compile(r"\bhair\b", re.IGNORECASE)  # blood the donor's, mouth mixed: PMID 22402873


@dataclass(frozen=True, slots=True)
class Transplant:
    """A donor's *organ* in the patient, since *on*; None where the day is not told."""

    organ: str
    on: date | None = None


def transplants(answer: Answer, patient_id: str, codes: ConditionCodes) -> tuple[Transplant, ...]:
    """The transplants that conditions tell of, over or not; a doubtful one counts as well.

    The day on which a condition was written down is not the day of the transplant.
    """
    if isinstance(answer, Missing):
        return ()
    found: list[Transplant] = []
    for resource in entries(answer.resource, "Condition"):
        if not is_of_patient(resource, patient_id, answer.source):
            continue
        if status_of(resource, "verificationStatus") not in REFUTED:
            organs = {ORGANS[name] for name in names(resource.get("code"), codes) & ORGANS.keys()}
            found += [Transplant(organ, _begun(resource)) for organ in organs]
    return tuple(found)


def not_of_patient(focus: tuple[str, ...], specimen: str, patient_id: str) -> str:
    """Why a result on the patient's record is not on the patient; empty if it is."""
    if any(target != f"Patient/{patient_id}" for target in focus):
        return "is about somebody else than the patient"
    if NOT_THE_PATIENTS.search(specimen):
        return "was made from a specimen that is not the patient's own"
    return ""


def spoiled(gene: Gene, on: date | None, specimen: str, received: tuple[Transplant, ...]) -> str:
    """Why a result of *gene* does not tell what acts in the patient now; empty if it does.

    A donor's liver acts by the donor's genes, whatever the patient's are (PMID 18070218). A
    donor's blood shows in blood and mouth; a result that is older, or from hair, is the
    patient's own and holds for organs that are. Where a gene acts is told in its file; if not, any
    transplant leaves it open.
    """
    for transplant in received:
        if not gene.acts_in or transplant.organ in gene.acts_in:
            return f"does not tell how the donor's {transplant.organ} acts after a transplant"
        older = on is not None and transplant.on is not None and on < transplant.on
        if transplant.organ == "blood" and not older and not OWN_CELLS.search(specimen):
            return "may be of the donor's genes: there was a stem-cell transplant"
    return ""


def focus_of(resource: Resource) -> tuple[str, ...]:
    """What a result is about if not its subject; `?` for what cannot be told."""
    targets = as_list(resource, "focus")
    return tuple(relative(as_text(target, "reference")) or "?" for target in targets)


def specimen_of(resource: Resource) -> str:
    """What is told of the specimen: how it is called, and its type if it is contained."""
    element = as_dict(resource, "specimen")
    if not element:
        return ""
    inside = [
        word
        for each in as_list(resource, "contained")
        if f"#{as_text(each, 'id')}" == as_text(element, "reference")
        for name in ("type", "bodySite")
        for word in texts(as_dict(each, name))
    ]
    return " ".join([as_text(element, "display"), *inside])


def _begun(resource: Resource) -> date | None:
    """The day on which the condition began, if it is told to the day."""
    period = as_text(as_dict(resource, "onsetPeriod"), "start")
    return to_date(as_text(resource, "onsetDateTime") or period)
