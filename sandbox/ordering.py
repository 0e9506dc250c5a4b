"""A draft order for a drug as it was typed: by a product of ours if one fits, as EHRs send it."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from app.commands.shared import WrongUse
from hooks.clinical.codes import Product, words_of
from hooks.knowledge import Knowledge
from hooks.reading.resources import URIS

PIECES = ("tablet", "capsule")  # the last word of forms that are taken by the piece
DRAFT = "draft-1"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is ordered: its RxNorm code (empty if it has none), its name, one of what a day."""

    code: str
    display: str
    piece: str = ""

    @property
    def dosage(self) -> str:
        """The dosage in words; empty for what is not taken by the piece."""
        return f"1 {self.piece} daily" if self.piece else ""


def chosen(typed: str, knowledge: Knowledge) -> Choice:
    """The plainest product that has every word of *typed*, else the drug itself; else WrongUse."""
    asked = tuple(words_of(typed))
    products = [product for product in knowledge.products.values() if _fits(asked, product.display)]
    if products and asked:
        best = min(products, key=_plainest)
        return Choice(best.code, best.display, _piece(best))
    for drug in knowledge.drugs.values():
        if asked and asked in set(_names(drug.name, drug.synonyms)):
            return Choice(drug.rxnorm, drug.name)
    raise WrongUse([f"No rule here is on a drug called {typed}{_meant(typed, knowledge)}"])


def draft(choice: Choice, patient: str) -> dict[str, Any]:
    """The order as a MedicationRequest that is not yet signed."""
    code = {"system": URIS["rxnorm"], "code": choice.code, "display": choice.display}
    order: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "id": DRAFT,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": {"text": choice.display}
        | ({"coding": [code]} if choice.code else {}),
    }
    if choice.piece:
        order["dosageInstruction"] = [
            {
                "text": choice.dosage,
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 1, "unit": choice.piece}}],
            }
        ]
    return order


def _fits(asked: tuple[str, ...], display: str) -> bool:
    """Whether each word that was typed stands in *display*."""
    return set(asked) <= set(words_of(display))


def _plainest(product: Product) -> tuple[bool, bool, int, float, str]:
    """Few ingredients, no brand, an ordinary tablet, a small strength."""
    several = product.others or len(product.strengths) > 1
    strength = product.strengths[0].value if product.strengths else None
    words = len(product.form.split())
    return several, bool(product.brand), words, float(strength or 0), product.display


def _piece(product: Product) -> str:
    last = product.form.casefold().rpartition(" ")[2]
    return last if last in PIECES else ""


def _names(name: str, synonyms: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for each in (name, *synonyms):
        yield tuple(words_of(each))


def _meant(typed: str, knowledge: Knowledge) -> str:
    near = get_close_matches(typed.casefold(), knowledge.drugs, 3, 0.75)
    return f"; did you mean {' or '.join(near)}?" if near else "; `rxhooks rules` lists the drugs."
