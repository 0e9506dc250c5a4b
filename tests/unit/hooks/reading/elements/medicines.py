"""FHIR of medicines for the tests of their elements, and the chart that it makes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from hooks.clinical.codes import (
    ConditionCodes,
    DrugNames,
    DrugTables,
    FindingKind,
    Findings,
    Product,
    Strength,
)
from hooks.clinical.elements import Element, Known, Term
from hooks.clinical.facts import Missing, Order, PatientFacts
from hooks.clinical.phenoconversion import Modifier
from hooks.reading.charts import ChartTables, OrderChart, PatientChart
from hooks.reading.elements import ORDER_READERS, READERS
from hooks.reading.orders import order
from hooks.reading.resources import Answer
from tests.unit.hooks.reading import Json, coded, fetched, request
from tests.unit.hooks.small import GENES, patient

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
NAMES = ("firstin", "secondin", "thirdin", "blockin", "slowin", "odd")
TABLET = Product("100", "firstin 5 MG", (Strength("firstin", Decimal(5), "mg"),), False, "", "")
SYRUP = Product("101", "firstin", (Strength("firstin", Decimal(2), "mg/mL"),), False, "", "")
TABLES = ChartTables(
    elements={"pheno_2d6_changed": Element("", "", "", "", reads=("scored_phenotype",))},
    findings=Findings(
        {"scored_phenotype": FindingKind("scored_phenotype", "", 36500)},
        {("loinc", "79715-9"): "scored_phenotype"},
    ),
    drug_classes={
        "CLASS": frozenset({"secondin", "thirdin"}),
        "ANTIHYPERTENSIVE": frozenset({"thirdin"}),
    },
    drugs=DrugTables(
        {"100": TABLET, "101": SYRUP},
        {("rxnorm", f"{number}"): (name,) for number, name in enumerate(NAMES, 1)},
        DrugNames({name: frozenset({name}) for name in NAMES}),
        ConditionCodes({}, {}),
    ),
    genes=GENES,
    modifiers={
        "blockin": (Modifier("blockin", "SCORED", "inhibitor", "strong", Decimal(0)),),
        "slowin": (
            Modifier("slowin", "SCORED", "inhibitor", "moderate", Decimal("0.5")),
            Modifier("slowin", "PAIR", "inhibitor", "weak", Decimal("0.5")),
        ),
        "odd": (Modifier("odd", "SCORED", "inducer", "strong", None),),
    },
)


def taking(name: object = "secondin", identifier: str = "m1", **elements: object) -> Json:
    """An active order of a drug by name, or of a whole CodeableConcept."""
    concept = {"text": name} if isinstance(name, str) else name
    given = {"id": identifier, "status": "active", "medicationCodeableConcept": concept}
    return request(**(given | elements))


def stating(name: object = "secondin", identifier: str = "s1", **elements: object) -> Json:
    """An active statement that a drug is taken."""
    return taking(name, identifier, **({"resourceType": "MedicationStatement"} | elements))


def draft(name: str, identifier: str = "d1", **elements: object) -> Order:
    """A draft order as it was read."""
    resource = taking(name, identifier, **({"status": "draft"} | elements))
    found = order(resource, {}, TABLES.drugs)
    assert isinstance(found, Order)
    return found


def chart(
    *resources: Json,
    drafts: tuple[Order, ...] = (),
    facts: PatientFacts | None = None,
    **answers: Answer,
) -> PatientChart:
    """A chart of *resources*, each in the answers that it belongs to; *answers* come before."""
    requests = [each for each in resources if each["resourceType"] == "MedicationRequest"]
    told = {
        "medications": fetched(*requests),
        "past-medications": fetched(*requests),
        "statements": fetched(
            *(e for e in resources if e["resourceType"] == "MedicationStatement")
        ),
        "results": fetched(*(e for e in resources if e["resourceType"] == "Observation")),
    }
    told |= {key.replace("_", "-"): answer for key, answer in answers.items()}
    known = replace(facts or patient(), drafts=drafts)
    return PatientChart(told, "p1", TABLES, NOW, known, READERS, ORDER_READERS)


def look(
    around: PatientChart, name: str, *args: str | int, at: Order | None = None, drug: str = ""
) -> Known | Missing:
    """What the chart tells of a term beside the order *at*."""
    placed = at or draft("firstin")
    return OrderChart(around, placed, drug or placed.drugs[0]).look(Term(name, args))


def known(*args: object, **more: object) -> Known:
    """Like `look`, for what has to be known."""
    found = look(*args, **more)  # type: ignore[arg-type]
    assert isinstance(found, Known), found
    return found


def missing(*args: object, **more: object) -> Missing:
    """Like `look`, for what has to be missing."""
    found = look(*args, **more)  # type: ignore[arg-type]
    assert isinstance(found, Missing), found
    return found


TODAY = date(2026, 11, 22)
CODED = coded("rxnorm", "2", "secondin")
