"""Which FHIR server a call may have us contact: the bearer token would go there."""

from urllib.parse import urlsplit

from hooks.clinical.facts import Missing, Why


def allowed(base: str, listed: tuple[str, ...]) -> str | Missing:
    """*base* as it stands on the list, or why it is not contacted.

    Compared as a whole, never by prefix: scheme, host, port and path, without a trailing slash.
    """
    for known in listed:
        if _same(base, known):
            return known
    return Missing("fhirServer", Why.NOT_FETCHED, "this FHIR server is not on the allow-list")


def _same(base: str, known: str) -> bool:
    try:
        one, other = urlsplit(base), urlsplit(known)
        ports = (one.port or _port(one.scheme), other.port or _port(other.scheme))
    except ValueError:
        return False
    return (
        one.scheme == other.scheme
        and (one.hostname or "") == (other.hostname or "")
        and ports[0] == ports[1]
        and one.path.rstrip("/") == other.path.rstrip("/")
        and not (one.query or one.fragment or one.username or one.password)
    )


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
