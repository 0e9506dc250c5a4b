"""Where a variant lies: rsID, coordinates, HGVS or SPDI to a position that tells alleles apart."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hooks.clinical.haplotypes import Definitions, Site

Place = tuple[str, str]  # assembly and chromosome
Change = tuple[int, str, str]  # first base, bases taken out, bases put in; trimmed
ASSEMBLIES = ("GRCh38", "GRCh37")
GENOMIC = re.compile(
    r"(?:(?P<sequence>NC_\d{6}\.\d{1,2})(?:\([\w-]+\))?:)?[gm]\.(?P<tail>\d[\w>=]*)\Z"
)
SPDI = re.compile(
    r"(?P<sequence>NC_\d{6}\.\d{1,2}):(?P<start>\d{1,9}):(?P<out>[ACGT]*):(?P<into>[ACGT]*)\Z"
)
CODING = re.compile(r"(?:(?P<sequence>[\w.]+)(?:\([\w-]+\))?:)?(?P<name>[cp]\..+)\Z")
SUBSTITUTION = re.compile(r"(?P<start>\d{1,9})(?P<out>[ACGT]+)>(?P<into>[ACGT]+)\Z")
CODED = re.compile(r"(?P<place>c\.[-*]?\d+(?:[-+]\d+)?)(?P<out>[ACGT])>[ACGT]\Z")
SPAN = re.compile(r"(?P<start>\d{1,9})(?:_(?P<end>\d{1,9}))?")
REMOVED = re.compile(r"(?<=del|dup)[ACGT]+(?=ins|\Z)", re.IGNORECASE)
# fmt: off
AMINO_ACIDS = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G",
    "His": "H", "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S",
    "Thr": "T", "Trp": "W", "Tyr": "Y", "Val": "V", "Ter": "X",
}
# fmt: on
ACID = re.compile("|".join(AMINO_ACIDS))


@dataclass(frozen=True, slots=True)
class Locus:
    """A position, and the letter that a name says was found there; empty if it says none.

    The letter is `?` for a change that no allele has. *normal* is the letter of the sequence that
    the name was written on.
    """

    site: Site
    letter: str = ""
    normal: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A name that was understood, and is of no position that tells our alleles apart."""


Found = Locus | Elsewhere | None  # None: the name cannot be told


@dataclass(frozen=True, slots=True)
class Loci:
    """Every way to name the positions of all genes.

    *sequences*: accession with version -> (assembly, chromosome). *transcripts*: accession
    without version -> gene. *partial*: the genes of which some position has no GRCh37 source;
    *coded*: those of which every substitution has its name on the transcript.
    """

    genes: Mapping[str, Definitions] = field(default_factory=dict)
    rsids: Mapping[str, Site] = field(default_factory=dict)
    changes: Mapping[tuple[Place, Change], Locus] = field(default_factory=dict)
    tails: Mapping[tuple[Place, str], Locus] = field(default_factory=dict)
    spots: Mapping[Place, Mapping[int, Locus]] = field(default_factory=dict)
    names: Mapping[tuple[str, str], Locus] = field(default_factory=dict)
    sequences: Mapping[str, Place] = field(default_factory=dict)
    transcripts: Mapping[str, str] = field(default_factory=dict)
    partial: frozenset[str] = frozenset()
    coded: frozenset[str] = frozenset()

    def named(self, name: str, gene: str) -> Found:
        """What *name* stands for: HGVS, SPDI, rsID, or a variant's own name in *gene*."""
        if match := SPDI.match(name):
            place = self.sequences.get(match["sequence"])
            change = int(match["start"]) + 1, match["out"], match["into"]
            return self.changed(place, change, gene) if place else None
        if match := GENOMIC.match(name):
            return self._genomic(match["sequence"], match["tail"], gene)
        if site := self.rsids.get(name.casefold()):
            return Locus(site, normal=site.reference)
        if match := CODING.match(name):
            return self._coding(match["sequence"], match["name"], gene)
        return self.names.get((gene, folded(name)))

    def changed(self, place: Place, change: Change, gene: str) -> Found:
        """The position at which one sequence stands for another; both may share their ends."""
        position, out, into = change
        if out == into:
            spot = self.spots.get(place, {}).get(position)
            return Locus(spot.site, out, out) if spot and spot.normal == out else Elsewhere()
        found = self.changes.get((place, trimmed(position, out, into)))
        return found or self._beside(place, position, position + max(len(out), 1) - 1, gene)

    def _beside(self, place: Place, start: int, end: int, gene: str) -> Found:
        """A change that no allele has: `?` if it covers a position of ours, else elsewhere."""
        if place[0] != ASSEMBLIES[0] and gene in self.partial:
            return None
        spots = self.spots.get(place, {})
        covered = sorted(position for position in spots if start <= position <= end)
        return Locus(spots[covered[0]].site, "?") if covered else Elsewhere()

    def _genomic(self, sequence: str | None, tail: str, gene: str) -> Found:
        place = self.sequences.get(sequence or "") or self._mitochondrial(gene)
        if place is None:
            return None
        if match := SUBSTITUTION.match(tail):
            return self.changed(place, (int(match["start"]), match["out"], match["into"]), gene)
        if found := self.tails.get((place, folded(tail))):
            return found
        span = SPAN.match(tail)
        start = int(span["start"]) if span else 0
        return self._beside(place, start, int(span["end"] or start) if span else 0, gene)

    def _mitochondrial(self, gene: str) -> Place | None:
        """The place of a name without a sequence: there is one for mitochondria only."""
        known = self.genes.get(gene)
        if known is None or known.copies != "one":
            return None
        return next((ASSEMBLIES[0], site.chromosome) for site in known.sites.values())

    def _coding(self, sequence: str | None, name: str, gene: str) -> Found:
        """A name on a transcript; a substitution that none of our alleles has is elsewhere."""
        if sequence and self.transcripts.get(sequence.partition(".")[0], gene) != gene:
            return Elsewhere()
        if sequence and sequence.partition(".")[0] not in self.transcripts:
            return None
        found = self.names.get((gene, folded(name)))
        plain = CODED.match(name)
        return found or (Elsewhere() if plain and gene in self.coded else None)


def folded(name: str) -> str:
    """*name* as it is looked up: lower case, one letter an amino acid, no letters after `del`."""
    if name.startswith("p."):
        name = ACID.sub(lambda match: AMINO_ACIDS[match[0]], re.sub(r"[()]", "", name))
    return REMOVED.sub("", name.strip()).casefold()


def trimmed(position: int, out: str, into: str) -> Change:
    """The change without what both sequences share at their ends."""
    while out and into and out[-1] == into[-1]:
        out, into = out[:-1], into[:-1]
    while out and into and out[0] == into[0]:
        out, into, position = out[1:], into[1:], position + 1
    return position, out, into


def rotated(unit: str, moved: int) -> str:
    """*unit* as it reads when its place in a repeat is moved to the right by *moved* bases."""
    turn = moved % len(unit) if unit else 0
    return unit[turn:] + unit[:turn]
