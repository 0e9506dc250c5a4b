"""What each client is shown: the site's knowledge under the client's own policy file.

Its rule: a client's policy can say less or show it otherwise; it cannot undo the site's. A table
that it does not have is the site's; of two words on restricted data the stricter one holds, and a
rule that the site never mutes is not muted.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.security.clients import CdsClient
from app.settings import Settings, UnsafeSettings
from hooks.clinical.restrictions import Restrictions
from hooks.knowledge import Knowledge, KnowledgeError
from hooks.knowledge.lint import unsigned
from hooks.knowledge.policy import Policy, RulePolicy, read_policy, with_policy
from hooks.knowledge.repeating import Mutes

STRICTEST_FIRST = ("never", "with-consent", "always")  # what may be done with restricted data


@dataclass(frozen=True, slots=True)
class _File:
    """A policy, and the tables that its file has: one that says what is shipped says it too."""

    policy: Policy
    tables: frozenset[str]


def knowledge_by_client(settings: Settings, knowledge: Knowledge) -> Mapping[str, Knowledge]:
    """The knowledge of each client that has a policy, by name; *knowledge* is the site's.

    KnowledgeError tells every policy that does not fit, UnsafeSettings every rule that a policy
    turns on although nobody signed it and RXHOOKS_REQUIRE_REVIEW wants that.
    """
    site = _read(settings.policy)
    found: dict[str, Knowledge] = {}
    problems: list[str] = []
    for client in settings.clients:
        try:
            found |= _own(client, site, knowledge)
        except KnowledgeError as error:
            problems += [f"{client.name}: {problem}" for problem in error.problems]
    if problems:
        raise KnowledgeError(problems)
    if settings.require_review:
        _refuse_unsigned(found)
    return found


def _own(client: CdsClient, site: _File, knowledge: Knowledge) -> dict[str, Knowledge]:
    if client.policy is None:
        return {}
    return {client.name: with_policy(knowledge, _bound(_read(client.policy), site))}


def _read(file: Path | None) -> _File:
    if file is None:
        return _File(Policy(), frozenset())
    return _File(read_policy(file), frozenset(tomllib.loads(file.read_text("utf-8"))))


def _bound(own: _File, site: _File) -> Policy:
    """A client's policy within the site's: what the site switched off stays off."""
    told, ours = own.policy, site.policy
    off = {name for name, rule in ours.rules.items() if rule.on is False}
    return replace(
        told,
        rules={
            **told.rules,
            **{name: replace(told.rules.get(name, RulePolicy()), on=False) for name in off},
        },
        groups={**told.groups, **{name: on for name, on in ours.groups.items() if not on}},
        most_cards=told.most_cards if "most_cards" in own.tables else ours.most_cards,
        show={**ours.show, **told.show},
        never_off=(*ours.never_off, *told.never_off),
        restricted=_restricted(own, site),
        repeats=told.repeats if "repeats" in own.tables else ours.repeats,
        mutes=_mutes(told.mutes, ours.mutes) if "mute" in own.tables else ours.mutes,
    )


def _restricted(own: _File, site: _File) -> Restrictions:
    """The stricter of what both say; one that says nothing leaves it to the other."""
    told, ours = own.policy.restricted, site.policy.restricted
    if "restricted" not in own.tables:
        return ours
    if "restricted" not in site.tables:
        return told
    return replace(
        told,
        use=min(told.use, ours.use, key=STRICTEST_FIRST.index),
        say=told.say and ours.say,
        organisations=told.organisations or ours.organisations,
    )


def _mutes(own: Mutes, site: Mutes) -> Mutes:
    return replace(own, never=tuple(dict.fromkeys((*site.never, *own.never))))


def _refuse_unsigned(found: Mapping[str, Knowledge]) -> None:
    problems = [
        f"{name}: {rule}: nobody has signed this rule"
        for name, knowledge in found.items()
        for rule in unsigned(knowledge)
    ]
    if problems:
        raise UnsafeSettings(problems)
