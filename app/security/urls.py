"""Addresses that the operator writes down: which of them are safe to send a token to."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def split(url: str) -> SplitResult:
    """The parts of *url*; all empty where it is broken, or more than scheme, host, port, path."""
    try:
        parts = urlsplit(url)
        broken = parts.port == 0 or "@" in parts.netloc or parts.query or parts.fragment
    except ValueError:
        broken = True
    return SplitResult("", "", "", "", "") if broken else parts


def is_secure(url: str) -> bool:
    """Whether *url* is https, or plain http that does not leave this machine."""
    parts = split(url)
    if not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def is_origin(url: str) -> bool:
    """Whether *url* is a secure origin as browsers send it: scheme, host, port, in lower case."""
    return (
        is_secure(url)
        and "*" not in url
        and url == f"{split(url).scheme}://{split(url).netloc.lower()}"
    )


def is_address(host: str) -> bool:
    """Whether *host* is an IP address, and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only this machine itself can reach *host*."""
    return ip_address(host).is_loopback if is_address(host) else host == "localhost"
