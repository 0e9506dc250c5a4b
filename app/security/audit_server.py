"""AuditEvents by HTTP: to a FHIR server, with a token from a file or by SMART Backend Services.

A server that hangs or drips costs ANSWER_S for each event, no more. Only its status counts.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import requests
import urllib3

from app.fhir.deadline import Deadline
from app.fhir.exchange import Limits, sent
from app.fhir.reasons import FhirUnavailable
from app.fhir.session import internal_session
from app.metrics import observe_audit

ANSWER_S = 2.0  # from the connection to the last byte that is waited for
LIMITS = Limits(read_s=ANSWER_S)
HEADERS = {"Content-Type": "application/fhir+json", "Prefer": "return=minimal"}
SHORT_ANSWER = 65_536
TAKEN, UNAUTHORIZED = frozenset({200, 201}), 401


class AuditFailed(Exception):
    """An event could not be written; the message is a class or a status, never a value."""


class Tokens(Protocol):
    """Where the tokens for a server come from."""

    def token(self) -> str:
        """A token; raises AuditFailed or OSError if there is none, ValueError if it is none."""

    def forget(self, token: str) -> None:
        """*token* was not accepted."""


@dataclass(frozen=True, slots=True)
class TokenFile:
    """A token in a file, as it stands there now: it may be replaced while the service runs."""

    file: Path

    def token(self) -> str:
        return self.file.read_text("ascii").strip()

    def forget(self, token: str) -> None:
        """It is read anew each time."""


class ServerSink:
    """AuditEvents posted to the FHIR server at *base*, with a bearer token, if *tokens* has any.

    *ca_file* takes the place of the public certificate authorities.
    """

    def __init__(self, base: str, tokens: Tokens | None, ca_file: Path | None = None) -> None:
        self._url = f"{base}/AuditEvent"
        self._tokens = tokens
        self._failure = ""
        self._session = internal_session()
        self._session.verify = str(ca_file) if ca_file else True

    def write(self, event: bytes) -> None:
        self._failure = self._told(event)
        if self._failure:
            raise AuditFailed(self._failure)
        observe_audit("written")

    def check(self) -> None:
        if self._failure:
            raise AuditFailed(self._failure)

    def _told(self, event: bytes) -> str:
        """Why *event* was not taken, by a class or a status; empty if it was."""
        try:
            status = self._posted(event)
        except (AuditFailed, FhirUnavailable) as error:
            return str(error)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return type(error).__name__
        except ValueError as error:  # a token that is none
            return type(error).__name__
        return "" if status in TAKEN else f"HTTP {status}"

    def _posted(self, event: bytes) -> int:
        """The status of the answer; once more with a new token if the server refused ours."""
        if self._tokens is None:
            return self._sent(event, {})
        token = self._tokens.token()
        status = self._sent(event, {"Authorization": f"Bearer {token}"})
        if status != UNAUTHORIZED:
            return status
        self._tokens.forget(token)
        newer = self._tokens.token()
        if newer == token:
            return status
        return self._sent(event, {"Authorization": f"Bearer {newer}"})

    def _sent(self, event: bytes, authorization: Mapping[str, str]) -> int:
        """The status. A short body is read, so that the connection can be used again."""
        request = requests.PreparedRequest()
        headers = {**self._session.headers, **HEADERS, **authorization}
        request.prepare("POST", self._url, headers=headers, data=event)
        deadline = Deadline.in_ms(1000 * ANSWER_S)
        with sent(self._session, request, deadline, LIMITS) as answer:
            with suppress(urllib3.exceptions.HTTPError, OSError):
                answer.raw.read1(SHORT_ANSWER, decode_content=False)
            return answer.status_code
