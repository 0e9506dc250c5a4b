"""`rxhooks kb fingerprint DIR`: the `reads` lines of guideline files, written from CPIC's rows.

Who adds or changes a rule reads the rows behind each branch first; this command then pins what was
read. It changes nothing but `reads`, and proves that before it writes.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.files import replaced
from app.kb.compare import BranchId, Row, fingerprints
from hooks.clinical.guidelines import Branch
from hooks.knowledge import Knowledge, load

KINDS = ("recommendation", "no_action", "cannot_tell")
TABLE = re.compile(r"^(?=\[\[)", re.MULTILINE)
READS = re.compile(r'^(?P<key>reads[ \t]*=[ \t]*)"[^"\n]*"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pinned:
    """What was done: sentences on the files written, and on branches that no row reaches."""

    written: tuple[str, ...]
    unreached: tuple[str, ...]


class NotRewritable(ValueError):
    """A guideline file is laid out so that its `reads` lines cannot be told apart safely."""


def pin(guidelines: Path, rows: Sequence[Row]) -> Pinned:
    """Write the fingerprints of *rows* into the files of the folder *guidelines*."""
    files = sorted(file for file in guidelines.iterdir() if file.suffix == ".toml")
    old = {file: file.read_text("utf-8") for file in files}
    knowledge = knowledge_of(guidelines)
    prints = fingerprints(rows, knowledge)
    new = {file: with_fingerprints(text, prints) for file, text in old.items()}
    changed = {file: text for file, text in new.items() if text != old[file]}
    for file, text in changed.items():
        with replaced(file) as out:
            out.write(text)
    rules = {tomllib.loads(text)["id"] for text in old.values()}
    return Pinned(
        tuple(f"{file.name}: {_count(old[file], text)} branches" for file, text in changed.items()),
        tuple(_unreached(rules, prints, knowledge)),
    )


def knowledge_of(guidelines: Path) -> Knowledge:
    """The knowledge that the folder *guidelines* belongs to: a whole one, or a site's own."""
    folder = guidelines.resolve().parent
    return load(folder) if (folder / "genes").is_dir() else load(site=folder)


def with_fingerprints(text: str, prints: Mapping[BranchId, str]) -> str:
    """*text* of a guideline file with the `reads` of its branches as *prints* has them."""
    rule = tomllib.loads(text)
    found = "".join(_table(part, rule["id"], prints) for part in TABLE.split(text))
    for branch in _branches(rule):
        if (rule["id"], branch["id"]) in prints:
            branch["reads"] = prints[rule["id"], branch["id"]]
    if tomllib.loads(found) != rule:
        raise NotRewritable(f"{rule['id']}: its tables cannot be told apart line by line")
    return found


def _table(part: str, rule: str, prints: Mapping[BranchId, str]) -> str:
    """One table of a file, from its `[[header]]` to the next, with its fingerprint."""
    try:
        branches = _branches(tomllib.loads(part))
    except tomllib.TOMLDecodeError:  # half of a text with `[[` in it; told by the proof above
        return part
    if not branches or (rule, branches[0]["id"]) not in prints:
        return part
    value = f'"{prints[rule, branches[0]["id"]]}"'
    if READS.search(part):
        return READS.sub(lambda match: match["key"] + value, part, count=1)
    body = part.rstrip()
    return f"{body}\nreads = {value}{part[len(body) :] or chr(10)}"


def _branches(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [branch for kind in KINDS for branch in table.get(kind, [])]


def _count(old: str, new: str) -> int:
    before = {branch["id"]: branch.get("reads") for branch in _branches(tomllib.loads(old))}
    after = {branch["id"]: branch.get("reads") for branch in _branches(tomllib.loads(new))}
    return sum(before[name] != after[name] for name in after)


def _unreached(
    rules: set[str], prints: Mapping[BranchId, str], knowledge: Knowledge
) -> Iterator[str]:
    for rule in knowledge.guidelines:
        for branch in rule.branches if rule.id in rules and rule.status != "retired" else ():
            if (rule.id, branch.id) not in prints and _read_from_rows(branch):
                yield f"{rule.id}/{branch.id}: no row leads here"


def _read_from_rows(branch: Branch) -> bool:
    """Whether a branch claims source rows: `rxhooks lint` lets only `n/a` stand without."""
    return bool(branch.reads) or branch.strength != "n/a"
