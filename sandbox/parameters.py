"""The search parameters this server understands, for each resource type (FHIR R4 names)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from sandbox.records import Resource


class Kind(Enum):
    """How a value is compared."""

    TOKEN = "token"  # noqa: S105 (FHIR's word for a coded value)
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """A parameter and the elements it looks at; dots step into lists and objects alike."""

    name: str
    kind: Kind
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Searchable:
    """What may be asked of a resource type; *dates* are its elements for `_sort=date`."""

    parameters: Mapping[str, SearchParameter]
    dates: tuple[str, ...] = ()


def _searchable(*parameters: SearchParameter, dates: tuple[str, ...] = ()) -> Searchable:
    named = {parameter.name: parameter for parameter in (_ID, *parameters)}
    return Searchable(named, dates)


def _token(name: str, *paths: str) -> SearchParameter:
    return SearchParameter(name, Kind.TOKEN, paths or (name,))


def _reference(name: str, *paths: str) -> SearchParameter:
    return SearchParameter(name, Kind.REFERENCE, paths)


_ID = _token("_id", "id")
_STATUS = _token("status")
_CODE = _token("code")
_CATEGORY = _token("category")
_CLINICAL_STATUS = _token("clinical-status", "clinicalStatus")
_VERIFICATION_STATUS = _token("verification-status", "verificationStatus")
_MEDICATION_CODE = _token("code", "medicationCodeableConcept")
_SUBJECT = (_reference("patient", "subject"), _reference("subject", "subject"))
_PATIENT = _reference("patient", "patient")

RESOURCE_TYPES: Mapping[str, Searchable] = {
    "AllergyIntolerance": _searchable(
        _PATIENT,
        _CODE,
        _CATEGORY,
        _CLINICAL_STATUS,
        _VERIFICATION_STATUS,
        dates=("recordedDate", "onsetDateTime"),
    ),
    "Condition": _searchable(
        *_SUBJECT,
        _CODE,
        _CATEGORY,
        _CLINICAL_STATUS,
        _VERIFICATION_STATUS,
        dates=("recordedDate", "onsetDateTime"),
    ),
    "Device": _searchable(_PATIENT, _STATUS),
    "DiagnosticReport": _searchable(
        *_SUBJECT, _CODE, _CATEGORY, _STATUS, dates=("effectiveDateTime", "issued")
    ),
    "Encounter": _searchable(*_SUBJECT, _STATUS, _token("class")),
    "FamilyMemberHistory": _searchable(_PATIENT, _STATUS, dates=("date",)),
    "Immunization": _searchable(_PATIENT, _STATUS, dates=("occurrenceDateTime",)),
    "Medication": _searchable(_CODE, _STATUS),
    "MedicationAdministration": _searchable(*_SUBJECT, _MEDICATION_CODE, _STATUS),
    "MedicationRequest": _searchable(
        *_SUBJECT,
        _MEDICATION_CODE,
        _CATEGORY,
        _STATUS,
        _token("intent"),
        dates=("authoredOn",),
    ),
    "MedicationStatement": _searchable(
        *_SUBJECT,
        _MEDICATION_CODE,
        _CATEGORY,
        _STATUS,
        dates=("effectiveDateTime", "dateAsserted"),
    ),
    "Observation": _searchable(
        *_SUBJECT,
        _CODE,
        _token("component-code", "component.code"),
        _token("combo-code", "code", "component.code"),
        _CATEGORY,
        _STATUS,
        dates=("effectiveDateTime", "issued"),
    ),
    "Organization": _searchable(_token("identifier")),
    "Patient": _searchable(_token("identifier"), _token("gender")),
    "Practitioner": _searchable(_token("identifier")),
    "Procedure": _searchable(*_SUBJECT, _CODE, _CATEGORY, _STATUS, dates=("performedDateTime",)),
    "ServiceRequest": _searchable(*_SUBJECT, _CODE, _CATEGORY, _STATUS, dates=("authoredOn",)),
}


def elements(resource: Resource, path: str) -> Iterator[object]:
    """The elements of *resource* at *path*, those of lists one by one."""
    found: list[object] = [resource]
    for name in path.split("."):
        found = [item for element in found for item in _children(element, name)]
    return iter(found)


def _children(element: object, name: str) -> list[object]:
    if not isinstance(element, dict) or name not in element:
        return []
    value = element[name]
    return value if isinstance(value, list) else [value]
