"""Requests in, checked, with raw prefetch; cards and services out."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.cds.schemas import NotJson, dump_card, dump_service, load_json, load_request
from app.errors import invalid_request
from hooks import SERVICES
from hooks.cards import Card, Link
from hooks.clinical.codes import Coding
from hooks.suggestions import Action, Suggestion
from tests.unit.app.cds import GOOD, INSTANCE, Json, faults, order_select, order_sign, patient_view
from tests.unit.hooks.reading import ANY_JSON, KNOWLEDGE

EHR = "https://ehr.example/fhir"
TOKEN = {
    "access_token": "secret",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.rs",
    "subject": "rxhooks",
}
CONTEXT = {
    "order-select": ("userId", "patientId", "selections", "draftOrders"),
    "order-sign": ("userId", "patientId", "draftOrders"),
    "patient-view": ("userId", "patientId"),
}
WRONG: tuple[Any, ...] = (None, 1, 1.5, True, [], {}, [{}], {"a": []}, "")
REQUIRED = [(hook, name) for hook, names in CONTEXT.items() for name in names]


def load(body: Json, hook: str = "order-select") -> Json:
    return load_request(json.dumps(body).encode(), hook)


def named(body: Json, hook: str = "order-select") -> set[str]:
    """The fields that the refusal of *body* names."""
    with pytest.raises(ValidationError) as caught:
        load(body, hook)
    told = json.loads(invalid_request(caught.value).data)
    return {name for issue in told["issue"] for name in issue["expression"]}


def wrong_for(*good: type) -> Iterator[Any]:
    """JSON values of another type."""
    return (value for value in WRONG if not isinstance(value, good))


# Required fields and their types


@pytest.mark.parametrize("hook", GOOD)
def test_a_good_request_is_loaded(hook: str) -> None:
    loaded = load(GOOD[hook](), hook)

    assert str(loaded["hookInstance"]) == INSTANCE
    assert loaded["context"]["patientId"] == "p1"


@pytest.mark.parametrize("hook", GOOD)
@pytest.mark.parametrize("name", ["hook", "hookInstance", "context"])
def test_a_required_field_that_is_missing_is_named(hook: str, name: str) -> None:
    body = GOOD[hook]()
    del body[name]

    assert named(body, hook) == {name}


@pytest.mark.parametrize(("hook", "name"), REQUIRED)
def test_a_required_field_of_the_context_that_is_missing_is_named(hook: str, name: str) -> None:
    body = GOOD[hook]()
    del body["context"][name]

    assert named(body, hook) == {f"context.{name}"}


@pytest.mark.parametrize(("hook", "name"), REQUIRED)
def test_a_required_field_of_the_context_that_is_null_is_named(hook: str, name: str) -> None:
    body = GOOD[hook]()
    body["context"][name] = None

    assert named(body, hook) == {f"context.{name}"}


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("name", ["hook", "hookInstance", "context", "fhirServer"])
def test_a_field_of_the_wrong_type_is_named(name: str, value: Any) -> None:
    fields = named(order_select() | {name: value})

    assert {field.partition(".")[0] for field in fields} == {name}


@pytest.mark.parametrize("value", list(wrong_for(dict)))
@pytest.mark.parametrize("name", ["prefetch", "fhirAuthorization"])
def test_what_has_to_be_an_object_is_one(name: str, value: Any) -> None:
    assert name in named(order_select() | {"fhirServer": EHR, name: value})


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("name", ["userId", "patientId", "draftOrders"])
def test_a_field_of_the_context_of_the_wrong_type_is_named(name: str, value: Any) -> None:
    body = order_select()
    body["context"][name] = value

    assert named(body) == {f"context.{name}"}


@pytest.mark.parametrize("value", [None, "MedicationRequest/1", 1, {}, {"0": "x"}])
def test_selections_are_a_list(value: Any) -> None:
    body = order_select()
    body["context"]["selections"] = value

    assert named(body) == {"context.selections"}


@pytest.mark.parametrize("value", list(wrong_for(str)))
def test_each_selection_is_a_string_and_a_wrong_one_is_named_by_its_place(value: Any) -> None:
    body = order_select()
    body["context"]["selections"] = ["MedicationRequest/1", value]

    assert named(body) == {"context.selections[1]"}


@pytest.mark.parametrize("value", list(wrong_for(str)))
def test_an_encounter_id_is_optional_and_a_string(value: Any) -> None:
    body = patient_view()
    body["context"]["encounterId"] = value

    assert named(body, "patient-view") == {"context.encounterId"}


def test_all_faults_are_named_at_once() -> None:
    body = order_select(fhirServer="nowhere", hookInstance="1")
    del body["hook"]

    assert named(body) == {"hook", "hookInstance", "fhirServer"}


# Values


@pytest.mark.parametrize(
    "instance",
    [INSTANCE, INSTANCE.upper(), f"urn:uuid:{INSTANCE}", INSTANCE.replace("-", "")],
)
def test_an_instance_is_a_uuid_in_any_of_its_forms(instance: str) -> None:
    assert str(load(order_select(hookInstance=instance))["hookInstance"]) == INSTANCE


@pytest.mark.parametrize("instance", ["", "1", INSTANCE[:-1], f"{INSTANCE}0"])
def test_an_instance_that_is_no_uuid_is_refused(instance: str) -> None:
    assert named(order_select(hookInstance=instance)) == {"hookInstance"}


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "Patient/p1",
        "a b",
        "a_b",
        "a,b",
        "1&_count=1000",
        "../x",
        "p1\n",
        "p1́",
        "x" * 65,
        "p1\x00",
        "٣",
    ],
)
def test_a_patient_id_that_is_no_fhir_id_is_refused(identifier: str) -> None:
    body = order_select()
    body["context"]["patientId"] = identifier

    assert named(body) == {"context.patientId"}


@pytest.mark.parametrize("identifier", ["1", "a.b-C", "x" * 64])
def test_a_fhir_id_is_a_patient_id(identifier: str) -> None:
    body = order_select()
    body["context"]["patientId"] = identifier

    assert load(body)["context"]["patientId"] == identifier


@pytest.mark.parametrize("user", ["Practitioner/1", "PractitionerRole/1", "Patient/1", "anyone"])
def test_a_user_that_is_not_needed_may_be_odd(user: str) -> None:
    body = order_select()
    body["context"]["userId"] = user

    assert load(body)["context"]["userId"] == user


@pytest.mark.parametrize("hook", ["order-sign", "order-dispatch", "Order-Select", ""])
def test_a_foreign_hook_is_refused(hook: str) -> None:
    assert named(order_select(hook=hook)) == {"hook"}


@pytest.mark.parametrize("kind", ["Patient", "bundle", "", None, 1, [], {"a": 1}])
def test_drafts_come_in_a_bundle(kind: Any) -> None:
    body = order_sign()
    body["context"]["draftOrders"]["resourceType"] = kind

    assert named(body, "order-sign") == {"context.draftOrders"}


@pytest.mark.parametrize("entry", [None, 1, "x", [], [None], [{}], [{"resource": None}], {}])
def test_a_bundle_is_not_refused_for_what_is_in_it(entry: Any) -> None:
    body = order_sign()
    body["context"]["draftOrders"]["entry"] = entry

    assert load(body, "order-sign")["context"]["draftOrders"]["entry"] == entry


def test_a_tab_that_is_clicked_again_is_a_session_without_orders() -> None:
    body = order_select()
    del body["context"]["selections"], body["context"]["draftOrders"]

    context = load(body)["context"]

    assert (context["selections"], context["draftOrders"]) == ([], {"resourceType": "Bundle"})


@pytest.mark.parametrize(
    "server",
    [
        "https://ehr.example/fhir",
        "https://ehr.example:8443/",
        "http://localhost:8081/fhir",
        "http://127.0.0.1:8081/fhir",
        "http://ehr/fhir",
    ],
)
def test_a_fhir_server_is_an_address(server: str) -> None:
    assert load(order_select(fhirServer=server))["fhirServer"] == server


@pytest.mark.parametrize("server", ["file:///etc/passwd", "gopher://x/", "ehr", "//ehr/fhir", " "])
def test_a_fhir_server_that_is_no_web_address_is_refused(server: str) -> None:
    assert named(order_select(fhirServer=server)) == {"fhirServer"}


def test_a_token_needs_a_server() -> None:
    assert named(order_select(fhirAuthorization=TOKEN)) == {"fhirServer"}


@pytest.mark.parametrize("name", TOKEN)
def test_a_required_field_of_the_token_that_is_missing_is_named(name: str) -> None:
    token = {key: value for key, value in TOKEN.items() if key != name}

    fields = named(order_select(fhirServer=EHR, fhirAuthorization=token))

    assert fields == {f"fhirAuthorization.{name}"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_type", "MAC"),
        ("expires_in", "300"),
        ("expires_in", 1.5),
        ("access_token", ""),
        ("scope", None),
        ("subject", 1),
        ("patient", None),
    ],
)
def test_a_token_that_is_not_as_smart_has_it_is_refused(name: str, value: Any) -> None:
    token = TOKEN | {name: value}

    fields = named(order_select(fhirServer=EHR, fhirAuthorization=token))

    assert fields == {f"fhirAuthorization.{name}"}


@pytest.mark.parametrize("spelling", ["Bearer", "bearer", "BEARER"])
def test_bearer_in_any_letter_case_is_bearer(spelling: str) -> None:
    token = TOKEN | {"token_type": spelling}

    assert load(order_select(fhirServer=EHR, fhirAuthorization=token))


# What is ignored


@pytest.mark.parametrize("name", ["user", "extension", "cards", "__class__", ""])
@pytest.mark.parametrize("value", WRONG)
def test_what_the_specification_does_not_name_is_ignored(name: str, value: Any) -> None:
    body = order_select() | {name: value}
    body["context"] |= {name: value}

    loaded = load(body)

    assert name not in loaded
    assert name not in loaded["context"]


def test_an_extension_of_the_token_is_ignored() -> None:
    token = TOKEN | {"extension": None}

    loaded = load(order_select(fhirServer=EHR, fhirAuthorization=token))

    assert "extension" not in loaded["fhirAuthorization"]


# Prefetch stays raw


def test_a_prefetch_value_is_kept_as_it_stands_in_the_body() -> None:
    value = b'{ "resourceType":"Bundle",\t"n": 1.00e2, "n": "\xc3\xa9\\u00e9" }'
    body = json.dumps(order_select(prefetch={})).encode()
    body = body.replace(b'"prefetch": {}', b'"prefetch": {"genotypes": ' + value + b"}")

    [(key, raw)] = load_request(body, "order-select")["prefetch"].items()

    assert key == "genotypes"
    assert bytes(raw) == value


@pytest.mark.parametrize("value", WRONG)
def test_a_prefetch_value_may_be_anything(value: Any) -> None:
    raw = load(order_select(prefetch={"genotypes": value}))["prefetch"]["genotypes"]

    assert orjson.loads(memoryview(raw)) == value


@pytest.mark.parametrize("prefetch", [{}, None])
def test_no_prefetch_and_an_empty_one_are_the_same(prefetch: Json | None) -> None:
    body = order_select(prefetch={})
    if prefetch is None:
        del body["prefetch"]

    assert load(body)["prefetch"] == {}


# Bodies that are no JSON

BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "cut off": b'{"a"',
    "NaN": b"NaN",
    "Infinity": b"-Infinity",
    "too great": b"1e999",
    "5000 digits": b"9" * 5000,
    "arrays": b"[" * 100_000,
    "closed arrays": b"[" * 100_000 + b"]" * 100_000,
    "objects": b'{"a":' * 100_000,
    "not UTF-8": b'"\xff"',
    "overlong UTF-8": b'"\xc0\xaf"',
    "surrogate in UTF-8": b'"\xed\xa0\x80"',
    "lone surrogate": b'"\\ud800"',
    "reversed surrogates": b'"\\udc00\\ud800"',
    "control sign": b'"\x00"',
    "comment": b"/* */ 1",
    "trailing comma": b"[1,]",
    "single quotes": b"'a'",
    "a word": b"True",
    "leading zero": b"01",
}
KEYS = ("hook", "hookInstance", "context", "fhirServer", "fhirAuthorization")


def with_value(key: str, value: bytes) -> bytes:
    """A good request with *value*, whatever it is, under *key*."""
    fields = {name: json.dumps(found).encode() for name, found in order_select().items()}
    fields[key] = value
    return b"{%s}" % b",".join(b'"%s":%s' % (name.encode(), fields[name]) for name in fields)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
def test_broken_json_under_a_key_that_is_read_is_refused(key: str, value: bytes) -> None:
    with pytest.raises((NotJson, ValidationError)):
        load_request(with_value(key, value), "order-select")


@pytest.mark.parametrize("key", ["extension", "other"])
@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
def test_broken_json_under_a_key_that_is_not_read_never_raises_anything_else(
    key: str, value: bytes
) -> None:
    try:
        loaded = load_request(with_value(key, value), "order-select")
    except NotJson:
        return
    assert key not in loaded


@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
def test_broken_json_in_the_prefetch_never_raises_anything_else(value: bytes) -> None:
    body = json.dumps(order_select(prefetch={})).encode()
    body = body.replace(b'"prefetch": {}', b'"prefetch": {"genotypes": ' + value + b"}")

    try:
        loaded = load_request(body, "order-select")
    except NotJson:
        return
    assert bytes(loaded["prefetch"]["genotypes"]) == value


@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
def test_broken_json_is_no_request_and_no_feedback(value: bytes) -> None:
    with pytest.raises(NotJson):
        load_request(value, "order-select")
    with pytest.raises(NotJson):
        load_json(value)


@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"1", b"true", b"[{}]"])
def test_a_request_is_an_object(body: bytes) -> None:
    with pytest.raises(NotJson):
        load_request(body, "order-select")


@pytest.mark.parametrize(
    "body", [b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b"{} {}", b"{}x", b'{"\xff":1}']
)
def test_a_request_is_one_object_in_utf8(body: bytes) -> None:
    with pytest.raises(NotJson):
        load_request(body, "order-select")


def test_of_a_name_that_stands_twice_one_is_read() -> None:
    body = json.dumps(order_select()).encode()

    twice = load_request(body[:-1] + b', "hook": "order-select"}', "order-select")

    assert twice["hook"] == "order-select"
    with pytest.raises(ValidationError):
        load_request(body[:-1] + b', "hook": 1}', "order-select")


def test_no_message_repeats_a_value() -> None:
    secret = "Erika-Mustermann-1970"  # noqa: S105
    body = order_select(fhirServer=secret, hookInstance=secret, hook=secret)
    body["context"] = {"userId": {secret: secret}, "patientId": f"{secret} ", "selections": secret}

    with pytest.raises(ValidationError) as caught:
        load(body)

    assert "Erika" not in str(caught.value.messages)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
@example(b'{"prefetch": {"\\ud800": 1}}')
def test_any_bytes_are_refused_by_one_of_two_errors(body: bytes) -> None:
    with pytest.raises((NotJson, ValidationError)):
        load_request(body, "order-select")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_request_with_a_broken_byte_is_loaded_or_refused(data: st.DataObject) -> None:
    body = bytearray(json.dumps(order_select()).encode())
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))

    try:
        loaded = load_request(bytes(body), "order-select")
    except (NotJson, ValidationError):
        return
    assert all(isinstance(raw, msgspec.Raw) for raw in loaded["prefetch"].values())


# Cards and services out


CARD = Card("Do not use it", "critical", "**What to do:** nothing", Link("A society", ""))
FULL = replace(
    CARD,
    source=Link("A society", "https://society.example"),
    suggestions=(
        Suggestion(
            "Another drug",
            (
                Action("create", "Order it", {"resourceType": "MedicationRequest"}),
                Action("delete", "Remove the draft", None, "MedicationRequest/1"),
            ),
            recommended=True,
        ),
        Suggestion("A test", (Action("create", "Order it", {"resourceType": "ServiceRequest"}),)),
    ),
    links=(Link("Read on", "https://society.example"),),
    override_reasons=(Coding("https://reasons.example", "tolerated", "Tolerated before"),),
    findings=({"rule": "a-rule"},),
)


def test_a_card_without_more_has_only_what_it_needs() -> None:
    assert dump_card(CARD) == {
        "uuid": CARD.uuid,
        "summary": "Do not use it",
        "indicator": "critical",
        "detail": "**What to do:** nothing",
        "source": {"label": "A society"},
    }


@pytest.mark.parametrize("card", [CARD, FULL], ids=["bare", "full"])
def test_a_card_is_valid(card: Card) -> None:
    assert faults(dump_card(card)) == []


def test_suggestions_come_with_their_selection_behavior() -> None:
    dumped = dump_card(FULL)

    assert dumped["selectionBehavior"] == "at-most-one"
    assert [suggestion.get("isRecommended") for suggestion in dumped["suggestions"]] == [True, None]
    assert dumped["suggestions"][0]["actions"] == [
        {
            "type": "create",
            "description": "Order it",
            "resource": {"resourceType": "MedicationRequest"},
        },
        {
            "type": "delete",
            "description": "Remove the draft",
            "resourceId": "MedicationRequest/1",
        },
    ]


def test_one_finding_is_an_object_and_several_are_a_list() -> None:
    one, two = {"rule": "a-rule"}, {"rule": "another"}

    assert dump_card(FULL)["extension"] == {"org.rxhooks.finding": one}
    both = dump_card(replace(FULL, findings=(one, two)))["extension"]
    assert both == {"org.rxhooks.finding": [one, two]}


def test_override_reasons_have_their_display() -> None:
    assert dump_card(FULL)["overrideReasons"] == [
        {"system": "https://reasons.example", "code": "tolerated", "display": "Tolerated before"}
    ]


ASKED = {
    *("Patient", "Observation", "Condition", "MedicationRequest", "MedicationStatement"),
    *("AllergyIntolerance", "Encounter", "FamilyMemberHistory"),
}


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_a_service_is_told_with_relative_templates_of_the_patient(service: Any) -> None:
    told = dump_service(service, KNOWLEDGE)

    assert told["id"] == f"rxhooks-{told['hook']}"
    assert told["hookVersion"] == "1.0"
    assert all(told[name] for name in ("title", "description", "usageRequirements"))
    assert told["prefetch"]
    for template in told["prefetch"].values():
        assert template.partition("?")[0].partition("/")[0] in ASKED
        assert template.count("{{") == template.count("{{context.patientId}}") == 1
