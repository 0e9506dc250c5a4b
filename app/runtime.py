"""What one process of the service holds: settings, knowledge, connections, store."""

from dataclasses import dataclass

from flask import current_app

from app.feedback.store import FeedbackStore
from app.fhir.access import FhirAccess
from app.settings import Settings
from hooks.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Runtime:
    """Shared by all requests of a process; nothing in it belongs to one of them."""

    settings: Settings
    knowledge: Knowledge
    fhir: FhirAccess
    store: FeedbackStore | None


def runtime() -> Runtime:
    """The runtime of the current app."""
    found: Runtime = current_app.extensions["rxhooks"]
    return found
