"""The token for the audit server, where a client's entry tells how we get one there."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from app.fhir.deadline import Deadline
from app.fhir.reasons import FhirUnavailable
from app.fhir.session import internal_session, new_session
from app.fhir.tokens import BackendTokens
from app.security.audit_server import ANSWER_S, AuditFailed
from app.security.clients import CdsClient
from app.security.fhir_servers import allowed
from hooks.clinical.facts import Missing

KIND = "AuditEvent"
SCOPE = f"system/{KIND}.c"  # what is asked for where the entry's scopes name no AuditEvent


@dataclass(frozen=True, slots=True)
class BackendToken:
    """Tokens by SMART Backend Services, as the audit asks for them."""

    source: BackendTokens

    def token(self) -> str:
        """A token, held or new; raises AuditFailed if there is none."""
        try:
            return self.source.token(Deadline.in_ms(1000 * ANSWER_S))
        except FhirUnavailable as error:
            raise AuditFailed(str(error)) from None

    def forget(self, token: str) -> None:
        """*token* was not accepted."""
        self.source.forget(token)


def backend_token(
    server: str, clients: Iterable[CdsClient], ca_file: Path | None
) -> BackendToken | None:
    """Our registration at *server*: that of the first client which names it and has one."""
    for client in clients:
        listed = not isinstance(allowed(server, client.fhir_servers), Missing)
        if client.token is not None and listed:
            scopes = tuple(scope for scope in client.token.scopes if KIND in scope) or (SCOPE,)
            session = internal_session() if client.internal else new_session()
            session.verify = str(ca_file) if ca_file else True
            return BackendToken(
                BackendTokens(server, replace(client.token, scopes=scopes), session)
            )
    return None
