"""The files that knowledge is read from: TOML for what has structure, CSV for lists.

What cannot be read goes to a list of *problems*, so that all of them are told together.
"""

import csv
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.resources.abc import Traversable
from typing import Any

from marshmallow import Schema, ValidationError

from hooks.knowledge.content import Source
from hooks.knowledge.expressions import meant
from hooks.knowledge.schemas import SourceTable, keys_of, lines

Row = dict[str, str]
TABLES = {
    "drugs": ("name", "rxnorm", "atc", "synonyms"),
    "drug_products": ("rxnorm", "display", "strengths", "others", "form", "brand"),
    "conditions": ("name", "system", "code", "display", "match"),
    "condition_names": ("name", "label", "words"),
    "result_codes": ("system", "code", "display", "holds"),
    "result_answers": ("system", "code", "display", "means"),
    "phenotype_terms": ("text", "means"),
    "override_reasons": ("system", "code", "display"),
    "inhibitors": ("gene", "drug", "role", "strength", "factor", "checked"),
    "retired": ("id",),
    "elements": ("name", "kind", "unit", "label", "argument", "asks", "reads"),
    "drug_classes": ("class", "drug"),
    "drug_class_names": ("class", "label"),
    "findings": ("name", "system", "code", "display", "label", "max_age_days"),
    "analyte_notes": ("name", "what", "system", "code", "value"),
    "finding_answers": ("finding", "system", "code", "means"),
    "finding_words": ("finding", "means", "pattern"),
    "markers": (
        *("name", "label", "method", "parts", "genes", "negative_in", "pattern", "ruled_out"),
        *("source_class", "pathogenic", "zygosity", "both_copies", "code_text", "positive"),
        "negative",
    ),
    "marker_genes": ("symbol", "hgnc", "synonyms"),
    "marker_tests": ("marker", "system", "code", "display", "part"),
    "marker_answers": ("system", "code", "display", "means"),
    "family_history": ("name", "label", "condition", "below_age"),
    "orderables": ("name", "system", "code", "display"),
    "analytes": ("name", "system", "code", "display", "unit", "max_age_days"),
    "units": ("analyte", "unit", "factor", "offset", "low", "high"),
    "allele_variants": (
        *("gene", "allele", "chromosome", "position", "ref", "alt", "shift", "rsid"),
        *("position_37", "ref_37", "source", "source_37"),
    ),
    "variant_genes": ("gene", "reference", "copies", "rule", "not_called", "transcript", "source"),
    "variant_names": ("gene", "name", "position", "ref", "alt", "source"),
    "reference_sequences": ("accession", "assembly", "chromosome", "source"),
}


UNKNOWN_KEY = "Unknown field."  # as marshmallow says it
RULE_NUMBER = re.compile(r"rule\.(\d+)\b")
SITE_TABLES = ("drug_products", "analytes", "findings")  # to which a site may add rows
SITE_KINDS = ("guidelines", "biomarkers")  # the folders that a site may have


def folders(root: Traversable, site: Traversable | None, kind: str) -> list[Traversable]:
    """Our folder of this *kind*, and the site's if it has one."""
    own = [site / kind] if site is not None and (site / kind).is_dir() else []
    return [root / kind, *own]


def lint_site(site: Traversable) -> Iterator[str]:
    """A site's folder that adds nothing: perhaps one in it has another name than it should."""
    found = any((site / kind).is_dir() for kind in SITE_KINDS)
    if not found and not any((site / f"{name}.csv").is_file() for name in SITE_TABLES):
        kinds, tables = ", ".join(f"{kind}/" for kind in SITE_KINDS), ", ".join(SITE_TABLES)
        yield f"{site.name}: has none of {kinds} and no table of {tables}"


def read_folder(
    folder: Traversable,
    schema: Schema,
    make: Callable[[Mapping[str, Any]], Any],
    problems: list[str],
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each TOML file of *folder* as *schema* reads it, and what *make* makes of it."""
    if not folder.is_dir():
        problems.append(f"{folder.name}: no such folder")
        return
    for file in _toml_files(folder):
        try:
            raw = tomllib.loads(file.read_text("utf-8"))
        except ValueError as error:
            problems.append(f"{file.name}: {error}")
            continue
        try:
            table = {**schema.load(raw), "file": file.name}
            yield table, make(table)
        except ValidationError as error:
            problems += [f"{file.name}: {line}" for line in _told(error, raw, schema)]
        except ValueError as error:
            problems += [f"{file.name}: {line}" for line in str(error).splitlines()]


def _told(error: ValidationError, raw: Mapping[str, Any], schema: Schema) -> Iterator[str]:
    """The lines of *error*: which rule each is about, and which key may have been meant."""
    for line in lines(error.messages):
        place, _, problem = line.partition(": ")
        if problem == UNKNOWN_KEY:
            near = meant(place.rpartition(".")[2], keys_of(schema))
            line = f"{line.rstrip('.')}{near}" if near else line
        number = RULE_NUMBER.match(place)
        rule = raw["rule"][int(number[1])] if number else {}
        name = rule.get("id") if isinstance(rule, dict) else None
        yield f"{name}: {line}" if isinstance(name, str) else line


def read_sources(file: Traversable, problems: list[str]) -> Iterator[Source]:
    """The entries of a sources.toml."""
    try:
        listed = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        problems.append(f"{file.name}: {error}")
        return
    for name, table in listed.items():
        try:
            yield Source(name, **SourceTable().load(table))
        except ValidationError as error:
            messages = error.messages if isinstance(error.messages, dict) else {"": error.messages}
            problems += [f"{file.name}: {name}.{line}" for line in lines(messages)]


def read_table(file: Traversable, problems: list[str]) -> list[Row]:
    """The rows of a CSV file.

    A row of another length than its header is a problem, and so is a character that nobody sees:
    two displays that look the same would differ.
    """
    rows: list[Row] = []
    try:
        with file.open(encoding="utf-8") as text:
            reader = csv.reader(text)
            header = next(reader, [])
            for cells in filter(None, reader):
                if len(cells) != len(header):
                    problems.append(f"{file.name}: line {reader.line_num}: {len(cells)} cells")
                elif not all(map(str.isprintable, cells)):
                    problems.append(f"{file.name}: line {reader.line_num}: an invisible character")
                else:
                    rows.append(dict(zip(header, cells, strict=True)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(f"{file.name}: {error}")
        return rows
    missing = [name for name in TABLES[file.name.removesuffix(".csv")] if name not in header]
    if missing:
        problems.append(f"{file.name}: no column {', '.join(missing)}")
        return []
    return rows


def read_site_table(site: Traversable | None, name: str, problems: list[str]) -> list[Row]:
    """The rows that a site adds to a table of ours, e.g. the products of its own RxNorm release."""
    if site is None or not (site / f"{name}.csv").is_file():
        return []
    return read_table(site / f"{name}.csv", problems)


def content_hash(root: Traversable, site: Traversable | None) -> str:
    """The first 12 digits of the SHA-256 over names and contents of all knowledge files."""
    digest = hashlib.sha256()
    kinds = ("genes", "guidelines", "biomarkers", "models")
    hashed = [*(root / kind for kind in kinds), root]
    if site is not None:
        hashed += [*(site / kind for kind in SITE_KINDS), site]
    for folder in (folder for folder in hashed if folder.is_dir()):
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith((".toml", ".csv")):
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def _toml_files(folder: Traversable) -> list[Traversable]:
    found = (file for file in folder.iterdir() if file.name.endswith(".toml"))
    return sorted(found, key=lambda file: file.name)
