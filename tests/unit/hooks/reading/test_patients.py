"""Sex and birth date of the patient in context, and the drugs of allergies."""

from datetime import date

import pytest
from hypothesis import given

from hooks.clinical.codes import DrugNames
from hooks.clinical.facts import Missing, Why
from hooks.reading import patients
from hooks.reading.resources import Answer, Fetched
from tests.unit.hooks.reading import ABSENT, Json, bundle, coded, fetched, json_of

CODES = {("rxnorm", "32968"): ("clopidogrel",), ("atc", "N02AA59"): ("codeine",)}
WORDS = DrugNames({"clopidogrel": frozenset({"clopidogrel"}), "plavix": frozenset({"clopidogrel"})})
ANN: Json = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1970-02-28"}
NOT_FETCHED = Missing("patient", Why.NOT_FETCHED, "timeout")


def why(found: object) -> Why:
    assert isinstance(found, Missing), found
    return found.why


@pytest.mark.parametrize("answer", [Fetched(ANN), fetched(ANN)])
def test_the_patient_is_a_resource_or_stands_in_a_bundle(answer: Answer) -> None:
    assert patients.patient(answer, "p1") == ANN


@pytest.mark.parametrize(
    "answer",
    [Fetched(None), fetched(), Fetched({}), Fetched(ANN | {"id": "p2"}), Fetched({"id": 1})],
)
def test_another_patient_is_no_patient(answer: Answer) -> None:
    assert why(patients.patient(answer, "p1")) is Why.NOT_RECORDED


def test_the_patient_in_context_may_be_the_second_of_a_bundle() -> None:
    assert patients.patient(fetched(ANN | {"id": "p2"}, ANN), "p1") == ANN


def test_a_resource_of_another_type_is_no_patient() -> None:
    other = {"resourceType": "RelatedPerson", "id": "p1", "gender": "male"}
    assert isinstance(patients.patient(Fetched(other), "p1"), Missing)


def test_a_patient_that_was_not_fetched_has_neither_sex_nor_birth_date() -> None:
    found = patients.patient(NOT_FETCHED, "p1")
    assert found == NOT_FETCHED
    assert patients.sex(found) == Missing("sex", Why.NOT_FETCHED, "timeout")
    assert patients.birth_date(found) == Missing("birth date", Why.NOT_FETCHED, "timeout")


@pytest.mark.parametrize("gender", ["male", "female"])
def test_the_administrative_gender_is_the_sex(gender: str) -> None:
    assert patients.sex({"gender": gender}) == gender


def parameter(*codes: str, **more: Json) -> Json:
    """A sex parameter for clinical use."""
    coded = {"coding": [{"code": code} for code in codes]}
    parts = [{"url": "value", "valueCodeableConcept": coded}]
    parts += [{"url": name, f"value{name.capitalize()}": told} for name, told in more.items()]
    return {"url": patients.CLINICAL_SEX, "extension": parts}


@pytest.mark.parametrize(
    ("codes", "sex"),
    [
        (("male-typical",), "male"),
        (("female-typical",), "female"),
        (("male",), "male"),
        (("male-typical", "male"), "male"),
    ],
)
def test_a_sex_parameter_for_clinical_use_outweighs_the_gender(
    codes: tuple[str, ...], sex: str
) -> None:
    other = "female" if sex == "male" else "male"
    assert patients.sex({"gender": other, "extension": [parameter(*codes)]}) == sex


@pytest.mark.parametrize("codes", [("specified",), ("unknown",), (), ("male", "female")])
def test_a_sex_parameter_that_is_neither_leaves_it_missing(codes: tuple[str, ...]) -> None:
    found = patients.sex({"gender": "male", "extension": [parameter(*codes)]})

    assert found == Missing(
        "sex",
        Why.NOT_RECORDED,
        "the sex parameter for clinical use is neither male nor female",
    )


def test_sex_parameters_that_differ_contradict_each_other() -> None:
    told = [parameter("male-typical"), parameter("female-typical")]

    assert why(patients.sex({"gender": "male", "extension": told})) is Why.CONFLICTING
    assert patients.sex({"gender": "male", "extension": [told[0], told[0]]}) == "male"


def test_a_sex_parameter_that_has_ended_says_nothing() -> None:
    past = parameter("female-typical", period={"end": "2020-01-01"})
    now = parameter("female-typical", period={"start": "2020-01-01"})

    assert patients.sex({"gender": "male", "extension": [past, {"url": "x"}]}) == "male"
    assert patients.sex({"gender": "male", "extension": [now]}) == "female"


@pytest.mark.parametrize("gender", ["other", "unknown", "Male", "", None, 1])
def test_any_other_gender_is_missing(gender: object) -> None:
    assert why(patients.sex({"gender": gender})) is Why.NOT_RECORDED


def test_a_full_birth_date_is_a_day() -> None:
    assert patients.birth_date(ANN) == date(1970, 2, 28)


@pytest.mark.parametrize("text", ["1970", "1970-02", "1970-02-30", "28.02.1970"])
def test_a_partial_or_broken_birth_date_is_unreadable(text: str) -> None:
    assert why(patients.birth_date({"birthDate": text})) is Why.UNREADABLE


def test_no_birth_date_is_not_recorded() -> None:
    assert why(patients.birth_date({})) is Why.NOT_RECORDED


def allergy(**elements: object) -> Json:
    resource = {
        "resourceType": "AllergyIntolerance",
        "code": coded("rxnorm", "32968"),
        "patient": {"reference": "Patient/p1"},
    } | elements
    return {name: element for name, element in resource.items() if element is not ABSENT}


def drugs(*entries: object) -> set[str]:
    found = patients.allergies(fetched(*entries), "p1", CODES, WORDS)
    assert not isinstance(found, Missing)
    return set(found)


@pytest.mark.parametrize(
    "code",
    [
        coded("rxnorm", "32968"),
        {"text": "Clopidogrel"},
        coded("rxnorm", "213169", "clopidogrel 75 MG Oral Tablet [Plavix]"),
    ],
)
def test_an_allergy_names_its_drug_by_code_or_words(code: Json) -> None:
    assert drugs(allergy(code=code)) == {"clopidogrel"}


def test_all_allergies_count() -> None:
    both = [allergy(), allergy(code=coded("atc", "N02AA59"))]
    assert drugs(*both) == {"clopidogrel", "codeine"}


@pytest.mark.parametrize(
    "elements",
    [
        {"verificationStatus": coded("x", "refuted")},
        {"verificationStatus": coded("x", "entered-in-error")},
        {"verificationStatus": "refuted"},
        {"status": "refuted"},
        {"status": "entered-in-error"},
        {"patient": {"reference": "Patient/p2"}},
        {"code": coded("rxnorm", "1")},
        {"code": {"text": "ticlopidine"}},
        {"code": ABSENT},
    ],
)
def test_a_refuted_foreign_or_other_allergy_names_none_of_our_drugs(elements: Json) -> None:
    assert drugs(allergy(**elements)) == set()


@pytest.mark.parametrize("status", ["active", "confirmed", "unconfirmed", "inactive", "resolved"])
def test_an_allergy_of_dstu2_names_its_drug_as_substance(status: str) -> None:
    recorded = allergy(code=ABSENT, substance=coded("rxnorm", "32968"), status=status)
    assert drugs(recorded) == {"clopidogrel"}


def test_an_unconfirmed_allergy_counts() -> None:
    assert drugs(allergy(verificationStatus=coded("x", "unconfirmed"))) == {"clopidogrel"}


@pytest.mark.parametrize(
    "elements",
    [
        {"code": ABSENT, "substance": coded("rxnorm", "32968")},
        {"code": {"text": "P2Y12"}, "reaction": [{"substance": coded("rxnorm", "32968")}]},
    ],
)
def test_the_substance_of_an_allergy_counts(elements: Json) -> None:
    assert drugs(allergy(**elements)) == {"clopidogrel"}


def test_no_answer_or_a_part_of_one_is_not_fetched() -> None:
    gone = Missing("allergies", Why.NOT_FETCHED, "timeout")
    assert patients.allergies(gone, "p1", CODES, WORDS) == gone
    part = Fetched(bundle(allergy()), "prefetch", Missing("x", Why.NOT_FETCHED, "page 2"))
    found = patients.allergies(part, "p1", CODES, WORDS)
    assert found == Missing("allergies", Why.NOT_FETCHED, "page 2")


@given(json_of("resourceType", "Patient", "id", "p1", "gender", "code", "coding", "text"))
def test_no_json_raises_or_hides_an_allergy(broken: object) -> None:
    resource = broken if isinstance(broken, dict) else None
    found = patients.patient(Fetched(resource), "p1")
    patients.sex(found), patients.birth_date(found)
    patients.sex({"extension": [{"url": patients.CLINICAL_SEX, "extension": broken}]})
    told = drugs(broken, allergy(code=broken), allergy())
    assert "clopidogrel" in told
