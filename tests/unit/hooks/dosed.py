"""A small guideline that doses by an equation: invented genes, drug and numbers.

The equation gives 10 squared = 100 mg a week; a sensitive PAIR or SCORED takes off 2 of the 10
each, a booster adds 2; without genes it gives 81 mg.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hooks.clinical.dose_findings import judge_dose
from hooks.clinical.dosing import ORDERED, SITUATIONS, Adjustment, Dosing, GeneInput
from hooks.clinical.facts import (
    Dose,
    Evidence,
    GeneResult,
    LabResult,
    Missing,
    Order,
    PatientFacts,
    Record,
)
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import Action, Branch
from hooks.clinical.logic import Truth
from hooks.clinical.models.model import Input, Model
from hooks.clinical.phenoconversion import Modifier
from hooks.clinical.populations import Span
from tests.unit.hooks.small import DRUG, GENES, RULE, TODAY, order, wanted

MODEL = Model(
    "iwpc",
    "An equation",
    "mg",
    "society",
    (
        Input("age", "number", "age", "years", Span(Decimal(18)), Decimal(10)),
        Input("size", "number", "weight", "kg", Span(Decimal(20), Decimal(400))),
        Input("pair", "choice", "PAIR", default="unknown"),
        Input("scored", "choice", "SCORED"),
        Input("origin", "choice", "origin"),
        Input("booster", "flag", "booster"),
    ),
    ("weekly_mg", "daily_mg", "clinical_only_weekly_mg"),
    {
        "pharmacogenetic": {
            "intercept": Decimal(10),
            "pair sensitive": Decimal(-2),
            "pair usual": Decimal(0),
            "scored *1/*1": Decimal(0),
            "scored *1/*4": Decimal(-2),
            "scored *4/*4": Decimal(-10),
            "origin any": Decimal(0),
            "booster": Decimal(2),
        },
        "clinical": {"intercept": Decimal(9)},
    },
    "Everything here is invented.",
)
DOSING = Dosing(
    model="iwpc",
    result="weekly_mg",
    without_genes="clinical_only_weekly_mg",
    adults_from=Decimal(18),
    tolerance=Decimal(25),
    measures={"age": "age", "size": "weight"},
    fixed={"origin": "any"},
    taking={"booster": ("blocker", "thirdin")},
    genes={
        "PAIR": GeneInput("pair", {"Normal": "usual", "Intermediate": "sensitive"}),
        "SCORED": GeneInput("scored", alleles={"*1": "*1", "*4": "*4", "*10": "*1"}),
    },
    adjustments=(
        Adjustment(
            "SCORED",
            frozenset({"*10"}),
            (Decimal("0.5"), Decimal("0.8")),
            (Decimal("0.4"), Decimal("0.8")),
            "optional",
            "carriers of SCORED *10 get less",
        ),
        Adjustment(
            "OTHER",
            frozenset({"*2"}),
            (Decimal("1.1"), Decimal("1.2")),
            (Decimal("1.1"), Decimal("1.2")),
            "optional",
            "carriers of OTHER *2 get more",
        ),
    ),
    remarks=("origin is not read",),
)
SILENT = {"near": "standard-dose", "taken": "no-recommendation"}
UNKNOWN = {"child", "ungenotyped", "uncalculated"}
TEXT = "{weekly} a week, {daily} a day, {clinical} without genes"


def _branch(name: str) -> Branch:
    known = {"SCORED": wanted("Intermediate", "Normal", "Ultrarapid", "Indeterminate", "No Result")}
    branch = Branch(name, Truth.YES, known, Action("reduce-dose"), "strong", frozenset({name}))
    if name in SILENT:
        return replace(branch, applies=Truth.NO, action=Action(SILENT[name]))
    if name in UNKNOWN:
        branch = replace(branch, applies=Truth.UNKNOWN, action=Action("no-recommendation"))
    text = "nothing" if name in UNKNOWN else TEXT
    text += ", {ordered} ordered" if name in ORDERED else ""
    return replace(branch, indicator="info", summary=text, advice=text, rationale=text)


POOR = Branch(
    "poor",
    Truth.YES,
    {"SCORED": wanted("Poor")},
    Action("alternative"),
    "strong",
    frozenset(SITUATIONS),
    "warning",
    "poor",
    "poor",
    "poor",
)
DOSED_RULE = replace(
    RULE,
    id="dosed-firstin",
    genes=("PAIR", "SCORED", "OTHER"),
    branches=(*(_branch(name) for name in SITUATIONS), POOR),
    when_unknown="stay-silent",
    dosing=DOSING,
)
MEASURED = Evidence("Observation/weight", TODAY)
WEIGHT = LabResult("weight", Decimal(80), "kg", MEASURED)
MODIFIERS = {
    name: (Modifier(name, "SCORED", "inhibitor", "strong"),) for name in ("blocker", "slower")
}


def patient(*genes: GeneResult | Missing, **more: Any) -> PatientFacts:
    """An adult of 80 kg of whom *genes* are known."""
    found = {(gene.gene if isinstance(gene, GeneResult) else gene.what): gene for gene in genes}
    facts = {"birth_date": TODAY.replace(year=1980), "labs": Record({"weight": WEIGHT})}
    return PatientFacts(TODAY, Record(found), **{**facts, **more})


def dosed(
    *genes: GeneResult | Missing, weekly: str = "", ordered: Order | None = None, **more: Any
) -> Finding:
    """The finding for a patient of whom *genes* are known, with *weekly* mg ordered."""
    dose = {DRUG: Dose(Decimal(weekly) / 7, "mg")} if weekly else {}
    draft = ordered or order(dose=dose)
    return judge_dose(
        DOSED_RULE, DOSING, draft, DRUG, patient(*genes, **more), GENES, MODEL, MODIFIERS
    )
