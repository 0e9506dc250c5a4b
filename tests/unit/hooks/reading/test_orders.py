"""MedicationRequests to orders."""

from datetime import date

import pytest
from hypothesis import given

from hooks.clinical.facts import Dose, Missing, Order, Why
from hooks.reading.orders import APPLIED, medication_requests, medications_in, order, unresolved
from tests.unit.hooks.reading import (
    DRUGS,
    KNOWLEDGE,
    Json,
    bundle,
    coded,
    coding,
    json_of,
    request,
)

CLOPIDOGREL = coded("rxnorm", "32968", "clopidogrel")
DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}


def read(resource: Json, known: dict[str, Json] | None = None) -> Order:
    found = order(resource, known or {}, DRUGS)
    assert isinstance(found, Order), found
    return found


def drugs(concept: object) -> set[str]:
    return set(read(request(medicationCodeableConcept=concept)).drugs)


def by_reference(reference: Json, **elements: object) -> Json:
    return request(medicationReference=reference, **elements)


@pytest.mark.parametrize(
    ("concept", "named"),
    [
        (CLOPIDOGREL, {"clopidogrel"}),
        (coded("rxnorm", "309362", "clopidogrel 75 MG Oral Tablet"), {"clopidogrel"}),
        (coded("rxnorm", "213169"), {"clopidogrel"}),
        (coded("rxnorm", "476345"), {"simvastatin"}),
        (coded("rxnorm", "993781"), {"acetaminophen", "codeine"}),
        (coded("atc", "B01AC04"), {"clopidogrel"}),
        (coded("atc", "C10BA02"), {"simvastatin"}),
        ({"text": "Plavix 75 mg"}, {"clopidogrel"}),
        ({"coding": [{"display": "CLOPIDOGREL BISULFATE"}]}, {"clopidogrel"}),
        ({"text": "codeine and simvastatin"}, {"codeine", "simvastatin"}),
        ({"coding": [{"code": "x"}, coding("rxnorm", "32968")]}, {"clopidogrel"}),
        ([CLOPIDOGREL], {"clopidogrel"}),
    ],
)
def test_the_drug_is_told_by_ingredient_product_atc_brand_or_words(
    concept: object, named: set[str]
) -> None:
    assert drugs(concept) == named


@pytest.mark.parametrize(
    "concept",
    [
        {"text": "Mephenytoin 100 MG"},
        {"text": "dihydrocodeine"},
        {"text": "Desmethylcitalopram"},
        coded("rxnorm", "28889", "loratadine"),
        coded("http://local.example", "32968"),
        coded("snomed", "32968"),
        {},
        None,
        "clopidogrel",
    ],
)
def test_an_order_of_no_drug_that_we_know_has_no_drugs(concept: object) -> None:
    assert drugs(concept) == set()


SMX_TMP = "sulfamethoxazole / trimethoprim"
BOTH = {SMX_TMP, "trimethoprim"}


@pytest.mark.parametrize(
    ("concept", "named"),
    [
        (coded("rxnorm", "10831"), BOTH),
        (coded("rxnorm", "198335"), BOTH),
        (coded("atc", "J01EE01"), BOTH),
        ({"text": "Bactrim DS"}, BOTH),
        ({"text": "Trimethoprim-Sulfamethoxazole 160-800 mg"}, BOTH),
        ({"text": "sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet"}, BOTH),
        (coded("atc", "N02AJ06"), {"codeine"}),
        (coded("atc", "N02AJ07"), {"aspirin", "codeine"}),
        (coded("atc", "A10BB01"), {"glyburide"}),
        ({"text": "Glibenclamid / glibenclamide 3.5 mg"}, {"glyburide"}),
        ({"text": "Acetylsalicylic acid 100 mg"}, {"aspirin"}),
        ({"text": "Ascorbic acid 500 mg"}, {"vitamin c"}),
        ({"text": "phytomenadione 10 mg"}, {"vitamin k"}),
        (coded("atc", "N03AB05"), {"fosphenytoin"}),
        ({"text": "Fosphenytoin 500 mg PE"}, {"fosphenytoin"}),
        ({"text": "Amlodipine/Atorvastatin 5/10"}, {"amlodipine", "atorvastatin"}),
        ({"text": "escitalopram"}, {"escitalopram"}),
        ({"text": "Dexlansoprazole"}, {"dexlansoprazole"}),
        ({"text": "Aripiprazole lauroxil"}, {"aripiprazole lauroxil"}),
    ],
)
def test_combinations_isomers_prodrugs_and_other_names_are_told_apart(
    concept: object, named: set[str]
) -> None:
    assert drugs(concept) == named


@pytest.mark.parametrize(
    "concept",
    [
        {"text": "Sulfamethoxazole"},
        coded("atc", "B02BA", "Vitamin K"),
        coded("atc", "M03AC", "Other quaternary ammonium compounds"),
        coded("atc", "N02A"),
        {"text": "menadione"},
    ],
)
def test_a_part_of_a_combination_and_a_class_of_substances_are_no_drug_of_ours(
    concept: Json,
) -> None:
    concept = {**concept, "coding": [{**c, "display": ""} for c in concept.get("coding", [])]}

    assert drugs(concept) == set()


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("Esomeprazole 20 mg", "omeprazole"),
        ("Rabeprazole 20 mg", "omeprazole"),
        ("Naproxen 500 mg", "ibuprofen"),
        ("Oxycodone 5 mg", "codeine"),
        ("Oxycodone 5 mg", "hydrocodone"),
        ("Morphine 10 mg", "codeine"),
        ("Fluoxetine 20 mg", "paroxetine"),
        ("Tegafur 100 mg", "fluorouracil"),
        ("Diclofenac 50 mg", "aceclofenac"),
        ("Desvenlafaxine 50 mg", "venlafaxine"),
    ],
)
def test_a_class_mate_borrows_no_rule(text: str, never: str) -> None:
    found = drugs({"text": text})

    assert never not in found
    assert found <= {text.partition(" ")[0].casefold()}


def test_the_parts_of_a_combination_may_be_listed_one_by_one() -> None:
    parts = [{"itemCodeableConcept": {"text": t}} for t in ("Sulfamethoxazole", "Trimethoprim")]
    medication = {"resourceType": "Medication", "id": "m1", "ingredient": parts}
    resource = request(
        contained=[medication], medicationReference={"reference": "#m1"}, id="request-1"
    )

    assert set(read(resource).drugs) == BOTH


def test_one_part_alone_is_not_the_fixed_combination() -> None:
    assert drugs({"text": "Trimethoprim 200 mg"}) == {"trimethoprim"}
    assert drugs(coded("atc", "J01EA01")) == {"trimethoprim"}


def test_words_count_only_where_no_code_is_known() -> None:
    assert drugs(CLOPIDOGREL | {"text": "codeine"}) == {"clopidogrel"}


def test_every_shipped_product_and_ingredient_resolves_to_its_drugs() -> None:
    for product in KNOWLEDGE.products.values():
        assert drugs(coded("rxnorm", product.code)) == set(product.drugs)
    for drug in KNOWLEDGE.drugs.values():
        for system, code in drug.codes[:1]:
            assert drug.name in drugs(coded(system, code))


def test_a_draft_without_any_medication_is_an_order_of_nothing() -> None:
    assert read(request()).drugs == ()


@pytest.mark.parametrize(
    "medication",
    [
        {"code": CLOPIDOGREL},
        {"code": {"text": "capsule"}, "ingredient": [{"itemCodeableConcept": CLOPIDOGREL}]},
    ],
)
def test_a_contained_medication_is_read_by_code_or_ingredients(medication: Json) -> None:
    contained = ["broken", {"id": "other"}, {"resourceType": "Medication", "id": "m"} | medication]
    found = read(by_reference({"reference": "#m"}, contained=contained))
    assert found.drugs == ("clopidogrel",)


@pytest.mark.parametrize(
    "url", ["Medication/m1", "https://ehr.example/fhir/Medication/m1", "Medication/m1/_history/2"]
)
def test_a_referenced_medication_is_read_from_those_at_hand(url: str) -> None:
    known = medications_in(bundle({"resourceType": "Medication", "id": "m1", "code": CLOPIDOGREL}))
    assert read(by_reference({"reference": url}), known).drugs == ("clopidogrel",)


@pytest.mark.parametrize("url", ["Medication/m1", "#m1", "urn:uuid:1234"])
def test_a_medication_that_is_not_at_hand_is_a_gap(url: str) -> None:
    found = order(by_reference({"reference": url}), {}, DRUGS)
    assert found == Missing("medication of MedicationRequest/request-123", Why.NOT_FETCHED)


def test_the_display_of_a_reference_may_name_a_drug() -> None:
    named = {"reference": "Medication/m1", "display": "Plavix 75 mg"}
    assert read(by_reference(named)).drugs == ("clopidogrel",)


def test_a_display_without_a_known_drug_is_still_a_gap() -> None:
    named = {"reference": "Medication/m1", "display": "study drug 7"}
    assert isinstance(order(by_reference(named), {}, DRUGS), Missing)


@pytest.mark.parametrize(
    "reference", [{"display": "Clopidogrel 75 MG Oral Tablet"}, {"identifier": {"value": "x"}}]
)
def test_a_reference_without_an_address_is_not_silence(reference: Json) -> None:
    found = order(by_reference(reference), {}, DRUGS)
    assert isinstance(found, Missing) or found.drugs == ("clopidogrel",)


def test_medications_to_fetch_are_told_each_once() -> None:
    requests = [
        by_reference({"reference": "Medication/m1"}),
        by_reference({"reference": "https://ehr.example/fhir/Medication/m1"}),
        by_reference({"reference": "Medication/m2"}),
        by_reference({"reference": "Medication/known"}),
        by_reference({"reference": "#contained"}),
        by_reference({"reference": "Substance/s1"}),
        by_reference({"reference": "Medication/m3"}, medicationCodeableConcept=CLOPIDOGREL),
    ]
    assert unresolved(requests, {"Medication/known": {}}) == ["Medication/m1", "Medication/m2"]


def test_only_medication_orders_of_a_bundle_are_requests() -> None:
    entries = bundle(
        request(id="a"),
        {"resourceType": "ServiceRequest"},
        None,
        {"resourceType": "MedicationOrder"},
    )
    assert [found.get("id") for found in medication_requests(entries)] == ["a", None]


def test_an_order_has_reference_dose_indication_start_and_text() -> None:
    found = read(
        request(
            medicationCodeableConcept=coded("rxnorm", "312961", "Simvastatin 20 MG Oral Tablet"),
            dosageInstruction=[
                {"timing": DAILY, "doseAndRate": [{"doseQuantity": {"value": 2, "code": "{pill}"}}]}
            ],
            reasonCode=[coded("snomed", "22298006")],
            authoredOn="2024-05-01T08:00:00Z",
        )
    )
    assert found.reference == "MedicationRequest/request-123"
    assert str(found.daily_dose("simvastatin")) == "40 mg/day"
    assert "acute-coronary-syndrome" in found.indication
    assert found.started == date(2024, 5, 1)
    assert found.text == "Simvastatin 20 MG Oral Tablet"


def test_two_products_of_one_order_tell_no_strength() -> None:
    both = {"coding": [coding("rxnorm", "312961"), coding("rxnorm", "198211")]}
    found = read(
        request(
            medicationCodeableConcept=both,
            dosageInstruction=[{"timing": DAILY, "doseQuantity": {"value": 1, "code": "{pill}"}}],
        )
    )
    assert found.drugs == ("simvastatin",)
    assert isinstance(found.daily_dose("simvastatin"), Missing)


def test_a_dstu2_medication_order_is_read_as_well() -> None:
    found = read(
        {
            "resourceType": "MedicationOrder",
            "id": "request-123",
            "patient": {"reference": "Patient/p1"},
            "dateWritten": "2024-05-01",
            "medicationCodeableConcept": coded("rxnorm", "312961"),
            "reasonCodeableConcept": coded("snomed", "22298006"),
            "dosageInstruction": [
                {
                    "doseQuantity": {"value": 1, "code": "{pill}"},
                    "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnits": "d"}},
                }
            ],
        }
    )
    assert found.reference == "MedicationOrder/request-123"
    assert isinstance(found.daily_dose("simvastatin"), Dose)
    assert "acute-coronary-syndrome" in found.indication
    assert found.started == date(2024, 5, 1)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"code": {}},
        {"product": {"ingredient": [{"item": {"reference": "Substance/s1"}}]}},
        {"ingredient": [{"itemReference": {"reference": "#substance"}}]},
    ],
)
def test_a_medication_that_says_no_drug_is_unreadable_and_not_an_unknown_drug(
    content: Json,
) -> None:
    whole = {"resourceType": "Medication", "id": "m", **content}
    asked = request(medicationReference={"reference": "#m"}, contained=[whole])
    found = order(asked, {}, DRUGS)
    assert found == Missing(
        "medication of MedicationRequest/request-123",
        Why.UNREADABLE,
        "the Medication says no drug",
    )


def test_our_own_mark_says_which_advice_the_order_carries_out() -> None:
    marks = [
        {"url": "http://other.example", "valueString": "x"},
        {"url": APPLIED, "valueString": "r/b"},
    ]
    drug = coded("rxnorm", "312961")
    marked = request(medicationCodeableConcept=drug, extension=marks)
    assert read(marked).applied == {"r/b"}
    assert read(request(medicationCodeableConcept=drug)).applied == frozenset()


DRAFTS = json_of(
    "medicationCodeableConcept", "coding", "system", "code", "text", "display", "contained", "id",
    "medicationReference", "reference", "#m", "m", "ingredient", "itemCodeableConcept",
    "dosageInstruction", "timing", "repeat", "doseAndRate", "doseQuantity", "value", "reasonCode",
    "extension", "url", APPLIED,
)  # fmt: skip


@given(DRAFTS, DRAFTS)
def test_no_draft_raises(broken: object, other: object) -> None:
    drafts = [broken] if isinstance(broken, dict) else []
    names = ["medicationReference", "medicationCodeableConcept", "dosageInstruction", "contained"]
    drafts += [request(medicationReference={"reference": "#m"}) | {name: other} for name in names]
    for draft in drafts:
        assert isinstance(order(draft, {}, DRUGS), Order | Missing)
    unresolved(drafts, {})
    list(medication_requests({"entry": broken}))
    medications_in({"entry": [{"resource": broken}]})
