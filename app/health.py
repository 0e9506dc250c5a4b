"""Is the process alive, and can it answer? For load balancers; tells nothing of patients."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.feedback.store import FeedbackStore, StoreUnavailable
from app.runtime import runtime
from hooks.knowledge import Knowledge

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.get("/live")
def live() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "up"}


@bp.get("/ready")
def ready() -> ResponseReturnValue:
    """200 if calls can be judged, 503 without a single active rule.

    Cards do not need the feedback database: without it the service is `degraded`, with 200.
    """
    rules = active_rules(runtime().knowledge)
    database = database_state(runtime().store)
    status = "down" if not rules else "degraded" if database == "unreachable" else "up"
    body = {
        "status": status,
        "knowledge": runtime().knowledge.version,
        "rules": rules,
        "database": database,
    }
    return body, 503 if status == "down" else 200


def active_rules(knowledge: Knowledge) -> int:
    """How many rules can fire; a rule for several drugs counts once."""
    return len({rule.id for rules in knowledge.rules_by_drug.values() for rule in rules})


def database_state(store: FeedbackStore | None) -> str:
    """`reachable`, `unreachable`, or `off` where the site wants none."""
    if store is None:
        return "off"
    try:
        store.check()
    except StoreUnavailable:
        return "unreachable"
    return "reachable"
