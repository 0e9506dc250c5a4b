"""What the EHR sends along: which values are answers, and which say nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from app.fhir.deadline import Deadline
from app.fhir.gather import gather
from hooks.clinical.facts import Missing, Why
from hooks.reading.resources import Answer, Fetched
from tests.contract.asking import LABS, PATIENT, WITHIN_MS, Ask, fetched, raw
from tests.contract.loopback import Serve, always, bundle, ids, observation

NO_SERVER = Missing("server", Why.NOT_FETCHED, "no prefetch and no FHIR server")


def without_server(prefetch: dict[str, Any], queries: dict[str, str] = LABS) -> Answer:
    """The answer to the only query of *queries*, when nobody can be asked."""
    with ThreadPoolExecutor(1) as pool:
        [answer] = gather(queries, prefetch, NO_SERVER, pool, Deadline.in_ms(WITHIN_MS)).values()
    return answer


@pytest.mark.parametrize("sent", [raw, lambda value: value], ids=["raw", "parsed"])
@pytest.mark.parametrize("kind", ["searchset", "collection"])
def test_a_prefetched_bundle_is_an_answer(sent: Callable[[object], object], kind: str) -> None:
    page = {**bundle(observation("o1")), "type": kind}

    answer = fetched(without_server({"labs": sent(page)}))

    assert ids(answer.resource) == ["o1"]
    assert (answer.source, answer.remark) == ("prefetch", None)


@pytest.mark.parametrize("sent", [raw, lambda value: value], ids=["raw", "parsed"])
@pytest.mark.parametrize("queries", [LABS, PATIENT], ids=["search", "read"])
def test_null_means_looked_for_and_not_there(
    sent: Callable[[object], object], queries: dict[str, str]
) -> None:
    [key] = queries

    assert without_server({key: sent(None)}, queries) == Fetched(None, "prefetch")


@pytest.mark.parametrize("empty", [{}, {"entry": []}, {"entry": None}])
def test_an_empty_bundle_is_an_answer(empty: dict[str, Any]) -> None:
    answer = fetched(without_server({"labs": raw({"resourceType": "Bundle", **empty})}))

    assert ids(answer.resource) == []
    assert answer.remark is None


def test_a_prefetched_resource_is_an_answer() -> None:
    patient = {"resourceType": "Patient", "id": "p1"}

    assert without_server({"patient": raw(patient)}, PATIENT) == Fetched(patient, "prefetch")


def test_entries_that_are_none_are_dropped() -> None:
    page = {**bundle(), "entry": [None, 7, "o0", [], {"resource": observation("o1")}]}

    assert ids(fetched(without_server({"labs": raw(page)})).resource) == ["o1"]


def test_an_error_among_prefetched_results_makes_them_incomplete() -> None:
    error = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}
    page = {**bundle(), "entry": [{"resource": observation("o1")}, {"resource": error}]}

    answer = fetched(without_server({"labs": raw(page)}))

    assert answer.remark == Missing(
        "labs", Why.NOT_FETCHED, "the server reported an error in its answer"
    )


@pytest.mark.parametrize("queries", [LABS, PATIENT], ids=["search", "read"])
def test_a_query_that_failed_for_the_ehr_is_not_repeated(
    serve: Serve, ask: Ask, queries: dict[str, str]
) -> None:
    server = serve(always(bundle()))
    [key] = queries
    prefetch = {key: raw({"resourceType": "OperationOutcome", "issue": []})}

    answers = ask(server.base, prefetch, queries=queries)

    assert answers == {key: Missing(key, Why.NOT_FETCHED, "the EHR's own query failed")}
    assert server.calls == []


@pytest.mark.parametrize(
    "value",
    [
        "123",
        7,
        True,
        [],
        [observation("o1")],
        {},
        {"entry": []},
        {"resourceType": ["Bundle"]},
        {"resourceType": "Observation"},
        {"resourceType": "Bundle", "entry": "none"},
        {"resourceType": "Bundle", "entry": 0},
    ],
)
@pytest.mark.parametrize("queries", [LABS, PATIENT], ids=["search", "read"])
def test_a_value_of_another_kind_is_unknown(value: object, queries: dict[str, str]) -> None:
    [key] = queries

    expected = Missing(key, Why.NOT_FETCHED, "no prefetch and no FHIR server")
    assert without_server({key: raw(value)}, queries) == expected
    assert without_server({key: value}, queries) == expected


@pytest.mark.parametrize(
    "text", [b'{"resourceType": "Bundle",', b"", b"NaN", b'"\\ud800"', b"[" * 5_000, b"\xff"]
)
def test_a_value_that_cannot_be_parsed_is_unknown(text: bytes) -> None:
    assert without_server({"labs": msgspec.Raw(text)}) == Missing(
        "labs", Why.NOT_FETCHED, "no prefetch and no FHIR server"
    )


def test_a_key_that_is_not_asked_for_is_not_even_parsed() -> None:
    prefetch = {"labs": raw(bundle()), "other": msgspec.Raw(b"{{{")}

    assert isinstance(without_server(prefetch), Fetched)


def test_a_bundle_is_no_answer_to_a_read() -> None:
    assert isinstance(without_server({"patient": raw(bundle())}, PATIENT), Missing)


def test_a_patient_is_no_answer_to_a_read_of_something_else() -> None:
    patient = raw({"resourceType": "Patient"})

    assert isinstance(without_server({"drug": patient}, {"drug": "Medication/m1"}), Missing)


def test_a_first_page_without_a_server_is_kept_and_said_to_be_the_first() -> None:
    page = bundle(observation("1"), next_url="https://ehr.example/fhir?page=2")

    answer = fetched(without_server({"labs": raw(page)}))

    assert ids(answer.resource) == ["1"]
    assert answer.remark == Missing(
        "labs", Why.NOT_FETCHED, "there are more pages: no prefetch and no FHIR server"
    )
