"""Drug names in text and in RxNorm product names, matched word by word, never by substring."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from hooks.clinical.codes import DrugNames, words_of

BRAND = re.compile(r"\[(?P<brand>[^\]]+)\]\s*\Z")
UNIT = r"(?:MG|MCG|UNT|MEQ|G|IU|BAU|MIN|ML|MMOL|MCI|CELLS|IR|AU)"
STRENGTH = re.compile(
    r"(?<![\w.])(?P<value>\d+(?:\.\d+)?) "
    rf"(?P<unit>{UNIT}(?:/(?:ML|HR|ACTUAT|G|MG|UNT|DAY|MIN|L))?)(?![\w/])"
    r"(?P<form>.*)",
    re.IGNORECASE,
)
AMOUNT_AHEAD = re.compile(
    r"\A(?:Abuse-Deterrent |\d+(?:\.\d+)? (?:HR|Hour|DAY|ML|ACTUAT|MG|G|UNT) )+", re.IGNORECASE
)
PACK = re.compile(r"\A\{(?P<parts>.*)\}\s*Pack\b", re.IGNORECASE)
PIECES = re.compile(r"(?:\A| / )\s*\d+(?:\.\d+)?(?: [A-Z]+)? \(")
FORM = re.compile(
    r"(?:\s+(?:12|24|Hour|HR|Abuse-Deterrent|Oral|Chewable|Disintegrating|Sublingual|Buccal|Topical"
    r"|Ophthalmic|Otic|Vaginal|Rectal|Nasal|Inhalant|Inhalation|Injectable|Intravenous|Transdermal"
    r"|Prefilled|Delayed|Extended|Release|Tablet|Capsule|Pill|Product|Solution|Suspension|Syrup|Gas"
    r"|Granules|Powder|Lozenge|Film|Cream|Ointment|Lotion|Gel|Foam|Spray|Drops|Patch|System|Enema"
    r"|Suppository|Injection|Syringe|Pen|Cartridge|Implant))+\Z",
    re.IGNORECASE,
)
HYPHEN = re.compile(r"-(?!free\b)", re.IGNORECASE)
LONGEST_NAME = 9  # words, of a brand with its additions


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


def drugs_in(text: str, names: DrugNames) -> frozenset[str]:
    """The drugs that *text* names, by whole words.

    `escitalopram` is not `citalopram`; a name of several words must stand there as a whole, and
    the longest name counts; `hydrocodone-acetaminophen` names both.
    """
    return drugs_named([text], names)


def drugs_named(texts: Iterable[str], names: DrugNames) -> frozenset[str]:
    """The drugs that *texts* name together: the parts of a mixture may stand in several."""
    said = {name for text in texts for name in _said(text, names)}
    found = {drug for name in said for drug in names.words.get(name, ())}
    return frozenset(found | {drug for drug, parts in names.mixtures.items() if parts <= said})


def _said(text: str, names: DrugNames) -> Iterator[str]:
    """The known names in *text*, the longest from each word on."""
    parts = frozenset().union(*names.mixtures.values())
    readings = [text, HYPHEN.sub(" ", text)] if "-" in text else [text]
    for words in map(list, map(words_of, readings)):
        start = 0
        while start < len(words):
            name = _longest(words[start : start + LONGEST_NAME], names, parts)
            if name:
                yield " ".join(name)
            start += len(name) or 1


def _longest(words: list[str], names: DrugNames, parts: frozenset[str]) -> list[str]:
    """The longest name that *words* begin with; empty if they begin with none."""
    for length in range(len(words), 0, -1):
        name = " ".join(words[:length])
        if name in names.words or name in parts:
            return words[:length]
    return []


def product_name(text: str) -> ProductName:
    """*text* as RxNorm writes product names: `A 5 MG / B 10 MG Oral Tablet [Brand]`.

    A pack, `{21 (A 5 MG Oral Tablet) / 7 (B 10 MG Oral Tablet) } Pack`, has the ingredients of all
    its pieces and no strength, because the pieces differ.
    """
    brand = BRAND.search(text)
    bare = BRAND.sub("", text).strip()
    pack = PACK.match(bare)
    if pack:
        pieces = [product_name(_closed(piece)) for piece in PIECES.split(pack["parts"])[1:]]
        names = {part.name: Component(part.name, None, "") for p in pieces for part in p.components}
        return ProductName(tuple(names.values()), "Pack", brand["brand"].strip() if brand else "")
    components, form = [], ""
    for part in AMOUNT_AHEAD.sub("", bare).split(" / "):
        match = STRENGTH.search(part)
        bare_form = match or FORM.search(part)
        name = part[: bare_form.start()] if bare_form else part
        form = (match["form"] if match else part[len(name) :]).strip() or form
        components.append(Component(name.strip(), *_amount(match)))
    return ProductName(tuple(components), form, brand["brand"].strip() if brand else "")


def _closed(piece: str) -> str:
    """A piece of a pack without the bracket that closes it."""
    return piece.strip().removesuffix(")").strip()


def _amount(match: "re.Match[str] | None") -> tuple[Decimal | None, str]:
    if match is None:
        return None, ""
    return Decimal(match["value"]), match["unit"].lower().replace("/ml", "/mL")
