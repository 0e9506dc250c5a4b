"""Kleene's three-valued logic, as tables."""

import pytest

from hooks.clinical.logic import Truth, all_of, any_of

AND = """
            YES      UNKNOWN  NO
    YES     YES      UNKNOWN  NO
    UNKNOWN UNKNOWN  UNKNOWN  NO
    NO      NO       NO       NO
"""
OR = """
            YES      UNKNOWN  NO
    YES     YES      YES      YES
    UNKNOWN YES      UNKNOWN  UNKNOWN
    NO      YES      UNKNOWN  NO
"""
NOT = {Truth.YES: Truth.NO, Truth.UNKNOWN: Truth.UNKNOWN, Truth.NO: Truth.YES}


def cells(table: str) -> list[tuple[Truth, Truth, Truth]]:
    """Row, column and cell of each place in *table*."""
    head, *rows = [line.split() for line in table.strip().splitlines()]
    return [
        (Truth[row[0]], Truth[column], Truth[cell])
        for row in rows
        for column, cell in zip(head, row[1:], strict=True)
    ]


@pytest.mark.parametrize(("first", "second", "both"), cells(AND))
def test_and_is_the_lesser_truth(first: Truth, second: Truth, both: Truth) -> None:
    assert first & second is both
    assert all_of([first, second]) is both


@pytest.mark.parametrize(("first", "second", "either"), cells(OR))
def test_or_is_the_greater_truth(first: Truth, second: Truth, either: Truth) -> None:
    assert first | second is either
    assert any_of([first, second]) is either


@pytest.mark.parametrize(("truth", "opposite"), NOT.items())
def test_not_turns_yes_and_no_and_leaves_unknown(truth: Truth, opposite: Truth) -> None:
    assert ~truth is opposite


def test_all_of_nothing_is_yes_and_any_of_nothing_is_no() -> None:
    assert all_of([]) is Truth.YES
    assert any_of([]) is Truth.NO


@pytest.mark.parametrize("truth", Truth)
def test_a_truth_is_not_a_bool(truth: Truth) -> None:
    with pytest.raises(TypeError, match="three values"):
        bool(truth)
