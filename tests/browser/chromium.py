"""The system's Chromium, as Playwright drives it; no browser is downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
DEMANDED = "NEED_BROWSER"  # 1: no browser is a failure, as in CI
LED_HERE = "evil.example"  # a name of somebody else that leads to this machine
NONE = f"no browser: none of {', '.join(NAMES)} is on the path"


def executable() -> str:
    """Where the browser is; empty if there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), "")


@contextmanager
def running(path: str) -> Iterator[Browser]:
    """The browser at *path*, headless. Root, as in a container, has to do without its sandbox."""
    led = f"--host-resolver-rules=MAP {LED_HERE} 127.0.0.1"
    arguments = [led, "--no-sandbox"] if os.geteuid() == 0 else [led]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()
