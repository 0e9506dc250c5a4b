"""I: the shapes of feedback; what is kept of it is proved elsewhere."""

from typing import Any
from uuid import uuid4

import pytest

from tests.contract.checklist import IDS, Json, Service, outcome
from tests.unit.app.cds import GOOD, order_select

REASON = {"code": "tolerated-before", "system": "urn:x"}
OVERRIDDEN = {"outcome": "overridden", "outcomeTimestamp": "2026-11-21T10:00:00Z"}
ENOUGH = {200, 404}  # 404: feedback on a card that nobody was shown


@pytest.fixture
def card(rx: Service) -> Json:
    """A card that was just shown."""
    [found] = rx.cards(order_select())
    return found


def accepted(card: Json, **more: object) -> Json:
    return {
        "card": card["uuid"],
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
        "outcomeTimestamp": "2026-11-21T10:00:00Z",
        **more,
    }


def overridden(card: Json, **more: object) -> Json:
    return {"card": card["uuid"], **OVERRIDDEN, **more}


@pytest.mark.proves("I1", "I12", "H1")
@pytest.mark.parametrize("hook", IDS)
def test_every_service_takes_feedback(rx: Service, hook: str) -> None:
    [card] = rx.cards(GOOD[hook](), hook)

    answer = rx.feedback(overridden(card), hook=hook)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.proves("I2", "I13", "H3")
@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"null", b'{"feedback": {}}', b'{"feedback": null}', b'{"feedback": []}']
)
def test_feedback_is_an_object_with_a_list(rx: Service, body: bytes) -> None:
    outcome(rx.send(body, place="/feedback"), 400)


@pytest.mark.proves("I3", "I4", "I5", "I7", "I13")
@pytest.mark.parametrize("name", ["card", "outcome", "outcomeTimestamp", "acceptedSuggestions"])
@pytest.mark.parametrize("new", ["absent", None, 5, [], {}, "", "x", [None], [{}], [{"id": 5}]])
def test_a_missing_or_wrong_field_is_400(rx: Service, card: Json, name: str, new: Any) -> None:
    entry = {key: value for key, value in accepted(card).items() if key != name}

    outcome(rx.feedback(entry if new == "absent" else entry | {name: new}), 400)


@pytest.mark.proves("I4", "I14")
@pytest.mark.parametrize("word", ["ignored", "Accepted", "rejected", "accepted "])
def test_there_are_two_outcomes(rx: Service, card: Json, word: str) -> None:
    outcome(rx.feedback(accepted(card, outcome=word)), 400)


@pytest.mark.proves("I5")
def test_what_was_accepted_is_named(rx: Service, card: Json) -> None:
    assert rx.feedback(accepted(card)).status_code == 200


@pytest.mark.proves("I6")
@pytest.mark.parametrize(
    "reason",
    [
        {"reason": REASON},
        {"reason": {"code": "tolerated-before"}},
        {"reason": REASON | {"display": "x"}, "userComment": "because"},
        {"userComment": "because"},
        {},
    ],
)
def test_a_reason_may_be_a_code_or_words(rx: Service, card: Json, reason: Json) -> None:
    assert rx.feedback(overridden(card, overrideReason=reason)).status_code == 200


@pytest.mark.proves("I6", "I13")
@pytest.mark.parametrize(
    "reason", ["x", 5, [], {"reason": "x"}, {"reason": {}}, {"reason": {"code": 5}}]
)
def test_a_reason_of_the_wrong_shape_is_400(rx: Service, card: Json, reason: object) -> None:
    outcome(rx.feedback(overridden(card, overrideReason=reason)), 400)


@pytest.mark.proves("I7")
@pytest.mark.parametrize(
    "time",
    [
        "2020-12-11T00:00:00Z",
        "1985-04-12T23:20:50.52Z",
        "2020-12-11T00:00:00+00:00",
        "2020-12-11t00:00:00z",
        "2020-12-11T01:00:00.123456789+01:00",
    ],
)
def test_a_time_is_rfc_3339(rx: Service, card: Json, time: str) -> None:
    assert rx.feedback(overridden(card, outcomeTimestamp=time)).status_code == 200


@pytest.mark.proves("I7")
@pytest.mark.parametrize(
    "time",
    ["2020-12-11", "2020-12-11T00:00:00", "2020-13-11T00:00:00Z", "now", "1607644800", "2020-W1"],
)
def test_another_time_is_400(rx: Service, card: Json, time: str) -> None:
    outcome(rx.feedback(overridden(card, outcomeTimestamp=time)), 400)


@pytest.mark.proves("I8", "I9")
def test_feedback_on_several_cards_may_come_again_and_change(rx: Service) -> None:
    cards = [rx.cards(order_select())[0] for _ in range(3)]

    for entries in ([overridden(card) for card in cards], [accepted(card) for card in cards]):
        assert rx.feedback(*entries).status_code == 200
        assert rx.feedback(*entries).status_code == 200


@pytest.mark.proves("I10", "H8")
def test_an_unknown_card_is_no_fault_of_the_server(rx: Service) -> None:
    assert rx.feedback(overridden({"uuid": str(uuid4())})).status_code in ENOUGH


@pytest.mark.proves("L4")
def test_a_thousand_entries_are_answered(rx: Service, card: Json) -> None:
    assert rx.feedback(*[overridden(card)] * 1_000).status_code == 200


@pytest.mark.proves("I13", "M1")
def test_what_we_do_not_know_in_feedback_is_ignored(rx: Service, card: Json) -> None:
    entry = overridden(card, extension={"com.example": 1}, ignored=[None])

    assert rx.feedback(entry).status_code == 200
