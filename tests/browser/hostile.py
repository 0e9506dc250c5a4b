"""A sandbox FHIR server on loopback whose one patient's every word tries to be more than text."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.records import Records
from sandbox.server import create_app

SCRIPT = "<script>window.stolen=1</script>"
IMAGE = "<img src=x onerror='window.stolen=1'>"
CLOSING = "\"'></li></select><svg onload=window.stolen=1>{{ 7*7 }}${window.stolen=1}"
MARKDOWN = "**[x](javascript:window.stolen=1)** <b>bold</b>"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SUBJECT = {"subject": {"reference": "Patient/eve"}}


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """No line for each request."""


@contextmanager
def hostile_server() -> Iterator[str]:
    """Its FHIR base."""
    server = make_server(
        "127.0.0.1", 0, create_app(records()), threaded=True, request_handler=_Quiet
    )
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/fhir"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def records() -> Records:
    """Eve, a problem, a medication, results that can be plotted, and a genotype."""
    by_type: dict[str, dict[str, Any]] = {}
    for resource in (
        {"resourceType": "Patient", "id": "eve", "name": [{"text": f"Eve {SCRIPT}"}]},
        condition(),
        medication(),
        *(result(day, value) for day, value in (("2026-01-02", 1.5), ("2026-03-04", 2.5))),
        text_result(),
        genotype(),
    ):
        by_type.setdefault(resource["resourceType"], {})[resource["id"]] = resource
    return Records(by_type)


def condition() -> dict[str, Any]:
    code = {"text": CLOSING, "coding": [{"system": LOINC, "code": "x", "display": IMAGE}]}
    return {"resourceType": "Condition", "id": "eve-condition", "code": code, **SUBJECT}


def medication() -> dict[str, Any]:
    coding = {"system": RXNORM, "code": "309362", "display": MARKDOWN}
    return {
        "resourceType": "MedicationRequest",
        "id": "eve-medication",
        "status": "active",
        "intent": "order",
        "authoredOn": "2026-01-02",
        "medicationCodeableConcept": {"coding": [coding], "text": IMAGE},
        "dosageInstruction": [{"text": SCRIPT}],
        **SUBJECT,
    }


def result(day: str, value: float) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"eve-{day}",
        "status": SCRIPT,
        "code": {"coding": [{"system": LOINC, "code": "2160-0"}], "text": IMAGE},
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, "unit": CLOSING},
        **SUBJECT,
    }


def text_result() -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "eve-text",
        "status": "final",
        "code": {"text": SCRIPT},
        "valueString": MARKDOWN,
        **SUBJECT,
    }


def genotype() -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "eve-genotype",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "84413-4"}]},
        "effectiveDateTime": "2025-01-01",
        "performer": [{"display": f"{MARKDOWN}{IMAGE}"}],
        "valueCodeableConcept": {"text": "CYP2C19 *2/*2"},
        **SUBJECT,
    }
