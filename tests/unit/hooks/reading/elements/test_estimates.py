"""How far an ordered dose is from the estimate: with genes, without, and with several readings.

The small equation gives 100 mg a week, 64 with a sensitive PAIR or SCORED, 81 without genes.
"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Diplotype, Dose, GeneResult, Missing, Record, Why
from hooks.evaluate import chart_tables
from hooks.knowledge import load
from hooks.reading.charts import ChartTables, OrderChart, PatientChart
from hooks.reading.elements.estimates import ORDER_READERS
from tests.unit.hooks.dosed import DOSING, MEASURED, MODEL, patient
from tests.unit.hooks.small import DRUG, GENES, TODAY, order

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DEFAULTS = {"pair": "usual", "scored": "*1/*1"}
EQUATION = replace(
    MODEL,
    inputs=tuple(
        replace(each, default=DEFAULTS.get(each.name, each.default)) for each in MODEL.inputs
    ),
)
TABLES = ChartTables(models={"iwpc": EQUATION}, dosings={DRUG: DOSING}, genes=GENES)


def result(gene: str, *diplotypes: tuple[str, str], **more: Any) -> GeneResult:
    candidates = frozenset(Diplotype.of(gene, *pair) for pair in diplotypes)
    return GeneResult(gene, candidates, evidence=(replace(MEASURED, reference=gene),), **more)


def looked(
    *genes: GeneResult | Missing,
    weekly: str = "100",
    unit: str = "mg",
    tables: ChartTables = TABLES,
    **more: Any,
) -> Known | Missing:
    draft = order(dose={DRUG: Dose(Decimal(weekly) / 7, unit)} if weekly else {})
    facts = patient(*genes, **more)
    chart = PatientChart({}, "p1", tables, NOW, facts, {}, ORDER_READERS)
    return OrderChart(chart, draft, DRUG).look(Term("iwpc_dev"))


def apart(found: Known | Missing) -> tuple[int, int]:
    assert isinstance(found, Known), found
    assert isinstance(found.value, Interval)
    assert found.value.low is not None
    assert found.value.high is not None
    return round(found.value.low), round(found.value.high)


def detail(found: Known | Missing) -> str:
    assert isinstance(found, Missing), found
    assert found.what == "iwpc_dev"
    return found.detail


def test_without_genes_the_clinical_factors_decide() -> None:
    found = looked()

    assert apart(found) == (23, 23)
    assert isinstance(found, Known)
    assert found.shown == "23 %"
    assert found.note.startswith("ordered 100 mg a week, estimated 81 mg a week from age 46 years")
    assert MEASURED in found.evidence


def test_with_a_gene_the_equation_with_genes_decides() -> None:
    found = looked(result("SCORED", ("*1", "*4")))

    assert apart(found) == (56, 56)
    assert isinstance(found, Known)
    assert "SCORED *1/*4" in found.note
    assert {each.reference for each in found.evidence} == {"Observation/weight", "SCORED"}


def test_a_dose_below_the_estimate_is_as_far_from_it() -> None:
    assert apart(looked(weekly="40.5")) == (50, 50)


def test_each_possible_genotype_counts_and_nothing_between_them() -> None:
    found = looked(result("SCORED", ("*1", "*1"), ("*1", "*4")), weekly="84")

    assert apart(found) == (16, 31)
    assert isinstance(found, Known)
    assert found.shown == "16 to 31 %"
    assert "estimated 64 to 100 mg a week" in found.note
    assert "SCORED *1/*1 or *1/*4" in found.note


def test_the_dose_has_to_be_known_and_in_mg() -> None:
    assert detail(looked(weekly="")) == f"daily dose of {DRUG}"
    assert detail(looked(unit="mL")) == "the daily dose is not in mg"


@pytest.mark.parametrize(
    ("gene", "told"),
    [
        (Missing("SCORED", Why.NOT_FETCHED, "no answer"), "without SCORED (no answer)"),
        (result("SCORED", ("*1", "*99")), "without SCORED (allele *99 is not in our table)"),
        (result("SCORED", ("*1", "*36")), "without SCORED (*36: not in the equation)"),
        (
            result("SCORED", ("*1", "*1"), doubted=True),
            "without SCORED (a newer result could not be read)",
        ),
    ],
)
def test_a_gene_that_is_there_and_cannot_be_used_gives_no_number(
    gene: GeneResult | Missing, told: str
) -> None:
    assert detail(looked(gene)) == told


def test_a_gene_without_a_table_counts_as_untested() -> None:
    found = looked(result("SCORED", ("*1", "*4")), tables=replace(TABLES, genes={}))

    assert apart(found) == (23, 23)


def test_without_a_measure_there_is_no_number() -> None:
    assert detail(looked(labs=Record())) == "without weight (not recorded)"


def test_the_equation_is_for_adults() -> None:
    found = looked(birth_date=TODAY.replace(year=2012))

    assert detail(found) == "age: outside what the equation is for"


@pytest.mark.parametrize("tables", [replace(TABLES, dosings={}), replace(TABLES, models={})])
def test_a_drug_without_an_equation_has_no_estimate(tables: ChartTables) -> None:
    assert detail(looked(tables=tables)) == "no equation doses this drug"


def test_the_shipped_tables_dose_one_drug_by_its_equation() -> None:
    tables = chart_tables(load())

    assert {dosing.model for dosing in tables.dosings.values()} == {"iwpc"}
    assert all(gene in tables.genes for each in tables.dosings.values() for gene in each.genes)
