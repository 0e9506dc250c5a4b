"""`make pictures`: docs/pictures/*.png, as the pages look now, in light and in dark."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from sandbox.demo import DemoFailed, Places, servers
from tests.browser import chromium
from tests.browser.ehr import Ehr, Site

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "pictures"
PLACES = Places("127.0.0.1:8081", "127.0.0.1:8080")  # a card tells where a result was read
SCHEMES = ("light", "dark")
AROUND = 10  # pixels of the page around a card


def main() -> None:
    """Take them all."""
    path = chromium.executable()
    if not path:
        sys.exit(f"make pictures: {chromium.NONE}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    site = Site(f"http://{PLACES.service}", f"http://{PLACES.fhir}", "")
    with servers(PLACES), chromium.running(path) as browser:
        for scheme in SCHEMES:
            with opened(browser, site, scheme) as ehr:
                card(ehr, FOLDER / f"card-{scheme}.png")
            with opened(browser, site, scheme) as ehr:
                chart(ehr, FOLDER / f"chart-{scheme}.png")


@contextmanager
def opened(browser: Browser, site: Site, scheme: str) -> Iterator[Ehr]:
    """The chart in one colour scheme."""
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": 1320, "height": 860},
        device_scale_factor=1.25,
        reduced_motion="reduce",
    )
    yield Ehr(site, context.new_page())
    context.close()


def card(ehr: Ehr, file: Path) -> None:
    """One card in the chart, unfolded."""
    ehr.open("carla-sanchez")
    ehr.order("clop 75", "clopidogrel 75 MG Oral Tablet")
    ehr.give_reason("NSTEMI")
    shown = ehr.card("order-select", "Clopidogrel is unlikely to work")
    shown.locator("summary").click()
    taken(ehr.page, shown.bounding_box(), file)


def chart(ehr: Ehr, file: Path) -> None:
    """The chart with several cards: what the kidneys and potassium say of two orders."""
    ehr.open("vera-holm")
    ehr.order("metformin hydrochloride 500", "Metformin hydrochloride 500 MG Oral Tablet")
    ehr.order("dabigatran 150", "dabigatran etexilate 150 MG Oral Capsule")
    ehr.sign()
    ehr.answered("order-sign")
    ehr.page.locator(":focus").evaluate("(focused) => focused.blur()")
    ehr.page.mouse.move(0, 0)
    end = ehr.page.locator("#order-sign article").last.bounding_box()
    width = ehr.page.viewport_size["width"] if ehr.page.viewport_size else 0
    height = end["y"] + end["height"] if end else 0
    whole = {"x": AROUND, "y": AROUND, "width": width - 2 * AROUND, "height": height - AROUND}
    taken(ehr.page, whole, file)


def taken(page: Page, box: object, file: Path) -> None:
    """The part of the whole page at *box*, with a little around it."""
    assert isinstance(box, dict)
    clip = {
        "x": box["x"] - AROUND,
        "y": box["y"] - AROUND,
        "width": box["width"] + 2 * AROUND,
        "height": box["height"] + 2 * AROUND,
    }
    page.screenshot(path=file, clip=clip, full_page=True)  # type: ignore[arg-type]
    sys.stdout.write(f"{file.relative_to(ROOT)}\n")


if __name__ == "__main__":
    try:
        main()
    except DemoFailed as error:
        sys.exit(f"make pictures: {error}")
