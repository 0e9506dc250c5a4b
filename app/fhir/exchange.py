"""One request and its answer: no redirect, no cookie, no proxy, one try, and an end in any case."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult

import requests
import urllib3

from app.fhir.deadline import Deadline
from app.fhir.reasons import LATE, FhirUnavailable
from app.fhir.session import was_stale

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one query may go, whatever the deadline leaves."""

    connect_s: float = 0.5
    read_s: float = 5.0  # one answer, from its first byte to its last
    max_bytes: int = 20_000_000  # all pages together, decompressed
    max_pages: int = 40


def got(
    session: requests.Session,
    url: str,
    headers: Mapping[str, str],
    deadline: Deadline,
    limits: Limits,
) -> requests.Response:
    """The answer to a GET, its body not read yet."""
    request = requests.PreparedRequest()
    request.prepare("GET", url, headers={**session.headers, **headers})
    return sent(session, request, deadline, limits)


def sent(
    session: requests.Session,
    request: requests.PreparedRequest,
    deadline: Deadline,
    limits: Limits,
) -> requests.Response:
    """The answer to *request*, its body not read yet; once more if a pooled connection was closed.

    Raises FhirUnavailable after *deadline*.
    """
    try:
        return _sent_once(session, request, deadline, limits)
    except requests.ConnectionError as error:
        if not was_stale(error):
            raise
    return _sent_once(session, request, deadline, limits)


def _sent_once(
    session: requests.Session,
    request: requests.PreparedRequest,
    deadline: Deadline,
    limits: Limits,
) -> requests.Response:
    # The session's own `send` would keep cookies, and read the body of a redirect to its end.
    left = deadline.remaining()
    if not left:
        raise FhirUnavailable(LATE)
    return session.get_adapter(request.url or "").send(
        request,
        stream=True,
        timeout=urllib3.Timeout(left, limits.connect_s, limits.read_s),  # type: ignore[arg-type]
        verify=session.verify or True,
    )


def origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    """Scheme, host and port; raises ValueError if the port is none."""
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)
