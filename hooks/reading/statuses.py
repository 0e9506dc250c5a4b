"""Tests for one allele: present or absent, as a report says it."""

import re
from collections.abc import Iterable

from hooks.clinical.facts import AlleleStatus
from hooks.clinical.genes import Gene
from hooks.reading.segments import segment
from hooks.reading.words import LONGEST_TEXT, plainly

ABSENT = re.compile(
    r"\b(?:not\s+detected|not\s+present|not\s+found|negative|absent|undetected|non-?reactive"
    r"|not\s+a\s+carrier|non-?carrier)\b",
    re.IGNORECASE,
)
PRESENT = re.compile(
    r"\b(?:positive|present|detected|carries|carrier(?=\s*(?:of\b|[.;,]|\Z)))\b", re.IGNORECASE
)
CLAUSE = re.compile(r"[;\n]|\.(?=\s|\Z)")


def presence(text: str) -> bool | None:
    """Whether *text* says present or absent; None where it says neither, both, or more than that.

    `not detected` holds `detected`: words of absence are taken out first.
    """
    if len(text) > LONGEST_TEXT:
        return None
    rest, absent = ABSENT.subn(" ", text)
    rest, present = PRESENT.subn(" ", rest)
    words = {word.casefold() for word in re.findall(r"[^\W\d_][\w'-]*", rest)}
    if bool(absent) == bool(present) or not plainly(words) or "?" in text or "/" in rest:
        return None
    return bool(present)


def statuses(gene: Gene, text: str, symbols: Iterable[str]) -> frozenset[AlleleStatus]:
    """What *text* says of single alleles of *gene*: `HLA-B*57:01 positive`."""
    own = segment(text, gene.symbol, symbols)
    found = (_status(gene.symbol, allele, own) for allele in gene.alleles)
    return frozenset(status for status in found if status is not None)


def _status(symbol: str, allele: str, text: str) -> AlleleStatus | None:
    """Every clause that names the allele has to say the same, and plainly."""
    name = re.compile(rf"\*?{re.escape(allele.removeprefix('*'))}(?::\d+)*(?!\d|:\d)")
    told = {presence(name.sub(" ", clause)) for clause in CLAUSE.split(text) if name.search(clause)}
    if len(told) != 1:
        return None
    answer = told.pop()
    return None if answer is None else AlleleStatus(symbol, allele, answer)
