"""Is the knowledge sound, signed, and as the policy wants it?"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.doctor.checks import Check, listed, ok, warning, wrong
from app.security.client_knowledge import knowledge_by_client
from app.settings import Settings
from hooks.knowledge import Knowledge, KnowledgeError, load
from hooks.knowledge.lint import lint, unsigned
from hooks.knowledge.policy import Policy, read_policy, with_policy
from hooks.knowledge.repeating import Mutes, Repeats

KNOWLEDGE, POLICY, REVIEW = "knowledge", "policy", "review"
MOST = 10  # problems that are told one by one


def knowledge_checks(
    site: Path | None, policy: Path | None
) -> tuple[Knowledge | None, list[Check]]:
    """The knowledge under the policy, if it is sound, and what there is to say of it."""
    try:
        knowledge = load(site=site)
    except KnowledgeError as error:
        return None, list(_problems(KNOWLEDGE, error.problems))
    if problems := lint(knowledge):
        return None, list(_problems(KNOWLEDGE, problems))
    whence = f"with {site}" if site else "as shipped"
    found = [ok(KNOWLEDGE, f"{knowledge.version}, {len(knowledge.rules)} rules, {whence}.")]
    if policy is None:
        return knowledge, [*found, ok(POLICY, "none; every rule as it is written.")]
    try:
        told = read_policy(policy)
        knowledge = with_policy(knowledge, told)
    except KnowledgeError as error:
        return None, [*found, *_problems(POLICY, error.problems)]
    return knowledge, [*found, ok(POLICY, f"{policy}, with a word on {_rules(told)}.")]


def signatures(knowledge: Knowledge, settings: Settings | None) -> Check:
    """Whether a person has signed what is active."""
    active = len(knowledge.active)
    bare = unsigned(knowledge)
    if not bare:
        return ok(REVIEW, f"all {active} active rules are signed.")
    told = f"{len(bare)} of {active} active rules are signed by nobody: {listed(bare, 3)}."
    mend = "review and sign them (docs/pharmacists.md), or turn them off in the policy."
    required = settings is not None and settings.require_review
    if required:
        return wrong(REVIEW, f"{told} RXHOOKS_REQUIRE_REVIEW=1 refuses to start.", mend)
    return warning(REVIEW, told, mend)


def client_policies(settings: Settings, knowledge: Knowledge) -> Iterator[Check]:
    """The policies that clients have of their own, and what needs a secret to take effect."""
    named = [client.name for client in settings.clients if client.policy is not None]
    try:
        found = knowledge_by_client(replace(settings, require_review=False), knowledge)
    except KnowledgeError as error:
        yield from _problems("policies of clients", error.problems)
        return
    if named:
        yield ok("policies of clients", f"of {listed(named)}.")
    all_of_them = [knowledge, *found.values()]
    if not settings.repeat_secret and any(map(_remembers, all_of_them)):
        told = "[repeats] and [mute] take no effect without RXHOOKS_REPEAT_SECRET."
        yield warning(POLICY, told, "set it to 32 random bytes or more, or remove the tables.")


def _remembers(knowledge: Knowledge) -> bool:
    return knowledge.repeats != Repeats() or knowledge.mutes != Mutes()


def _rules(policy: Policy) -> str:
    return f"{len(policy.rules)} rules" if policy.rules else "no single rule"


def _problems(about: str, problems: list[str]) -> Iterator[Check]:
    yield from (wrong(about, problem) for problem in problems[:MOST])
    if len(problems) > MOST:
        yield wrong(about, f"{len(problems) - MOST} problems more.", "`rxhooks lint` tells all.")
