"""Counts: what is counted, and that no client can invent a label."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import REGISTRY

from app import metrics
from app.fhir.observed import observed
from hooks import SERVICES
from hooks.clinical.facts import Missing, Why
from hooks.knowledge import load
from hooks.reading.resources import Fetched
from tests.unit.hooks.small import RULE, judged, result

SERVICE = "rxhooks-order-select"


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(metrics.bp)

    @app.post("/cds-services/<service_id>")
    def call(service_id: str) -> str:
        if service_id == "broken":
            raise RuntimeError(service_id)
        return service_id

    metrics.init_app(app, "knowledge-1")
    return app.test_client()


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def requests(service: str, endpoint: str, status: str) -> float:
    labels = {"service": service, "endpoint": endpoint, "status": status}
    return value("rxhooks_requests_total", **labels)


@pytest.mark.parametrize(
    ("method", "path", "counted"),
    [
        ("POST", f"/cds-services/{SERVICE}", (SERVICE, "call", "200")),
        ("POST", "/cds-services/invented-1", ("unknown", "call", "200")),
        ("POST", "/cds-services/broken", ("unknown", "call", "500")),
        ("GET", f"/cds-services/{SERVICE}", ("none", "unknown", "405")),
        ("OPTIONS", f"/cds-services/{SERVICE}", (SERVICE, "preflight", "200")),
        ("GET", "/invented/2", ("none", "unknown", "404")),
        ("INVENTED", "/invented/3", ("none", "unknown", "404")),
    ],
)
def test_a_request_is_counted_under_fixed_labels(
    client: FlaskClient, method: str, path: str, counted: tuple[str, str, str]
) -> None:
    before = requests(*counted)
    client.open(path, method=method)
    assert requests(*counted) == before + 1
    assert "invented" not in client.get("/metrics").text


def test_the_time_of_an_answer_falls_into_a_bucket(client: FlaskClient) -> None:
    labels = {"service": SERVICE, "endpoint": "call", "status": "200"}
    before = value("rxhooks_request_seconds_count", **labels)
    client.post(f"/cds-services/{SERVICE}")
    assert value("rxhooks_request_seconds_count", **labels) == before + 1
    assert value("rxhooks_request_seconds_bucket", **labels, le="2.0") == before + 1


def test_a_status_that_we_never_send_is_other(client: FlaskClient) -> None:
    before = requests("none", "teapot", "other")
    client.application.add_url_rule("/tea", "teapot", lambda: ("", 418))
    client.get("/tea")
    assert requests("none", "teapot", "other") == before + 1


def test_cards_are_counted_by_service_and_indicator() -> None:
    labels = {"service": SERVICE, "indicator": "critical"}
    before = value("rxhooks_cards_total", **labels)
    metrics.observe_cards(SERVICE, ["critical", "info", "critical"])
    assert value("rxhooks_cards_total", **labels) == before + 2


def test_a_query_is_answered_or_missing() -> None:
    missing = Missing("genotypes", Why.NOT_FETCHED)
    before = [_queries("patient", "answered"), _queries("genotypes", "missing")]
    metrics.observe_answers({"patient": Fetched(None), "genotypes": missing})
    after = [_queries("patient", "answered"), _queries("genotypes", "missing")]
    assert after == [count + 1 for count in before]


def test_a_read_of_one_resource_does_not_name_it(client: FlaskClient) -> None:
    metrics.observe_answers({"Medication/invented-4": Fetched(None)})
    assert "invented" not in client.get("/metrics").text


def test_every_query_of_the_services_has_its_own_label() -> None:
    knowledge = load()
    keys = {key for service in SERVICES.values() for key in service.queries(knowledge)}
    assert keys <= metrics.QUERIES


def test_what_rules_answer_is_counted() -> None:
    labels = {"rule": "pair-firstin", "outcome": "advise"}
    before = value("rxhooks_findings_total", **labels)
    metrics.observe_findings([judged(RULE, result("PAIR", "*2/*2"))])
    assert value("rxhooks_findings_total", **labels) == before + 1


def test_fhir_servers_are_told_by_host_and_failures_by_few_words(client: FlaskClient) -> None:
    for reason in ("", "late", "Erika"):
        metrics.observe_fhir("https://counted.example:8443/invented-5/fhir", 0.03, reason)
    assert value("rxhooks_fhir_seconds_count", server="counted.example") == 3
    assert value("rxhooks_fhir_failures_total", server="counted.example", reason="late") == 1
    assert value("rxhooks_fhir_failures_total", server="counted.example", reason="unknown") == 1
    assert "invented" not in client.get("/metrics").text


def test_more_hosts_than_a_site_has_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MOST_HOSTS", 0)
    before = value("rxhooks_fhir_seconds_count", server="other")
    metrics.observe_fhir("https://one-too-many.example/fhir", 0.03, "")
    assert value("rxhooks_fhir_seconds_count", server="other") == before + 1


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("no answer in time", "late"),
        ("HTTP 500", "status"),
        ("redirected to another place", "status"),
        ("no connection", "connection"),
        ("the answer is not JSON", "answer"),
    ],
)
def test_a_failure_is_one_of_few_kinds(reason: str, kind: str) -> None:
    before = value("rxhooks_fhir_failures_total", server="kinds.example", reason=kind)
    with pytest.raises(LookupError), observed("https://kinds.example/fhir"):
        raise LookupError(reason)
    after = value("rxhooks_fhir_failures_total", server="kinds.example", reason=kind)
    assert (after, kind in metrics.FAILURES) == (before + 1, True)


def test_answers_with_something_restricted_are_counted() -> None:
    before = value("rxhooks_restricted_total", use="withheld")
    metrics.observe_restricted("withheld")
    assert value("rxhooks_restricted_total", use="withheld") == before + 1


def test_feedback_is_counted_by_outcome() -> None:
    labels = {"service": SERVICE, "outcome": "accepted"}
    before = value("rxhooks_feedback_total", **labels)
    metrics.observe_feedback(SERVICE, ["accepted", "overridden"])
    assert value("rxhooks_feedback_total", **labels) == before + 1


def test_the_knowledge_version_is_told(client: FlaskClient) -> None:
    answer = client.get("/metrics")
    assert answer.mimetype == "text/plain"
    assert 'rxhooks_build_info{knowledge="knowledge-1"} 1.0' in answer.text


def _queries(query: str, outcome: str) -> float:
    return value("rxhooks_fhir_queries_total", query=query, outcome=outcome)
