"""Is the process alive, and can it answer? For load balancers; tells nothing of patients."""

from collections.abc import Callable

from flask import Blueprint, Flask, current_app
from flask.typing import ResponseReturnValue

from app.feedback.store import FeedbackStore, StoreUnavailable
from app.runtime import runtime

CHECKS = "rxhooks.health"
WELL = frozenset({"off", "writable", "reachable"})
NEEDED = "failing, and needed"  # no card leaves without it
Checks = dict[str, Callable[[], str]]

bp = Blueprint("health", __name__, url_prefix="/health")


@bp.get("/live")
def live() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "up"}


@bp.get("/ready")
def ready() -> ResponseReturnValue:
    """200 if calls can be judged, 503 without a single active rule.

    Cards do not need the feedback database: without it the service is `degraded`, with 200; so it
    is with any other part of CHECKS that is not well, and down where that part is needed for cards.
    """
    rules = len(runtime().knowledge.active)
    database = database_state(runtime().store)
    checks: Checks = current_app.extensions.get(CHECKS, {})
    states = {name: check() for name, check in checks.items()}
    bad = {name for name, state in states.items() if state not in WELL}
    down = not rules or any(state == NEEDED for state in states.values())
    status = "down" if down else "degraded" if bad or database == "unreachable" else "up"
    body = {
        "status": status,
        "knowledge": runtime().knowledge.version,
        "rules": rules,
        "database": database,
        **states,
    }
    return body, 503 if status == "down" else 200


def add_check(app: Flask, name: str, check: Callable[[], str]) -> None:
    """Have readiness tell *name* as *check* gives it: one of WELL, `failing`, or NEEDED."""
    app.extensions.setdefault(CHECKS, {})[name] = check


def database_state(store: FeedbackStore | None) -> str:
    """`reachable`, `unreachable`, or `off` where the site wants none."""
    if store is None:
        return "off"
    try:
        store.check()
    except StoreUnavailable:
        return "unreachable"
    return "reachable"
