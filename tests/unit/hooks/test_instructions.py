"""The words of a changed instruction."""

import pytest

from hooks.instructions import instruction_text, reworded
from tests.unit.hooks.reading import Json


def dosage(amount: object, unit: str, repeat: Json, **more: object) -> Json:
    rate = {"doseQuantity": {"value": amount, "unit": unit}}
    return {"timing": {"repeat": repeat}, "doseAndRate": [rate]} | more


DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (dosage(750, "mg", DAILY | {"frequency": 2}), "750 mg twice a day"),
        (dosage(7.5, "mg", DAILY), "7.5 mg once a day"),
        (dosage(1, "tablet", DAILY | {"frequency": 3}), "1 tablet 3 times a day"),
        (dosage(10, "mg", {"period": 1, "periodUnit": "wk"}), "10 mg once a week"),
        (dosage(100, "mg", {"period": 8, "periodUnit": "h"}), "100 mg every 8 hours"),
        (dosage(5, "mg", DAILY, sequence=1), "5 mg once a day"),
    ],
)
def test_a_plain_instruction_is_told_in_words(of: Json, words: str) -> None:
    assert instruction_text(of) == words


def test_a_weight_is_told_in_the_unit_that_it_was_reckoned_by() -> None:
    of = dosage(250, "mg", DAILY)
    of["doseAndRate"][0]["doseQuantity"]["code"] = "ug"
    assert instruction_text(of) == "250 ug once a day"


@pytest.mark.parametrize(
    "of",
    [
        dosage("2", "mg", DAILY),
        dosage(2, "mg/kg", DAILY),
        dosage(2, "", DAILY),
        dosage(2, "{pill}", DAILY),
        dosage(2, "mg", {}),
        dosage(2, "mg", DAILY | {"frequency": "often"}),
        dosage(2, "mg", DAILY | {"periodUnit": "a"}),
        dosage(2, "mg", DAILY | {"frequency": 2, "period": 3}),
        dosage(2, "mg", DAILY | {"boundsDuration": {"value": 14}}),
        dosage(2, "mg", DAILY, route={"text": "oral"}),
        dosage(2, "mg", DAILY, asNeededBoolean=True),
        {
            "timing": {"repeat": DAILY},
            "doseAndRate": [
                {"doseQuantity": {"value": 2, "unit": "mg"}, "rateQuantity": {"value": 3}}
            ],
        },
    ],
)
def test_what_is_not_plain_or_holds_more_has_no_words(of: Json) -> None:
    assert instruction_text(of) == ""


def test_every_instruction_is_reworded_and_what_is_none_is_left_for_the_check() -> None:
    of = {"dosageInstruction": [dosage(2, "mg", DAILY, text="old"), "broken", {"text": "old"}]}
    told = dosage(2, "mg", DAILY, text="2 mg once a day")
    assert reworded(of) == {"dosageInstruction": [told, "broken"]}
