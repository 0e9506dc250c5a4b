"""Measured values are fetched and read where a rule needs them, and nowhere else."""

from dataclasses import replace
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from hooks.clinical.analytes import Analyte, AnalyteTables, Conversion
from hooks.clinical.facts import Dose, LabResult, Missing, Order, Why
from hooks.clinical.guidelines import Guideline
from hooks.clinical.populations import Population, Span
from hooks.evaluate import evaluate, read_facts
from hooks.knowledge import Knowledge
from hooks.queries import needed, templates
from hooks.reading.resources import Fetched
from tests.unit.hooks import dosed
from tests.unit.hooks.reading import fetched, observation
from tests.unit.hooks.small import DRUG, RULE, TODAY, knowledge, result

KILOGRAM = Conversion(Decimal(1), Decimal(1), Decimal(400))
WEIGHT = AnalyteTables(
    {
        "weight": Analyte(
            "weight", "kg", 365, {"kg": Conversion(Decimal(1), Decimal(1), Decimal(400))}
        )
    },
    {("loinc", "4-2"): "weight", ("loinc", "3-4"): "weight"},
)
HEAVY = Population("heavy", "heavy ones", "heavy", measures={"weight": Span(Decimal(100))})
OLD = Population("old", "old ones", "old", measures={"age": Span(Decimal(65))})


def known(*rules: Guideline) -> Knowledge:
    return replace(knowledge(*rules), analytes=WEIGHT, models={"iwpc": dosed.MODEL})


def test_a_rule_of_genes_alone_asks_for_no_measured_values() -> None:
    assert "results" not in templates(known(RULE, replace(RULE, id="old", populations=(OLD,))))


def test_a_population_by_weight_asks_for_them() -> None:
    assert list(needed([DRUG], known(replace(RULE, populations=(HEAVY,))))) == [
        "genotypes",
        "results",
        "conditions",
    ]


def test_a_dose_by_an_equation_asks_for_its_inputs() -> None:
    assert list(needed([DRUG], known(dosed.DOSED_RULE))) == [
        "patient",
        "genotypes",
        "results",
        "conditions",
        "medications",
    ]


def test_measured_values_are_searched_by_the_codes_of_the_analytes() -> None:
    query = urlsplit(templates(known(dosed.DOSED_RULE))["results"])

    assert query.path == "Observation"
    assert parse_qs(query.query) == {
        "patient": ["{{context.patientId}}"],
        "code": ["http://loinc.org|3-4,http://loinc.org|4-2"],
        "_count": ["500"],
    }


def test_a_site_s_own_codes_are_searched_in_their_own_system() -> None:
    local = replace(WEIGHT, codes={("https://lab.example/codes", "WT"): "weight"})

    query = urlsplit(templates(replace(known(dosed.DOSED_RULE), analytes=local))["results"])

    assert parse_qs(query.query)["code"] == ["https://lab.example/codes|WT"]


def test_what_was_answered_is_read() -> None:
    told = observation(
        "3-4", effectiveDateTime="2026-11-01", valueQuantity={"value": 80, "unit": "kg"}
    )
    answers = {"results": fetched(told)}

    weighing = known(replace(RULE, populations=(HEAVY,)))
    weight = read_facts(answers, "p1", weighing, TODAY).labs.get("weight")

    assert isinstance(weight, LabResult)
    assert weight.value == 80


def test_what_no_guideline_measures_is_not_read() -> None:
    assert known(RULE, replace(RULE, id="old", populations=(OLD,))).measures == frozenset()


def test_what_was_not_asked_for_was_not_fetched() -> None:
    facts = read_facts({"genotypes": Fetched(None)}, "p1", known(RULE), TODAY)

    assert facts.labs.get("weight") == Missing("weight", Why.NOT_FETCHED, "not asked for")


def test_each_rule_is_judged_in_the_way_that_it_is_made() -> None:
    facts = dosed.patient(result("PAIR", "*1/*1"), result("SCORED", "*1/*1"))
    order = Order("MedicationRequest/1", (DRUG,), {DRUG: Dose(Decimal(30), "mg")})

    by_genes, by_equation = evaluate([order], facts, known(RULE, dosed.DOSED_RULE))

    assert by_genes.estimate is None
    assert by_equation.estimate is not None
    assert by_equation.outcome.branch is not None
    assert by_equation.outcome.branch.id == "lower"
