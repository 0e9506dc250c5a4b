"""The CSV tables: drugs, products, conditions and the codes that results are filed under."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from hooks.clinical.analytes import Analyte, AnalyteTables, Conversion
from hooks.clinical.codes import (
    Code,
    Coding,
    ConditionCodes,
    Drug,
    FindingKind,
    Findings,
    Product,
    ResultCode,
    Strength,
    Words,
    words_of,
)
from hooks.clinical.elements import Element, Vocabulary
from hooks.clinical.genes import GeneTest
from hooks.clinical.phenoconversion import Modifier

K = TypeVar("K")
Row = Mapping[str, str]
NONE: Mapping[str, Any] = {}


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


def conditions(rows: Iterable[Row], named: Iterable[Row] = ()) -> ConditionCodes:
    """conditions.csv: `match` is `exact`, or `category` for an ICD-10-CM head.

    *named*: condition_names.csv, what each is called, and the `words` that tell one without a code.
    """
    exact: dict[Code, set[str]] = {}
    categories: dict[str, set[str]] = {}
    words: dict[str, set[str]] = {}
    labels: dict[str, str] = {}
    for row in rows:
        if row["match"] == "category":
            categories.setdefault(row["code"].replace(".", ""), set()).add(row["name"])
        else:
            exact.setdefault((row["system"], row["code"]), set()).add(row["name"])
    for row in named:
        labels[row["name"]] = row["label"]
        for text in _split(row["words"]):
            words.setdefault(" ".join(words_of(text)), set()).add(row["name"])
    return ConditionCodes(_frozen(exact), _frozen(categories), _frozen(words), labels)


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


def analytes(
    rows: Iterable[Row],
    units: Mapping[str, Mapping[str, Conversion]],
    notes: Mapping[str, Mapping[str, Any]] = NONE,
) -> AnalyteTables:
    """analytes.csv: a code a line; unit and greatest age are the same on all lines of a name.

    A line without a code only names the analyte: a site may file it under a code of its own.
    *notes*: what sets an analyte apart.
    """
    found: dict[str, Analyte] = {}
    codes: dict[Code, str] = {}
    for row in rows:
        name, code = row["name"], (row["system"], row["code"])
        own = notes.get(name, NONE)
        read = Analyte(name, row["unit"], int(row["max_age_days"]), units[name], **own)
        if found.setdefault(name, read) != read or code in codes:
            raise ValueError(f"{name} {row['code']} contradicts another line")
        if row["code"]:
            codes[code] = name
    return AnalyteTables(found, codes)


def analyte_notes(rows: Iterable[Row]) -> dict[str, dict[str, Any]]:
    """analyte_notes.csv: what sets an analyte apart, as the fields of Analyte."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        own = found.setdefault(row["name"], {})
        code = (row["system"], row["code"]) if row["code"] else None
        match row["what"]:
            case "prefer":
                own["preferred"] = own.get("preferred", frozenset()) | {code}
            case "spoiled":
                own["spoiled_by"] = (*own.get("spoiled_by", ()), row["value"])
            case "place":
                own["place"] = row["value"]
            case "remark":
                own["remarks"] = (*own.get("remarks", ()), (code, row["value"]))
            case "tumour":
                own["of_tumour"] = True
            case what:
                raise ValueError(f"{row['name']}: {what} is nothing that an analyte has")
    return found


def units(rows: Iterable[Row]) -> dict[str, dict[str, Conversion]]:
    """units.csv: each analyte's units; one without a name allows a bare number."""
    found: dict[str, dict[str, Conversion]] = {}
    for row in rows:
        offset = Decimal(row["offset"] or 0)
        factor, low, high = (Decimal(row[key]) for key in ("factor", "low", "high"))
        if factor <= 0:
            raise ValueError(f"{row['analyte']} {row['unit']}: a factor is above 0")
        found.setdefault(row["analyte"], {})[row["unit"]] = Conversion(factor, low, high, offset)
    return found


def findings(
    rows: Iterable[Row],
    answers: Mapping[str, Mapping[Code, str]] = NONE,
    words: Mapping[str, Words] = NONE,
) -> Findings:
    """findings.csv: a code a line; label and greatest age are the same on all lines of a name.

    A line without a code only names the finding: a site may file it under a code of its own.
    """
    kinds: dict[str, FindingKind] = {}
    codes: dict[Code, str] = {}
    for row in rows:
        kind = FindingKind(row["name"], row["label"], int(row["max_age_days"]))
        code = (row["system"], row["code"])
        if kinds.setdefault(kind.name, kind) != kind or code in codes:
            raise ValueError(f"{kind.name} {row['code']} contradicts another line")
        if row["code"]:
            codes[code] = kind.name
    return Findings(kinds, codes, answers, words)


def finding_answers(rows: Iterable[Row]) -> dict[str, dict[Code, str]]:
    """finding_answers.csv: what a coded answer means; without a finding, for all that name none."""
    found: dict[str, dict[Code, str]] = {}
    for row in rows:
        found.setdefault(row["finding"], {})[row["system"], row["code"]] = row["means"]
    return found


def finding_words(rows: Iterable[Row]) -> dict[str, Words]:
    """finding_words.csv: the same of words, which are looked for line by line."""
    found: dict[str, Words] = {}
    for row in rows:
        try:
            pattern = re.compile(rf"\b(?:{row['pattern']})\b", re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"{row['pattern']} is no pattern: {error}") from error
        found[row["finding"]] = (*found.get(row["finding"], ()), (row["means"], pattern))
    return found


def drug_classes(rows: Iterable[Row]) -> dict[str, frozenset[str]]:
    """drug_classes.csv: a drug of a class a line."""
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["class"], set()).add(row["drug"])
    return {name: frozenset(drugs) for name, drugs in found.items()}


def orderables(rows: Iterable[Row]) -> dict[str, GeneTest]:
    """orderables.csv: tests that a rule may propose; one without a code is ordered in words."""
    return {r["name"]: GeneTest(r["system"], r["code"], r["display"]) for r in rows}


def relatives(rows: Iterable[Row]) -> dict[str, tuple[str, Decimal | None]]:
    """family_history.csv: a disease of relatives, and the age it began under, if one is set."""
    return {
        row["name"]: (row["condition"], Decimal(row["below_age"]) if row["below_age"] else None)
        for row in rows
    }


def vocabulary(rows: Iterable[Row], tables: Mapping[str, Iterable[Row]]) -> Vocabulary:
    """elements.csv, and the names that elements take: from the other *tables* by their name."""
    elements = {
        row["name"]: Element(
            row["name"],
            row["kind"],
            row["unit"],
            row["label"],
            row["argument"],
            tuple(row["asks"].split()),
            tuple(row["reads"].split()),
        )
        for row in rows
    }
    names = {
        "condition": {row["name"]: row["name"].replace("-", " ") for row in tables["conditions"]}
        | {row["name"]: row["label"] for row in tables["condition_names"]},
        "drug": {row["name"]: row["name"] for row in tables["drugs"]}
        | {row["class"]: row["label"] for row in tables["drug_class_names"]},
        "finding": {row["name"]: row["label"] for row in tables["findings"]}
        | {row["name"]: row["label"] for row in tables["markers"]},
        "relative": {row["name"]: row["label"] for row in tables["family_history"]},
    }
    return Vocabulary(elements, names)


def _frozen(found: Mapping[K, set[str]]) -> dict[K, frozenset[str]]:
    return {key: frozenset(names) for key, names in found.items()}


def _strength(text: str) -> Strength:
    drug, value, unit = text.rsplit(" ", 2)
    return Strength(drug, None if value == "?" else Decimal(value), "" if unit == "?" else unit)


def _code(text: str) -> Code:
    system, _, code = text.partition(":")
    return system, code


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
