"""`pos`, `neg` and what is known at all: markers that were asked for, and results on file."""

import pytest

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth
from tests.unit.hooks.reading.elements.marked import (
    ABSENT,
    BENIGN,
    FETAL,
    GERMLINE,
    PATHOGENIC,
    SOMATIC,
    UNCLEAR,
    Json,
    chart,
    charted,
    neg,
    pos,
    truth,
    variant,
)

YES, NO = Truth.YES, Truth.NO


def known(name: str, *observations: Json, remark: Missing | None = None) -> Known | Missing:
    return chart(*observations, remark=remark).look(Term(name))


def test_negative_is_the_reverse_of_positive() -> None:
    found = variant("KRAS", "p.Gly12Cys")

    first, second = pos("KRAS_G12C", found), neg("KRAS_G12C", found)

    assert isinstance(first, Known)
    assert isinstance(second, Known)
    assert (first.value, second.value) == (YES, NO)
    assert (first.shown, first.evidence) == (second.shown, second.evidence)


def test_what_is_not_known_is_neither() -> None:
    assert pos("KRAS_G12C") == neg("KRAS_G12C") == Missing("KRAS_G12C", Why.NOT_RECORDED)


def test_a_name_of_no_table_is_not_known() -> None:
    assert pos("NO_SUCH") == Missing("NO_SUCH", Why.UNREADABLE, "no table has this name")


def test_a_finding_is_read_from_its_own_results() -> None:
    assert pos("hbsag") == Missing("hbsag", Why.NOT_FETCHED, "not asked for")


def test_what_was_not_fetched_is_not_absent() -> None:
    gap = Missing("KRAS_G12C", Why.NOT_FETCHED, "not asked for")

    assert charted({}).look(Term("pos", ("KRAS_G12C",))) == gap


def test_variants_are_sorted_once() -> None:
    patient = chart(variant("KRAS", "p.Gly12Cys"))

    assert truth(patient.look(Term("pos", ("KRAS_G12C",)))) is YES
    assert truth(patient.look(Term("pos", ("KRAS_mut",)))) is YES


@pytest.mark.parametrize(
    ("element", "gene"),
    [("known_brca", "BRCA1"), ("known_mmr", "MSH6"), ("known_pizz", "SERPINA1")],
)
def test_any_result_that_can_be_read_is_known(element: str, gene: str) -> None:
    absent = variant(gene, value=ABSENT, source_class=GERMLINE)
    harmless = variant(gene, "c.7A>G", source_class=GERMLINE, significance=BENIGN)

    for result in (absent, harmless):
        found = known(element, result)
        assert isinstance(found, Known)
        assert found.value is YES
        assert found.shown.startswith(gene)
        assert len(found.evidence) == 1


@pytest.mark.parametrize(
    "unusable",
    [
        variant("BRCA1", "c.68del", significance=PATHOGENIC),
        variant("BRCA1", "c.68del", source_class=SOMATIC, significance=PATHOGENIC),
        variant("BRCA1", "c.68del", source_class=GERMLINE),
        variant("BRCA1", source_class=GERMLINE, value=UNCLEAR),
        variant("BRCA1", source_class=GERMLINE, value=ABSENT, status="preliminary"),
    ],
    ids=["unclassed", "somatic", "without significance", "unclear", "not final"],
)
def test_a_result_that_cannot_be_used_is_not_known(unusable: Json) -> None:
    assert known("known_brca", unusable) == (
        Known(NO, note="a result is on file that cannot be used")
    )


def test_a_result_of_another_gene_or_of_a_child_is_not_known() -> None:
    assert known("known_brca", variant("TP53", source_class=GERMLINE, value=ABSENT)) == Known(NO)
    assert truth(known("known_pizz", variant("SERPINA1", source_class=FETAL))) is NO


def test_nothing_on_file_is_not_known() -> None:
    assert known("known_mmr") == Known(NO)


def test_half_an_answer_may_hide_a_result() -> None:
    remark = Missing("markers", Why.NOT_FETCHED, "further pages")
    absent = variant("MLH1", value=ABSENT, source_class=GERMLINE)

    assert truth(known("known_mmr", remark=remark)) is Why.NOT_FETCHED
    assert truth(known("known_mmr", absent, remark=remark)) is YES
