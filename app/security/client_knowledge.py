"""What each client is shown: the site's knowledge under the client's own policy file.

Its rule: a client's policy can say less or show it otherwise; it cannot undo the site's.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.security.clients import CdsClient
from app.settings import Settings, UnsafeSettings
from hooks.knowledge import Knowledge, KnowledgeError
from hooks.knowledge.lint import unsigned
from hooks.knowledge.policy import Policy, read_policy, with_policy


def knowledge_by_client(settings: Settings, knowledge: Knowledge) -> Mapping[str, Knowledge]:
    """The knowledge of each client that has a policy, by name; *knowledge* is the site's.

    KnowledgeError tells every policy that does not fit, UnsafeSettings every rule that a policy
    turns on although nobody signed it and RXHOOKS_REQUIRE_REVIEW wants that.
    """
    site = read_policy(settings.policy) if settings.policy is not None else Policy()
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


def _own(client: CdsClient, site: Policy, knowledge: Knowledge) -> dict[str, Knowledge]:
    if client.policy is None:
        return {}
    own = read_policy(client.policy)
    bound = replace(
        own, show={**site.show, **own.show}, never_off=(*site.never_off, *own.never_off)
    )
    return {client.name: with_policy(knowledge, bound)}


def _refuse_unsigned(found: Mapping[str, Knowledge]) -> None:
    problems = [
        f"{name}: {rule}: nobody has signed this rule"
        for name, knowledge in found.items()
        for rule in unsigned(knowledge)
    ]
    if problems:
        raise UnsafeSettings(problems)
