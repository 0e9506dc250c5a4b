"""Are the settings good, and do they do what one might think?"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from app.doctor.checks import Check, ok, warning, wrong
from app.security.urls import LOOPBACK, is_secure, split
from app.settings import DEFAULT_BASE_URL, Settings, UnsafeSettings, from_environment

OURS = "RXHOOKS_"
SERVER = ("RXHOOKS_BIND", "RXHOOKS_WORKERS", "RXHOOKS_THREADS")  # gunicorn.conf.py reads them
COUNTS = ("RXHOOKS_WORKERS", "RXHOOKS_THREADS")


@dataclass(frozen=True, slots=True)
class Asked(Mapping[str, str]):
    """An environment that notes which names it was asked for: those are the settings there are."""

    environ: Mapping[str, str]
    names: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self.environ[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.environ)

    def __len__(self) -> int:
        return len(self.environ)


def read_settings(environ: Mapping[str, str]) -> tuple[Settings | None, list[Check]]:
    """The settings, if they can be used, and what there is to say of them."""
    asked = Asked(environ)
    try:
        settings = from_environment(asked)
    except UnsafeSettings as error:
        found = [_fault(problem) for problem in error.problems]
        return None, [*found, *_counts(environ), *_unknown(asked)]
    told = [*_counts(environ), *_unknown(asked), *_careless(settings, environ)]
    return settings, told or [ok("settings", f"{len(_set(environ))} set, all of them good")]


def _fault(problem: str) -> Check:
    name, _, told = problem.partition(": ")
    return wrong(name, told)


def _counts(environ: Mapping[str, str]) -> Iterator[Check]:
    """gunicorn is stricter than the settings are."""
    for name in COUNTS:
        if not re.fullmatch("[1-9][0-9]{0,2}", environ.get(name, "1")):
            yield wrong(name, "must be a whole number from 1 to 999.")


def _unknown(asked: Asked) -> Iterator[Check]:
    """Names of ours that nothing reads: a typing error has no other sign."""
    known = sorted(name for name in {*asked.names, *SERVER} if name.startswith(OURS))
    for name in sorted(set(_set(asked.environ)) - set(known)):
        near = get_close_matches(name, known, 1)
        meant = f"write {near[0]}." if near else "remove it; the README lists the settings."
        yield warning(name, "no such setting, so it does nothing.", meant)


def _set(environ: Mapping[str, str]) -> list[str]:
    return [name for name in environ if name.startswith(OURS)]


def _careless(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    yield from _open(settings, environ) if settings.open else _closed(settings)
    base = settings.base_url
    if base != DEFAULT_BASE_URL and not is_secure(base):
        told = f"{split(base).hostname} is called by plain http, which others can read."
        yield warning("RXHOOKS_BASE_URL", told, "put TLS in front, and write https here.")


def _open(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    host = environ.get("RXHOOKS_BIND", "127.0.0.1:8080").rpartition(":")[0].strip("[]")
    reach = "this machine" if host in LOOPBACK else "everybody who reaches this address"
    mend = "for anything but a sandbox, name the clients in RXHOOKS_CLIENTS instead."
    yield warning("RXHOOKS_OPEN", f"nobody is authenticated: {reach} may call.", mend)
    if settings.redis_url:
        yield warning("RXHOOKS_REDIS_URL", "not used, since there are no tokens in open mode.")
    if not settings.fhir_servers:
        told = "none is named, so that only what calls bring with them is known."
        yield warning("RXHOOKS_FHIR_SERVERS", told, "name the servers that may be asked.")


def _closed(settings: Settings) -> Iterator[Check]:
    if settings.fhir_servers:
        told = "is for open mode, and not used."
        mend = "give each client its own fhir_servers in the clients file."
        yield warning("RXHOOKS_FHIR_SERVERS", told, mend)
    if settings.base_url == DEFAULT_BASE_URL:
        told = "not set, so that only tokens for loopback are accepted."
        yield warning("RXHOOKS_BASE_URL", told, "write the public address that clients call.")
    for client in settings.clients:
        if not client.fhir_servers:
            told = "may name no FHIR server, so that only its prefetch counts."
            yield warning(f"client {client.name}", told, "list its fhir_servers.")
