"""A result that does not say of which gene it is: never a gene's, and never silence."""

from dataclasses import replace
from datetime import date

import pytest

from hooks import SERVICES
from hooks.clinical.facts import GeneResult, Missing, Why
from hooks.reading.genotypes import gene_record
from hooks.reading.resources import Answer
from tests.unit.hooks.reading import (
    KNOWLEDGE,
    REPORTS,
    Json,
    bundle,
    coded,
    component,
    fetched,
    gene,
    loinc,
    observation,
    read,
    request,
)

TOLD = (Missing("genetic result", Why.UNREADABLE, "a result on file names no gene"),)
STRANGE = component("48018-6", coded("hgnc", "HGNC:8156", "OPRM1"))
EXTENSION = {
    "url": "http://hl7.org/fhir/StructureDefinition/observation-geneticsGene",
    "valueCodeableConcept": coded("hgnc", "HGNC:8156", "OPRM1"),
}
NAMELESS = observation("84413-4", "*2/*2")
DERIVED = {"derivedFrom": [{"reference": "Observation/o2"}]}


@pytest.mark.parametrize(
    "observations",
    [
        [NAMELESS],
        [observation("84413-4", "Poor metabolizer")],
        [NAMELESS | {"status": "preliminary"}],
        [NAMELESS, observation("84413-4", "*1/*1", id="o2", component=[gene("CYP2D6")])],
        [observation("84413-4", component=[component("84413-4", "*2/*2"), gene("TPMT"), STRANGE])],
        [NAMELESS | DERIVED],
    ],
    ids=["a genotype", "a phenotype", "not final", "beside another", "before its gene", "derived"],
)
def test_a_result_without_a_gene_is_told(observations: list[Json]) -> None:
    assert read(*observations).remarks == TOLD


@pytest.mark.parametrize(
    "observations",
    [
        [],
        [observation("84413-4", "*2/*2", component=[gene("CYP2C19")])],
        [observation("84413-4", "CYP2C19 *2/*2")],
        [observation("84413-4", "OPRM1 *3/*3")],
        [observation("84413-4", "*3/*3", component=[STRANGE])],
        [observation("84413-4", "*3/*3", extension=[EXTENSION])],
        [NAMELESS | DERIVED, observation("84413-4", id="o2", component=[STRANGE])],
        [observation("84413-4", contained=[NAMELESS], component=[STRANGE])],
        [observation("84413-4", component=[gene("TPMT"), STRANGE, component("84413-4", "*3/*3")])],
        [observation("84413-4")],
        [observation("69548-6", loinc("LA9634-2", "Absent"))],
        [NAMELESS | {"status": "entered-in-error"}],
        [NAMELESS | {"subject": {"reference": "Patient/p2"}}],
    ],
    ids=[
        *("nothing", "ours", "ours in words", "another in words", "another", "an extension"),
        *("derived from another", "contained in another", "after another", "no value"),
        *("an absent variant", "withdrawn", "another patient's"),
    ],
)
def test_a_result_of_any_gene_or_of_no_value_is_not(observations: list[Json]) -> None:
    assert read(*observations).remarks == ()


def test_the_answer_of_a_call_tells_it() -> None:
    draft = request(medicationCodeableConcept=coded("rxnorm", "309362"))
    context = {"patientId": "p1", "draftOrders": bundle(draft)}
    answers: dict[str, Answer] = {"genotypes": fetched(NAMELESS)}

    service = SERVICES["rxhooks-order-sign"]

    decision = service.decide(context, answers, KNOWLEDGE, date(2026, 11, 21))

    assert TOLD[0] in decision.remarks
    assert "CYP2C19 result could not be read" in decision.cards[0].summary
    assert "not tested" not in decision.cards[0].detail


def test_a_gene_without_a_result_is_then_not_untested() -> None:
    found = read(NAMELESS, observation("84413-4", "*1/*1", id="o2", component=[gene("CYP2D6")]))

    assert isinstance(found.get("CYP2D6"), GeneResult)
    assert found.get("CYP2C19") == Missing("CYP2C19", Why.UNREADABLE, TOLD[0].detail)


def test_what_was_not_fetched_stays_so_beside_it() -> None:
    answer = replace(fetched(NAMELESS), remark=Missing("genotypes", Why.NOT_FETCHED, "a page"))

    found = gene_record(answer, "p1", REPORTS)

    assert found.remarks == TOLD
    assert found.get("CYP2C19") == Missing("CYP2C19", Why.NOT_FETCHED, "a page")
