"""The answers to a service's queries: from the prefetch first, from the EHR's server otherwise.

Every query gets an answer by the deadline, if only the reason why there is none.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, replace
from functools import partial

import msgspec
import orjson

from app.fhir.bundles import is_bundle, is_read, is_resource, joined, next_links, type_of
from app.fhir.deadline import Deadline
from app.fhir.observed import observed
from app.fhir.reasons import LATE, FhirUnavailable
from app.fhir.server import FhirServer
from hooks.clinical.facts import Missing, Why
from hooks.reading.resources import Answer, Fetched, Resource

MARGIN_S = 0.02  # servers stop this much earlier, so that what they did read arrives in time
UNKNOWN = object()  # the prefetch says nothing that can be used


@dataclass(frozen=True, slots=True)
class Errand:
    """What a thread will fetch from *server*, and the answer if it is not back in time."""

    fetch: Callable[[], Fetched]
    otherwise: Answer
    server: str


def gather(
    queries: Mapping[str, str],
    prefetch: Mapping[str, object],
    server: FhirServer | Missing,
    pool: Executor,
    deadline: Deadline,
) -> dict[str, Answer]:
    """An answer for each of *queries*, at *deadline* at the latest; all fetches run in parallel.

    *queries* are relative, with their tokens filled in and not encoded. *server* is Missing if
    there is none to ask; its detail says why. Nothing that a server or a prefetch does raises. A
    server for which too many calls wait already is not asked.
    """
    asked = _hurried(server, deadline)
    plans = {
        key: _plan(key, query, _prefetched(prefetch, key), asked) for key, query in queries.items()
    }
    errands = {key: plan for key, plan in plans.items() if isinstance(plan, Errand)}
    answers = {
        key: plan.otherwise if isinstance(plan, Errand) else plan for key, plan in plans.items()
    }
    if errands and isinstance(asked, FhirServer):
        with asked.gate.turn(deadline) as mine:
            if mine:
                answers |= _fetched(errands, pool, deadline)
    return answers


def _fetched(
    errands: Mapping[str, Errand], pool: Executor, deadline: Deadline
) -> dict[str, Answer]:
    """What is back from *errands* by *deadline*."""
    running = {key: pool.submit(_run, key, errand) for key, errand in errands.items()}
    done, late = wait(running.values(), deadline.remaining())
    for future in late:
        _abandon(future)
    return {key: future.result() for key, future in running.items() if future in done}


def _hurried(server: FhirServer | Missing, deadline: Deadline) -> FhirServer | Missing:
    if isinstance(server, Missing):
        return server
    first = min(server.deadline, deadline, key=Deadline.remaining)
    return replace(server, deadline=first.earlier(MARGIN_S))


def _prefetched(prefetch: Mapping[str, object], key: str) -> object:
    value = prefetch.get(key, UNKNOWN)
    if not isinstance(value, msgspec.Raw):
        return value
    try:
        return orjson.loads(memoryview(value))
    except orjson.JSONDecodeError:
        return UNKNOWN


def _plan(key: str, query: str, value: object, server: FhirServer | Missing) -> Answer | Errand:
    """The answer that *value* of the prefetch is, or how to get one."""
    if value is None:
        return Fetched(None)
    if is_resource(value, "OperationOutcome"):
        return Missing(key, Why.NOT_FETCHED, "the EHR's own query failed")
    if is_read(query):
        if is_resource(value, type_of(query)):
            return Fetched(value)
    elif is_bundle(value):
        return _bundle(key, query, value, server)
    if isinstance(server, Missing):
        return Missing(key, Why.NOT_FETCHED, server.detail)
    ask = server.read if is_read(query) else server.search
    late = Missing(key, Why.NOT_FETCHED, LATE)
    return Errand(partial(ask, query), late, server.source)


def _bundle(
    key: str, query: str, bundle: Resource, server: FhirServer | Missing
) -> Answer | Errand:
    def so_far(missing: str) -> Fetched:
        return _about(key, joined([bundle], query, missing, "prefetch"))

    if not next_links(bundle):
        return so_far("")
    if isinstance(server, Missing):
        return so_far(f"there are more pages: {server.detail}")
    return Errand(partial(server.rest_of, bundle, query), so_far(LATE), server.source)


def _run(key: str, errand: Errand) -> Answer:
    try:
        with observed(errand.server):
            return _about(key, errand.fetch())
    except FhirUnavailable as error:
        return Missing(key, Why.NOT_FETCHED, str(error))


def _about(key: str, fetched: Fetched) -> Fetched:
    """*fetched*, its remark under the name of *key*."""
    if fetched.remark is None:
        return fetched
    return replace(fetched, remark=replace(fetched.remark, what=key))


def _abandon(future: Future[Answer]) -> None:
    """Let *future* end by its own timeouts; a programming error in it still reaches the log."""
    if not future.cancel():
        future.add_done_callback(Future.result)
