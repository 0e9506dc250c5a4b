"""From the list of patients to signed orders, as a prescriber goes."""

import pytest
from playwright.sync_api import expect

from tests.browser.ehr import Ehr

SELECT = "/cds-services/rxhooks-order-select"
SIGN = "/cds-services/rxhooks-order-sign"


def test_an_accepted_alternative_takes_the_orders_place_and_is_signed(ehr: Ehr) -> None:
    ehr.page.goto(f"{ehr.site.service}/sandbox/")
    ehr.page.get_by_role("link", name="Carla Sanchez").click()
    ehr.answered("patient-view")
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    ehr.give_reason("NSTEMI")
    card = ehr.card("order-select", "Clopidogrel is unlikely to work")
    expect(card).to_contain_text("Critical")
    card.get_by_role("button", name="Prasugrel").click()

    ehr.done("Accepted: Prasugrel 10 MG Oral Tablet instead. Feedback sent.")
    assert ehr.drafts() == ["prasugrel 10 MG Oral Tablet"]
    assert [
        entry["outcome"] for sent in ehr.sent(f"{SELECT}/feedback") for entry in sent["feedback"]
    ] == ["accepted"]
    ehr.answered("order-select")
    ehr.sign()
    ehr.says("Signed: 1 order")
    assert ehr.drafts() == []


def test_an_alert_that_is_overridden_with_a_reason_lets_the_order_be_signed(ehr: Ehr) -> None:
    ehr.open("emil-novak")
    expect(ehr.card("patient-view", "Metoprolol acts more strongly")).to_contain_text("Warning")
    ehr.order("codeine sulf 30", "Codeine sulfate 30 MG Oral Tablet")
    ehr.sign()
    ehr.says("Not signed yet")
    card = ehr.card("order-sign", "Codeine may relieve pain poorly")
    card.get_by_role("button", name="Override").click()
    expect(card.get_by_role("combobox")).to_be_focused()  # it wants a reason
    reasons = card.get_by_role("combobox").locator("option").all_inner_texts()
    card.get_by_role("combobox").select_option(reasons[1])
    card.get_by_role("button", name="Override").click()

    ehr.done(f"Overridden: {reasons[1]}. Feedback sent.")
    [entry] = ehr.sent(f"{SIGN}/feedback")[0]["feedback"]
    assert entry["overrideReason"]["reason"]["code"]
    ehr.sign()
    ehr.says("Signed: 1 order")


def test_what_only_informs_is_to_be_read_before_the_orders_are_signed(ehr: Ehr) -> None:
    told = {"uuid": "x", "summary": "Not checked", "indicator": "info", "source": {"label": "y"}}
    ehr.page.route(f"**{SIGN}", lambda route: route.fulfill(json={"cards": [told]}))
    ehr.open("carla-sanchez")
    ehr.order("loratadine", "loratadine (not in the list, in words)")
    ehr.sign()
    ehr.says("Not signed yet: read")
    assert len(ehr.drafts()) == 1
    ehr.sign()
    ehr.says("Signed: 1 order")


def test_an_accepted_dose_changes_the_order_that_is_there(ehr: Ehr) -> None:
    ehr.open("tess-ward")
    ehr.order("nortrip 25", "Nortriptyline 25 MG Oral Capsule")
    ehr.dose().fill("100")
    ehr.dose().press("Tab")
    card = ehr.card("order-select", "Nortriptyline may build up")
    card.get_by_role("button", name="Nortriptyline 75 mg/day instead of 100 mg/day").click()

    expect(ehr.dose()).to_have_value("75")
    assert len(ehr.drafts()) == 1
    ehr.answered("order-select")
    expect(ehr.page.locator("#order-select .state")).to_contain_text("No alerts")
    ehr.sign()
    ehr.says("Signed: 1 order")
    assert ehr.page.get_by_role("img", name="results since").count() == 10


def test_all_of_it_can_be_done_with_the_keyboard_alone(ehr: Ehr) -> None:
    page, keys = ehr.page, ehr.page.keyboard
    page.goto(f"{ehr.site.service}/sandbox/")

    def reach(name: str) -> None:
        """Press Tab until what has the focus is called *name*."""
        for _ in range(60):
            keys.press("Tab")
            focus = page.evaluate(
                "() => { const e = document.activeElement;"
                " return e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText }"
            )
            if focus.strip().startswith(name):
                return
        pytest.fail(f"{name} cannot be reached")

    reach("Carla Sanchez")
    keys.press("Enter")
    ehr.answered("patient-view")
    reach("Order a drug")
    keys.type("clop")
    page.get_by_role("listbox", name="Drugs").get_by_role("option").nth(1).wait_for()
    keys.press("ArrowDown")
    keys.press("ArrowUp")
    keys.press("Enter")
    expect(ehr.dose()).to_be_focused()
    ehr.answered("order-select")
    reach("Reason")
    keys.press("ArrowDown")
    ehr.answered("order-select")
    expect(ehr.card("order-select", "Clopidogrel is unlikely")).to_be_visible()
    reach("Ticagrelor 90 MG")
    keys.press("Space")
    ehr.done("Accepted: Ticagrelor 90 MG Oral Tablet instead. Feedback sent.")
    expect(ehr.dose()).to_be_focused()
    keys.type("90")
    ehr.answered("order-select")
    reach("Sign the orders")
    keys.press("Enter")
    ehr.says("Signed: 1 order")


def test_request_and_answer_are_one_click_away_and_go_to_curl(ehr: Ehr) -> None:
    ehr.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ehr.open("carla-sanchez")
    told = ehr.page.locator("#patient-view .wire")
    told.get_by_text("Request and answer").click()

    expect(told.locator(".sent")).to_contain_text('"hook": "patient-view"')
    expect(told.locator(".got")).to_contain_text('"cards"')
    told.get_by_role("button", name="Copy as curl").click()
    expect(told.get_by_role("status")).to_have_text("Copied.")
    copied = ehr.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith(f"curl -sS '{ehr.site.service}/cds-services/rxhooks-patient-view'")


def test_the_service_is_asked_to_fetch_for_itself(ehr: Ehr) -> None:
    ehr.open("carla-sanchez")
    [sent] = ehr.sent("/cds-services/rxhooks-patient-view")
    assert sent["fhirServer"] == f"{ehr.site.fhir}/fhir"
    assert "prefetch" not in sent


def test_a_removed_order_takes_its_alerts_with_it(ehr: Ehr) -> None:
    ehr.open("carla-sanchez")
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    ehr.page.get_by_role("button", name="Remove clopidogrel").click()

    expect(ehr.page.locator("#order-select")).to_be_hidden()
    expect(ehr.page.get_by_role("button", name="Sign the orders")).to_be_disabled()
