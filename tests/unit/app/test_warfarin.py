"""Warfarin from FHIR JSON to card, with the knowledge that we ship."""

import json
from datetime import date
from typing import Any

from app.explain import explain
from hooks.markdown import unmarked
from tests.unit.app.cds import faults, finding_faults, order_select, order_sign
from tests.unit.hooks.reading import (
    KNOWLEDGE,
    Json,
    bundle,
    gene,
    observation,
    request,
)

UCUM = "http://unitsofmeasure.org"
AS_OF = date(2026, 11, 21)


def genotype(symbol: str, text: str) -> Json:
    return observation("84413-4", text, id=f"genotype-{symbol}", component=[gene(symbol)])


def measured(name: str, code: str, value: float, unit: str, on: str) -> Json:
    amount = {"value": value, "unit": unit, "system": UCUM, "code": unit}
    return observation(code, id=name, effectiveDateTime=on, valueQuantity=amount)


def draft(milligrams: float | None) -> Json:
    dosage = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": milligrams, "unit": "mg", "code": "mg"}}],
    }
    told = request(medicationCodeableConcept={"text": "warfarin"})
    return told | ({"dosageInstruction": [dosage]} if milligrams else {})


GENOTYPES = bundle(
    genotype("VKORC1", "rs9923231 variant (T)/rs9923231 variant (T)"),
    genotype("CYP2C9", "*1/*3"),
    genotype("CYP4F2", "*1/*3"),
)
PREFETCH: Json = {
    "patient": {"resourceType": "Patient", "id": "p1", "birthDate": "1961-04-12"},
    "genotypes": GENOTYPES,
    "results": bundle(
        measured("old-weight", "29463-7", 95, "kg", "2025-12-01"),
        measured("weight", "29463-7", 80, "kg", "2026-03-01"),
        measured("height", "8302-2", 1.7, "m", "2019-05-02"),
    ),
    "medications": bundle(),
}


def explained(body: Json) -> Json:
    [told] = explain([json.dumps(body).encode()], KNOWLEDGE, AS_OF)
    return told


def asking(milligrams: float | None = 5, **prefetch: Any) -> Json:
    return explained(order_sign(draft(milligrams), prefetch=PREFETCH | prefetch))


def test_the_card_shows_the_estimate_its_inputs_with_dates_and_what_was_assumed() -> None:
    [card] = asking()["cards"]

    assert card["indicator"] == "warning"
    assert card["summary"] == (
        "Warfarin likely ordered too high: 15.2 to 15.9 mg a week estimated from genes, "
        "35 mg ordered"
    )
    for said in (
        "IWPC equation, 2009: 14.5 mg a week (2.1 mg a day); 31.7 mg a week without genes.",
        "With that: 15.2 to 15.9 mg a week (2.2 to 2.3 mg a day).",
        "weight 80 kg of 2026-03-01",
        "height 170 cm of 2019-05-02",
        "race missing or mixed",
        "VKORC1 -1639 AA",
        unmarked("CYP2C9 *1/*3"),
        "Ancestry is not read",
        "rs12777823 A",
        "Observation/weight of 2026-03-01",
    ):
        assert said in card["detail"]
    assert "95 kg" not in card["detail"]


def test_no_dose_is_offered_let_alone_chosen() -> None:
    for milligrams in (None, 1, 2, 5, 10):
        for card in asking(milligrams)["cards"]:
            assert card.get("suggestions", []) == []


def test_the_card_links_the_guideline_and_the_equation() -> None:
    [card] = asking()["cards"]

    assert [link["url"] for link in card["links"]] == [
        "https://www.clinpgx.org/guideline/PA166251465",
        "https://doi.org/10.1056/NEJMoa0809329",
    ]
    assert faults(card) == []


def test_the_finding_names_all_three_genes_and_the_catalogue() -> None:
    [finding] = asking()["findings"]

    assert (finding["rule"], finding["catalogue"]) == ("warfarin", "PRE-007")
    assert [told["gene"] for told in finding["genes"]] == ["VKORC1", "CYP2C9", "CYP4F2"]
    assert (finding["action"], finding["strength"]) == ("reduce-dose", "strong")
    assert "dose" not in finding
    assert {"reference": "Observation/weight", "date": "2026-03-01", "server": "prefetch"} in (
        finding["evidence"]
    )
    assert finding_faults(finding) == []
    assert [source.get("pmid") for source in finding["sources"]] == ["28198005", None]


def test_a_newer_weight_that_cannot_be_read_leaves_no_estimate() -> None:
    newer = measured("newer", "29463-7", 80, "stone", "2026-10-01")
    results = bundle(*(entry["resource"] for entry in PREFETCH["results"]["entry"]), newer)

    [finding] = asking(results=results)["findings"]

    assert (finding["branch"], finding["outcome"]) == ("not-calculated", "cannot-tell")
    assert finding["missing"] == [
        {
            "what": "weight",
            "why": "UNREADABLE",
            "detail": "the unit is not one that we know for it",
        }
    ]


def test_amiodarone_among_the_active_medications_counts() -> None:
    taken = request(status="active", medicationCodeableConcept={"text": "amiodarone"})

    [with_it] = asking(medications=bundle(taken))["cards"]
    [without] = asking()["cards"]

    assert "equation, 2009: 10.6 mg a week" in with_it["detail"]
    assert "amiodarone amiodarone;" in with_it["detail"]
    assert "amiodarone none on file;" in without["detail"]


def test_an_inducer_counts_under_its_international_name() -> None:
    taken = request(status="active", medicationCodeableConcept={"text": "rifampicin"})

    [with_it] = asking(10, medications=bundle(taken))["cards"]

    assert "enzyme inducer rifampin;" in with_it["detail"]


def test_a_renewal_is_silent() -> None:
    taken = request(id="m1", status="active", medicationCodeableConcept={"text": "warfarin"})

    told = asking(medications=bundle(taken))

    assert told["cards"] == []
    assert [finding["branch"] for finding in told["findings"]] == ["taken-already"]


def test_a_start_without_genotypes_is_silent_and_says_so_in_the_answer() -> None:
    told = explained(order_select(draft(5), prefetch=PREFETCH | {"genotypes": bundle()}))

    assert told["cards"] == []
    [blind] = [each for each in told["unchecked"] if "rule" in each]
    assert {gap["why"] for gap in blind["missing"]} == {"NOT_RECORDED"}
