"""Codes and what they stand for."""

import pytest

from hooks.clinical.codes import Code, ConditionCodes, Drug, DrugNames, Product, Strength

DRUG = Drug("firstin", "1001", ("A01AA01", "A01AA30"), ("Primin", "firstine"))
CODES = ConditionCodes(
    {
        ("icd10cm", "I20.0"): frozenset({"angina"}),
        ("snomed", "22298006"): frozenset({"infarction"}),
    },
    {"I21": frozenset({"infarction"}), "I636": frozenset({"stroke"})},
)


def test_a_drug_goes_by_its_ingredient_code_and_all_atc_codes() -> None:
    assert DRUG.codes == (("rxnorm", "1001"), ("atc", "A01AA01"), ("atc", "A01AA30"))


def test_an_atc_class_is_no_drug() -> None:
    assert Drug("vitamin", "1", ("B02BA", "B02BA01"), ()).codes == (
        ("rxnorm", "1"),
        ("atc", "B02BA01"),
    )


def test_a_fixed_combination_has_parts_and_another_drug_has_none() -> None:
    assert Drug("Sulfa / st. John", "1", (), ()).parts == ("sulfa", "st john")
    assert DRUG.parts == ()


def test_names_are_looked_up_by_their_words() -> None:
    mixture = Drug("sulfa / trim", "1", (), ())

    names = DrugNames.of([("St. John's", ["a"]), ("st john's", ["b"])], [DRUG, mixture])

    assert names.words == {"st john's": {"a", "b"}}
    assert names.mixtures == {"sulfa / trim": {"sulfa", "trim"}}


def test_a_drug_goes_by_its_name_and_synonyms() -> None:
    assert DRUG.words == ("firstin", "Primin", "firstine")


def test_a_product_holds_the_ingredients_of_its_strengths() -> None:
    strengths = (Strength("firstin", None, ""), Strength("secondin", None, ""))

    assert Product("1", "both", strengths, False, "", "").drugs == ("firstin", "secondin")


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (("icd10cm", "I20.0"), {"angina"}),
        (("icd10cm", "I20.01"), set()),
        (("icd10cm", "I20"), set()),
        (("icd10cm", "I21"), {"infarction"}),
        (("icd10cm", "I21.4"), {"infarction"}),
        (("icd10cm", "I214"), {"infarction"}),
        (("icd10cm", "I22.0"), set()),
        (("icd10cm", "I63.6"), {"stroke"}),
        (("icd10cm", "I63.69"), {"stroke"}),
        (("icd10cm", "I63"), set()),
        (("icd10cm", ""), set()),
        (("snomed", "22298006"), {"infarction"}),
        (("snomed", "I21"), set()),
    ],
)
def test_a_category_stands_for_every_icd_code_below_it(code: Code, names: set[str]) -> None:
    assert CODES.named(code) == names


def test_every_condition_that_has_a_code_is_named() -> None:
    assert CODES.names == {"angina", "infarction", "stroke"}
