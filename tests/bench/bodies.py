"""The calls that are measured, made of the sandbox's patients and requests.

One draft; prefetch with the patient, two genotypes, six medications, three conditions and N
laboratory results, each dressed as EHRs send them: some 1.5 kB.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

Json = dict[str, Any]

SANDBOX = Path(__file__).parents[2] / "sandbox"
PATIENT = "bench-patient"
EHR = "https://ehr.example/fhir"
MEDICATIONS = (
    *("carla-aspirin", "emil-metoprolol", "goran-levetiracetam"),
    *("hana-colchicine", "rosa-metformin", "ben-lisinopril"),
)
CONDITIONS = ("carla-nstemi", "emil-hypertension", "rosa-diabetes")
SECOND_GENOTYPE = "pia-cyp2d6-phenotype"


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug to order: its product, the draft to copy, and the result that its rule reads."""

    name: str
    draft: str
    genotype: str
    product: tuple[str, str] | None = None
    cards: int = 1


ABACAVIR = Drug(
    "abacavir",
    "order-select-codeine",
    "fay-hla-b-5701",
    ("242679", "abacavir 300 MG Oral Tablet"),
)
CAPECITABINE = Drug("capecitabine", "order-sign-capecitabine", "kofi-dpyd")
CLOPIDOGREL = Drug("clopidogrel", "order-select-clopidogrel", "carla-cyp2c19")
METFORMIN = Drug(
    "metformin",
    "order-select-codeine",
    "carla-cyp2c19",
    ("861004", "metformin hydrochloride 1000 MG Oral Tablet"),
)
LORATADINE = Drug("loratadine", "order-select-loratadine", "carla-cyp2c19", cards=0)


def with_labs(drug: Drug, count: int) -> Json:
    """A call with *count* laboratory results under a key of their own, as for another service."""
    return _call(drug, genotypes(drug), labs=bundle(laboratory(count)))


def laboratory_results(drug: Drug, count: int) -> Json:
    """The call with *count* results, eGFR among them, in the bundle that rules on results read."""
    return _call(drug, genotypes(drug), results=bundle(laboratory(count)))


def labs_among_genotypes(drug: Drug, count: int) -> Json:
    """The same call with the laboratory results in the bundle that the rule does read."""
    return _call(drug, [*genotypes(drug), *laboratory(count)])


def without_prefetch(drug: Drug, server: str) -> Json:
    """The same call with nothing but a FHIR server to ask."""
    call = {**_call(drug, []), "fhirServer": server}
    del call["prefetch"]
    return call


def genotypes(drug: Drug) -> list[Json]:
    """The result that *drug*'s rule reads, and one of another gene."""
    own = resource(drug.genotype)
    if drug.name == "capecitabine":  # one variant on one chromosome: half of the dose
        own["valueCodeableConcept"] = {"text": "Reference/c.1905+1G>A (*2A)"}
    return [own, resource(SECOND_GENOTYPE)]


def laboratory(count: int) -> list[Json]:
    """*count* ordinary laboratory results."""
    known = [one for one in _resources().values() if one["id"].startswith("tess-")]
    plain = [one for one in known if "valueQuantity" in one]
    return [_dressed(plain[number % len(plain)], number) for number in range(count)]


def searches() -> dict[str, Json]:
    """The answers of a FHIR server to the four searches of clopidogrel, by resource type."""
    return {
        "Observation": bundle(genotypes(CLOPIDOGREL)),
        "Condition": bundle([resource(name) for name in CONDITIONS]),
        "MedicationRequest": bundle([resource(name) for name in MEDICATIONS]),
        "AllergyIntolerance": bundle([]),
    }


def resource(name: str) -> Json:
    """A copy of a sandbox resource, about our patient."""
    found: Json = orjson.loads(orjson.dumps(_resources()[name]))
    if "subject" in found:
        found["subject"] = {"reference": f"Patient/{PATIENT}"}
    return found


def bundle(resources: list[Json]) -> Json:
    """A searchset of *resources*."""
    entries = [
        {
            "fullUrl": f"{EHR}/{one['resourceType']}/{one['id']}",
            "resource": one,
            "search": {"mode": "match"},
        }
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries}


def _call(drug: Drug, observed: list[Json], **more: Json) -> Json:
    draft = _draft(drug)
    found = searches()
    prefetch: Json = {
        "patient": {**_resources()["carla-sanchez"], "id": PATIENT},
        "genotypes": bundle(observed),
        "conditions": found["Condition"],
        "medications": found["MedicationRequest"],
        "allergies": found["AllergyIntolerance"],
    }
    return {
        "hook": "order-select",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {
            "userId": "Practitioner/ada-example",
            "patientId": PATIENT,
            "selections": [f"MedicationRequest/{draft['id']}"],
            "draftOrders": {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [{"resource": draft}],
            },
        },
        "prefetch": prefetch | more,
    }


def _draft(drug: Drug) -> Json:
    request = orjson.loads((SANDBOX / "requests" / f"{drug.draft}.json").read_bytes())
    draft: Json = request["context"]["draftOrders"]["entry"][0]["resource"]
    draft["subject"] = {"reference": f"Patient/{PATIENT}"}
    if drug.product is not None:
        code, display = drug.product
        [coding] = draft["medicationCodeableConcept"]["coding"]
        coding.update(code=code, display=display)
    return draft


def _dressed(observation: Json, number: int) -> Json:
    """*observation* with what an EHR adds to each: identifiers, references, dates, a remark."""
    return {
        **observation,
        "id": f"lab-{number}",
        "meta": {"versionId": "1", "lastUpdated": "2026-11-20T07:42:11.000Z"},
        "identifier": [{"system": f"{EHR}/observations", "value": f"2026-{number:08}"}],
        "basedOn": [{"reference": f"ServiceRequest/panel-{number // 8}"}],
        "subject": {"reference": f"Patient/{PATIENT}", "display": "A made-up person"},
        "encounter": {"reference": "Encounter/stay-1"},
        "issued": "2026-11-20T07:40:00Z",
        "interpretation": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
                        "code": "N",
                        "display": "Normal",
                    }
                ]
            }
        ],
        "specimen": {"reference": f"Specimen/{number}", "display": "Serum"},
        "note": [{"text": "Checked by the laboratory's own rules; no comment."}],
    }


@cache
def _resources() -> dict[str, Json]:
    """Every resource of the sandbox, by id."""
    return {
        entry["resource"]["id"]: entry["resource"]
        for file in sorted((SANDBOX / "patients").glob("*.json"))
        for entry in orjson.loads(file.read_bytes())["entry"]
    }
