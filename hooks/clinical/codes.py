"""Codes and what they stand for: drugs, products, conditions, results and answers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from hooks.clinical.genes import Gene

Code = tuple[str, str]  # our short system name, code
WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")


def words_of(text: str) -> Iterator[str]:
    """The words of *text* in lower case, without signs: how names are looked up."""
    return (match.group().casefold() for match in WORD.finditer(text))


@dataclass(frozen=True, slots=True)
class Drug:
    """An ingredient that a rule names: its RxNorm code (if it has one), ATC codes, other names."""

    name: str
    rxnorm: str
    atc: tuple[str, ...]
    synonyms: tuple[str, ...]

    @property
    def codes(self) -> tuple[Code, ...]:
        """Every code that stands for the ingredient, or for a combination with it."""
        ingredient = (("rxnorm", self.rxnorm),) if self.rxnorm else ()
        return (*ingredient, *(("atc", code) for code in self.atc))

    @property
    def words(self) -> tuple[str, ...]:
        """Every name that text may call it by."""
        return (self.name, *self.synonyms)


@dataclass(frozen=True, slots=True)
class Strength:
    """The amount of one ingredient in one unit of a product, e.g. 75 mg a tablet."""

    drug: str
    value: Decimal | None
    unit: str


@dataclass(frozen=True, slots=True)
class Product:
    """A clinical or branded drug of RxNorm, and the ingredients in it that we know."""

    code: str
    display: str
    strengths: tuple[Strength, ...]
    others: bool
    form: str
    brand: str

    @property
    def drugs(self) -> tuple[str, ...]:
        """The ingredients that we know."""
        return tuple(strength.drug for strength in self.strengths)


@dataclass(frozen=True, slots=True)
class ResultCode:
    """What a result filed under a code holds: of any gene, or of one (and one allele of it)."""

    holds: str
    display: str
    gene: str = ""
    allele: str = ""


@dataclass(frozen=True, slots=True)
class ConditionCodes:
    """Codes -> names of conditions; an ICD-10-CM category stands for all codes below it."""

    exact: Mapping[Code, frozenset[str]]
    categories: Mapping[str, frozenset[str]]

    @property
    def names(self) -> frozenset[str]:
        """Every condition that has a code."""
        named = (*self.exact.values(), *self.categories.values())
        return frozenset(name for names in named for name in names)

    def named(self, code: Code) -> frozenset[str]:
        """The conditions that *code* stands for."""
        found = self.exact.get(code, frozenset())
        if code[0] != "icd10cm":
            return found
        digits = code[1].replace(".", "")
        heads = (digits[:length] for length in range(3, len(digits) + 1))
        return found.union(*(self.categories.get(head, frozenset()) for head in heads))


@dataclass(frozen=True, slots=True)
class Coding:
    """A code with its system's URI and its display."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class ReportTables:
    """What reading a genetic report takes: codes, coded answers, terms and the genes.

    *gene_codes*: HGNC ids (with and without prefix) and symbols -> our symbol. *code_words*: the
    codes alone, to pass over what cannot concern us at one look.
    """

    codes: Mapping[Code, ResultCode]
    answers: Mapping[Code, str]
    terms: Mapping[str, str]
    genes: Mapping[str, Gene]
    gene_codes: Mapping[str, str]
    code_words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DrugTables:
    """What reading an order takes: products, ingredient and ATC codes, names, conditions.

    *codes*: ingredient or ATC code -> our drugs; *words*: names in lower case -> our drugs.
    """

    products: Mapping[str, Product]
    codes: Mapping[Code, tuple[str, ...]]
    words: Mapping[str, frozenset[str]]
    conditions: ConditionCodes
