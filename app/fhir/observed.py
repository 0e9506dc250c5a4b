"""How long FHIR servers take, and how they fail: for the metrics, by host and never by URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from app.metrics import observe_fhir

CONNECTION = frozenset({"no connection", "no trusted TLS connection", "the answer broke off"})


@contextmanager
def observed(base: str) -> Iterator[None]:
    """Measure one query to the server at *base*, all of its pages; what it raises is a failure."""
    started, reason = perf_counter(), ""
    try:
        yield
    except Exception as error:
        reason = kind(str(error))
        raise
    finally:
        observe_fhir(base, perf_counter() - started, reason)


def kind(reason: str) -> str:
    """Which of the metrics' few words stands for *reason*, why a server gave no answer."""
    if reason == "no answer in time":
        return "late"
    if reason in CONNECTION:
        return "connection"
    return "status" if reason.startswith(("HTTP ", "redirected")) else "answer"
