"""Safe steps through FHIR JSON."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import Evidence
from hooks.reading import resources
from hooks.reading.resources import as_dict, as_list, as_text, is_of_patient
from tests.unit.hooks.reading import ANY_JSON, Json, bundle, coded, json_of

SERVER = "https://ehr.example/fhir"


@given(json_of("entry", "resource", "resourceType", "subject", "reference", "performer", "coding"))
def test_no_step_raises_whatever_the_json(element: object) -> None:
    as_list(element, "entry"), as_dict(element, "resource"), as_text(element, "reference")
    list(resources.entries(element, "Observation"))
    list(resources.codings(element))
    resources.texts(element)
    if isinstance(element, dict):
        resources.evidence(element, "prefetch")
        is_of_patient(element, "p1", "prefetch")


@given(st.text())
def test_no_text_raises_as_a_date_or_a_reference(text: str) -> None:
    resources.to_date(text)
    resources.relative(text)


@pytest.mark.parametrize(
    ("stands", "read"),
    [([1, 2], [1, 2]), ({"a": 1}, [{"a": 1}]), ("text", []), (None, []), (3, [])],
)
def test_a_list_is_a_list_and_a_lone_object_a_list_of_one(stands: object, read: object) -> None:
    assert as_list({"category": stands}, "category") == read


@pytest.mark.parametrize(
    ("stands", "read"),
    [({"a": 1}, {"a": 1}), ([{"a": 1}, {"b": 2}], {"a": 1}), ([], {}), (["x"], {}), ("x", {})],
)
def test_an_object_is_an_object_and_a_list_its_first(stands: object, read: object) -> None:
    assert as_dict({"code": stands}, "code") == read


@pytest.mark.parametrize("element", ["text", None, 4, ["reference"]])
def test_what_is_no_object_has_no_elements(element: object) -> None:
    assert (as_list(element, "x"), as_dict(element, "x"), as_text(element, "x")) == ([], {}, "")


def test_what_is_no_string_is_no_text() -> None:
    assert as_text({"status": 4}, "status") == ""


@given(st.lists(ANY_JSON, max_size=4))
def test_a_broken_entry_hides_no_other(broken: list[object]) -> None:
    wanted = {"resourceType": "Condition", "id": "c1"}
    whole: Json = {"entry": [*broken, {"resource": wanted}, *broken]}
    assert wanted in list(resources.entries(whole, "Condition"))


def test_only_resources_of_the_asked_type_are_entries() -> None:
    found = bundle({"resourceType": "OperationOutcome"}, {"resourceType": "Patient", "id": "p1"})
    assert [each["id"] for each in resources.entries(found, "Patient")] == ["p1"]


def test_codes_of_unknown_systems_and_empty_codes_are_left_out() -> None:
    concept = {
        "coding": [
            {"system": "http://local.example", "code": "1"},
            {"system": "http://loinc.org/", "code": " 84413-4 "},
            {"system": "http://loinc.org", "code": ""},
        ]
    }
    assert list(resources.codings(concept)) == [("loinc", "84413-4")]


def test_words_are_displays_then_text_then_codes_each_once() -> None:
    concept = {
        "coding": [{"code": "*1/*2", "display": "CYP2C19 *1/*2"}, "broken", {"display": " "}],
        "text": "CYP2C19 *1/*2",
    }
    assert resources.texts(concept) == ["CYP2C19 *1/*2", "*1/*2"]


@pytest.mark.parametrize(
    ("resource", "reference"),
    [
        ({"resourceType": "Observation", "id": "o1"}, "Observation/o1"),
        ({"resourceType": "Observation", "id": "no id"}, "Observation/?"),
        ({"resourceType": "Observation"}, "Observation/?"),
        ({"id": "x"}, "Resource/x"),
    ],
)
def test_a_reference_never_carries_an_id_that_is_none(resource: Json, reference: str) -> None:
    assert resources.reference(resource) == reference


@pytest.mark.parametrize(
    ("url", "end"),
    [
        ("Patient/p1", "Patient/p1"),
        ("https://ehr.example/fhir/Patient/p1/_history/4", "Patient/p1"),
        ("urn:uuid:6b8d", ""),
        ("XPatient", ""),
        ("", ""),
    ],
)
def test_a_reference_ends_in_type_and_id(url: str, end: str) -> None:
    assert resources.relative(url) == end


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p1"},
        {"reference": "Patient/p1/_history/2"},
        {"reference": f"{SERVER}/Patient/p1"},
        {"reference": f"{SERVER}/Patient/p1/_history/2"},
        [{"reference": "Patient/p1"}],
    ],
)
def test_relative_absolute_and_versioned_references_name_the_patient(subject: object) -> None:
    assert is_of_patient({"subject": subject}, "p1", SERVER + "/")


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p2"},
        {"reference": "Patient/p12"},
        {"reference": "Patient/xp1"},
        {"reference": "Group/p1"},
        {"reference": "https://other.example/fhir/Patient/p1"},
        {"reference": f"{SERVER}.evil.example/Patient/p1"},
        {"reference": "urn:uuid:p1"},
        {"identifier": {"value": "p1"}},
        {"display": "p1"},
        {},
        None,
        "Patient/p1",
    ],
)
def test_another_subject_is_not_the_patient(subject: object) -> None:
    assert not is_of_patient({"subject": subject}, "p1", SERVER)


def test_dstu2_names_the_patient_in_another_place() -> None:
    assert is_of_patient({"patient": {"reference": "Patient/p1"}}, "p1", SERVER)
    assert not is_of_patient({"patient": {"reference": "Patient/p2"}}, "p1", SERVER)


def test_an_answer_without_a_subject_is_about_the_patient_that_was_asked_for() -> None:
    assert is_of_patient({}, "p1", SERVER)


def test_prefetch_does_not_say_from_which_server_it_comes() -> None:
    absolute = {"subject": {"reference": f"{SERVER}/Patient/p1"}}
    assert is_of_patient(absolute, "p1", "prefetch")


@pytest.mark.parametrize(
    ("elements", "day"),
    [
        ({"effectiveDateTime": "2024-05-01T10:00:00Z", "issued": "2025-01-01"}, date(2024, 5, 1)),
        ({"effectivePeriod": {"start": "2024-01-01", "end": "2024-02-01"}}, date(2024, 2, 1)),
        ({"effectivePeriod": {"start": "2024-01-01"}}, date(2024, 1, 1)),
        ({"effectiveInstant": "2024-03-01T00:00:00Z"}, date(2024, 3, 1)),
        ({"effectiveDateTime": "2024", "issued": "2024-06-01T00:00:00Z"}, date(2024, 6, 1)),
        ({"authoredOn": "2024-07-01"}, date(2024, 7, 1)),
        ({"dateWritten": "2024-08-01"}, date(2024, 8, 1)),
        ({"issued": "2024-02-31"}, None),
        ({"issued": "2024-05"}, None),
        ({"issued": "2024-05-01x"}, None),
        ({}, None),
    ],
)
def test_the_clinical_date_goes_before_the_date_of_writing(elements: Json, day: object) -> None:
    assert resources.dated(elements) == day


@pytest.mark.parametrize(
    ("performer", "told"),
    [
        ([{"display": "Lab A", "reference": "Organization/a"}], "Lab A"),
        ([{"reference": "Organization/a"}], "Organization/a"),
        ({"identifier": {"value": "99D"}}, "99D"),
        ([], ""),
        ("Lab A", ""),
    ],
)
def test_who_performed_it_is_told_by_name_reference_or_identifier(
    performer: object, told: str
) -> None:
    assert resources.performer({"performer": performer}) == told


def test_evidence_is_reference_date_performer_and_source() -> None:
    resource = {
        "resourceType": "Observation",
        "id": "o1",
        "issued": "2024-05-01",
        "performer": [{"display": "Lab A"}],
        "code": coded("loinc", "84413-4"),
    }
    assert resources.evidence(resource, SERVER) == Evidence(
        "Observation/o1", date(2024, 5, 1), "Lab A", SERVER
    )
