"""From a decision to what is shown: what is left out, and what the store is told of the rest.

Its rule: a store that fails costs no card. What it does not tell is shown again; that it failed is
in the log and in the metrics.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import g

from app import metrics
from app.feedback.store import FeedbackStore, StoreUnavailable
from app.feedback.tables import Reasons, ShownCard
from app.logs import get_logger
from hooks import repeats
from hooks.cards import Card
from hooks.extension import OUTCOMES
from hooks.knowledge import Knowledge
from hooks.repeats import Earlier, LeftOut, Moment, Traces, Whose
from hooks.service import Decision, HookService

OPEN = "open"  # who calls where clients are not authenticated


@dataclass(frozen=True, slots=True)
class Showing:
    """A decision without what need not be shown again, and the traces of what is shown.

    *traces* are by the identity of the decision's findings.
    """

    decision: Decision
    left_out: tuple[LeftOut, ...] = ()
    traces: Mapping[int, Traces] = field(default_factory=dict)


def client_name() -> str:
    """Who makes the call at hand."""
    client = g.get("client")
    return str(client.name) if client is not None else OPEN


def reduced(
    decision: Decision,
    service: HookService,
    hook: Mapping[str, Any],
    knowledge: Knowledge,
    store: FeedbackStore | None,
    secret: bytes,
    at: datetime,
) -> Showing:
    """*decision* without what the site's policy lets be left out; all of it without a *secret*."""
    if store is None or not secret or decision.blind:
        return Showing(decision)
    whose = Whose(client_name(), hook.get("fhirServer", ""), str(hook["context"]["patientId"]))
    traced = [
        (finding, repeats.traces(finding, whose, knowledge, secret))
        for finding in decision.findings
    ]
    known = {id(finding): traces for finding, traces in traced if traces}
    moment = Moment(service.hook, str(hook["hookInstance"]), at)
    silent = repeats.left_out(traced, _earlier(known, moment, knowledge, store), moment, knowledge)
    if silent:
        metrics.observe_left_out(service.id, [each.why for each in silent.values()])
        decision = decision.without(silent)
    return Showing(decision, tuple(silent.values()), known)


def remember(
    cards: Iterable[Card],
    service: HookService,
    hook: Mapping[str, Any],
    knowledge: Knowledge,
    store: FeedbackStore | None,
    traces: Mapping[int, Traces],
) -> None:
    """Note which *cards* are shown, and the *traces* of their findings."""
    noted = [
        ShownCard(
            card=card.uuid,
            client=client_name(),
            service=service.id,
            hook=service.hook,
            hook_instance=str(hook["hookInstance"]),
            rules=tuple(_rule(finding) for finding in card.findings),
            suggestions=tuple(suggestion.uuid for suggestion in card.suggestions),
            traces=tuple(traces[id(f)][0] for f in card.about if id(f) in traces),
            indicator=card.indicator,
            outcome=OUTCOMES[card.about[0].outcome.applies] if card.about else "cannot-tell",
            knowledge=knowledge.version,
        )
        for card in cards
    ]
    if store is None or not noted:
        return
    try:
        store.remember_shown(noted)
    except StoreUnavailable as error:
        _failed(error, "shown")


def reasons(knowledge: Knowledge) -> Reasons:
    """The override reasons that cards of *knowledge* offer, and those that last."""
    offered = ((reason.system, reason.code) for reason in knowledge.override_reasons)
    return Reasons(frozenset(offered), frozenset(knowledge.mutes.reasons))


def repeated_json(left_out: Iterable[LeftOut]) -> list[dict[str, str]]:
    """What was left out: the rule, why, and the card that showed it or was overridden."""
    told = dict.fromkeys(left_out)
    return [
        {
            name: value
            for name, value in (
                *(("rule", each.rule), ("branch", each.branch)),
                *(("why", each.why), ("card", each.card)),
            )
            if value
        }
        for each in told
    ]


def _earlier(
    known: Mapping[int, Traces], moment: Moment, knowledge: Knowledge, store: FeedbackStore
) -> list[Earlier]:
    """What the store tells of *known*; nothing if nothing of it would count, or if it fails."""
    wanted = sorted({trace for traces in known.values() for trace in traces})
    if not wanted or not repeats.may_leave_out(moment.hook, knowledge):
        return []
    try:
        return store.earlier(wanted, moment.at - repeats.longest_memory(knowledge))
    except StoreUnavailable as error:
        _failed(error, "earlier")
        return []


def _failed(error: StoreUnavailable, work: str) -> None:
    metrics.observe_store_failure(work)
    get_logger().warning("store unavailable", error=str(error))


def _rule(finding: Mapping[str, Any]) -> str:
    return f"{finding['rule']}/{finding['branch']}" if "branch" in finding else finding["rule"]
