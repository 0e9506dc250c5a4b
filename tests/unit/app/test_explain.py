"""`rxhooks explain`: a line for each request, silent findings included, without a network."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import orjson
import pytest
import responses

from app.cli import main
from app.explain import BY_HOOK, explain
from hooks import SERVICES
from hooks.clinical.guidelines import Alternative
from hooks.knowledge import Knowledge
from tests.unit.app.cds import INSTANCE, order_select, order_sign, patient_view
from tests.unit.hooks.reading import KNOWLEDGE, Json, bundle, observation, request
from tests.unit.hooks.small import RULE, TODAY, knowledge, replacing

KNOWN = knowledge(RULE)
FIRSTIN = request(medicationCodeableConcept={"text": "firstin"})
POOR = observation("1-8", "*2/*2")
NORMAL = observation("1-8", "*1/*1")


def explained(*bodies: Any, known: Knowledge = KNOWN, as_of: date = TODAY) -> list[Json]:
    """The answers to *bodies*: requests, or lines as they stand in a file."""
    lines = [
        body if isinstance(body, bytes) else json.dumps(body).encode() + b"\n" for body in bodies
    ]
    return list(explain(lines, known, as_of))


def asking(*results: Json) -> Json:
    """An order-select call for firstin."""
    return order_select(FIRSTIN, prefetch={"genotypes": bundle(*results), "conditions": bundle()})


def test_an_answer_has_the_instance_the_findings_and_the_cards() -> None:
    [told] = explained(asking(POOR))

    assert set(told) == {"hookInstance", "findings", "cards"}
    assert told["hookInstance"] == INSTANCE
    [finding] = told["findings"]
    assert (finding["rule"], finding["branch"]) == ("pair-firstin", "poor")
    [card] = told["cards"]
    assert card["extension"]["org.rxhooks.finding"] == finding


def test_a_silent_finding_is_told_although_it_draws_no_card() -> None:
    [told] = explained(asking(NORMAL))

    assert told["cards"] == []
    [finding] = told["findings"]
    assert (finding["outcome"], finding["action"]) == ("no-action", "standard-dose")
    assert "indicator" not in finding


@pytest.mark.parametrize("body", [order_select, order_sign])
def test_a_prefetch_that_is_absent_was_not_fetched(body: Any) -> None:
    [told] = explained(body(FIRSTIN, prefetch={}))

    [finding] = told["findings"]
    [gap] = finding["missing"]
    assert (gap["what"], gap["why"]) == ("PAIR", "NOT_FETCHED")
    assert finding["outcome"] == "cannot-tell"
    assert told["unchecked"]


def test_medications_that_are_absent_were_not_fetched() -> None:
    [told] = explained(patient_view(prefetch={}), known=KNOWLEDGE)

    assert [f for f in told["findings"] if "drug" in f] == []
    assert [card["summary"] for card in told["cards"]] == [
        "This chart was not fully checked: data could not be fetched"
    ]
    gaps = {(gap["what"], gap["why"]) for each in told["unchecked"] for gap in each["missing"]}
    assert ("medications", "NOT_FETCHED") in gaps


def test_the_medications_of_a_chart_are_judged() -> None:
    [told] = explained(patient_view(), known=KNOWLEDGE)

    drugs = {finding["drug"]["name"] for finding in told["findings"] if "drug" in finding}
    assert drugs == {"clopidogrel"}


@responses.activate
def test_no_server_is_asked() -> None:
    body = order_select(FIRSTIN, prefetch={}, fhirServer="https://ehr.example/fhir")

    [told] = explained(body)

    assert len(responses.calls) == 0
    assert "explain asks no server" in told["findings"][0]["missing"][0]["detail"]


def test_the_day_of_judgement_is_told_and_not_taken_from_the_clock() -> None:
    body = order_select(FIRSTIN, prefetch={key: bundle() for key in ("conditions", "allergies")})
    body["prefetch"] |= {"genotypes": bundle(POOR), "medications": bundle()}
    known = knowledge(replacing(Alternative("secondin")))

    [told] = explained(body, known=known, as_of=date(2020, 1, 2))

    created = told["cards"][0]["suggestions"][0]["actions"][0]["resource"]
    assert created["authoredOn"] == "2020-01-02"


def test_drafts_are_judged_only_where_they_are_asked_for() -> None:
    known = knowledge(replace(RULE, status="draft"))

    [without], [with_them] = (
        explained(asking(POOR), known=known),
        explained(asking(POOR), known=known.with_drafts()),
    )

    assert without["findings"] == []
    assert [finding["rule"] for finding in with_them["findings"]] == ["pair-firstin"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"{", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b"[" * 100_000, "not a JSON object"),
        (b'{"hook": ' + b"[" * 100_000, "not a JSON object"),
        (b'{"hook": "\\ud800"}', "not a JSON object"),
        (b'{"hook": "order-select", "hookInstance": "\xff"}', "not a JSON object"),
        (b'{"\xff": 1}', "not a JSON object"),
        (b'{"a": 1}', "no service is for this hook"),
        (b'{"hook": 1}', "no service is for this hook"),
        (b'{"hook": "order-dispatch"}', "no service is for this hook"),
        (b'{"hook": "patient-view"}', "invalid request: context, hookInstance"),
    ],
)
def test_a_bad_line_is_told_and_the_run_goes_on(line: bytes, error: str) -> None:
    first, second = explained(line, asking(POOR))

    assert first == {"error": error}
    assert second["findings"]


def test_a_bad_request_is_told_with_its_instance() -> None:
    body = order_select(FIRSTIN)
    del body["context"]["draftOrders"]

    assert explained(body) == [{"hookInstance": INSTANCE, "error": "invalid request: context"}]


def test_a_fault_of_ours_is_told_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def faulty(*_: object) -> NoReturn:
        raise ZeroDivisionError

    good = SERVICES["rxhooks-order-sign"]
    monkeypatch.setitem(BY_HOOK, "order-sign", replace(good, decide=faulty))
    file = tmp_path / "requests.ndjson"
    file.write_bytes(b"\n".join(orjson.dumps(body()) for body in (order_sign, order_select)))

    status = main(["explain", str(file)])

    told = capsys.readouterr()
    first, second = map(orjson.loads, told.out.splitlines())
    assert (status, first) == (1, {"hookInstance": INSTANCE, "error": "a fault of ours"})
    assert "error" not in second
    assert "ZeroDivisionError" in told.err


def test_an_error_repeats_nothing_of_the_patient() -> None:
    body = asking(POOR)
    body["context"]["patientId"] = "Erika 1970"

    assert "Erika" not in str(explained(body))


def test_empty_lines_are_skipped() -> None:
    assert explained(b"\n", b"  \r\n", b"") == []


def test_what_a_request_cannot_have_judged_is_told_beside_its_findings() -> None:
    strange = FIRSTIN | {"id": "2", "subject": {"reference": "Patient/p2"}}
    known = {"genotypes": bundle(NORMAL), "conditions": bundle()}
    body = order_sign(FIRSTIN, strange, prefetch=known)

    [told] = explained(body)

    assert [finding["outcome"] for finding in told["findings"]] == ["no-action"]
    assert [gap["missing"][0]["what"] for gap in told["unchecked"]] == ["draft order"]


def test_every_answer_can_be_written_as_json_with_the_knowledge_we_ship() -> None:
    for told in explained(order_select(), order_sign(), patient_view(), known=KNOWLEDGE):
        assert json.loads(json.dumps(told))["findings"]
