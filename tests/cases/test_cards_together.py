"""A drug with both a gene and another problem: what the cards of one order say together."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from hooks import SERVICES
from hooks.cards import Card
from hooks.clinical.guidelines import Guideline
from hooks.knowledge import Knowledge, load
from hooks.queries import needed
from hooks.reading.resources import URIS, Fetched

KNOWLEDGE = load().with_all()
SIGN = SERVICES["rxhooks-order-sign"]
Json = dict[str, Any]


def coded(system: str, code: str, display: str = "") -> Json:
    return {"coding": [{"system": URIS[system], "code": code, "display": display}]}


def of_p1(resource_type: str, name: str, **elements: Any) -> Json:
    about = {"resourceType": resource_type, "id": name, "subject": {"reference": "Patient/p1"}}
    return about | elements


def gene(hgnc: str, symbol: str, code: str, **value: Any) -> Json:
    studied = {
        "code": coded("loinc", "48018-6"),
        "valueCodeableConcept": coded("hgnc", hgnc, symbol),
    }
    told = {"code": coded("loinc", code), "component": [studied], **value}
    return of_p1("Observation", symbol, status="final", effectiveDateTime="2026-01-02", **told)


def number(name: str, code: str, value: float, unit: str) -> Json:
    quantity = {"value": value, "system": "http://unitsofmeasure.org", "code": unit}
    told = {"code": coded("loinc", code), "valueQuantity": quantity}
    return of_p1("Observation", name, status="final", effectiveDateTime="2026-11-10", **told)


def order(drug: str, status: str, dose: float = 0, times: int = 1) -> Json:
    rxnorm = KNOWLEDGE.drugs[drug].rxnorm
    amount = {"value": dose, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
    repeat = {"frequency": times, "period": 1, "periodUnit": "d"}
    dosage = [{"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": amount}]}]
    told = {"medicationCodeableConcept": coded("rxnorm", rxnorm, drug), "intent": "order"}
    told |= {"dosageInstruction": dosage} if dose else {}
    return of_p1("MedicationRequest", f"{status}-{drug}", status=status, **told)


def cards(draft: Json, *resources: Json, born: str = "1960-05-01") -> list[Card]:
    """The cards where the rules get what they ask for, and nothing else."""
    person = {"resourceType": "Patient", "id": "p1", "birthDate": born, "gender": "female"}
    kinds = {
        "Condition": ("conditions",),
        "MedicationRequest": ("medications",),
        "AllergyIntolerance": ("allergies",),
        "Observation": ("genotypes", "results", "vitals", "markers"),
    }
    answers: Json = {"patient": Fetched(person, source="prefetch")}
    for key in SIGN.queries(KNOWLEDGE):
        found = [each for each in resources if key in kinds[each["resourceType"]]]
        bundle = {"resourceType": "Bundle", "entry": [{"resource": each} for each in found]}
        answers.setdefault(key, Fetched(bundle, source="prefetch"))
    drafts = {"resourceType": "Bundle", "entry": [{"resource": draft}]}
    context = {"patientId": "p1", "userId": "Practitioner/1", "draftOrders": drafts}
    answers = {key: answers[key] for key in SIGN.needs(context, answers, KNOWLEDGE)}
    return list(SIGN.decide(context, answers, KNOWLEDGE, date(2026, 11, 22)).cards)


def catalogue(card: Card) -> list[str]:
    return [finding.get("catalogue", finding["rule"]) for finding in card.findings]


def test_codeine_for_an_ultrarapid_metabolizer_who_breast_feeds() -> None:
    ultrarapid = gene("HGNC:2625", "CYP2D6", "84413-4", valueString="*1/*2x3")
    nursing = of_p1("Condition", "nursing", code=coded("snomed", "413712001"))

    first, second = cards(order("codeine", "draft"), ultrarapid, nursing, born="1995-01-01")

    assert (catalogue(first), first.indicator) == (["cyp2d6-codeine"], "critical")
    assert catalogue(second) == ["LIF-045"]
    assert "dose" not in second.summary.casefold()


def test_fluorouracil_with_reduced_dpd_by_gene_and_with_a_low_clearance() -> None:
    reduced = gene(
        "HGNC:3012",
        "DPYD",
        "53040-2",
        valueCodeableConcept=coded("loinc", "LA10317-8", "Intermediate metabolizer"),
    )
    kidneys = (number("creatinine", "2160-0", 2.2, "mg/dL"), number("weight", "29463-7", 60, "kg"))

    [card] = cards(order("capecitabine", "draft", 1500, 2), reduced, *kidneys)

    assert catalogue(card) == ["dpyd-fluoropyrimidines"]
    assert [each.label for each in card.suggestions] == [
        "Capecitabine 1500 mg/day instead of 3000 mg/day (50 %)"
    ]


def test_clopidogrel_for_a_poor_metabolizer_who_takes_omeprazole() -> None:
    poor = gene("HGNC:2621", "CYP2C19", "84413-4", valueString="*2/*2")

    taken = order("omeprazole", "active")
    [card] = cards(order("clopidogrel", "draft", 75), poor, taken, born="1945-01-01")

    assert catalogue(card) == ["cyp2c19-clopidogrel", "PHE-008"]
    before, _, after = card.detail.partition("**Only if clopidogrel is given all the same:**")
    assert "pantoprazole" in after
    assert "pantoprazole" not in before
    offered = [(each.label, each.recommended) for each in card.suggestions]
    assert offered == [("Ticagrelor 90 MG Oral Tablet instead", True)]  # no prasugrel for the old


def test_a_capped_dose_is_offered_as_an_update_and_not_pre_selected() -> None:
    taken = order("metformin", "active", 1000, 2)
    kidneys = number("egfr", "98979-8", 40, "mL/min/{1.73_m2}")

    draft = order("metformin", "draft")
    draft["medicationCodeableConcept"] = coded("rxnorm", "861004", "metformin 1000 MG Oral Tablet")
    tablet = {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}
    draft["dosageInstruction"] = [taken["dosageInstruction"][0] | tablet]

    [card] = cards(draft, taken, kidneys)

    assert catalogue(card) == ["LAB-003"]
    [suggestion] = card.suggestions
    assert suggestion.label == "Metformin hydrochloride 500 MG Oral Tablet instead"
    assert [action.type for action in suggestion.actions] == ["update"]
    assert not suggestion.recommended


def updated(card: Card) -> Json:
    """The one order that *card* offers to change."""
    [action] = [a for s in card.suggestions for a in s.actions if a.type == "update"]
    assert action.resource is not None
    return action.resource


def kinds(card: Card) -> list[str]:
    """What the suggestions of *card* do."""
    return [action.type for each in card.suggestions for action in each.actions]


METHOTREXATE = (
    order("methotrexate", "draft", 20),
    number("creatinine", "2160-0", 1.1, "mg/dL"),
    number("weight", "29463-7", 70, "kg"),
)
AMITRIPTYLINE = (order("amitriptyline", "draft", 100), order("paroxetine", "active", 20))


@pytest.mark.parametrize(
    ("chart", "rule", "born"),
    [(METHOTREXATE, "LAB-023", "1950-01-01"), (AMITRIPTYLINE, "PHE-006", "1980-01-01")],
)
def test_a_half_dose_that_was_accepted_is_not_halved_again(
    chart: tuple[Json, ...], rule: str, born: str
) -> None:
    draft, *resources = chart
    [advised] = [each for each in cards(draft, *resources, born=born) if rule in catalogue(each)]

    signed = cards(updated(advised), *resources, born=born)

    assert not [card for card in signed if rule in catalogue(card)]
    assert "update" not in [kind for card in signed for kind in kinds(card)]


POOR = gene("HGNC:2621", "CYP2C19", "84413-4", valueString="*2/*2")
DECREASED = gene("HGNC:10959", "SLCO1B1", "84413-4", valueString="*1/*5")
LONG_QT = of_p1("Condition", "long-qt", code=coded("snomed", "9651007"))
LIVER = of_p1("Condition", "liver", code=coded("snomed", "716203000"))


@pytest.mark.parametrize(
    ("draft", "result", "problem", "rule"),
    [
        (order("escitalopram", "draft", 20), POOR, LONG_QT, "cyp2c19-escitalopram"),
        (order("citalopram", "draft", 40), POOR, LONG_QT, "cyp2c19-citalopram"),
        (order("simvastatin", "draft", 40), DECREASED, LIVER, "slco1b1-simvastatin"),
        (order("lovastatin", "draft", 40), DECREASED, LIVER, "slco1b1-lovastatin"),
    ],
)
def test_a_lower_dose_by_genes_is_not_offered_beside_a_card_that_says_not_to_use_the_drug(
    draft: Json, result: Json, problem: Json, rule: str
) -> None:
    [card] = [each for each in cards(draft, result, problem) if rule in catalogue(each)]

    assert card.indicator == "critical"
    assert catalogue(card)[0] != rule
    assert "given all the same:**" in card.detail
    assert "update" not in kinds(card)


@pytest.mark.parametrize("drug", ["amitriptyline", "clomipramine"])
def test_two_reasons_for_a_lower_dose_offer_none(drug: str) -> None:
    taken = order("paroxetine", "active", 20)

    [card] = cards(order(drug, "draft", 100), POOR, taken, born="1980-01-01")

    assert card.detail.startswith("**Several reasons to change the dose:** weigh them together.")
    assert "PHE-006" in catalogue(card)
    assert "update" not in kinds(card)


def test_citalopram_for_a_poor_metabolizer_over_sixty_is_one_card_without_a_dose() -> None:
    [card] = cards(order("citalopram", "draft", 40), POOR, born="1950-01-01")

    assert catalogue(card)[:2] == ["cyp2c19-citalopram", "LAB-098"]
    assert "update" not in kinds(card)


def test_malignant_hyperthermia_by_genes_and_by_history_is_one_card() -> None:
    ryr1 = gene("HGNC:10483", "RYR1", "84413-4", valueString="c.7300G>A/Reference")
    history = of_p1("Condition", "history", code=coded("snomed", "405501007"))

    [card] = cards(order("succinylcholine", "draft", 100), ryr1, history)

    assert catalogue(card) == ["GER-017", "GER-017"]
    assert card.summary.startswith("Do not use succinylcholine: RYR1 variant")
    assert "Condition/history" in card.detail


@pytest.mark.parametrize("drug", ["rasburicase", "pegloticase", "primaquine", "tafenoquine"])
def test_a_drug_that_g6pd_genes_rule_out_does_not_wait_for_its_activity(drug: str) -> None:
    deficient = "A- 202A_376G/A- 202A_376G"
    genes = gene("HGNC:4057", "G6PD", "84413-4", valueString=deficient)

    [card] = cards(order(drug, "draft", 10), genes)

    assert card.summary.startswith(f"Do not use {drug}")
    assert [finding.rule.id for finding in card.about][1:]
    assert not [each.label for each in card.suggestions if each.label.startswith("Order test")]
    assert "G6PD status is not known" not in card.detail


KIDNEYS = (number("scr", "2160-0", 2, "mg/dL"), number("weight", "29463-7", 60, "kg"))


@pytest.mark.parametrize(
    ("drug", "ordered", "dose", "times"),
    [
        ("rivaroxaban", 20, 15, 1),
        ("edoxaban", 60, 30, 1),
        ("digoxin", 0.25, 0.125, 1),
        ("rosuvastatin", 20, 10, 1),
        ("tramadol", 100, 50, 4),
    ],
)
def test_a_dose_in_mg_is_offered_lower_where_there_is_a_greatest_one(
    drug: str, ordered: float, dose: float, times: int
) -> None:
    fibrillation = of_p1("Condition", "af", code=coded("snomed", "49436004"))
    draft = order(drug, "draft", ordered, times)

    found = cards(draft, *KIDNEYS, fibrillation, born="1945-01-01")

    [suggestion] = [each for card in found for each in card.suggestions if "mg" in each.label]
    [update] = suggestion.actions
    assert update.type == "update"
    assert update.resource is not None
    assert rated(update.resource)["value"] == dose
    assert "text" not in update.resource["dosageInstruction"][0]
    assert rated(draft)["value"] == ordered


def test_a_tablet_of_edoxaban_is_offered_smaller() -> None:
    draft = order("edoxaban", "draft", 60)
    draft["medicationCodeableConcept"] = coded("rxnorm", "1599555", "edoxaban 60 MG Oral Tablet")
    draft["dosageInstruction"][0]["doseAndRate"] = [
        {"doseQuantity": {"value": 1, "unit": "tablet"}}
    ]
    draft["dosageInstruction"][0]["text"] = "60 mg daily"

    [card] = cards(draft, *KIDNEYS, born="1945-01-01")

    assert [each.label for each in card.suggestions] == ["Edoxaban 30 MG Oral Tablet instead"]
    [update] = card.suggestions[0].actions
    assert update.resource is not None
    assert update.resource["medicationCodeableConcept"]["coding"][0]["code"] == "1599551"
    assert update.resource["dosageInstruction"][0]["text"] == "1 tablet once a day"


@pytest.mark.parametrize(
    ("drug", "test", "code"),
    [
        ("trastuzumab", "echocardiogram", "10230-1"),
        ("avutometinib", "kras-mutation", "75974-6"),
        ("gilteritinib", "flt3", "47958-4"),
        ("quizartinib", "flt3-itd", "79210-1"),
    ],
)
def test_a_test_is_ordered_by_a_code_that_the_rule_asks_for(
    drug: str, test: str, code: str
) -> None:
    [rule] = [rule for rule in KNOWLEDGE.biomarkers_for(drug) if test in rule.tests]
    alone = replace(KNOWLEDGE, biomarkers=(rule,), guidelines=())
    orderable = KNOWLEDGE.orderables[test]

    assert (orderable.system, orderable.code) == ("loinc", code)
    assert f"http://loinc.org|{code}" in "".join(needed([drug], alone).values())


def rated(resource: Json) -> Json:
    quantity: Json = resource["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]
    return quantity


def egfr_variant(change: str) -> Json:
    egfr = {"code": coded("loinc", "48018-6"), "valueCodeableConcept": coded("hgnc", "HGNC:3236")}
    protein = {"code": coded("loinc", "48005-3"), "valueCodeableConcept": {"text": change}}
    somatic = {
        "code": coded("loinc", "48002-0"),
        "valueCodeableConcept": coded("loinc", "LA6684-0"),
    }
    told = {
        "code": coded("loinc", "69548-6"),
        "component": [egfr, protein, somatic],
        "valueCodeableConcept": coded("loinc", "LA9633-4"),
    }
    return of_p1("Observation", change, status="final", effectiveDateTime="2026-11-10", **told)


def test_osimertinib_is_offered_against_t790m_but_not_where_c797s_resists_it() -> None:
    t790m, c797s = egfr_variant("p.Thr790Met"), egfr_variant("p.Cys797Ser")

    [card] = cards(order("gefitinib", "draft", 250), t790m)
    [warned] = cards(order("gefitinib", "draft", 250), t790m, c797s)

    assert catalogue(card) == catalogue(warned) == ["TUM-008"]
    assert [each.label for each in card.suggestions] == ["Osimertinib instead"]
    assert kinds(card) == ["create", "delete"]
    assert not card.suggestions[0].recommended
    assert warned.suggestions == ()
    assert "Not for this patient: osimertinib (" in warned.detail


def allergy(drug: str) -> Json:
    about = {"patient": {"reference": "Patient/p1"}, "clinicalStatus": {"text": "active"}}
    named = coded("rxnorm", KNOWLEDGE.drugs[drug].rxnorm, drug)
    return {"resourceType": "AllergyIntolerance", "id": drug, "code": named, **about}


LOW_EGFR = number("egfr", "98979-8", 20, "mL/min/{1.73_m2}")


@pytest.mark.parametrize(
    ("drug", "other", "found"),
    [
        ("naproxen", "acetaminophen", LOW_EGFR),
        ("ibuprofen", "acetaminophen", LOW_EGFR),
        ("gefitinib", "osimertinib", egfr_variant("p.Thr790Met")),
    ],
)
def test_no_alternative_is_offered_that_the_patient_is_allergic_to_or_takes(
    drug: str, other: str, found: Json
) -> None:
    draft = order(drug, "draft", 250)

    [card] = cards(draft, found)
    [allergic] = cards(draft, found, allergy(other))
    [taking] = cards(draft, found, order(other, "active", 80))

    assert [each.label for each in card.suggestions] == [f"{other.capitalize()} instead"]
    assert "could not be read" not in card.detail
    assert allergic.suggestions == taking.suggestions == ()
    assert f"Not for this patient: {other} (allergy or intolerance on file" in allergic.detail
    assert f"Not for this patient: {other} (ordered already" in taking.detail


@pytest.mark.parametrize("known", [load(), KNOWLEDGE], ids=["default", "drafts-on"])
def test_rules_with_alternatives_ask_for_what_tells_whether_those_suit(known: Knowledge) -> None:
    unasked = {}
    for drug in known.drugs:
        others = {o for rule in rules_of(drug, known) for o in rule.alternatives}
        wanted = {"allergies", "medications"} if others else set()
        wanted |= {"conditions" for other in others if other.not_if}
        wanted |= {"genotypes" for other in others if known.rules_for(other.drug)}
        unasked[drug] = wanted - needed([drug], known).keys()

    assert not any(unasked.values()), {drug: keys for drug, keys in unasked.items() if keys}


@pytest.mark.parametrize("known", [load(), KNOWLEDGE], ids=["default", "drafts-on"])
def test_a_drug_without_rules_asks_for_nothing(known: Knowledge) -> None:
    without = [drug for drug in known.drugs if not rules_of(drug, known)]

    assert without
    assert not any(needed([drug], known) for drug in without)


def rules_of(drug: str, known: Knowledge) -> list[Guideline]:
    return [*known.rules_for(drug), *known.biomarkers_for(drug)]
