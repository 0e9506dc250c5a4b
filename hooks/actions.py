"""The FHIR R4 resources that suggestions propose, built and validated with fhirclient."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from fhirclient.models.codeableconcept import CodeableConcept
from fhirclient.models.fhirabstractbase import FHIRValidationError
from fhirclient.models.medicationrequest import MedicationRequest
from fhirclient.models.servicerequest import ServiceRequest

from hooks.clinical.codes import Product
from hooks.clinical.genes import GeneTest
from hooks.instructions import reworded
from hooks.reading.doses import MILLIGRAMS, dose_quantity, instruction, number, unit_of
from hooks.reading.orders import APPLIED
from hooks.reading.resources import URIS, Resource, as_text

KEPT = ("encounter", "requester", "reasonCode", "reasonReference")
LISTS = ("category", "reasonCode", "dosageInstruction", "identifier", "note", "extension")


EMPTY: tuple[object, ...] = ({}, [], "", None)


class InvalidResource(ValueError):
    """The resource that a suggestion needs would not be valid R4; the suggestion is left out."""


def pruned(resource: Resource) -> Resource:
    """A copy of *resource* without what is empty, at any depth: R4 allows no empty values."""
    try:
        copy: Resource = _pruned(resource)
    except RecursionError as error:
        raise InvalidResource("nested too deep") from error
    return copy


def valid(resource: Mapping[str, Any]) -> Resource:
    """*resource* as fhirclient writes it; InvalidResource if R4 does not allow it."""
    kinds = {"MedicationRequest": MedicationRequest, "ServiceRequest": ServiceRequest}
    kind = as_text(resource, "resourceType")
    try:
        whole: Resource = kinds[kind](dict(resource), strict=True).as_json()
    except (FHIRValidationError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidResource(kind) from error
    return whole


def replacement(draft: Resource, drug: Mapping[str, str], patient_id: str, as_of: date) -> Resource:
    """A new draft for another drug (`code`, `display`) in place of *draft*; the dose stays open."""
    return for_drug(successor(draft, patient_id, as_of), drug)


def for_drug(kept: Resource, drug: Mapping[str, str]) -> Resource:
    """The draft *kept* for *drug*; both parts are valid by themselves."""
    return {**kept, "medicationCodeableConcept": orderable(drug["code"], drug["display"])}


def successor(draft: Resource, patient_id: str, as_of: date) -> Resource:
    """What every replacement of *draft* takes over from it, valid but for its medication."""
    kept = pruned({key: draft[key] for key in KEPT if key in draft})
    return valid(
        {
            "resourceType": "MedicationRequest",
            "status": "draft",
            "intent": "order",
            "medicationCodeableConcept": {"text": "to be named"},
            "subject": {"reference": f"Patient/{patient_id}"},
            "authoredOn": as_of.isoformat(),
            **_listed(kept),
        }
    )


@lru_cache(maxsize=1024)
def orderable(code: str, display: str) -> Resource:
    """`medication`, built and validated once for each product: it holds nothing of a patient."""
    concept: Resource = CodeableConcept(medication(code, display), strict=True).as_json()
    return concept


def medication(code: str, display: str) -> Resource:
    """A CodeableConcept of an RxNorm code, with the text that clients show; without a code, that
    text alone."""
    coding = {"system": URIS["rxnorm"], "code": code, "display": display}
    return {"coding": [coding], "text": display} if code else {"text": display}


def with_dose_times(draft: Resource, factor: Decimal, applied: str) -> Resource | None:
    """*draft* with its dose times *factor*; None where that makes no dose one can give.

    It is whole, but for words of the former dose.
    Only a weight is divided, pieces stay whole; *applied* marks the order, so that signing it does
    not warn again.
    """
    changed = pruned(draft)
    quantity = _quantity(changed)
    amount = number(quantity.get("value"))
    if amount is None:
        return None
    dose = amount * factor
    if unit_of(quantity) not in MILLIGRAMS and not _is_whole(dose):
        return None
    quantity["value"] = _json_number(dose)
    return valid(_marked(reworded(changed), applied))


def with_milligrams(draft: Resource, milligrams: Decimal, applied: str) -> Resource | None:
    """*draft* with a dose of so many *milligrams*, in its own unit; None if that is no weight.

    It is whole, but for words of the former dose.
    """
    changed = pruned(draft)
    quantity = _quantity(changed)
    each = MILLIGRAMS.get(unit_of(quantity))
    if each is None:
        return None
    quantity["value"] = _json_number(milligrams / each)
    return valid(_marked(reworded(changed), applied))


def with_product(draft: Resource, product: Product, applied: str) -> Resource:
    """*draft*, whole but for words of the former dose, with *product* as its medication."""
    changed = pruned(draft)
    changed.pop("medicationReference", None)
    changed["medicationCodeableConcept"] = medication(product.code, product.display)
    return valid(_marked(reworded(changed), applied))


def test_order(test: GeneTest, patient_id: str, as_of: date) -> Resource:
    """A draft ServiceRequest for *test*; in words where no code is known."""
    coding = {"system": URIS.get(test.system, ""), "code": test.code, "display": test.display}
    coded = {"coding": [coding]} if test.code else {}
    return valid(
        {
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": "order",
            "code": {**coded, "text": test.display},
            "subject": {"reference": f"Patient/{patient_id}"},
            "authoredOn": as_of.isoformat(),
        }
    )


def _quantity(draft: Resource) -> Resource:
    """The dose of the one plain instruction of *draft*, to be changed in place; empty if none."""
    dosage = instruction(draft)
    return dose_quantity(dosage) if isinstance(dosage, dict) else {}


def _is_whole(value: Decimal) -> bool:
    return value == value.to_integral_value()


def _json_number(value: Decimal) -> int | float:
    return int(value) if _is_whole(value) else float(value)


def _marked(draft: Resource, applied: str) -> Resource:
    """*draft* with our mark; of what was applied before, only what the same rule said goes."""
    rule = applied.partition("/")[0]
    marks = [mark for mark in _as_list(draft.get("extension")) if not _is_mark_of(rule, mark)]
    draft["extension"] = [*marks, {"url": APPLIED, "valueString": applied}]
    draft.setdefault("intent", "order")
    draft.setdefault("status", "draft")
    return _listed(draft)


def _is_mark_of(rule: str, extension: Resource) -> bool:
    applied = as_text(extension, "valueString").partition("/")[0]
    return as_text(extension, "url") == APPLIED and applied == rule


def _listed(resource: Resource) -> Resource:
    """*resource* with arrays where R4 has arrays and some clients send a lone object."""
    return {key: _as_list(value) if key in LISTS else value for key, value in resource.items()}


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        kept = ((key, _pruned(part)) for key, part in value.items())
        return {key: part for key, part in kept if part not in EMPTY}
    if isinstance(value, list):
        return [part for part in map(_pruned, value) if part not in EMPTY]
    return value


def _as_list(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
