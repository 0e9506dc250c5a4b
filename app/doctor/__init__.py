"""`rxhooks doctor`: what is wrong with this site's set-up, in words, and how to mend it.

It asks only what is configured, waits little, changes nothing, and prints no secret.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from app.doctor.checks import Check, wrong
from app.doctor.environment import read_settings
from app.doctor.keys import client_keys, own_key
from app.doctor.rules import client_policies, knowledge_checks, signatures
from app.doctor.servers import fhir_server
from app.doctor.stores import audit_file, database, used_tokens
from app.fhir.access import FhirAccess, open_access
from app.security.clients import CdsClient
from app.security.gate import open_client
from app.settings import Settings, knowledge_folder, policy_file
from hooks import SERVICES
from hooks.knowledge import Knowledge

AT_ONCE = 8
Work = Callable[[], Iterable[Check]]


def examine(environ: Mapping[str, str]) -> Iterator[Check]:
    """Every check, in order, as soon as it is done."""
    settings, told = read_settings(environ)
    yield from told
    knowledge, told = knowledge_checks(*_folders(environ))
    yield from told
    if knowledge is not None:
        yield signatures(knowledge, settings)
    if settings is None:
        rest = "clients' keys, FHIR servers, database, used tokens, audit"
        yield wrong(rest, "not checked.", "first mend the settings above, then ask again.")
        return
    if knowledge is not None:
        yield from client_policies(settings, knowledge)
    access = open_access(AT_ONCE, settings.ca_file)
    try:
        yield from _together(_outside(settings, access, _kinds(knowledge)))
    finally:
        access.close()


def _folders(environ: Mapping[str, str]) -> tuple[Path | None, Path | None]:
    """The site's own knowledge and policy, where they are there; the settings tell if not."""
    site, policy = knowledge_folder(environ, []), policy_file(environ, [])
    return (
        site if site and site.is_dir() else None,
        policy if policy and policy.is_file() else None,
    )


def _outside(settings: Settings, access: FhirAccess, kinds: frozenset[str]) -> Iterator[Work]:
    """What waits for files, servers and databases."""
    for client in settings.clients:
        session = access.internal if client.internal else access.public
        yield partial(client_keys, client, session)
        if client.token is not None:
            yield partial(own_key, client, client.token)
    for base, client, asked in _servers(settings, kinds):
        yield partial(fhir_server, base, client, access, settings.deadline_ms, asked)
    for work in (database, used_tokens, audit_file):
        yield partial(work, settings)


def _servers(
    settings: Settings, kinds: frozenset[str]
) -> Iterator[tuple[str, CdsClient, frozenset[str]]]:
    """The servers, as which client they are asked, and for which kinds of resource."""
    clients = (open_client(settings),) if settings.open else settings.clients
    for client in clients:
        yield from ((base, client, kinds) for base in client.fhir_servers)
    if settings.audit.server:
        yield settings.audit.server, CdsClient("audit", internal=True), frozenset()


def _kinds(knowledge: Knowledge | None) -> frozenset[str]:
    """The kinds of resource that our queries ask for."""
    if knowledge is None:
        return frozenset()
    queries = (q for each in SERVICES.values() for q in each.queries(knowledge).values())
    return frozenset(query.partition("?")[0].partition("/")[0] for query in queries)


def _together(work: Iterable[Work]) -> Iterator[Check]:
    """The checks of all *work*, done side by side and told in its order."""
    with ThreadPoolExecutor(AT_ONCE, "doctor") as pool:
        for checks in pool.map(_done, work):
            yield from checks


def _done(work: Work) -> list[Check]:
    """What *work* found; a check that fails is told as such."""
    try:
        return list(work())
    except Exception as error:  # its message may hold a secret
        return [wrong("doctor", f"a check failed ({type(error).__name__}).", "please report this.")]
