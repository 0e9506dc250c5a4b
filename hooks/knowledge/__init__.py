"""What the service knows: read once, at start-up, from the files beside this module.

This is the one module of `hooks` that reads files. The files hold codes only in CSV tables and in
the genes' `reported_as`; rules name drugs, genes and conditions.
"""

import csv
import hashlib
import tomllib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, cached_property, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from operator import itemgetter
from typing import Any, TypeVar

from marshmallow import Schema, ValidationError

from hooks.clinical.analytes import AnalyteTables
from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.codes import (
    Code,
    Coding,
    ConditionCodes,
    Drug,
    DrugNames,
    DrugTables,
    Findings,
    Product,
    ReportTables,
    ResultCode,
)
from hooks.clinical.elements import Vocabulary
from hooks.clinical.genes import Gene, GeneTest
from hooks.clinical.guidelines import Guideline
from hooks.clinical.loci import Loci
from hooks.clinical.markers import Markers
from hooks.clinical.models.model import Model
from hooks.clinical.phenoconversion import Modifiers
from hooks.clinical.restrictions import Restrictions
from hooks.knowledge import biomarkers, build, equations, markers, tables, variants
from hooks.knowledge.repeating import Mutes, Repeats
from hooks.knowledge.schemas import GeneFile, GuidelineFile, SourceTable, lines

T = TypeVar("T")
R = TypeVar("R", bound=Guideline)
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
    modifiers: Modifiers = field(default_factory=dict)  # inhibitors and inducers
    override_reasons: tuple[Coding, ...] = ()
    analytes: AnalyteTables = field(default_factory=lambda: AnalyteTables({}, {}))
    models: Mapping[str, Model] = field(default_factory=dict)
    least: Mapping[str, str] = field(default_factory=dict)  # hook -> the least that is shown
    restrictions: Restrictions = field(default_factory=Restrictions)  # the site's word on labels
    repeats: Repeats = field(default_factory=Repeats)
    mutes: Mutes = field(default_factory=Mutes)
    version: str = ""
    retired: frozenset[str] = field(default_factory=frozenset)
    loci: Loci = field(default_factory=Loci)
    biomarkers: tuple[BiomarkerRule, ...] = ()
    words: Vocabulary = field(default_factory=Vocabulary)
    drug_classes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    markers: Markers = field(default_factory=Markers)
    orderables: Mapping[str, GeneTest] = field(default_factory=dict)
    relatives: Mapping[str, tuple[str, Decimal | None]] = field(default_factory=dict)
    country: str = ""  # of the site, ISO 3166-1
    most_cards: int = 5  # of a call; 0 for any number

    @cached_property
    def rules_by_drug(self) -> Mapping[str, tuple[Guideline, ...]]:
        """The active guidelines of each drug that has any."""
        return _by_drug(self.guidelines)

    @cached_property
    def biomarkers_by_drug(self) -> Mapping[str, tuple[BiomarkerRule, ...]]:
        """The active rules on data elements of each drug that has any."""
        return _by_drug(rule for rule in self.biomarkers if rule.at == "order")

    @cached_property
    def chart_rules(self) -> tuple[BiomarkerRule, ...]:
        """The active rules that are judged when a chart is opened."""
        return tuple(r for r in self.biomarkers if r.at != "order" and r.status == "active")

    def with_drafts(self) -> "Knowledge":
        """The same knowledge, with its draft rules judged as if they were active."""
        return self._with(frozenset({"draft"}))

    def with_all(self) -> "Knowledge":
        """The same knowledge, its drafts and what is off by default judged as if active."""
        return self._with(frozenset({"draft", "off"}))

    def _with(self, statuses: frozenset[str]) -> "Knowledge":
        def active(rule: R) -> R:
            return replace(rule, status="active") if rule.status in statuses else rule

        guidelines = tuple(active(rule) for rule in self.guidelines)
        return replace(
            self, guidelines=guidelines, biomarkers=tuple(active(each) for each in self.biomarkers)
        )

    @property
    def rules(self) -> tuple[Guideline, ...]:
        """Every rule: the guidelines, then those on data elements."""
        return (*self.guidelines, *self.biomarkers)

    @cached_property
    def modified_genes(self) -> frozenset[str]:
        """The genes whose enzyme some drug inhibits or induces."""
        return frozenset(m.gene for found in self.modifiers.values() for m in found)

    @cached_property
    def measures(self) -> frozenset[str]:
        """The analytes that the active guidelines measure."""
        rules = [rule for rules in self.rules_by_drug.values() for rule in rules]
        named = {name for rule in rules for name in rule.measures}
        return frozenset(named & self.analytes.analytes.keys())

    @cached_property
    def inhibitable(self) -> frozenset[str]:
        """The genes of which an inhibitor changes some rule's advice."""
        rules = [rule for rules in self.rules_by_drug.values() for rule in rules]
        told = (gene for rule in rules for each in rule.inhibited for gene, _ in each.by)
        return frozenset(gene for rule in rules for gene in rule.adjusts) | frozenset(told)

    def inhibits(self, drug: str) -> bool:
        """Whether *drug* inhibits an enzyme so that the advice on another drug may change."""
        return any(
            m.role == "inhibitor" and m.gene in self.inhibitable
            for m in self.modifiers.get(drug, ())
        )

    def rules_for(self, drug: str) -> tuple[Guideline, ...]:
        """The active guidelines of *drug*."""
        return self.rules_by_drug.get(drug, ())

    def biomarkers_for(self, drug: str) -> tuple[BiomarkerRule, ...]:
        """The active rules on data elements of *drug*."""
        return self.biomarkers_by_drug.get(drug, ())

    def codes_of(self, names: Container[str]) -> set[Code]:
        """The codes of the analytes and findings of these *names*."""
        filed = (*self.analytes.codes.items(), *self.findings.codes.items())
        return {code for code, name in filed if name in names}

    def marker_codes(self, names: Container[str]) -> set[Code]:
        """The codes under which results of the markers of these *names* are asked for."""
        return self.markers.codes_of(names)

    def with_tumours_hushed(self, rule: BiomarkerRule) -> BiomarkerRule:
        """*rule*; one on tumours does not tell that a result of the tumour was never recorded."""
        return replace(rule, hushed=markers.of_tumour(rule, self.markers, self.analytes))

    def equation_of(self, rule: Guideline) -> Source | None:
        """The source of the equation that *rule* doses by, if it does."""
        return self.sources[self.models[rule.dosing.model].source] if rule.dosing else None

    def sources_of(self, rule: Guideline) -> tuple[Source, ...]:
        """Where *rule* was read, and the equation that it doses by."""
        equation = self.equation_of(rule)
        return (self.sources[rule.source], *((equation,) if equation else ()))

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
                if name:
                    names[name.casefold()] = gene.symbol
        codes = {**self.rsid_codes, **self.result_codes}
        words = frozenset(code for _, code in codes)
        terms = self.phenotype_terms
        return ReportTables(codes, self.answers, terms, self.genes, names, words, self.loci)

    @cached_property
    def rsid_codes(self) -> Mapping[Code, ResultCode]:
        """The dbSNP codes under which a variant of a gene that we know may be filed."""
        return {
            ("dbsnp", rsid): ResultCode("variant", rsid, site.gene)
            for rsid, site in self.loci.rsids.items()
            if site.gene in self.genes
        }

    @cached_property
    def drug_tables(self) -> DrugTables:
        """The tables that reading an order takes."""
        return DrugTables(self.products, self.drug_codes, self.drug_words, self.conditions)

    @cached_property
    def drug_codes(self) -> Mapping[Code, tuple[str, ...]]:
        """Ingredient and ATC codes -> our drugs; a combination's code may have several.

        A fixed combination is a drug of its own, and its parts are there as well.
        """
        found: dict[Code, dict[str, None]] = {}
        for drug in self.drugs.values():
            parts = [part for part in drug.parts if part in self.drugs]
            for code in drug.codes:
                found.setdefault(code, {}).update(dict.fromkeys((drug.name, *parts)))
        return {code: tuple(drugs) for code, drugs in found.items()}

    @cached_property
    def drug_words(self) -> DrugNames:
        """Names, synonyms and brands -> our drugs."""
        names = [(name, [drug.name]) for drug in self.drugs.values() for name in drug.words]
        brands = [(product.brand, product.drugs) for product in self.products.values()]
        return DrugNames.of([*names, *filter(itemgetter(0), brands)], self.drugs.values())


@cache
def _shipped() -> Knowledge:
    """What is shipped: it does not change while a process runs, so it is read once."""
    return _load(files(__name__), None)


def load(root: Traversable | None = None, site: Traversable | None = None) -> Knowledge:
    """Read and check every file under *root*; one KnowledgeError tells all problems.

    *site* is a folder with guidelines/ and sources.toml of the site's own, read in addition, and
    perhaps with a drug_products.csv, whose rows take the place of ours, and with an analytes.csv
    or a findings.csv, whose rows file results that we know under codes of the site's own.
    """
    return _shipped() if root is None and site is None else _load(root or files(__name__), site)


def _load(root: Traversable, site: Traversable | None) -> Knowledge:
    problems: list[str] = []
    genes = list(_built(root / "genes", GeneFile(), build.gene, problems))
    models = list(_built(root / "models", equations.ModelFile(), equations.model, problems))
    guidelines: list[tuple[dict[str, Any], Guideline]] = []
    sources: list[Source] = []
    for folder in (root, *([site] if site is not None else [])):
        guidelines += _built(folder / "guidelines", GuidelineFile(), build.guideline, problems)
        sources += _sources(folder / "sources.toml", problems)
    names = [
        [gene.symbol for _, gene in genes],
        [source.id for source in sources],
        [model.name for _, model in models],
    ]
    problems += [f"{name}: is there twice" for found in names for name in _twice(found)]
    rows = {name: _table(root / f"{name}.csv", problems) for name in TABLES}
    own = _site_table(site, "drug_products", problems)
    for name in ("analytes", "findings"):
        rows[name] += _site_table(site, name, problems)
    for name, key, table in (
        ("drugs", "name", rows["drugs"]),
        ("drug_products", "rxnorm", rows["drug_products"]),
        ("drug_products", "rxnorm", own),
    ):
        found = _twice([row[key] for row in table])
        problems += [f"{name}.csv: {value} is there twice" for value in found]
    rows["drug_products"] += own  # a later row of the same code wins
    if problems:
        raise KnowledgeError(problems)
    knowledge = _knowledge(rows, genes, [guideline for _, guideline in guidelines], problems)
    knowledge = replace(knowledge, biomarkers=_biomarkers(root, site, knowledge, problems))
    if problems:
        raise KnowledgeError(problems)
    return replace(
        knowledge,
        models={model.name: model for _, model in models},
        sources={source.id: source for source in sources},
        version=_version(root, site),
    )


def _knowledge(
    rows: Mapping[str, list[Row]],
    genes: list[tuple[dict[str, Any], Gene]],
    guidelines: list[Guideline],
    problems: list[str],
) -> Knowledge:
    """The knowledge of tables that were read; what their rows do not hold goes to *problems*."""

    def read(make: Callable[[Iterable[Row]], T], name: str) -> T:
        try:
            return make(rows[name])
        except (KeyError, ValueError, ArithmeticError, AttributeError) as error:
            problems.append(f"{name}.csv: a row cannot be read: {error}")
            return make([])

    codes = read(tables.result_codes, "result_codes")
    units, notes = read(tables.units, "units"), read(tables.analyte_notes, "analyte_notes")
    coded = read(tables.finding_answers, "finding_answers")
    said = read(tables.finding_words, "finding_words")
    for table, gene in genes:
        codes |= tables.gene_codes(gene.symbol, table["reported_as"])
    answers = read(tables.answers, "result_answers")
    told = answers | read(tables.answers, "marker_answers")
    reports = ReportTables(codes, told, {}, {}, read(markers.gene_names, "marker_genes"))
    tests = read(markers.marker_tests, "marker_tests")
    return Knowledge(
        genes={gene.symbol: gene for _, gene in genes},
        guidelines=tuple(guidelines),
        sources={},
        drugs=read(tables.drugs, "drugs"),
        products=read(tables.products, "drug_products"),
        conditions=read(
            lambda found: tables.conditions(found, rows["condition_names"]), "conditions"
        ),
        result_codes=codes,
        answers=answers,
        phenotype_terms=read(tables.phenotype_terms, "phenotype_terms"),
        modifiers=read(tables.modifiers, "inhibitors"),
        override_reasons=read(tables.codings, "override_reasons"),
        analytes=read(lambda found: tables.analytes(found, units, notes), "analytes"),
        retired=frozenset(row["id"] for row in rows["retired"]),
        loci=_loci(rows, problems),
        words=read(lambda found: tables.vocabulary(found, rows), "elements"),
        drug_classes=read(tables.drug_classes, "drug_classes"),
        findings=read(lambda found: tables.findings(found, coded, said), "findings"),
        markers=read(lambda found: markers.markers(found, tests, reports), "markers"),
        orderables=read(tables.orderables, "orderables"),
        relatives=read(tables.relatives, "family_history"),
    )


def _biomarkers(
    root: Traversable, site: Traversable | None, knowledge: Knowledge, problems: list[str]
) -> tuple[BiomarkerRule, ...]:
    """The rules of every topic; neither we nor a site need have any."""
    found: list[BiomarkerRule] = []
    for folder in (root, *([site] if site is not None else [])):
        if (folder / "biomarkers").is_dir():
            words, classes = knowledge.words, knowledge.drug_classes
            read = partial(biomarkers.rules, words=words, classes=classes)
            built = _built(folder / "biomarkers", biomarkers.BiomarkerFile(), read, problems)
            found += [rule for _, rules in built for rule in rules]
    problems += [f"{name}: is there twice" for name in _twice([rule.id for rule in found])]
    return tuple(knowledge.with_tumours_hushed(rule) for rule in found)


def _by_drug(rules: Iterable[R]) -> dict[str, tuple[R, ...]]:
    found: dict[str, list[R]] = {}
    for rule in rules:
        for drug in rule.drugs if rule.status == "active" else ():
            found.setdefault(drug, []).append(rule)
    return {drug: tuple(listed) for drug, listed in found.items()}


def _loci(rows: Mapping[str, list[Row]], problems: list[str]) -> Loci:
    """The positions that tell alleles apart, by all their names."""
    try:
        defined = variants.definitions(rows["variant_genes"], rows["allele_variants"])
        named = ("variant_genes", "allele_variants", "variant_names", "reference_sequences")
        return variants.loci(defined, *(rows[name] for name in named))
    except (KeyError, ValueError) as error:
        problems.append(f"allele_variants.csv: a row cannot be read: {error}")
        return Loci()


def _twice(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _built(
    folder: Traversable,
    schema: Schema,
    make: Callable[[Mapping[str, Any]], Any],
    problems: list[str],
) -> Iterator[tuple[dict[str, Any], Any]]:
    if not folder.is_dir():
        problems.append(f"{folder.name}: no such folder")
        return
    for file in _toml_files(folder):
        try:
            table = schema.load(tomllib.loads(file.read_text("utf-8")))
            yield table, make(table)
        except ValidationError as error:
            problems += [f"{file.name}: {line}" for line in lines(error.messages)]
        except (tomllib.TOMLDecodeError, ValueError) as error:
            problems.append(f"{file.name}: {error}")


def _sources(file: Traversable, problems: list[str]) -> Iterator[Source]:
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


def _toml_files(folder: Traversable) -> list[Traversable]:
    found = (file for file in folder.iterdir() if file.name.endswith(".toml"))
    return sorted(found, key=lambda file: file.name)


def _table(file: Traversable, problems: list[str]) -> list[Row]:
    """The rows of a CSV file; a row of another length than its header is a problem."""
    rows: list[Row] = []
    try:
        with file.open(encoding="utf-8") as text:
            reader = csv.reader(text)
            header = next(reader, [])
            for cells in filter(None, reader):
                if len(cells) == len(header):
                    rows.append(dict(zip(header, cells, strict=True)))
                else:
                    problems.append(f"{file.name}: line {reader.line_num}: {len(cells)} cells")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(f"{file.name}: {error}")
        return rows
    missing = [name for name in TABLES[file.name.removesuffix(".csv")] if name not in header]
    if missing:
        problems.append(f"{file.name}: no column {', '.join(missing)}")
        return []
    return rows


def _site_table(site: Traversable | None, name: str, problems: list[str]) -> list[Row]:
    """The rows that a site adds to a table of ours, e.g. the products of its own RxNorm release."""
    if site is None or not (site / f"{name}.csv").is_file():
        return []
    return _table(site / f"{name}.csv", problems)


def _version(root: Traversable, site: Traversable | None) -> str:
    """The first 12 digits of the SHA-256 over names and contents of all knowledge files."""
    digest = hashlib.sha256()
    kinds = ("genes", "guidelines", "biomarkers", "models")
    folders = [*(root / kind for kind in kinds), root]
    if site is not None:
        folders += [site / "guidelines", site / "biomarkers", site]
    for folder in (folder for folder in folders if folder.is_dir()):
        for file in sorted(folder.iterdir(), key=lambda file: file.name):
            if file.name.endswith((".toml", ".csv")):
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]
