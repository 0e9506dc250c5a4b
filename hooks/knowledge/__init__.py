"""What the service knows: read once, at start-up, from the files beside this module.

This is the one package of `hooks` that reads files. They hold codes only in CSV tables and in
the genes' `reported_as`; rules name drugs, genes and conditions.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache, partial
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.codes import ReportTables
from hooks.clinical.genes import Gene
from hooks.clinical.guidelines import Guideline
from hooks.clinical.loci import Loci
from hooks.knowledge import biomarkers, build, equations, markers, tables, variants
from hooks.knowledge.content import Knowledge, Source
from hooks.knowledge.files import (
    TABLES,
    Row,
    content_hash,
    folders,
    lint_site,
    read_folder,
    read_site_table,
    read_sources,
    read_table,
)
from hooks.knowledge.schemas import GeneFile, GuidelineFile

T = TypeVar("T")

__all__ = ["Knowledge", "KnowledgeError", "Source", "load"]


class KnowledgeError(Exception):
    """The knowledge files cannot be used; *problems* says where and why, one a line."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@cache
def _shipped() -> Knowledge:
    """What is shipped: it does not change while a process runs, so it is read once."""
    return _load(resources.files(__name__), None)


def load(root: Traversable | None = None, site: Traversable | None = None) -> Knowledge:
    """Read and check every file under *root*; one KnowledgeError tells all problems.

    *site* is a folder with a sources.toml and with guidelines/ or biomarkers/ of the site's own,
    read in addition, and perhaps with a drug_products.csv, whose rows take the place of ours, and
    with an analytes.csv or a findings.csv, whose rows file results that we know under codes of the
    site's own.
    """
    return (
        _shipped()
        if root is None and site is None
        else _load(root or resources.files(__name__), site)
    )


def _load(root: Traversable, site: Traversable | None) -> Knowledge:
    problems: list[str] = []
    genes = list(read_folder(root / "genes", GeneFile(), build.gene, problems))
    models = list(read_folder(root / "models", equations.ModelFile(), equations.model, problems))
    guidelines: list[tuple[dict[str, Any], Guideline]] = []
    listed: list[Source] = []
    for folder in folders(root, site, "guidelines"):
        guidelines += read_folder(folder, GuidelineFile(), build.guideline, problems)
    for place in (root, *([site] if site is not None else [])):
        listed += read_sources(place / "sources.toml", problems)
    problems += lint_site(site) if site is not None else []
    names = [
        [gene.symbol for _, gene in genes],
        [source.id for source in listed],
        [model.name for _, model in models],
    ]
    problems += [f"{name}: is there twice" for found in names for name in _twice(found)]
    rows = _rows(root, site, problems)
    if problems:
        raise KnowledgeError(problems)
    knowledge = _knowledge(rows, genes, [guideline for _, guideline in guidelines], problems)
    knowledge = replace(knowledge, biomarkers=_biomarkers(root, site, knowledge, problems))
    if problems:
        raise KnowledgeError(problems)
    return replace(
        knowledge,
        models={model.name: model for _, model in models},
        sources={source.id: source for source in listed},
        version=content_hash(root, site),
    )


def _rows(root: Traversable, site: Traversable | None, problems: list[str]) -> dict[str, list[Row]]:
    """The rows of every table, ours and then the site's."""
    rows = {name: read_table(root / f"{name}.csv", problems) for name in TABLES}
    own = read_site_table(site, "drug_products", problems)
    for name in ("analytes", "findings"):
        rows[name] += read_site_table(site, name, problems)
    for name, key, listed in (
        ("drugs", "name", rows["drugs"]),
        ("drug_products", "rxnorm", rows["drug_products"]),
        ("drug_products", "rxnorm", own),
    ):
        found = _twice([row[key] for row in listed])
        problems += [f"{name}.csv: {value} is there twice" for value in found]
    rows["drug_products"] += own  # a later row of the same code wins
    return rows


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
    for file, gene in genes:
        codes |= tables.gene_codes(gene.symbol, file["reported_as"])
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
    read = partial(biomarkers.rules, words=knowledge.words, classes=knowledge.drug_classes)
    for folder in folders(root, site, "biomarkers"):
        if folder.is_dir():
            built = read_folder(folder, biomarkers.BiomarkerFile(), read, problems)
            found += [rule for _, rules in built for rule in rules]
    problems += [f"{name}: is there twice" for name in _twice([rule.id for rule in found])]
    return tuple(knowledge.with_tumours_hushed(rule) for rule in found)


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
