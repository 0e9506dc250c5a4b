"""Whether an inhibitor changes a reported phenotype."""

from dataclasses import replace

import pytest
from hypothesis import given

from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import PatientChart
from hooks.reading.resources import Answer, Fetched
from tests.unit.hooks.reading import Json, bundle, json_of, observation
from tests.unit.hooks.reading.elements.medicines import (
    TABLES,
    chart,
    draft,
    known,
    look,
    missing,
    taking,
)

NAME = "pheno_2d6_changed"
REMARK = Missing("medications", Why.NOT_FETCHED, "a page is missing")


def reported(text: str = "Normal (activity score 2.0)", **elements: object) -> Json:
    return observation("79715-9", **({"valueString": text} | elements))


def truth(*args: object, **more: object) -> object:
    return known(*args, NAME, **more).value


@pytest.mark.parametrize(
    ("score", "inhibitor", "expected"),
    [
        ("2.0", "blockin", Truth.YES),
        ("2.0", "slowin", Truth.YES),
        ("1.0", "blockin", Truth.YES),
        ("1.0", "slowin", Truth.NO),
        ("0", "blockin", Truth.NO),
        ("3.0", "slowin", Truth.YES),
        (">=5.0", "slowin", Truth.NO),
        ("2.0", "odd", Truth.NO),
        ("2.0", "secondin", Truth.NO),
    ],
)
def test_the_score_times_the_factor_may_be_another_phenotype(
    score: str, inhibitor: str, expected: Truth
) -> None:
    result = reported(f"activity score {score}")

    assert truth(chart(result, taking(inhibitor))) is expected


def test_the_strongest_inhibitor_counts_and_all_are_told() -> None:
    found = known(chart(reported(), taking("slowin"), taking("blockin", "m2")), NAME)

    assert found.shown == (
        "activity score 2.0, 0.0 with slowin (moderate SCORED inhibitor), "
        "blockin (strong SCORED inhibitor)"
    )
    assert [each.reference for each in found.evidence] == [
        "Observation/o1",
        "MedicationRequest/m1",
        "MedicationRequest/m2",
    ]


def test_another_draft_inhibits_and_the_ordered_drug_itself_does_not() -> None:
    order, other = draft("blockin", "d1"), draft("blockin", "d2")
    first = draft("firstin", "d3")

    assert truth(chart(reported(), drafts=(first, order)), at=first) is Truth.YES
    assert truth(chart(reported(), drafts=(order, other)), at=order) is Truth.NO


@pytest.mark.parametrize(
    "elements",
    [
        {"valueCodeableConcept": {"text": "Normal (activity score: 2.0)"}},
        {"valueCodeableConcept": {"text": "Normal"}, "note": [{"text": "Activity score 2"}]},
        {"note": {"text": "activity score of 2.0"}},
    ],
)
def test_the_score_stands_in_the_value_or_a_note(elements: Json) -> None:
    result = observation("79715-9", **elements)

    assert truth(chart(result, taking("blockin"))) is Truth.YES


@pytest.mark.parametrize(
    ("results", "why"),
    [
        ([], Why.NOT_RECORDED),
        ([reported(status="preliminary")], Why.NOT_RECORDED),
        ([reported(effectiveDateTime="2027-01-01")], Why.NOT_RECORDED),
        ([reported(effectiveDateTime="soon")], Why.NOT_RECORDED),
        ([reported("Normal metabolizer")], Why.UNREADABLE),
        ([reported(), reported("no score", effectiveDateTime="2026-01-01")], Why.UNREADABLE),
        ([reported(), reported("activity score 0")], Why.CONFLICTING),
        ([reported("activity score n/a")], Why.UNREADABLE),
        ([reported("activity score >=1.0")], Why.CONFLICTING),
    ],
)
def test_without_one_plain_score_it_cannot_be_told(results: list[Json], why: Why) -> None:
    assert missing(chart(taking("slowin"), *results), NAME).why is why


def test_a_newer_result_replaces_an_older_one() -> None:
    results = [reported("activity score 0"), reported(effectiveDateTime="2026-01-01")]

    assert truth(chart(taking("blockin"), *results)) is Truth.YES


def test_results_that_came_in_part_tell_nothing() -> None:
    part: Answer = Fetched(bundle(reported()), remark=REMARK)

    assert missing(chart(taking("blockin"), results=part), NAME).why is Why.NOT_FETCHED


class TestGaps:
    def partly(self, result: Json, *resources: Json) -> PatientChart:
        return chart(result, medications=Fetched(bundle(*resources), remark=REMARK))

    def test_a_change_is_one_whatever_else_is_taken(self) -> None:
        assert truth(self.partly(reported(), taking("slowin"))) is Truth.YES

    @pytest.mark.parametrize("resources", [[], [taking("slowin")]])
    def test_what_is_not_known_may_be_a_strong_inhibitor(self, resources: list[Json]) -> None:
        found = missing(self.partly(reported("activity score 1.0"), *resources), NAME)

        assert found == Missing(NAME, Why.NOT_FETCHED, "a page is missing")

    def test_nothing_is_left_to_lose(self) -> None:
        assert truth(self.partly(reported("activity score 0"))) is Truth.NO

    def test_without_an_inhibitor_the_score_need_not_be_known(self) -> None:
        found = known(chart(taking("blue pills")), NAME)

        assert found.value is Truth.NO
        assert "not coded" in found.note


@pytest.mark.parametrize("elements", [{}, {NAME: replace(TABLES.elements[NAME], reads=("x",))}])
def test_a_gene_that_is_not_in_our_tables_cannot_be_told(elements: dict[str, object]) -> None:
    around = chart(reported(), taking("blockin"))
    around.tables = replace(TABLES, elements=elements)  # type: ignore[arg-type]

    assert missing(around, NAME).why is Why.UNREADABLE


RESULTS = json_of("note", "text", "valueString", "valueCodeableConcept", "activity score 2.0")


@given(RESULTS)
def test_no_result_raises(broken: object) -> None:
    results = [observation("79715-9", **{name: broken}) for name in ("note", "valueString")]
    look(chart(taking("blockin"), *results), NAME)
