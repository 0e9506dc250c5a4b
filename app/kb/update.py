"""`rxhooks kb update`: CPIC's tables from its API into a folder, or refused and told why.

Nothing is switched: the rules stay as they are, and what should be read again is listed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.kb.api import Api, TableUnsound
from app.kb.changes import changes
from app.kb.checks import contradictions, losses
from app.kb.compare import changed_branches, landings, row_of
from app.kb.shapes import TABLES, ApiRow, misshapen
from app.kb.snapshot import foreign, read, tables_of, write
from hooks.knowledge import Knowledge


class UpdateRefused(Exception):
    """The tables are not taken over; *problems* says why, one a line. Nothing was written."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__(*self.problems)


@dataclass(frozen=True, slots=True)
class Update:
    """What was taken over: its newest change, what changed, and the branches to read again."""

    newest_change: str
    rows: int
    changes: tuple[str, ...]
    branches: tuple[str, ...]


def update(api: Api, folder: Path, earlier: Path, knowledge: Knowledge, today: date) -> Update:
    """Read all tables, hold them against *earlier*, and put them in the place of *folder*.

    UpdateRefused where anything is unsound; *folder* is then as it was.
    """
    if lost := foreign(folder):
        raise UpdateRefused([f"{folder}: holds {', '.join(lost)}, which would be lost"])
    old = read(earlier)
    if earlier != folder and not old:
        raise UpdateRefused([f"{earlier}: holds no tables to compare with"])
    rows, newest = _fetched(api)
    if found := contradictions(rows):
        raise UpdateRefused(found)
    new = tables_of(rows)
    if found := losses(old, new):
        raise UpdateRefused(found)
    landed = landings(map(row_of, new["recommendations"]), knowledge)
    branches = changed_branches(landed, knowledge)
    told = changes(old, new)
    write(folder, new, {"url": api.base, "read": today.isoformat(), "newest_change": newest})
    return Update(newest, sum(map(len, new.values())), tuple(told), tuple(branches.values()))


def _fetched(api: Api) -> tuple[dict[str, list[ApiRow]], str]:
    """Every table, well-formed, and the newest date of the change log."""
    try:
        newest = api.newest_change()
        rows = {table.name: api.table(table) for table in TABLES}
        since = api.newest_change()
    except TableUnsound as error:
        raise UpdateRefused([str(error)]) from error
    problems = [fault for table in TABLES for fault in misshapen(table, rows[table.name])]
    if newest != since:
        problems.append(f"change_log: was of {newest}, then of {since}: changed while it was read")
    if problems:
        raise UpdateRefused(problems)
    return rows, newest
