"""Drug names in text, word by word."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.codes import DrugNames, words_of
from hooks.reading.drug_names import drugs_in, drugs_named, product_name
from tests.unit.hooks.reading import DRUGS

KNOWN = DrugNames(
    {
        "citalopram": frozenset({"citalopram"}),
        "omeprazole": frozenset({"omeprazole"}),
        "phenytoin": frozenset({"phenytoin"}),
        "codeine": frozenset({"codeine"}),
        "5-fu": frozenset({"fluorouracil"}),
        "tylenol with codeine": frozenset({"codeine"}),
        "st john's wort": frozenset({"hypericum"}),
        "aripiprazole": frozenset({"aripiprazole"}),
        "aripiprazole lauroxil": frozenset({"lauroxil"}),
    },
    {"sulfa / trim": frozenset({"sulfa", "trim"})},
)


@pytest.mark.parametrize(
    "text",
    [
        "Escitalopram 10 MG Oral Tablet",
        "Esomeprazole",
        "Mephenytoin",
        "dihydrocodeine",
        "codeines",
        "",
        "-",
    ],
)
def test_a_name_inside_another_word_is_not_that_drug(text: str) -> None:
    assert drugs_in(text, KNOWN) == frozenset()


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("CITALOPRAM 20 mg", {"citalopram"}),
        ("Codeine/Paracetamol", {"codeine"}),
        ("codeine_phosphate", {"codeine"}),
        ("citalopram + omeprazole", {"citalopram", "omeprazole"}),
        ("infusion of 5-FU.", {"fluorouracil"}),
        ("St John's Wort", {"hypericum"}),
        ("(phenytoin)", {"phenytoin"}),
    ],
)
def test_a_drug_is_named_by_whole_words_in_any_case(text: str, drugs: set[str]) -> None:
    assert drugs_in(text, KNOWN) == drugs


def test_a_name_of_several_words_stands_there_as_a_whole() -> None:
    known = DrugNames({"tylenol with codeine": frozenset({"codeine"})})
    assert drugs_in("Tylenol  with  Codeine #3", known) == {"codeine"}
    assert drugs_in("Tylenol with caffeine, codeine", known) == frozenset()


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("Aripiprazole Lauroxil injection", {"lauroxil"}),
        ("aripiprazole, later aripiprazole lauroxil", {"aripiprazole", "lauroxil"}),
        ("aripiprazole", {"aripiprazole"}),
    ],
)
def test_the_longest_name_counts(text: str, drugs: set[str]) -> None:
    assert drugs_in(text, KNOWN) == drugs


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("trim 160 mg / sulfa 800 mg", {"sulfa / trim"}),
        ("Sulfa-Trim DS", {"sulfa / trim"}),
        ("sulfa", set()),
        ("trim 100 mg", set()),
    ],
)
def test_a_fixed_combination_is_named_by_all_of_its_parts(text: str, drugs: set[str]) -> None:
    assert drugs_in(text, KNOWN) == drugs


def test_the_parts_of_a_combination_may_stand_in_several_texts() -> None:
    assert drugs_named(["sulfa 800 mg", "trim 160 mg"], KNOWN) == {"sulfa / trim"}
    assert drugs_named(["codeine", "citalopram"], KNOWN) == {"codeine", "citalopram"}
    assert drugs_named([], KNOWN) == frozenset()


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("Acetaminophen-Codeine 300-30 MG Tablet", {"acetaminophen", "codeine"}),
        ("HYDROCODONE-ACETAMINOPHEN 5-325 MG", {"acetaminophen", "hydrocodone"}),
    ],
)
def test_the_parts_of_a_combination_are_joined_by_a_hyphen(text: str, drugs: set[str]) -> None:
    assert drugs_in(text, DRUGS.words) == drugs


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("Trastuzumab deruxtecan 100 mg", {"fam-trastuzumab deruxtecan"}),
        ("fam-trastuzumab deruxtecan-nxki", {"fam-trastuzumab deruxtecan"}),
        ("ado-trastuzumab emtansine", {"ado-trastuzumab emtansine"}),
        ("Trastuzumab emtansine 160 mg", {"ado-trastuzumab emtansine"}),
        ("trastuzumab-dkst", {"trastuzumab"}),
        ("Datopotamab deruxtecan", {"datopotamab deruxtecan"}),
        ("sacituzumab govitecan-hziy", {"sacituzumab govitecan"}),
        ("valproic acid", {"valproic acid"}),
        ("divalproex sodium 500 MG", {"divalproex sodium"}),
        ("sodium valproate 200 mg", {"valproate"}),
        ("insulin, regular, human 100 UNT/ML", {"insulin regular human"}),
        ("gabapentin enacarbil", {"gabapentin enacarbil"}),
        ("Ethinylestradiol / Levonorgestrel", {"ethinyl estradiol", "levonorgestrel"}),
        ("estradiol valerate 2 MG", {"estradiol valerate"}),
        ("estradiol 0.05 mg patch", {"estradiol"}),
        ("Estrogens, Conjugated (USP) 0.625 MG", {"conjugated estrogens"}),
        ("lithium carbonate 300 MG", {"lithium carbonate"}),
        ("levofloxacin", {"levofloxacin"}),
        ("ofloxacin", {"ofloxacin"}),
        ("mycophenolate sodium 180 MG", {"mycophenolic acid"}),
        ("mycophenolate mofetil 500 MG", {"mycophenolate mofetil"}),
        ("paracetamol 500 mg", {"acetaminophen"}),
    ],
)
def test_conjugates_esters_isomers_and_salts_are_told_apart(text: str, drugs: set[str]) -> None:
    assert drugs_in(text, DRUGS.words) == drugs


def test_every_shipped_name_and_brand_is_found_in_text() -> None:
    lost = [
        name
        for name, drugs in DRUGS.words.words.items()
        if not drugs <= drugs_in(name, DRUGS.words)
    ]
    assert lost == []


def test_every_shipped_product_is_found_by_its_display() -> None:
    lost = [
        product.display
        for product in DRUGS.products.values()
        if not set(product.drugs) <= drugs_in(product.display, DRUGS.words)
    ]
    assert lost == []


@given(st.text())
def test_no_text_raises(text: str) -> None:
    drugs_in(text, DRUGS.words)
    product_name(text)


def test_a_product_name_is_taken_apart() -> None:
    read = product_name("24 HR Niacin 500 MG / Simvastatin 20 MG Extended Release Tablet [Simcor]")
    assert [(part.name, part.value, part.unit) for part in read.components] == [
        ("Niacin", Decimal(500), "mg"),
        ("Simvastatin", Decimal(20), "mg"),
    ]
    assert (read.form, read.brand) == ("Extended Release Tablet", "Simcor")


@pytest.mark.parametrize(
    "prefix", ["12 HR ", "24 HR ", "168 HR ", "Abuse-Deterrent 12 HR ", "1 ML "]
)
def test_what_stands_ahead_of_the_first_ingredient_is_no_part_of_it(prefix: str) -> None:
    read = product_name(f"{prefix}codeine 10 MG Oral Tablet")
    assert [(part.name, part.value) for part in read.components] == [("codeine", Decimal(10))]
    assert read.form == "Oral Tablet"


def test_a_pack_has_the_ingredients_of_its_pieces() -> None:
    read = product_name(
        "{21 (codeine 1 MG / citalopram 2 MG Oral Tablet) / 7 (inert 1 MG Oral Tablet) } Pack [Duo]"
    )
    assert [(part.name, part.value) for part in read.components] == [
        ("codeine", None),
        ("citalopram", None),
        ("inert", None),
    ]
    assert (read.form, read.brand) == ("Pack", "Duo")


def test_a_concentration_keeps_its_unit() -> None:
    (part,) = product_name("Codeine Phosphate 2.4 MG/ML Oral Solution").components
    assert (part.value, part.unit) == (Decimal("2.4"), "mg/mL")


def test_a_product_without_a_strength_has_a_name_only() -> None:
    read = product_name("clopidogrel")
    assert [(part.name, part.value, part.unit) for part in read.components] == [
        ("clopidogrel", None, "")
    ]
    assert (read.form, read.brand) == ("", "")


def test_words_are_in_lower_case() -> None:
    assert list(words_of("Poor METABOLIZER, ultra-rapid")) == ["poor", "metabolizer", "ultra-rapid"]
