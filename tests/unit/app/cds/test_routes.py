"""The CDS Hooks endpoints, through Flask's test client, with the knowledge we ship."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from werkzeug.test import TestResponse

from app.feedback.store import StoreUnavailable
from app.feedback.tables import FeedbackEntry, Reasons, Sender, ShownCard
from app.fhir.access import FhirAccess
from hooks import SERVICES
from tests.unit.app.cds import (
    GOOD,
    INSTANCE,
    POOR,
    SELECT,
    Json,
    call,
    complete,
    draft,
    empties,
    faults,
    finding_faults,
    order_select,
    order_sign,
    patient_view,
    send,
    serving,
)
from tests.unit.hooks.reading import ANY_JSON, bundle, coded, observation

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
EVIL = "https://evil.example/fhir"
LORATADINE = coded("rxnorm", "311372", "Loratadine 10 MG Oral Tablet")
FEEDBACK = {
    "card": INSTANCE,
    "outcome": "overridden",
    "outcomeTimestamp": "2026-11-21T10:00:00Z",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with serving(tmp_path_factory.mktemp("service"), max_body_bytes=200_000) as app:
        yield app


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def card_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the service with RXHOOKS_UNCHECKED=card."""
    with serving(tmp_path_factory.mktemp("card"), unchecked="card") as app:
        yield app.test_client()


@dataclass(slots=True)
class FakeStore:
    """Remembers what it is given, or refuses it."""

    refuses: bool = False
    shown: list[ShownCard] = field(default_factory=list)
    entries: list[FeedbackEntry] = field(default_factory=list)

    def remember_shown(self, cards: list[ShownCard]) -> None:
        if self.refuses:
            raise StoreUnavailable("down")
        self.shown += cards

    def record(self, _sender: Sender, entries: list[FeedbackEntry], _: Reasons) -> list[int]:
        if self.refuses:
            raise StoreUnavailable("down")
        self.entries += entries
        return []


class NoNetwork:
    """A session that nobody may use."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the network was used: {name}")


def unreachable() -> FhirAccess:
    """Access to FHIR servers that nobody may use."""
    nobody = cast(requests.Session, NoNetwork())
    return FhirAccess(1, public=nobody, internal=nobody)


@pytest.fixture
def store(app: Flask) -> Iterator[FakeStore]:
    """A fake in place of the app's store."""
    before, store = app.extensions["rxhooks"], FakeStore()
    app.extensions["rxhooks"] = replace(before, store=store)
    yield store
    app.extensions["rxhooks"] = before


def cards(answer: TestResponse) -> list[Json]:
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    found: list[Json] = answer.json["cards"]
    return found


def diagnostics(answer: TestResponse) -> str:
    """What an error says; it must be an OperationOutcome in JSON."""
    assert answer.mimetype == "application/json"
    assert answer.json is not None
    assert answer.json["resourceType"] == "OperationOutcome"
    assert all(issue["severity"] and issue["code"] for issue in answer.json["issue"])
    assert empties(answer.json) == []
    return " ".join(issue["diagnostics"] for issue in answer.json["issue"])


# Discovery


def test_discovery_tells_every_service(client: FlaskClient) -> None:
    answer = client.get("/cds-services")

    assert answer.mimetype == "application/json"
    assert answer.json is not None
    assert [service["id"] for service in answer.json["services"]] == list(SERVICES)
    assert {service["hook"] for service in answer.json["services"]} == set(GOOD)
    assert empties(answer.json) == []


@pytest.mark.parametrize(
    ("path", "query", "headers"),
    [
        ("/cds-services", "", {}),
        ("/cds-services/", "", {}),
        ("//cds-services//", "", {}),
        ("/cds-services", "_format=xml", {}),
        ("/cds-services", "", {"Accept": "text/html"}),
        ("/cds-services", "", {"Authorization": "Bearer whatever"}),
    ],
)
def test_discovery_is_the_same_however_it_is_asked_for(
    client: FlaskClient, path: str, query: str, headers: dict[str, str]
) -> None:
    environ = {"PATH_INFO": path, "QUERY_STRING": query}

    answer = client.get("/", headers=headers, environ_overrides=environ)

    assert answer.status_code == 200
    assert answer.data == client.get("/cds-services").data


def test_head_works_on_discovery(client: FlaskClient) -> None:
    answer = client.head("/cds-services")

    assert (answer.status_code, answer.data) == (200, b"")


# Paths, methods, media types, sizes


@pytest.mark.parametrize("hook", GOOD)
@pytest.mark.parametrize("path", ["/cds-services/{}", "/cds-services/{}/", "/cds-services//{}"])
def test_a_service_answers_with_and_without_extra_slashes(
    client: FlaskClient, hook: str, path: str
) -> None:
    answer = client.post(path.format(f"rxhooks-{hook}"), json=GOOD[hook]())

    assert len(cards(answer)) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/cds-services/nothing",
        "/cds-services/nothing/feedback",
        "/cds-services/rxhooks",
        f"{SELECT}/other",
        "/cds-services/%00",
        "/cds-services/%ff",
        "/cds-services/<script>",
        "/cds-services/../etc/passwd",
        "/CDS-services",
        "/cds-services-too",
        f"{SELECT};x",
    ],
)
def test_an_unknown_place_is_404(client: FlaskClient, path: str) -> None:
    answer = client.post(path, json=order_select())

    assert answer.status_code == 404
    assert "script" not in diagnostics(answer)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/cds-services", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/cds-services/", {"GET", "HEAD", "OPTIONS"}),
        ("GET", SELECT, {"POST", "OPTIONS"}),
        ("PUT", f"{SELECT}/", {"POST", "OPTIONS"}),
        ("BREW", SELECT, {"POST", "OPTIONS"}),
        ("GET", f"{SELECT}/feedback", {"POST", "OPTIONS"}),
    ],
)
def test_another_method_is_405_with_allow(
    client: FlaskClient, method: str, path: str, allowed: set[str]
) -> None:
    answer = client.open(path, method=method)

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    assert diagnostics(answer)


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON;x=y"],
)
def test_json_with_any_parameters_and_in_any_letter_case_is_accepted(
    client: FlaskClient, media_type: str
) -> None:
    body = json.dumps(order_select())

    assert len(cards(client.post(SELECT, data=body, content_type=media_type))) == 1


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "text/json",
        "application/fhir+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "",
        None,
    ],
)
@pytest.mark.parametrize("path", [SELECT, f"{SELECT}/feedback"])
def test_another_media_type_is_415(client: FlaskClient, media_type: str | None, path: str) -> None:
    answer = client.post(path, data=b"{}", content_type=media_type)

    assert answer.status_code == 415
    assert diagnostics(answer)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity"])
def test_an_encoded_body_is_415(client: FlaskClient, encoding: str) -> None:
    answer = client.post(SELECT, json={}, headers={"Content-Encoding": encoding})

    assert answer.status_code == 415


def test_a_body_that_is_too_large_is_413(client: FlaskClient) -> None:
    answer = send(client, SELECT, b'{"x": "' + b"a" * 200_000 + b'"}')

    assert answer.status_code == 413
    assert diagnostics(answer)


def test_no_answer_may_be_cached_or_sniffed(client: FlaskClient) -> None:
    for path in ("/cds-services", SELECT, "/nowhere"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_another_origin_may_call_and_read_errors(client: FlaskClient) -> None:
    for answer in (
        client.options(f"{SELECT}/", headers={"Origin": "https://sandbox.cds-hooks.org"}),
        client.post(SELECT, headers={"Origin": "https://sandbox.cds-hooks.org"}),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


# What a call answers


@pytest.mark.parametrize("hook", GOOD)
def test_every_card_is_valid_and_its_finding_has_the_stable_keys(
    client: FlaskClient, hook: str
) -> None:
    [card] = cards(call(client, GOOD[hook](), hook))

    assert faults(card) == []
    assert finding_faults(card["extension"]["org.rxhooks.finding"]) == []


@pytest.mark.parametrize(
    ("drug", "results"),
    [
        ("pegloticase", []),
        ("clopidogrel", [observation("84413-4", "CYP2C19 *1/*99")]),
        ("codeine", [observation("84413-4", "CYP2D6 *1/*1xN")]),
        ("abacavir", []),
        ("phenytoin", [observation("84413-4", "CYP2C9 *3/*3")]),
        ("simvastatin", [observation("84413-4", "SLCO1B1 *1/*5")]),
        ("azathioprine", [observation("84413-4", "TPMT *1/*3A")]),
    ],
)
def test_cards_of_doubt_and_of_dose_are_valid_as_well(
    client: FlaskClient, drug: str, results: list[Json]
) -> None:
    order = draft(medicationCodeableConcept={"text": drug})

    found = cards(call(client, order_select(order, prefetch=complete(*results))))

    assert found
    for card in found:
        assert faults(card) == []
        finding = card["extension"]["org.rxhooks.finding"]
        for each in finding if isinstance(finding, list) else [finding]:
            assert finding_faults(each) == []


@pytest.mark.parametrize(
    "elements",
    [
        {"reasonCode": {"coding": [{}]}},
        {"reasonCode": [{"text": ""}]},
        {"requester": {"display": ""}},
        {"encounter": {"reference": None}},
    ],
)
def test_nothing_empty_of_the_draft_comes_back(client: FlaskClient, elements: Json) -> None:
    [card] = cards(call(client, order_select(draft(**elements))))

    assert faults(card) == []


def test_a_drug_without_rules_is_an_answer_without_cards(client: FlaskClient) -> None:
    order = draft(medicationCodeableConcept=LORATADINE)

    answer = call(client, order_select(order, prefetch={}, fhirServer=EVIL))

    assert answer.json == {"cards": []}


def test_without_prefetch_and_without_a_server_it_is_412(client: FlaskClient) -> None:
    answer = call(client, order_select(prefetch={}))

    assert answer.status_code == 412
    assert "CYP2C19: neither prefetch nor a FHIR server" in diagnostics(answer)


def test_a_server_that_is_not_listed_is_412_and_is_not_contacted(app: Flask) -> None:
    before = app.extensions["rxhooks"]
    app.extensions["rxhooks"] = replace(before, fhir=unreachable())
    try:
        answer = call(app.test_client(), order_select(prefetch={}, fhirServer=EVIL))
    finally:
        app.extensions["rxhooks"] = before

    assert answer.status_code == 412
    assert "not on the allow-list" in diagnostics(answer)
    assert "evil" not in answer.text


@pytest.mark.parametrize("hook", ["order-sign", "patient-view"])
def test_412_holds_for_every_hook(client: FlaskClient, hook: str) -> None:
    assert call(client, GOOD[hook]() | {"prefetch": {}}, hook).status_code == 412


def test_an_expired_token_is_not_used(app: Flask, tmp_path: Path) -> None:
    token = {"access_token": "x", "token_type": "Bearer", "expires_in": 0, "scope": "s"}
    body = order_select(prefetch={}, fhirServer="https://ehr.example/fhir")
    body["fhirAuthorization"] = token | {"subject": "rxhooks"}

    with serving(tmp_path, fhir_servers=("https://ehr.example/fhir",)) as listed:
        before = listed.extensions["rxhooks"]
        listed.extensions["rxhooks"] = replace(before, fhir=unreachable())
        answer = call(listed.test_client(), body)
        listed.extensions["rxhooks"] = before

    assert answer.status_code == 412
    assert "the access token has expired" in diagnostics(answer)


@pytest.mark.parametrize("empty", [None, bundle(), {"resourceType": "Bundle", "entry": []}])
def test_a_query_that_found_nothing_is_an_answer(client: FlaskClient, empty: Any) -> None:
    abacavir = draft(medicationCodeableConcept={"text": "abacavir"})
    prefetch = complete() | {"genotypes": empty}
    [card] = cards(call(client, order_select(abacavir, prefetch=prefetch)))

    assert card["extension"]["org.rxhooks.finding"]["missing"][0]["why"] == "NOT_RECORDED"


@pytest.mark.parametrize(
    "broken",
    [{"resourceType": "OperationOutcome"}, "text", 1, [], {}, {"resourceType": "Patient"}],
)
def test_a_prefetch_value_that_is_no_answer_is_412(client: FlaskClient, broken: Any) -> None:
    answer = call(client, order_select(prefetch=complete() | {"genotypes": broken}))

    assert answer.status_code == 412
    assert diagnostics(answer)


def test_with_the_card_mode_nothing_fetched_is_200_with_a_card(card_client: FlaskClient) -> None:
    [card] = cards(call(card_client, order_select(prefetch={})))

    assert faults(card) == []
    assert "could not be fetched" in card["summary"]


def test_with_the_card_mode_medications_that_were_not_fetched_are_a_card(
    card_client: FlaskClient,
) -> None:
    answer = call(card_client, patient_view(prefetch={}), "patient-view")

    [card] = cards(answer)
    assert faults(card) == []
    assert "were not checked" in card["summary"]
    assert answer.json is not None
    assert answer.json["extension"]["org.rxhooks.unchecked"]


def test_the_card_mode_changes_no_other_answer(card_client: FlaskClient) -> None:
    [card] = cards(call(card_client, order_select()))

    assert card["indicator"] == "critical"
    assert send(card_client, SELECT, b"{").status_code == 400


def test_an_answer_tells_what_could_not_be_judged(client: FlaskClient) -> None:
    answer = call(client, order_select(draft(subject={"reference": "Patient/p2"})))

    assert answer.json is not None
    assert answer.json["cards"] == []
    [unchecked] = answer.json["extension"]["org.rxhooks.unchecked"]
    assert unchecked["missing"][0]["what"] == "draft order"


def test_the_same_call_gets_the_same_cards_apart_from_their_uuids(client: FlaskClient) -> None:
    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: told(inner) for key, inner in value.items() if key != "uuid"}
        return [told(inner) for inner in value] if isinstance(value, list) else value

    [one], [two] = (cards(call(client, order_select())) for _ in range(2))

    assert told(one) == told(two)
    assert one["uuid"] != two["uuid"]


# Other forms of orders, as real clients send them


def test_an_order_of_dstu2_is_judged(client: FlaskClient) -> None:
    order = draft() | {"resourceType": "MedicationOrder", "patient": {"reference": "Patient/p1"}}
    del order["subject"]

    [card] = cards(call(client, order_select(order)))

    assert faults(card) == []


def test_a_medication_in_the_same_bundle_is_read(client: FlaskClient) -> None:
    medication = {"resourceType": "Medication", "id": "m", "code": {"text": "clopidogrel"}}
    order = draft(medicationReference={"reference": "Medication/m"})
    del order["medicationCodeableConcept"]
    body = order_select(order)
    body["context"]["draftOrders"]["entry"].append({"resource": medication})

    assert len(cards(call(client, body))) == 1


def test_a_medication_that_cannot_be_had_is_412(client: FlaskClient) -> None:
    order = draft(medicationReference={"reference": "Medication/m"})
    del order["medicationCodeableConcept"]

    assert call(client, order_select(order)).status_code == 412


def test_the_subject_of_a_draft_may_be_an_absolute_address(client: FlaskClient) -> None:
    order = draft(subject={"reference": "https://ehr.example/fhir/Patient/p1"})

    assert len(cards(call(client, order_select(order)))) == 1


@pytest.mark.parametrize("identifier", ["tmp_1", "a b"])
def test_a_selected_draft_with_an_odd_id_is_not_silently_left_out(
    client: FlaskClient, identifier: str
) -> None:
    answer = call(client, order_select(draft(id=identifier)))

    assert answer.json != {"cards": []}


def test_a_suggestion_is_built_from_its_own_draft(client: FlaskClient) -> None:
    one = draft(reasonCode=[{"text": "one"}])
    two = draft(medicationCodeableConcept=LORATADINE, reasonCode=[{"text": "two"}])

    [card] = cards(call(client, order_sign(one, two), "order-sign"))

    created = [
        action["resource"]["reasonCode"]
        for suggestion in card.get("suggestions", [])
        for action in suggestion["actions"]
        if action["type"] == "create"
    ]
    assert all(reason == [{"text": "one"}] for reason in created)


# Hostile text


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
@example('<img src=x onerror="alert(1)">[x](javascript:alert(1))')
@example("**bold** `code` | a |\n|--|\n\n# heading\n\n<script>")
def test_text_of_the_request_never_becomes_markup(client: FlaskClient, text: str) -> None:
    concept = {"text": f"clopidogrel {text}", "coding": [{"display": text}]}
    result = POOR | {"performer": [{"display": text}], "note": [{"text": text}]}
    order = draft(medicationCodeableConcept=concept, note=[{"text": text or "x"}])

    for card in cards(call(client, order_select(order, prefetch=complete(result)))):
        tokens = MARKDOWN.parse(card["detail"])
        inner = [child for token in tokens for child in token.children or ()]
        tags = {token.tag for token in (*tokens, *inner)}
        assert tags <= {"", "p", "strong", "ul", "li", "hr"}
        assert not {"html_block", "html_inline"} & {token.type for token in (*tokens, *inner)}
        assert faults(card) == []


# Nothing that comes in is a 5xx


def node_paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value in *value*."""
    yield path
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        for key, below in value.items():
            yield from node_paths(below, (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """*value* with *new* at *path*."""
    if not path:
        return new
    changed = deepcopy(value)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return changed


def rich(hook: str) -> Json:
    """A good request whose draft and results have as much in them as we read."""
    dose = {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 75, "unit": "mg", "code": "mg"}}],
    }
    order = draft(
        status="active" if hook == "patient-view" else "draft",
        authoredOn="2026-01-02",
        dosageInstruction=[dose],
        reasonCode=[coded("snomed", "22298006", "infarction")],
        extension=[{"url": "urn:x", "valueString": "y"}],
    )
    if hook == "patient-view":
        return patient_view(prefetch=complete(POOR) | {"medications": bundle(order)})
    return (order_select if hook == "order-select" else order_sign)(order)


def assert_no_fault_of_ours(answer: TestResponse) -> None:
    assert answer.status_code in {200, 400, 412}
    assert answer.mimetype == "application/json"
    assert answer.json is not None
    if answer.status_code == 200:
        assert isinstance(answer.json["cards"], list)
    else:
        assert diagnostics(answer)


@settings(max_examples=100, deadline=None)
@given(ANY_JSON)
def test_any_json_is_answered(client: FlaskClient, body: Any) -> None:
    assert_no_fault_of_ours(call(client, body))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=50))
def test_any_bytes_are_answered(client: FlaskClient, body: bytes) -> None:
    assert send(client, SELECT, body).status_code == 400


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_good_request_with_any_one_node_changed_is_answered(
    client: FlaskClient, data: st.DataObject
) -> None:
    hook = data.draw(st.sampled_from(sorted(GOOD)))
    body = rich(hook)
    path = data.draw(st.sampled_from(list(node_paths(body))))
    changed = put(body, path, data.draw(ANY_JSON))

    assert_no_fault_of_ours(call(client, changed, hook))


@pytest.mark.parametrize("new", [None, [], {}, "", 10**400, "*1/*1", [None]])
def test_a_good_request_with_any_one_node_emptied_is_answered(
    client: FlaskClient, new: Any
) -> None:
    body = rich("order-select")

    for path in node_paths(body):
        assert_no_fault_of_ours(call(client, put(body, path, new)))


@pytest.mark.parametrize("hook", GOOD)
def test_no_error_repeats_the_patient(client: FlaskClient, hook: str) -> None:
    for identifier in ("erika-1970", "Erika 1970"):
        body = GOOD[hook]() | {"prefetch": {}}
        body["context"] |= {"patientId": identifier}
        for order in body["context"].get("draftOrders", {}).get("entry", []):
            order["resource"]["subject"]["reference"] = f"Patient/{identifier}"

        answer = call(client, body, hook)

        assert answer.status_code in {400, 412}
        assert "rika" not in diagnostics(answer)


# What is kept


def test_a_card_is_remembered_without_anything_of_the_patient(
    client: FlaskClient, store: FakeStore
) -> None:
    [card] = cards(call(client, order_select()))

    [shown] = store.shown
    assert (shown.card, shown.hook_instance) == (card["uuid"], INSTANCE)
    finding = card["extension"]["org.rxhooks.finding"]
    assert (shown.service, shown.hook, shown.client) == (
        "rxhooks-order-select",
        "order-select",
        "open",
    )
    assert shown.rules == (f"cyp2c19-clopidogrel/{finding['branch']}",)
    assert shown.knowledge == finding["knowledgeVersion"]
    assert shown.suggestions == tuple(each["uuid"] for each in card["suggestions"])
    assert (shown.indicator, shown.outcome) == ("critical", "advise")
    assert shown.traces == ()  # there is no secret
    assert "p1" not in repr(shown).replace(card["uuid"], "")


def test_a_store_that_refuses_holds_up_no_card(client: FlaskClient, store: FakeStore) -> None:
    store.refuses = True

    assert len(cards(call(client, order_select()))) == 1


def test_feedback_is_kept_or_503(client: FlaskClient, store: FakeStore) -> None:
    first = client.post(f"{SELECT}/feedback", json={"feedback": [FEEDBACK]})
    store.refuses = True
    second = client.post(f"{SELECT}/feedback", json={"feedback": [FEEDBACK]})

    assert (first.status_code, first.json) == (200, {})
    assert [entry.card for entry in store.entries] == [INSTANCE]
    assert second.status_code == 503
    assert diagnostics(second)


@settings(max_examples=60, deadline=None)
@given(ANY_JSON)
def test_any_feedback_is_answered(client: FlaskClient, body: Any) -> None:
    answer = send(client, f"{SELECT}/feedback", json.dumps(body).encode())

    assert answer.status_code == 400
    assert diagnostics(answer)
