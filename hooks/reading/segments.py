"""Which part of a text speaks of which gene."""

import re
from collections.abc import Iterable
from functools import lru_cache

from hooks.reading.words import LONGEST_TEXT

GENE_LIKE = r"CYP\s?\d[A-Z]?\d{0,2}|\d[A-Z]\d{1,2}|[A-Z]{2,}[A-Z0-9-]*\d[A-Z0-9-]*"


def segment(text: str, symbol: str, symbols: Iterable[str]) -> str:
    """The part of *text* that speaks of *symbol*, without the symbol itself.

    The whole text if it names no gene; nothing if it names other genes only, ours or not.
    """
    if len(text) > LONGEST_TEXT:
        return ""
    marks = list(_marks(tuple(symbols)).finditer(text))
    if not marks:
        return text
    names = _short(symbol)
    mine = [_folded(each[0]) in names for each in marks]
    ends = [each.start() for each in marks[1:]] + [len(text)]
    own = [
        text[m.end() : end] for m, end, is_mine in zip(marks, ends, mine, strict=True) if is_mine
    ]
    if all(mine):
        own.insert(0, text[: marks[0].start()])
    return "".join(own)


def named_genes(text: str, symbols: Iterable[str]) -> list[str]:
    """The genes of *symbols* that *text* names, as a whole or short: `2C19`, `B*57:01`."""
    known = tuple(symbols)
    told = {_folded(each[0]) for each in _marks(known).finditer(text[:LONGEST_TEXT])}
    return [symbol for symbol in known if told & _short(symbol)] if told else []


def _folded(name: str) -> str:
    return re.sub(r"[\s-]", "", name.casefold())


@lru_cache(maxsize=256)
def _short(symbol: str) -> frozenset[str]:
    """How *symbol* may be written: as it is, and without what its family has in common."""
    name = _folded(symbol)
    return frozenset({name, name.removeprefix("hla"), name.removeprefix("cyp")})


@lru_cache(maxsize=8)
def _marks(symbols: tuple[str, ...]) -> "re.Pattern[str]":
    """Where a gene is named: one of *symbols* in any case, or what looks like another gene."""
    known = "|".join(re.escape(name) for name in sorted(symbols, key=len, reverse=True))
    return re.compile(
        rf"(?<![A-Za-z0-9-])(?:(?i:{known})(?![A-Za-z0-9])|(?:{GENE_LIKE})(?=\s*[:*\s(])"
        r"|(?:HLA-)?(?:[A-CE-G]|D[PQR][AB]?\d?|MIC[AB])w?(?=\*\d))"
    )
