"""A dosage instruction to the amount of each ingredient a day."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.codes import Product, Strength
from hooks.clinical.facts import Dose, Missing, Why
from hooks.reading.doses import daily_doses, dose_quantity, number, strength, unit_of
from tests.unit.hooks.reading import Json, json_of

DRUG = ("simvastatin",)
DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
TABLET = Product("1", "S 20 MG", (Strength("simvastatin", Decimal(20), "mg"),), False, "Tablet", "")
MIXED = Product(
    "2",
    "E 10 MG / S 20 MG",
    (Strength("simvastatin", Decimal(20), "mg"), Strength("ezetimibe", Decimal(10), "mg")),
    False,
    "Tablet",
    "",
)
WITH_OTHERS = Product(
    "3", "N 500 MG / S 20 MG", (Strength("simvastatin", Decimal(20), "mg"),), True, "Tablet", ""
)
UNSIZED = Product(
    "4",
    "S",
    (Strength("simvastatin", None, ""), Strength("codeine", Decimal(2), "mg/mL")),
    False,
    "",
    "",
)


def dosage(amount: object = 20, unit: str = "mg", timing: Json = DAILY, **more: object) -> Json:
    rate = {"doseQuantity": {"value": amount, "unit": unit}}
    return {"timing": timing, "doseAndRate": [rate]} | more


def daily(
    instruction: object, drugs: tuple[str, ...] = DRUG, product: Product | None = None
) -> str | Missing:
    found = daily_doses({"dosageInstruction": instruction}, drugs, product)[drugs[0]]
    return str(found) if isinstance(found, Dose) else found


def unreadable(instruction: object, **more: object) -> bool:
    found = daily(instruction, **more)  # type: ignore[arg-type]
    return isinstance(found, Missing) and found.why is Why.UNREADABLE


def test_a_dose_a_day_is_not_rounded_before_its_end() -> None:
    every_three_days = repeat(frequency=1, period=3, periodUnit="d")

    assert daily([dosage(3000, timing=every_three_days)]) == "1000 mg/day"
    assert daily([dosage(125.4, "ug", timing=repeat(period=1, periodUnit="d"))]) == "0.1254 mg/day"


def repeat(**elements: object) -> Json:
    return {"repeat": elements}


@pytest.mark.parametrize(
    ("timing", "a_day"),
    [
        (repeat(frequency=1, period=1, periodUnit="d"), "20 mg/day"),
        (repeat(period=1, periodUnit="d"), "20 mg/day"),
        (repeat(frequency=2, period=1, periodUnit="d"), "40 mg/day"),
        (repeat(frequency=1, period=8, periodUnit="h"), "60 mg/day"),
        (repeat(frequency=7, period=1, periodUnit="wk"), "20 mg/day"),
        (repeat(frequency=3, period=1, periodUnit="mo"), "2 mg/day"),
        (repeat(frequency=1, period=2, periodUnit="d"), "10 mg/day"),
        (repeat(frequency=1, period=1.5, periodUnit="d"), "13.3333 mg/day"),
        (repeat(frequency=1, period=1, periodUnits="d"), "20 mg/day"),
        ({"code": {"coding": [{"code": "BID"}]}}, "40 mg/day"),
        ({"code": {"coding": [{"code": "QD"}]}}, "20 mg/day"),
        ({"code": {"coding": [{"code": "TID"}]}}, "60 mg/day"),
        ({"code": {"coding": [{"code": "QID"}]}}, "80 mg/day"),
        ({"code": {"coding": [{"code": "BED"}]}}, "20 mg/day"),
        ({"code": {"coding": [{"code": "Q6H"}]}}, "80 mg/day"),
        ({"code": {"coding": [{"code": "QOD"}]}}, "10 mg/day"),
    ],
)
def test_the_timing_says_how_often_a_day(timing: Json, a_day: str) -> None:
    assert daily([dosage(timing=timing)]) == a_day


@pytest.mark.parametrize(
    "timing",
    [
        {},
        {"code": {"text": "BID"}},
        {"code": {"coding": [{"code": "Q5H"}]}},
        {"event": ["2024-05-01"]},
        repeat(frequency=1, frequencyMax=2, period=1, periodUnit="d"),
        repeat(frequency=1, period=4, periodMax=6, periodUnit="h"),
        repeat(frequency=1, period=1, periodUnit="d", dayOfWeek=["mon", "thu"]),
        repeat(frequency=1, period=1),
        repeat(frequency=1, period=1, periodUnit="fortnight"),
        repeat(frequency=1, periodUnit="d"),
        repeat(frequency=0, period=1, periodUnit="d"),
        repeat(frequency=1, period=0, periodUnit="d"),
        repeat(frequency="2", period=1, periodUnit="d"),
        repeat(when=["HS"]),
    ],
)
def test_a_timing_that_does_not_say_it_plainly_is_unreadable(timing: Json) -> None:
    assert unreadable([dosage(timing=timing)])


@pytest.mark.parametrize(
    "timing",
    [
        repeat(period=1, periodUnit="d", timeOfDay=["08:00", "20:00"]),
        repeat(period=1, periodUnit="d", when=["MORN", "EVE"]),
    ],
)
def test_two_times_of_one_day_are_not_one_dose(timing: Json) -> None:
    assert daily([dosage(timing=timing)]) != "20 mg/day"


@pytest.mark.parametrize(
    ("amount", "unit", "a_day"),
    [
        (20, "mg", "20 mg/day"),
        (0.02, "g", "20 mg/day"),
        (20000, "ug", "20 mg/day"),
        (50, "mcg", "0.05 mg/day"),
        (0.1, "mg", "0.1 mg/day"),
    ],
)
def test_a_weight_is_told_in_milligrams(amount: float, unit: str, a_day: str) -> None:
    assert daily([dosage(amount, unit)]) == a_day


@pytest.mark.parametrize("unit", ["tablet", "Tablet(s)", "{pill}", "TAB", "capsules", "{tbl}"])
def test_pieces_count_by_the_strength_of_the_product(unit: str) -> None:
    assert daily([dosage(2, unit)], product=TABLET) == "40 mg/day"


def test_the_code_of_a_unit_goes_before_its_words() -> None:
    assert unit_of({"unit": "milligram", "code": "mg"}) == "mg"
    assert unit_of({"unit": "tablet"}) == "tablet"
    assert unit_of({}) == ""


@pytest.mark.parametrize("product", [None, UNSIZED])
def test_pieces_of_a_product_without_known_strength_are_unreadable(product: Product) -> None:
    assert unreadable([dosage(1, "tablet")], product=product)


@pytest.mark.parametrize("unit", ["mL", "mg/kg", "[IU]", "MG", "", "puff"])
def test_another_unit_is_unreadable(unit: str) -> None:
    assert unreadable([dosage(20, unit)], product=TABLET)


def test_a_weight_of_a_combination_tells_no_ingredient() -> None:
    assert unreadable([dosage(30, "mg")], drugs=("simvastatin", "ezetimibe"))
    assert unreadable([dosage(30, "mg")], product=WITH_OTHERS)


def test_a_piece_of_a_combination_tells_every_ingredient() -> None:
    told = daily_doses(
        {"dosageInstruction": [dosage(2, "tablet")]}, ("simvastatin", "ezetimibe"), MIXED
    )
    assert {drug: str(dose) for drug, dose in told.items()} == {
        "simvastatin": "40 mg/day",
        "ezetimibe": "20 mg/day",
    }


def test_an_order_without_a_dosage_has_none_recorded() -> None:
    instructions: list[object] = [[], None, "1 tablet"]
    for instruction in instructions:
        found = daily(instruction)
        assert isinstance(found, Missing)
        assert found.why is Why.NOT_RECORDED


@pytest.mark.parametrize(
    "instruction",
    [
        [dosage(), dosage()],
        ["20 mg daily"],
        [dosage(asNeededBoolean=True)],
        [dosage(asNeededCodeableConcept={})],
        [{"text": "20 mg once a day"}],
        [dosage() | {"doseAndRate": [{"doseRange": {"low": {"value": 20, "unit": "mg"}}}]}],
        [dosage() | {"doseAndRate": [{"doseQuantity": {"value": 20}}] * 2}],
        [dosage("20")],
        [dosage(-20)],
        [dosage(True)],
    ],
)
def test_a_dosage_that_is_not_one_plain_amount_is_unreadable(instruction: object) -> None:
    assert unreadable(instruction)


def test_not_needed_as_needed_is_a_plain_dose() -> None:
    assert daily([dosage(asNeededBoolean=False)]) == "20 mg/day"


def test_a_lone_instruction_is_a_list_of_one() -> None:
    assert daily(dosage()) == "20 mg/day"


def test_dstu2_has_the_quantity_beside_the_timing() -> None:
    assert dose_quantity({"doseQuantity": {"value": 1}}) == {"value": 1}
    assert daily([{"timing": DAILY, "doseQuantity": {"value": 20, "code": "mg"}}]) == "20 mg/day"


@pytest.mark.parametrize("value", [None, "1", True, False, 0, -1, float("nan"), float("inf"), []])
def test_what_is_no_positive_number_is_none(value: object) -> None:
    assert number(value) is None


def test_a_number_is_read_exactly() -> None:
    assert number(0.1) == Decimal("0.1")


@pytest.mark.parametrize("amount", [1e30, 10**26])
def test_an_absurd_amount_does_not_raise(amount: float) -> None:
    assert isinstance(daily([dosage(amount)]), str | Missing)


def test_an_absurdly_short_period_gives_no_dose() -> None:
    often = {"repeat": {"frequency": 1, "period": 1e-300, "periodUnit": "d"}}

    assert isinstance(daily([dosage(20, timing=often)]), str | Missing)


def test_an_endless_number_does_not_raise() -> None:
    assert number(10**5000) is None


def test_strengths_are_told_in_milligrams_where_they_can_be() -> None:
    assert strength(MIXED) == {"simvastatin": 20, "ezetimibe": 10}
    assert strength(UNSIZED) == {}


@given(
    json_of(
        "timing", "repeat", "period", "periodUnit", "d", "frequency", "doseAndRate", "doseQuantity"
    )
)
def test_no_instruction_raises(instruction: object) -> None:
    daily(instruction)
    daily([instruction], product=TABLET)


@given(st.integers(1, 100), st.integers(1, 6))
def test_twice_as_often_is_twice_as_much(amount: int, times: int) -> None:
    once = daily_doses({"dosageInstruction": [dosage(amount)]}, DRUG, None)[DRUG[0]]
    timing = repeat(frequency=times, period=1, periodUnit="d")
    often = daily_doses({"dosageInstruction": [dosage(amount, timing=timing)]}, DRUG, None)
    told = often[DRUG[0]]
    assert isinstance(once, Dose)
    assert isinstance(told, Dose)
    assert told.value == once.value * times


@pytest.mark.parametrize("period", [5e-324, 2.2e-310, 1e-30, 1e-8])
def test_a_dose_that_nobody_could_take_is_unreadable(period: float) -> None:
    assert unreadable([dosage(timing=repeat(frequency=1, period=period, periodUnit="d"))])
