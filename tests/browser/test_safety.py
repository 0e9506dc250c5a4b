"""Hostile words show as words; the policy of the page holds."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.chromium import LED_HERE
from tests.browser.ehr import Ehr, Site
from tests.browser.hostile import CLOSING, IMAGE, MARKDOWN, SCRIPT

MARK_UP = [
    ("**What:** do *this*", "<p><strong>What:</strong> do <em>this</em></p>"),
    ("one\ntwo\n\nthree", "<p>one two</p><p>three</p>"),
    ("Not:\n- a\n- b\n\nend", "<p>Not:</p><ul><li>a</li><li>b</li></ul><p>end</p>"),
    ("a\n\n---\n\nb", "<p>a</p><hr><p>b</p>"),
    (r"CYP2C19 \*2/\*2, a\_b", "<p>CYP2C19 *2/*2, a_b</p>"),
    (r"**HLA\-B\*57**", "<p><strong>HLA-B*57</strong></p>"),
    ("<b>x</b> & <script>", "<p>&lt;b&gt;x&lt;/b&gt; &amp; &lt;script&gt;</p>"),
    ("[x](javascript:1) ![i](x)", "<p>[x](javascript:1) ![i](x)</p>"),
    ("2 * 3 and **open", "<p>2 * 3 and **open</p>"),
    ("", ""),
]


@pytest.mark.parametrize(("written", "shown"), MARK_UP)
def test_markdown_of_a_card_becomes_elements_and_never_html(
    ehr: Ehr, written: str, shown: str
) -> None:
    ehr.page.goto(f"{ehr.site.service}/sandbox/")
    made = ehr.page.evaluate(
        "async (text) => { const cards = await import('/sandbox/static/cards.js');"
        " return cards.markdown(text).map((block) => block.outerHTML).join('') }",
        written,
    )
    assert made == shown


@pytest.mark.parametrize("place", ["/sandbox/", "/sandbox", "/metrics", "/cds-services"])
def test_a_page_whose_name_was_led_here_gets_nothing(
    site: Site, context: BrowserContext, place: str
) -> None:
    elsewhere = site.service.replace("127.0.0.1", LED_HERE)
    page = context.new_page()
    answer = page.goto(f"{elsewhere}{place}")

    assert answer is not None
    assert (answer.status, answer.url) == (421, f"{elsewhere}{place}")
    fetched = page.evaluate("async (place) => (await fetch(place)).status", place)
    assert fetched == 421


def test_hostile_words_of_a_record_show_as_words(ehr: Ehr) -> None:
    ehr.open("eve", ehr.site.hostile)
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    ehr.give_reason(CLOSING)

    assert ehr.page.title().startswith(f"Eve {SCRIPT}")
    for part, words in (
        ("Patient", f"Eve {SCRIPT}"),
        ("Problems", CLOSING),
        ("Medications", IMAGE),
        ("Medications", SCRIPT),
        ("Results", IMAGE),
        ("Results", CLOSING),
        ("Results", MARKDOWN),
    ):
        expect(ehr.page.get_by_role("region", name=part)).to_contain_text(words)
    assert ehr.page.evaluate("() => window.stolen") is None
    assert ehr.page.locator("img, script:not([src])").count() == 0


def test_hostile_words_of_a_card_show_as_words(ehr: Ehr) -> None:
    card = {
        "uuid": SCRIPT,
        "summary": IMAGE,
        "indicator": f"{CLOSING}",
        "detail": f"{SCRIPT}\n\n- {IMAGE}\n\n{MARKDOWN}\n\n{CLOSING}",
        "source": {"label": MARKDOWN, "url": "javascript:window.stolen=1"},
        "links": [{"label": SCRIPT, "url": "data:text/html,x", "type": "absolute"}],
        "suggestions": [{"label": IMAGE, "uuid": "x", "actions": []}],
        "overrideReasons": [{"code": "x", "display": SCRIPT}],
    }
    ehr.page.route(
        "**/cds-services/rxhooks-patient-view",
        lambda route: route.fulfill(json={"cards": [card]}),
    )
    ehr.open("carla-sanchez")

    shown = ehr.page.locator("#patient-view").get_by_role("article")
    expect(shown.get_by_role("heading")).to_have_text(IMAGE)
    expect(shown).to_contain_text(SCRIPT)
    expect(shown).to_contain_text(CLOSING)
    expect(shown.get_by_role("button", name=IMAGE)).to_be_visible()
    assert shown.get_by_role("link").count() == 0
    assert shown.locator("img, script, b").count() == 0
    assert ehr.page.evaluate("() => window.stolen") is None


def test_the_policy_stops_a_script_that_got_into_the_page(ehr: Ehr) -> None:
    ehr.open("carla-sanchez")
    ehr.page.evaluate(
        "() => { const s = document.createElement('script'); s.append('window.stolen = 1');"
        " document.body.append(s) }"
    )
    assert ehr.page.evaluate("() => window.stolen") is None
    assert ehr.faults
    assert all(re.search("Content Security Policy|TrustedScript", fault) for fault in ehr.faults)
    ehr.faults.clear()


def test_a_click_through_everything_asks_nobody_else(ehr: Ehr) -> None:
    ehr.open("june-adams")
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    ehr.sign()
    ehr.answered("order-sign")
    for summary in ehr.page.locator("summary:visible").all():
        summary.click()
    assert len(ehr.asked) > 8
    assert ehr.foreign() == []
