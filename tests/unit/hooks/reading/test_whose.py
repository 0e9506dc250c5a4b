"""Whose genes a result tells."""

import pytest

from hooks.clinical.facts import GeneResult, Missing, Record, Why
from hooks.reading.genotypes import gene_record
from hooks.reading.resources import Answer, Fetched
from hooks.reading.whose import Transplant, transplants
from tests.unit.hooks.reading import (
    ABSENT,
    KNOWLEDGE,
    REPORTS,
    Json,
    alleles,
    coded,
    component,
    fetched,
    gene,
    missing,
    observation,
    read,
    result,
)

STEM_CELLS = coded("icd10cm", "Z94.84", "Stem cells transplant status")
LIVER = coded("icd10cm", "Z94.4", "Liver transplant status")
HLA_B = "57291-7"
G6PD = "94231-8"
RYR1 = "84413-4"


def genotype(of: object = "*1/*2", symbol: str = "CYP2C19", **elements: object) -> Json:
    return observation("84413-4", of, **({"component": [gene(symbol)]} | elements))


def condition(code: Json, **elements: object) -> Json:
    return {
        "resourceType": "Condition",
        "id": "c1",
        "code": code,
        "subject": {"reference": "Patient/p1"},
    } | elements


def after(code: Json, *observations: Json, **elements: object) -> Record[GeneResult]:
    """The genes in *observations* of a patient with the condition *code*."""
    received = received_by(fetched(condition(code, **elements)))
    return gene_record(fetched(*observations), "p1", REPORTS, received=received)


def received_by(answer: Answer) -> tuple[Transplant, ...]:
    return transplants(answer, "p1", KNOWLEDGE.conditions)


def specimen(kind: str) -> Json:
    return {"specimen": {"reference": "Specimen/s", "display": kind}}


# Relatives, donors, children to be born


def test_the_family_history_is_not_the_patients() -> None:
    history = {
        "resourceType": "FamilyMemberHistory",
        "id": "f",
        "status": "completed",
        "patient": {"reference": "Patient/p1"},
        "condition": [{"code": {"text": "CYP2C19 *2/*2"}}],
    }
    assert read(history).found == {}


@pytest.mark.parametrize("subject", ["RelatedPerson/r1", "Group/g1", "Patient/p2"])
def test_a_result_with_another_subject_is_not_the_patients(subject: str) -> None:
    assert read(genotype(subject={"reference": subject})).found == {}


@pytest.mark.parametrize(
    "focus",
    [
        {"reference": "RelatedPerson/mother"},
        {"reference": "Patient/p2"},
        {"reference": "Group/family"},
        {"display": "fetus"},
    ],
)
def test_a_result_that_is_about_somebody_else_is_told_and_never_used(focus: Json) -> None:
    found = missing("CYP2C19", genotype("*2/*2", focus=[focus]))
    detail = "Observation/o1 is about somebody else than the patient"
    assert found == Missing("CYP2C19", Why.UNREADABLE, detail)


def test_a_result_may_be_about_the_patient_in_so_many_words() -> None:
    assert alleles("CYP2C19", genotype(focus=[{"reference": "Patient/p1"}])) == {"*1/*2"}


def test_the_parts_of_a_panel_on_somebody_else_are_not_the_patients() -> None:
    inside = genotype("*2/*2", id="g", subject=ABSENT)
    panel = observation("82118-1", contained=[inside], focus=[{"reference": "RelatedPerson/r"}])
    assert "somebody else" in missing("CYP2C19", panel).detail


@pytest.mark.parametrize(
    "kind", ["Amniotic fluid", "Chorionic villus sample", "Fetal blood", "Donor blood"]
)
def test_a_specimen_of_a_child_to_be_born_or_a_donor_is_not_the_patients(kind: str) -> None:
    found = missing("CYP2C19", genotype("*2/*2", **specimen(kind)))
    assert found.detail.endswith("was made from a specimen that is not the patient's own")


def test_a_specimen_may_be_contained() -> None:
    sample = {"resourceType": "Specimen", "id": "s", "type": {"text": "Amniotic fluid"}}
    found = genotype(contained=[sample], specimen={"reference": "#s"})
    assert "specimen" in missing("CYP2C19", found).detail


def test_what_is_not_the_patients_replaces_nothing_and_casts_no_doubt() -> None:
    newer = genotype("*1/*1", id="o2", effectiveDateTime="2025-01-01", focus=[{"display": "son"}])
    found = result("CYP2C19", genotype("*2/*2"), newer)
    assert {str(each) for each in found.candidates} == {"*2/*2"}
    assert not found.doubted
    assert "somebody else" in found.remarks[0].detail


# After a transplant


def told(record: Record[GeneResult], symbol: str = "CYP2C19") -> str:
    """The alleles of one gene, or why there are none."""
    found = record.get(symbol)
    if isinstance(found, Missing):
        return found.detail
    return "/".join(str(each) for each in found.candidates)


def test_blood_taken_after_a_stem_cell_transplant_may_show_the_donors_genes() -> None:
    record = after(STEM_CELLS, genotype(), onsetDateTime="2020-03-01")
    assert told(record) == (
        "Observation/o1 may be of the donor's genes: there was a stem-cell transplant"
    )


def test_a_result_from_before_the_stem_cell_transplant_is_the_patients() -> None:
    assert told(after(STEM_CELLS, genotype(), onsetDateTime="2024-06-01")) == "*1/*2"
    period = {"start": "2024-06-01"}
    assert told(after(STEM_CELLS, genotype(), onsetPeriod=period)) == "*1/*2"


@pytest.mark.parametrize(
    "elements",
    [{}, {"onsetDateTime": "2024"}, {"recordedDate": "2030-01-01"}, {"onsetString": "last year"}],
)
def test_a_transplant_of_an_unknown_day_leaves_every_result_open(elements: Json) -> None:
    assert "donor" in told(after(STEM_CELLS, genotype(), **elements))


def test_a_result_without_a_day_is_not_taken_to_be_older() -> None:
    undated = genotype(effectiveDateTime=ABSENT)
    assert "donor" in told(after(STEM_CELLS, undated, onsetDateTime="2024-06-01"))


def test_hair_stays_the_patients_own_and_the_mouth_does_not() -> None:
    hair = genotype(**specimen("Hair follicles"))
    assert told(after(STEM_CELLS, hair, onsetDateTime="2020-03-01")) == "*1/*2"
    cheek = genotype(**specimen("Buccal swab"))
    assert "donor" in told(after(STEM_CELLS, cheek, onsetDateTime="2020-03-01"))


def test_where_the_gene_acts_in_blood_no_result_holds_after_a_stem_cell_transplant() -> None:
    older = observation(G6PD, "B/B", effectiveDateTime="2010-01-01")
    record = after(STEM_CELLS, older, onsetDateTime="2020-03-01")
    assert told(record, "G6PD").endswith("tell how the donor's blood acts after a transplant")


def test_a_donors_liver_acts_by_the_donors_genes_whatever_was_tested_when() -> None:
    older = genotype(effectiveDateTime="2010-01-01", **specimen("Hair"))
    record = after(LIVER, older, onsetDateTime="2020-03-01")
    assert told(record).endswith("tell how the donor's liver acts after a transplant")


@pytest.mark.parametrize(
    ("symbol", "found", "typing"),
    [
        ("HLA-B", observation(HLA_B, "HLA-B*57:01, HLA-B*08:01"), "*08:01/*57:01"),
        ("RYR1", genotype("Reference/c.1840C>T", "RYR1"), "Reference/c.1840C>T"),
    ],
)
def test_a_donors_liver_changes_nothing_elsewhere(symbol: str, found: Json, typing: str) -> None:
    assert told(after(LIVER, found), symbol) == typing


def test_a_gene_of_which_we_do_not_know_where_it_acts_is_open_after_any_transplant() -> None:
    assert KNOWLEDGE.genes["TPMT"].acts_in == ()
    for code in (LIVER, STEM_CELLS):
        assert "after a transplant" in told(after(code, genotype("*1/*3A", "TPMT")), "TPMT")


def test_a_result_after_a_transplant_does_not_hide_the_one_before() -> None:
    donor = genotype("*1/*1", id="o2", effectiveDateTime="2025-01-01")
    record = after(STEM_CELLS, genotype("*2/*2"), donor, onsetDateTime="2024-12-01")
    found = record.get("CYP2C19")
    assert isinstance(found, GeneResult)
    assert {str(each) for each in found.candidates} == {"*2/*2"}
    assert not found.doubted
    assert "donor" in found.remarks[0].detail


# Which transplants conditions tell of


@pytest.mark.parametrize(
    ("code", "organ"),
    [
        (STEM_CELLS, "blood"),
        (coded("icd10cm", "Z94.81"), "blood"),
        (coded("icd10cm", "T86.02"), "blood"),
        (coded("icd10cm", "D89.811"), "blood"),
        (coded("snomed", "2631000119108"), "blood"),
        (LIVER, "liver"),
        (coded("icd10cm", "T86.41"), "liver"),
    ],
)
def test_transplants_are_told_by_their_codes(code: Json, organ: str) -> None:
    assert received_by(fetched(condition(code))) == (Transplant(organ),)


@pytest.mark.parametrize(
    "elements",
    [
        {"clinicalStatus": {"coding": [{"code": "resolved"}]}},
        {"abatementDateTime": "2020-05-01"},
        {"verificationStatus": {"coding": [{"code": "provisional"}]}},
    ],
)
def test_a_transplant_that_is_over_or_in_doubt_counts(elements: Json) -> None:
    assert received_by(fetched(condition(LIVER, **elements))) == (Transplant("liver"),)


@pytest.mark.parametrize(
    "other",
    [
        condition(LIVER, verificationStatus={"coding": [{"code": "refuted"}]}),
        condition(LIVER, subject={"reference": "Patient/p2"}),
        condition(coded("icd10cm", "Z94.0", "Kidney transplant status")),
        condition({}),
    ],
)
def test_other_conditions_are_no_transplants_of_the_patient(other: Json) -> None:
    assert received_by(fetched(other)) == ()


def test_without_an_answer_no_transplant_is_known() -> None:
    assert received_by(Missing("conditions", Why.NOT_FETCHED)) == ()
    assert received_by(Fetched(None)) == ()


def test_a_component_takes_over_whose_the_panel_is() -> None:
    parts = [component("57132-3", "*2/*2")]
    panel = observation("82118-1", component=parts, focus=[{"reference": "RelatedPerson/r"}])
    assert "somebody else" in missing("CYP2C19", panel).detail
