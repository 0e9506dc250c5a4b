"""The ordered dose."""

from decimal import Decimal

import pytest

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Evidence, Missing, Order, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import OrderChart, PatientChart
from hooks.reading.elements.ordered import ORDER_READERS
from tests.unit.hooks.reading import Json, coded
from tests.unit.hooks.reading.elements.medicines import DAILY, NOW, TABLES, chart, draft, look
from tests.unit.hooks.small import patient

TWICE = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}
WEIGHT = Known(Interval.exactly(Decimal(80)), "80 kg", (Evidence("Observation/w"),))


def dosage(value: object, unit: str = "mg", timing: Json = TWICE, **more: object) -> Json:
    quantity = {"value": value, "unit": unit}
    return {"timing": timing, "doseAndRate": [{"doseQuantity": quantity}]} | more


def ordered(*instructions: object, code: str = "1") -> Order:
    return draft(
        "",
        medicationCodeableConcept=coded("rxnorm", code, "firstin"),
        dosageInstruction=list(instructions),
    )


def told(name: str, at: Order, weight: Known | Missing = WEIGHT) -> Known | Missing:
    readers = {"weight": lambda *_: weight}
    around = PatientChart({}, "p1", TABLES, NOW, patient(), readers, ORDER_READERS)
    return OrderChart(around, at, "firstin").look(Term(name))


def number(name: str, at: Order) -> tuple[Decimal | None, str]:
    found = told(name, at)
    assert isinstance(found, Known), found
    assert isinstance(found.value, Interval)
    return found.value.value, found.shown


def test_a_plain_instruction_tells_dose_and_frequency() -> None:
    order = ordered(dosage(20))

    assert number("dose_single", order) == (20, "20 mg")
    assert number("dose_day", order) == (40, "40 mg/day")
    assert number("freq_day", order) == (2, "2 times a day")
    assert number("dose_mgkg", order) == (Decimal("0.5"), "0.50 mg/kg/day at 80 kg")


@pytest.mark.parametrize(
    ("code", "value", "unit", "single"),
    [
        ("1", 125, "ug", "0.125"),
        ("1", 250, "mcg", "0.25"),
        ("1", 250, "µg", "0.25"),
        ("1", 1, "g", "1000"),
        ("100", 2, "tablet", "10"),
        ("101", 5, "mL", "10"),
        ("101", 2.5, "ml", "5"),
    ],
)
def test_units_are_converted_and_products_tell_their_strength(
    code: str, value: float, unit: str, single: str
) -> None:
    assert number("dose_single", ordered(dosage(value, unit), code=code))[0] == Decimal(single)


@pytest.mark.parametrize(
    ("code", "unit"), [("1", "mL"), ("100", "mL"), ("101", "tablet"), ("1", "[IU]")]
)
def test_other_units_are_unknown(code: str, unit: str) -> None:
    found = told("dose_single", ordered(dosage(20, unit), code=code))

    assert isinstance(found, Missing)
    assert found.why is Why.UNREADABLE


@pytest.mark.parametrize(
    "instructions",
    [
        [dosage(20), dosage(10)],
        [dosage(20, asNeededBoolean=True)],
        [{"timing": TWICE, "doseAndRate": [{"doseRange": {"low": {"value": 20}}}]}],
        [dosage(10**9)],
        ["20 mg"],
    ],
)
@pytest.mark.parametrize("name", ["dose_single", "dose_day", "dose_mgkg"])
def test_tapers_ranges_and_doses_as_needed_are_unknown(
    instructions: list[object], name: str
) -> None:
    assert isinstance(told(name, ordered(*instructions)), Missing)


def test_a_single_dose_is_known_without_a_frequency() -> None:
    once = ordered(dosage(1.5, timing={}))

    assert number("dose_single", once)[0] == Decimal("1.5")
    assert isinstance(told("freq_day", once), Missing)
    assert isinstance(told("dose_day", once), Missing)


@pytest.mark.parametrize(
    ("repeat", "times"),
    [
        ({"frequency": 1, "period": 12, "periodUnit": "h"}, "2"),
        ({"frequency": 1, "period": 8, "periodUnit": "h"}, "3"),
        ({"frequency": 1, "period": 2, "periodUnit": "d"}, "0.5"),
    ],
)
def test_every_twelve_hours_is_twice_a_day_exactly(repeat: Json, times: str) -> None:
    assert number("freq_day", ordered(dosage(20, timing={"repeat": repeat})))[0] == Decimal(times)


@pytest.mark.parametrize("period", [1e-300, 1e8])
def test_an_absurd_frequency_is_unknown(period: float) -> None:
    rarely = {"repeat": {"frequency": 1, "period": period, "periodUnit": "mo"}}

    assert isinstance(told("freq_day", ordered(dosage(20, timing=rarely))), Missing)


def test_a_frequency_is_known_without_an_amount() -> None:
    assert number("freq_day", ordered({"timing": TWICE}))[0] == 2


def test_an_order_without_instruction_has_no_dose_yet() -> None:
    for name in ORDER_READERS:
        found = told(name, ordered())
        assert isinstance(found, Missing)
        assert found.why is Why.NOT_RECORDED


def test_an_opened_chart_has_no_dose() -> None:
    for name in ORDER_READERS:
        found = OrderChart(chart(), Order("", ()), "").look(Term(name))
        assert isinstance(found, Missing)
        assert found.why is Why.NOT_RECORDED


class TestPerWeight:
    ORDER = ordered(dosage(20, timing=DAILY))

    def test_evidence_and_note_are_those_of_the_weight(self) -> None:
        noted = Known(WEIGHT.value, WEIGHT.shown, WEIGHT.evidence, "as told")
        found = told("dose_mgkg", self.ORDER, noted)

        assert isinstance(found, Known)
        assert (found.evidence, found.note) == (WEIGHT.evidence, "as told")

    @pytest.mark.parametrize(
        ("weight", "expected"),
        [
            (Interval.reported(Decimal(40), "<"), Interval(Decimal("0.5"), None, over=True)),
            (
                Interval.reported(Decimal(40), ">"),
                Interval(Decimal(0), Decimal("0.5"), under=True),
            ),
            (Interval.exactly(Decimal(0)), Interval(Decimal(0), None)),
        ],
    )
    def test_an_open_weight_leaves_an_open_dose(self, weight: Interval, expected: Interval) -> None:
        found = told("dose_mgkg", self.ORDER, Known(weight, "about 40 kg"))

        assert isinstance(found, Known)
        assert (found.value, found.shown) == (expected, "mg/kg/day at about 40 kg")

    def test_it_takes_a_weight(self) -> None:
        old = Missing("weight", Why.OUTDATED, "the newest is of 2020-01-01")
        found = told("dose_mgkg", self.ORDER, old)
        none = told("dose_mgkg", self.ORDER, Missing("weight", Why.NOT_RECORDED))

        detail = "weight: the newest is of 2020-01-01"
        assert found == Missing("dose_mgkg", Why.OUTDATED, detail)
        assert none == Missing("dose_mgkg", Why.NOT_RECORDED, "weight: not recorded")
        assert isinstance(told("dose_mgkg", self.ORDER, Known(Truth.YES)), Missing)


def test_the_readers_are_among_all_readers() -> None:
    assert isinstance(look(chart(), "dose_day", at=ordered(dosage(20))), Known)
