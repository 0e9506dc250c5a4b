"""No step loses the focus, and what it meets says what it is about."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.ehr import Ehr


def test_after_signing_the_focus_is_on_the_next_order(ehr: Ehr) -> None:
    ehr.open("carla-sanchez")
    ehr.order("loratadine", "loratadine (not in the list, in words)")
    ehr.page.get_by_role("button", name="Sign the orders").press("Enter")
    ehr.says("Signed: 1 order")
    expect(ehr.page.get_by_role("combobox", name="Order a drug")).to_be_focused()


def test_signing_takes_the_focus_from_nobody(ehr: Ehr) -> None:
    ehr.open("carla-sanchez")
    ehr.order("loratadine", "loratadine (not in the list, in words)")
    told = ehr.page.locator("#patient-view").get_by_text("Request and answer")
    ehr.page.route("**/rxhooks-order-sign", lambda route: (told.focus(), route.continue_()))
    ehr.page.get_by_role("button", name="Sign the orders").press("Enter")
    ehr.says("Signed: 1 order")
    expect(told).to_be_focused()


@pytest.mark.parametrize("hook", ["patient-view", "order-select", "order-sign"])
@pytest.mark.parametrize("fails", [1, 2], ids=["then answers", "fails again"])
def test_after_asking_again_the_focus_is_on_the_answers_heading(
    ehr: Ehr, hook: str, fails: int
) -> None:
    answer = ehr.page.locator(f"#{hook}")
    ehr.page.route(f"**/rxhooks-{hook}", lambda route: route.abort(), times=fails)
    ehr.open("carla-sanchez")
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    if hook == "order-sign":
        ehr.sign()
    expect(answer).to_contain_text("Not checked")
    answer.get_by_role("button", name="Ask again").press("Enter")

    expect(answer).to_contain_text("Not checked" if fails > 1 else "alert")
    expect(answer.get_by_role("heading", level=2)).to_be_focused()


def test_a_suggestion_that_only_ends_an_order_leaves_the_focus_on_the_next(ehr: Ehr) -> None:
    ends = {"type": "delete", "description": "x", "resourceId": "MedicationRequest/draft-1"}
    card = {"uuid": "x", "summary": "Not this", "indicator": "warning", "source": {"label": "y"}}
    card |= {"suggestions": [{"label": "Without it", "uuid": "z", "actions": [ends]}]}
    ehr.page.route("**/rxhooks-order-select", lambda route: route.fulfill(json={"cards": [card]}))
    ehr.open("carla-sanchez")
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    ehr.page.get_by_role("button", name="Without it").press("Enter")
    assert ehr.drafts() == []
    expect(ehr.page.get_by_role("combobox", name="Order a drug")).to_be_focused()


def test_the_fields_of_an_order_and_the_answers_to_an_alert_say_which(ehr: Ehr) -> None:
    ehr.open("emil-novak")
    ehr.order("codeine sulf 30", "Codeine sulfate 30 MG Oral Tablet")
    ehr.order("simva 40", "Simvastatin 40 MG Oral Tablet")
    for drug in ("Codeine sulfate", "Simvastatin"):
        expect(ehr.draft(drug).get_by_role("textbox", name="Dose")).to_have_count(1)
    card = ehr.card("order-select", "Simvastatin carries")
    for part in (card.get_by_role("combobox"), card.get_by_role("button", name="Override")):
        expect(part).to_have_accessible_description(re.compile("^Simvastatin carries"))


def test_only_where_there_is_an_order_an_alert_speaks_of_keeping_it(ehr: Ehr) -> None:
    ehr.open("emil-novak")
    opened = ehr.card("patient-view", "Metoprolol acts more strongly")
    opened.get_by_role("combobox", name="Dismiss because").select_option(index=1)
    opened.get_by_role("button", name="Dismiss").click()
    ehr.done("Dismissed: ")
    [sent] = ehr.sent("/cds-services/rxhooks-patient-view/feedback")
    assert sent["feedback"][0]["outcome"] == "overridden"

    ehr.order("codeine sulf 30", "Codeine sulfate 30 MG Oral Tablet")
    ordered = ehr.card("order-select", "Codeine may relieve")
    expect(ordered.get_by_role("combobox", name="Keep the order because")).to_be_visible()
