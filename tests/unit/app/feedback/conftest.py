"""The databases that the store is tested on: SQLite, and PostgreSQL where the machine has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

import app.feedback.store
from tests import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """The URL of a database that is empty again."""
    engine = create_engine(postgres_server)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return postgres_server


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/any.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(autouse=True)
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that a slow machine does not exceed; that they are bounded stays."""
    monkeypatch.setattr(app.feedback.store, "SHOWN_S", 1.0)
    monkeypatch.setattr(app.feedback.store, "EARLIER_S", 1.0)
