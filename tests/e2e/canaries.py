"""Canaries: words that stand for everything that must not be told, and a search for them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

WORD = "Zanzibarine"
SPELLINGS = (WORD, WORD.lower(), WORD.upper(), WORD.encode("utf-16-le").decode("latin-1"))


def canary(name: str) -> str:
    """A word that is nowhere else; *name* tells where it was planted."""
    return f"{WORD}{name}"


def planted(value: Any, path: str = "body") -> Any:
    """*value* with a field that nobody knows in each of its objects."""
    if isinstance(value, dict):
        grown = {key: planted(part, f"{path}-{key}") for key, part in value.items()}
        return grown | {canary("Key"): canary("Unknown"), "note": [{"text": canary("Note")}]}
    if isinstance(value, list):
        return [planted(part, path) for part in value]
    return value


def files(folder: Path) -> Iterator[Path]:
    """Every file below *folder*: databases with their logs, counts, whatever was left."""
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def traces(written: bytes) -> list[str]:
    """What of the canaries stands in *written*, with what stands around it."""
    found = []
    for spelling in SPELLINGS:
        needle = spelling.encode("latin-1")
        at = written.find(needle)
        while at >= 0 and len(found) < 20:
            found.append(repr(written[max(0, at - 60) : at + 60]))
            at = written.find(needle, at + 1)
    return found
