"""The Patient resource to sex and birth date; AllergyIntolerances to drugs."""

from collections.abc import Mapping
from datetime import date

from hooks.clinical.codes import Code, DrugNames
from hooks.clinical.facts import Missing, Why
from hooks.reading.conditions import REFUTED, status_of
from hooks.reading.drug_names import drugs_in
from hooks.reading.resources import (
    Answer,
    Resource,
    as_dict,
    as_list,
    as_text,
    codings,
    entries,
    is_of_patient,
    texts,
    to_date,
)

CLINICAL_SEX = "http://hl7.org/fhir/StructureDefinition/patient-sexParameterForClinicalUse"
CLINICAL = {"male-typical": "male", "female-typical": "female"}


def patient(answer: Answer, patient_id: str) -> Resource | Missing:
    """The Patient in context, or why there is none; another patient's resource is none."""
    if isinstance(answer, Missing):
        return Missing("patient", answer.why, answer.detail)
    resource = answer.resource or {}
    one = [resource] if as_text(resource, "resourceType") == "Patient" else []
    for each in (*one, *entries(resource, "Patient")):
        if as_text(each, "id") == patient_id:
            return each
    return Missing("patient", Why.NOT_RECORDED, "no Patient with the id in context")


def sex(resource: Resource | Missing) -> str | Missing:
    """`male` or `female`: the sex parameter for clinical use if there is one, else the gender.

    A parameter that is neither, or two that differ, leave it missing.
    """
    if isinstance(resource, Missing):
        return Missing("sex", resource.why, resource.detail)
    told = _clinical_sexes(resource)
    if len(told) > 1:
        return Missing("sex", Why.CONFLICTING, "two sex parameters for clinical use differ")
    gender = next(iter(told), as_text(resource, "gender"))
    if gender in {"male", "female"}:
        return gender
    named = "sex parameter for clinical use" if told else "gender"
    return Missing("sex", Why.NOT_RECORDED, f"the {named} is neither male nor female")


def _clinical_sexes(resource: Resource) -> set[str]:
    """What the sex parameters for clinical use say that have not ended; empty without any."""
    found = set()
    for extension in as_list(resource, "extension"):
        if as_text(extension, "url") == CLINICAL_SEX:
            parts = as_list(extension, "extension")
            values = [as_dict(p, "valueCodeableConcept") for p in parts if _is(p, "value")]
            periods = [as_dict(p, "valuePeriod") for p in parts if _is(p, "period")]
            if not any("end" in period for period in periods):
                codes = {as_text(c, "code") for each in values for c in as_list(each, "coding")}
                found.add(" ".join(sorted({CLINICAL.get(code, code) for code in codes})))
    return found


def _is(part: object, url: str) -> bool:
    return as_text(part, "url") == url


def birth_date(resource: Resource | Missing) -> date | Missing:
    """The full birth date; a partial one is unreadable."""
    if isinstance(resource, Missing):
        return Missing("birth date", resource.why, resource.detail)
    text = as_text(resource, "birthDate")
    if not text:
        return Missing("birth date", Why.NOT_RECORDED)
    day = to_date(text)
    return day if day is not None else Missing("birth date", Why.UNREADABLE, "not a full date")


def allergies(
    answer: Answer,
    patient_id: str,
    codes: Mapping[Code, tuple[str, ...]],
    words: DrugNames,
) -> frozenset[str] | Missing:
    """The drugs of ours that an allergy or intolerance is recorded for, unless refuted."""
    if isinstance(answer, Missing):
        return Missing("allergies", Why.NOT_FETCHED, answer.detail)
    found: set[str] = set()
    for resource in entries(answer.resource, "AllergyIntolerance"):
        if is_of_patient(resource, patient_id, answer.source) and not _refuted(resource):
            for concept in _substances(resource):
                found.update(*(codes.get(code, ()) for code in codings(concept)))
                found.update(*(drugs_in(text, words) for text in texts(concept)))
    if answer.remark is not None:
        return Missing("allergies", answer.remark.why, answer.remark.detail)
    return frozenset(found)


def _substances(resource: Resource) -> list[Resource]:
    """What the allergy is to: R4's code and reactions, DSTU2's substance."""
    reactions = as_list(resource, "reaction")
    named = [as_dict(resource, "code"), as_dict(resource, "substance")]
    return named + [as_dict(reaction, "substance") for reaction in reactions]


def _refuted(resource: Resource) -> bool:
    """By R4's verification status, or by DSTU2's one status."""
    return (
        status_of(resource, "verificationStatus") in REFUTED
        or as_text(resource, "status") in REFUTED
    )
