"""The resources that suggestions propose: valid R4, whole, marked."""

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from fhirclient.models.medicationrequest import MedicationRequest
from fhirclient.models.servicerequest import ServiceRequest
from hypothesis import given

from hooks import actions
from hooks.actions import InvalidResource
from hooks.clinical.codes import Product, Strength
from hooks.clinical.genes import GeneTest
from hooks.reading.orders import APPLIED
from tests.unit.hooks.reading import Json, coded, json_of, request

TODAY = date(2026, 11, 21)
PRASUGREL = {"code": "855812", "display": "prasugrel 10 MG Oral Tablet"}
TABLET = Product(
    "314231", "S 10 MG", (Strength("simvastatin", Decimal(10), "mg"),), False, "Tablet", ""
)
TEST = GeneTest("loinc", "66489-6", "CYP2C19 gene targeted mutation analysis")
DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
SANDBOX = request(
    intent={},
    category={"coding": [{"code": "outpatient"}], "text": "Outpatient"},
    reasonCode={"coding": [{"code": "I21.4"}], "text": "Infarction"},
    medicationCodeableConcept=coded("rxnorm", "309362", "clopidogrel 75 MG Oral Tablet"),
)
del SANDBOX["intent"]  # as the public sandbox sends it


def draft(amount: object = 2, unit: str = "tablet", **elements: object) -> Json:
    rate = {"doseQuantity": {"value": amount, "unit": unit}}
    elements = {"dosageInstruction": [{"timing": DAILY, "doseAndRate": [rate]}]} | elements
    return request(medicationCodeableConcept=coded("rxnorm", "314231"), **elements)


def scaled(of: Json, factor: str = "0.5") -> Json | None:
    return actions.with_dose_times(of, Decimal(factor), "rule/branch")


def amount_of(resource: Json | None) -> object:
    assert resource is not None
    return resource["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"]


def assert_valid_order(resource: Json) -> None:
    assert MedicationRequest(resource, strict=True).as_json() == resource


def test_a_replacement_is_a_valid_draft_for_the_other_drug() -> None:
    found = actions.replacement(request(id="x"), PRASUGREL, "p1", TODAY)
    assert_valid_order(found)
    assert found["medicationCodeableConcept"]["text"] == "prasugrel 10 MG Oral Tablet"
    assert found["medicationCodeableConcept"]["coding"][0]["code"] == "855812"
    assert (found["status"], found["intent"], found["authoredOn"]) == (
        "draft",
        "order",
        "2026-11-21",
    )
    assert found["subject"] == {"reference": "Patient/p1"}
    assert "id" not in found


def test_a_replacement_keeps_reason_requester_and_encounter_but_not_the_dose() -> None:
    kept = {
        "requester": {"reference": "Practitioner/a"},
        "encounter": {"reference": "Encounter/e"},
        "reasonCode": [{"text": "Infarction"}],
        "reasonReference": [{"reference": "Condition/c"}],
    }
    found = actions.replacement(draft() | kept, PRASUGREL, "p1", TODAY)
    assert {name: found[name] for name in kept} == kept
    assert "dosageInstruction" not in found


def test_a_sandbox_draft_has_a_valid_replacement() -> None:
    found = actions.replacement(SANDBOX, PRASUGREL, "p1", TODAY)
    assert_valid_order(found)
    assert found["reasonCode"] == [SANDBOX["reasonCode"]]


def test_what_cannot_be_kept_makes_the_replacement_invalid() -> None:
    with pytest.raises(InvalidResource, match="MedicationRequest"):
        actions.replacement(request(requester="Dr A"), PRASUGREL, "p1", TODAY)


@pytest.mark.parametrize(
    ("amount", "unit", "factor", "dose"),
    [
        (2, "tablet", "0.5", 1),
        (4, "{pill}", "0.75", 3),
        (1500, "mg", "0.5", 750),
        (25, "mg", "0.3", 7.5),
        (0.1, "g", "0.5", 0.05),
        (100, "mg", "1.5", 150),
    ],
)
def test_the_dose_is_multiplied_by_the_factor(
    amount: float, unit: str, factor: str, dose: float
) -> None:
    found = scaled(draft(amount, unit), factor)
    assert amount_of(found) == dose
    assert type(amount_of(found)) is type(dose)
    assert found is not None
    assert_valid_order(found)


@pytest.mark.parametrize(
    ("unit", "dose"), [("mg", 15), ("g", 0.015), ("ug", 15000), ("tablet", None), ("mL", None)]
)
def test_a_dose_in_mg_takes_the_place_of_another_weight(unit: str, dose: float | None) -> None:
    found = actions.with_milligrams(draft(20, unit), Decimal(15), "rule/branch")
    assert (amount_of(found) if found else None) == dose
    if found:
        assert_valid_order(found)
        assert found["extension"] == [{"url": APPLIED, "valueString": "rule/branch"}]


@pytest.mark.parametrize("unit", ["tablet", "TAB", "{pill}", "Capsule"])
def test_pieces_stay_whole(unit: str) -> None:
    assert scaled(draft(1, unit)) is None


@pytest.mark.parametrize("quantity", [{"value": 1}, {"value": 1, "unit": "tablet", "code": "1"}])
def test_pieces_without_a_known_unit_stay_whole(quantity: Json) -> None:
    of = draft(dosageInstruction=[{"timing": DAILY, "doseAndRate": [{"doseQuantity": quantity}]}])
    assert scaled(of) is None


@pytest.mark.parametrize(
    "dosage",
    [
        [],
        [{"text": "1 tablet"}],
        [{"asNeededBoolean": True, "doseAndRate": [{"doseQuantity": {"value": 2}}]}],
        [{"doseAndRate": [{"doseRange": {"low": {"value": 1}}}]}],
        [{"doseAndRate": [{"doseQuantity": {"value": "2"}}]}],
    ],
)
def test_a_dose_that_is_not_plain_is_not_scaled(dosage: list[Json]) -> None:
    assert scaled(draft(dosageInstruction=dosage)) is None


def test_an_update_carries_the_whole_draft_with_its_id() -> None:
    of = draft(note=[{"text": "with food"}], priority="routine")
    found = scaled(of)
    assert found is not None
    for name in set(of) - {"dosageInstruction"}:
        assert found[name] == of[name]
    assert found["extension"] == [{"url": APPLIED, "valueString": "rule/branch"}]


def test_the_draft_itself_is_left_as_it_was() -> None:
    of = draft()
    before = deepcopy(of)
    scaled(of)
    actions.with_product(of, TABLET, "rule/branch")
    assert of == before


def test_our_mark_replaces_an_older_one_of_its_rule_and_keeps_other_extensions() -> None:
    other = {"url": "http://ehr.example/x", "valueString": "kept"}
    older = {"url": APPLIED, "valueString": "rule/older"}
    another = {"url": APPLIED, "valueString": "rule-of-another-gene/branch"}
    found = scaled(draft(extension=[older, other, another]))
    assert found is not None
    assert found["extension"] == [other, another, {"url": APPLIED, "valueString": "rule/branch"}]


def test_no_words_of_the_former_dose_stay_beside_the_new_one() -> None:
    of = draft(1500, "mg", text={"status": "generated", "div": "<div>1500 mg twice</div>"})
    [dosage] = of["dosageInstruction"]
    most = {"numerator": {"value": 3000}, "denominator": {"value": 1}}
    dosage |= {"text": "1500 mg twice daily", "patientInstruction": "Take 1500 mg"}
    dosage |= {"maxDosePerPeriod": most, "maxDosePerAdministration": {"value": 1500}}
    dosage |= {"_text": {"extension": [{"url": "http://ehr.example/german", "valueString": "x"}]}}
    rendered = "http://hl7.org/fhir/5.0/StructureDefinition/extension-MedicationRequest"
    of["extension"] = [{"url": f"{rendered}.renderedDosageInstruction", "valueMarkdown": "1500 mg"}]

    for found in (scaled(of), actions.with_product(of, TABLET, "rule/branch")):
        assert found is not None
        assert_valid_order(found)
        assert "text" not in found
        assert [each["url"] for each in found["extension"]] == [APPLIED]
        [told] = found["dosageInstruction"]
        assert told.keys() == {"timing", "doseAndRate", "text"}
        assert told["text"] == f"{amount_of(found)} mg once a day"


def test_an_instruction_without_text_gets_none() -> None:
    found = scaled(draft())
    assert found is not None
    assert found["dosageInstruction"][0].keys() == {"timing", "doseAndRate"}


def test_a_text_that_the_coded_parts_do_not_tell_in_full_is_left_out() -> None:
    of = draft()
    of["dosageInstruction"][0] |= {"text": "2 tablets by mouth", "route": {"text": "oral"}}
    found = actions.with_product(of, TABLET, "rule/branch")
    assert found["dosageInstruction"][0].keys() == {"timing", "doseAndRate", "route"}


@pytest.mark.parametrize("extension", ["x", ["x"]])
def test_a_broken_extension_makes_the_draft_invalid(extension: object) -> None:
    with pytest.raises(InvalidResource):
        scaled(draft(extension=extension))


def test_another_product_takes_the_place_of_the_medication() -> None:
    found = actions.with_product(
        request(medicationReference={"reference": "Medication/m1"}), TABLET, "rule/branch"
    )
    assert_valid_order(found)
    assert found["medicationCodeableConcept"]["coding"][0]["code"] == "314231"
    assert "medicationReference" not in found


def test_a_sandbox_draft_becomes_valid() -> None:
    found = actions.with_product(SANDBOX, TABLET, "rule/branch")
    assert_valid_order(found)
    assert found["intent"] == "order"
    assert found["category"] == [SANDBOX["category"]]
    assert found["reasonCode"] == [SANDBOX["reasonCode"]]


def test_empty_elements_are_left_out() -> None:
    found = actions.with_product(request(note=[], reasonCode=None, groupIdentifier={}), TABLET, "x")
    assert not {"note", "reasonCode", "groupIdentifier"} & set(found)


@pytest.mark.parametrize(
    "elements",
    [
        {"status": 4},
        {"subject": None},
        {"noSuchElement": True},
        {"authoredOn": "yesterday"},
        {"dosageInstruction": [{"doseQuantity": {"value": 1}}]},
    ],
)
def test_a_draft_that_cannot_be_made_valid_is_invalid(elements: Json) -> None:
    with pytest.raises(InvalidResource):
        actions.with_product(request() | elements, TABLET, "rule/branch")


def test_a_test_order_is_a_valid_draft_for_the_patient() -> None:
    found = actions.test_order(TEST, "p1", TODAY)
    assert ServiceRequest(found, strict=True).as_json() == found
    assert (found["status"], found["intent"]) == ("draft", "order")
    assert found["code"]["coding"][0]["system"] == "http://loinc.org"
    assert found["code"]["text"] == "CYP2C19 gene targeted mutation analysis"


def test_a_test_without_a_code_is_ordered_in_words() -> None:
    found = actions.test_order(GeneTest("", "", "12-lead ECG"), "p1", TODAY)
    assert ServiceRequest(found, strict=True).as_json() == found
    assert found["code"] == {"text": "12-lead ECG"}


@pytest.mark.parametrize(
    "resource", [{}, {"resourceType": "Patient"}, {"resourceType": "MedicationRequest"}]
)
def test_other_and_incomplete_resources_are_not_valid(resource: Json) -> None:
    with pytest.raises(InvalidResource):
        actions.valid(resource)


@given(
    json_of("status", "draft", "intent", "subject", "reference", "dosageInstruction", "doseAndRate",
            "doseQuantity", "value", "reasonCode", "text", "coding", "note")
)  # fmt: skip
def test_any_draft_gives_a_valid_resource_none_or_invalid_resource(broken: object) -> None:
    for of in (broken, draft(reasonCode=broken), draft(dosageInstruction=broken)):
        if not isinstance(of, dict):
            continue
        try:
            found = scaled(of) or actions.replacement(of, PRASUGREL, "p1", TODAY)
        except InvalidResource:
            continue
        assert_valid_order(found)
