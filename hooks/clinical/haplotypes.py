"""From called positions to every diplotype that fits: all alleles of a gene at once, as bits.

A position that was not called excludes nothing. What fits no named allele is Missing, never the
reference.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from hooks.clinical.facts import Diplotype, Missing, Why

UNTOLD = "?"  # the letter of a chromosome that the report does not tell
CHANGED = "*"  # a letter that is not the reference, without saying which; the same in one call
Definition = Mapping[int, frozenset[str]]  # position -> the letters that an allele may have there
Pair = tuple[int, int]  # the alleles that may lie on one chromosome, and on the other
Block = frozenset[Pair]  # one of these holds


@dataclass(frozen=True, slots=True)
class Site:
    """One position by which alleles differ, on the plus strand of GRCh38.

    *letters*: the reference first, then the others, as in a VCF file. *shifts*: letters, and by
    how many bases that insertion or deletion may be moved to the right without becoming another
    one. *position_37* is 0 where no source gives it.
    """

    gene: str
    chromosome: str
    position: int
    letters: tuple[str, ...]
    rsid: str = ""
    position_37: int = 0
    shifts: tuple[tuple[str, int], ...] = ()

    @property
    def reference(self) -> str:
        """The letters of GRCh38."""
        return self.letters[0]

    def shift(self, letter: str) -> int:
        """By how many bases the change to *letter* may be moved to the right."""
        return dict(self.shifts).get(letter, 0)


@dataclass(frozen=True, slots=True)
class Called:
    """What was found at one position: a letter for each chromosome, `?` for one not told.

    `*` is a letter that is not the reference, without saying which. Calls of the same *phase* give
    their letters in one order of the chromosomes.
    """

    position: int
    letters: tuple[str, ...]
    phase: str = ""


@dataclass(frozen=True, slots=True)
class Definitions:
    """The named alleles of one gene by their letters; the first is the reference.

    *copies*: how many chromosomes carry the gene: `two`, `one-in-men` or `one`. In a gene that
    *combines*, each allele is a variant, and one chromosome may carry several. *not_called* says
    why the gene cannot be told from small variants, if so.
    """

    symbol: str
    copies: str
    combines: bool
    sites: Mapping[int, Site]
    alleles: tuple[tuple[str, Definition], ...]
    masks: Mapping[int, Mapping[str, int]]
    not_called: str = ""

    @property
    def everything(self) -> int:
        """The bits of all alleles."""
        return (1 << len(self.alleles)) - 1

    def name(self, index: int) -> str:
        """The allele behind one bit."""
        return self.alleles[index][0]


@dataclass(frozen=True, slots=True)
class Fitting:
    """The diplotypes that fit, and how many do: fewer stand for all if *count* is greater.

    *open* says that positions of further variants were not called, which may lie on the same
    chromosomes.
    """

    diplotypes: frozenset[Diplotype]
    count: int
    open: bool = False


def defined(
    symbol: str,
    sites: Iterable[Site],
    alleles: Iterable[tuple[str, Definition]],
    copies: str = "two",
    rule: str = "",
    not_called: str = "",
) -> Definitions:
    """The definitions of one gene; the first of *alleles* is the reference.

    Each allele comes with the positions where it differs. A name may come several times.
    *rule* is `combines` for a gene of which one chromosome may carry several alleles.
    """
    listed = {site.position: site for site in sites}
    named = tuple(alleles)
    masks = {
        position: {letter: _mask(named, site, letter) for letter in site.letters}
        for position, site in listed.items()
    }
    return Definitions(symbol, copies, rule == "combines", listed, named, masks, not_called)


def _mask(alleles: Iterable[tuple[str, Definition]], site: Site, letter: str) -> int:
    """The alleles that may have *letter* at *site*, one bit each."""
    plain = frozenset({site.reference})
    fitting = (letter in changes.get(site.position, plain) for _, changes in alleles)
    return sum(1 << index for index, fits in enumerate(fitting) if fits)


def fitting_diplotypes(
    gene: Definitions, calls: Iterable[Called]
) -> frozenset[Diplotype] | Missing:
    """Every diplotype of named alleles that *calls* leave possible, or why there is none."""
    found = fitting(gene, calls, {}, most=len(gene.alleles) ** 2)
    return found if isinstance(found, Missing) else found.diplotypes


def fitting(
    gene: Definitions, calls: Iterable[Called], functions: Mapping[str, str], most: int
) -> Fitting | Missing:
    """What *calls* leave possible; if that is more than *most*, one diplotype a pair of functions.

    *functions*: allele -> its clinical function or value; alleles of one function are judged
    alike, so the few stand for all.
    """
    told = list(calls)
    if gene.not_called:
        return _unreadable(gene, gene.not_called)
    if unknown := next((call for call in told if not _known(gene, call)), None):
        return _unreadable(gene, f"no named allele has what was found at {unknown.position}")
    if gene.copies == "one" or any(len(call.letters) == 1 for call in told):
        return _on_one_chromosome(gene, told, functions, most)
    return _on_two_chromosomes(gene, told, functions, most)


def _known(gene: Definitions, call: Called) -> bool:
    letters = gene.sites[call.position].letters
    return all(letter in {UNTOLD, CHANGED, *letters} for letter in call.letters)


def _on_one_chromosome(
    gene: Definitions, calls: list[Called], functions: Mapping[str, str], most: int
) -> Fitting | Missing:
    """The alleles that fit where the gene is there once: X in men, mitochondria."""
    if gene.copies == "two":
        return _unreadable(gene, "one chromosome lacks a part of the gene")
    single = [Called(call.position, tuple(dict.fromkeys(call.letters))) for call in calls]
    if any(len(call.letters) != 1 for call in single):
        return _unreadable(gene, "two different letters where there is one chromosome")
    allowed = reduce(and_, (_letter(gene, c, c.letters[0]) for c in single), gene.everything)
    names = list(dict.fromkeys(gene.name(index) for index in _bits(allowed)))
    if names:
        shown = names if len(names) <= most else _one_each(names, functions)
        found = frozenset(Diplotype.of(gene.symbol, name) for name in shown)
        return Fitting(found, len(names), not allowed & 1 and _is_open(gene, calls))
    return _combined(gene, single)


def _one_each(names: Iterable[str], functions: Mapping[str, str]) -> Iterable[str]:
    return {functions.get(name, ""): name for name in names}.values()


def _on_two_chromosomes(
    gene: Definitions, calls: list[Called], functions: Mapping[str, str], most: int
) -> Fitting | Missing:
    """Pairs of alleles: each of a pair fits one chromosome of every block of phase."""
    partners = dict(_partners(gene, _blocks(gene, calls)))
    if not partners:
        return _combined(gene, calls)
    count = sum((mask >> index).bit_count() for index, mask in partners.items())
    pairs = _all_pairs(partners) if count <= most else _pair_each(gene, partners, functions)
    found = frozenset(
        Diplotype.of(gene.symbol, gene.name(first), gene.name(second)) for first, second in pairs
    )
    return Fitting(found, count, 0 not in partners and _is_open(gene, calls))


def _is_open(gene: Definitions, calls: Iterable[Called]) -> bool:
    """Whether further variants, at positions that were not called, may lie beside those found."""
    return gene.combines and bool(gene.sites.keys() - {call.position for call in calls})


def _blocks(gene: Definitions, calls: Iterable[Called]) -> set[Block]:
    """What may lie on one chromosome and what on the other; an unphased call is its own block."""
    phased: dict[str, Pair] = {}
    blocks: set[Block] = set()
    for call in calls:
        if call.phase:
            first, second = phased.get(call.phase, (gene.everything, gene.everything))
            here, there = (_letter(gene, call, letter) for letter in call.letters)
            phased[call.phase] = (first & here, second & there)
        else:
            blocks.add(frozenset(_options(gene, call)))
    return blocks | {frozenset({pair}) for pair in phased.values()}


def _options(gene: Definitions, call: Called) -> Iterator[Pair]:
    """The pairs of one call: one for each letter that `*` may stand for."""
    changed = gene.sites[call.position].letters[1:] if CHANGED in call.letters else (UNTOLD,)
    for letter in changed:
        meant = [letter if each == CHANGED else each for each in call.letters]
        yield _letter(gene, call, meant[0]), _letter(gene, call, meant[1])


def _letter(gene: Definitions, call: Called, letter: str) -> int:
    """The alleles that may have *letter* where *call* was made."""
    masks = gene.masks[call.position]
    if letter == CHANGED:
        return reduce(or_, (masks[each] for each in gene.sites[call.position].letters[1:]))
    return gene.everything if letter == UNTOLD else masks[letter]


def _partners(gene: Definitions, blocks: Iterable[Block]) -> Iterator[tuple[int, int]]:
    """Each allele that fits anything, with the alleles that may be the other of its pair."""
    listed = list(blocks)
    alike = [block for block in listed if len(block) == 1 and len(set(*block)) == 1]
    apart = [block for block in listed if block not in alike]
    same = reduce(and_, (first for block in alike for first, _ in block), gene.everything)
    for index in _bits(same):
        mask = same
        for block in apart:
            mask &= reduce(or_, (_beside(index, pair) for pair in block))
        if mask:
            yield index, mask


def _beside(index: int, pair: Pair) -> int:
    """The alleles that may lie beside allele *index*, whichever chromosome that is."""
    first, second = pair
    return (second if first >> index & 1 else 0) | (first if second >> index & 1 else 0)


def _all_pairs(partners: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    for index, mask in partners.items():
        for other in _bits(mask >> index << index):
            yield index, other


def _pair_each(
    gene: Definitions, partners: Mapping[int, int], functions: Mapping[str, str]
) -> Iterator[tuple[int, int]]:
    """The first pair of each two functions; alleles without one are of one kind."""
    kinds: dict[str, int] = {}
    for index in partners:
        function = functions.get(gene.name(index), "")
        kinds[function] = kinds.get(function, 0) | 1 << index
    for members in kinds.values():
        for others in kinds.values():
            first = next((i for i in _bits(members) if partners[i] & others), None)
            if first is not None:
                yield first, next(_bits(partners[first] & others))


def _combined(gene: Definitions, calls: list[Called]) -> Fitting | Missing:
    """The variants carried, where no two alleles hold them all and one chromosome may.

    Variants in phase on one chromosome are joined by ` + `; each of those without phase counts as
    on a chromosome of its own.
    """
    named: list[str] = []
    for phase in dict.fromkeys(call.phase for call in calls if gene.combines):
        within = [call for call in calls if call.phase == phase]
        for carried in _carried(gene, within):
            names = _named(gene, carried, calls)
            if carried and not names:
                return _no_fit(gene)
            named += [" + ".join(names)] if phase and names else names
    if not named:
        return _no_fit(gene)
    if len(named) == 1 and gene.copies != "one":
        named.append(gene.name(0))
    found = frozenset({Diplotype.of(gene.symbol, *named)})
    return Fitting(found, 1, _is_open(gene, calls))


def _carried(gene: Definitions, calls: Iterable[Called]) -> tuple[dict[int, str], dict[int, str]]:
    """The letters other than the reference: of one chromosome, and of the other.

    Without phase the first has everything, the second what is there twice.
    """
    first: dict[int, str] = {}
    second: dict[int, str] = {}
    for call in calls:
        plain = {gene.sites[call.position].reference, UNTOLD}
        letters = [letter for letter in call.letters if call.phase or letter not in plain]
        for chromosome, letter in zip((first, second), letters, strict=False):
            if letter not in plain:
                chromosome[call.position] = letter
    return first, second


def _named(gene: Definitions, carried: dict[int, str], calls: Iterable[Called]) -> list[str]:
    """The alleles that make up *carried*, those of several positions first; none if one is left."""
    called = {call.position for call in calls}
    names, left = [], dict(carried)
    for name, changes in sorted(gene.alleles, key=lambda allele: -len(allele[1])):
        asked = changes.keys() & called
        if asked and all(left.get(position) in changes[position] for position in asked):
            names.append(name)
            left = {position: left[position] for position in left.keys() - asked}
    return [] if left else names


def _bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _no_fit(gene: Definitions) -> Missing:
    return _unreadable(gene, "no named alleles have the variants that were found")


def _unreadable(gene: Definitions, detail: str) -> Missing:
    return Missing(gene.symbol, Why.UNREADABLE, detail)
