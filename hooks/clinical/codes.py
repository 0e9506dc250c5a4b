"""Codes and what they stand for: drugs, products, conditions, results and answers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from hooks.clinical.genes import Gene
from hooks.clinical.loci import Loci

Code = tuple[str, str]  # our short system name, code
Words = tuple[tuple[str, re.Pattern[str]], ...]  # what is meant, and how it is said
SUBSTANCE = 7  # characters of an ATC code; a shorter one names a class of substances
WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
TAG = re.compile(r"\([a-z ]{1,40}\)\s*\Z", re.IGNORECASE)


def by_name(codes: Mapping[Code, str]) -> dict[str, tuple[Code, ...]]:
    """Name -> the codes that stand for it, in one order always."""
    found: dict[str, list[Code]] = {}
    for code, name in codes.items():
        found.setdefault(name, []).append(code)
    return {name: tuple(filed) for name, filed in found.items()}


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
        return (*ingredient, *(("atc", code) for code in self.atc if len(code) == SUBSTANCE))

    @property
    def parts(self) -> tuple[str, ...]:
        """The ingredients of a drug that is a fixed combination, `a / b`; else none."""
        parts = tuple(" ".join(words_of(part)) for part in self.name.split(" / "))
        return parts if len(parts) > 1 else ()

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


@dataclass(frozen=True)
class ConditionCodes:
    """Codes -> names of conditions; an ICD-10-CM category stands for all codes below it.

    *words*: what a condition without a code is called, as `words_of` splits it -> its names;
    *labels*: name -> what a card calls it.
    """

    exact: Mapping[Code, frozenset[str]]
    categories: Mapping[str, frozenset[str]]
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every condition that can be told, by a code or in words."""
        named = (*self.exact.values(), *self.categories.values(), *self.words.values())
        return frozenset(name for names in named for name in names)

    def named(self, code: Code) -> frozenset[str]:
        """The conditions that *code* stands for."""
        found = self.exact.get(code, frozenset())
        if code[0] != "icd10cm":
            return found
        digits = code[1].replace(".", "")
        heads = (digits[:length] for length in range(3, len(digits) + 1))
        return found.union(*(self.categories.get(head, frozenset()) for head in heads))

    def called(self, text: str) -> frozenset[str]:
        """The conditions that *text* names as a whole, but for a `(disorder)` at its end."""
        head, *_ = text.casefold().split(None, 1) or [""]
        if head not in self._heads:
            return frozenset()
        return self.words.get(" ".join(words_of(TAG.sub("", text))), frozenset())

    @cached_property
    def _heads(self) -> frozenset[str]:
        """The words that names begin with: most texts need no further look."""
        return frozenset(name.partition(" ")[0] for name in self.words)


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A finding that is coded or told in words, and for how many days it counts."""

    name: str
    label: str
    max_age_days: int


@dataclass(frozen=True)
class Findings:
    """The findings by name, and the codes that they are filed under.

    *answers*: name of a finding (empty: any other) -> coded answer -> what it means (`positive`,
    `negative`, `equivocal`); *words*: the same of words, in the order in which they are looked for.
    """

    kinds: Mapping[str, FindingKind] = field(default_factory=dict)
    codes: Mapping[Code, str] = field(default_factory=dict)
    answers: Mapping[str, Mapping[Code, str]] = field(default_factory=dict)
    words: Mapping[str, Words] = field(default_factory=dict)

    @cached_property
    def filed(self) -> Mapping[str, tuple[Code, ...]]:
        """The codes of each finding that has any."""
        return by_name(self.codes)


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
    codes alone, to pass over what cannot concern us at one look. *loci*: the positions that tell
    alleles apart.
    """

    codes: Mapping[Code, ResultCode]
    answers: Mapping[Code, str]
    terms: Mapping[str, str]
    genes: Mapping[str, Gene]
    gene_codes: Mapping[str, str]
    code_words: frozenset[str] = frozenset()
    loci: Loci = field(default_factory=Loci)


@dataclass(frozen=True, slots=True)
class DrugNames:
    """Names as `words_of` splits them -> our drugs.

    *mixtures*: a drug that is a fixed combination -> the names of all of its parts, any of which
    alone is another drug.
    """

    words: Mapping[str, frozenset[str]]
    mixtures: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[tuple[str, Iterable[str]]], drugs: Iterable[Drug]) -> "DrugNames":
        """The lookup of (name, what it stands for), and of those of *drugs* that are mixtures."""
        found: dict[str, set[str]] = {}
        for name, stands_for in names:
            found.setdefault(" ".join(words_of(name)), set()).update(stands_for)
        return cls(
            {name: frozenset(each) for name, each in found.items()},
            {drug.name: frozenset(drug.parts) for drug in drugs if drug.parts},
        )


@dataclass(frozen=True, slots=True)
class DrugTables:
    """What reading an order takes: products, ingredient and ATC codes, names, conditions.

    *codes*: ingredient or ATC code -> our drugs.
    """

    products: Mapping[str, Product]
    codes: Mapping[Code, tuple[str, ...]]
    words: DrugNames
    conditions: ConditionCodes
