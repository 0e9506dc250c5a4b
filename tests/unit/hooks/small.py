"""A small knowledge for tests of mechanisms: invented genes and drugs, a gene for each method."""

from dataclasses import replace
from datetime import date
from typing import Any

from hooks.clinical.codes import (
    Code,
    Coding,
    ConditionCodes,
    Drug,
    Product,
    ResultCode,
    Strength,
)
from hooks.clinical.facts import (
    AlleleStatus,
    Diplotype,
    Evidence,
    GeneResult,
    Missing,
    Order,
    PatientFacts,
    Record,
    ReportedPhenotype,
    Why,
)
from hooks.clinical.findings import Finding, judge
from hooks.clinical.genes import NO_RESULT, Gene, GeneTest
from hooks.clinical.guidelines import Action, Alternative, Branch, Guideline, Wanted
from hooks.clinical.logic import Truth
from hooks.clinical.scores import ScoreRange
from hooks.knowledge import Knowledge, Source

TODAY = date(2026, 11, 21)
DRUG = "firstin"

PAIR = Gene(
    "PAIR",
    "HGNC:1",
    "function-pair",
    {"*1": "normal", "*2": "none", "*12": "uncertain", "*42": "unassigned"},
    aliases={"wild type": "*1"},
    phenotypes={
        ("none", "none"): "Poor",
        ("none", "normal"): "Intermediate",
        ("normal", "normal"): "Normal",
        ("none", "uncertain"): "Indeterminate",
        ("normal", "uncertain"): "Indeterminate",
        ("uncertain", "uncertain"): "Indeterminate",
    },
    test=GeneTest("loinc", "1-8", "PAIR gene test"),
)
OTHER = replace(PAIR, symbol="OTHER", hgnc="HGNC:2", test=None)
SCORED = Gene(
    "SCORED",
    "HGNC:3",
    "activity-score",
    {
        "*1": "1.0",
        "*1x2": "2.0",
        "*1x≥3": "≥3.0",
        "*4": "0.0",
        "*4x≥3": "0.0",
        "*10": "0.25",
        "*22": "n/a",
        "*36": "0.0",
        "*36 + *10": "0.25",
        "*41": "0.25",
        "*41x2": "0.5",
        "*41x3": "0.75",
        "*68": "0.0",
        "*68 + *1": "1.0",
    },
    aliases={"*10+*36": "*36 + *10", "*1+*68": "*68 + *1"},
    ranges={
        "Poor": ScoreRange.parse("score 0"),
        "Intermediate": ScoreRange.parse("score > 0 and < 1.25"),
        "Normal": ScoreRange.parse("score 1.25 to 2.25"),
        "Ultrarapid": ScoreRange.parse("score > 2.25"),
    },
)
VARIANTS = Gene(
    "VARIANTS",
    "HGNC:4",
    "lowest-two",
    {
        "Reference": "1.0",
        "c.1A>G": "0.0",
        "c.2A>G": "0.5",
        "c.3A>G": "1.0",
        "c.4A>G + c.5A>G (*5)": "0.5",
    },
    ranges={
        "Poor": ScoreRange.parse("score 0 to 0.5"),
        "Intermediate": ScoreRange.parse("score 1 to 1.5"),
        "Normal": ScoreRange.parse("score 2"),
    },
    reference="Reference",
)
LINKED = Gene(
    "LINKED",
    "HGNC:5",
    "hemizygous",
    {"B": "class IV", "A-": "class III", "New": "unassigned"},
    phenotypes={
        ("class IV",): "Normal",
        ("class III",): "Deficient",
        ("class IV", "class IV"): "Normal",
        ("class III", "class IV"): "Variable",
        ("class III", "class III"): "Deficient",
    },
)
TYPED = Gene("TYPED", "HGNC:6", "hla", {"*57:01": "risk"})
CARRIED = Gene(
    "CARRIED",
    "HGNC:7",
    "carrier",
    {
        "Reference": "normal",
        "c.1A>G": "malignant hyperthermia",
        "c.2A>G": "uncertain",
        "c.3A>G": "normal",
        "c.4A>G": "unassigned",
    },
    aliases={"p.1": "c.1A>G"},
    phenotypes={
        ("malignant hyperthermia",): "Susceptible",
        ("uncertain",): "Unsure",
        ("normal",): "Unsure",
    },
    precedence=("malignant hyperthermia", "uncertain", "normal"),
    reference="Reference",
)
MATERNAL = Gene(
    "MATERNAL",
    "HGNC:8",
    "mitochondrial",
    {
        "Reference": "normal risk",
        "m.1A>G": "increased risk",
        "m.2A>G": "uncertain risk",
        "m.3A>G": "normal risk",
    },
    phenotypes={
        ("increased risk",): "increased",
        ("uncertain risk",): "uncertain",
        ("normal risk",): "normal",
    },
    precedence=("increased risk", "uncertain risk", "normal risk"),
)
NAMED = Gene(
    "NAMED",
    "HGNC:9",
    "diplotype",
    {"*1": "unassigned", "*3": "unassigned"},
    aliases={"wild type": "*1"},
)
GENES = {
    gene.symbol: gene
    for gene in (PAIR, OTHER, SCORED, VARIANTS, LINKED, TYPED, CARRIED, MATERNAL, NAMED)
}


def wanted(*terms: str) -> Wanted:
    """What a branch asks of a gene: phenotypes, or `score ...`."""
    spans = tuple(ScoreRange.parse(term) for term in terms if term.startswith("score "))
    return Wanted(frozenset(term for term in terms if not term.startswith("score ")), spans)


AVOID = Branch(
    "poor", Truth.YES, {"PAIR": wanted("Poor")}, Action("avoid"), "strong", indicator="critical"
)
REDUCE = Branch(
    "intermediate",
    Truth.YES,
    {"PAIR": wanted("Intermediate")},
    Action("reduce-dose"),
    "moderate",
    indicator="warning",
)
STANDARD = Branch("normal", Truth.NO, {"PAIR": wanted("Normal")}, Action("standard-dose"), "strong")
UNCLEAR = Branch(
    "indeterminate",
    Truth.UNKNOWN,
    {"PAIR": wanted("Indeterminate")},
    Action("no-recommendation"),
    "no recommendation",
)
RULE = Guideline(
    id="pair-firstin",
    title="PAIR and firstin",
    source="society",
    drugs=(DRUG,),
    genes=("PAIR",),
    branches=(AVOID, REDUCE, STANDARD, UNCLEAR),
    when_unknown="suggest-test",
    known_limits="Everything here is invented.",
    question="whether {drug} will work",
)
REST = ("Normal", "Indeterminate", NO_RESULT)
TWO_GENES = replace(
    RULE,
    id="pair-other-firstin",
    genes=("PAIR", "OTHER"),
    branches=(
        AVOID,
        REDUCE,
        replace(
            AVOID,
            id="other-poor",
            when={"PAIR": wanted(*REST), "OTHER": wanted("Poor", "Intermediate")},
            action=Action("alternative"),
        ),
        replace(STANDARD, when={"PAIR": wanted("Normal"), "OTHER": wanted(*REST)}),
        replace(
            STANDARD,
            id="other-normal",
            when={"PAIR": wanted(*REST[1:]), "OTHER": wanted("Normal")},
        ),
        replace(
            UNCLEAR, when={"PAIR": wanted(*REST[1:]), "OTHER": wanted("Indeterminate", NO_RESULT)}
        ),
    ),
)
TYPED_RULE = replace(
    RULE,
    id="typed-firstin",
    genes=("TYPED",),
    branches=(
        replace(AVOID, id="positive", when={"TYPED": wanted("*57:01 positive")}),
        replace(STANDARD, id="negative", when={"TYPED": wanted("*57:01 negative")}),
    ),
    alleles={"TYPED": "*57:01"},
)
SCORED_RULE = replace(
    RULE,
    id="scored-firstin",
    genes=("SCORED",),
    branches=(
        replace(AVOID, when={"SCORED": wanted("score 0")}),
        replace(REDUCE, when={"SCORED": wanted("score > 0 and < 1.25")}),
        replace(STANDARD, when={"SCORED": wanted("Normal")}),
        replace(AVOID, id="ultrarapid", when={"SCORED": wanted("Ultrarapid")}),
        replace(UNCLEAR, when={"SCORED": wanted("Indeterminate")}),
    ),
)
VARIANTS_RULE = replace(
    RULE,
    id="variants-firstin",
    genes=("VARIANTS",),
    branches=(
        replace(AVOID, when={"VARIANTS": wanted("Poor")}),
        replace(REDUCE, when={"VARIANTS": wanted("Intermediate")}),
        replace(STANDARD, when={"VARIANTS": wanted("Normal")}),
        replace(UNCLEAR, when={"VARIANTS": wanted("Indeterminate")}),
    ),
)
LINKED_RULE = replace(
    RULE,
    id="linked-firstin",
    genes=("LINKED",),
    branches=(
        replace(AVOID, when={"LINKED": wanted("Deficient")}),
        replace(STANDARD, when={"LINKED": wanted("Normal")}),
        replace(UNCLEAR, when={"LINKED": wanted("Variable", "Indeterminate")}),
    ),
)


def diplotype(symbol: str, text: str) -> Diplotype:
    """`*1/*2` as a diplotype of *symbol*."""
    return Diplotype.of(symbol, *text.split("/"))


def result(symbol: str, *candidates: str, **more: Any) -> GeneResult:
    """What reports leave possible of *symbol*: diplotypes as text, `*1/*2`."""
    return GeneResult(symbol, frozenset(diplotype(symbol, text) for text in candidates), **more)


def says(symbol: str, phenotype: str, score: str = "") -> frozenset[ReportedPhenotype]:
    """The laboratory's own conclusion."""
    return frozenset({ReportedPhenotype(symbol, phenotype, score)})


def status_of(symbol: str, allele: str, sign: str) -> frozenset[AlleleStatus]:
    """A test for one allele, `positive` or `negative`."""
    return frozenset({AlleleStatus(symbol, allele, sign == "positive")})


def patient(*genes: GeneResult | Missing, **more: Any) -> PatientFacts:
    """A patient of whom *genes* are known, each under its own name; the others were not tested."""
    found = {(gene.gene if isinstance(gene, GeneResult) else gene.what): gene for gene in genes}
    return PatientFacts(TODAY, Record(found), **more)


def order(drug: str = DRUG, **more: Any) -> Order:
    """A draft order of *drug*."""
    return Order("MedicationRequest/1", (drug,), **more)


def judged(rule: Guideline, *genes: GeneResult | Missing, **more: Any) -> Finding:
    """The finding of *rule* for a patient of whom *genes* are known."""
    return judge(rule, order(), DRUG, patient(*genes, **more), GENES)


def gaps(finding: Finding) -> list[tuple[str, Why]]:
    """What was missing, and why."""
    return [(gap.what, gap.why) for gap in finding.missing]


def replacing(*others: Alternative) -> Guideline:
    """The rule, with other drugs to order instead for a poor metabolizer."""
    avoid = replace(AVOID, action=Action("avoid", replace_with=others))
    return replace(RULE, branches=(avoid, REDUCE, STANDARD, UNCLEAR))


CONDITIONS = ConditionCodes(
    {("snomed", "22298006"): frozenset({"infarction"})}, {"I63": frozenset({"stroke"})}
)
CODES: dict[Code, ResultCode] = {
    ("loinc", "84413-4"): ResultCode("genotype", "Genotype display name"),
    ("loinc", "48018-6"): ResultCode("gene", "Gene studied"),
    ("loinc", "1-8"): ResultCode("genotype", "PAIR gene test", "PAIR"),
    ("loinc", "50956-2"): ResultCode("status", "TYPED*57:01", "TYPED", "*57:01"),
}
DRUGS = {
    "firstin": Drug("firstin", "1001", ("A01AA01",), ("Primin",)),
    "secondin": Drug("secondin", "1002", ("A01AA02", "A01AA30"), ()),
    "thirdin": Drug("thirdin", "1003", ("A01AA30",), ()),
}
PRODUCTS = {
    "2001": Product(
        "2001",
        "firstin 10 MG Oral Tablet [Onemark]",
        (Strength("firstin", None, ""),),
        others=False,
        form="Oral Tablet",
        brand="Onemark",
    ),
    "2002": Product(
        "2002", "secondin", (Strength("secondin", None, ""),), False, "Oral Tablet", ""
    ),
}


def knowledge(*rules: Guideline) -> Knowledge:
    """A knowledge of *rules*, and of the genes, drugs and codes of this module."""
    return Knowledge(
        genes=GENES,
        guidelines=rules,
        sources={
            "society": Source(
                "society",
                "Guideline of a society",
                "Society",
                "CC0-1.0",
                "2026-11-21",
                url="https://society.example/1",
                pmid="1234567",
            )
        },
        drugs=DRUGS,
        products=PRODUCTS,
        conditions=CONDITIONS,
        result_codes=CODES,
        answers={},
        phenotype_terms={"poor": "Poor"},
        override_reasons=(Coding("https://reasons.example", "tolerated", "Tolerated before"),),
        version="0123456789ab",
        retired=frozenset({"old-rule"}),
    )


EVIDENCE = Evidence("Observation/g", date(2025, 1, 2), "Laboratory", "prefetch")
