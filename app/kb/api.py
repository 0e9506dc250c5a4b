"""The CPIC API, read whole: PostgREST pages in order, each held against its Content-Range.

Its rule: a table that did not arrive whole, once and in order is told as such and never used.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from time import monotonic, sleep

import orjson
import requests

from app.kb.shapes import ApiRow, ApiTable

DEFAULT_URL = "https://api.cpicpgx.org/v1"
RANGE = re.compile(r"(?:(?P<first>\d+)-(?P<last>\d+)|\*)/(?P<total>\d+)")
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
CHUNK = 1 << 16

Shown = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is asked for at once, and how long and how large it may get."""

    page_rows: int = 500
    page_bytes: int = 32 << 20
    table_rows: int = 100_000
    attempts: int = 4
    pause_s: float = 1.0
    connect_s: float = 10.0
    answer_s: float = 60.0
    whole_s: float = 900.0


class TableUnsound(Exception):
    """A table could not be had, or not whole; the message says which and why."""


class _Passing(Exception):
    """What may go away when it is asked again."""


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its rows, where they stand in the table, and how many the table has."""

    rows: list[ApiRow]
    first: int
    total: int


@dataclass(frozen=True, slots=True)
class Api:
    """The API at *base*; all that is read from it shares one deadline."""

    base: str
    session: requests.Session
    shown: Shown
    limits: Limits
    end: float

    @classmethod
    def open(
        cls, base: str, session: requests.Session, shown: Shown, limits: Limits | None = None
    ) -> "Api":
        """The API at *base*, its time running from now on; *shown* hears how far a table is."""
        limits = limits or Limits()
        return cls(base.rstrip("/"), session, shown, limits, monotonic() + limits.whole_s)

    def table(self, table: ApiTable) -> list[ApiRow]:
        """Every row of *table*, each once, in the order of its key."""
        rows: list[ApiRow] = []
        seen: set[object] = set()
        total = -1
        while total < 0 or len(rows) < total:
            page = self._page(table, len(rows))
            if total not in (-1, page.total):
                raise TableUnsound(f"{table.name}: had {total} rows, then {page.total}")
            total = page.total
            if not page.rows and len(rows) < total:
                raise TableUnsound(f"{table.name}: ended after {len(rows)} of {total} rows")
            for row in page.rows:
                key = row.get(table.key)
                if not isinstance(key, str | int) or key in seen:
                    raise TableUnsound(f"{table.name}: {table.key} {key!r} came twice or is none")
                seen.add(key)
            rows += page.rows
            self.shown(table.name, len(rows), total)
        return rows

    def newest_change(self) -> str:
        """The date of the newest entry of the change log."""
        query = {"select": "date", "order": "date.desc", "limit": "1"}
        page = self._asked("change_log", query)
        date = page.rows[0].get("date") if page.rows else None
        if not isinstance(date, str):
            raise TableUnsound("change_log: has no newest date")
        return date

    def _page(self, table: ApiTable, offset: int) -> Page:
        size = self.limits.page_rows
        query = {"select": table.select, "order": table.key, "limit": str(size)}
        page = self._asked(table.name, query | {"offset": str(offset)})
        if page.total > self.limits.table_rows:
            raise TableUnsound(f"{table.name}: has {page.total} rows, more than can be right")
        if page.rows and page.first != offset:
            raise TableUnsound(f"{table.name}: asked from row {offset}, got from row {page.first}")
        return page

    def _asked(self, name: str, query: Mapping[str, str]) -> Page:
        """One page, asked for again where the fault may pass."""
        for attempt in count(1):
            try:
                return self._answer(name, query)
            except (_Passing, requests.RequestException) as error:
                if attempt == self.limits.attempts:
                    told = str(error) if isinstance(error, _Passing) else _network_fault(error)
                    raise TableUnsound(f"{name}: {told} ({attempt} attempts)") from error
            sleep(min(self.limits.pause_s * 2 ** (attempt - 1), max(self._left(), 0.0)))
        raise AssertionError("count has no end")

    def _answer(self, name: str, query: Mapping[str, str]) -> Page:
        left = self._left()
        if left <= 0:
            raise TableUnsound(f"{name}: all took longer than {self.limits.whole_s:.0f} s")
        timeout = self.limits.connect_s, min(self.limits.answer_s, left)
        headers = {"Accept": "application/json", "Prefer": "count=exact"}
        with self.session.get(
            f"{self.base}/{name}",
            params=dict(query),
            headers=headers,
            timeout=timeout,
            stream=True,
            allow_redirects=False,
        ) as response:
            if response.status_code in PASSING:
                raise _Passing(f"answered {response.status_code}")
            if response.status_code not in (200, 206):
                raise TableUnsound(f"{name}: answered {response.status_code}")
            body = self._body(name, response)
            return _page(name, body, response.headers.get("Content-Range", ""))

    def _body(self, name: str, response: requests.Response) -> bytes:
        """The whole body, within its size and its time."""
        end = min(self.end, monotonic() + self.limits.answer_s)
        body = bytearray()
        for chunk in response.iter_content(CHUNK):
            body += chunk
            if len(body) > self.limits.page_bytes:
                raise TableUnsound(f"{name}: a page is larger than {self.limits.page_bytes} bytes")
            if monotonic() > end:
                raise _Passing("took too long")
        return bytes(body)

    def _left(self) -> float:
        return self.end - monotonic()


def _page(name: str, body: bytes, content_range: str) -> Page:
    """The rows of *body*, which must be as many as *content_range* says."""
    try:
        rows = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _Passing("an answer is no JSON, or cut off") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TableUnsound(f"{name}: an answer is no list of rows")
    found = RANGE.fullmatch(content_range.strip())
    if found is None:
        raise TableUnsound(f"{name}: Content-Range is {content_range!r}, which counts no rows")
    first, last = int(found["first"] or 0), int(found["last"] or -1)
    if last - first + 1 != len(rows) or last >= int(found["total"]):
        raise TableUnsound(f"{name}: {len(rows)} rows came with Content-Range {content_range!r}")
    return Page(rows, first, int(found["total"]))


def _network_fault(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return "the connection failed or broke off"
