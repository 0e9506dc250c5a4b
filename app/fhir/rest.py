"""When a server asks not to be asked (429 or 503 with Retry-After), nobody here asks it until then.

A call waits for the end of the rest where its deadline allows, and asks once more; otherwise it
goes without at once. Each process learns it for itself.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic, sleep

import requests

from app.fhir.deadline import Deadline
from app.fhir.reasons import FhirUnavailable

STATUSES = frozenset({429, 503})
LONGEST_S = 60.0  # a server that asks for more is asked again after that: it may mean one token
SECONDS = re.compile(r"[0-9]{1,9}")
RESTS = "the server asked to be left alone for now"


class AskedToWait(FhirUnavailable):
    """The server wants no request for so many *seconds*."""

    def __init__(self, status: int, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"HTTP {status}: {RESTS}")


@dataclass(slots=True)
class Rest:
    """The time until which one server is left alone, by all calls of this process."""

    _until: float = 0.0
    _why: str = ""

    def wait(self, deadline: Deadline) -> None:
        """Wait for the end of the rest; raises FhirUnavailable at once if *deadline* is before."""
        while (left := self._until - monotonic()) > 0:
            if self._until >= deadline.end:
                raise FhirUnavailable(self._why)
            sleep(left)

    def begin(self, asked: AskedToWait) -> None:
        """Leave the server alone as it *asked*; a longer rest that was begun already goes on."""
        self._until = max(self._until, monotonic() + asked.seconds)
        self._why = str(asked)


def heed(response: requests.Response) -> None:
    """Raise AskedToWait if *response* says for how long nothing is to be asked."""
    if response.status_code not in STATUSES:
        return
    seconds = seconds_of(response.headers.get("Retry-After", ""), datetime.now(UTC))
    if seconds is not None:
        raise AskedToWait(response.status_code, seconds)


def seconds_of(text: str, now: datetime) -> float | None:
    """The seconds that a Retry-After asks for, as a number or a date; None if it is neither."""
    text = text.strip()
    if SECONDS.fullmatch(text):
        return min(float(text), LONGEST_S)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    left = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
    return min(max(left, 0.0), LONGEST_S)
