"""HLA typings in text and GL strings: any number of fields, G and P groups, old names."""

import re
from collections.abc import Iterator
from itertools import product

from hooks.clinical.facts import Diplotype
from hooks.clinical.genes import Gene

CHOICE = re.compile(r"\s+or\s+|\|", re.IGNORECASE)
NAME = re.compile(
    r"\*(\d{6}|\d{8}|\d{1,4}(?::\d{1,5}){0,3}[A-Z]?)(?!\d|:\d)"
    r"|(?:(?<=[/+])|\A)\s*(\d{2,4}(?::\d{2,5}){1,3}[A-Z]?)(?!\d|:\d)"
)
BARE_NAME = re.compile(r"(?:(?<=[/+,])|\A)\s*(\d{2,4}(?::\d{2,5}){1,3}[A-Z]?)(?!\d|:\d)")
WORDS = {"hla", "allele", "alleles", "type", "typing", "typed", "genotype", "and"} | {
    "high", "resolution", "homozygous", "heterozygous"
}  # fmt: skip
GL_PREFIX = re.compile(r"hla#[^#]*#", re.IGNORECASE)


def diplotypes(gene: Gene, own: str) -> frozenset[Diplotype]:
    """The typings that *own* leaves possible; none if it holds words that may turn them round."""
    return frozenset(_diplotypes(gene, own)) if _is_plain(own) else frozenset()


def haplotypes(own: str) -> frozenset[str]:
    """The single alleles that *own* names, as written."""
    return frozenset(_names(own)) if _is_plain(own) else frozenset()


def _diplotypes(gene: Gene, text: str) -> Iterator[Diplotype]:
    string = GL_PREFIX.search(text) is not None
    choices = [_typings(choice, string) for choice in CHOICE.split(GL_PREFIX.sub("", text))]
    if all(choices):
        for typings in choices:
            yield from (Diplotype.of(gene.symbol, *alleles) for alleles in typings)


def _is_plain(text: str) -> bool:
    """Whether *text* holds nothing but allele names and words that go with them."""
    name = NAME if "*" in text else BARE_NAME
    rest = name.sub(" ", GL_PREFIX.sub("", text))
    words = {word.casefold() for word in re.findall(r"[A-Za-z]{2,}", rest)}
    return not words - WORDS and re.search(r"[?%\d]", rest) is None


def _typings(text: str, string: bool) -> list[tuple[str, ...]]:
    """The pairs of alleles that one genotype leaves possible; in a GL string `/` is ambiguity."""
    sides = text.split("+")
    if len(sides) == 2:
        return list(product(*(_names(side) for side in sides)))
    names = _names(text)
    if string or len(sides) > 2 or not 1 <= len(names) <= 2:
        return []
    return [tuple(names)]


def _names(text: str) -> list[str]:
    """The allele names in *text*, from the star on."""
    if "*" not in text:
        return [f"*{match[1]}" for match in BARE_NAME.finditer(text)]
    return [f"*{match[1] or match[2]}" for match in NAME.finditer(text)]
