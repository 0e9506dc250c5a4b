"""What a report writes of alleles, to diplotypes: star alleles, named variants, HLA typings.

Text that is not unmistakable gives nothing; a name that is not in our table is kept as written, so
that judging can say so.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product

from hooks.clinical.facts import Diplotype, Missing
from hooks.clinical.genes import Gene
from hooks.reading.words import LONGEST_TEXT, unmistakable

STAR = r"\*\d{1,4}[A-WYZ]{0,2}(?:\.\d{3})?(?:\s?x\s?(?:N|≥\s?\d{1,2}|\d{1,2}))?"
TANDEM = rf"{STAR}(?:\s*\+\s*{STAR}){{0,3}}"
AFTER = r"(?![\w*/+:]|\.\d)"
PAIR = re.compile(rf"(?<![\w/+])(?P<first>{TANDEM})\s*/\s*(?P<second>{TANDEM}){AFTER}")
COPIED_PAIR = re.compile(
    rf"[(\[]\s*(?P<first>{TANDEM})\s*/\s*(?P<second>{TANDEM})\s*[)\]]\s*x\s*(?P<copies>N|≥?\s?\d{{1,2}})"
)
ALONE = re.compile(rf"(?<![\w/+])(?P<allele>{TANDEM}){AFTER}")
COPY_SIGN = re.compile(r"(?<=[\dA-Z)\]])\s*[\u00d7xX]\s*(?=N\b|≥|\d)")
NOT_COPIED = re.compile(
    r"\b(?:no|without|not)\s+(?:\w+\s+){0,2}?(?:dup\w*|multipl\w*|amplif\w*)(?:\s+detected)?"
    r"|\bdup\w*\s+(?:is\s+|was\s+)?(?:not\s+detected|absent|negative)"
    r"|\b(?:copy numbers?|CNV?)\s*[:=]?\s*2\b",
    re.IGNORECASE,
)
COPIED = re.compile(r"\b(?:dup\w*|multiplication\w*|amplif\w*)\b", re.IGNORECASE)
COPIES = re.compile(r"\bcop(?:y|ies)\b|\bCNV?\b|\bgain\b|\bdeletion\b", re.IGNORECASE)
CHOICE = re.compile(r"\s+or\s+|\|", re.IGNORECASE)
ZYGOSITY = re.compile(r"\s*\(?\b(?P<zygosity>hetero|homo)zyg\w*\)?\s*\Z", re.IGNORECASE)
HLA_NAME = re.compile(
    r"\*(\d{6}|\d{8}|\d{1,4}(?::\d{1,5}){0,3}[A-Z]?)(?!\d|:\d)"
    r"|(?:(?<=[/+])|\A)\s*(\d{2,4}(?::\d{2,5}){1,3}[A-Z]?)(?!\d|:\d)"
)
BARE_NAME = re.compile(r"(?:(?<=[/+,])|\A)\s*(\d{2,4}(?::\d{2,5}){1,3}[A-Z]?)(?!\d|:\d)")
HLA_WORDS = {"hla", "allele", "alleles", "type", "typing", "typed", "genotype", "and"} | {
    "high", "resolution", "homozygous", "heterozygous"
}  # fmt: skip
GL_PREFIX = re.compile(r"hla#[^#]*#", re.IGNORECASE)
GENE_LIKE = r"CYP\s?\d[A-Z]?\d{0,2}|\d[A-Z]\d{1,2}|[A-Z]{2,}[A-Z0-9-]*\d[A-Z0-9-]*"


def diplotypes(gene: Gene, text: str, symbols: Iterable[str]) -> frozenset[Diplotype]:
    """The diplotypes that *text* leaves possible for *gene*; empty where it states none."""
    own = segment(text, gene.symbol, symbols)
    if gene.method == "hla":
        return frozenset(_hla_diplotypes(gene, own))
    own = NOT_COPIED.sub(" ", own)
    if _is_starred(gene):
        return _star_diplotypes(gene, _signs(own))
    return _named_diplotypes(gene, own)


def haplotype(gene: Gene, text: str, symbols: Iterable[str]) -> frozenset[str]:
    """The single alleles that *text* names, as written; empty where it names none."""
    own = segment(text, gene.symbol, symbols).strip()
    if gene.method == "hla":
        return frozenset(_hla_names(own)) if _is_hla_only(own) else frozenset()
    if _is_starred(gene):
        signed = _signs(own)
        plain = unmistakable(ALONE.sub(" ", signed))
        found = (_tidy(match["allele"]) for match in ALONE.finditer(signed))
        return frozenset(found if plain else ())
    return frozenset({own} if isinstance(gene.allele(own), str) else ())


def segment(text: str, symbol: str, symbols: Iterable[str]) -> str:
    """The part of *text* that speaks of *symbol*, without the symbol itself.

    The whole text if it names no gene; nothing if it names other genes only, ours or not.
    """
    if len(text) > LONGEST_TEXT:
        return ""
    marks = list(_marks(tuple(symbols)).finditer(text))
    if not marks:
        return text
    names = {symbol.casefold(), symbol.casefold().removeprefix("hla-")}
    mine = [each[0].casefold() in names for each in marks]
    ends = [each.start() for each in marks[1:]] + [len(text)]
    own = [
        text[m.end() : end] for m, end, is_mine in zip(marks, ends, mine, strict=True) if is_mine
    ]
    if all(mine):
        own.insert(0, text[: marks[0].start()])
    return "".join(own)


@lru_cache(maxsize=8)
def _marks(symbols: tuple[str, ...]) -> "re.Pattern[str]":
    """Where a gene is named: one of *symbols* in any case, or what looks like another gene."""
    known = "|".join(re.escape(name) for name in sorted(symbols, key=len, reverse=True))
    return re.compile(
        rf"(?<![A-Za-z0-9-])(?:(?i:{known})(?![A-Za-z0-9])|(?:{GENE_LIKE})(?=\s*[:*\s(])"
        r"|(?:HLA-)?(?:[A-CE-G]|D[PQR][AB]?\d?|MIC[AB])w?(?=\*\d))"
    )


def _is_starred(gene: Gene) -> bool:
    return any(name.startswith("*") for name in gene.alleles)


def _star_diplotypes(gene: Gene, own: str) -> frozenset[Diplotype]:
    """Every choice has to state a pair, and no allele may be left over."""
    found: set[Diplotype] = set()
    for choice in CHOICE.split(own):
        stated = set(_star_pairs(gene, choice))
        if not stated:
            return frozenset()
        found |= stated
    return frozenset(found)


def _star_pairs(gene: Gene, choice: str) -> Iterator[Diplotype]:
    copied, rest = list(COPIED_PAIR.finditer(choice)), COPIED_PAIR.sub(" ", choice)
    pairs, rest = list(PAIR.finditer(rest)), PAIR.sub(" ", rest)
    doubled = COPIED.search(rest) is not None
    if "*" in rest or "/" in rest or COPIES.search(COPIED.sub(" ", rest)):
        return
    if not unmistakable(rest):
        return
    for match in copied:
        yield from _either(gene, match, f"x{_tidy(match['copies'])}")
    for match in pairs:
        if doubled and "x" not in match[0]:
            yield from _either(gene, match, "xN")
        else:
            yield Diplotype.of(gene.symbol, _tidy(match["first"]), _tidy(match["second"]))


def _either(gene: Gene, match: "re.Match[str]", copies: str) -> Iterator[Diplotype]:
    """A copy number without its allele: of the first, or of the second."""
    first, second = _tidy(match["first"]), _tidy(match["second"])
    yield Diplotype.of(gene.symbol, first + copies, second)
    yield Diplotype.of(gene.symbol, first, second + copies)


def _named_diplotypes(gene: Gene, text: str) -> frozenset[Diplotype]:
    """Alleles with names of many forms (DPYD, G6PD): whatever splits into known ones."""
    found = set()
    for choice in CHOICE.split(text.strip(" :,;.")):
        alleles = _named_alleles(gene, choice)
        if not alleles:
            return frozenset()
        found.add(Diplotype.of(gene.symbol, *alleles))
    return frozenset(found)


def _named_alleles(gene: Gene, choice: str) -> tuple[str, ...]:
    whole = _named(gene, choice)
    if whole:
        return (whole,)
    pairs = [
        (*first, *second)
        for slash in re.finditer("/", choice)
        if (first := _haplotype(gene, choice[: slash.start()]))
        and (second := _haplotype(gene, choice[slash.end() :]))
    ]
    return pairs[0] if len(pairs) == 1 else _listed(gene, choice)


def _haplotype(gene: Gene, text: str) -> tuple[str, ...]:
    """The one chromosome that *text* writes: one known name, or several joined by ` + `."""
    if known := _named(gene, text):
        return (known,)
    parts = [_named(gene, part) for part in re.split(r"\s+\+\s+", text.strip(" []()"))]
    return (" + ".join(parts),) if len(parts) > 1 and all(parts) else ()


def _listed(gene: Gene, text: str) -> tuple[str, ...]:
    """Variants with their zygosity, without phase: `c.2846A>T heterozygous; …`.

    What no variant takes up is the reference.
    """
    found = _zygotes(gene, text.strip())
    if not found:
        items = re.split(r"\s*[;]\s*|\s+and\s+|,\s+(?=c\.)", text.strip())
        read = [_zygotes(gene, item) for item in items]
        found = [name for names in read for name in names] if all(read) else []
    if len(found) == 1 and gene.reference:
        found.append(gene.reference)
    return tuple(found)


def _zygotes(gene: Gene, item: str) -> list[str]:
    """The copies of one variant that *item* writes; none if it is not one with its zygosity."""
    match = ZYGOSITY.search(item)
    known = _named(gene, item[: match.start()]) if match else ""
    if match is None or not known:
        return []
    return [known] * (2 if match["zygosity"].lower() == "homo" else 1)


def _named(gene: Gene, text: str) -> str:
    known = gene.allele(text.strip(" :;,."))
    return "" if isinstance(known, Missing) else known


def _hla_diplotypes(gene: Gene, text: str) -> Iterator[Diplotype]:
    """The typings in *text*; none if words beside the alleles may turn their meaning round."""
    if not _is_hla_only(text):
        return
    string = GL_PREFIX.search(text) is not None
    choices = [_hla_typing(choice, string) for choice in CHOICE.split(GL_PREFIX.sub("", text))]
    if all(choices):
        for typings in choices:
            yield from (Diplotype.of(gene.symbol, *alleles) for alleles in typings)


def _is_hla_only(text: str) -> bool:
    """Whether *text* holds nothing but allele names and words that go with them."""
    name = HLA_NAME if "*" in text else BARE_NAME
    rest = name.sub(" ", GL_PREFIX.sub("", text))
    words = {word.casefold() for word in re.findall(r"[A-Za-z]{2,}", rest)}
    return not words - HLA_WORDS and re.search(r"[?%\d]", rest) is None


def _hla_typing(text: str, string: bool) -> list[tuple[str, ...]]:
    """The pairs of alleles that one genotype leaves possible; in a GL string `/` is ambiguity."""
    sides = text.split("+")
    if len(sides) == 2:
        return list(product(*(_hla_names(side) for side in sides)))
    names = _hla_names(text)
    if string or len(sides) > 2 or not 1 <= len(names) <= 2:
        return []
    return [tuple(names)]


def _hla_names(text: str) -> list[str]:
    """The allele names in *text*, from the star on."""
    if "*" not in text:
        return [f"*{match[1]}" for match in BARE_NAME.finditer(text)]
    return [f"*{match[1] or match[2]}" for match in HLA_NAME.finditer(text)]


def _signs(text: str) -> str:
    """*text* with `x` for every sign of a copy number, and `≥` for `>=`."""
    return COPY_SIGN.sub("x", text.replace(">=", "≥"))


def _tidy(name: str) -> str:
    return re.sub(r"\s*\+\s*", " + ", re.sub(r"\s*x\s*", "x", name)).replace("≥ ", "≥").strip()
