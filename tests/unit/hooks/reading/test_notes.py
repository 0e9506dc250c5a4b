"""Results that say nothing but in a note: told as unreadable, and never as not tested."""

import pytest

from hooks.clinical.facts import Missing, Why
from tests.unit.hooks.reading import ABSENT, Json, gene, missing, observation, read, result

LOST = {"comments": "sample lost", "dataAbsentReason": {"text": "not performed"}}


def noted(**note: object) -> Json:
    return observation("84413-4", ABSENT, id="g1", **note)


@pytest.mark.parametrize(
    "note",
    [
        {"note": [{"text": "CYP2C19 *1/*1"}]},
        {"note": {"text": "see CYP2C19"}},
        {"comment": "CYP2C19 *1/*1"},
        {"comments": "CYP2C19 normal metabolizer"},
        {"comments": "see the report on paper", "component": [gene("CYP2C19")]},
    ],
)
def test_a_result_that_is_only_a_note_is_unreadable(note: Json) -> None:
    assert missing("CYP2C19", noted(**note)) == Missing(
        "CYP2C19", Why.UNREADABLE, "Observation/g1 has no value, only a note"
    )


def test_a_note_that_names_no_gene_leaves_every_gene_unreadable() -> None:
    found = read(noted(comments="see the report on paper"))

    assert found.get("CYP2C19") == Missing(
        "CYP2C19", Why.UNREADABLE, "a result on file names no gene"
    )
    assert found.remarks


@pytest.mark.parametrize("note", [{"comments": " "}, {"note": [None, {"text": 7}]}, {}, LOST])
def test_a_result_without_a_value_or_a_note_says_nothing(note: Json) -> None:
    assert missing("CYP2C19", noted(**note)).why is Why.NOT_RECORDED


def test_a_note_beside_a_value_changes_nothing() -> None:
    plain = observation("84413-4", "CYP2C19 *2/*2")

    assert result("CYP2C19", plain | {"comments": "drawn on Monday"}) == result("CYP2C19", plain)
