"""Feedback and fewer repeated alerts through the whole service, on a real database."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from werkzeug.test import TestResponse

import app.feedback.store
from app.feedback.tables import now
from app.runtime import Runtime
from hooks.knowledge.policy import Policy, with_policy
from hooks.knowledge.repeating import Mutes, Repeats
from tests.unit.app.cds import (
    POOR,
    Json,
    call,
    complete,
    draft,
    empties,
    order_select,
    order_sign,
    patient_view,
    serving,
)
from tests.unit.app.feedback.rows import rows
from tests.unit.hooks.reading import KNOWLEDGE, bundle, coded, observation

SECRET = b"thirty-two bytes of nobody's key"
RULE = "cyp2c19-clopidogrel"
TOLERATED = "action-performed-no-adverse-effect"
REASONS = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
SIMVASTATIN = coded("rxnorm", "36567", "simvastatin")
SLOW = observation("84413-4", "SLCO1B1 *5/*5")
LATER = "7be8696f-2027-4c48-8696-f97c9127eff3"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Flask]:
    with serving(tmp_path, repeat_secret=SECRET) as app:
        yield app


@pytest.fixture
def client(service: Flask) -> FlaskClient:
    return service.test_client()


def policy(service: Flask, **tables: Any) -> None:
    """Have the service follow a policy of these tables from now on."""
    runtime: Runtime = service.extensions["rxhooks"]
    known = with_policy(KNOWLEDGE, Policy(**tables))
    service.extensions["rxhooks"] = replace(runtime, knowledge=known)


def answered(response: TestResponse) -> Json:
    assert response.status_code == 200, response.text
    assert response.json is not None
    assert empties(response.json) in ([], [".cards"])
    found: Json = response.json
    return found


def cards(response: TestResponse) -> list[Json]:
    found: list[Json] = answered(response)["cards"]
    return found


def left_out(response: TestResponse) -> list[tuple[str, str, str]]:
    told = answered(response).get("extension", {}).get("org.rxhooks.repeated", [])
    return [(each["rule"], each["why"], each["card"]) for each in told]


def give(
    client: FlaskClient, *entries: Json, service: str = "rxhooks-order-select"
) -> TestResponse:
    return client.post(f"/cds-services/{service}/feedback", json={"feedback": list(entries)})


def entry(card: str, **changes: Any) -> Json:
    return {
        "card": card,
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-21T10:00:00Z",
        "overrideReason": {"reason": {"code": TOLERATED, "system": REASONS}},
    } | changes


def warning(**order: Any) -> Json:
    """An order-select that draws a warning: simvastatin beside poor SLCO1B1 function."""
    return order_select(
        draft(medicationCodeableConcept=SIMVASTATIN, **order), prefetch=complete(SLOW)
    )


def warning_to_sign(**order: Any) -> Json:
    return order_sign(
        draft(medicationCodeableConcept=SIMVASTATIN, **order), prefetch=complete(SLOW)
    )


def dosage(milligrams: int) -> Json:
    """Once a day."""
    return {
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": milligrams, "unit": "mg", "code": "mg"}}],
    }


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


# Feedback


def test_feedback_on_a_card_is_kept_and_its_comment_is_not(
    client: FlaskClient, tmp_path: Path
) -> None:
    [card] = cards(call(client, order_select()))
    reason = {"reason": {"code": TOLERATED}, "userComment": "Erika Mustermann takes it"}

    given = give(client, entry(card["uuid"], overrideReason=reason))

    assert (given.status_code, given.json) == (200, {})
    [row] = rows(f"sqlite:///{tmp_path}/feedback.db", "feedback")
    assert (row["card"], row["client"], row["rule"]) == (card["uuid"], "open", RULE)
    assert (row["override_code"], row["override_system"]) == (TOLERATED, REASONS)
    assert row["branch"] == card["extension"]["org.rxhooks.finding"]["branch"]
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert card["uuid"].encode() in left
    assert b"Erika" not in left


def test_an_unknown_card_is_404_for_its_entry_and_keeps_the_others(
    client: FlaskClient, tmp_path: Path
) -> None:
    [card] = cards(call(client, order_select()))

    given = give(client, entry(UNKNOWN), entry(card["uuid"]))

    assert given.status_code == 200
    assert given.json is not None
    [issue] = given.json["issue"]
    assert (issue["code"], issue["expression"]) == ("not-found", ["feedback[0].card"])
    assert [row["card"] for row in rows(f"sqlite:///{tmp_path}/feedback.db", "feedback")] == [
        card["uuid"]
    ]


def test_feedback_on_unknown_cards_alone_is_404(client: FlaskClient) -> None:
    before = value("rxhooks_feedback_total", service="rxhooks-order-select", outcome="not-found")

    given = give(client, entry(UNKNOWN), entry(LATER))

    assert given.status_code == 404
    assert given.json is not None
    assert [issue["expression"] for issue in given.json["issue"]] == [
        ["feedback[0].card"],
        ["feedback[1].card"],
    ]
    after = value("rxhooks_feedback_total", service="rxhooks-order-select", outcome="not-found")
    assert after == before + 2


def test_a_card_of_another_service_is_unknown(client: FlaskClient) -> None:
    [card] = cards(call(client, order_select()))

    assert give(client, entry(card["uuid"]), service="rxhooks-order-sign").status_code == 404
    assert give(client, entry(card["uuid"])).status_code == 200


def test_a_card_of_another_client_is_unknown(service: Flask) -> None:
    callers = iter(["city", "village", "city"])
    service.before_request_funcs.setdefault(None, []).append(
        lambda: setattr(g, "client", SimpleNamespace(name=next(callers)))
    )
    client = service.test_client()
    [card] = cards(call(client, order_select()))

    assert give(client, entry(card["uuid"])).status_code == 404
    assert give(client, entry(card["uuid"])).status_code == 200


def test_a_malformed_entry_refuses_the_whole_call(client: FlaskClient, tmp_path: Path) -> None:
    [card] = cards(call(client, order_select()))

    assert give(client, entry(card["uuid"]), {"card": card["uuid"]}).status_code == 400
    assert rows(f"sqlite:///{tmp_path}/feedback.db", "feedback") == []


def test_feedback_that_comes_again_is_answered_the_same_and_kept_once(
    client: FlaskClient, tmp_path: Path
) -> None:
    [card] = cards(call(client, order_select()))

    answers = [give(client, entry(card["uuid"])).status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert len(rows(f"sqlite:///{tmp_path}/feedback.db", "feedback")) == 1


def test_feedback_that_cannot_be_kept_is_503_and_counted(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [card] = cards(call(client, order_select()))
    monkeypatch.setattr(app.feedback.store, "RECORD_S", 0.1)
    before = value("rxhooks_store_failures_total", work="feedback")

    with closing(sqlite3.connect(tmp_path / "feedback.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        given = give(client, entry(card["uuid"]))

    assert given.status_code == 503
    assert value("rxhooks_store_failures_total", work="feedback") == before + 1


# Shown before


def test_what_order_select_showed_is_not_repeated_at_signing(client: FlaskClient) -> None:
    [card] = cards(call(client, warning()))
    assert card["indicator"] == "warning"
    labels = {"service": "rxhooks-order-sign", "why": "shown"}
    before = value("rxhooks_left_out_total", **labels)

    signed = call(client, warning_to_sign(), "order-sign")

    assert cards(signed) == []
    [(rule, why, earlier)] = left_out(signed)
    assert (rule, why, earlier) == ("slco1b1-simvastatin", "shown", card["uuid"])
    assert value("rxhooks_left_out_total", **labels) == before + 1


def test_what_is_said_of_it_holds_nothing_of_the_patient(client: FlaskClient) -> None:
    call(client, warning())

    signed = answered(call(client, warning_to_sign(), "order-sign"))

    [told] = signed["extension"]["org.rxhooks.repeated"]
    assert set(told) == {"rule", "branch", "why", "card"}


def test_a_critical_card_is_repeated(client: FlaskClient) -> None:
    call(client, order_select())

    signed = call(client, order_sign(), "order-sign")

    assert [card["indicator"] for card in cards(signed)] == ["critical"]
    assert left_out(signed) == []


def test_a_critical_card_is_left_out_only_if_policy_names_its_rule(
    service: Flask, client: FlaskClient
) -> None:
    policy(service, repeats=Repeats(critical=(RULE,)))
    call(client, order_select())

    assert cards(call(client, order_sign(), "order-sign")) == []


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_the_same_call_sent_again_gets_the_same_cards(client: FlaskClient, hook: str) -> None:
    body = {"order-select": warning, "order-sign": warning_to_sign}[hook]()

    assert len(cards(call(client, body, hook))) == len(cards(call(client, body, hook))) == 1


def test_a_site_may_have_everything_repeated(service: Flask, client: FlaskClient) -> None:
    policy(service, repeats=Repeats(order_sign="info"))
    call(client, warning())

    assert len(cards(call(client, warning_to_sign(), "order-sign"))) == 1


def test_an_order_that_got_its_dose_since_is_the_same_order(client: FlaskClient) -> None:
    call(client, warning())
    dosed = warning_to_sign(dosageInstruction=[dosage(40)])

    assert cards(call(client, dosed, "order-sign")) == []


def test_where_the_advice_is_on_doses_an_order_that_got_its_dose_since_is_told(
    client: FlaskClient,
) -> None:
    decreased = complete(observation("84413-4", "SLCO1B1 *1/*5"))
    [card] = cards(call(client, warning() | {"prefetch": decreased}))
    assert "cap" in card["extension"]["org.rxhooks.finding"]["dose"]
    undosed, dosed = warning_to_sign(), warning_to_sign(dosageInstruction=[dosage(40)])

    assert len(cards(call(client, dosed | {"prefetch": decreased}, "order-sign"))) == 1
    assert cards(call(client, undosed | {"prefetch": decreased}, "order-sign")) == []


def test_another_dose_is_another_order(client: FlaskClient) -> None:
    call(client, warning(dosageInstruction=[dosage(40)]))
    same = warning_to_sign(dosageInstruction=[dosage(40)])
    more = warning_to_sign(dosageInstruction=[dosage(80)])

    assert cards(call(client, same, "order-sign")) == []
    assert len(cards(call(client, more, "order-sign"))) == 1


def test_a_new_result_is_told(client: FlaskClient) -> None:
    call(client, warning())
    newer = observation("84413-4", "SLCO1B1 *5/*5", id="newer")
    body = warning_to_sign() | {"prefetch": complete(newer)}

    assert len(cards(call(client, body, "order-sign"))) == 1


def test_another_patient_and_another_fhir_server_are_told(client: FlaskClient) -> None:
    call(client, warning())
    elsewhere = warning_to_sign() | {"fhirServer": "https://other.example/fhir"}

    assert len(cards(call(client, elsewhere, "order-sign"))) == 1


def test_another_client_is_told(service: Flask) -> None:
    callers = iter(["city", "village", "city"])
    service.before_request_funcs.setdefault(None, []).append(
        lambda: setattr(g, "client", SimpleNamespace(name=next(callers)))
    )
    client = service.test_client()
    call(client, warning())

    assert len(cards(call(client, warning_to_sign(), "order-sign"))) == 1
    assert cards(call(client, warning_to_sign(), "order-sign")) == []


def test_without_a_secret_nothing_is_left_out_and_no_trace_is_kept(tmp_path: Path) -> None:
    with serving(tmp_path) as plain:
        client = plain.test_client()
        call(client, warning())

        assert len(cards(call(client, warning_to_sign(), "order-sign"))) == 1
        assert rows(f"sqlite:///{tmp_path}/feedback.db", "earlier") == []


def test_after_another_secret_everything_is_told_again(service: Flask, client: FlaskClient) -> None:
    call(client, warning())
    runtime: Runtime = service.extensions["rxhooks"]
    other = replace(runtime.settings, repeat_secret=SECRET[::-1])
    service.extensions["rxhooks"] = replace(runtime, settings=other)

    assert len(cards(call(client, warning_to_sign(), "order-sign"))) == 1


def test_what_was_shown_too_long_ago_is_told_again(client: FlaskClient, tmp_path: Path) -> None:
    call(client, warning())
    long_ago = (now() - timedelta(hours=25)).replace(tzinfo=None).isoformat(" ")
    with closing(sqlite3.connect(tmp_path / "feedback.db")) as database, database:
        database.execute("UPDATE earlier SET at = ?", [long_ago])

    assert len(cards(call(client, warning_to_sign(), "order-sign"))) == 1


def test_a_chart_shows_its_cards_each_time_unless_policy_says_otherwise(
    service: Flask, client: FlaskClient
) -> None:
    chart = patient_view(
        prefetch=complete(SLOW)
        | {"medications": bundle(draft(medicationCodeableConcept=SIMVASTATIN, status="active"))}
    )
    policy(service, rules={"slco1b1-simvastatin": _milder()}, repeats=Repeats())
    assert len(cards(call(client, chart, "patient-view"))) == 1
    assert len(cards(call(client, chart | {"hookInstance": LATER}, "patient-view"))) == 1

    policy(
        service,
        rules={"slco1b1-simvastatin": _milder()},
        repeats=Repeats(patient_view="warning"),
    )
    assert len(cards(call(client, chart | {"hookInstance": LATER}, "patient-view"))) == 1
    assert cards(call(client, chart, "patient-view")) == []


def _milder() -> Any:
    from hooks.knowledge.policy import RulePolicy

    rule = next(each for each in KNOWLEDGE.guidelines if each.id == "slco1b1-simvastatin")
    return RulePolicy(indicators={b.id: "info" for b in rule.branches if b.indicator})


# Muted


@pytest.fixture
def muting(service: Flask) -> None:
    policy(service, repeats=Repeats(order_sign="info"), mutes=Mutes(reasons=(TOLERATED,)))


@pytest.mark.usefixtures("muting")
def test_an_override_that_lasts_mutes_the_rule_for_the_patient(client: FlaskClient) -> None:
    [card] = cards(call(client, warning()))
    assert give(client, entry(card["uuid"])).status_code == 200

    again = call(client, warning())
    signed = call(client, warning_to_sign(), "order-sign")

    assert cards(again) == cards(signed) == []
    assert left_out(again) == [("slco1b1-simvastatin", "muted", card["uuid"])]


@pytest.mark.usefixtures("muting")
def test_another_reason_mutes_nothing(client: FlaskClient) -> None:
    [card] = cards(call(client, warning()))
    give(client, entry(card["uuid"], overrideReason={"reason": {"code": "risk-benefit-ratio"}}))

    assert len(cards(call(client, warning()))) == 1


def test_as_shipped_no_override_mutes(client: FlaskClient) -> None:
    [card] = cards(call(client, warning()))
    give(client, entry(card["uuid"]))

    assert len(cards(call(client, warning()))) == 1


@pytest.mark.usefixtures("muting")
def test_a_critical_card_is_not_muted(client: FlaskClient) -> None:
    [card] = cards(call(client, order_select()))
    give(client, entry(card["uuid"]))

    assert len(cards(call(client, order_select()))) == 1


def test_a_critical_card_is_muted_where_policy_names_its_rule(
    service: Flask, client: FlaskClient
) -> None:
    policy(service, mutes=Mutes(reasons=(TOLERATED,), critical=(RULE,)))
    [card] = cards(call(client, order_select()))
    give(client, entry(card["uuid"]))

    assert cards(call(client, order_select())) == []


@pytest.mark.usefixtures("muting")
def test_silence_ends_with_a_new_result_a_higher_severity_or_new_knowledge(
    service: Flask, client: FlaskClient
) -> None:
    [card] = cards(call(client, warning()))
    give(client, entry(card["uuid"]))
    newer = warning() | {"prefetch": complete(observation("84413-4", "SLCO1B1 *5/*5", id="n"))}
    assert len(cards(call(client, newer))) == 1

    runtime: Runtime = service.extensions["rxhooks"]
    changed = replace(runtime.knowledge, version="another")
    service.extensions["rxhooks"] = replace(runtime, knowledge=changed)
    assert len(cards(call(client, warning()))) == 1


# A store that fails


def test_a_locked_database_costs_no_card_and_little_time(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(client, warning())
    monkeypatch.setattr(app.feedback.store, "SHOWN_S", 0.1)
    monkeypatch.setattr(app.feedback.store, "EARLIER_S", 0.1)
    before = value("rxhooks_store_failures_total", work="shown")

    with closing(sqlite3.connect(tmp_path / "feedback.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = perf_counter()
        found = [len(cards(call(client, order_select()))) for _ in range(10)]
        assert perf_counter() - started < 1.5  # ten waits of two seconds, otherwise

    assert found == [1] * 10
    assert value("rxhooks_store_failures_total", work="shown") == before + 10


def test_a_database_that_does_not_tell_what_was_shown_repeats_it(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(client, warning())
    before = value("rxhooks_store_failures_total", work="earlier")

    def silent(*_: object) -> None:
        raise app.feedback.store.StoreUnavailable("down")

    monkeypatch.setattr(app.feedback.store.FeedbackStore, "earlier", silent)

    assert len(cards(call(client, warning_to_sign(), "order-sign"))) == 1
    assert value("rxhooks_store_failures_total", work="earlier") == before + 1


def test_nothing_stored_names_the_patient(client: FlaskClient, tmp_path: Path) -> None:
    body = warning()
    order = body["context"]["draftOrders"]["entry"][0]["resource"]
    body["context"]["patientId"] = "erika-1970"
    order["subject"] = {"reference": "Patient/erika-1970"}
    for resource in body["prefetch"]["genotypes"]["entry"]:
        resource["resource"]["subject"] = {"reference": "Patient/erika-1970"}
    body["prefetch"]["patient"]["id"] = "erika-1970"

    [card] = cards(call(client, body))

    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert card["uuid"].encode() in left
    for told in (b"erika", b"1970", b"*5", b"Observation/", POOR["id"].encode() + b"/"):
        assert told not in left
    [row] = rows(f"sqlite:///{tmp_path}/feedback.db", "earlier")
    assert len(row["trace"]) == 64
    assert row["at"] > datetime(2000, 1, 1, tzinfo=UTC).isoformat()
