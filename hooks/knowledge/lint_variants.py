"""Checks of the variants that define alleles, for `rxhooks lint`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from hooks.clinical.genes import Gene
from hooks.clinical.haplotypes import Definitions
from hooks.clinical.loci import Locus

COPIES = ("two", "one-in-men", "one")


def lint_definitions(
    definitions: Mapping[str, Definitions],
    genes: Mapping[str, Gene],
    names: Mapping[tuple[str, str], Locus],
) -> list[str]:
    """Every problem of the named alleles and of the names of their variants, one a line."""
    return [
        *(problem for each in definitions.values() for problem in _of_gene(each, genes)),
        *_rsids(definitions.values()),
        *(
            f"{gene}: {name} names a letter that its position does not have"
            for (gene, name), locus in names.items()
            if not {locus.letter, locus.normal} <= set(locus.site.letters)
        ),
    ]


def _of_gene(gene: Definitions, genes: Mapping[str, Gene]) -> Iterator[str]:
    if gene.copies not in COPIES:
        yield f"{gene.symbol}: {gene.copies!r} is no number of copies"
    known = genes.get(gene.symbol)
    if known is not None and known.allele(gene.name(0)) != gene.name(0):
        yield f"{gene.symbol}: the reference {gene.name(0)} is not in the gene's table"
    if len({site.chromosome for site in gene.sites.values()}) != 1:
        yield f"{gene.symbol}: lies on several chromosomes"
    moved = {site.position - site.position_37 for site in gene.sites.values() if site.position_37}
    if len(moved) > 1:
        yield f"{gene.symbol}: GRCh37 and GRCh38 are not at one distance"
    for site in gene.sites.values():
        if any(set(letter) - set("ACGT") or not letter for letter in site.letters):
            yield f"{gene.symbol}: {site.position} has letters that are no bases"
    if not gene.not_called:
        yield from _alike(gene)


def _alike(gene: Definitions) -> Iterator[str]:
    """Two alleles of other names that no variant tells apart."""
    named: dict[frozenset[tuple[int, frozenset[str]]], str] = {}
    for name, changes in gene.alleles:
        other = named.setdefault(frozenset(changes.items()), name)
        if other != name:
            yield f"{gene.symbol}: {other} and {name} have the same variants"


def _rsids(definitions: Iterable[Definitions]) -> Iterator[str]:
    named = Counter(site.rsid for gene in definitions for site in gene.sites.values() if site.rsid)
    for rsid, count in named.items():
        if count > 1:
            yield f"{rsid}: names {count} positions"
