"""Typing ahead: what begins with the typed words, the plain products first."""

import pytest

from app.pages.drugs import MOST, matching
from tests.unit.hooks.reading import KNOWLEDGE


def names(typed: str) -> list[str]:
    return [str(each["display"]) for each in matching(typed, KNOWLEDGE)]


def test_plain_products_come_before_brands_and_small_strengths_before_large_ones() -> None:
    found = names("clop")
    assert found[:2] == ["clopidogrel 75 MG Oral Tablet", "clopidogrel 300 MG Oral Tablet"]
    assert found.index("clopidogrel 300 MG Oral Tablet") < found.index(
        "clopidogrel 75 MG Oral Tablet [Plavix]"
    )


def test_each_typed_word_begins_a_word_of_the_name() -> None:
    assert names("SIMVA 40")[0] == "Simvastatin 40 MG Oral Tablet"
    assert all("40" in name for name in names("simva 40"))


def test_a_drug_is_found_by_its_brand_and_by_its_other_names() -> None:
    assert "clopidogrel 75 MG Oral Tablet [Plavix]" in names("plavix")
    assert "fluorouracil" in names("5-fu")


def test_a_drug_of_which_no_product_is_listed_can_be_ordered_as_such() -> None:
    [found] = matching("rasburicase", KNOWLEDGE)
    assert (found["display"], found["amount"]) == ("rasburicase", "")


def test_one_piece_is_offered_as_the_dose() -> None:
    alone = matching("clopidogrel 75", KNOWLEDGE)[0]
    mixed = matching("ezetimibe simvastatin 40", KNOWLEDGE)[0]
    assert (alone["amount"], alone["unit"]) == ("75", "mg")
    assert (mixed["amount"], mixed["unit"]) == ("1", "tablet")


@pytest.mark.parametrize("typed", ["", "  ", "<>", "'", "qqqqq"])
def test_nothing_is_offered_where_nothing_begins_so(typed: str) -> None:
    assert matching(typed, KNOWLEDGE) == []


def test_no_more_than_twenty_are_offered() -> None:
    assert len(matching("a", KNOWLEDGE)) == MOST
    assert matching("clopidogrel" * 1000, KNOWLEDGE) == []
