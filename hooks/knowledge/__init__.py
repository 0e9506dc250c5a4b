"""What the service knows: read once, at start-up, from the files beside this module.

This is the one module of `hooks` that reads files. The files hold codes only in CSV tables and in
the genes' `reported_as`; rules name drugs, genes and conditions.
"""

import csv
import hashlib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from marshmallow import Schema, ValidationError

from hooks.clinical.codes import (
    Code,
    Coding,
    ConditionCodes,
    Drug,
    DrugTables,
    Product,
    ReportTables,
    ResultCode,
)
from hooks.clinical.genes import Gene, GeneTest
from hooks.clinical.guidelines import Guideline
from hooks.knowledge import build, tables
from hooks.knowledge.schemas import GeneFile, GuidelineFile, SourceTable, lines

__all__ = ["Knowledge", "KnowledgeError", "Source", "load"]


class KnowledgeError(Exception):
    """The knowledge files cannot be used; *problems* says where and why, one a line."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file's facts were read: what stands on the card as its source."""

    id: str
    title: str
    label: str
    licence: str
    read: str
    url: str = ""
    pmid: str = ""
    year: int | None = None
    version: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Everything the service knows; *version* is the content hash of its files."""

    genes: Mapping[str, Gene]
    guidelines: tuple[Guideline, ...]
    sources: Mapping[str, Source]
    drugs: Mapping[str, Drug]
    products: Mapping[str, Product]  # RxNorm code of a product -> what it holds
    conditions: ConditionCodes
    result_codes: Mapping[Code, ResultCode]
    answers: Mapping[Code, str]
    phenotype_terms: Mapping[str, str]
    override_reasons: tuple[Coding, ...] = ()
    version: str = ""
    retired: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def rules_by_drug(self) -> Mapping[str, tuple[Guideline, ...]]:
        """The active rules of each drug that has any."""
        found: dict[str, list[Guideline]] = {}
        for rule in self.guidelines:
            for drug in rule.drugs if rule.status == "active" else ():
                found.setdefault(drug, []).append(rule)
        return {drug: tuple(rules) for drug, rules in found.items()}

    def with_drafts(self) -> "Knowledge":
        """The same knowledge, with its draft rules judged as if they were active."""
        rules = (
            replace(rule, status="active") if rule.status == "draft" else rule
            for rule in self.guidelines
        )
        return replace(self, guidelines=tuple(rules))

    def rules_for(self, drug: str) -> tuple[Guideline, ...]:
        """The active rules of *drug*."""
        return self.rules_by_drug.get(drug, ())

    def test_for(self, symbol: str, allele: str = "") -> GeneTest | None:
        """The test that tells gene *symbol*; for HLA, the one for *allele*."""
        for (system, code), result in self.result_codes.items():
            if allele and (result.gene, result.allele) == (symbol, allele):
                return GeneTest(system, code, result.display)
        return self.genes[symbol].test

    @cached_property
    def report_tables(self) -> ReportTables:
        """The tables that reading a genetic report takes."""
        names: dict[str, str] = {}
        for gene in self.genes.values():
            for name in (gene.symbol, gene.hgnc, gene.hgnc.removeprefix("HGNC:")):
                names[name.casefold()] = gene.symbol
        return ReportTables(
            self.result_codes, self.answers, self.phenotype_terms, self.genes, names
        )

    @cached_property
    def drug_tables(self) -> DrugTables:
        """The tables that reading an order takes."""
        return DrugTables(self.products, self.drug_codes, self.drug_words, self.conditions)

    @cached_property
    def drug_codes(self) -> Mapping[Code, tuple[str, ...]]:
        """Ingredient and ATC codes -> our drugs; a combination's ATC code may have several."""
        found: dict[Code, tuple[str, ...]] = {}
        for drug in self.drugs.values():
            for code in drug.codes:
                found[code] = (*found.get(code, ()), drug.name)
        return found

    @cached_property
    def drug_words(self) -> Mapping[str, frozenset[str]]:
        """Names, synonyms and brands in lower case -> our drugs: for text, word by word."""
        found: dict[str, set[str]] = {}
        for drug in self.drugs.values():
            for word in drug.words:
                found.setdefault(word.casefold(), set()).add(drug.name)
        for product in self.products.values():
            if product.brand:
                found.setdefault(product.brand.casefold(), set()).update(product.drugs)
        return {word: frozenset(drugs) for word, drugs in found.items()}


def load(root: Traversable | None = None, site: Traversable | None = None) -> Knowledge:
    """Read and check every file under *root*; one KnowledgeError tells all problems.

    *site* is a folder with guidelines/ and sources.toml of the site's own, read in addition.
    """
    root = root or files(__name__)
    problems: list[str] = []
    genes = list(_built(root / "genes", GeneFile(), build.gene, problems))
    guidelines: list[tuple[dict[str, Any], Guideline]] = []
    sources: list[Source] = []
    for folder in (root, *([site] if site is not None else [])):
        guidelines += _built(folder / "guidelines", GuidelineFile(), build.guideline, problems)
        sources += _sources(folder / "sources.toml", problems)
    if problems:
        raise KnowledgeError(problems)
    try:
        return _knowledge((root, site), genes, guidelines, sources)
    except (KeyError, ValueError) as error:
        raise KnowledgeError([f"a table cannot be read: {error}"]) from error


def _knowledge(
    folders: tuple[Traversable, Traversable | None],
    genes: list[tuple[dict[str, Any], Gene]],
    guidelines: list[tuple[dict[str, Any], Guideline]],
    sources: list[Source],
) -> Knowledge:
    root, site = folders
    codes = tables.result_codes(_rows(root / "result_codes.csv"))
    for table, gene in genes:
        codes |= tables.gene_codes(gene.symbol, table["reported_as"])
    return Knowledge(
        genes={gene.symbol: gene for _, gene in genes},
        guidelines=tuple(guideline for _, guideline in guidelines),
        sources={source.id: source for source in sources},
        drugs=tables.drugs(_rows(root / "drugs.csv")),
        products=tables.products(_rows(root / "drug_products.csv")),
        conditions=tables.conditions(_rows(root / "conditions.csv")),
        result_codes=codes,
        answers=tables.answers(_rows(root / "result_answers.csv")),
        phenotype_terms=tables.phenotype_terms(_rows(root / "phenotype_terms.csv")),
        override_reasons=tables.codings(_rows(root / "override_reasons.csv")),
        version=_version(root, site),
        retired=frozenset(row["id"] for row in _rows(root / "retired.csv")),
    )


def _built(
    folder: Traversable,
    schema: Schema,
    make: Callable[[Mapping[str, Any]], Any],
    problems: list[str],
) -> Iterator[tuple[dict[str, Any], Any]]:
    for file in _toml_files(folder):
        try:
            table = schema.load(tomllib.loads(file.read_text("utf-8")))
            yield table, make(table)
        except ValidationError as error:
            problems += [f"{file.name}: {line}" for line in lines(error.messages)]
        except (tomllib.TOMLDecodeError, ValueError) as error:
            problems.append(f"{file.name}: {error}")


def _sources(file: Traversable, problems: list[str]) -> Iterator[Source]:
    for name, table in tomllib.loads(file.read_text("utf-8")).items():
        try:
            yield Source(name, **SourceTable().load(table))
        except ValidationError as error:
            problems += [f"{file.name}: {name}.{line}" for line in lines(error.messages)]


def _toml_files(folder: Traversable) -> list[Traversable]:
    found = (file for file in folder.iterdir() if file.name.endswith(".toml"))
    return sorted(found, key=lambda file: file.name)


def _rows(file: Traversable) -> Iterable[dict[str, str]]:
    with file.open(encoding="utf-8") as text:
        yield from csv.DictReader(text)


def _version(root: Traversable, site: Traversable | None) -> str:
    """The first 12 digits of the SHA-256 over names and contents of all knowledge files."""
    digest = hashlib.sha256()
    folders = [root / "genes", root / "guidelines", root]
    if site is not None:
        folders += [site / "guidelines", site]
    for folder in folders:
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith((".toml", ".csv")):
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]
