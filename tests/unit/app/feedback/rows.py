"""Values for tests of feedback, and what a database holds of them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import create_engine, text

from app.feedback.tables import FeedbackEntry, Reasons, Sender, ShownCard

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SYSTEM = "http://terminology.example/reasons"
CARD = ShownCard(
    card="ef4940fc-5171-4d2b-8f26-e28b3db4dd4b",
    service="rxhooks-order-select",
    hook="order-select",
    hook_instance="d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    rules=("cyp2c19-clopidogrel/poor-acs", "cyp2c19-other"),
    indicator="critical",
    outcome="advise",
    client="city-ehr",
    suggestions=("s-one", "s-two"),
    traces=("trace-one", "trace-two"),
    knowledge="k1",
    at=NOON,
)
SECOND = replace(CARD, card="0c3fcfdd-2d2c-4bd0-b2ff-cbd1bf54e4ae", traces=("trace-three",))
ACCEPTED = FeedbackEntry(CARD.card, "accepted", NOON, accepted_suggestions=("s-two",))
OVERRIDDEN = FeedbackEntry(
    CARD.card, "overridden", NOON, override_code="tolerated", override_system=SYSTEM
)
SENDER = Sender("city-ehr", "rxhooks-order-select")
REASONS = Reasons(frozenset({(SYSTEM, "tolerated"), (SYSTEM, "wish")}), frozenset({"tolerated"}))


def rows(url: str, table: str) -> list[dict[str, Any]]:
    """All rows of *table* in the database at *url*, in the order they were written."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            order = "trace, hook" if table == "earlier" else "id"
            found = connection.execute(text(f"SELECT * FROM {table} ORDER BY {order}"))  # noqa: S608
            return [dict(row) for row in found.mappings()]
    finally:
        engine.dispose()
