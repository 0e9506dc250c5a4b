"""What a report writes of alleles, to diplotypes: star alleles, named variants, HLA typings.

Text that is not unmistakable gives nothing; a name that is not in our table is kept as written, so
that judging can say so.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from hooks.clinical.facts import Diplotype
from hooks.clinical.genes import Gene
from hooks.reading import hla, named, stars
from hooks.reading.segments import segment


@dataclass(frozen=True, slots=True)
class Stated:
    """The diplotypes that a text leaves possible, and what else it says."""

    diplotypes: frozenset[Diplotype]
    beside: str


def stated(gene: Gene, text: str, symbols: Iterable[str]) -> Stated:
    """The diplotypes that *text* states of *gene*, none if it is not plain; and the rest of it."""
    own = segment(text, gene.symbol, symbols)
    if gene.method == "hla":
        return Stated(hla.diplotypes(gene, own), own)
    if is_starred(gene) and ("*" in own or not _has_other_names(gene)):
        return Stated(*stars.diplotypes(gene, own))
    return Stated(*named.diplotypes(gene, own))


def diplotypes(gene: Gene, text: str, symbols: Iterable[str]) -> frozenset[Diplotype]:
    """The diplotypes that *text* leaves possible for *gene*; empty where it states none."""
    return stated(gene, text, symbols).diplotypes


def haplotype(gene: Gene, text: str, symbols: Iterable[str]) -> frozenset[str]:
    """The single alleles that *text* names, as written; empty where it names none."""
    own = segment(text, gene.symbol, symbols).strip()
    if gene.method == "hla":
        return hla.haplotypes(own)
    return stars.haplotypes(gene, own) if is_starred(gene) else named.haplotypes(gene, own)


def is_starred(gene: Gene) -> bool:
    """Whether the alleles of *gene* are named by stars."""
    return any(name.startswith("*") for name in gene.alleles)


def _has_other_names(gene: Gene) -> bool:
    """Whether some starred allele of *gene* has a name without a star as well."""
    return any("*" not in alias for alias in gene.aliases)
