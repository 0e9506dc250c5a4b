"""Addresses that a token may be sent to."""

import pytest

from app.security.urls import is_address, is_loopback, is_origin, is_secure


@pytest.mark.parametrize(
    "url", ["https://a.example", "https://a.example:8443/b", "http://127.0.0.1:1", "http://[::1]/"]
)
def test_https_and_loopback_are_secure(url: str) -> None:
    assert is_secure(url)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "a.example",
            "http://a.example",
            "http://127.0.0.2",
            "file:///etc/passwd",
            "https://",
        ),
        *("https://u@a.example", "https://a.example?q", "https://a.example#f", "https://[::1"),
        *("https://a.example:0", "http://localhost.a.example", "ftp://localhost"),
    ],
)
def test_anything_else_is_not(url: str) -> None:
    assert not is_secure(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/",
        "https://A.example",
        "https://a.example/b",
        "http://a.example",
        "https://*.b",
    ],
)
def test_an_origin_is_what_a_browser_sends(url: str) -> None:
    assert is_origin("https://a.example:8443")
    assert not is_origin(url)


@pytest.mark.parametrize(
    ("host", "address", "loopback"),
    [
        ("127.0.0.1", True, True),
        ("127.8.0.1", True, True),
        ("::1", True, True),
        ("localhost", False, True),
        ("0.0.0.0", True, False),  # noqa: S104  judged, not listened on
        ("::", True, False),
        ("10.0.0.7", True, False),
        ("cds.example", False, False),
        ("1.2.3", False, False),
        ("", False, False),
    ],
)
def test_addresses_are_told_from_names_and_loopback_from_the_rest(
    host: str, address: bool, loopback: bool
) -> None:
    assert (is_address(host), is_loopback(host)) == (address, loopback)
