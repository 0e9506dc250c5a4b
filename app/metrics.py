"""What the service counts, and GET /metrics, which tells it to Prometheus.

Its rule: every label value is from a set that we fixed, so no client can make the series grow,
and none of them says anything of a patient. With several workers PROMETHEUS_MULTIPROC_DIR must
name a folder that they share (app/gunicorn.conf.py sees to it), or each tells only its own.
"""

import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from hooks import SERVICES
from hooks.clinical.facts import Missing
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import INDICATORS
from hooks.clinical.logic import Truth
from hooks.queries import KEYS
from hooks.reading.resources import Answer

SHARED = "PROMETHEUS_MULTIPROC_DIR"
STATUSES = frozenset({200, 204, 400, 401, 403, 404, 405, 412, 413, 415, 421, 500, 503})
QUERIES = frozenset(KEYS)
OUTCOMES = frozenset({"accepted", "overridden", "not-found"})
RESULTS = {Truth.YES: "advise", Truth.NO: "no-action", Truth.UNKNOWN: "cannot-tell"}
FAILURES = frozenset({"late", "status", "connection", "answer"})
USES = frozenset({"used", "withheld"})
AUDITED = frozenset({"written", "failed"})
MOST_HOSTS = 100
_hosts: set[str] = set()
LEFT_OUT = frozenset({"shown", "muted"})
STORE_WORK = frozenset({"shown", "earlier", "feedback"})
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)

if SHARED in os.environ:
    Path(os.environ[SHARED]).mkdir(parents=True, exist_ok=True)

_LABELS = ("service", "endpoint", "status")
_requests = Counter("rxhooks_requests", "Requests answered.", _LABELS)
_seconds = Histogram("rxhooks_request_seconds", "Time to answer.", _LABELS, buckets=SECONDS)
_cards = Counter("rxhooks_cards", "Cards shown.", ("service", "indicator"))
_findings = Counter("rxhooks_findings", "What rules answered.", ("rule", "outcome"))
_queries = Counter("rxhooks_fhir_queries", "Queries that decisions needed.", ("query", "outcome"))
_fhir_seconds = Histogram(
    "rxhooks_fhir_seconds", "Time of one FHIR request.", ("server",), buckets=SECONDS
)
_fhir_failures = Counter(
    "rxhooks_fhir_failures", "FHIR requests that failed.", ("server", "reason")
)
_restricted = Counter("rxhooks_restricted", "Answers that held something restricted.", ("use",))
_feedback = Counter("rxhooks_feedback", "Feedback entries received.", ("service", "outcome"))
_audit = Counter("rxhooks_audit_events", "Audit events, for each place of theirs.", ("outcome",))
_audit_waiting = Gauge(
    "rxhooks_audit_waiting", "Audit events not sent yet.", multiprocess_mode="livesum"
)
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
        _counter(_cards, _known(service, SERVICES), _known(indicator, INDICATORS)).inc()


def observe_findings(findings: Iterable[Finding]) -> None:
    """Count what rules answered; their ids are those of the knowledge."""
    for finding in findings:
        _counter(_findings, finding.rule.id, RESULTS[finding.outcome.applies]).inc()


def observe_answers(answers: Mapping[str, Answer]) -> None:
    """Count the queries of one call by key, and whether they were answered."""
    for key, answer in answers.items():
        outcome = "missing" if isinstance(answer, Missing) else "answered"
        _counter(_queries, _known(key, QUERIES), outcome).inc()


def observe_fhir(base: str, seconds: float, reason: str) -> None:
    """Note one request to the server at *base*; *reason* is one of FAILURES, or empty."""
    server = _host(base)
    _histogram(_fhir_seconds, server).observe(seconds)
    if reason:
        _counter(_fhir_failures, server, _known(reason, FAILURES)).inc()


def observe_restricted(use: str) -> None:
    """Count an answer that held something restricted: `used` or `withheld`."""
    _counter(_restricted, _known(use, USES)).inc()


def observe_feedback(service: str, outcomes: Iterable[str]) -> None:
    """Count the entries of one feedback call; `not-found` are those on no card of the client."""
    for outcome in outcomes:
        _counter(_feedback, _known(service, SERVICES), _known(outcome, OUTCOMES)).inc()


def observe_audit(outcome: str) -> None:
    """Count an audit event that was `written`, to a file or by a server, or `failed`."""
    _counter(_audit, _known(outcome, AUDITED)).inc()


def observe_audit_waiting(events: int) -> None:
    """Tell how many audit events of this process wait for a server."""
    _audit_waiting.set(events)


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
    if keys:
        _dropped.inc(keys)


def _start() -> None:
    g.metrics_started = perf_counter()


def _count(response: Response) -> Response:
    labels = (_service(), _endpoint(), _status(response.status_code))
    _counter(_requests, *labels).inc()
    if "metrics_started" in g:
        _histogram(_seconds, *labels).observe(perf_counter() - g.metrics_started)
    return response


@cache
def _counter(metric: Counter, *labels: str) -> Counter:
    """One series of *metric*: looking it up costs more than counting. Labels are few."""
    return metric.labels(*labels)


@cache
def _histogram(metric: Histogram, *labels: str) -> Histogram:
    return metric.labels(*labels)


@cache
def _host(base: str) -> str:
    """The host of *base* as a label; servers come from lists of the site, and are bounded still."""
    _hosts.add(host := urlsplit(base).hostname or "unknown")
    return host if len(_hosts) <= MOST_HOSTS else "other"


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
