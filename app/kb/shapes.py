"""The tables of the CPIC API that are read: their keys, their columns and what each must hold.

As the API's database defines them (public repository cpicpgx/cpic-data, `src/main/resources/db`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ApiRow = Mapping[str, Any]
Fits = Callable[[object], bool]
MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Column:
    """What a column must hold: a predicate, and its name in words."""

    fits: Fits
    words: str


@dataclass(frozen=True, slots=True)
class ApiTable:
    """A table of the API: *key* is unique and orders it; *embedded* are tables read along."""

    name: str
    key: str
    columns: Mapping[str, Column]
    embedded: str = ""
    least: int = 1  # rows; fewer cannot be right

    @property
    def select(self) -> str:
        """The columns to ask for."""
        own = [name for name in self.columns if not self.embedded.startswith(f"{name}(")]
        return ",".join([*own, *([self.embedded] if self.embedded else [])])


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_text_or_null(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_key(value: object) -> bool:
    return _is_text(value) or (isinstance(value, int) and not isinstance(value, bool))


def _is_key_or_null(value: object) -> bool:
    return value is None or _is_key(value)


def _is_texts(value: object) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def _is_map(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def _is_map_or_null(value: object) -> bool:
    return value is None or _is_map(value)


def _is_filled_map(value: object) -> bool:
    return _is_map(value) and bool(value)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | bool)


def _is_publications(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and _is_text_or_null(each.get("pmid")) for each in value
    )


TEXT = Column(_is_text, "a text")
TEXT_OR_NULL = Column(_is_text_or_null, "a text or null")
KEY = Column(_is_key, "a number or a text")
KEY_OR_NULL = Column(_is_key_or_null, "a number, a text or null")
TEXTS = Column(_is_texts, "a list of texts or null")
MAP_OR_NULL = Column(_is_map_or_null, "an object of texts or null")
FILLED_MAP = Column(_is_filled_map, "an object of texts with something in it")
PLAIN = Column(_is_plain, "a text, true, false or null")
PUBLICATIONS = Column(_is_publications, "a list of publications")

TABLES = (
    ApiTable(
        "gene",
        "symbol",
        {"symbol": TEXT, "hgncid": TEXT_OR_NULL, "chr": TEXT_OR_NULL, "lookupmethod": TEXT_OR_NULL},
    ),
    ApiTable(
        "allele",
        "id",
        {
            "id": KEY,
            "genesymbol": TEXT,
            "name": TEXT,
            "clinicalfunctionalstatus": TEXT_OR_NULL,
            "activityvalue": TEXT_OR_NULL,
        },
    ),
    ApiTable(
        "gene_result",
        "id",
        {
            "id": KEY,
            "genesymbol": TEXT,
            "result": TEXT,
            "activityscore": TEXT_OR_NULL,
            "ehrpriority": TEXT_OR_NULL,
        },
    ),
    ApiTable(
        "gene_result_lookup",
        "id",
        {
            "id": KEY,
            "phenotypeid": KEY,
            "function1": TEXT_OR_NULL,
            "function2": TEXT_OR_NULL,
            "activityvalue1": TEXT_OR_NULL,
            "activityvalue2": TEXT_OR_NULL,
            "totalactivityscore": TEXT_OR_NULL,
        },
    ),
    ApiTable(
        "guideline",
        "id",
        {"id": KEY, "name": TEXT, "url": TEXT_OR_NULL, "publication": PUBLICATIONS},
        embedded="publication(pmid,year)",
    ),
    ApiTable(
        "drug",
        "drugid",
        {
            "drugid": TEXT,
            "name": TEXT,
            "rxnormid": TEXT_OR_NULL,
            "atcid": TEXTS,
            "guidelineid": KEY_OR_NULL,
        },
    ),
    ApiTable(
        "pair_view",
        "pairid",
        {
            "pairid": KEY,
            "drugid": TEXT,
            "genesymbol": TEXT,
            "cpiclevel": TEXT_OR_NULL,
            "usedforrecommendation": PLAIN,
            "provisional": PLAIN,
        },
    ),
    ApiTable(
        "recommendation",
        "id",
        {
            "id": KEY,
            "guidelineid": KEY,
            "drugid": TEXT,
            "population": TEXT,
            "lookupkey": FILLED_MAP,
            "phenotypes": MAP_OR_NULL,
            "activityscore": MAP_OR_NULL,
            "allelestatus": MAP_OR_NULL,
            "classification": TEXT,
            "implications": MAP_OR_NULL,
            "drugrecommendation": TEXT,
            "comments": TEXT_OR_NULL,
        },
    ),
    ApiTable(
        "test_alert",
        "id",
        {
            "id": KEY,
            "drugid": TEXT_OR_NULL,
            "population": TEXT_OR_NULL,
            "genes": TEXTS,
            "cdscontext": TEXT,
            "lookupkey": MAP_OR_NULL,
            "alerttext": TEXTS,
        },
        least=0,
    ),
)


def misshapen(table: ApiTable, rows: Sequence[ApiRow]) -> list[str]:
    """What is not as *table* demands: too few rows, or cells (the first few of them)."""
    if len(rows) < table.least:
        return [f"{table.name}: is empty"]
    found = list(_misshapen(table, rows))
    more = [f"{table.name}: and {len(found) - MOST_TOLD} cells more"]
    return found[:MOST_TOLD] + (more if len(found) > MOST_TOLD else [])


def _misshapen(table: ApiTable, rows: Sequence[ApiRow]) -> Iterator[str]:
    for number, row in enumerate(rows, 1):
        for name, column in table.columns.items():
            if name not in row:
                yield f"{table.name}: row {number} has no {name}"
            elif not column.fits(row[name]):
                yield f"{table.name}: row {number}: {name} is not {column.words}"
