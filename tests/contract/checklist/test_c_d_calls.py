"""C and D: what a call must hold, and the contexts of the hooks."""

from typing import Any

import pytest

from tests.contract.checklist import Json, Service, outcome, without_uuids
from tests.unit.app.cds import (
    GOOD,
    INSTANCE,
    complete,
    draft,
    order_select,
    order_sign,
    patient_view,
)
from tests.unit.hooks.reading import bundle, coded

TOKEN = {
    "access_token": "abc",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/Observation.rs",
    "subject": "rxhooks",
}
EHR = "https://ehr.example/fhir"
ORDERS = ("order-select", "order-sign")


def without(body: Json, *path: str) -> Json:
    inner = body
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return body


REQUIRED = [
    *[(hook, (name,)) for hook in GOOD for name in ("hook", "hookInstance", "context")],
    *[(hook, ("context", name)) for hook in GOOD for name in ("userId", "patientId")],
    *[(hook, ("context", "draftOrders")) for hook in ORDERS],
    ("order-select", ("context", "selections")),
]


@pytest.mark.proves("C2", "C3", "C6", "C10", "D1", "D2", "D4", "D5", "D6")
@pytest.mark.parametrize(("hook", "path"), REQUIRED)
def test_a_missing_field_is_400_and_is_named(rx: Service, hook: str, path: tuple[str, ...]) -> None:
    body = without(GOOD[hook](), *path) | {"prefetch": {}}

    assert ".".join(path) in outcome(rx.call(body, hook), 400)


@pytest.mark.proves("C10", "D1", "D2", "D3", "D4", "D5", "L1")
@pytest.mark.parametrize("new", [None, 5, True, [], {}, "", [None], {"a": 1}])
@pytest.mark.parametrize(("hook", "path"), REQUIRED)
def test_a_field_of_the_wrong_type_is_400(
    rx: Service, hook: str, path: tuple[str, ...], new: Any
) -> None:
    body = GOOD[hook]()
    (body if len(path) == 1 else body[path[0]])[path[-1]] = new

    outcome(rx.call(body, hook), 400)


@pytest.mark.proves("C1", "H3")
@pytest.mark.parametrize("body", [[], "text", 5, None, True, [order_select()]])
def test_a_call_is_an_object(rx: Service, body: object) -> None:
    outcome(rx.call(body), 400)


@pytest.mark.proves("C2")
@pytest.mark.parametrize("hook", ["order-sign", "patient-view", "Order-Select", "order-dispatch"])
def test_another_hook_is_400(rx: Service, hook: str) -> None:
    assert "hook" in outcome(rx.call(order_select() | {"hook": hook}), 400)


@pytest.mark.proves("C3")
@pytest.mark.parametrize(
    "instance",
    [INSTANCE, INSTANCE.upper(), f"urn:uuid:{INSTANCE}", "00000000-0000-0000-0000-000000000000"],
)
def test_any_form_of_uuid_is_an_instance_and_may_come_again(rx: Service, instance: str) -> None:
    for _ in range(3):
        assert rx.cards(order_select() | {"hookInstance": instance})


@pytest.mark.proves("C3")
@pytest.mark.parametrize("instance", ["x", f"{INSTANCE}0", INSTANCE[:-1], "1", f"{INSTANCE}\n\n;"])
def test_what_is_no_uuid_is_no_instance(rx: Service, instance: str) -> None:
    assert "hookInstance" in outcome(rx.call(order_select() | {"hookInstance": instance}), 400)


@pytest.mark.proves("C4", "F8", "F9")
@pytest.mark.parametrize(
    "server", ["", "x", "/fhir", "file:///etc/passwd", "gopher://x/", "ehr.example/fhir", 5, [], {}]
)
def test_a_server_that_is_no_web_address_is_400(rx: Service, server: object) -> None:
    assert "fhirServer" in outcome(rx.call(order_select() | {"fhirServer": server}), 400)


@pytest.mark.proves("C4", "C5")
def test_a_token_without_its_server_is_400(rx: Service) -> None:
    body = order_select() | {"fhirAuthorization": TOKEN}

    assert "fhirServer" in outcome(rx.call(body), 400)


@pytest.mark.proves("C5")
@pytest.mark.parametrize("name", TOKEN)
@pytest.mark.parametrize("new", ["absent", None, [], {}, 1.5])
def test_an_authorization_has_all_its_fields(rx: Service, name: str, new: object) -> None:
    token = {key: value for key, value in TOKEN.items() if key != name}
    token |= {} if new == "absent" else {name: new}
    body = order_select() | {"fhirServer": EHR, "fhirAuthorization": token}

    assert f"fhirAuthorization.{name}" in outcome(rx.call(body), 400)


@pytest.mark.proves("C5")
@pytest.mark.parametrize(
    "more", [{}, {"patient": "p1"}, {"token_type": "bearer"}, {"scope": "patient/*.read"}, {"x": 1}]
)
def test_a_whole_authorization_is_taken(rx: Service, more: Json) -> None:
    body = order_select() | {"fhirServer": EHR, "fhirAuthorization": TOKEN | more}

    assert rx.cards(body)


@pytest.mark.proves("C7", "C8", "C9", "D15", "M1")
@pytest.mark.parametrize(
    "more",
    [
        {"user": "Practitioner/1", "oauth": {}, "newInVersion4": [1]},
        {"extension": {"com.example": {"a": 1}}},
        {"extension": "text"},
        {"extension": []},
    ],
)
def test_what_we_do_not_know_is_ignored(rx: Service, more: Json) -> None:
    body = order_select() | more
    body["context"] |= {**more, "encounterId": "e1", "newField": {"a": [None]}}

    assert rx.cards(body)[0]["indicator"] == "critical"


@pytest.mark.proves("C11", "G25", "E15")
def test_a_repeated_call_gets_the_same_cards(rx: Service) -> None:
    answers = [without_uuids(rx.cards(order_select())) for _ in range(5)]

    assert all(answer == answers[0] for answer in answers)


@pytest.mark.proves("D1", "D7")
@pytest.mark.parametrize(
    "user",
    ["Practitioner/1", "PractitionerRole/1", "Patient/1", "RelatedPerson/1", "x", "Practitioner/"],
)
@pytest.mark.parametrize("hook", GOOD)
def test_any_user_may_ask(rx: Service, hook: str, user: str) -> None:
    body = GOOD[hook]()
    body["context"]["userId"] = user

    assert rx.cards(body, hook)


@pytest.mark.proves("D2", "F12")
@pytest.mark.parametrize(
    "identifier",
    ["Patient/1", "a b", "1&_count=1000", "../x", "a,b", "a|b", "x" * 65, "a\n", "é", "a/b", "%2e"],
)
def test_a_patient_is_a_bare_id(rx: Service, identifier: str) -> None:
    body = order_select()
    body["context"]["patientId"] = identifier

    assert "patientId" in outcome(rx.call(body), 400)


@pytest.mark.proves("D3")
@pytest.mark.parametrize("more", [{}, {"encounterId": "e1"}, {"encounterId": "Encounter/1"}])
def test_an_encounter_changes_nothing(rx: Service, more: Json) -> None:
    body = order_select()
    body["context"] |= more

    assert without_uuids(rx.cards(body)) == without_uuids(rx.cards(order_select()))


@pytest.mark.proves("D5", "D10", "D11", "L1")
@pytest.mark.parametrize("kind", ["ServiceRequest", "NutritionOrder", "DeviceRequest", "Odd", ""])
def test_drafts_of_other_kinds_hold_up_nothing(rx: Service, kind: str) -> None:
    body = order_select()
    other = {"resourceType": kind, "id": "x", "status": "draft"}
    body["context"]["draftOrders"]["entry"] += [{"resource": other}, {}, {"resource": None}, None]
    body["context"]["selections"].append(f"{kind}/x")

    assert rx.cards(body)[0]["indicator"] == "critical"


@pytest.mark.proves("D6")
@pytest.mark.parametrize("status", ["draft", "active", "on-hold", None])
def test_a_revised_order_is_judged_when_it_is_signed(rx: Service, status: str | None) -> None:
    order = draft(status=status) if status else without(draft(), "status")

    assert rx.cards(order_sign(order), "order-sign")[0]["indicator"] == "critical"


@pytest.mark.proves("D7")
def test_a_chart_is_judged_without_orders(rx: Service) -> None:
    assert "draftOrders" not in patient_view()["context"]
    assert rx.cards(patient_view(), "patient-view")


@pytest.mark.proves("D7", "H8")
@pytest.mark.parametrize("drug", ["paroxetine", "fluoxetine", "bupropion", "rifampicin"])
def test_a_chart_with_a_drug_that_changes_an_enzyme_is_judged(rx: Service, drug: str) -> None:
    taken = bundle(
        draft(status="active", medicationCodeableConcept={"text": drug}),
        draft(id="d2", status="active", medicationCodeableConcept={"text": "codeine"}),
        draft(id="d3", status="active"),
    )
    body = patient_view(prefetch=patient_view()["prefetch"] | {"medications": taken})

    assert rx.cards(body, "patient-view")[0]["indicator"] == "critical"


@pytest.mark.proves("D4", "D8")
@pytest.mark.parametrize("selection", ["MedicationRequest/other", "x", "Patient/p1"])
def test_a_selection_of_no_draft_is_told(rx: Service, selection: str) -> None:
    body = order_select()
    body["context"]["selections"] = [selection]

    answer = rx.call(body).json()

    assert answer["cards"] == []
    assert answer["extension"]["org.rxhooks.unchecked"]


@pytest.mark.proves("D9")
def test_what_is_not_selected_draws_no_card(rx: Service) -> None:
    body = order_select(draft(medicationCodeableConcept={"text": "loratadine"}))
    body["context"]["draftOrders"]["entry"].append({"resource": draft(id="other")})

    assert rx.cards(body) == []


@pytest.mark.proves("D10", "D13", "H2")
@pytest.mark.parametrize("hook", ORDERS)
def test_a_draft_without_a_drug_is_answered_without_data(rx: Service, hook: str) -> None:
    order = without(without(draft(), "medicationCodeableConcept"), "intent")
    body = GOOD[hook](order) | {"prefetch": {}}

    assert rx.cards(body, hook) == []


@pytest.mark.proves("D12")
@pytest.mark.parametrize(
    "medication",
    [
        {"medicationCodeableConcept": coded("rxnorm", "32968")},
        {"medicationCodeableConcept": coded("rxnorm", "309362")},
        {"medicationCodeableConcept": coded("rxnorm", "213169")},
        {
            "medicationCodeableConcept": {
                "coding": [
                    {"system": "urn:local", "code": "x"},
                    {},
                    *coded("rxnorm", "32968")["coding"],
                ]
            }
        },
        {"medicationCodeableConcept": {"text": "Clopidogrel 75 mg tablets"}},
        {
            "contained": [
                {"resourceType": "Medication", "id": "m", "code": {"text": "clopidogrel"}}
            ],
            "medicationReference": {"reference": "#m"},
        },
    ],
    ids=["ingredient", "clinical drug", "brand", "among others", "words", "contained"],
)
def test_a_drug_is_found_in_every_form(rx: Service, medication: Json) -> None:
    order = without(draft(), "medicationCodeableConcept") | medication

    assert rx.cards(order_select(order))[0]["indicator"] == "critical"


@pytest.mark.proves("D12", "E3")
def test_a_drug_that_cannot_be_had_is_412(rx: Service) -> None:
    order = without(draft(), "medicationCodeableConcept")
    order["medicationReference"] = {"reference": "Medication/somewhere"}

    outcome(rx.call(order_select(order, prefetch=complete())), 412)


@pytest.mark.proves("D13")
def test_a_draft_as_the_public_sandbox_writes_it_is_judged(rx: Service) -> None:
    order = draft(category={"text": "x"}, reasonCode={"text": "y"}, id="request-123")
    del order["intent"]
    body = order_select(order)
    assert "type" not in body["context"]["draftOrders"]

    assert rx.cards(body)[0]["indicator"] == "critical"


@pytest.mark.proves("D14")
def test_order_dispatch_is_not_there(rx: Service) -> None:
    assert "order-dispatch" not in {service["hook"] for service in rx.discover()}
