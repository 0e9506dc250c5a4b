"""Do the FHIR servers answer, in time, in a version that we read? Do we get a token there?"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from app.doctor.checks import Check, listed, ok, warning, wrong
from app.doctor.keys import INSIDE, UNTRUSTED
from app.fhir.access import FhirAccess
from app.fhir.deadline import Deadline
from app.fhir.dialect import DSTU2, spelled, version_in
from app.fhir.reasons import LATE, FhirUnavailable
from app.fhir.server import FhirServer, TokenSource
from app.security.clients import CdsClient
from hooks.clinical.facts import Missing
from hooks.reading.resources import as_list, as_text

PATIENCE_MS = 5_000
NOBODY: Mapping[str, Any] = {"context": {}}  # a call of no patient, with no token
READ = ("1.0", "4.0", "4.3")  # DSTU2, R4, R4B
MENDS = {
    LATE: "ask why it is slow, or whether a firewall swallows the connection.",
    "no trusted TLS connection": UNTRUSTED,
    "no connection": "check host and port, and that it can be reached from here.",
    "the server's name leads to an address that is not allowed": INSIDE,
}


def fhir_server(
    base: str, client: CdsClient, access: FhirAccess, deadline_ms: int, asked: frozenset[str]
) -> Iterator[Check]:
    """The server at *base*, as calls of *client* reach it; *asked* are the kinds we ask for."""
    about = f"FHIR server {base}"
    server = access.server(base, client, NOBODY, Deadline.in_ms(PATIENCE_MS))
    if isinstance(server, Missing):  # cannot be, without a token of the call
        yield wrong(about, server.detail)
        return
    yield from _metadata(about, replace(server, backend=None), deadline_ms, asked)
    if server.backend is not None:
        yield _token(f"token of {client.name} at {base}", server.backend)


def _metadata(
    about: str, server: FhirServer, deadline_ms: int, asked: frozenset[str]
) -> Iterator[Check]:
    began = monotonic()
    try:
        statement = server.statement()
        version = version_in(statement)
    except FhirUnavailable as error:
        mend = MENDS.get(str(error), "its address must be the base that /metadata stands under.")
        yield wrong(about, f"/metadata cannot be had: {error}.", mend)
        return
    ms = round(1000 * (monotonic() - began))
    told = as_text(statement, "fhirVersion")
    if not told.startswith(READ):
        yield wrong(about, f"it speaks FHIR {told}.", "name a base of R4, or of DSTU2.")
        return
    name = "DSTU2" if version == DSTU2 else "R4"
    yield ok(about, f"{name} ({told}), answered in {ms} ms.")
    if ms > deadline_ms:
        late = f"it took {ms} ms, and a call may fetch for {deadline_ms} ms in all."
        yield warning(about, late, "ask why it is slow, or raise RXHOOKS_DEADLINE_MS.")
    yield from _kinds(about, statement, {spelled(kind, version) for kind in asked})


def _kinds(about: str, statement: object, asked: set[str]) -> Iterator[Check]:
    """Kinds of resource that we ask for and that the server does not list, if it lists any."""
    rest = as_list(statement, "rest")
    there = {as_text(kind, "type") for part in rest for kind in as_list(part, "resource")}
    if there and (lacking := sorted(asked - there)):
        told = f"it does not offer {listed(lacking, 9)}."
        yield warning(about, told, "what rules need of these has to come with the prefetch.")


def _token(about: str, source: TokenSource) -> Check:
    """Whether the token server gives us one; the token itself is forgotten."""
    try:
        source.token(Deadline.in_ms(PATIENCE_MS))
    except FhirUnavailable as error:
        mend = "compare client_id, kid, scopes and token_url with what is registered there."
        return wrong(about, f"{error}.", mend)
    return ok(about, "issued.")
