"""Variants in words: `rs4244285 G/A`, `NC_000010.11:g.94781859G>A heterozygous`, SPDI, `c.…`.

Letters are those of the plus strand. Text that holds more than names and what was found is not
read.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from hooks.clinical.haplotypes import Site
from hooks.clinical.loci import rotated, trimmed
from hooks.reading.words import LONGEST_TEXT, unmistakable

CHANGED = r"(?:[ACGT]+>[ACGT]+|del[ACGT]*(?:ins[ACGT]+)?|dup[ACGT]*|ins[ACGT]+|[ACGT]*=)"
POSITION = r"[-*]?\d+(?:[-+]\d+)?"
NAME = re.compile(
    r"(?<![\w.:>])(?:"
    r"rs\d{2,12}"
    r"|NC_\d{6}\.\d{1,2}:\d{1,9}:[ACGT]*:[ACGT]*"
    rf"|(?:NC_\d{{6}}\.\d{{1,2}}(?:\([\w-]+\))?:)?[gm]\.\d+(?:_\d+)?{CHANGED}"
    rf"|(?:[A-Z]+_?\d+(?:\.\d{{1,2}})?(?:\([\w-]+\))?:)?c\.{POSITION}(?:_{POSITION})?{CHANGED}"
    r"|(?:NP_\d+\.\d{1,2}:)?p\.\(?[A-Z][a-z]{0,2}\d+(?:[A-Z][a-z]{0,2}|\*)\)?"
    r")(?![\w>])"
)
LETTERS = r"[ACGT]{1,40}|-|(?i:del)[ACGT]{0,40}|(?i:ins)[ACGT]{0,40}"
PAIR = re.compile(
    rf"(?<![\w>/|-])(?P<first>{LETTERS})\s*(?P<sign>[/|;,])\s*(?P<second>{LETTERS})(?![\w>/|-])"
)
TWO = re.compile(r"(?<![\w>/|])(?P<first>[ACGT])(?P<second>[ACGT])(?![\w>/|])")
REFERENCE = r"(?:wild[\s-]?type|reference)"
STAR = re.compile(r"\(\*\d{1,4}[A-Z]?\)")  # the allele that the variant is known by
SAYINGS = {
    "no-call": r"no[\s-]?call|not\s+(?:called|tested|determined)|failed|indeterminate",
    "absent": rf"(?:homozygous\s+)?(?:for\s+)?(?:the\s+)?\b{REFERENCE}(?:\s+allele)?\b"
    r"|\bwt(?:/wt)?\b|not\s+(?:detected|present|found)|\b(?:negative|absent|undetected)\b",
    "hemizygous": r"\bhemizyg\w+",
    "heterozygous": r"\b(?:het|heterozyg\w+)\b",
    "homozygous": r"\b(?:hom|homozyg\w+)\b(?:\s+(?:variant|alternate|mutant)\b)?",
    "heteroplasmic": r"\bhet(?:eroplasm\w+)\b(?:\W{0,3}\d{1,3}(?:\.\d+)?\s?%)?",
    "homoplasmic": r"\bhomoplasm\w+",
    "present": r"\b(?:positive|present|detected|carried)\b",
}
SAID = [(says, re.compile(words, re.IGNORECASE)) for says, words in SAYINGS.items()]


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said of one variant: a word of SAYINGS, or the letters of the chromosomes.

    Both empty: nothing. *phased* letters are in the order of the chromosomes.
    """

    says: str = ""
    letters: tuple[str, ...] = ()
    phased: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One variant that a text names, with what it says of it."""

    name: str
    saying: Saying = field(default_factory=Saying)


def told(text: str, symbols: Iterable[str]) -> tuple[Told, ...]:
    """The variants of *text*; none if there is anything in it that may mean something else."""
    names = list(NAME.finditer(text)) if len(text) <= 10 * LONGEST_TEXT else []
    if not names:
        return ()
    ends = [each.start() for each in names[1:]] + [len(text)]
    pieces = [text[name.end() : end] for name, end in zip(names, ends, strict=True)]
    before = text[: names[0].start()]
    if len(names) == 1:
        before, pieces = "", [f"{before} {pieces[0]}"]
    known = tuple(symbols)
    sayings = [saying(piece, known) for piece in pieces]
    if saying(before, known) != Saying() or None in sayings:
        return ()
    listed = zip(names, sayings, strict=True)
    return tuple(Told(name[0], said) for name, said in listed if said is not None)


def saying(text: str, symbols: tuple[str, ...]) -> Saying | None:
    """What *text*, which stands beside a variant's name, says; None if it cannot be told."""
    if len(text) > LONGEST_TEXT:
        return None
    rest = _symbol(symbols).sub(" ", text)
    match = PAIR.search(rest) or TWO.search(rest)
    if match is not None:
        rest = rest[: match.start()] + " " + rest[match.end() :]
    found: list[str] = []
    for says, words in SAID:
        rest, count = words.subn(" ", rest)
        found += [says] if count else []
    rest = STAR.sub(" ", rest)
    if not unmistakable(rest) or "/" in rest or ">" in rest:
        return None
    return _one(found, match)


@lru_cache(maxsize=8)
def _symbol(symbols: tuple[str, ...]) -> "re.Pattern[str]":
    known = "|".join(re.escape(name) for name in sorted(symbols, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{known})(?![\w-])", re.IGNORECASE)


def _one(found: list[str], match: "re.Match[str] | None") -> Saying | None:
    """One saying of words and letters that do not contradict each other."""
    if len(found) == 2 and found[1] == "present" and found[0] not in {"absent", "no-call"}:
        found = found[:1]
    if len(found) > 1:
        return None
    says = found[0] if found else ""
    if match is None:
        return Saying(says)
    letters = match["first"], match["second"]
    same = letters[0] == letters[1]
    fitting = {"": True, "heterozygous": not same, "homozygous": same, "absent": same}
    if not fitting.get(says, False):
        return None
    return Saying(says, letters, "sign" in match.groupdict() and match["sign"] == "|")


def letter_of(site: Site, text: str) -> str:
    """The letter of *site* that *text* writes, as in a VCF file or by what is gone; else empty."""
    if text in site.letters:
        return text
    word = text.casefold()
    fitting = [letter for letter in site.letters if word in set(_written(site, letter))]
    return fitting[0] if len(fitting) == 1 else ""


def _written(site: Site, letter: str) -> Iterator[str]:
    """Short ways to write *letter*: `-`, `del`, `delA`, `insT`; `A` for what others lack."""
    _, out, into = trimmed(0, site.reference, letter)
    shift = site.shift(letter)
    if out and not into:
        yield from ("-", "del")
        yield from (f"del{rotated(out, moved)}".casefold() for moved in range(shift + 1))
    elif into and not out:
        yield "ins"
        yield from (f"ins{rotated(into, moved)}".casefold() for moved in range(shift + 1))
    elif letter == site.reference:
        changes = [trimmed(0, letter, other) for other in site.letters[1:]]
        if all(gone and not new for _, gone, new in changes):
            yield from (gone.casefold() for _, gone, _ in changes)
        elif all(new and not gone for _, gone, new in changes):
            yield "-"
