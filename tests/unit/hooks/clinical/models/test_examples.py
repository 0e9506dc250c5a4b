"""Every worked example of every equation, to the digits that it gives."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from hooks.clinical.facts import Missing
from hooks.clinical.models.model import Model
from hooks.clinical.models.registry import CALCULATIONS, calculate
from hooks.knowledge import load

MODELS = load().models
HERE = Path(__file__).parent
LONE = {  # what the column is called that a single result is held against
    "ckdepi2021": "unrounded",
    "cockcroft_gault": "expected_crcl_mL_min",
    "fib4": "expected_fib4",
    "hasbled": "expected_score",
    "meld3": "raw",
}
Row = Mapping[str, str]


def rows(name: str) -> list[Row]:
    return list(csv.DictReader((HERE / f"{name}_examples.csv").read_text("utf-8").splitlines()))


def results(model: Model, row: Row) -> dict[str, Decimal | str]:
    """The results, in numbers and words; those that do not apply are left out."""
    found = calculate(model, {each.name: row[each.name] for each in model.inputs})
    assert not isinstance(found, Missing), found
    words = {name: bands.word(found[bands.of]) for name, bands in model.bands.items()}
    return {**found, **words}


def agrees(found: Decimal | str, printed: str) -> bool:
    """Whether *found* is what is printed, to as many digits."""
    if isinstance(found, str):
        return found == printed
    digits = Decimal(printed)
    return abs(found - digits) <= Decimal(5).scaleb(int(digits.as_tuple().exponent) - 1)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        pytest.param(name, row, id=f"{name}-{row['example']}")
        for name in sorted(CALCULATIONS)
        if name != "iwpc"
        for row in rows(name)
    ],
)
def test_a_worked_example_comes_out_to_its_digits(name: str, row: Row) -> None:
    model = MODELS[name]
    found = results(model, row)

    for result in model.results:
        column = LONE[name] if result == "value" else f"expected_{result}"
        if row[column].startswith("NA"):
            assert result not in found
        else:
            assert agrees(found[result], row[column]), (result, found[result], row[column])
            assert agrees(found[result], row.get(f"unrounded_{result}", row[column]))


@pytest.mark.parametrize("name", sorted(CALCULATIONS))
def test_the_inputs_are_the_columns_of_the_examples(name: str) -> None:
    columns = list(rows(name)[0])
    first = next(i for i, column in enumerate(columns) if column.startswith("expected_"))

    assert [each.name for each in MODELS[name].inputs] == columns[1:first]


@pytest.mark.parametrize("name", sorted(CALCULATIONS))
def test_no_result_without_a_single_one_of_the_inputs_that_it_takes(name: str) -> None:
    model, row = MODELS[name], rows(name)[0]
    given = {each.name: row[each.name] for each in model.inputs}

    for each in model.inputs:
        found = calculate(model, given | {each.name: " "})
        missing = isinstance(found, Missing) and each.label in found.what
        assert missing or each.default or each.optional
