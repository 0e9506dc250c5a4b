"""Run the cases of guidelines that dose by an equation: a patient, an order, a dose."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hooks.clinical.facts import (
    Dose,
    Evidence,
    GeneResult,
    LabResult,
    Missing,
    Order,
    PatientFacts,
    Record,
    Why,
)
from hooks.clinical.findings import Finding
from hooks.evaluate import evaluate
from hooks.extension import finding_json
from hooks.knowledge import load
from tests.cases.test_cases import diplotype, reported

KNOWLEDGE = load()
TABLES = [
    table
    for path in sorted(Path(__file__).parent.glob("*.toml"))
    if (table := tomllib.loads(path.read_text("utf-8"))).get("dosing")
]
KNOWN_KEYS = {
    "name", "genes", "reported", "born", "labs", "takes", "unfetched", "dose_mg",
    "expect", "branch", "action", "strength", "indicator", "weekly", "because", "missing",
}  # fmt: skip
SAMPLED = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("table", "case"),
    [
        pytest.param(table, case, id=f"{table['rule']}: {case['name']}")
        for table in TABLES
        for case in table["case"]
    ],
)
def test_case(table: dict[str, Any], case: dict[str, Any]) -> None:
    assert set(case) <= KNOWN_KEYS
    found = finding(table, case)
    told = finding_json(found, KNOWLEDGE)

    assert told["outcome"] == case["expect"]
    for key in ("branch", "action", "strength", "indicator"):
        if key in case:
            assert told.get(key, "") == case[key]
    if "weekly" in case:
        assert found.estimate is not None
        expected = [float(end) for end in case["weekly"]]
        assert [float(end) for end in found.estimate.adjusted] == pytest.approx(expected, abs=0.001)
    if "because" in case:
        assert case["because"] in {gap.why.name for gap in found.missing}
    if "missing" in case:
        assert {gap.what for gap in found.missing} == set(case["missing"])


def finding(table: dict[str, Any], case: dict[str, Any]) -> Finding:
    drug = table["drug"]
    dose = {drug: Dose(Decimal(case["dose_mg"]), "mg")} if "dose_mg" in case else {}
    order = Order("MedicationRequest/1", (drug,), dose)
    [found] = [
        each
        for each in evaluate([order], patient(table, case), KNOWLEDGE)
        if each.rule.id == table["rule"]
    ]
    return found


def patient(table: dict[str, Any], case: dict[str, Any]) -> PatientFacts:
    unfetched = case.get("unfetched", [])
    taken: tuple[Order, ...] | Missing = tuple(
        Order(f"MedicationRequest/t{drug}", (drug,)) for drug in case.get("takes", [])
    )
    if "medications" in unfetched:
        taken = Missing("medications", Why.NOT_FETCHED)
    born = case.get("born", table["born"])
    return PatientFacts(
        as_of=table["as_of"],
        genes=Record(genes(case), _why("genes", unfetched)),
        labs=Record(labs({**table["labs"], **case.get("labs", {})}), _why("labs", unfetched)),
        medications=taken,
        birth_date=born if isinstance(born, date) else Missing("birth date", Why.NOT_RECORDED),
    )


def genes(case: dict[str, Any]) -> dict[str, GeneResult | Missing]:
    symbols = {*case.get("genes", {}), *case.get("reported", {})}
    return {
        symbol: GeneResult(
            symbol,
            frozenset(diplotype(symbol, text) for text in case.get("genes", {}).get(symbol, [])),
            frozenset(reported(symbol, case)),
            evidence=(Evidence("Observation/g", date(2025, 1, 2), "Laboratory"),),
        )
        for symbol in symbols
    }


def labs(given: dict[str, str]) -> dict[str, LabResult | Missing]:
    """`weight = "80 kg"`, or the reason why there is none."""
    found: dict[str, LabResult | Missing] = {}
    for name, text in given.items():
        value, _, unit = text.partition(" ")
        if not unit:
            found[name] = Missing(name, Why[value])
            continue
        evidence = Evidence(f"Observation/{name}", SAMPLED)
        found[name] = LabResult(name, Decimal(value.lstrip("<>")), unit, evidence, _sign(value))
    return found


def _sign(value: str) -> str:
    return value[0] if value[0] in "<>" else ""


def _why(name: str, unfetched: list[str]) -> Why:
    return Why.NOT_FETCHED if name in unfetched else Why.NOT_RECORDED
