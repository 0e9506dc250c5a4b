"""FHIR answers as a chart: what is there, and what could not be had."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from app.pages.chart import Chart, chart
from hooks.clinical.facts import Missing, Why
from hooks.reading.resources import Answer, Fetched
from tests.unit.hooks.reading import (
    ANY_JSON,
    KNOWLEDGE,
    bundle,
    coded,
    fetched,
    gene,
    observation,
    request,
)

DAY = date(2026, 11, 22)
FAILED = Missing("x", Why.NOT_FETCHED, "HTTP 500")
KEYS = ("patient", "conditions", "medications", "results", "genotypes")
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"given": ["Ada", "Mae"], "family": "Ames"}],
    "gender": "female",
    "birthDate": "1961-11-23",
}


def read(**answers: Answer) -> Chart:
    empty: Mapping[str, Answer] = {key: fetched() for key in KEYS}
    patient = {"patient": Fetched(PATIENT)}
    return chart({**empty, **patient, **answers}, "p1", KNOWLEDGE, DAY)


def condition(**elements: object) -> dict[str, Any]:
    code = coded("icd10cm", "I21.4", "NSTEMI")
    return {"resourceType": "Condition", "id": "c1", "code": code, **elements}


def medicine(**elements: object) -> dict[str, Any]:
    concept = coded("rxnorm", "309362", "clopidogrel 75 MG Oral Tablet")
    return request(**{"status": "active", "medicationCodeableConcept": concept, **elements})


def test_the_banner_names_the_patient_sex_age_and_id() -> None:
    banner = read().banner
    assert banner.name == "Ada Mae Ames"
    assert banner.facts == ("female", "born 1961-11-23, 64 years", "id p1")


def test_what_of_a_patient_is_not_known_is_said() -> None:
    banner = read(patient=Fetched({"resourceType": "Patient", "id": "p1"})).banner
    assert banner.name == "without a name"
    assert banner.facts == ("sex not known", "born birth date not known", "id p1")


def test_a_patient_that_could_not_be_read_is_said() -> None:
    banner = read(patient=FAILED).banner
    assert (banner.name, banner.trouble) == ("Patient p1", "Could not be read: HTTP 500.")


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("conditions", "problems"),
        ("medications", "medications"),
        ("results", "results"),
        ("genotypes", "genes"),
    ],
)
def test_a_part_that_failed_says_why_and_the_others_stand(key: str, part: str) -> None:
    found = read(**{key: FAILED})
    parts = {name: getattr(found, name) for name in ("problems", "medications", "results", "genes")}
    assert parts.pop(part).trouble == "Could not be read: HTTP 500."
    assert {each.trouble for each in parts.values()} == {""}


def test_a_part_that_is_not_complete_shows_what_came_and_says_so() -> None:
    remark = Missing("conditions", Why.NOT_FETCHED, "no answer in time")
    problems = read(conditions=Fetched(bundle(condition()), "prefetch", remark)).problems
    assert [each.name for each in problems.rows] == ["NSTEMI"]
    assert problems.trouble == "Not complete: no answer in time."


def test_a_problem_has_the_code_that_an_order_gives_as_its_reason() -> None:
    [problem] = read(
        conditions=fetched(condition(onsetDateTime="2026-11-19T08:00:00Z"))
    ).problems.rows
    assert problem.concept == coded("icd10cm", "I21.4", "NSTEMI")
    assert (problem.since, problem.status) == ("2026-11-19", "")


def test_a_problem_that_is_over_or_doubtful_says_so_and_a_refuted_one_is_not_shown() -> None:
    def state(code: str) -> dict[str, Any]:
        return {"coding": [{"code": code}]}

    found = read(
        conditions=fetched(
            condition(clinicalStatus=state("resolved"), recordedDate="2020-01-01"),
            condition(verificationStatus=state("provisional")),
            condition(verificationStatus=state("refuted")),
        )
    )
    assert [each.status for each in found.problems.rows] == ["resolved", "provisional"]
    assert found.problems.rows[0].since == "2020-01-01"


def test_what_is_another_patients_is_not_shown() -> None:
    other = condition(subject={"reference": "Patient/p2"})
    assert read(conditions=fetched(other)).problems.rows == ()


def test_a_medication_has_its_name_and_its_dosage() -> None:
    quantity = {"doseAndRate": [{"doseQuantity": {"value": 2, "unit": "tablet"}}]}
    found = read(
        medications=fetched(
            medicine(dosageInstruction=[{"text": "1 tablet daily"}], authoredOn="2026-01-02"),
            medicine(dosageInstruction=[quantity]),
            medicine(status="stopped"),
        )
    )
    assert [(each.dosage, each.since) for each in found.medications.rows] == [
        ("1 tablet daily", "2026-01-02"),
        ("2 tablet", ""),
    ]


def test_a_medication_that_could_not_be_read_is_shown_as_such() -> None:
    link = {"medicationReference": {"reference": "Medication/x"}}
    order = request(status="active", **link)
    [taken] = read(medications=fetched(order), **{"Medication/x": FAILED}).medications.rows
    assert taken.name == "a medication that could not be read"
    order["medicationReference"]["display"] = "Plavix"
    [taken] = read(medications=fetched(order)).medications.rows
    assert taken.name == "Plavix"


def test_a_gene_has_its_result_and_what_it_means() -> None:
    result = observation("84413-4", "*2/*2", component=[gene("CYP2C19")])
    [row] = read(genotypes=fetched(result)).genes.rows
    assert (row.gene, row.result, row.phenotype) == ("CYP2C19", "*2/*2", "Poor Metabolizer")
    assert (row.on, row.doubt) == ("2024-05-01", "")


def test_results_that_may_be_either_are_both_shown() -> None:
    result = observation("84413-4", "*1/*3A or *3B/*3C", component=[gene("TPMT")])
    [row] = read(genotypes=fetched(result)).genes.rows
    assert row.result == "*1/*3A or *3B/*3C"
    assert row.phenotype == "Intermediate Metabolizer or Poor Metabolizer"


def test_an_allele_that_we_do_not_know_is_shown_and_said_to_mean_nothing_to_us() -> None:
    result = observation("84413-4", "*2/*999", component=[gene("CYP2C19")])
    [row] = read(genotypes=fetched(result)).genes.rows
    assert (row.result, row.phenotype) == ("*2/*999", "")
    assert row.doubt == "allele *999 is not in our table"


def test_a_result_that_cannot_be_read_is_shown_with_the_reason_and_as_it_is_written() -> None:
    result = observation("84413-4", "see the letter", component=[gene("CYP2C19")])
    unread, written = read(genotypes=fetched(result)).genes.rows
    assert (unread.gene, unread.result, unread.phenotype) == ("CYP2C19", "", "")
    assert unread.doubt.startswith("unreadable: ")
    assert (written.result, written.doubt) == ("see the letter", "as written in the report")


def test_a_phenotype_without_alleles_is_shown_as_such() -> None:
    [row] = read(genotypes=fetched(observation("79714-2", "CYP2C19 poor metabolizer"))).genes.rows
    assert (row.result, row.phenotype) == ("phenotype only", "Poor Metabolizer")


def test_a_typing_and_a_single_allele_are_shown_without_a_phenotype() -> None:
    result = observation("57979-7", "Negative")
    [row] = read(genotypes=fetched(result)).genes.rows
    assert (row.gene, row.result, row.phenotype) == ("HLA-B", "*15:02 negative", "")


def test_a_report_on_a_gene_that_we_do_not_know_is_shown_as_it_is_written() -> None:
    result = observation("69548-6", "Present")
    [row] = read(genotypes=fetched(result)).genes.rows
    assert (row.result, row.doubt) == ("Present", "as written in the report")


@given(ANY_JSON, ANY_JSON)
def test_whatever_a_server_sends_makes_a_chart(one: Any, other: Any) -> None:
    entry = [{"resource": each} for each in (one, other)]
    answer = Fetched({"resourceType": "Bundle", "entry": entry})
    assert isinstance(read(**dict.fromkeys(KEYS, answer)), Chart)
