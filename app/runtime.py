"""What one process of the service holds: settings, knowledge, connections, store."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import current_app

from app.feedback.store import FeedbackStore
from app.fhir.access import FhirAccess
from app.security.clients import CdsClient
from app.settings import Settings
from hooks.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Runtime:
    """Shared by all requests of a process; nothing in it belongs to one of them."""

    settings: Settings
    knowledge: Knowledge
    fhir: FhirAccess
    store: FeedbackStore | None
    knowledge_by_client: Mapping[str, Knowledge] = field(default_factory=dict)

    def knowledge_of(self, client: CdsClient) -> Knowledge:
        """The knowledge under the policy of *client*, or the site's."""
        return self.knowledge_by_client.get(client.name, self.knowledge)


def runtime() -> Runtime:
    """The runtime of the current app."""
    found: Runtime = current_app.extensions["rxhooks"]
    return found
