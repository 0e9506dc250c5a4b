"""The tables of defining variants: to the named alleles of each gene, and to every name of a site.

allele_variants.csv (the letters of each allele), variant_genes.csv (how each gene is told from
them), variant_names.csv (names on transcripts and proteins), reference_sequences.csv.
"""

from collections.abc import Iterable, Iterator, Mapping

from hooks.clinical.haplotypes import Definition, Definitions, Site, defined
from hooks.clinical.loci import (
    ASSEMBLIES,
    CODED,
    Change,
    Loci,
    Locus,
    Place,
    folded,
    rotated,
    trimmed,
)

Row = Mapping[str, str]
IUPAC = {"R": "AG", "Y": "CT", "M": "AC", "S": "CG", "K": "GT", "W": "AT"}


def definitions(genes: Iterable[Row], variants: Iterable[Row]) -> dict[str, Definitions]:
    """The named alleles of each gene; ValueError for a row that cannot be read."""
    by_gene: dict[str, list[Row]] = {}
    for row in variants:
        by_gene.setdefault(row["gene"], []).append(row)
    return {row["gene"]: _definitions(row, by_gene[row["gene"]]) for row in genes}


def loci(
    genes: Mapping[str, Definitions],
    gene_rows: Iterable[Row],
    variants: Iterable[Row],
    names: Iterable[Row],
    sequences: Iterable[Row],
) -> Loci:
    """Every way to name the sites of *genes*."""
    places = {row["accession"]: (row["assembly"], row["chromosome"]) for row in sequences}
    sites = [site for gene in genes.values() for site in gene.sites.values()]
    normals = {(row["gene"], row["position"]): row["ref_37"] for row in variants if row["ref_37"]}
    changes: dict[tuple[Place, Change], Locus] = {}
    tails: dict[tuple[Place, str], Locus] = {}
    spots: dict[Place, dict[int, Locus]] = {}
    for site in sites:
        for assembly, position in zip(ASSEMBLIES, (site.position, site.position_37), strict=True):
            if not position:
                continue
            place = assembly, site.chromosome
            other = normals.get((site.gene, str(site.position)), "")
            normal = other if other and assembly != ASSEMBLIES[0] else site.reference
            spots.setdefault(place, {})[position] = Locus(site, normal=normal)
            for change, tail, locus in _spelled(site, position, normal):
                if change is not None:
                    changes[place, change] = locus
                tails[place, folded(tail)] = locus
    named = dict(_names(genes, names))
    coded = {gene for gene, name in named if name.startswith("c.")}
    return Loci(
        genes=genes,
        rsids={site.rsid.casefold(): site for site in sites if site.rsid},
        changes=changes,
        tails=tails,
        spots=spots,
        names=named,
        sequences=places,
        transcripts={row["transcript"]: row["gene"] for row in gene_rows if row["transcript"]},
        partial=frozenset(site.gene for site in sites if not site.position_37),
        coded=frozenset(coded),
    )


def _definitions(row: Row, variants: list[Row]) -> Definitions:
    alleles: dict[str, dict[int, frozenset[str]]] = {}
    for variant in variants:
        letters = frozenset(IUPAC.get(variant["alt"], [variant["alt"]]))
        alleles.setdefault(variant["allele"], {})[int(variant["position"])] = letters
    listed: list[tuple[str, Definition]] = [(row["reference"], {})]
    listed += [(name.partition("@")[0], changes) for name, changes in alleles.items()]
    return defined(
        row["gene"], _sites(variants), listed, row["copies"], row["rule"], row["not_called"]
    )


def _sites(variants: list[Row]) -> Iterator[Site]:
    by_position: dict[int, list[Row]] = {}
    for row in variants:
        by_position.setdefault(int(row["position"]), []).append(row)
    for position, rows in by_position.items():
        first = rows[0]
        others = sorted({letter for row in rows for letter in IUPAC.get(row["alt"], [row["alt"]])})
        letters = dict.fromkeys([first["ref"], *others])
        yield Site(
            first["gene"],
            first["chromosome"],
            position,
            tuple(letters),
            first["rsid"],
            int(first["position_37"] or 0),
            tuple({row["alt"]: int(row["shift"]) for row in rows if row["shift"] != "0"}.items()),
        )


def _spelled(site: Site, start: int, normal: str) -> Iterator[tuple[Change | None, str, Locus]]:
    """Each way to write each letter at *site*, where *normal* begins at *start*."""
    same = Locus(site, normal, normal)
    if len(normal) == 1:
        yield None, f"{start}=", same
        yield None, f"{start}{normal}=", same
    for letter in site.letters:
        if letter == normal:
            continue
        position, out, into = trimmed(start, normal, letter)
        locus = Locus(site, letter, normal)
        for moved in range(site.shift(letter) + 1):
            change = position + moved, rotated(out, moved), rotated(into, moved)
            for tail in _tails(change):
                yield change, tail, locus
        for tail in _copies(position, into, site.shift(letter)) if not out else ():
            yield None, tail, locus


def _tails(change: Change) -> Iterator[str]:
    """HGVS for one change, without the sequence."""
    position, out, into = change
    end = position + len(out) - 1
    span = f"{position}" if end == position else f"{position}_{end}"
    if not out:
        yield f"{position - 1}_{position}ins{into}"
    elif not into:
        yield f"{span}del"
    elif len(out) == len(into) == 1:
        yield f"{position}{out}>{into}"
    else:
        yield f"{span}delins{into}"


def _copies(position: int, unit: str, shift: int) -> Iterator[str]:
    """HGVS for an insertion that doubles what stands beside it: wherever the unit stands."""
    for start in range(position, position + shift - len(unit) + 1):
        end = start + len(unit) - 1
        yield f"{start}dup" if start == end else f"{start}_{end}dup"


def _names(
    genes: Mapping[str, Definitions], rows: Iterable[Row]
) -> Iterator[tuple[tuple[str, str], Locus]]:
    """Names of variants in their gene: on the transcript, of the protein, and of the alleles."""
    for gene in genes.values():
        for name, changes in gene.alleles if gene.combines else ():
            if len(changes) == 1:
                position, letters = next(iter(changes.items()))
                site = gene.sites[position]
                locus = Locus(site, min(letters), site.reference)
                yield (gene.symbol, folded(name.partition(" (")[0])), locus
    for row in rows:
        site = genes[row["gene"]].sites[int(row["position"])]
        yield (row["gene"], folded(row["name"])), Locus(site, row["alt"], row["ref"])
        if match := CODED.match(row["name"]):
            for spelled in (f"{match['place']}=", f"{match['place']}{match['out']}="):
                yield (row["gene"], folded(spelled)), Locus(site, row["ref"], row["ref"])
