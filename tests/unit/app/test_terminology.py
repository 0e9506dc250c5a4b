"""RxNorm product names to drug_products.csv, and that the table we ship resolves."""

import csv
import io
from pathlib import Path

import pytest

from app.terminology import (
    COLUMNS,
    ingredient_words,
    product_rows,
    read_names,
    write_products,
)
from hooks.clinical.facts import Order
from hooks.knowledge.tables import products
from hooks.reading.drug_names import drugs_in
from hooks.reading.orders import order
from tests.unit.hooks.reading import DRUGS, KNOWLEDGE, coded, request

WORDS = ingredient_words(KNOWLEDGE)


def row(name: str) -> dict[str, str]:
    """The one row of a product called *name*."""
    [found] = product_rows([("1", name)], WORDS)
    return found


def parts(name: str) -> tuple[str, str]:
    """The strengths of a product, and whether there is more in it."""
    found = row(name)
    return found["strengths"], found["others"]


@pytest.mark.parametrize(
    ("name", "strengths", "others"),
    [
        ("clopidogrel 75 MG Oral Tablet", "clopidogrel 75 mg", ""),
        ("Clopidogrel 300 MG Oral Tablet [Plavix]", "clopidogrel 300 mg", ""),
        (
            "acetaminophen 300 MG / codeine phosphate 30 MG Oral Tablet",
            "codeine 30 mg",
            "yes",
        ),
        (
            "acetaminophen 24 MG/ML / codeine phosphate 2.4 MG/ML Oral Solution",
            "codeine 2.4 mg/mL",
            "yes",
        ),
        (
            "amlodipine 5 MG / atorvastatin 10 MG Oral Tablet [Caduet]",
            "atorvastatin 10 mg",
            "yes",
        ),
        ("12 HR carbamazepine 200 MG Extended Release Oral Tablet", "carbamazepine 200 mg", ""),
        ("24 HR tramadol hydrochloride 100 MG Oral Capsule", "tramadol 100 mg", ""),
        (
            "Abuse-Deterrent 12 HR hydrocodone bitartrate 10 MG Oral Capsule",
            "hydrocodone 10 mg",
            "",
        ),
        ("phenytoin sodium 100 MG Oral Capsule", "phenytoin 100 mg", ""),
        ("codeine Oral Tablet", "codeine ? ?", ""),
    ],
)
def test_the_known_ingredients_of_a_product_are_read_with_their_strength(
    name: str, strengths: str, others: str
) -> None:
    assert parts(name) == (strengths, others)


def test_hours_are_no_strength_and_stay_out_of_the_form() -> None:
    found = row("12 HR carbamazepine 200 MG Extended Release Oral Tablet [Tegretol]")

    assert found["form"] == "Extended Release Oral Tablet"
    assert found["display"].startswith("12 HR")


def test_form_and_brand_are_told_apart() -> None:
    found = row("acetaminophen 300 MG / hydrocodone bitartrate 5 MG Oral Tablet [Vicodin]")

    assert (found["form"], found["brand"]) == ("Oral Tablet", "Vicodin")


@pytest.mark.parametrize(
    "name",
    [
        "Mephenytoin 100 MG Oral Tablet",
        "Mephenytoin/phenytoin-like 100 MG Oral Tablet".replace("/phenytoin-like", ""),
        "loratadine 10 MG Oral Tablet",
        "eslicarbazepine 400 MG Oral Tablet",
        "dihydrocodeine 16 MG Oral Capsule",
        "fluorouridine 5 MG",
        "loratadine 10 MG Oral Tablet [Codeine Free]",
        "",
    ],
)
def test_a_name_that_only_contains_a_known_one_is_another_drug(name: str) -> None:
    assert list(product_rows([("1", name)], WORDS)) == []


def test_fosphenytoin_is_not_phenytoin() -> None:
    assert row("fosphenytoin sodium 50 MG/ML Injection")["strengths"] == "fosphenytoin 50 mg/mL"


def test_brands_are_no_ingredients() -> None:
    assert "plavix" not in WORDS
    assert WORDS["clopidogrel"] == {"clopidogrel"}


def test_what_is_written_can_be_read_again() -> None:
    names = [
        ("20", "amlodipine 5 MG / atorvastatin 10 MG Oral Tablet [Caduet]"),
        ("3", "codeine Oral Tablet"),
    ]
    out = io.StringIO()

    write_products(product_rows(names, WORDS), out)

    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert tuple(rows[0]) == COLUMNS
    assert [each["rxnorm"] for each in rows] == ["3", "20"]
    read = products(rows)
    assert (read["20"].drugs, read["20"].others, read["20"].brand) == (
        ("atorvastatin",),
        True,
        "Caduet",
    )
    assert read["3"].strengths[0].value is None


def test_names_are_read_from_a_csv_with_commas_in_them(tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_text('rxcui,other,name\n1,x,"a, b 5 MG"\n', "utf-8")

    assert read_names(file) == [("1", "a, b 5 MG")]


# The table we ship


def of_brand(brand: str) -> list[str]:
    """The codes of the shipped products of *brand*."""
    return [code for code, found in KNOWLEDGE.products.items() if found.brand == brand]


@pytest.mark.parametrize(
    ("brand", "drugs"),
    [
        ("Plavix", ("clopidogrel",)),
        ("Vicodin", ("hydrocodone",)),
        ("Tylenol with Codeine", ("codeine",)),
        ("Caduet", ("atorvastatin",)),
    ],
)
def test_a_brand_resolves_by_code_and_by_name(brand: str, drugs: tuple[str, ...]) -> None:
    assert of_brand(brand)
    for concept in (*(coded("rxnorm", code) for code in of_brand(brand)), {"text": brand}):
        found = order(request(medicationCodeableConcept=concept), {}, DRUGS)
        assert isinstance(found, Order)
        assert found.drugs == drugs


def test_every_shipped_product_resolves_to_the_drugs_that_its_name_holds() -> None:
    for code, product in KNOWLEDGE.products.items():
        assert set(product.drugs) == drugs_in(product.display.partition(" [")[0], WORDS), code


def test_every_shipped_product_of_a_guideline_is_read_anew_as_it_stands() -> None:
    for product in KNOWLEDGE.products.values():
        found = products(product_rows([(product.code, product.display)], WORDS))
        assert found[product.code] == product
