"""The marker tables: what a row says, and what a row may not say."""

from pathlib import Path

import pytest

from hooks.clinical.markers import Marker, MarkerTest
from hooks.knowledge import KnowledgeError, load
from tests.unit.hooks.knowledge.files import FILES, written


def refused(folder: Path, file: str, old: str, new: str) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        load(written(folder, {file: FILES[file].replace(old, new)}))
    return caught.value.problems


def test_a_marker_is_read_whole(tmp_path: Path) -> None:
    marker = load(written(tmp_path)).markers.named["MARK_1"]

    assert (marker.label, marker.method, marker.genes) == ("marker one", "positive-wins", ("PAIR",))
    assert (marker.source_class, marker.pathogenic, marker.zygosity) == (
        "germline",
        True,
        "homozygous",
    )
    patterns = (marker.pattern, marker.ruled_out, marker.both_copies, marker.code_text)
    words = (*patterns, marker.positive, marker.negative)
    told = ["Arg1His", "Arg1His", "both", "mark", "high", "low"]
    assert [each.pattern for each in words if each] == told


def test_a_pattern_holds_in_either_case(tmp_path: Path) -> None:
    pattern = load(written(tmp_path)).markers.named["MARK_1"].pattern

    assert pattern is not None
    assert pattern.search("p.ARG1HIS")


def test_what_is_empty_is_not_asked_for(tmp_path: Path) -> None:
    found = load(written(tmp_path)).markers.named["MARK_2"]

    parts = ("MARK_1", "STAIN")
    assert found == Marker("MARK_2", "marker two", "either", parts=parts, negative_in="")


def test_a_gene_goes_by_id_symbol_and_synonyms(tmp_path: Path) -> None:
    names = load(written(tmp_path)).markers.tables.gene_codes

    assert names == dict.fromkeys(["hgnc:1", "1", "pair", "pear", "paar"], "PAIR")


def test_a_test_tells_its_marker(tmp_path: Path) -> None:
    markers = load(written(tmp_path)).markers

    assert markers.tests_of("STAIN") == (MarkerTest("STAIN", ("loinc", "5-9"), "A stain", True),)
    assert markers.tests_of("MARK_1")[0].part is False


def test_answers_of_markers_are_read_beside_those_of_genes(tmp_path: Path) -> None:
    answers = load(written(tmp_path)).markers.tables.answers

    assert answers["loinc", "LA1-1"] == "uncertain"
    assert answers["loinc", "LA9657-3"] == "Poor"


def test_a_marker_is_asked_for_by_its_tests_those_of_its_parts_and_variants(tmp_path: Path) -> None:
    codes = "result_codes.csv"
    more = FILES[codes] + "loinc,69548-6,Genetic variant assessment,variant,LOINC\n"
    knowledge = load(written(tmp_path, {codes: more}))
    variants = ("loinc", "69548-6")

    assert knowledge.marker_codes({"MARK_1"}) == {("loinc", "6-7"), variants}
    assert knowledge.marker_codes({"MARK_2"}) == {("loinc", "5-9"), ("loinc", "6-7"), variants}
    assert knowledge.marker_codes({"antibody"}) == set()


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("markers.csv", ",either,", ",both,", "MARK_2: unknown method both"),
        ("markers.csv", "germline", "animal", "MARK_1: unknown source_class animal"),
        ("markers.csv", "homozygous", "some", "MARK_1: unknown zygosity some"),
        ("markers.csv", "PAIR,all", "PAIR,few", "MARK_1: unknown negative_in few"),
        ("markers.csv", "MARK_1 STAIN", "STAINED", "MARK_2: nothing tells STAINED"),
        ("markers.csv", ",PAIR,", ",PEACH,", "MARK_1: PEACH is not in marker_genes.csv"),
        ("markers.csv", ",both,", ",(both,", "MARK_1: both_copies: missing )"),
        ("marker_genes.csv", "PAAR,", 'PAAR,""\nPEAR,HGNC:9,,', "PEAR is of two genes"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(
    tmp_path: Path, file: str, old: str, new: str, problem: str
) -> None:
    found = refused(tmp_path, file, old, new)

    assert [each for each in found if each.startswith(f"{file}: ") and problem in each]
