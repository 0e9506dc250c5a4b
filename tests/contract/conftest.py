"""Loopback servers and a session, closed when the test is over."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests

from app.fhir.deadline import Deadline
from app.fhir.gather import gather
from app.fhir.server import FhirServer
from app.fhir.session import new_session
from hooks.reading.resources import Answer
from tests.contract.asking import LABS, WITHIN_MS, Ask
from tests.contract.loopback import Serve, loopback


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that behaves as told; as often as needed."""
    with ExitStack() as running:
        yield lambda behaviour: running.enter_context(loopback(behaviour))


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with new_session() as session:
        yield session


@pytest.fixture
def server(session: requests.Session) -> FhirServer:
    """A server for `responses` to stand in for."""
    return FhirServer("https://ehr.example/fhir", "secret", session, Deadline.in_ms(30_000))


@pytest.fixture
def pool(serve: Serve) -> Iterator[ThreadPoolExecutor]:
    """Eight threads; those that a test abandons end with its servers."""
    pool = ThreadPoolExecutor(8)
    yield pool
    pool.shutdown(wait=False)


@pytest.fixture
def ask(session: requests.Session, pool: ThreadPoolExecutor) -> Ask:
    """Gather *queries* from the server at *base*."""

    def ask(
        base: str,
        prefetch: dict[str, object] | None = None,
        queries: dict[str, str] = LABS,
        ms: float = WITHIN_MS,
    ) -> dict[str, Answer]:
        deadline = Deadline.in_ms(ms)
        server = FhirServer(base, "secret", session, deadline)
        return gather(queries, prefetch or {}, server, pool, deadline)

    return ask
