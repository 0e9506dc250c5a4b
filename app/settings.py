"""Settings: read from the environment once, all faults told together."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.security.audit_sinks import AuditSettings, audit_settings
from app.security.clients import CdsClient, clients_file
from app.security.urls import is_origin, is_secure, split

DEFAULT_BASE_URL = "http://127.0.0.1:8080"
DEFAULT_DATABASE = "sqlite:///rxhooks.db"
DEFAULT_REPLAY = Path("rxhooks-jti.db")
MOST_LEEWAY_S = 60
SECRET_BYTES = 32
MOST_DAYS = 36_500


class UnsafeSettings(Exception):
    """The service must not start with these settings; *problems* says why, one a line."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process runs; names follow the environment variables of the README."""

    open: bool = False
    fhir_servers: tuple[str, ...] = ()
    base_url: str = DEFAULT_BASE_URL
    deadline_ms: int = 1500
    database_url: str = field(default=DEFAULT_DATABASE, repr=False)  # it may hold a password
    unchecked: str = "412"
    cors_origins: tuple[str, ...] = ()
    require_review: bool = False
    knowledge: Path | None = None
    policy: Path | None = None
    max_body_bytes: int = 16_000_000
    clients: tuple[CdsClient, ...] = ()
    redis_url: str = field(default="", repr=False)
    replay_file: Path = DEFAULT_REPLAY
    jwt_leeway_s: int = 30
    threads: int = 16
    ca_file: Path | None = None
    audit: AuditSettings = field(default_factory=AuditSettings)
    feedback_days: int = 730
    repeat_secret: bytes = field(default=b"", repr=False)


def from_environment(environ: Mapping[str, str]) -> Settings:
    """The settings that *environ* gives; UnsafeSettings names every fault."""
    problems: list[str] = []
    settings = Settings(
        open=_flag("RXHOOKS_OPEN", environ, problems),
        fhir_servers=_urls("RXHOOKS_FHIR_SERVERS", environ, problems),
        base_url=_base_url(environ, problems),
        deadline_ms=_number("RXHOOKS_DEADLINE_MS", environ, 1500, problems),
        database_url=environ.get("RXHOOKS_DATABASE_URL", DEFAULT_DATABASE),
        unchecked=_choice("RXHOOKS_UNCHECKED", environ, ("412", "card"), problems),
        cors_origins=_origins("RXHOOKS_CORS_ORIGINS", environ, problems),
        require_review=_flag("RXHOOKS_REQUIRE_REVIEW", environ, problems),
        knowledge=knowledge_folder(environ, problems),
        policy=policy_file(environ, problems),
        max_body_bytes=_number("RXHOOKS_MAX_BODY_BYTES", environ, 16_000_000, problems),
        clients=clients_file(environ, problems),
        redis_url=_redis_url(environ, problems),
        replay_file=_replay_file(environ),
        jwt_leeway_s=_leeway(environ, problems),
        threads=_number("RXHOOKS_THREADS", environ, 16, problems),
        ca_file=_ca_file(environ, problems),
        audit=audit_settings(environ, problems),
        feedback_days=_feedback_days(environ, problems),
        repeat_secret=_repeat_secret(environ, problems),
    )
    problems += _unsafe(settings, environ)
    if problems:
        raise UnsafeSettings(problems)
    return settings


def _unsafe(settings: Settings, environ: Mapping[str, str]) -> list[str]:
    """What may not be, although each value by itself can be read."""
    if "RXHOOKS_CLIENTS" in environ and settings.open:
        return [
            "RXHOOKS_CLIENTS: is set, and RXHOOKS_OPEN=1 as well, which would let everybody in; "
            "remove one of them."
        ]
    if "RXHOOKS_CLIENTS" not in environ and not settings.open:
        return [
            "RXHOOKS_OPEN: not set, nor is RXHOOKS_CLIENTS: name the file of the clients that may "
            "call, or say with RXHOOKS_OPEN=1 that anybody may, as in a sandbox."
        ]
    return []


def _flag(name: str, environ: Mapping[str, str], problems: list[str]) -> bool:
    value = environ.get(name, "0")
    if value not in {"0", "1"}:
        problems.append(f"{name}: must be 0 or 1")
    return value == "1"


def _number(name: str, environ: Mapping[str, str], default: int, problems: list[str]) -> int:
    text = environ.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) == 0:
        problems.append(f"{name}: must be a whole number above 0")
        return default
    return int(text)


def _choice(
    name: str, environ: Mapping[str, str], allowed: tuple[str, ...], problems: list[str]
) -> str:
    value = environ.get(name, allowed[0])
    if value not in allowed:
        problems.append(f"{name}: must be {' or '.join(allowed)}")
    return value


def knowledge_folder(environ: Mapping[str, str], problems: list[str]) -> Path | None:
    """The site's own knowledge, if RXHOOKS_KNOWLEDGE names any; faults go to *problems*."""
    name = "RXHOOKS_KNOWLEDGE"
    if name not in environ:
        return None
    folder = Path(environ[name])
    if not environ[name] or not folder.is_dir():
        problems.append(f"{name}: is not a folder")
    return folder


def policy_file(environ: Mapping[str, str], problems: list[str]) -> Path | None:
    """The site's policy, if RXHOOKS_POLICY names any; faults go to *problems*."""
    name = "RXHOOKS_POLICY"
    if name not in environ:
        return None
    file = Path(environ[name])
    if not environ[name] or not file.is_file():
        problems.append(f"{name}: is not a file")
    return file


def _ca_file(environ: Mapping[str, str], problems: list[str]) -> Path | None:
    """The certificates that sign the FHIR servers', if RXHOOKS_CA_FILE names any."""
    name = "RXHOOKS_CA_FILE"
    if name not in environ:
        return None
    file = Path(environ[name])
    try:
        ssl.create_default_context(cafile=file)
    except (OSError, ValueError):
        problems.append(f"{name}: is not a file of certificates in PEM")
    return file


def _feedback_days(environ: Mapping[str, str], problems: list[str]) -> int:
    """How long cards shown and feedback are kept."""
    days = _number("RXHOOKS_FEEDBACK_DAYS", environ, 730, problems)
    if days > MOST_DAYS:
        problems.append(f"RXHOOKS_FEEDBACK_DAYS: must be {MOST_DAYS} at most")
    return days


def _repeat_secret(environ: Mapping[str, str], problems: list[str]) -> bytes:
    """The key that orders are known again by; empty where the site wants no such memory."""
    secret = environ.get("RXHOOKS_REPEAT_SECRET", "").encode("utf-8", "surrogateescape")
    if "RXHOOKS_REPEAT_SECRET" in environ and len(secret) < SECRET_BYTES:
        problems.append(f"RXHOOKS_REPEAT_SECRET: must be at least {SECRET_BYTES} bytes")
    return secret


def _urls(name: str, environ: Mapping[str, str], problems: list[str]) -> tuple[str, ...]:
    found = _words(environ.get(name, ""))
    if not all(is_secure(url) for url in found):
        problems.append(f"{name}: each must be an https URL (plain http only on loopback)")
    return tuple(url.rstrip("/") for url in found)


def _origins(name: str, environ: Mapping[str, str], problems: list[str]) -> tuple[str, ...]:
    found = _words(environ.get(name, ""))
    if not all(map(is_origin, found)):
        problems.append(
            f"{name}: each must be an origin: https (plain http only on loopback), host and port, "
            "in lower case, without a slash at the end; in open mode all may call while it is unset"
        )
    return found


def _base_url(environ: Mapping[str, str], problems: list[str]) -> str:
    url = environ.get("RXHOOKS_BASE_URL", DEFAULT_BASE_URL)
    parts = split(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        problems.append("RXHOOKS_BASE_URL: must be an http or https URL")
    return url.rstrip("/")


def _redis_url(environ: Mapping[str, str], problems: list[str]) -> str:
    url = environ.get("RXHOOKS_REDIS_URL", "")
    if "RXHOOKS_REDIS_URL" in environ and not url.startswith(("redis://", "rediss://", "unix://")):
        problems.append("RXHOOKS_REDIS_URL: must be a redis, rediss or unix URL")
    return url


def _replay_file(environ: Mapping[str, str]) -> Path:
    """Where used tokens are noted: beside the database, if that is a file."""
    if environ.get("RXHOOKS_REPLAY_FILE"):
        return Path(environ["RXHOOKS_REPLAY_FILE"])
    scheme, _, path = environ.get("RXHOOKS_DATABASE_URL", DEFAULT_DATABASE).partition(":///")
    file = Path(path.partition("?")[0])
    if not scheme.startswith("sqlite") or file.name in {"", ":memory:"}:
        return DEFAULT_REPLAY
    return file.with_name(f"{file.stem}-jti.db")


def _leeway(environ: Mapping[str, str], problems: list[str]) -> int:
    seconds = _number("RXHOOKS_JWT_LEEWAY_S", environ, 30, problems)
    if seconds > MOST_LEEWAY_S:
        problems.append(f"RXHOOKS_JWT_LEEWAY_S: must be {MOST_LEEWAY_S} at most")
    return seconds


def _words(text: str) -> tuple[str, ...]:
    """The words of *text*, divided by commas or spaces."""
    return tuple(text.replace(",", " ").split())
