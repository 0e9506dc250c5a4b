"""What a release of CPIC's tables is refused for."""

from collections.abc import Callable

import pytest

from app.kb.checks import contradictions, losses
from app.kb.snapshot import tables_of
from tests.unit.app.kb.release import ApiRows, allele, recommendation, release

Change = Callable[[ApiRows], object]


def test_a_sound_release_has_no_contradictions() -> None:
    assert contradictions(release()) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda api: api["recommendation"][0].update(classification="Firm"),
            "recommendation: unknown classification 'Firm' (1 rows)",
        ),
        (
            lambda api: api["recommendation"][0].update(lookupkey={"PAIR": "Superb"}),
            "recommendation: lookup key PAIR 'Superb' is not in gene_result (1 rows)",
        ),
        (
            lambda api: api["recommendation"][0].update(lookupkey={"PAIR": "No Result"}),
            "recommendation: lookup key PAIR 'No Result' is not in gene_result (1 rows)",
        ),
        (
            lambda api: api["recommendation"][0].update(lookupkey={"SCORED": "Normal"}),
            "recommendation: lookup key SCORED 'Normal' is not in gene_result (1 rows)",
        ),
        (
            lambda api: api["recommendation"][0].update(lookupkey={"NEW": "Poor"}),
            "recommendation: lookup key NEW 'Poor' is not in gene_result (1 rows)",
        ),
        (
            lambda api: api["recommendation"][0].update(drugid="RxNorm:9"),
            "recommendation: drugid 'RxNorm:9' is not in drug",
        ),
        (
            lambda api: api["recommendation"][0].update(guidelineid=9),
            "recommendation: guidelineid 9 is not in guideline",
        ),
        (
            lambda api: api["gene_result_lookup"][0].update(phenotypeid=9),
            "gene_result_lookup: phenotypeid 9 is not in gene_result",
        ),
        (
            lambda api: api["allele"][0].update(genesymbol="NEW"),
            "allele: genesymbol 'NEW' is not in gene",
        ),
        (
            lambda api: api["recommendation"].append(
                recommendation(59, {"PAIR": "Poor"}, "Strong", "Use it", population="general")
            ),
            "recommendation: firstin, general, PAIR Poor: is there 2 times",
        ),
    ],
)
def test_what_cannot_be_is_told(change: Change, told: str) -> None:
    api = release()
    change(api)

    assert contradictions(api) == [told]


@pytest.mark.parametrize("word", ["Strong", "Moderate", "Optional", "No Recommendation", "n/a"])
def test_cpic_s_own_words_for_strength_are_known(word: str) -> None:
    api = release()
    api["recommendation"][0]["classification"] = word

    assert contradictions(api) == []


def shrunk(alleles: int) -> ApiRows:
    """A release of so many alleles."""
    api = release()
    api["allele"] = [allele(key, "PAIR", f"*{key}", "Normal function") for key in range(alleles)]
    return api


@pytest.mark.parametrize(("now", "told"), [(95, []), (94, ["alleles"]), (120, [])])
def test_a_table_may_lose_five_in_a_hundred_rows_and_no_more(now: int, told: list[str]) -> None:
    found = losses(tables_of(shrunk(100)), tables_of(shrunk(now)))

    assert [line.partition(":")[0] for line in found] == told


def test_a_table_that_was_not_there_before_cannot_shrink() -> None:
    assert losses({}, tables_of(release())) == []


def without_firstin() -> ApiRows:
    """A release with many other rows, and none of firstin any more."""
    api = release()
    api["drug"].append({**api["drug"][0], "drugid": "RxNorm:1002", "name": "secondin"})
    for row in api["recommendation"]:
        row["drugid"] = "RxNorm:1002"
    return api


def test_a_guideline_drug_that_loses_all_rows_is_told() -> None:
    found = losses(tables_of(release()), tables_of(without_firstin()))

    assert found == ["firstin: all of its 3 recommendations are gone (PAIR and firstin)"]


def test_a_drug_that_vanishes_with_its_rows_is_told_as_well() -> None:
    api = without_firstin()
    api["drug"] = [drug for drug in api["drug"] if drug["name"] != "firstin"]
    api["pair_view"][0]["drugid"] = "RxNorm:1002"

    found = losses(tables_of(release()), tables_of(api))

    assert found == [
        "firstin: all of its 3 recommendations are gone (its guideline is not named any more)"
    ]
