"""A narrow screen, paper, and the colours that a user forces upon the page."""

from playwright.sync_api import Browser, expect

from tests.browser.ehr import Ehr, Site

NARROW = {"width": 640, "height": 900}
RECORD = "The record: problems"
TOP = "() => document.activeElement.getBoundingClientRect().top + window.scrollY"


def test_the_focus_goes_down_a_narrow_page_and_never_up(ehr: Ehr) -> None:
    ehr.page.set_viewport_size(NARROW)
    ehr.open("emil-novak")
    ehr.page.get_by_text(RECORD).click()
    ehr.page.get_by_role("link", name="Another patient").focus()
    seen = []
    for _ in range(8):
        seen.append(ehr.page.evaluate(TOP))
        ehr.page.keyboard.press("Tab")
    assert seen == sorted(seen)
    assert len(set(seen)) > 4


def test_on_a_narrow_page_the_record_is_folded_before_the_orders(ehr: Ehr) -> None:
    genes = ehr.page.get_by_role("region", name="Genes")
    ehr.open("emil-novak")
    expect(genes).to_be_visible()
    expect(ehr.page.get_by_text(RECORD)).to_be_hidden()

    ehr.page.set_viewport_size(NARROW)
    expect(genes).to_be_hidden()
    ehr.page.get_by_text(RECORD).click()
    expect(genes).to_be_visible()
    ehr.page.get_by_text(RECORD).click()
    ehr.page.emulate_media(media="print")
    expect(genes).to_be_visible()


def test_a_record_with_a_part_missing_is_not_folded(ehr: Ehr) -> None:
    ehr.page.set_viewport_size(NARROW)
    ehr.open("emil-novak", f"{ehr.site.fhir}/partial/fhir")
    expect(ehr.page.get_by_role("region", name="Problems")).to_be_visible()


def test_forced_colours_show_which_drug_is_chosen(browser: Browser, site: Site) -> None:
    context = browser.new_context(forced_colors="active")
    try:
        ehr = Ehr(site, context.new_page())
        ehr.open("carla-sanchez")
        ehr.page.get_by_role("combobox", name="Order a drug").fill("clop")
        options = ehr.page.get_by_role("listbox", name="Drugs").get_by_role("option")
        options.nth(1).wait_for()
        ehr.page.keyboard.press("ArrowDown")
        expect(options.nth(1)).to_have_attribute("aria-selected", "true")
        styles = [one.evaluate("(e) => getComputedStyle(e).outlineStyle") for one in options.all()]
    finally:
        context.close()
    assert [place for place, style in enumerate(styles) if style == "solid"] == [1]
