"""What the chart asks of a FHIR server: through the guarded client, with reasons in words."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import g

from app.fhir.deadline import Deadline
from app.fhir.exchange import Limits
from app.fhir.gather import gather
from app.fhir.server import FhirServer
from app.runtime import runtime
from app.security.fhir_servers import allowed
from app.tracing import traced
from hooks.clinical.facts import Missing
from hooks.evaluate import medications
from hooks.queries import COUNT, filled, medication_reads, templates
from hooks.reading.medications import active_requests
from hooks.reading.orders import medications_in
from hooks.reading.resources import Answer

CHART_MS = 4_000  # a chart may take longer than an alert
LISTED = 50  # patients, of a server that may hold any number
PATIENTS = f"Patient?_count={LISTED}"


class NotListed(LookupError):
    """The FHIR server is not one of the allow-list."""


def listed_server(base: str) -> str:
    """*base* as it stands on the allow-list; raises NotListed."""
    found = allowed(base, g.client.fhir_servers)
    if isinstance(found, Missing):
        raise NotListed
    return found


def patients(base: str) -> Answer:
    """The first patients that the server lists; a remark if there are more."""
    deadline = Deadline.in_ms(CHART_MS)
    server = _server(base, "", deadline)
    if isinstance(server, FhirServer):
        server = replace(server, limits=Limits(max_pages=1))
    pool = runtime().fhir.pool_for(server)
    return gather({"patients": PATIENTS}, {}, server, pool, deadline)["patients"]


def chart_answers(base: str, patient: str) -> dict[str, Answer]:
    """The answers that a chart is read from; `Medication/id` of those that orders refer to."""
    deadline = Deadline.in_ms(CHART_MS)
    server = _server(base, patient, deadline)
    pool = runtime().fhir.pool_for(server)
    answers = gather(_queries(patient), {}, server, pool, deadline)
    reads = _medications(answers, patient)
    return answers | (gather(reads, {}, server, pool, deadline) if reads else {})


def _queries(patient: str) -> Mapping[str, str]:
    """The genotypes as the service asks for them; all observations as the results."""
    known = templates(runtime().knowledge_of(g.client))
    template = "{{context.patientId}}"
    asked = {
        "patient": f"Patient/{template}",
        "conditions": f"Condition?patient={template}&_count={COUNT}",
        "medications": f"MedicationRequest?patient={template}&status=active&_count={COUNT}",
        "results": f"Observation?patient={template}&_count={COUNT}",
        "genotypes": known["genotypes"],
    }
    return filled(asked, patient)


def _medications(answers: Mapping[str, Answer], patient: str) -> dict[str, str]:
    answer = answers["medications"]
    if isinstance(answer, Missing):
        return {}
    known = medications_in(answer.resource) | medications(answers)
    return medication_reads(active_requests(answer, patient), known)


def _server(base: str, patient: str, deadline: Deadline) -> FhirServer | Missing:
    hook: dict[str, Any] = {"context": {"patientId": patient}}
    return traced(runtime().fhir.server(base, g.client, hook, deadline))
