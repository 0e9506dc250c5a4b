"""RxNorm product names to drug_products.csv, and that the table we ship resolves."""

import csv
import io
from pathlib import Path

import pytest

from app.terminology import (
    COLUMNS,
    ingredient_names,
    left_out,
    product_rows,
    read_names,
    write_products,
)
from hooks.clinical.facts import Order
from hooks.knowledge.tables import products
from hooks.reading.drug_names import drugs_in
from hooks.reading.orders import order
from tests.unit.hooks.reading import DRUGS, KNOWLEDGE, coded, request

NAMES = ingredient_names(KNOWLEDGE)


def row(name: str) -> dict[str, str]:
    """The one row of a product called *name*."""
    [found] = product_rows([("1", name)], NAMES)
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
            "acetaminophen 300 mg;codeine 30 mg",
            "",
        ),
        (
            "acetaminophen 24 MG/ML / codeine phosphate 2.4 MG/ML Oral Solution",
            "acetaminophen 24 mg/mL;codeine 2.4 mg/mL",
            "",
        ),
        (
            "amlodipine 5 MG / atorvastatin 10 MG Oral Tablet [Caduet]",
            "amlodipine 5 mg;atorvastatin 10 mg",
            "",
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
    assert list(product_rows([("1", name)], NAMES)) == []


@pytest.mark.parametrize(
    ("name", "strengths"),
    [
        ("24 HR metoprolol succinate 50 MG Extended Release Oral Tablet", "metoprolol 50 mg"),
        ("cyclosporine, modified 100 MG Oral Capsule [Neoral]", "cyclosporine 100 mg"),
        ("ST. JOHN'S WORT EXTRACT 300 MG Oral Capsule", "st. john's wort 300 mg"),
        ("Glyburide 5 MG Oral Tablet [Diabeta]", "glyburide 5 mg"),
        ("glibenclamide 5 MG Oral Tablet", "glyburide 5 mg"),
        ("acetylsalicylic acid 75 MG Oral Tablet", "aspirin 75 mg"),
        ("Ascorbic Acid 500 MG Oral Tablet", "vitamin c 500 mg"),
        ("Vitamin K 1 5 MG Oral Tablet [Mephyton]", "vitamin k 5 mg"),
        ("phytonadione 5 MG Oral Tablet", "vitamin k 5 mg"),
        ("aripiprazole lauroxil 441 MG Injection", "aripiprazole lauroxil 441 mg"),
        ("esomeprazole magnesium 40 MG Delayed Release Oral Capsule", "esomeprazole 40 mg"),
        ("dexlansoprazole 30 MG Delayed Release Oral Capsule", "dexlansoprazole 30 mg"),
        ("escitalopram oxalate 10 MG Oral Tablet", "escitalopram 10 mg"),
        ("1 ML morphine sulfate 10 MG/ML Injection", "morphine 10 mg/mL"),
        ("168 HR codeine 1 MG/HR Transdermal System", "codeine 1 mg/hr"),
        ("azilsartan medoxomil 40 MG Oral Tablet [Edarbi]", "azilsartan 40 mg"),
        ("candesartan cilexetil 8 MG Oral Tablet", "candesartan 8 mg"),
        ("Olmesartan medoxomil 20 MG Oral Tablet", "olmesartan 20 mg"),
        ("Alendronic acid 70 MG Oral Tablet", "alendronate 70 mg"),
        ("insulin, regular, human 100 UNT/ML Injection", "insulin regular human 100 unt/mL"),
        ("Estrogens, Conjugated (USP) 0.3 MG Oral Tablet", "conjugated estrogens 0.3 mg"),
        ("Estrogens, Esterified (USP) 0.3 MG Oral Tablet", "esterified estrogens 0.3 mg"),
        ("Lithium Carbonate 300 MG Oral Capsule", "lithium carbonate 300 mg"),
        ("lithium orotate 5 MG Oral Capsule", "lithium 5 mg"),
        ("Divalproex Sodium 250 MG Oral Tablet", "divalproex sodium 250 mg"),
        ("Valproic Acid 250 MG Oral Capsule", "valproic acid 250 mg"),
        ("gabapentin enacarbil 600 MG Oral Tablet", "gabapentin enacarbil 600 mg"),
        ("Trimethoprim 100 MG Oral Tablet", "trimethoprim 100 mg"),
        ("isoflurane 1 ML/ML Inhalation Solution", "isoflurane 1 ml/mL"),
    ],
)
def test_a_salt_a_make_or_another_name_is_the_same_drug(name: str, strengths: str) -> None:
    assert parts(name) == (strengths, "")


@pytest.mark.parametrize(
    "name",
    [
        "Vitamin K 2 0.1 MG Oral Capsule",
        "Menadiol 5 MG Oral Tablet",
        "desvenlafaxine 50 MG Extended Release Oral Tablet",
        "levomilnacipran 20 MG Extended Release Oral Capsule",
        "Dextroamphetamine Sulfate 5 MG Oral Tablet",
        "hydrocortisone 10 MG Oral Tablet",
        "apomorphine 10 MG Sublingual Tablet",
        "armodafinil 150 MG Oral Tablet",
        "Levobunolol 5 MG Oral Tablet",
        "rabeprazole sodium 20 MG Delayed Release Oral Tablet",
        "Dexketoprofen 25 MG Oral Tablet",
        "Methyltestosterone 10 MG Oral Capsule",
        "tegafur 100 MG / uracil 224 MG Oral Capsule",
        "Sulfamethoxazole 500 MG Oral Tablet",
        "isophane insulin 100 UNT/ML Injectable Suspension",
        "codeine analog 5 MG Oral Tablet",
    ],
)
def test_a_class_mate_an_isomer_or_a_part_is_not_the_drug(name: str) -> None:
    assert list(product_rows([("1", name)], NAMES)) == []


def test_two_salts_of_one_drug_add_up() -> None:
    name = "Amphetamine aspartate 1.25 MG / Amphetamine Sulfate 1.25 MG / Other 2 MG Oral Tablet"

    assert parts(name) == ("amphetamine 2.5 mg", "yes")


@pytest.mark.parametrize(
    "name",
    [
        "Codeine Phosphate 10 MG / codeine 1 MG/ML Oral Tablet",
        "Codeine Phosphate 10 MG / codeine Oral Tablet",
        "codeine / Codeine Phosphate 10 MG Oral Tablet",
    ],
)
def test_amounts_in_two_units_or_without_one_do_not_add_up(name: str) -> None:
    assert parts(name) == ("codeine ? ?", "")


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("Sulfamethoxazole 800 MG / Trimethoprim 160 MG Oral Tablet [Bactrim]", ""),
        ("trimethoprim 16 MG/ML / sulfamethoxazole 80 MG/ML Injection", ""),
        ("Phenazopyridine 200 MG / Sulfamethoxazole 1 MG / Trimethoprim 1 MG Tablet", ""),
        ("Sulfamethoxazole 1 MG / Trimethoprim 1 MG / Zinc 1 MG Oral Tablet", "yes"),
    ],
)
def test_a_fixed_combination_is_one_drug_if_all_its_parts_are_there(name: str, others: str) -> None:
    found = row(name)

    said = found["strengths"].split(";")
    assert said[0] == "sulfamethoxazole / trimethoprim ? ?"
    assert any(part.startswith("trimethoprim ") for part in said)
    assert found["others"] == others


@pytest.mark.parametrize(
    ("name", "strengths", "others", "brand"),
    [
        (
            "{14 (lansoprazole 30 MG Delayed Release Oral Capsule) / 28 (amoxicillin 500 MG Oral "
            "Capsule) / 28 (clarithromycin 500 MG Oral Tablet) } Pack [Prevpac]",
            "lansoprazole ? ?;clarithromycin ? ?",
            "yes",
            "Prevpac",
        ),
        (
            "{1 (codeine 5 MG Oral Tablet) / 1 (codeine 10 MG Oral Tablet) } Pack",
            "codeine ? ?",
            "",
            "",
        ),
        (
            "{30 ML (codeine phosphate 2 MG/ML / aspirin 1 MG/ML Oral Solution) } Pack",
            "codeine ? ?;aspirin ? ?",
            "",
            "",
        ),
    ],
)
def test_a_pack_holds_what_its_pieces_hold_and_tells_no_amount(
    name: str, strengths: str, others: str, brand: str
) -> None:
    found = row(name)

    assert (found["strengths"], found["others"], found["brand"]) == (strengths, others, brand)
    assert found["form"] == "Pack"


def test_what_names_a_drug_and_was_not_taken_for_it_is_told() -> None:
    names = [("1", "Vitamin K 2 0.1 MG / codeine 5 MG Tablet"), ("2", "Vitamin K 2 1 MG Tablet")]

    assert left_out(names, NAMES) == ["Vitamin K 2"]


def test_a_form_that_acts_locally_can_be_told_by_its_form() -> None:
    assert row("doxepin hydrochloride 50 MG/ML Topical Cream")["form"] == "Topical Cream"
    assert row("gentamicin 3 MG/ML Ophthalmic Solution")["form"] == "Ophthalmic Solution"


def test_fosphenytoin_is_not_phenytoin() -> None:
    assert row("fosphenytoin sodium 50 MG/ML Injection")["strengths"] == "fosphenytoin 50 mg/mL"


def test_brands_are_no_ingredients() -> None:
    assert "plavix" not in NAMES.words
    assert NAMES.words["clopidogrel"] == {"clopidogrel"}


def test_what_is_written_can_be_read_again() -> None:
    names = [
        ("20", "amlodipine 5 MG / atorvastatin 10 MG Oral Tablet [Caduet]"),
        ("3", "codeine Oral Tablet"),
    ]
    out = io.StringIO()

    write_products(product_rows(names, NAMES), out)

    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert tuple(rows[0]) == COLUMNS
    assert [each["rxnorm"] for each in rows] == ["3", "20"]
    read = products(rows)
    assert (read["20"].drugs, read["20"].others, read["20"].brand) == (
        ("amlodipine", "atorvastatin"),
        False,
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
        ("Vicodin", ("acetaminophen", "hydrocodone")),
        ("Tylenol with Codeine", ("acetaminophen", "codeine")),
        ("Caduet", ("amlodipine", "atorvastatin")),
    ],
)
def test_a_brand_resolves_by_code_and_by_name(brand: str, drugs: tuple[str, ...]) -> None:
    assert of_brand(brand)
    for concept in (*(coded("rxnorm", code) for code in of_brand(brand)), {"text": brand}):
        found = order(request(medicationCodeableConcept=concept), {}, DRUGS)
        assert isinstance(found, Order)
        assert found.drugs == drugs


def test_every_shipped_product_is_named_after_the_drugs_in_it() -> None:
    for code, product in KNOWLEDGE.products.items():
        named = drugs_in(product.display.partition(" [")[0], NAMES)
        assert set(product.drugs) <= named, code
        assert named == set(product.drugs) or product.others, code


def test_every_shipped_product_of_a_guideline_is_read_anew_as_it_stands() -> None:
    for product in KNOWLEDGE.products.values():
        found = products(product_rows([(product.code, product.display)], NAMES))
        assert found[product.code] == product
