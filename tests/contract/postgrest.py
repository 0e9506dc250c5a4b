"""CPIC's API on loopback: PostgREST as far as `rxhooks kb update` speaks it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.loopback import Behaviour, Call, http

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the table, and the parameters by name."""

    table: str
    parameters: Mapping[str, str]
    prefer: str

    @classmethod
    def of(cls, call: Call) -> "Asked":
        parts = urlsplit(call.target)
        values = {name: listed[0] for name, listed in parse_qs(parts.query).items()}
        return cls(parts.path.rpartition("/")[2], values, call.header("Prefer"))

    @property
    def offset(self) -> int:
        return int(self.parameters.get("offset", "0"))


def page(asked: Asked, rows: Rows) -> tuple[list[dict[str, Any]], str]:
    """The rows asked for, and their Content-Range; the total only where it is asked for."""
    key, _, direction = asked.parameters["order"].partition(".")
    ordered = sorted(rows, key=lambda row: row[key], reverse=direction == "desc")
    columns = re.sub(r"\([^)]*\)", "", asked.parameters["select"]).split(",")
    found = [
        {name: row[name] for name in columns}
        for row in ordered[asked.offset : asked.offset + int(asked.parameters["limit"])]
    ]
    total = len(rows) if asked.prefer == "count=exact" else "*"
    span = f"{asked.offset}-{asked.offset + len(found) - 1}" if found else "*"
    return found, f"{span}/{total}"


def answer(found: object, content_range: str, status: str = "206 Partial Content") -> bytes:
    """A page on the wire."""
    return http(found, status, f"Content-Range: {content_range}\r\n")


def postgrest(
    tables: Mapping[str, Rows], odd: Callable[[Asked, Call], bool] = lambda asked, call: False
) -> Behaviour:
    """Serve *tables*; *odd* may answer a request itself, and says whether it did."""

    def behave(call: Call) -> None:
        asked = Asked.of(call)
        if not odd(asked, call):
            call.send(answer(*page(asked, tables[asked.table])))

    return behave
