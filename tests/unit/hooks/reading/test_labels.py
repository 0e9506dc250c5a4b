"""Security labels: which resources may be used only with leave."""

import pytest

from hooks.clinical.facts import Missing, Why
from hooks.reading.labels import ACT_CODE, CONFIDENTIALITY, NONE, Labels, labels_in, labels_of
from hooks.reading.resources import Fetched
from tests.unit.hooks.reading import Json, bundle, observation

ELSEWHERE = "https://codes.example/labels"


def security(*codes: str, system: str = "") -> list[Json]:
    """Codings of *codes*, each of its own system unless one is given."""
    own = {code: CONFIDENTIALITY if len(code) == 1 else ACT_CODE for code in codes}
    return [{"system": system or own[code], "code": code} for code in codes]


def labelled(*codes: str) -> Json:
    return {"resourceType": "Observation", "id": "o1", "meta": {"security": security(*codes)}}


@pytest.mark.parametrize("code", ["GDIS", "ETH", "HIV", "PSY", "SEX", "SDV", "STD"])
@pytest.mark.parametrize("confidentiality", ["R", "V"])
def test_what_is_sensitive_and_restricted_takes_leave(code: str, confidentiality: str) -> None:
    assert labels_of(labelled(confidentiality, code)).restricted


@pytest.mark.parametrize("codes", [("GDIS",), ("HIV",)])
def test_what_is_sensitive_and_says_no_more_takes_leave(codes: tuple[str, ...]) -> None:
    assert labels_of(labelled(*codes)).restricted


@pytest.mark.parametrize("codes", [(), ("R",), ("V",), ("N",), ("N", "GDIS"), ("L", "HIV"), ("X",)])
def test_everything_else_does_not(codes: tuple[str, ...]) -> None:
    assert not labels_of(labelled(*codes)).restricted


def test_the_strictest_confidentiality_counts() -> None:
    assert labels_of(labelled("N", "V", "R", "GDIS")) == Labels("V", frozenset({"GDIS"}))


def test_labels_of_what_is_contained_count_for_the_whole() -> None:
    inner = observation("84413-4", "CYP2C19 *1/*2") | {"meta": {"security": security("R", "GDIS")}}
    assert labels_of(observation("84413-4", contained=[inner])).restricted


def test_a_code_of_another_system_is_no_label_and_one_without_a_system_is() -> None:
    foreign = {"meta": {"security": security("GDIS", "R", system=ELSEWHERE)}}
    bare = {"meta": {"security": [{"code": "GDIS"}, {"code": "R"}]}}
    assert labels_of(foreign) is NONE
    assert labels_of(bare).restricted


@pytest.mark.parametrize("meta", [None, "R", [], {}, {"security": "R"}, {"security": [None, 7]}])
def test_broken_labels_are_none(meta: object) -> None:
    assert labels_of({"resourceType": "Observation", "meta": meta}) is NONE


def test_the_codes_worth_telling_are_r_v_and_the_sensitivities() -> None:
    assert labels_of(labelled("R", "GDIS")).codes == {"R", "GDIS"}
    assert labels_of(labelled("N", "HIV")).codes == {"HIV"}


def test_labels_are_found_in_bundles_and_in_single_resources() -> None:
    answers = [
        Fetched(bundle(labelled("R"), observation("84413-4"), "text")),
        Fetched(labelled("GDIS")),
        Fetched(None),
        Missing("conditions", Why.NOT_FETCHED),
    ]
    assert [sorted(found.codes) for found in labels_in(answers)] == [["R"], ["GDIS"]]
