"""Drug names in text and in RxNorm product names, matched word by word, never by substring."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from hooks.clinical.codes import words_of

BRAND = re.compile(r"\[(?P<brand>[^\]]+)\]\s*\Z")
STRENGTH = re.compile(
    r"(?<![\w.])(?P<value>\d+(?:\.\d+)?) "
    r"(?P<unit>(?:MG|MCG|UNT|MEQ|G|IU|BAU|MIN)(?:/(?:ML|HR|ACTUAT|G|MG))?)"
    r"(?P<form>.*)",
    re.IGNORECASE,
)
HOURS = re.compile(r"\A(?:Abuse-Deterrent )?\d+ (?:HR|DAY) ", re.IGNORECASE)
HYPHEN = re.compile(r"-(?!free\b)", re.IGNORECASE)
LONGEST_NAME = 5  # words


@dataclass(frozen=True, slots=True)
class Component:
    """One ingredient of a product name: its words, and its strength if the name gives one."""

    name: str
    value: Decimal | None
    unit: str


@dataclass(frozen=True, slots=True)
class ProductName:
    """An RxNorm clinical or branded drug name, taken apart."""

    components: tuple[Component, ...]
    form: str
    brand: str


def drugs_in(text: str, known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The drugs that *text* names, by whole words; *known* maps names in lower case to drugs.

    `escitalopram` is not `citalopram`; a name of several words must stand there as a whole;
    `hydrocodone-acetaminophen` names both.
    """
    found: set[str] = set()
    readings = [text, HYPHEN.sub(" ", text)] if "-" in text else [text]
    for words in map(list, map(words_of, readings)):
        for start in range(len(words)):
            for length in range(1, LONGEST_NAME + 1):
                found |= known.get(" ".join(words[start : start + length]), frozenset())
    return frozenset(found)


def product_name(text: str) -> ProductName:
    """*text* as RxNorm writes product names: `A 5 MG / B 10 MG Oral Tablet [Brand]`."""
    brand = BRAND.search(text)
    bare = BRAND.sub("", HOURS.sub("", text)).strip()
    components, form = [], ""
    for part in bare.split(" / "):
        match = STRENGTH.search(part)
        name = part[: match.start()] if match else part
        if match:
            form = match["form"].strip() or form
        components.append(Component(name.strip(), *_amount(match)))
    return ProductName(tuple(components), form, brand["brand"].strip() if brand else "")


def _amount(match: "re.Match[str] | None") -> tuple[Decimal | None, str]:
    if match is None:
        return None, ""
    return Decimal(match["value"]), match["unit"].lower().replace("/ml", "/mL")
