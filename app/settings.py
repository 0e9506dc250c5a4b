"""Settings: read from the environment once, all faults told together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
DEFAULT_BASE_URL = "http://127.0.0.1:8080"
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
    database_url: str = "sqlite:///rxhooks.db"
    unchecked: str = "412"
    cors_origins: tuple[str, ...] = ()
    require_review: bool = False
    knowledge: Path | None = None
    policy: Path | None = None
    max_body_bytes: int = 16_000_000
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
        database_url=environ.get("RXHOOKS_DATABASE_URL", "sqlite:///rxhooks.db"),
        unchecked=_choice("RXHOOKS_UNCHECKED", environ, ("412", "card"), problems),
        cors_origins=_words(environ.get("RXHOOKS_CORS_ORIGINS", "")),
        require_review=_flag("RXHOOKS_REQUIRE_REVIEW", environ, problems),
        knowledge=knowledge_folder(environ, problems),
        policy=policy_file(environ, problems),
        max_body_bytes=_number("RXHOOKS_MAX_BODY_BYTES", environ, 16_000_000, problems),
        feedback_days=_feedback_days(environ, problems),
        repeat_secret=_repeat_secret(environ, problems),
    )
    problems += _unsafe(settings, environ)
    if problems:
        raise UnsafeSettings(problems)
    return settings


def _unsafe(settings: Settings, environ: Mapping[str, str]) -> list[str]:
    """What may not be, although each value by itself can be read."""
    found = []
    if "RXHOOKS_CLIENTS" in environ:
        found.append(
            "RXHOOKS_CLIENTS: client authentication is not part of this version and would not be "
            "checked. Remove it; set RXHOOKS_OPEN=1 only where nobody else can reach the service."
        )
    elif not settings.open:
        found.append(
            "RXHOOKS_OPEN: not set. This version does not authenticate clients; RXHOOKS_OPEN=1 "
            "says that you know, for a sandbox or a closed network."
        )
    found += [
        f"{name}: not part of this version" for name in ("RXHOOKS_REDIS_URL",) if name in environ
    ]
    return found


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
    for url in found:
        parts = _split(url)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        if not secure or not parts.hostname:
            problems.append(f"{name}: each must be an https URL (plain http only on loopback)")
    return tuple(url.rstrip("/") for url in found)


def _base_url(environ: Mapping[str, str], problems: list[str]) -> str:
    url = environ.get("RXHOOKS_BASE_URL", DEFAULT_BASE_URL)
    parts = _split(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        problems.append("RXHOOKS_BASE_URL: must be an http or https URL")
    return url.rstrip("/")


def _split(url: str) -> SplitResult:
    """The parts of *url*; all empty where it is broken, or more than scheme, host, port, path."""
    try:
        parts = urlsplit(url)
        broken = parts.port == 0 or "@" in parts.netloc or parts.query or parts.fragment
    except ValueError:
        broken = True
    return SplitResult("", "", "", "", "") if broken else parts


def _words(text: str) -> tuple[str, ...]:
    """The words of *text*, divided by commas or spaces."""
    return tuple(text.replace(",", " ").split())
