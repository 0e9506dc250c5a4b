"""Which findings were shown or overridden before, told by a keyed hash that names nobody.

A trace is the HMAC-SHA-256, under the site's secret, of all that makes a finding what it is:
client, FHIR server, patient, order, rule, result and knowledge version. A new result, another
indicator, another drug or dose, or new knowledge therefore is another trace, and shown. What has
no trace is always shown.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256

from hooks.clinical.facts import Dose, Evidence, Missing, Order, Why
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import INDICATORS, Action, Branch, Guideline
from hooks.knowledge import Knowledge

FORM = "1"  # of what is hashed: another one makes all traces new
MUTED = "muted"  # stands for a hook's name where the trace is of an override
NOT_YET = "no dose yet"
DOSED = frozenset({"reduce-dose", "increase-dose", "standard-dose"})
BESIDE = frozenset({"alternatives", "alternatives_checked", "left_out", "quiet"})
CRITICAL = INDICATORS[-1]

Traces = tuple[str, ...]
Plain = object  # what JSON can hold


@dataclass(frozen=True, slots=True)
class Whose:
    """The patient of one call, as its client names it."""

    client: str
    server: str
    patient: str


@dataclass(frozen=True, slots=True)
class Moment:
    """The call at hand: which hook, which instance of it, when."""

    hook: str
    hook_instance: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last time that *trace* was shown at *hook*, or MUTED by an override: card and time."""

    trace: str
    hook: str
    card: str
    hook_instance: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A finding that is not shown: its rule and branch, why, and the card of the earlier time."""

    rule: str
    branch: str
    why: str
    card: str


def traces(finding: Finding, whose: Whose, knowledge: Knowledge, secret: bytes) -> Traces:
    """The finding's own trace, and the one that it had before the order got its dose.

    The second only where the advice is not on doses. None where a silence could hide something:
    data that could not be fetched, or a result that has no id to tell a newer one by.
    """
    if not _comparable(finding):
        return ()
    doses = [_doses(finding.order)]
    if not _on_doses(finding) and NOT_YET not in doses[0].values():
        doses.append(dict.fromkeys(finding.order.drugs, NOT_YET))
    head = [FORM, whose.client, whose.server, whose.patient, knowledge.version]
    try:
        written = ([*head, _written(finding, each)] for each in doses)
        messages = [json.dumps(each, sort_keys=True).encode() for each in written]
    except (RecursionError, ValueError):  # a dosage that is no dosage
        return ()
    return tuple(hmac.digest(secret, message, sha256).hex() for message in messages)


def left_out(
    traced: Sequence[tuple[Finding, Traces]],
    earlier: Iterable[Earlier],
    moment: Moment,
    knowledge: Knowledge,
) -> dict[int, LeftOut]:
    """Which of the findings need not be shown at *moment*, by their place in *traced*."""
    found: dict[str, list[Earlier]] = {}
    for each in earlier:
        found.setdefault(each.trace, []).append(each)
    silent: dict[int, LeftOut] = {}
    for place, (finding, own) in enumerate(traced):
        known = [each for trace in own for each in found.get(trace, ())]
        covering = [each for each in known if _covers(each, finding, moment, knowledge)]
        if covering:
            last = max(covering, key=lambda each: (each.hook == MUTED, each.at))
            silent[place] = _told(finding, last)
    return silent


def may_leave_out(hook: str, knowledge: Knowledge) -> bool:
    """Whether the policy lets anything be left out at *hook* at all."""
    repeats, mild = knowledge.repeats, INDICATORS[0]
    at_hook = {
        "order-sign": repeats.order_sign != mild or bool(repeats.critical),
        "patient-view": repeats.patient_view != mild,
    }
    return at_hook.get(hook, False) or bool(knowledge.mutes.reasons)


def longest_memory(knowledge: Knowledge) -> timedelta:
    """How long ago something may have been shown or overridden and still count."""
    repeats = knowledge.repeats
    days = timedelta(days=max(repeats.patient_view_days, knowledge.mutes.days))
    return max(days, timedelta(hours=repeats.within_hours))


def _covers(each: Earlier, finding: Finding, moment: Moment, knowledge: Knowledge) -> bool:
    """Whether *each* lets *finding* be left out at *moment*."""
    if each.hook == MUTED:
        return _may_be_muted(finding, knowledge) and _within(
            each, moment, timedelta(days=knowledge.mutes.days)
        )
    return _shown_before(each, finding, moment, knowledge)


def _may_be_muted(finding: Finding, knowledge: Knowledge) -> bool:
    rule, mutes = finding.rule.id, knowledge.mutes
    if not mutes.reasons or rule in mutes.never:
        return False
    return finding.indicator != CRITICAL or rule in mutes.critical


def _shown_before(each: Earlier, finding: Finding, moment: Moment, knowledge: Knowledge) -> bool:
    """Whether the policy takes *each* for a showing that need not be repeated.

    order-sign counts what order-select showed, patient-view what another call of it showed: a call
    that is sent again gets the same cards, and so does each order-select.
    """
    repeats = knowledge.repeats
    if (each.hook, moment.hook) == ("order-select", "order-sign"):
        least, span = repeats.order_sign, timedelta(hours=repeats.within_hours)
        named = finding.rule.id in repeats.critical
    elif each.hook == moment.hook == "patient-view" and each.hook_instance != moment.hook_instance:
        least, span = repeats.patient_view, timedelta(days=repeats.patient_view_days)
        named = False
    else:
        return False
    mild = INDICATORS.index(finding.indicator) < INDICATORS.index(least)
    return _within(each, moment, span) and (mild or (named and finding.indicator == CRITICAL))


def _within(each: Earlier, moment: Moment, span: timedelta) -> bool:
    return moment.at - each.at < span


def _told(finding: Finding, earlier: Earlier) -> LeftOut:
    why = MUTED if earlier.hook == MUTED else "shown"
    branch = finding.outcome.branch
    return LeftOut(finding.rule.id, branch.id if branch else "", why, earlier.card)


def _comparable(finding: Finding) -> bool:
    unseen = any(gap.why is Why.NOT_FETCHED for gap in finding.missing)
    nameless = any(each.reference.endswith("?") for each in finding.because)
    return bool(finding.indicator) and not unseen and not nameless


def _on_doses(finding: Finding) -> bool:
    """Whether what is advised depends on the dose of the order."""
    branches = (finding.outcome.branch, *finding.outcome.possible)
    actions = [branch.action for branch in branches if branch is not None]
    if getattr(finding, "estimate", None) is not None:
        return True
    return any(_of_dose(action) for action in actions) or "dose" in finding.rule.measures


def _of_dose(action: Action) -> bool:
    given = (action.factor_min, action.factor_max, action.cap)
    return action.do in DOSED or any(value is not None for value in given)


def _written(finding: Finding, doses: Mapping[str, Plain]) -> Plain:
    """All of *finding* but what it only offers beside its advice, with *doses* for the order's."""
    found = {
        field.name: plain(getattr(finding, field.name))
        for field in fields(finding)
        if field.name not in BESIDE
    }
    return found | {
        "order": [_order(finding.order), doses],
        "because": _unordered(finding.because),
        "missing": _unordered(finding.missing),
        "modifiers": _unordered(finding.modifiers),
        "indicator": finding.indicator,
    }


def plain(value: object) -> Plain:
    """*value* as JSON can hold it, the same in every process; what a prescriber need not read
    again (a rule's text, the laboratory's name) left out."""
    if isinstance(value, Guideline):
        return value.id
    if isinstance(value, Branch):
        return [value.id, value.indicator, value.applies.name, plain(value.action)]
    if isinstance(value, Evidence):
        return [value.reference, str(value.on)]
    if isinstance(value, Order):
        return [_order(value), _doses(value)]
    return _structure(value)


def _structure(value: object) -> Plain:
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, AbstractSet):
        return _unordered(value)
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value if isinstance(value, bool | int | type(None)) else str(value)


def _unordered(values: Iterable[object]) -> Plain:
    return sorted({json.dumps(plain(value), sort_keys=True) for value in values})


def _order(order: Order) -> Plain:
    return [sorted(order.drugs), sorted(order.applied)]


def _doses(order: Order) -> dict[str, Plain]:
    """The daily dose of each drug: told, not yet told, or the instructions as they were written."""
    return {drug: _dose(order, order.daily_dose(drug)) for drug in order.drugs}


def _dose(order: Order, dose: Dose | Missing) -> Plain:
    if isinstance(dose, Dose):
        return str(dose)
    return NOT_YET if dose.why is Why.NOT_RECORDED else list(order.dosage)
