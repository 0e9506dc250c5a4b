"""The cells of the API's tables, each held against what its column must hold."""

import pytest

from app.kb.shapes import TABLES, misshapen
from tests.unit.app.kb.release import release

TABLE = {table.name: table for table in TABLES}


@pytest.mark.parametrize("name", TABLE)
def test_a_sound_table_is_in_shape(name: str) -> None:
    assert misshapen(TABLE[name], release()[name]) == []


@pytest.mark.parametrize(
    ("name", "column", "value", "words"),
    [
        ("gene", "symbol", " ", "a text"),
        ("gene", "chr", 1, "a text or null"),
        ("allele", "name", None, "a text"),
        ("allele", "id", True, "a number or a text"),
        ("allele", "activityvalue", 0.5, "a text or null"),
        ("drug", "atcid", "A01", "a list of texts or null"),
        ("drug", "atcid", [1], "a list of texts or null"),
        ("drug", "guidelineid", 1.5, "a number, a text or null"),
        ("pair_view", "provisional", 0, "a text, true, false or null"),
        ("guideline", "publication", None, "a list of publications"),
        ("guideline", "publication", ["1"], "a list of publications"),
        ("guideline", "publication", [{"pmid": 1}], "a list of publications"),
        ("recommendation", "lookupkey", {}, "an object of texts with something in it"),
        ("recommendation", "lookupkey", {"PAIR": 1}, "an object of texts with something in it"),
        ("recommendation", "phenotypes", [], "an object of texts or null"),
    ],
)
def test_a_cell_that_its_column_cannot_hold_is_told(
    name: str, column: str, value: object, words: str
) -> None:
    rows = release()[name]
    rows[0][column] = value

    assert misshapen(TABLE[name], rows) == [f"{name}: row 1: {column} is not {words}"]


def test_a_cell_that_is_not_there_is_told() -> None:
    rows = release()["gene"]
    del rows[1]["symbol"]

    assert misshapen(TABLE["gene"], rows) == ["gene: row 2 has no symbol"]


def test_of_many_the_first_five_are_told_and_the_rest_counted() -> None:
    rows = [{**release()["gene"][0], "symbol": None} for _ in range(8)]

    told = misshapen(TABLE["gene"], rows)

    assert len(told) == 6
    assert told[-1] == "gene: and 3 cells more"


def test_a_table_without_rows_is_told_unless_it_may_be_empty() -> None:
    assert misshapen(TABLE["gene"], []) == ["gene: is empty"]
    assert misshapen(TABLE["test_alert"], []) == []


def test_embedded_columns_are_asked_for_as_such() -> None:
    assert TABLE["guideline"].select == "id,name,url,publication(pmid,year)"
    assert TABLE["gene"].select == "symbol,hgncid,chr,lookupmethod"
