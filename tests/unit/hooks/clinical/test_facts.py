"""What is known of a patient, and what is missing."""

from datetime import date
from decimal import Decimal
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import (
    AlleleStatus,
    Diplotype,
    Dose,
    Evidence,
    Missing,
    Order,
    PatientFacts,
    Record,
    ReportedPhenotype,
    Why,
)


def test_a_diplotype_shows_its_alleles_in_the_order_of_their_numbers() -> None:
    assert str(Diplotype.of("GENE", "*15", "*5")) == "*5/*15"


@given(st.lists(st.text(), max_size=4))
def test_the_order_of_alleles_does_not_matter(alleles: list[str]) -> None:
    assert len({Diplotype.of("GENE", *turned) for turned in permutations(alleles)}) == 1


def test_a_reported_phenotype_shows_as_the_phenotype() -> None:
    assert str(ReportedPhenotype("GENE", "Poor Metabolizer", "0.0")) == "Poor Metabolizer"


def test_an_allele_status_shows_its_allele_and_sign() -> None:
    assert str(AlleleStatus("HLA-B", "*57:01", present=True)) == "*57:01 positive"
    assert str(AlleleStatus("HLA-B", "*57:01", present=False)) == "*57:01 negative"


def test_a_dose_shows_as_a_plain_number_a_day() -> None:
    assert str(Dose(Decimal("1E+2"), "mg")) == "100 mg/day"
    assert str(Dose(Decimal("7.50"), "mg")) == "7.5 mg/day"


def test_a_dose_that_the_order_does_not_tell_is_not_recorded() -> None:
    order = Order("MedicationRequest/1", ("a", "b"), {"a": Dose(Decimal(5), "mg")})

    assert order.daily_dose("a") == Dose(Decimal(5), "mg")
    assert order.daily_dose("b") == Missing("daily dose of b", Why.NOT_RECORDED)


def test_what_a_record_does_not_hold_is_missing_for_the_record_s_reason() -> None:
    record: Record[str] = Record({"a": "here"}, Why.NOT_FETCHED, "timeout")

    assert record.get("a") == "here"
    assert record.get("b") == Missing("b", Why.NOT_FETCHED, "timeout")


def test_only_confirmed_conditions_are_recorded() -> None:
    doubtful = Missing("stroke", Why.UNREADABLE, "the diagnosis is not confirmed")
    conditions = Record({"angina": Evidence("Condition/1"), "stroke": doubtful})

    facts = PatientFacts(date(2026, 11, 21), conditions=conditions)

    assert facts.recorded_conditions == {"angina"}


def test_of_an_unknown_patient_sex_and_birth_date_are_not_recorded() -> None:
    facts = PatientFacts(date(2026, 11, 21))

    assert facts.sex == Missing("sex", Why.NOT_RECORDED)
    assert facts.birth_date == Missing("birth date", Why.NOT_RECORDED)
