"""The CSV tables: drugs, products, conditions and the codes that results are filed under."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from hooks.clinical.codes import Code, Coding, ConditionCodes, Drug, Product, ResultCode, Strength
from hooks.clinical.phenoconversion import Modifier

Row = Mapping[str, str]


def drugs(rows: Iterable[Row]) -> dict[str, Drug]:
    """drugs.csv: name, rxnorm, atc and synonyms (both divided by `;`)."""
    return {
        row["name"]: Drug(row["name"], row["rxnorm"], _split(row["atc"]), _split(row["synonyms"]))
        for row in rows
    }


def products(rows: Iterable[Row]) -> dict[str, Product]:
    """drug_products.csv: one product a line; `strengths` as `codeine 30 mg;hydrocodone 5 mg`."""
    return {
        row["rxnorm"]: Product(
            row["rxnorm"],
            row["display"],
            tuple(_strength(text) for text in _split(row["strengths"])),
            row["others"] == "yes",
            row["form"],
            row["brand"],
        )
        for row in rows
    }


def conditions(rows: Iterable[Row]) -> ConditionCodes:
    """conditions.csv: `match` is `exact`, or `category` for an ICD-10-CM head."""
    exact: dict[Code, set[str]] = {}
    categories: dict[str, set[str]] = {}
    for row in rows:
        if row["match"] == "category":
            categories.setdefault(row["code"].replace(".", ""), set()).add(row["name"])
        else:
            exact.setdefault((row["system"], row["code"]), set()).add(row["name"])
    return ConditionCodes(
        {code: frozenset(names) for code, names in exact.items()},
        {code: frozenset(names) for code, names in categories.items()},
    )


def result_codes(rows: Iterable[Row]) -> dict[Code, ResultCode]:
    """result_codes.csv: codes under which results of any gene are filed."""
    return {(row["system"], row["code"]): ResultCode(row["holds"], row["display"]) for row in rows}


def gene_codes(symbol: str, reported_as: Iterable[Mapping[str, Any]]) -> dict[Code, ResultCode]:
    """The codes of one gene's own tests."""
    return {
        _code(table["code"]): ResultCode(table["holds"], table["display"], symbol, table["allele"])
        for table in reported_as
    }


def answers(rows: Iterable[Row]) -> dict[Code, str]:
    """result_answers.csv: coded answers -> a CPIC phenotype, or a word such as `present`."""
    return {(row["system"], row["code"]): row["means"] for row in rows}


def phenotype_terms(rows: Iterable[Row]) -> dict[str, str]:
    """phenotype_terms.csv: what laboratories write, in lower case -> the CPIC phenotype."""
    return {row["text"].casefold(): row["means"] for row in rows}


def modifiers(rows: Iterable[Row]) -> dict[str, tuple[Modifier, ...]]:
    """inhibitors.csv: drug -> what it does to which genes' enzymes; `factor` may be empty."""
    found: dict[str, tuple[Modifier, ...]] = {}
    for row in rows:
        factor = Decimal(row["factor"]) if row["factor"] else None
        modifier = Modifier(
            row["drug"], row["gene"], row["role"], row["strength"], factor, row["checked"] == "yes"
        )
        found[row["drug"]] = (*found.get(row["drug"], ()), modifier)
    return found


def codings(rows: Iterable[Row]) -> tuple[Coding, ...]:
    """override_reasons.csv: system (a URI), code and display."""
    return tuple(Coding(row["system"], row["code"], row["display"]) for row in rows)


def _strength(text: str) -> Strength:
    drug, value, unit = text.rsplit(" ", 2)
    return Strength(drug, None if value == "?" else Decimal(value), "" if unit == "?" else unit)


def _code(text: str) -> Code:
    system, _, code = text.partition(":")
    return system, code


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
