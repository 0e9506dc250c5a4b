"""A browser, the service under gunicorn, the sandbox FHIR server, and one with hostile words."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext

from tests.browser import chromium
from tests.browser.ehr import Ehr, Site
from tests.browser.hostile import hostile_server
from tests.e2e.conftest import free_port, process, service

HERE = Path(__file__).parent
THERE = "test_there.py"  # says in one line that there is no browser, and that nothing else ran
if not chromium.executable():
    collect_ignore = [file.name for file in HERE.glob("test_*.py") if file.name != THERE]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with chromium.running(chromium.executable()) as found:
        yield found


@contextmanager
def sandbox() -> Iterator[str]:
    """The sandbox FHIR server's origin."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "sandbox", "--bind", f"127.0.0.1:{port}"]
    with process(command, {}, f"{origin}/fhir/metadata"):
        yield origin


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service and both FHIR servers; *browser* comes first, since without it none is needed."""
    folder = tmp_path_factory.mktemp("browser")
    with sandbox() as fhir, hostile_server() as hostile:
        servers = [f"{fhir}/fhir", hostile, f"{fhir}/failing-500/fhir", f"{fhir}/partial/fhir"]
        with service(servers, folder) as url:
            yield Site(url.removesuffix("/cds-services"), fhir, hostile)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport={"width": 1360, "height": 900})
    found.set_default_timeout(15_000)
    yield found
    found.close()


@pytest.fixture
def ehr(site: Site, context: BrowserContext) -> Iterator[Ehr]:
    """The chart's pages. At the end no script failed, no policy was broken, nobody else asked."""
    found = Ehr(site, context.new_page())
    yield found
    assert found.faults == []
    assert found.foreign() == []


@pytest.fixture
def turned(site: Site) -> Iterator[None]:
    """The sandbox's switch is back where it was when the test ends."""
    yield
    requests.put(f"{site.fhir}/behaviour", json={"behaviour": "normal"}, timeout=5)
