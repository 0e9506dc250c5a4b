"""An alert that nobody answered stays until it is answered, or its order is another one."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.ehr import Ehr

SELECT = "/cds-services/rxhooks-order-select"
CLOPIDOGREL = "Clopidogrel is unlikely"


@pytest.fixture
def chart(ehr: Ehr) -> Ehr:
    """Clopidogrel is ordered, and its alert not answered."""
    ehr.open("carla-sanchez")
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    expect(ehr.card("order-select", CLOPIDOGREL)).to_be_visible()
    return ehr


def loratadine(ehr: Ehr) -> None:
    """A drug without any alert."""
    ehr.order("loratadine", "loratadine (not in the list, in words)")


def overridden(card: Locator) -> None:
    card.get_by_role("combobox").select_option(index=1)
    card.get_by_role("button", name="Override").click()


def test_an_alert_stays_when_another_drug_is_chosen(chart: Ehr) -> None:
    loratadine(chart)
    expect(chart.page.locator("#order-select")).to_contain_text("No alerts")
    expect(chart.page.locator("#said")).to_contain_text("On other orders: 1 alert not answered")
    loratadine(chart)

    expect(chart.card("open", CLOPIDOGREL)).to_be_visible()
    assert chart.sent(SELECT)[-1]["context"]["selections"] == ["MedicationRequest/draft-3"]


def test_an_alert_that_was_answered_goes(chart: Ehr) -> None:
    loratadine(chart)
    overridden(chart.card("open", CLOPIDOGREL))
    chart.done("Overridden")
    [sent] = chart.sent(f"{SELECT}/feedback")
    assert sent["feedback"][0]["outcome"] == "overridden"
    loratadine(chart)

    expect(chart.page.locator("#open")).to_be_hidden()
    expect(chart.page.get_by_role("article").filter(has_text=CLOPIDOGREL)).to_have_count(0)


def test_an_alert_goes_with_its_order(chart: Ehr) -> None:
    loratadine(chart)
    expect(chart.page.locator("#open")).to_be_visible()
    chart.page.get_by_role("button", name="Remove clopidogrel").click()
    expect(chart.page.locator("#open")).to_be_hidden()


def test_an_order_that_changed_is_asked_about_anew(chart: Ehr) -> None:
    loratadine(chart)
    chart.dose("clopidogrel").fill("150")
    chart.dose("clopidogrel").press("Tab")
    expect(chart.card("order-select", CLOPIDOGREL)).to_be_visible()
    expect(chart.page.locator("#open")).to_be_hidden()


def test_an_alert_on_signing_stays_when_another_drug_is_chosen(chart: Ehr) -> None:
    chart.sign()
    expect(chart.card("order-sign", CLOPIDOGREL)).to_be_visible()
    loratadine(chart)
    expect(chart.card("open", CLOPIDOGREL)).to_be_visible()


def test_signing_asks_about_all_orders_and_shows_each_alert_once(chart: Ehr) -> None:
    loratadine(chart)
    chart.sign()
    expect(chart.card("order-sign", CLOPIDOGREL)).to_be_visible()
    expect(chart.page.get_by_role("article").filter(has_text=CLOPIDOGREL)).to_have_count(1)


def test_an_alert_stays_when_signing_could_not_be_checked(chart: Ehr) -> None:
    chart.page.route("**/cds-services/rxhooks-order-sign", lambda route: route.abort())
    chart.sign()
    chart.says("Not signed: the orders were not checked")
    expect(chart.card("open", CLOPIDOGREL)).to_be_visible()


def test_an_order_whose_call_failed_is_asked_about_with_the_next(ehr: Ehr) -> None:
    ehr.open("carla-sanchez")
    ehr.page.route(f"**{SELECT}", lambda route: route.abort(), times=1)
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    expect(ehr.page.locator("#order-select")).to_contain_text("Not checked")
    loratadine(ehr)

    expect(ehr.card("order-select", CLOPIDOGREL)).to_be_visible()
    names = ["MedicationRequest/draft-1", "MedicationRequest/draft-2"]
    assert ehr.sent(SELECT)[-1]["context"]["selections"] == names


def test_an_order_that_was_never_checked_is_not_forgotten_with_one_that_goes(ehr: Ehr) -> None:
    ehr.open("carla-sanchez")
    ehr.page.route(f"**{SELECT}", lambda route: route.abort(), times=2)
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    loratadine(ehr)
    expect(ehr.page.locator("#order-select")).to_contain_text("Not checked")
    ehr.page.get_by_role("button", name="Remove loratadine").click()
    expect(ehr.card("order-select", CLOPIDOGREL)).to_be_visible()
