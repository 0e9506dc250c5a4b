"""Health: cards need knowledge, and do not need the feedback database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import health
from app.feedback.store import FeedbackStore, open_store


@dataclass(frozen=True, slots=True)
class Rule:
    id: str


@dataclass(frozen=True, slots=True)
class Knowledge:
    version: str = "abc123"
    rules_by_drug: dict[str, tuple[Rule, ...]] = field(
        default_factory=lambda: {
            "clopidogrel": (Rule("one"), Rule("two")),
            "prasugrel": (Rule("two"),),
        }
    )


@dataclass(slots=True)
class Runtime:
    knowledge: Knowledge = field(default_factory=Knowledge)
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
    answer = client(Runtime(Knowledge(rules_by_drug={}))).get("/health/live")
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


def test_without_an_active_rule_the_service_is_down(store: FeedbackStore) -> None:
    answer = client(Runtime(Knowledge(rules_by_drug={}), store)).get("/health/ready")
    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["status"], answer.json["rules"]) == ("down", 0)
