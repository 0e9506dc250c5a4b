"""The marker tables: markers.csv, with the genes and tests that belong to it."""

import re
from collections.abc import Iterable, Mapping

from hooks.clinical.codes import ReportTables
from hooks.clinical.markers import METHODS, SOURCE_CLASSES, ZYGOSITIES, Marker, Markers, MarkerTest

Row = Mapping[str, str]
NEGATIVE_IN = ("", "all", "one")


def markers(rows: Iterable[Row], tests: tuple[MarkerTest, ...], reports: ReportTables) -> Markers:
    """markers.csv; ValueError where a row names what is neither in *tests* nor in *reports*."""
    named = {row["name"]: _marker(row) for row in rows}
    known = {*named, *(test.marker for test in tests)}
    for marker in named.values():
        for part in {*marker.parts} - known:
            raise ValueError(f"{marker.name}: nothing tells {part}")
        for gene in {*marker.genes} - {*reports.gene_codes.values()}:
            raise ValueError(f"{marker.name}: {gene} is not in marker_genes.csv")
    return Markers(named, tests, reports)


def marker_tests(rows: Iterable[Row]) -> tuple[MarkerTest, ...]:
    """marker_tests.csv: a code of a test a line."""
    return tuple(
        MarkerTest(
            row["marker"], (row["system"], row["code"]), row["display"], row["part"] == "yes"
        )
        for row in rows
    )


def gene_names(rows: Iterable[Row]) -> dict[str, str]:
    """marker_genes.csv: HGNC ids, symbols and synonyms in lower case -> the symbol."""
    found: dict[str, str] = {}
    for row in rows:
        number = row["hgnc"].removeprefix("HGNC:")
        for name in (row["symbol"], row["hgnc"], number, *row["synonyms"].split()):
            if found.setdefault(name.casefold(), row["symbol"]) != row["symbol"]:
                raise ValueError(f"{name} is of two genes")
    return found


def _marker(row: Row) -> Marker:
    for column, known in (
        ("method", METHODS),
        ("source_class", SOURCE_CLASSES),
        ("zygosity", ZYGOSITIES),
        ("negative_in", NEGATIVE_IN),
    ):
        if row[column] not in known:
            raise ValueError(f"{row['name']}: unknown {column} {row[column]}")
    return Marker(
        name=row["name"],
        label=row["label"],
        method=row["method"],
        parts=tuple(row["parts"].split()),
        genes=tuple(row["genes"].split()),
        negative_in=row["negative_in"],
        pattern=_pattern(row, "pattern"),
        ruled_out=_pattern(row, "ruled_out"),
        source_class=row["source_class"],
        pathogenic=row["pathogenic"] == "yes",
        zygosity=row["zygosity"],
        both_copies=_pattern(row, "both_copies"),
        code_text=_pattern(row, "code_text"),
        positive=_pattern(row, "positive"),
        negative=_pattern(row, "negative"),
    )


def _pattern(row: Row, column: str) -> re.Pattern[str] | None:
    """A regular expression, compiled once; letters count in either case."""
    try:
        return re.compile(row[column], re.IGNORECASE) if row[column] else None
    except re.error as error:
        raise ValueError(f"{row['name']}: {column}: {error}") from error
