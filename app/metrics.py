"""What the service counts, and GET /metrics, which tells it to Prometheus.

Its rule: every label value is from a set that we fixed, so no client can make the series grow,
and none of them says anything of a patient. With several workers PROMETHEUS_MULTIPROC_DIR must
name a folder that they share (app/gunicorn.conf.py sees to it), or each tells only its own.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import perf_counter

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from hooks import SERVICES
from hooks.clinical.facts import Missing
from hooks.clinical.guidelines import INDICATORS
from hooks.reading.resources import Answer

SHARED = "PROMETHEUS_MULTIPROC_DIR"
STATUSES = frozenset({200, 204, 400, 401, 403, 404, 405, 412, 413, 415, 500, 503})
QUERIES = frozenset({"patient", "genotypes", "conditions", "medications", "allergies"})
OUTCOMES = frozenset({"accepted", "overridden", "not-found"})
LEFT_OUT = frozenset({"shown", "muted"})
STORE_WORK = frozenset({"shown", "earlier", "feedback"})
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)

if SHARED in os.environ:
    Path(os.environ[SHARED]).mkdir(parents=True, exist_ok=True)

_LABELS = ("service", "endpoint", "status")
_requests = Counter("rxhooks_requests", "Requests answered.", _LABELS)
_seconds = Histogram("rxhooks_request_seconds", "Time to answer.", _LABELS, buckets=SECONDS)
_cards = Counter("rxhooks_cards", "Cards shown.", ("service", "indicator"))
_queries = Counter("rxhooks_fhir_queries", "Queries that decisions needed.", ("query", "outcome"))
_feedback = Counter("rxhooks_feedback", "Feedback entries received.", ("service", "outcome"))
_left_out = Counter("rxhooks_left_out", "Findings not shown again, and why.", ("service", "why"))
_store = Counter("rxhooks_store_failures", "Work that the database did not do in time.", ("work",))
_dropped = Counter("rxhooks_log_keys_dropped", "Log keys that are not on the allow-list.")
_build = Gauge("rxhooks_build_info", "Always 1.", ("knowledge",), multiprocess_mode="max")

bp = Blueprint("metrics", __name__)


@bp.get("/metrics")
def metrics() -> Response:
    """All counts, in Prometheus' text format."""
    return Response(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask, knowledge_version: str) -> None:
    """Count every request of *app*, and tell which knowledge it answers from."""
    _build.labels(knowledge_version).set(1)
    app.before_request(_start)
    app.after_request(_count)


def observe_cards(service: str, indicators: Iterable[str]) -> None:
    """Count the cards of one answer, by what they show."""
    for indicator in indicators:
        _cards.labels(_known(service, SERVICES), _known(indicator, INDICATORS)).inc()


def observe_answers(answers: Mapping[str, Answer]) -> None:
    """Count the queries of one call by key, and whether they were answered."""
    for key, answer in answers.items():
        outcome = "missing" if isinstance(answer, Missing) else "answered"
        _queries.labels(_known(key, QUERIES), outcome).inc()


def observe_feedback(service: str, outcomes: Iterable[str]) -> None:
    """Count the entries of one feedback call; `not-found` are those on no card of the client."""
    for outcome in outcomes:
        _feedback.labels(_known(service, SERVICES), _known(outcome, OUTCOMES)).inc()


def observe_left_out(service: str, reasons: Iterable[str]) -> None:
    """Count the findings of one answer that are not shown: `shown` before, or `muted`."""
    for why in reasons:
        _left_out.labels(_known(service, SERVICES), _known(why, LEFT_OUT)).inc()


def observe_store_failure(work: str) -> None:
    """Count that the database did not note what was `shown`, tell what was `earlier`, or keep
    `feedback`."""
    _store.labels(_known(work, STORE_WORK)).inc()


def count_dropped_log_keys(keys: int) -> None:
    """Count *keys* that a log line was refused; any at all is a mistake in the code."""
    _dropped.inc(keys)


def _start() -> None:
    g.metrics_started = perf_counter()


def _count(response: Response) -> Response:
    labels = (_service(), _endpoint(), _status(response.status_code))
    _requests.labels(*labels).inc()
    if "metrics_started" in g:
        _seconds.labels(*labels).observe(perf_counter() - g.metrics_started)
    return response


def _service() -> str:
    """The service called; `none` for requests that name none."""
    arguments = request.view_args or {}
    if "service_id" not in arguments:
        return "none"
    return _known(arguments["service_id"], SERVICES)


def _endpoint() -> str:
    """Our own name of the place that was called: routes are few, paths are not."""
    return "preflight" if request.method == "OPTIONS" else request.endpoint or "unknown"


def _status(code: int) -> str:
    return str(code) if code in STATUSES else "other"


def _known(value: str, values: Iterable[str]) -> str:
    return value if value in values else "unknown"


def _registry() -> CollectorRegistry:
    """This process's counts, or those of all workers where they share a folder."""
    if SHARED not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry, os.environ[SHARED])  # type: ignore[no-untyped-call]
    return registry
