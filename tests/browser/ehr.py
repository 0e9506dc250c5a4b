"""The chart as a user has it: what is pressed, and what is then to be read."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Request, expect

NETWORK = "Failed to load resource"  # an answer with an error status, which tests ask for


@dataclass(frozen=True, slots=True)
class Site:
    """The service's origin, the sandbox FHIR server's, and the base of the hostile one."""

    service: str
    fhir: str
    hostile: str

    def chart(self, patient: str, base: str = "") -> str:
        server = quote(base or f"{self.fhir}/fhir", safe="")
        return f"{self.service}/sandbox/chart?server={server}&patient={patient}"


class Ehr:
    """One page of the chart, all that was asked through it, and every fault it told of."""

    def __init__(self, site: Site, page: Page) -> None:
        self.site, self.page = site, page
        self.asked: list[Request] = []
        self.faults: list[str] = []
        page.on("request", lambda request: self.asked.append(request))
        page.on("console", self._heard)
        page.on("pageerror", self._failed)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and NETWORK not in message.text:
            self.faults.append(message.text)

    def _failed(self, error: Error) -> None:
        self.faults.append(str(error))

    def foreign(self) -> list[str]:
        """What was asked of anybody but the service itself."""
        own = urlsplit(self.site.service).netloc
        return [r.url for r in self.asked if urlsplit(r.url).netloc not in {own, ""}]

    def sent(self, path: str) -> list[Any]:
        """The bodies that were posted to *path*, in order."""
        return [r.post_data_json for r in self.asked if urlsplit(r.url).path == path]

    def open(self, patient: str, base: str = "") -> None:
        """The chart, once the service has answered to its opening."""
        self.page.goto(self.site.chart(patient, base))
        self.answered("patient-view")

    def answered(self, hook: str) -> Locator:
        """The answer to *hook*, once it shows."""
        section = self.page.locator(f"#{hook}")
        section.locator(".wire").wait_for()
        return section

    def card(self, hook: str, words: str) -> Locator:
        return self.page.locator(f"#{hook}").get_by_role("article").filter(has_text=words)

    def order(self, typed: str, name: str) -> None:
        """Type ahead, choose *name*, and wait for the answer."""
        self.page.get_by_role("combobox", name="Order a drug").fill(typed)
        products = self.page.get_by_role("listbox", name="Drugs")
        products.get_by_role("option", name=name, exact=True).click()
        self.answered("order-select")

    def dose(self, drug: str = "") -> Locator:
        return self.draft(drug).get_by_role("textbox", name="Dose")

    def draft(self, drug: str = "") -> Locator:
        """The fields of the order of *drug*, which may be left out where there is one order."""
        orders = self.page.get_by_role("list", name="Draft orders")
        return orders.get_by_role("group", name=drug)

    def give_reason(self, words: str) -> None:
        self.page.get_by_role("combobox", name="Reason").select_option(label=words)
        self.answered("order-select")

    def sign(self) -> None:
        self.page.get_by_role("button", name="Sign the orders").click()

    def drafts(self) -> list[str]:
        headings = self.page.get_by_role("list", name="Draft orders").get_by_role("heading")
        return headings.all_inner_texts()

    def behave(self, name: str) -> None:
        """Turn the switch of the sandbox FHIR server, from the page."""
        switch = self.page.locator("#switch")
        switch.get_by_role("combobox").select_option(name)
        switch.get_by_role("button", name="Change").click()
        expect(switch.locator("output")).to_have_text("Changed.")

    def says(self, words: str) -> None:
        """What stands beside the button for signing."""
        expect(self.page.locator("#signed")).to_have_text(re.compile(words))

    def done(self, words: str) -> None:
        """A line of what was done with alerts."""
        log = self.page.get_by_role("log", name="What was done with alerts")
        expect(log.get_by_text(words)).to_be_visible()
