"""Conditions of the problem list: now, ever, in doubt, or not to be looked up."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Missing, Order, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import OrderChart, PatientChart
from hooks.reading.elements import ORDER_READERS
from hooks.reading.elements.conditions import DERIVED
from hooks.reading.resources import Fetched
from tests.unit.hooks.reading import Json, bundle, coded, fetched, json_of
from tests.unit.hooks.reading.elements import TABLES, chart, gap, known, truth, why

FAILURE = coded("snomed", "84114007", "Heart failure (disorder)")
REMARK = Missing("conditions", Why.NOT_FETCHED, "a page is missing")
ASKED = ("cond", "heart-failure")
EVER = ("hist", "heart-failure")


def status(code: str) -> Json:
    return coded("http://terminology.hl7.org/CodeSystem/condition-clinical", code)


def entry(code: Json = FAILURE, **elements: Any) -> Json:
    return {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "code": code,
        "recordedDate": "2025-03-01",
        **elements,
    }


def opened(*entries: object) -> PatientChart:
    return chart(conditions=fetched(*entries))


@pytest.mark.parametrize("clinical", ["active", "recurrence", "relapse", ""])
@pytest.mark.parametrize("verified", ["confirmed", ""])
def test_an_active_confirmed_entry_says_yes_and_where_it_was_read(
    clinical: str, verified: str
) -> None:
    told = {"clinicalStatus": status(clinical)} if clinical else {}
    told |= {"verificationStatus": status(verified)} if verified else {}
    found = known(opened(entry(**told)), *ASKED)

    assert found.value is Truth.YES
    assert found.shown == "on file"
    assert [(e.reference, str(e.on)) for e in found.evidence] == [("Condition/c1", "2025-03-01")]
    assert truth(opened(entry(**told)), *EVER) is Truth.YES


@pytest.mark.parametrize(
    "past",
    [
        {"clinicalStatus": status("inactive")},
        {"clinicalStatus": status("resolved")},
        {"clinicalStatus": status("remission")},
        {"clinicalStatus": "resolved"},
        {"clinicalStatus": {"text": "Resolved"}},
        {"abatementDateTime": "2026-01-01"},
        {"clinicalStatus": status("active"), "abatementBoolean": True},
    ],
)
def test_a_past_entry_is_history_and_no_condition_and_the_card_shows_it(past: Json) -> None:
    found = known(opened(entry(**past)), *ASKED)

    assert found.value is Truth.NO
    assert found.shown == "in the past"
    assert len(found.evidence) == 1
    assert truth(opened(entry(**past)), *EVER) is Truth.YES


def test_an_abatement_that_is_denied_ends_nothing() -> None:
    assert truth(opened(entry(abatementBoolean=False)), *ASKED) is Truth.YES


@pytest.mark.parametrize("verified", ["refuted", "entered-in-error"])
def test_a_refuted_entry_is_as_if_it_were_not_there(verified: str) -> None:
    found = opened(entry(verificationStatus=status(verified)))

    assert known(found, *ASKED) == Known(Truth.NO)
    assert known(found, *EVER) == Known(Truth.NO)


@pytest.mark.parametrize("verified", ["provisional", "differential", "unconfirmed", "odd"])
def test_a_doubtful_entry_leaves_it_unknown(verified: str) -> None:
    doubtful = entry(verificationStatus=status(verified))

    assert why(opened(doubtful), *ASKED) is Why.UNREADABLE
    assert why(opened(doubtful), *EVER) is Why.UNREADABLE
    assert truth(opened(doubtful, entry()), *ASKED) is Truth.YES


@pytest.mark.parametrize(
    "clinical",
    [status("odd"), {"coding": [*status("active")["coding"], *status("resolved")["coding"]]}],
)
def test_a_status_that_nobody_knows_or_that_says_two_things_is_history_alone(
    clinical: Json,
) -> None:
    assert why(opened(entry(clinicalStatus=clinical)), *ASKED) is Why.UNREADABLE
    assert truth(opened(entry(clinicalStatus=clinical)), *EVER) is Truth.YES


def test_what_is_not_recorded_is_not_so_and_the_card_says_that() -> None:
    assert known(opened(), *ASKED) == Known(Truth.NO)
    assert known(opened(entry(coded("snomed", "1"))), *ASKED) == Known(Truth.NO)


def test_another_patient_s_entry_says_nothing() -> None:
    assert truth(opened(entry(subject={"reference": "Patient/p2"})), *ASKED) is Truth.NO


def test_a_failed_query_leaves_it_unknown() -> None:
    assert why(chart(), *ASKED) is Why.NOT_FETCHED
    assert why(chart(conditions=REMARK), *EVER) is Why.NOT_FETCHED


def test_half_an_answer_proves_what_is_in_it_and_nothing_else() -> None:
    half = chart(conditions=Fetched(bundle(entry()), remark=REMARK))

    assert truth(half, *ASKED) is Truth.YES
    assert gap(half, "cond", "gout") == Missing("gout", Why.NOT_FETCHED, "a page is missing")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("heart-failure", coded("icd10cm", "I50.22")),
        ("heart-failure", coded("icd10cm", "I11.0")),
        ("alcohol-use-disorder", coded("icd10cm", "F10.20")),
        ("vte", coded("icd10cm", "I26.99")),
        ("hit", coded("icd10cm", "D75.829")),
        ("urea-cycle", coded("icd10cm", "E72.22")),
        ("vhl", coded("icd10cm", "Q85.83")),
        ("hysterectomy", coded("icd10cm", "Z90.711")),
        ("porphyria-acute", coded("snomed", "234422006")),
        ("benign-ethnic-neutropenia", {"text": "Benign ethnic neutropenia"}),
        ("benign-ethnic-neutropenia", {"text": "Duffy-null associated neutrophil count (finding)"}),
    ],
)
def test_codes_of_icd_and_snomed_stand_for_a_condition(name: str, code: Json) -> None:
    assert truth(opened(entry(code)), "cond", name) is Truth.YES


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("alcohol-use-disorder", coded("icd10cm", "F10.21")),  # in remission
        ("hysterectomy", coded("icd10cm", "Z90.712")),  # the womb is there
        ("nsclc", coded("icd10cm", "C34.90")),  # may be small cell
        ("cml", coded("icd10cm", "C92.20")),  # BCR/ABL-negative
        ("benign-ethnic-neutropenia", {"text": "No benign ethnic neutropenia"}),
        ("heart-failure", {"text": "Heart failure"}),
    ],
)
def test_a_code_that_is_wider_or_says_otherwise_does_not(name: str, code: Json) -> None:
    assert truth(opened(entry(code)), "cond", name) is Truth.NO


def test_a_condition_without_a_code_cannot_be_looked_up_and_is_never_taken_as_absent() -> None:
    codes = replace(TABLES.conditions, exact={}, categories={}, words={})
    found = opened(entry())
    found.tables = replace(TABLES, conditions=codes)

    assert gap(found, *ASKED) == Missing(
        "heart-failure", Why.NOT_FETCHED, "no code is known for it, so it cannot be looked up"
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [("cond_squamous", "723301009"), ("has_lymphoma", "118600007"), ("has_mds", "109995007")],
)
def test_some_conditions_have_a_term_of_their_own(name: str, code: str) -> None:
    assert truth(opened(entry(coded("snomed", code))), name) is Truth.YES
    assert truth(opened(), name) is Truth.NO


def beside(found: PatientChart, *reasons: str) -> OrderChart:
    found.order_readers = ORDER_READERS
    return OrderChart(found, Order("MedicationRequest/1", (), indication=frozenset(reasons)), "")


@pytest.mark.parametrize("term", [Term(*[ASKED[0], ASKED[1:]]), Term(EVER[0], EVER[1:])])
def test_the_reason_of_the_order_counts_as_a_condition(term: Term) -> None:
    assert beside(chart(), "heart-failure").look(term) == Known(
        Truth.YES, "the order's reason", note="heart failure is the reason of this order"
    )
    told = beside(opened(entry()), "heart-failure").look(term)
    assert isinstance(told, Known)
    assert told.shown == "on file"
    assert beside(opened(), "gout").look(term) == Known(Truth.NO)


@pytest.mark.parametrize(("name", "condition"), DERIVED.items())
def test_so_it_does_for_a_term_of_its_own(name: str, condition: str) -> None:
    told = beside(opened(), condition).look(Term(name))

    assert isinstance(told, Known)
    assert told.value is Truth.YES
    assert beside(opened()).look(Term(name)) == Known(Truth.NO)


def test_every_condition_has_a_name_for_cards_and_can_be_looked_up() -> None:
    assert TABLES.conditions.names == TABLES.conditions.labels.keys()


FIELDS = ("clinicalStatus", "verificationStatus", "coding", "code", "text", "abatementAge", "x")


@given(json_of(*FIELDS, "active", "refuted"))
def test_whatever_an_entry_holds_nothing_is_raised(any_json: object) -> None:
    odd = {**any_json, **entry()} if isinstance(any_json, dict) else any_json
    for element in ({"code": any_json}, {"clinicalStatus": any_json}, {"recordedDate": any_json}):
        opened(odd, entry() | element).look(Term("cond", ("heart-failure",)))
