"""What a report writes of alleles, to diplotypes: star alleles, named variants, HLA typings.

Text that is not unmistakable gives nothing; a name that is not in our table is kept as written, so
that judging can say so.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import product

from hooks.clinical.facts import AlleleStatus, Diplotype, Missing
from hooks.clinical.genes import Gene

STAR = r"\*\d+[A-WYZ]{0,2}(?:\.\d{3})?(?:\s?x\s?(?:N|≥\s?\d+|\d+))?"
TANDEM = rf"{STAR}(?:\s*\+\s*{STAR})*"
AFTER = r"(?![\w*/+:]|\.\d)"
PAIR = re.compile(rf"(?<![\w/+])(?P<first>{TANDEM})\s*/\s*(?P<second>{TANDEM}){AFTER}")
COPIED_PAIR = re.compile(
    rf"\(\s*(?P<first>{STAR})\s*/\s*(?P<second>{STAR})\s*\)\s*x\s*(?P<copies>N|≥?\s?\d+)"
)
ALONE = re.compile(rf"(?<![\w/+])(?P<allele>{TANDEM}){AFTER}")
COPY_SIGN = re.compile(r"(?<=[\dA-Z)])\s*[\u00d7xX]\s*(?=N\b|≥|\d)")
DUPLICATED = re.compile(r"\b(?:dup\w*|multiplication)\b", re.IGNORECASE)
NEGATED = re.compile(
    r"\b(?:no|not|without|exclud\w*|rul\w+ out)\b[^*/]{0,30}\*"
    r"|\*\S+\s+(?:is |was |were )?(?:not|absent|negative|excluded|undetected)\b",
    re.IGNORECASE,
)
PLAIN_WORDS = {"hla", "allele", "alleles", "type", "typing", "typed", "genotype", "and"} | {
    "high", "resolution", "homozygous", "heterozygous"
}  # fmt: skip
ZYGOSITY = re.compile(r"\s*\(?\b(?P<zygosity>hetero|homo)zyg\w*\)?\s*\Z", re.IGNORECASE)
HLA_NAME = re.compile(
    r"\*(\d{6}|\d{8}|\d{1,4}(?::\d{1,5}){0,3}[A-Z]?)(?![\d:])|(?<![\d.*:])(\d{2,4}(?::\d{2,5}){1,3})"
)
GL_PREFIX = re.compile(r"hla#[^#]*#", re.IGNORECASE)
PRESENT = r"positive|present|detected"
ABSENT = r"not\s+detected|not\s+present|negative|absent|undetected"
UNSURE = re.compile(
    r"equivocal|indeterminate|inconclusive|borderline|insufficient|QNS|failed|pending",
    re.IGNORECASE,
)
ANSWER = re.compile(rf"\b(?:(?P<absent>{ABSENT}|non-?reactive)|(?P<present>{PRESENT}))\b", re.I)


def diplotypes(gene: Gene, text: str, symbols: Iterable[str]) -> frozenset[Diplotype]:
    """The diplotypes that *text* leaves possible for *gene*; empty where it states none."""
    own = segment(text, gene.symbol, symbols)
    if not own or NEGATED.search(own):
        return frozenset()
    if gene.method == "hla":
        return frozenset(_hla_diplotypes(gene, own))
    if any(name.startswith("*") for name in gene.alleles):
        return frozenset(_star_diplotypes(gene, own))
    return frozenset(_named_diplotypes(gene, own))


def haplotype(gene: Gene, text: str, symbols: Iterable[str]) -> frozenset[str]:
    """The single alleles that *text* names, as written; empty where it names none."""
    own = segment(text, gene.symbol, symbols).strip()
    if gene.method == "hla":
        return frozenset(_hla_names(own))
    if any(name.startswith("*") for name in gene.alleles):
        return frozenset(_tidy(match["allele"]) for match in ALONE.finditer(_signs(own)))
    return frozenset({own} if isinstance(gene.allele(own), str) else ())


def statuses(gene: Gene, text: str, symbols: Iterable[str]) -> frozenset[AlleleStatus]:
    """What *text* says of single alleles of *gene*: `HLA-B*57:01 positive`."""
    own = segment(text, gene.symbol, symbols)
    found = (_status(gene.symbol, allele, own) for allele in gene.alleles)
    return frozenset(status for status in found if status is not None)


def presence(text: str) -> bool | None:
    """Whether *text* says present or absent; None where it says neither, or is not sure.

    `not detected` holds `detected`: words of absence are looked for first.
    """
    if UNSURE.search(text):
        return None
    answers = {match["absent"] is None for match in ANSWER.finditer(text)}
    return answers.pop() if len(answers) == 1 else None


def segment(text: str, symbol: str, symbols: Iterable[str]) -> str:
    """The part of *text* that speaks of *symbol*, without the symbol itself.

    The whole text if it names no gene; nothing if it names other genes only.
    """
    names = "|".join(re.escape(name) for name in sorted(symbols, key=len, reverse=True))
    marks = list(re.finditer(rf"(?<![A-Za-z0-9-])(?:{names})(?![A-Za-z0-9])", text))
    if not marks:
        return text
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    own = [text[m.end() : end] for m, end in zip(marks, ends, strict=True) if m[0] == symbol]
    if all(mark[0] == symbol for mark in marks):
        own.insert(0, text[: marks[0].start()])
    return "".join(own)


def _star_diplotypes(gene: Gene, text: str) -> Iterator[Diplotype]:
    own = _signs(text)
    copied = list(COPIED_PAIR.finditer(own))
    for match in copied:
        copies = f"x{_tidy(match['copies'])}"
        first, second = _tidy(match["first"]), _tidy(match["second"])
        yield Diplotype.of(gene.symbol, first + copies, second)
        yield Diplotype.of(gene.symbol, first, second + copies)
    if copied:
        return
    duplicated = DUPLICATED.search(own) and not re.search(r"\b(?:no|without)\b[^.]*dup", own, re.I)
    for match in PAIR.finditer(own):
        first, second = _tidy(match["first"]), _tidy(match["second"])
        if duplicated and "x" not in first + second:
            yield Diplotype.of(gene.symbol, f"{first}xN", second)
            yield Diplotype.of(gene.symbol, first, f"{second}xN")
        else:
            yield Diplotype.of(gene.symbol, first, second)


def _named_diplotypes(gene: Gene, text: str) -> Iterator[Diplotype]:
    """Alleles with names of many forms (DPYD, G6PD): whatever splits into known ones."""
    for choice in re.split(r"\s+or\s+", text.strip(" :,;.")):
        whole = _named(gene, choice)
        pairs = [
            (*first, *second)
            for slash in re.finditer("/", choice)
            if (first := _haplotype(gene, choice[: slash.start()]))
            and (second := _haplotype(gene, choice[slash.end() :]))
        ]
        listed = _listed(gene, choice)
        if whole:
            yield Diplotype.of(gene.symbol, whole)
        elif len(pairs) == 1:
            yield Diplotype.of(gene.symbol, *pairs[0])
        elif listed:
            yield Diplotype.of(gene.symbol, *listed)


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
    found: list[str] = []
    for item in re.split(r"\s*[;]\s*|\s+and\s+|,\s+(?=c\.)", text.strip()):
        match = ZYGOSITY.search(item)
        known = _named(gene, item[: match.start()]) if match else ""
        if match is None or not known:
            return ()
        found += [known] * (2 if match["zygosity"].lower() == "homo" else 1)
    if len(found) == 1 and gene.reference:
        found.append(gene.reference)
    return tuple(found)


def _named(gene: Gene, text: str) -> str:
    known = gene.allele(text.strip(" :;,."))
    return "" if isinstance(known, Missing) else known


def _hla_diplotypes(gene: Gene, text: str) -> Iterator[Diplotype]:
    """The typings in *text*; none if words beside the alleles may turn their meaning round."""
    words = re.findall(r"[A-Za-z]{2,}", HLA_NAME.sub(" ", GL_PREFIX.sub("", text)))
    if {word.casefold() for word in words} - PLAIN_WORDS:
        return
    string = GL_PREFIX.search(text) is not None
    own = GL_PREFIX.sub("", text)
    for genotype in own.split("|"):
        sides = genotype.split("+")
        if len(sides) == 2:
            for alleles in product(*(_hla_names(side) for side in sides)):
                yield Diplotype.of(gene.symbol, *alleles)
        elif not string and 1 <= len(names := _hla_names(genotype)) <= 2:
            yield Diplotype.of(gene.symbol, *names)


def _hla_names(text: str) -> list[str]:
    """The allele names in *text*, from the star on."""
    return [f"*{match[1] or match[2]}" for match in HLA_NAME.finditer(text)]


def _status(symbol: str, allele: str, text: str) -> AlleleStatus | None:
    name = re.escape(allele.removeprefix("*"))
    after = re.search(rf"{name}(?::\d+)*\s*(?:[:=,-]|is|was)?\s*(.{{0,14}})", text, re.IGNORECASE)
    before = re.search(rf"(\w+) (?:for|of)\s*\S*{name}", text, re.IGNORECASE)
    told = {
        answer
        for match in (after, before)
        if match is not None and (answer := presence(match[1])) is not None
    }
    return AlleleStatus(symbol, allele, told.pop()) if len(told) == 1 else None


def _signs(text: str) -> str:
    """*text* with `x` for every sign of a copy number, and `≥` for `>=`."""
    return COPY_SIGN.sub("x", text.replace(">=", "≥"))


def _tidy(name: str) -> str:
    return re.sub(r"\s*\+\s*", " + ", re.sub(r"\s*x\s*", "x", name)).replace("≥ ", "≥").strip()
