"""Why a server gave no answer, in a few words for a card or a 412.

No reason names a URL, an id, a token or anything of the patient.
"""

from collections.abc import Callable
from typing import TypeVar

import requests
import urllib3

from app.fhir.session import was_not_allowed

Answer = TypeVar("Answer")

LATE = "no answer in time"
UNAUTHORIZED = {
    401: "HTTP 401: the access token is missing or was not accepted",
    403: "HTTP 403: the access token does not allow this",
}
NOT_UNDERSTOOD = frozenset({400, 405, 406, 422, 501})


class FhirUnavailable(Exception):
    """The server gave no answer to a query; the message says why, in a few words for a card."""


class NotAuthorized(FhirUnavailable):
    """The server wants another access token (HTTP 401)."""


class NotUnderstood(FhirUnavailable):
    """The server may not know this kind of query: another version of FHIR, perhaps."""


class NotThere(NotUnderstood):
    """The server has no such resource, or no such kind of resource (HTTP 404 or 410)."""


def refuse(status: int) -> None:
    """Raise FhirUnavailable for every status but 200."""
    if status in (404, 410):
        raise NotThere(f"HTTP {status}")
    if status in NOT_UNDERSTOOD:
        raise NotUnderstood(f"HTTP {status}")
    if status == 401:
        raise NotAuthorized(UNAUTHORIZED[401])
    if 300 <= status < 400:
        raise FhirUnavailable("redirected to another place")
    if status != 200:
        raise FhirUnavailable(UNAUTHORIZED.get(status, f"HTTP {status}"))


def told(ask: Callable[[], Answer]) -> Answer:
    """What *ask* gives; the libraries' errors as FhirUnavailable.

    Those hold the request with its token, so that not even the context of ours is one of them.
    """
    try:
        return ask()
    except (OSError, urllib3.exceptions.HTTPError) as error:  # requests' are OSErrors
        why = reason(error)
    raise FhirUnavailable(why)


def reason(error: Exception) -> str:
    """What *error* of a library says of the server."""
    if isinstance(error, requests.Timeout | urllib3.exceptions.ReadTimeoutError):
        return LATE
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return "no trusted TLS connection"
    if isinstance(error, requests.ConnectionError):
        if was_not_allowed(error):
            return "the server's name leads to an address that is not allowed"
        return "no connection"
    if isinstance(error, urllib3.exceptions.HTTPError):
        return "the answer broke off"
    return "the request could not be made"
