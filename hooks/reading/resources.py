"""Safe steps through FHIR JSON: whatever its shape, nothing here raises."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from hooks.clinical.facts import Evidence, Missing

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a query brought: a Bundle or a resource (or None: looked for, and nothing there).

    *source* says where it was read: the base URL of a FHIR server, or "prefetch".
    *remark* tells what of it is missing, if the answer is not complete.
    """

    resource: Resource | None
    source: str = "prefetch"
    remark: Missing | None = None


Answer = Fetched | Missing

SYSTEMS = {
    "http://loinc.org": "loinc",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "http://www.whocc.no/atc": "atc",
    "http://snomed.info/sct": "snomed",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm",
    "http://hl7.org/fhir/sid/icd-10": "icd10cm",
    "http://www.genenames.org": "hgnc",
    "http://www.genenames.org/geneId": "hgnc",
    "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs": "genomics-tbd",
    "http://terminology.hl7.org/CodeSystem/sequence-phase-relationship-cs": "phase",
    "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/SequencePhaseRelationshipCS": "phase",
    "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation": "interpretation",
    "http://www.ncbi.nlm.nih.gov/projects/SNP": "dbsnp",
    "http://www.ncbi.nlm.nih.gov/snp": "dbsnp",
    "http://hl7.org/fhir/v3/ObservationInterpretation": "interpretation",
    "http://hl7.org/fhir/v2/0078": "interpretation",
    "http://terminology.hl7.org/CodeSystem/v2-0078": "interpretation",
}
URIS = {short: uri for uri, short in reversed(SYSTEMS.items())}
DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?=T|\Z)")
ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
REFERENCE = re.compile(
    r"(?:\A|/)(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?\Z"
)


def as_list(element: object, name: str) -> list[Any]:
    """The items at *name*; a lone object counts as a list of one, as some clients send it."""
    value = element.get(name) if isinstance(element, dict) else None
    if isinstance(value, dict):
        return [value]
    return value if isinstance(value, list) else []


def as_dict(element: object, name: str) -> Resource:
    """The object at *name*; the first one if a list stands there."""
    value = element.get(name) if isinstance(element, dict) else None
    if isinstance(value, list):
        value = next(iter(value), None)
    return value if isinstance(value, dict) else {}


def as_text(element: object, name: str) -> str:
    """The string at *name*, or an empty one."""
    value = element.get(name) if isinstance(element, dict) else None
    return value if isinstance(value, str) else ""


def entries(bundle: object, resource_type: str) -> Iterator[Resource]:
    """The resources of one type in *bundle*, whatever else is broken in it."""
    for entry in as_list(bundle, "entry"):
        resource = entry.get("resource") if type(entry) is dict else None
        if type(resource) is not dict:  # a list, as some clients send, or nothing to read
            resource = as_dict(entry, "resource")
        if resource.get("resourceType") == resource_type:
            yield resource


def codings(concept: object) -> Iterator[tuple[str, str]]:
    """The codes of a CodeableConcept, as (our short system name, code)."""
    for coding in as_list(concept, "coding"):
        if not isinstance(coding, dict):
            continue
        system, code = coding.get("system"), coding.get("code")
        if not isinstance(system, str) or not isinstance(code, str):
            continue
        short = SYSTEMS.get(system) or SYSTEMS.get(system.rstrip("/"))
        if short and (stripped := code.strip()):
            yield short, stripped


def filed_under(part: object) -> Iterator[tuple[str, str]]:
    """The codes of an Observation or component; a system without a short name keeps its URI.

    So a site can file a result under a code of its own.
    """
    for coding in as_list(as_dict(part, "code"), "coding"):
        system, code = as_text(coding, "system"), as_text(coding, "code").strip()
        if system and code:
            yield SYSTEMS.get(system) or SYSTEMS.get(system.rstrip("/"), system), code


def texts(concept: object) -> list[str]:
    """What a CodeableConcept says in words: displays, then text, then bare codes."""
    coded = [coding for coding in as_list(concept, "coding") if isinstance(coding, dict)]
    found = [as_text(coding, "display") for coding in coded]
    found += [as_text(concept, "text"), *(as_text(coding, "code") for coding in coded)]
    return [text for text in dict.fromkeys(found) if text.strip()]


def reference(resource: Resource) -> str:
    """`Type/id` of *resource*, with `?` for an id that is not one."""
    identifier = as_text(resource, "id")
    kind = as_text(resource, "resourceType") or "Resource"
    return f"{kind}/{identifier if ID.fullmatch(identifier) else '?'}"


def relative(url: str) -> str:
    """The `Type/id` at the end of a reference, without version; empty if there is none."""
    match = REFERENCE.search(url)
    return f"{match['type']}/{match['id']}" if match else ""


def is_of_patient(resource: Resource, patient_id: str, source: str) -> bool:
    """Whether *resource* is about the patient in context, on the server it was read from.

    A resource without any subject is taken to be: it came as an answer to a query for the patient.
    """
    subject = as_dict(resource, "subject") or as_dict(resource, "patient")
    if not subject and "subject" not in resource and "patient" not in resource:
        return True
    url = as_text(subject, "reference")
    if url == f"Patient/{patient_id}":
        return True
    if relative(url) != f"Patient/{patient_id}":
        return False
    base = url[: url.rfind("Patient/")].rstrip("/")
    return not base or source == "prefetch" or base == source.rstrip("/")


def dated(resource: Resource) -> date | None:
    """The clinical date of *resource*: when it was true, else when it was issued or written."""
    period = resource.get("effectivePeriod")
    for part, name in ((resource, "effectiveDateTime"), (period, "end"), (period, "start")):
        if (day := to_date(as_text(part, name))) is not None:
            return day
    for name in ("effectiveInstant", "issued", "authoredOn", "dateWritten"):
        if (day := to_date(as_text(resource, name))) is not None:
            return day
    return None


def to_date(text: str) -> date | None:
    """The day of a FHIR date, dateTime or instant; None for a partial or broken one."""
    match = DATE.match(text)
    if match is None:
        return None
    try:
        return date.fromisoformat(match.group())
    except ValueError:
        return None


def performer(resource: Resource) -> str:
    """Who performed *resource*: display, else reference or identifier; empty if not told."""
    first = as_dict(resource, "performer")
    told = (as_text(first, "display"), as_text(first, "reference"))
    identifier = as_text(as_dict(first, "identifier"), "value")
    return next((text for text in (*told, identifier) if text), "")


def evidence(resource: Resource, source: str) -> Evidence:
    """Where a fact was read from."""
    return Evidence(reference(resource), dated(resource), performer(resource), source)
