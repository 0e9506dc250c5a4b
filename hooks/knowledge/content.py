"""What the service knows, as one value: looked up by drug, by name and by code."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import TypeVar

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
from hooks.knowledge import markers
from hooks.knowledge.repeating import Mutes, Repeats

R = TypeVar("R", bound=Guideline)


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
    def active(self) -> tuple[Guideline, ...]:
        """The rules that are judged, of both kinds."""
        return tuple(rule for rule in self.rules if rule.status == "active")

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

    def alternatives_to(self, drugs: Iterable[str]) -> frozenset[str]:
        """The other drugs that some active rule of *drugs* names instead."""
        rules = (r for d in drugs for r in (*self.rules_for(d), *self.biomarkers_for(d)))
        return frozenset(other.drug for rule in rules for other in rule.alternatives)

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


def _by_drug(rules: Iterable[R]) -> dict[str, tuple[R, ...]]:
    found: dict[str, list[R]] = {}
    for rule in rules:
        for drug in rule.drugs if rule.status == "active" else ():
            found.setdefault(drug, []).append(rule)
    return {drug: tuple(listed) for drug, listed in found.items()}
