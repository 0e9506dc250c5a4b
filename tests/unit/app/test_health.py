"""Health: cards need knowledge, and do not need the feedback database."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import health
from app.doctor.rules import signatures
from app.feedback.store import FeedbackStore, open_store
from hooks.knowledge import Knowledge
from tests.unit.app.cds import serving
from tests.unit.hooks import bedside, small
from tests.unit.hooks.reading import KNOWLEDGE
from tests.unit.hooks.small import RULE

GENES = replace(RULE, id="two", drugs=("clopidogrel", "prasugrel"))
OFF = replace(RULE, id="off", status="off")
RULES = replace(small.knowledge(RULE, GENES, OFF), version="abc123")
NONE = replace(RULES, guidelines=(OFF,))


@dataclass(slots=True)
class Runtime:
    knowledge: Knowledge = RULES
    store: FeedbackStore | None = None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeedbackStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'feedback.db'}")
    yield opened
    opened.close()


@pytest.fixture
def broken_store(tmp_path: Path) -> Iterator[FeedbackStore]:
    opened = open_store(f"sqlite:///{tmp_path}/absent/feedback.db")
    yield opened
    opened.close()


def client(runtime: Runtime) -> FlaskClient:
    app = Flask(__name__)
    app.extensions["rxhooks"] = runtime
    app.register_blueprint(health.bp)
    return app.test_client()


def test_a_live_process_says_so_whatever_it_knows() -> None:
    answer = client(Runtime(NONE)).get("/health/live")
    assert (answer.status_code, answer.json) == (200, {"status": "up"})


def test_ready_tells_knowledge_rules_and_database(store: FeedbackStore) -> None:
    answer = client(Runtime(store=store)).get("/health/ready")
    assert (answer.status_code, answer.json) == (
        200,
        {"status": "up", "knowledge": "abc123", "rules": 2, "database": "reachable"},
    )


def test_a_broken_database_is_degraded_and_still_ready(broken_store: FeedbackStore) -> None:
    answer = client(Runtime(store=broken_store)).get("/health/ready")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["status"], answer.json["database"]) == ("degraded", "unreachable")


def test_a_site_without_a_store_is_up() -> None:
    answer = client(Runtime()).get("/health/ready")
    assert answer.json is not None
    assert (answer.json["status"], answer.json["database"]) == ("up", "off")


@pytest.mark.parametrize("at", ["order", "chart"])
def test_rules_on_other_data_than_genes_count_as_well(at: str) -> None:
    knowledge = replace(NONE, biomarkers=(bedside.rule(at=at),))
    answer = client(Runtime(knowledge)).get("/health/ready")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["status"], answer.json["rules"]) == ("up", 1)


def test_health_counts_the_rules_that_the_doctor_counts(tmp_path: Path) -> None:
    with serving(tmp_path) as app:
        answer = app.test_client().get("/health/ready")
    assert answer.json is not None
    told = signatures(KNOWLEDGE, None).told
    assert f" {answer.json['rules']} active rules " in told


def test_without_an_active_rule_the_service_is_down(store: FeedbackStore) -> None:
    answer = client(Runtime(NONE, store)).get("/health/ready")
    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["status"], answer.json["rules"]) == ("down", 0)
