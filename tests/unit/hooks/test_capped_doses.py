"""A greatest dose as the dose of an order in mg."""

from decimal import Decimal
from typing import Any

import pytest

from hooks.clinical.guidelines import Action, Cap
from tests.unit.hooks.reading import Json, coded, request
from tests.unit.hooks.test_suggestions import AT_MOST_20, DAILY, assert_valid, offered, only

SIMVASTATIN = coded("rxnorm", "36567", "simvastatin")
TWICE = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}
WEEKLY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}


def weighed(amount: float, unit: str = "mg", timing: Json = DAILY, **more: Any) -> Json:
    """An order of simvastatin by weight, of no product."""
    rate = [{"doseQuantity": {"value": amount, "code": unit}}]
    dosage = [{"timing": timing, "doseAndRate": rate}]
    return request(**{"medicationCodeableConcept": SIMVASTATIN, "dosageInstruction": dosage} | more)


@pytest.mark.parametrize(
    ("of", "dose", "before"),
    [
        (weighed(40), 20, "40"),
        (weighed(0.04, "g"), 0.02, "40"),
        (weighed(40, timing=TWICE), 10, "80"),
        (weighed(25, timing=TWICE), 10, "50"),
        (weighed(30, medicationCodeableConcept={"text": "simvastatin"}), 20, "30"),
        (weighed(40, medicationCodeableConcept=coded("rxnorm", "314231")), 20, "40"),
    ],
)
def test_a_cap_lowers_a_dose_by_weight_to_itself(of: Json, dose: float, before: str) -> None:
    found = offered(of, AT_MOST_20)
    resource = only(found)
    [dosage] = resource["dosageInstruction"]
    assert dosage["doseAndRate"][0]["doseQuantity"]["value"] == dose
    assert resource["medicationCodeableConcept"] == of["medicationCodeableConcept"]
    assert found[0].label == f"Simvastatin 20 mg/day instead of {before} mg/day"
    assert not found[0].recommended
    assert_valid(found)


@pytest.mark.parametrize(
    "of",
    [
        weighed(15),
        weighed(200, timing=WEEKLY),
        weighed(40, timing={"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}),
        weighed(40, timing={}),
        weighed(40, medicationCodeableConcept=coded("rxnorm", "200345")),
        weighed(40, medicationCodeableConcept={"text": "simvastatin 40 mg tablet"}),
        weighed(40, medicationCodeableConcept=coded("rxnorm", "36567", "simvastatin 40 MG")),
        weighed(
            40,
            medicationCodeableConcept={
                "coding": [*SIMVASTATIN["coding"], {"system": "http://ehr.example", "code": "s40"}]
            },
        ),
    ],
)
def test_a_cap_that_the_ordered_weight_cannot_meet_plainly_offers_nothing(of: Json) -> None:
    assert offered(of, AT_MOST_20) == ()


def test_a_dose_to_stay_below_is_no_dose_to_give() -> None:
    assert offered(weighed(40), Action("reduce-dose", cap=Cap(Decimal(20), "mg", below=True))) == ()
