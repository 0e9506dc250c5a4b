"""Facts of one gene, from one laboratory and day, to what was called at each position."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from hooks.clinical.facts import Missing
from hooks.clinical.haplotypes import UNTOLD, Called, Definitions, Site
from hooks.reading.variants import Fact, Phase

Contradiction = str  # why the facts do not go together
AGAINST = "contradicts another result of the same test"


def called(
    gene: Definitions, facts: Iterable[Fact], phases: Iterable[Phase], sex: str | Missing
) -> list[Called] | Contradiction:
    """One call a position that the facts tell, with phase; or why they cannot be put together."""
    by_site: dict[int, list[Fact]] = {}
    for fact in dict.fromkeys(facts):
        if fact.unreadable:
            return fact.unreadable
        if fact.site is not None and fact.says != "no-call":
            by_site.setdefault(fact.site.position, []).append(fact)
    single = gene.copies == "one" or (gene.copies == "one-in-men" and sex == "male")
    calls: dict[int, Called] = {}
    for position, told in by_site.items():
        letters = _letters(gene.sites[position], told)
        if isinstance(letters, str):
            return letters
        if single:
            letters = _on_one(gene, gene.sites[position], letters)
        calls[position] = Called(position, letters)
    return _phased(calls, by_site, list(phases))


def _letters(site: Site, facts: list[Fact]) -> tuple[str, ...] | Contradiction:
    """The letters at *site*: of both chromosomes, or of the one that is there."""
    told = {tuple(sorted(fact.letters)) for fact in facts if fact.letters}
    single = {fact.letter for fact in facts if fact.says in {"hemizygous", "homoplasmic"}}
    told |= {(f.letter, f.letter) for f in facts if f.says == "homozygous"}
    hets = {fact.letter: fact.normal for fact in facts if fact.says == "heterozygous"}
    told |= _heterozygous(hets)
    present = {f.letter for f in facts if f.says in {"present", "heteroplasmic"}}
    absent = {fact.letter: fact.normal for fact in facts if fact.says == "absent"}
    if single:
        told = {letters for letters in told if set(letters) != single} | {tuple(sorted(single))}
    if not told and present:
        told = {tuple(sorted(present)) if len(present) > 1 else (*present, UNTOLD)}
    if not told:
        told = {(normal, normal) for normal in absent.values()}
    carried = next(iter(told))
    known = UNTOLD in carried or present <= set(carried)
    gone = {letter for letter in absent if letter} | (set() if "" not in absent else _changed(site))
    if len(told) != 1 or len(single) > 1 or len(carried) > 2:
        return AGAINST
    if not known or gone & set(carried):
        return AGAINST
    return carried


def _changed(site: Site) -> set[str]:
    return set(site.letters[1:])


def _heterozygous(hets: Mapping[str, str]) -> set[tuple[str, ...]]:
    """One letter beside the normal one, or two letters that share the position."""
    if len(hets) == 1:
        return {tuple(sorted(pair)) for pair in hets.items()}
    return {tuple(sorted(hets))} if hets else set()


def _on_one(gene: Definitions, site: Site, letters: tuple[str, ...]) -> tuple[str, ...]:
    """The letters where there is one chromosome; in mitochondria any share counts as carried."""
    if gene.copies == "one":
        changed = [letter for letter in letters if letter not in {site.reference, UNTOLD}]
        return tuple(dict.fromkeys(changed)) or (site.reference,)
    return tuple(dict.fromkeys(letter for letter in letters if letter != UNTOLD))


def _phased(
    calls: Mapping[int, Called], by_site: Mapping[int, list[Fact]], phases: list[Phase]
) -> list[Called] | Contradiction:
    """The calls with their phase: those that are bound to each other in one order of chromosomes.

    A bond says whether the first letters (in order of the alphabet) of two positions lie together.
    """
    bonds = [*_reported(calls, by_site, phases), *_written(calls, by_site)]
    sides: dict[int, tuple[int, bool]] = {position: (position, False) for position in calls}
    for first, second, together in bonds:
        (root, turned), (other, other_turned) = sides[first], sides[second]
        turn = turned ^ other_turned ^ (not together)
        if root == other and turn:
            return AGAINST
        for position, (group, side) in list(sides.items()):
            if group == other and root != other:
                sides[position] = root, side ^ turn
    bound = {position for first, second, _ in bonds for position in (first, second)}
    return [
        replace(call, letters=_turned(call, sides[position][1]), phase=f"{sides[position][0]}")
        if position in bound
        else call
        for position, call in calls.items()
    ]


def _turned(call: Called, turned: bool) -> tuple[str, ...]:
    return tuple(reversed(call.letters)) if turned else call.letters


Bond = tuple[int, int, bool]


def _reported(
    calls: Mapping[int, Called], by_site: Mapping[int, list[Fact]], phases: list[Phase]
) -> Iterator[Bond]:
    """The bonds of results on allelic phase; only heterozygous positions have any."""
    named = {
        source: (position, letter)
        for position, told in by_site.items()
        for fact in told
        for source in fact.sources
        if _is_mixed(calls[position]) and (letter := _changed_letter(fact))
    }
    for each in phases:
        if each.first in named and each.second in named:
            (first, letter), (second, other) = named[each.first], named[each.second]
            same = calls[first].letters.index(letter) == calls[second].letters.index(other)
            if first != second:
                yield first, second, same == each.cis


def _written(calls: Mapping[int, Called], by_site: Mapping[int, list[Fact]]) -> Iterator[Bond]:
    """The bonds of letters that one text writes in the order of the chromosomes: `G|A`."""
    last: dict[frozenset[str], tuple[int, bool]] = {}
    for position, told in by_site.items():
        for fact in told:
            if not fact.phased or not _is_mixed(calls[position]):
                continue
            ordered = fact.letters == calls[position].letters
            if fact.sources in last:
                before, was_ordered = last[fact.sources]
                yield before, position, ordered == was_ordered
            last[fact.sources] = position, ordered


def _changed_letter(fact: Fact) -> str:
    """The letter that a heterozygous fact is about; empty where it is about both."""
    others = [letter for letter in fact.letters if letter != fact.normal]
    return fact.letter or (others[0] if len(others) == 1 else "")


def _is_mixed(call: Called) -> bool:
    return len(set(call.letters)) == 2 and UNTOLD not in call.letters
