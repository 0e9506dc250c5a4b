"""The version of FHIR that a server speaks, as far as our queries differ by it.

Queries are written in R4's names. DSTU2 (1.0) knows a MedicationRequest as a MedicationOrder and
has another media type; all else that we ask for has the same name in both.
"""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from app.fhir.deadline import Deadline
from app.fhir.reasons import LATE, FhirUnavailable
from hooks.reading.resources import as_dict, as_list, as_text

R4 = "4.0"
DSTU2 = "1.0"
ACCEPT = {DSTU2: "application/json+fhir, application/fhir+json, application/json;q=0.9"}
ANY = "application/fhir+json, application/json+fhir;q=0.9, application/json;q=0.8"
RENAMED = {"MedicationRequest": "MedicationOrder"}  # DSTU2's name of R4's type
ASK_AGAIN_S = 60.0  # after a server did not say its version


def spelled(query: str, version: str) -> str:
    """*query*, which is in R4's names, in those of *version*."""
    if version != DSTU2:
        return query
    kind, mark, rest = query.partition("?")
    return f"{RENAMED.get(kind, kind)}{mark}{rest}"


def version_of(context: Mapping[str, Any]) -> str:
    """The version of the drafts in *context*: DSTU2 if one of them is of a kind only it has."""
    drafts = as_list(context.get("draftOrders"), "entry")
    kinds = {as_text(as_dict(draft, "resource"), "resourceType") for draft in drafts}
    return DSTU2 if kinds & set(RENAMED.values()) else R4


def differs(query: str) -> bool:
    """Whether *query* has another name in another version."""
    return spelled(query, DSTU2) != query


class Dialect:
    """The version of one server: asked for once, when an answer raises the question."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._version = ""
        self._not_before = Deadline.in_ms(0)

    def likely(self, otherwise: str) -> str:
        """The version if it is known by now, else *otherwise*."""
        return self._version or otherwise

    def known(self, statement: Callable[[], Any], deadline: Deadline) -> str:
        """The version, by the server's own *statement* (its `/metadata`), which is kept.

        Raises FhirUnavailable where the server does not say it.
        """
        if not self._lock.acquire(timeout=deadline.remaining()):
            raise FhirUnavailable(LATE)
        try:
            return self._version or self._learned(statement)
        finally:
            self._lock.release()

    def _learned(self, statement: Callable[[], Any]) -> str:
        if not self._not_before.over():
            raise FhirUnavailable("the server did not say its version of FHIR")
        self._not_before = Deadline.in_ms(1000 * ASK_AGAIN_S)
        self._version = version_in(statement())
        return self._version


def version_in(statement: object) -> str:
    """DSTU2 or R4, by the `fhirVersion` of a Conformance or CapabilityStatement.

    What lies between them has R4's names for all that we ask.
    """
    told = statement.get("fhirVersion") if isinstance(statement, dict) else None
    if not isinstance(told, str) or not told:
        raise FhirUnavailable("the server did not say its version of FHIR")
    return DSTU2 if told.startswith("1.0") else R4
