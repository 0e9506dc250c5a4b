"""The dose on the screen is the dose in the order, or the order is not signed."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.ehr import Ehr

SELECT = "/cds-services/rxhooks-order-select"
SIGN = "/cds-services/rxhooks-order-sign"
METFORMIN = "Metformin hydrochloride 500 MG Oral Tablet"
UNREADABLE = ["1,000", "1.500", "Infinity", "0x10", "1e3", "0", "-5", "5 mg", "1,5,5"]


def ordered(ehr: Ehr) -> None:
    ehr.open("carla-sanchez")
    ehr.order("metformin hydrochloride 500", METFORMIN)


def typed(ehr: Ehr, words: str) -> None:
    ehr.dose(METFORMIN).fill(words)
    ehr.dose(METFORMIN).press("Tab")


def dosages(ehr: Ehr, path: str) -> list[Any]:
    """The dosage instructions of the newest request to *path*."""
    ehr.answered(path.removeprefix("/cds-services/rxhooks-"))
    entries = ehr.sent(path)[-1]["context"]["draftOrders"]["entry"]
    return [entry["resource"].get("dosageInstruction") for entry in entries]


@pytest.mark.parametrize("words", UNREADABLE)
def test_an_order_whose_dose_cannot_be_read_is_not_signed(ehr: Ehr, words: str) -> None:
    ordered(ehr)
    typed(ehr, words)
    expect(ehr.dose()).to_have_attribute("aria-invalid", "true")
    expect(ehr.dose()).to_have_accessible_description(re.compile("Write a number above 0"))
    ehr.sign()

    ehr.says("Not signed: a dose cannot be read")
    expect(ehr.dose()).to_be_focused()
    expect(ehr.dose()).to_have_value(words)
    assert ehr.sent(SIGN) == []
    assert ehr.drafts() == [METFORMIN]


def test_a_dose_that_cannot_be_read_is_still_there_when_another_drug_is_chosen(ehr: Ehr) -> None:
    ordered(ehr)
    typed(ehr, "5OO")
    ehr.order("codeine sulf 30", "Codeine sulfate 30 MG Oral Tablet")

    expect(ehr.dose(METFORMIN)).to_have_value("5OO")
    expect(ehr.dose(METFORMIN)).to_have_attribute("aria-invalid", "true")
    ehr.sign()
    ehr.says("Not signed: a dose cannot be read")


def test_a_dose_that_is_put_right_is_signed(ehr: Ehr) -> None:
    ordered(ehr)
    typed(ehr, "5OO")
    typed(ehr, "500")
    expect(ehr.dose()).to_have_attribute("aria-invalid", "false")
    ehr.sign()
    [[dosage]] = dosages(ehr, SIGN)
    assert dosage["doseAndRate"][0]["doseQuantity"]["value"] == 500


@pytest.mark.parametrize(
    ("words", "value"), [("1,5", 1.5), (" 0,125 ", 0.125), ("3.125", 3.125), ("0010", 10)]
)
def test_a_comma_is_a_point_and_the_field_shows_what_was_read(
    ehr: Ehr, words: str, value: float
) -> None:
    ordered(ehr)
    typed(ehr, words)
    expect(ehr.dose()).to_have_value(str(value))
    [[dosage]] = dosages(ehr, SELECT)
    assert dosage["doseAndRate"][0]["doseQuantity"]["value"] == value


def test_where_only_the_frequency_is_said_the_order_says_it(ehr: Ehr) -> None:
    ordered(ehr)
    typed(ehr, "")
    ehr.draft(METFORMIN).get_by_role("combobox", name="How often").select_option("2 times a day")
    [[dosage]] = dosages(ehr, SELECT)
    assert dosage["timing"] == {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}
    assert "doseAndRate" not in dosage
    assert dosage["text"].startswith("2 ")
