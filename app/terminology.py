"""RxNorm product names to hooks/knowledge/drug_products.csv: `rxhooks terminology names FILE`.

Only products with an ingredient of drugs.csv are kept. The input is a CSV with the columns
`rxcui` and `name`, e.g. the list of a client's drug picker.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from hooks.knowledge import Knowledge
from hooks.reading.drug_names import Component, drugs_in, product_name

COLUMNS = ("rxnorm", "display", "strengths", "others", "form", "brand")


def product_rows(
    names: Iterable[tuple[str, str]], known: Mapping[str, frozenset[str]]
) -> Iterator[dict[str, str]]:
    """The rows of drug_products.csv for (code, name) pairs; *known* is names to ingredients."""
    for code, name in names:
        parts = product_name(name)
        strengths = [
            f"{drug} {_amount(component)}"
            for component in parts.components
            for drug in sorted(drugs_in(component.name, known))
        ]
        if strengths:
            yield {
                "rxnorm": code,
                "display": name,
                "strengths": ";".join(strengths),
                "others": "yes" if len(parts.components) > len(strengths) else "",
                "form": parts.form,
                "brand": parts.brand,
            }


def ingredient_words(knowledge: Knowledge) -> dict[str, frozenset[str]]:
    """Names and synonyms of the ingredients, without brands."""
    return {
        word.casefold(): frozenset({drug.name})
        for drug in knowledge.drugs.values()
        for word in drug.words
    }


def read_names(file: Path) -> list[tuple[str, str]]:
    """The (code, name) pairs of a CSV with the columns `rxcui` and `name`."""
    with file.open(encoding="utf-8", newline="") as text:
        rows = [(row["rxcui"], row["name"]) for row in csv.DictReader(text)]
    strange = [code for code, _ in rows if not code.isdecimal()]
    if strange:
        raise ValueError(f"{strange[0]!r} is no rxcui")
    return rows


def write_products(rows: Iterable[Mapping[str, str]], out: TextIO) -> None:
    """Write *rows* as drug_products.csv, in the order of their codes."""
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(sorted(rows, key=lambda row: int(row["rxnorm"])))


def _amount(component: Component) -> str:
    return f"{component.value} {component.unit}" if component.value is not None else "? ?"
