"""That there is a browser: the one test that is left of this folder where there is none."""

import os

import pytest

from tests.browser import chromium


def test_a_browser_is_there() -> None:
    if not chromium.executable() and os.environ.get(chromium.DEMANDED) != "1":
        pytest.skip(f"{chromium.NONE}: the tests of the pages are left out")
    assert chromium.executable(), chromium.NONE
