"""G: cards, over many drugs and results."""

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from fhirclient.models.medicationrequest import MedicationRequest
from fhirclient.models.servicerequest import ServiceRequest
from markdown_it import MarkdownIt

from tests.contract.checklist import IDS, Json, Service, without_uuids
from tests.unit.app.cds import (
    POOR,
    complete,
    draft,
    empties,
    faults,
    order_select,
    order_sign,
    patient_view,
)
from tests.unit.hooks.reading import bundle, observation

MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False})
FHIR = {"MedicationRequest": MedicationRequest, "ServiceRequest": ServiceRequest}
DOSE = {
    "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
    "doseAndRate": [{"doseQuantity": {"value": 1000, "unit": "mg", "code": "mg"}}],
}
DRUGS = {
    "clopidogrel": [POOR],
    "codeine": [observation("84413-4", "CYP2D6 *4/*4")],
    "tramadol": [observation("84413-4", "CYP2D6 *1/*1xN")],
    "abacavir": [],
    "simvastatin": [observation("84413-4", "SLCO1B1 *5/*5")],
    "capecitabine": [observation("84413-4", "DPYD c.1905+1G>A (*2A)/Reference")],
    "azathioprine": [observation("84413-4", "TPMT *3A/*3A")],
    "phenytoin": [observation("84413-4", "CYP2C9 *3/*3")],
}
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example mailto:a@evil.example",
    "**bold** _it_ ~~no~~ `code` # h | a | b |",
    "\u202etxt.exe\u2066 \u200b\u200d\ufeff",
    "\u0000\u0007\x1b[31m",
    "{{7*7}} ${7*7} %s %n {0} #{7*7}",
    "' OR 1=1; DROP TABLE feedback;--",
    "Erika Mustermann 👩🏽‍⚕️ שלום مرحبا 漢字",
    "x" * 10_000,
    "\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "@everyone #123 :smile: $x$",
)


@pytest.fixture(scope="module")
def cards(rx: Service) -> list[Json]:
    """A card of each kind that we draw."""
    found: list[Json] = []
    for name, results in DRUGS.items():
        order = draft(medicationCodeableConcept={"text": name}, dosageInstruction=[DOSE])
        prefetch = complete(*results)
        found += rx.cards(order_select(order, prefetch=prefetch))
        found += rx.cards(order_sign(order, prefetch=prefetch), "order-sign")
        taken = prefetch | {"medications": bundle(order | {"status": "active"})}
        found += rx.cards(patient_view(prefetch=taken), "patient-view")
    assert len(found) > 15
    return found


def suggestions(cards: list[Json]) -> list[Json]:
    return [each for card in cards for each in card.get("suggestions", [])]


def acts(cards: list[Json], kind: str) -> list[Json]:
    found = [
        action
        for suggestion in suggestions(cards)
        for action in suggestion["actions"]
        if action["type"] == kind
    ]
    assert found, kind
    return found


@pytest.mark.proves("G1", "G23", "H1", "A3")
def test_cards_have_attributes_of_the_specification_only(cards: list[Json]) -> None:
    assert [fault for card in cards for fault in faults(card)] == []


@pytest.mark.proves("G3")
def test_a_summary_is_one_plain_line_under_140_characters(cards: list[Json]) -> None:
    for card in cards:
        assert 0 < len(card["summary"]) < 140
        assert not re.search(r"[\n<>*_`]", card["summary"])


@pytest.mark.proves("G4", "G24", "L6")
def test_a_detail_is_markdown_without_html(cards: list[Json]) -> None:
    for card in cards:
        assert markup(card["detail"]) <= {"p", "strong", "ul", "li", "hr", ""}


@pytest.mark.proves("G5", "G6", "G7", "G8")
def test_indicator_and_source_are_as_the_specification_has_them(cards: list[Json]) -> None:
    for card in cards:
        assert card["indicator"] in {"info", "warning", "critical"}
        assert card["source"]["label"]
        assert card["source"].keys() <= {"label", "url"}
        assert absolute(card["source"]["url"])


@pytest.mark.proves("G7", "G19", "G20", "G21", "K13")
def test_links_are_absolute_https_addresses(cards: list[Json]) -> None:
    for card in cards:
        for link in card.get("links", []):
            assert link.keys() == {"label", "url", "type"}
            assert link["type"] == "absolute"
            assert absolute(link["url"])


@pytest.mark.proves("G9")
def test_uuids_are_fresh(rx: Service) -> None:
    answers = [rx.cards(order_select()) for _ in range(20)]
    found = [card["uuid"] for cards in answers for card in (*cards, *suggestions(cards))]

    assert len(set(found)) == len(found)
    assert all(str(UUID(each)) == each for each in found)


@pytest.mark.proves("G10", "G11", "G12", "G17")
def test_suggestions_are_as_the_specification_has_them(cards: list[Json]) -> None:
    for card in cards:
        offered = card.get("suggestions", [])
        assert ("selectionBehavior" in card) == bool(offered)
        assert card.get("selectionBehavior", "at-most-one") == "at-most-one"
        assert sum(each.get("isRecommended", False) for each in offered) <= 1
        for each in offered:
            assert each.keys() <= {"label", "uuid", "isRecommended", "actions"}
            assert each["label"]
            assert each.get("isRecommended", True) is True
            assert each["actions"]


@pytest.mark.proves("A5", "G13", "G14", "G26")
def test_what_is_created_is_a_whole_resource_about_the_patient(cards: list[Json]) -> None:
    for action in acts(cards, "create"):
        resource = action["resource"]
        assert action["description"]
        assert FHIR[resource["resourceType"]](resource, strict=True).as_json() == resource
        assert resource["subject"] == {"reference": "Patient/p1"}
        assert (resource["status"], resource["intent"]) == ("draft", "order")
        assert empties(resource) == []


@pytest.mark.proves("A5", "G13", "G15")
def test_an_update_is_the_whole_draft(rx: Service) -> None:
    order = draft(
        medicationCodeableConcept={"text": "capecitabine"},
        dosageInstruction=[DOSE],
        note=[{"text": "with water"}],
        groupIdentifier={"value": "g"},
    )
    body = order_select(order, prefetch=complete(*DRUGS["capecitabine"]))

    [action] = acts(rx.cards(body), "update")

    changed = action["resource"]
    assert order.keys() <= changed.keys()
    assert changed["id"] == order["id"]
    assert changed["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] == 500
    kept = changed.keys() - {"dosageInstruction", "extension"}
    assert {key: changed[key] for key in kept} == {key: order[key] for key in kept}


@pytest.mark.proves("G13", "G16")
def test_what_is_deleted_is_an_order_of_the_call(cards: list[Json]) -> None:
    for action in acts(cards, "delete"):
        assert action.keys() == {"type", "description", "resourceId"}
        assert action["resourceId"] == f"MedicationRequest/{draft()['id']}"


@pytest.mark.proves("G18")
def test_override_reasons_are_whole_codings(cards: list[Json]) -> None:
    for card in cards:
        for reason in card.get("overrideReasons", []):
            assert reason.keys() == {"system", "code", "display"}
            assert all(reason.values())
            assert absolute(reason["system"]) or urlsplit(reason["system"]).scheme == "http"
    assert any("overrideReasons" in card for card in cards)


@pytest.mark.proves("G22", "G2", "M1", "M2")
def test_an_answer_has_cards_and_our_extension_and_no_system_actions(rx: Service) -> None:
    answer = rx.call(order_select()).json()

    assert answer.keys() <= {"cards", "extension"}
    assert isinstance(answer.get("extension", {}), dict)
    assert all(isinstance(card["extension"], dict) for card in answer["cards"])


@pytest.mark.proves("G26")
@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_the_order_of_another_patient_gets_no_suggestion(rx: Service, hook: str) -> None:
    order = draft(subject={"reference": "Patient/p2"})
    body = order_select(order) if hook == "order-select" else order_sign(order)

    assert rx.cards(body, hook) == []


@pytest.mark.proves("G27", "B12")
def test_each_hook_has_an_id_of_its_own_and_says_the_same_of_an_order(rx: Service) -> None:
    selected = rx.cards(order_select())
    signed = rx.cards(order_sign(), "order-sign")

    assert len(set(IDS.values())) == 3
    assert without_uuids(selected) == without_uuids(signed)


@pytest.mark.proves("G3", "G24", "A7", "L5", "L6", "K12")
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_shows_as_text(rx: Service, text: str) -> None:
    """In every string of the request that may reach a card."""
    order = draft(
        medicationCodeableConcept={
            "text": f"clopidogrel {text}",
            "coding": [{"display": text, "code": text, "system": text}],
        },
        reasonCode=[{"text": text}],
        note=[{"text": text or "x"}],
        requester={"display": text},
        dosageInstruction=[{"text": text}],
    )
    result = POOR | {
        "performer": [{"display": text}],
        "note": [{"text": text}],
        "method": {"text": text},
    }
    unreadable = observation("84413-4", f"CYP2C19 {text}", performer=[{"display": text}])
    for results in ([result], [unreadable | {"id": text[:64]}], [result, unreadable]):
        answer = rx.call(order_select(order, prefetch=complete(*results)))
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        for card in answer.json()["cards"]:
            assert faults(card) == []
            assert markup(card["detail"]) <= {"p", "strong", "ul", "li", "hr", ""}
            assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", shown(card))
            assert not re.search(r"[<>]", card["summary"])


def shown(card: Json) -> str:
    """What a person sees of *card*."""
    labels = [each["label"] for each in card.get("suggestions", [])]
    described = [
        action["description"] for each in card.get("suggestions", []) for action in each["actions"]
    ]
    return "".join((card["summary"], card["detail"], card["source"]["label"], *labels, *described))


def markup(text: str) -> set[str]:
    """The tags that *text* becomes where Markdown may hold HTML."""
    tokens: list[Any] = MARKDOWN.parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    raw = {token.type for token in (*tokens, *inner)} & {"html_block", "html_inline"}
    return {token.tag for token in (*tokens, *inner)} | raw


def absolute(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname)
