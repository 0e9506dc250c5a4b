"""What changed between two releases, by gene and drug."""

from collections.abc import Callable

import pytest

from app.kb.changes import changes
from app.kb.snapshot import tables_of
from tests.unit.app.kb.release import ApiRows, allele, recommendation, release

Change = Callable[[ApiRows], object]


def told(change: Change) -> list[str]:
    """What is told of a release in which *change* was made."""
    later = release()
    change(later)
    return changes(tables_of(release()), tables_of(later))


def test_if_nothing_changed_it_says_so() -> None:
    assert told(lambda api: None) == ["Nothing changed for any gene or drug."]


def test_what_had_no_earlier_table_is_told() -> None:
    before = tables_of(release())
    del before["pairs"], before["alleles"]

    assert changes(before, tables_of(release())) == [
        "No earlier table to compare with: alleles, pairs."
    ]
    assert changes({}, tables_of(release())) == [
        "No earlier table to compare with: alleles, drugs, gene_result_priority, genes, pairs, "
        "phenotypes, recommendations, test_alerts."
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda api: api["allele"][1].update(clinicalfunctionalstatus="Decreased function"),
            "PAIR: 1 allele changed: *2 was No function, is Decreased function",
        ),
        (
            lambda api: api["allele"][2].update(activityvalue="0.5"),
            "SCORED: 1 allele changed: *1 activity value was 1.0, is 0.5",
        ),
        (
            lambda api: api["allele"].append(allele(9, "PAIR", "*9", None)),
            "PAIR: 1 new allele: *9",
        ),
        (lambda api: api["allele"].pop(0), "PAIR: 1 allele is gone: *1"),
        (
            lambda api: api["gene_result"][0].update(result="Intermediate"),
            "PAIR: 1 rule to the phenotype changed: "
            "No function + No function was Poor, is Intermediate",
        ),
        (
            lambda api: api["drug"][0].update(atcid=["A01AA01", "A01AA99"]),
            "firstin: ATC codes: was A01AA01, is A01AA01; A01AA99",
        ),
        (
            lambda api: api["drug"][1].update(guidelineid=31),
            "mouth drugs: guideline: was empty, is PAIR and firstin",
        ),
        (
            lambda api: api["drug"].append({**api["drug"][1], "drugid": "ATC:B", "name": "new"}),
            "New in CPIC's list of drugs: new",
        ),
        (lambda api: api["drug"].pop(), "No longer in CPIC's list of drugs: mouth drugs"),
        (
            lambda api: api["recommendation"][0].update(classification="Moderate"),
            "firstin: 1 recommendation changed its strength: "
            "general, PAIR Poor was strong, is moderate",
        ),
        (
            lambda api: api["recommendation"][0].update(drugrecommendation="Do not use it"),
            "firstin: 1 recommendation has other words: general, PAIR Poor",
        ),
        (
            lambda api: api["recommendation"][1].update(comments="see above"),
            "firstin: 1 remark of CPIC changed: general, PAIR Normal",
        ),
        (lambda api: api["recommendation"].pop(0), "firstin: 1 recommendation is gone: "),
        (
            lambda api: api["recommendation"].append(
                recommendation(59, {"PAIR": "Normal"}, "Strong", "Use it", population="children")
            ),
            "firstin: 1 new recommendation: children, PAIR Normal",
        ),
    ],
)
def test_a_change_is_told_with_its_name(change: Change, said: str) -> None:
    [line] = told(change)

    assert line.startswith(said)


def test_a_drug_that_gains_recommendations_is_told_with_genes_and_count() -> None:
    def gained(api: ApiRows) -> None:
        api["recommendation"].append(
            recommendation(59, {"PAIR": "Poor"}, "Strong", "Avoid it", drug="ATC:A01")
        )

    assert told(gained) == ["mouth drugs: has recommendations now (1 rows; PAIR)"]


def test_a_drug_that_loses_its_recommendations_is_told() -> None:
    def lost(api: ApiRows) -> None:
        api["recommendation"].clear()

    assert told(lost) == ["firstin: has no recommendations any more (3 rows; PAIR, PAIR + SCORED)"]


def test_a_rule_from_scores_to_a_phenotype_is_told_by_its_score() -> None:
    def scored(api: ApiRows) -> None:
        api["gene_result_lookup"][2].update(function1=None, function2=None)

    before, later = release(), release()
    scored(before)
    scored(later)
    later["gene_result"][2]["result"] = "Ultrarapid"

    assert changes(tables_of(before), tables_of(later)) == [
        "SCORED: 1 rule to the phenotype changed: score 2.0 was Normal, is Ultrarapid"
    ]


def test_of_many_the_first_are_named_and_the_rest_counted() -> None:
    def many(api: ApiRows) -> None:
        api["allele"] += [allele(100 + n, "PAIR", f"*{n}", None) for n in range(30, 50)]

    [line] = told(many)

    assert line.startswith("PAIR: 20 new alleles: *30, *31, ")
    assert line.endswith("*37 and 12 more")


def test_a_column_that_the_earlier_table_lacks_is_not_compared() -> None:
    before = tables_of(release())
    for row in before["drugs"]:
        del row["cpic_guideline"]

    assert changes(before, tables_of(release())) == ["Nothing changed for any gene or drug."]
