"""A calculated dose on a card."""

from hooks.estimate_text import estimate_text
from hooks.knowledge import Source
from tests.unit.hooks.dosed import dosed
from tests.unit.hooks.small import result

SOURCE = Source("equation", "An equation", "Equation, 2009", "CC0-1.0", "2026-11-21")
GENES = (result("PAIR", "*1/*2"), result("SCORED", "*1/*1"))
ADJUSTED = (result("PAIR", "*1/*1", "*1/*2"), result("SCORED", "*1/*10"))


def test_the_estimate_stands_with_every_input_and_its_date() -> None:
    assert estimate_text(dosed(*GENES).estimate, SOURCE) == (
        "Equation, 2009: 64 mg a week (9.1 mg a day); 81 mg a week without genes. "
        "Inputs: age 46 years; weight 80 kg of 2026-11-21; booster none on file; origin any; "
        r"PAIR sensitive; SCORED \*1/\*1."
    )


def test_what_comes_on_top_is_said_before_and_after() -> None:
    told = estimate_text(dosed(*ADJUSTED, weekly="500").estimate, SOURCE)

    assert told.startswith(
        "Equation, 2009: 64 to 100 mg a week (9.1 to 14.3 mg a day); 81 mg a week without genes. "
        r"Carriers of SCORED \*10 get less (optional). "
        "With that: 32 to 80 mg a week (4.6 to 11.4 mg a day). Inputs: "
    )


def test_without_an_estimate_nothing_is_said() -> None:
    assert estimate_text(None, SOURCE) == estimate_text(dosed(*GENES).estimate, None) == ""
