"""Run the clinical cases in this folder: each is a patient, an order and the expected answer."""

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hooks.clinical.facts import (
    AlleleStatus,
    Diplotype,
    Dose,
    Evidence,
    GeneResult,
    LabResult,
    Missing,
    Order,
    PatientFacts,
    Record,
    ReportedPhenotype,
    Why,
)
from hooks.clinical.findings import Finding
from hooks.evaluate import evaluate
from hooks.extension import finding_json
from hooks.knowledge import load
from hooks.knowledge.lint import lint_cases

FOLDER = Path(__file__).parent
KNOWLEDGE = load()
TABLES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.toml")}
KNOWN_KEYS = {
    "name", "genes", "reported", "statuses", "sex", "age", "indication", "conditions", "taken_days",
    "dose_mg", "drug", "unfetched", "expect", "action", "strength", "indicator", "factors",
    "because", "alternatives", "takes", "score", "weight_kg",
}  # fmt: skip


def cases() -> list[Any]:
    return [
        pytest.param(table, case, id=f"{name}: {case['name']}")
        for name, table in sorted(TABLES.items())
        for case in table["case"]
        if not table.get("dosing")  # those are run by test_dose_cases.py
    ]


def test_every_rule_has_cases_of_all_three_kinds() -> None:
    expected = {table["rule"]: [c["expect"] for c in table["case"]] for table in TABLES.values()}

    assert lint_cases(replace(KNOWLEDGE, biomarkers=()), expected) == []


@pytest.mark.parametrize(("table", "case"), cases())
def test_case(table: dict[str, Any], case: dict[str, Any]) -> None:
    assert set(case) <= KNOWN_KEYS
    found = finding(table, case)
    told = finding_json(found, KNOWLEDGE)

    assert told["outcome"] == case["expect"]
    for key in ("action", "strength"):
        if key in case:
            assert told.get(key, "") == case[key]
    if "indicator" in case:
        assert told.get("indicator", "") == case["indicator"]
    if "factors" in case:
        dose = told["dose"]
        assert [Decimal(str(dose[key])) for key in ("factorMin", "factorMax")] == [
            Decimal(factor) for factor in case["factors"]
        ]
    if "score" in case:
        assert case["score"] in {each.get("activityScore") for each in told["genes"]}
    if "because" in case:
        assert case["because"] in {gap.why.name for gap in found.missing}
    if "alternatives" in case:
        assert [other["name"] for other in told.get("alternatives", [])] == case["alternatives"]


def finding(table: dict[str, Any], case: dict[str, Any]) -> Finding:
    drug = case.get("drug", table["drug"])
    dose = {drug: Dose(Decimal(case["dose_mg"]), "mg")} if "dose_mg" in case else {}
    order = Order("MedicationRequest/1", (drug,), dose, frozenset(case.get("indication", [])))
    facts = patient(drug, table["as_of"], case)
    [found] = [
        each for each in evaluate([order], facts, KNOWLEDGE) if each.rule.id == table["rule"]
    ]
    return found


def patient(drug: str, as_of: date, case: dict[str, Any]) -> PatientFacts:
    unfetched = case.get("unfetched", [])
    conditions = {name: Evidence("Condition/c") for name in case.get("conditions", [])}
    taken = Order(
        "MedicationRequest/0", (drug,), started=as_of - timedelta(case.get("taken_days", 0))
    )
    others = tuple(Order(f"MedicationRequest/{name}", (name,)) for name in case.get("takes", []))
    medications: tuple[Order, ...] | Missing = others + ((taken,) if "taken_days" in case else ())
    if "medications" in unfetched:
        medications = Missing("medications", Why.NOT_FETCHED)
    return PatientFacts(
        as_of=as_of,
        genes=Record(genes(case), _why("genes", unfetched)),
        labs=Record(labs(case), _why("labs", unfetched)),
        conditions=Record(conditions, _why("conditions", unfetched)),
        medications=medications,
        sex=case.get("sex", Missing("sex", Why.NOT_RECORDED)),
        birth_date=birth_date(as_of, case),
    )


def birth_date(as_of: date, case: dict[str, Any]) -> date | Missing:
    if "age" not in case:
        return Missing("birth date", _why("patient", case.get("unfetched", [])))
    return as_of.replace(year=as_of.year - case["age"])


def labs(case: dict[str, Any]) -> dict[str, LabResult | Missing]:
    if "weight_kg" not in case:
        return {}
    weight = Decimal(case["weight_kg"])
    return {"weight": LabResult("weight", weight, "kg", Evidence("Observation/w"))}


def genes(case: dict[str, Any]) -> dict[str, GeneResult | Missing]:
    symbols = {*case.get("genes", {}), *case.get("reported", {}), *case.get("statuses", {})}
    return {
        symbol: GeneResult(
            symbol,
            frozenset(diplotype(symbol, text) for text in case.get("genes", {}).get(symbol, [])),
            frozenset(reported(symbol, case)),
            frozenset(status(symbol, text) for text in case.get("statuses", {}).get(symbol, [])),
            (Evidence("Observation/g", date(2025, 1, 2), "Laboratory"),),
        )
        for symbol in symbols
    }


def diplotype(symbol: str, text: str) -> Diplotype:
    alleles = text.split(" / ") if " / " in text else [text]
    if alleles == [text] and text.startswith("*"):
        alleles = text.split("/")
    known = [KNOWLEDGE.genes[symbol].allele(name) for name in alleles]
    names = [k if isinstance(k, str) else n for k, n in zip(known, alleles, strict=True)]
    return Diplotype.of(symbol, *names)


def reported(symbol: str, case: dict[str, Any]) -> list[ReportedPhenotype]:
    text = case.get("reported", {}).get(symbol, "")
    phenotype, _, score = text.partition("|")
    return [ReportedPhenotype(symbol, phenotype, score)] if phenotype else []


def status(symbol: str, text: str) -> AlleleStatus:
    allele, _, sign = text.partition(" ")
    return AlleleStatus(symbol, allele, sign == "positive")


def _why(name: str, unfetched: list[str]) -> Why:
    return Why.NOT_FETCHED if name in unfetched else Why.NOT_RECORDED
