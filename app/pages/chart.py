"""FHIR answers to what the chart shows. Pure.

Its rule: a part that could not be had, or not as a whole, says so; only an answered question may
show that nothing is on file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from app.pages.genes import GeneRow, gene_rows
from app.pages.results import UNNAMED, ResultRow, concept_name, result_rows
from hooks.clinical.facts import Missing
from hooks.evaluate import medications, read_facts
from hooks.knowledge import Knowledge
from hooks.reading import patients
from hooks.reading.conditions import ACTIVE, REFUTED, status_of
from hooks.reading.medications import active_requests
from hooks.reading.resources import (
    Answer,
    Resource,
    as_dict,
    as_list,
    as_text,
    dated,
    entries,
    is_of_patient,
    relative,
    to_date,
)

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Part(Generic[Row]):
    """One part of the chart; *trouble* says in words what of it could not be had."""

    rows: tuple[Row, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    """Who the chart is of; what is not known is said in its place."""

    name: str
    facts: tuple[str, ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A condition; *concept* is what an order may give as its reason."""

    name: str
    since: str
    status: str
    concept: Resource


@dataclass(frozen=True, slots=True)
class Taken:
    """An active medication order."""

    name: str
    dosage: str
    since: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the page shows of one patient."""

    banner: Banner
    problems: Part[Problem]
    medications: Part[Taken]
    results: Part[ResultRow]
    genes: Part[GeneRow]


@dataclass(frozen=True, slots=True)
class Listed:
    """A patient to choose."""

    id: str
    name: str
    born: str


def chart(
    answers: Mapping[str, Answer], patient_id: str, knowledge: Knowledge, today: date
) -> Chart:
    """The chart that *answers* make."""
    facts = read_facts(answers, patient_id, knowledge, today)
    observations = list(_own(answers["results"], "Observation", patient_id))
    genetic = list(_own(answers["genotypes"], "Observation", patient_id))
    return Chart(
        banner(answers["patient"], patient_id, today),
        Part(_problems(answers["conditions"], patient_id), trouble(answers["conditions"])),
        Part(_taken(answers, patient_id), trouble(answers["medications"])),
        Part(result_rows(observations, knowledge.result_codes), trouble(answers["results"])),
        Part(gene_rows(facts, genetic, knowledge), trouble(answers["genotypes"])),
    )


def trouble(answer: Answer) -> str:
    """Why *answer* is none, or not the whole one, in words; empty if it is whole."""
    if isinstance(answer, Missing):
        return f"Could not be read: {answer.detail or answer.why.value}."
    if answer.remark is not None:
        return f"Not complete: {answer.remark.detail or answer.remark.why.value}."
    return ""


def banner(answer: Answer, patient_id: str, today: date) -> Banner:
    """The patient's name, sex, age and id."""
    found = patients.patient(answer, patient_id)
    if isinstance(found, Missing):
        return Banner(f"Patient {patient_id}", (), trouble(answer) or "There is no such patient.")
    sex, born = patients.sex(found), patients.birth_date(found)
    said = as_text(found, "birthDate") or "birth date not known"
    age = "" if isinstance(born, Missing) else f", {_years(born, today)} years"
    told = "sex not known" if isinstance(sex, Missing) else sex
    return Banner(name_of(found), (told, f"born {said}{age}", f"id {patient_id}"), trouble(answer))


def listed(answer: Answer) -> Part[Listed]:
    """The patients of a server, by name."""
    resource = None if isinstance(answer, Missing) else answer.resource
    rows = [
        Listed(as_text(each, "id"), name_of(each), as_text(each, "birthDate"))
        for each in entries(resource, "Patient")
        if as_text(each, "id")
    ]
    return Part(tuple(sorted(rows, key=lambda row: row.name.casefold())), trouble(answer))


def name_of(patient: Resource) -> str:
    """A patient's name as it is written: text, else given names and family name."""
    name = as_dict(patient, "name")
    given = [part for part in as_list(name, "given") if isinstance(part, str)]
    whole = as_text(name, "text") or " ".join([*given, as_text(name, "family")])
    return whole.strip() or UNNAMED


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _own(answer: Answer, resource_type: str, patient_id: str) -> Iterator[Resource]:
    if isinstance(answer, Missing):
        return
    for resource in entries(answer.resource, resource_type):
        if is_of_patient(resource, patient_id, answer.source):
            yield resource


def _problems(answer: Answer, patient_id: str) -> tuple[Problem, ...]:
    """The problem list without what was refuted; what is not active says so."""
    return tuple(
        Problem(
            concept_name(as_dict(each, "code")), _since(each), _state(each), as_dict(each, "code")
        )
        for each in _own(answer, "Condition", patient_id)
        if status_of(each, "verificationStatus") not in REFUTED
    )


def _since(condition: Resource) -> str:
    day = to_date(as_text(condition, "onsetDateTime")) or to_date(
        as_text(condition, "recordedDate")
    )
    return day.isoformat() if day else ""


def _state(condition: Resource) -> str:
    clinical = status_of(condition, "clinicalStatus")
    verified = status_of(condition, "verificationStatus")
    said = ["" if clinical in ACTIVE else clinical, "" if verified == "confirmed" else verified]
    return ", ".join(filter(None, said))


def _taken(answers: Mapping[str, Answer], patient_id: str) -> tuple[Taken, ...]:
    fetched = medications(answers)
    return tuple(
        Taken(_medication(each, fetched), _dosage(each), day.isoformat() if day else "")
        for each in active_requests(answers["medications"], patient_id)
        for day in [dated(each)]
    )


def _medication(request: Resource, fetched: Mapping[str, Resource]) -> str:
    concept = as_dict(request, "medicationCodeableConcept")
    link = as_dict(request, "medicationReference")
    if concept or not link:
        return concept_name(concept)
    resource = fetched.get(relative(as_text(link, "reference")), {})
    if resource:
        return concept_name(as_dict(resource, "code"))
    return as_text(link, "display") or "a medication that could not be read"


def _dosage(request: Resource) -> str:
    """The instructions in words; a bare quantity where there are none."""
    return "; ".join(filter(None, map(_instruction, as_list(request, "dosageInstruction"))))


def _instruction(dosage: Any) -> str:
    quantity = as_dict(as_dict(dosage, "doseAndRate"), "doseQuantity")
    amount = f"{quantity.get('value', '')} {as_text(quantity, 'unit')}".strip()
    return as_text(dosage, "text") or amount
