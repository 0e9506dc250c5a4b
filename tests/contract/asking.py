"""How the tests ask: back in any case, even from a server that never answers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import orjson
import requests

from app.fhir.deadline import Deadline
from app.fhir.server import FhirServer, FhirUnavailable
from hooks.reading.resources import Answer, Fetched

QUERY = "Observation?patient=p1"
WITHIN_S = 20
LONG_MS = 60_000
WITHIN_MS = 1_000 * WITHIN_S
LABS = {"labs": "Observation?patient=p1&category=laboratory"}
PATIENT = {"patient": "Patient/p1"}

Ask = Callable[..., dict[str, Answer]]


def fhir(session: requests.Session, base: str, ms: float = LONG_MS) -> FhirServer:
    return FhirServer(base, "secret", session, Deadline.in_ms(ms))


def outcome_of(server: FhirServer) -> Fetched | str:
    """What a search gives, or the reason why it gives nothing."""
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(server.search, QUERY).result(WITHIN_S)
    except FhirUnavailable as error:
        return str(error)
    finally:
        pool.shutdown(wait=False)  # a thread that hangs ends with its server


def fetched(answer: Answer) -> Fetched:
    assert isinstance(answer, Fetched), answer
    return answer


def raw(value: object) -> msgspec.Raw:
    """*value* as it stands in a request whose prefetch keys were left alone."""
    body = orjson.dumps({"key": value})
    return msgspec.json.decode(body, type=dict[str, msgspec.Raw])["key"]
