"""Answers that come late, wrong or not at all: none of them may look like "no alerts"."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.ehr import Ehr

SELECT = "**/cds-services/rxhooks-order-select"
VIEW = "**/cds-services/rxhooks-patient-view"
CLEAR = "No alerts"


def held(page: Page) -> list[Route]:
    """The first order-select is kept waiting; all others go through."""
    kept: list[Route] = []
    page.route(SELECT, lambda route: route.continue_() if kept else kept.append(route))
    return kept


def test_a_late_answer_never_replaces_a_newer_one(ehr: Ehr) -> None:
    ehr.open("carla-sanchez")
    kept = held(ehr.page)
    ehr.page.get_by_role("combobox", name="Order a drug").fill("loratadine")
    ehr.page.get_by_role("option", name="loratadine (not in the list, in words)").click()
    expect(ehr.page.locator("#order-select")).to_contain_text("Checking")
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    expect(ehr.card("order-select", "Clopidogrel is unlikely")).to_be_visible()

    asked = ehr.sent("/cds-services/rxhooks-order-select")[-1]["context"]["selections"]
    assert asked == ["MedicationRequest/draft-1", "MedicationRequest/draft-2"]
    assert len(kept) == 1
    kept[0].fulfill(json={"cards": []})
    ehr.page.wait_for_timeout(300)

    expect(ehr.card("order-select", "Clopidogrel is unlikely")).to_be_visible()
    expect(ehr.page.locator("#order-select")).not_to_contain_text(CLEAR)


def test_a_drug_that_was_listed_for_other_words_is_never_ordered(ehr: Ehr) -> None:
    ehr.open("carla-sanchez")
    finder = ehr.page.get_by_role("combobox", name="Order a drug")
    finder.fill("warfarin")
    ehr.page.get_by_role("option", name="Warfarin Sodium 1 MG Oral Tablet", exact=True).wait_for()
    ehr.page.route("**/sandbox/drugs*", lambda route: None)
    finder.fill("clopidogrel")
    finder.press("Enter")
    ehr.page.wait_for_timeout(300)
    assert ehr.drafts() == []


@pytest.mark.usefixtures("turned")
@pytest.mark.parametrize("behaviour", ["slow-3000", "failing-500", "html", "broken"])
def test_a_fhir_server_that_fails_is_an_error_until_it_behaves_again(
    ehr: Ehr, behaviour: str
) -> None:
    ehr.open("carla-sanchez")
    ehr.behave(behaviour)
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")

    answer = ehr.page.locator("#order-select")
    expect(answer).to_contain_text("Not checked: HTTP 412")
    expect(answer).not_to_contain_text(CLEAR)
    ehr.sign()
    ehr.says("Not signed: the orders were not checked")
    ehr.behave("normal")
    ehr.page.locator("#order-sign").get_by_role("button", name="Ask again").click()
    expect(ehr.card("order-sign", "Clopidogrel is unlikely")).to_be_visible()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 500, "body": "<h1>no</h1>"}, "Not checked: HTTP 500"),
        ({"status": 200, "body": "<h1>hello</h1>"}, "Not checked: the answer is not JSON"),
        ({"status": 200, "body": "{}"}, "Not checked: the answer has no cards"),
        ({"status": 200, "body": '{"cards": null}'}, "Not checked: the answer has no cards"),
        ({"status": 200, "body": '{"cards": [null]}'}, "Not checked: the answer cannot be shown"),
    ],
)
def test_an_answer_that_is_none_of_cds_hooks_is_an_error(
    ehr: Ehr, answer: dict[str, object], said: str
) -> None:
    ehr.page.route(VIEW, lambda route: route.fulfill(**answer))  # type: ignore[arg-type]
    ehr.open("carla-sanchez")
    expect(ehr.page.locator("#patient-view")).to_contain_text(said)
    expect(ehr.page.locator("#patient-view")).not_to_contain_text(CLEAR)


def test_a_service_that_is_not_there_is_an_error(ehr: Ehr) -> None:
    ehr.page.route(VIEW, lambda route: route.abort())
    ehr.open("carla-sanchez")
    expect(ehr.page.locator("#patient-view")).to_contain_text("the service did not answer")


def test_what_could_not_be_judged_is_said_beside_no_alerts(ehr: Ehr) -> None:
    missing = [{"what": "CYP2D6", "why": "NOT_RECORDED"}]
    extension = {"org.rxhooks.unchecked": [{"rule": "r", "missing": missing}]}
    ehr.page.route(VIEW, lambda route: route.fulfill(json={"cards": [], "extension": extension}))
    ehr.open("carla-sanchez")
    gaps = ehr.page.locator("#patient-view .gaps")
    gaps.get_by_text("Not everything could be judged").click()
    expect(gaps.get_by_text("CYP2D6: not recorded")).to_be_visible()


def test_feedback_that_is_not_kept_is_said(ehr: Ehr) -> None:
    ehr.page.route("**/feedback", lambda route: route.fulfill(status=503, json={}))
    ehr.open("carla-sanchez")
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    ehr.card("order-select", "Clopidogrel").get_by_role("button", name="Prasugrel").click()
    ehr.done("The feedback was not kept: HTTP 503.")


def test_a_chart_that_could_not_be_read_says_so_in_each_part(ehr: Ehr) -> None:
    ehr.open("carla-sanchez", f"{ehr.site.fhir}/failing-500/fhir")
    for part in ("Problems", "Medications", "Genes", "Results"):
        panel = ehr.page.get_by_role("region", name=part)
        expect(panel).to_contain_text("Could not be read: HTTP 500.")
        expect(panel).not_to_contain_text("Nothing on file")


def test_a_chart_that_was_read_in_part_says_which(ehr: Ehr) -> None:
    ehr.open("carla-sanchez", f"{ehr.site.fhir}/partial/fhir")
    expect(ehr.page.get_by_role("region", name="Problems")).to_contain_text("Could not be read")
    expect(ehr.page.get_by_role("region", name="Genes")).to_contain_text("Poor Metabolizer")
