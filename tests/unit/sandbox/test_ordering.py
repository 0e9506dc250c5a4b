"""What is typed as a drug becomes a draft order."""

from decimal import Decimal

import pytest

from app.commands.shared import WrongUse
from hooks.clinical.facts import Dose, Order
from hooks.knowledge import Knowledge, load
from hooks.reading.orders import order
from sandbox.ordering import chosen, draft


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load()


def read(typed: str, knowledge: Knowledge) -> Order:
    """The draft for what was *typed*, as the service reads it."""
    found = order(draft(chosen(typed, knowledge), "p"), {}, knowledge.drug_tables)
    assert isinstance(found, Order)
    return found


@pytest.mark.parametrize(
    ("typed", "drugs"),
    [
        ("clopidogrel", ("clopidogrel",)),
        ("CODEINE", ("codeine",)),
        ("rasburicase", ("rasburicase",)),
        ("Plavix", ("clopidogrel",)),
    ],
)
def test_the_service_reads_the_drug_that_was_typed(
    typed: str, drugs: tuple[str, ...], knowledge: Knowledge
) -> None:
    assert read(typed, knowledge).drugs == drugs


def test_a_plain_product_goes_before_brands_and_combinations(knowledge: Knowledge) -> None:
    choice = chosen("codeine", knowledge)

    product = knowledge.products[choice.code]
    assert (product.drugs, product.others, product.brand) == (("codeine",), False, "")


def test_a_strength_that_was_typed_is_ordered(knowledge: Knowledge) -> None:
    assert chosen("simvastatin 40 mg", knowledge).display == "Simvastatin 40 MG Oral Tablet"


def test_one_piece_a_day_is_a_dose_that_the_service_reads(knowledge: Knowledge) -> None:
    found = read("simvastatin 40 mg", knowledge)

    assert chosen("simvastatin 40 mg", knowledge).dosage == "1 tablet daily"
    assert found.dose == {"simvastatin": Dose(Decimal(40), "mg")}


def test_what_is_not_taken_by_the_piece_has_no_dose(knowledge: Knowledge) -> None:
    choice = chosen("rasburicase", knowledge)

    assert choice.dosage == ""
    assert "dosageInstruction" not in draft(choice, "p")


def test_a_name_that_is_nearly_one_is_asked_back(knowledge: Knowledge) -> None:
    with pytest.raises(WrongUse, match="called clopidogel; did you mean clopidogrel"):
        chosen("clopidogel", knowledge)


@pytest.mark.parametrize("typed", ["zzz", "...", "40 mg of zzz"])
def test_a_name_that_is_none_leads_to_the_list_of_rules(typed: str, knowledge: Knowledge) -> None:
    with pytest.raises(WrongUse, match="`rxhooks rules` lists the drugs"):
        chosen(typed, knowledge)
