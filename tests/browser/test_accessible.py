"""axe-core finds nothing serious, in light and dark, on a wide screen and a narrow one."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.ehr import Ehr, Site

GRAVE = {"serious", "critical"}
BROKEN_WORDS = """(longest) => {
  const found = [];
  const walker = document.createTreeWalker(document.getElementById("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (!text.parentElement.closest("table")) continue;
    for (const { 0: word, index } of text.data.matchAll(/[^\\s-]+/g)) {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      const lines = new Set([...range.getClientRects()].map((line) => line.top));
      if (word.length <= longest && lines.size > 1) found.push(word);
    }
  }
  return found;
}"""


@pytest.fixture(params=[("light", 1360), ("dark", 1360), ("light", 390)], ids=str)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page whose policy lets axe-core be put into it."""
    scheme, width = request.param
    viewport = {"width": width, "height": 900}
    context = browser.new_context(color_scheme=scheme, viewport=viewport, bypass_csp=True)
    yield context.new_page()
    context.close()


def grave(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['html'][:120]}"
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def is_wide_enough(page: Page) -> bool:
    """Whether nobody has to scroll sideways."""
    wide: bool = page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    return wide


def test_the_list_of_patients(site: Site, page: Page) -> None:
    page.goto(f"{site.service}/sandbox/")
    assert grave(page) == []


def test_a_refusal(site: Site, page: Page) -> None:
    page.goto(f"{site.service}/sandbox/chart?server=https://other.example&patient=x")
    assert grave(page) == []


def test_the_chart_with_orders_alerts_and_all_that_unfolds(site: Site, page: Page) -> None:
    ehr = Ehr(site, page)
    ehr.open("emil-novak")
    ehr.order("codeine sulf 30", "Codeine sulfate 30 MG Oral Tablet")
    ehr.order("simva 40", "Simvastatin 40 MG Oral Tablet")
    ehr.dose("Simvastatin").fill("1,000")
    ehr.dose("Simvastatin").press("Tab")
    expect(page.locator(".wrong", has_text="Write a number")).to_be_visible()
    ehr.answered("order-select")
    for summary in page.locator("summary:visible").all():
        summary.click()
    assert is_wide_enough(page)
    page.get_by_role("combobox", name="Order a drug").fill("clop")
    page.get_by_role("listbox", name="Drugs").get_by_role("option").first.wait_for()
    assert grave(page) == []


@pytest.mark.parametrize("patient", ["emil-novak", "tess-ward", "june-adams", "vera-holm"])
def test_no_word_of_a_table_is_broken_on_a_small_screen(ehr: Ehr, patient: str) -> None:
    ehr.page.set_viewport_size({"width": 360, "height": 800})
    ehr.open(patient)
    ehr.page.get_by_text("The record: problems").click()
    assert ehr.page.evaluate(BROKEN_WORDS, 12) == []
    assert is_wide_enough(ehr.page)


def test_results_and_errors(site: Site, page: Page) -> None:
    page.route("**/cds-services/rxhooks-order-select", lambda route: route.abort())
    ehr = Ehr(site, page)
    ehr.open("tess-ward")
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    assert is_wide_enough(page)
    assert grave(page) == []


def test_a_chart_that_could_not_be_read(site: Site, page: Page) -> None:
    Ehr(site, page).open("tess-ward", f"{site.fhir}/failing-500/fhir")
    assert grave(page) == []
