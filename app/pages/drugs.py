"""Typing ahead over the products of drug_products.csv, and the drugs that have none. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from hooks.clinical.codes import Product, words_of
from hooks.knowledge import Knowledge
from hooks.reading.doses import MILLIGRAMS
from hooks.reading.resources import URIS

MOST = 20
LONGEST = 80  # characters of what is typed


@dataclass(frozen=True, slots=True)
class _Offer:
    """A thing to order; *words* are those of its name, *rank* sorts plain products first."""

    words: tuple[str, ...]
    rank: tuple[bool, int, Decimal, str]
    shown: Mapping[str, Any]


def matching(typed: str, knowledge: Knowledge) -> list[Mapping[str, Any]]:
    """At most twenty things to order of which some word begins with each word that was *typed*."""
    asked = tuple(words_of(typed[:LONGEST]))
    if not asked:
        return []
    found = (offer for offer in _offers(knowledge) if _fits(asked, offer.words))
    first = asked[0]
    ranked = sorted(found, key=lambda o: (not o.words[0].startswith(first), *o.rank))
    return [offer.shown for offer in ranked[:MOST]]


def _fits(asked: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return all(any(word.startswith(part) for word in words) for part in asked)


@lru_cache(maxsize=4)
def _offers(knowledge: Knowledge) -> tuple[_Offer, ...]:
    return (*_products(knowledge), *_ingredients(knowledge))


def _products(knowledge: Knowledge) -> Iterator[_Offer]:
    for product in knowledge.products.values():
        words = tuple(words_of(product.display))
        several = product.others or len(product.strengths) > 1
        amount = product.strengths[0].value or Decimal(0)
        rank = (several or bool(product.brand), len(words), amount, product.display.casefold())
        yield _Offer(words, rank, _shown(product.code, product.display, **_one_dose(product)))


def _ingredients(knowledge: Knowledge) -> Iterator[_Offer]:
    """The drugs themselves: for those that no product of the list holds, and other forms."""
    for drug in knowledge.drugs.values():
        words = tuple(words_of(" ".join(drug.words)))
        yield _Offer(
            words, (True, len(words), Decimal(0), drug.name), _shown(drug.rxnorm, drug.name)
        )


def _shown(code: str, display: str, amount: str = "", unit: str = "") -> dict[str, str]:
    return {
        "system": URIS["rxnorm"],
        "code": code,
        "display": display,
        "amount": amount,
        "unit": unit,
    }


def _one_dose(product: Product) -> dict[str, str]:
    """One piece of *product*: by weight where that says all of it."""
    strengths = product.strengths
    alone = len(strengths) == 1 and not product.others
    if alone and strengths[0].value is not None and strengths[0].unit in MILLIGRAMS:
        return {"amount": f"{strengths[0].value.normalize():f}", "unit": strengths[0].unit}
    return {"amount": "1", "unit": "tablet"}
