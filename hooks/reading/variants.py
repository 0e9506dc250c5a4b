"""Variant results to facts on single positions: from components, coded answers and words.

What is on a report and cannot be placed, or has letters that no allele has, is a fact as well: it
makes the gene unreadable, never the reference.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hooks.clinical.codes import ReportTables, ResultCode
from hooks.clinical.haplotypes import CHANGED, UNTOLD, Site
from hooks.clinical.loci import Elsewhere, Found, Loci, Locus, Place
from hooks.reading.resources import Resource, as_dict, as_list, as_text, codings, reference, texts
from hooks.reading.variant_text import NAME, Saying, letter_of, saying, told

SAYINGS = frozenset({"present", "absent", "no-call"})
STATES = frozenset({"heterozygous", "homozygous", "hemizygous", "heteroplasmic", "homoplasmic"})
PART_HOLDS = frozenset(
    {"hgvs", "allelic-state", "ref-allele", "alt-allele", "start-end", "coordinates", "assembly"}
    | {"reference-sequence", "transcript", "copy-number", "significance"}
)
RSID = re.compile(r"rs\d{2,12}\Z", re.IGNORECASE)
DAMAGING = re.compile(r"p\.\(?[A-Za-z]+\d+[A-Za-z]*?(?:fs|Ter|\*|X\b)")

UNPLACED = "is a variant that cannot be placed"
UNFITTING = "has letters that no named allele has"
UNPLAIN = "does not say plainly what was found"
TWO_VARIANTS = "names two different variants"
COPIED = "tells of deleted or added copies, which variants cannot be read with"
DAMAGED = "tells of a variant beside the named alleles that changes the function"


@dataclass(frozen=True, slots=True)
class Fact:
    """What a report says of one variant: at a position of ours, or at none (*site* is None).

    *says* is one of SAYINGS or STATES, or empty where *letters* tell both chromosomes. *letter*
    is what the variant's name stands for, *normal* what stands there otherwise. *sources* are the
    references under which other results speak of this one; *unreadable* why it cannot be used.
    """

    gene: str
    site: Site | None = None
    says: str = ""
    letters: tuple[str, ...] = ()
    letter: str = ""
    normal: str = ""
    phased: bool = False
    sources: frozenset[str] = frozenset()
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """Two results whose variants lie on one chromosome (*cis*) or on two."""

    first: str
    second: str
    cis: bool


@dataclass(frozen=True, slots=True)
class Described:
    """What one variant's components hold: words by what they tell, and all coded answers."""

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: frozenset[str] = frozenset()
    start: int = 0
    copies: str = ""

    def word(self, holds: str) -> str:
        """The first word of one kind; empty if there is none."""
        return next(iter(self.words.get(holds, ())), "")


def facts(part: Resource, gene: str, tables: ReportTables) -> tuple[Fact, ...]:
    """The facts of an Observation, or of a component, that holds a variant.

    *gene* is what the report says of it; empty if it does not.
    """
    named = as_text(part, "id")
    sources = frozenset({reference(part), f"#{named}"} if named else ())
    own = _own(part, tables)
    groups = _groups(part, gene, tables) or [Described()]
    found = [fact for group in groups for fact in _facts(group, own, gene, tables)]
    return tuple(replace(fact, sources=sources) for fact in found)


def text_facts(text: str, gene: str, tables: ReportTables) -> tuple[Fact, ...]:
    """The facts of a text that names variants; none if it says anything else."""
    listed = told(text, (*tables.genes, *tables.loci.genes))
    found = [_fact(Described(), (each.name,), each.saying, gene, tables) for each in listed]
    return tuple(fact for fact in found if fact is not None)


def phase(part: Resource, answers: frozenset[str]) -> tuple[Phase, ...]:
    """What a result on allelic phase says of the two that it was derived from."""
    urls = [as_text(target, "reference") for target in as_list(part, "derivedFrom")]
    if len(urls) != 2 or len(answers & {"cis", "trans"}) != 1:
        return ()
    first, second = (url if url.startswith("#") else "/".join(url.split("/")[-2:]) for url in urls)
    return (Phase(first, second, "cis" in answers),)


def _own(part: Resource, tables: ReportTables) -> Described:
    """The value of *part* itself, and the names in its code."""
    concept = as_dict(part, "valueCodeableConcept")
    known = {code for code in codings(concept) if code in tables.answers}
    coded = {tables.answers[code] for code in known}
    values = (*texts(concept), as_text(part, "valueString"))
    values = tuple(text for text in values if text not in {code for _, code in known})
    named = [word for word in texts(as_dict(part, "code")) if NAME.fullmatch(word.strip())]
    if "dataAbsentReason" in part:
        values, coded = (), {"no-call"}
    words = {"value": tuple(filter(str.strip, values)), "hgvs": tuple(named)}
    return Described(words, frozenset(coded))


def _groups(part: Resource, gene: str, tables: ReportTables) -> list[Described]:
    """The describing components, a group a variant.

    The next begins with another name under the same code, if it is of another position.
    """
    groups: list[list[tuple[str, Resource]]] = []
    here: dict[str, set[object]] = {}
    for component in as_list(part, "component"):
        holds = holds_of(component, tables)
        if holds not in PART_HOLDS:
            continue
        found = (tables.loci.named(word, gene) for word in words_in(component) if holds == "hgvs")
        there = {place.site.position for place in found if isinstance(place, Locus)}
        code = next((code for _, code in codings(as_dict(component, "code"))), "")
        if not groups or (there and here.get(code) and not here[code] & there):
            groups.append([])
            here = {}
        here.setdefault(code, set()).update(there)
        groups[-1].append((holds, component))
    return [_described(group, tables) for group in groups]


def holds_of(component: Resource, tables: ReportTables) -> str:
    known = (tables.codes.get(code) for code in codings(as_dict(component, "code")))
    return next((code.holds for code in known if isinstance(code, ResultCode)), "")


def words_in(component: Resource) -> tuple[str, ...]:
    listed = (*texts(as_dict(component, "valueCodeableConcept")), as_text(component, "valueString"))
    return tuple(word.strip() for word in listed if word.strip())


def _described(group: Iterable[tuple[str, Resource]], tables: ReportTables) -> Described:
    words: dict[str, tuple[str, ...]] = {}
    answers: set[str] = set()
    start, copies = 0, ""
    for holds, component in group:
        words[holds] = (*words.get(holds, ()), *words_in(component))
        concept = as_dict(component, "valueCodeableConcept")
        answers |= {answer for code in codings(concept) if (answer := tables.answers.get(code))}
        if holds == "start-end":
            start = _whole(as_dict(as_dict(component, "valueRange"), "low").get("value"))
        if holds == "copy-number":
            copies = str(as_dict(component, "valueQuantity").get("value", "?"))
    return Described(words, frozenset(answers), start, copies)


def _whole(value: object) -> int:
    """*value* as a whole number; 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if abs(value) < 10**10 and value == int(value) else 0


def _facts(group: Described, own: Described, gene: str, tables: ReportTables) -> Iterator[Fact]:
    """The facts of one group of components, with the value of the whole."""
    values = own.words["value"]
    named = [text for text in values if NAME.search(text)]
    if len(named) == 1 and not group.words and not own.words["hgvs"]:
        in_text = text_facts(named[0], gene, tables)
        if len(in_text) > 1 or (in_text and in_text[0].says):
            yield from in_text
            return
    names = (*own.words["hgvs"], *group.words.get("hgvs", ()))
    names += tuple(match[0] for text in named for match in NAME.finditer(text))
    plain = [NAME.sub(" ", text) for text in values]
    symbols = (*tables.genes, *tables.loci.genes)
    said = [saying(text, symbols) for text in plain]
    answers = own.answers | group.answers
    fact = _fact(group, names, _said(said, answers), gene, tables)
    if fact is not None:
        yield fact


def _said(said: list[Saying | None], answers: frozenset[str]) -> Saying | None:
    """One saying of all words and coded answers; None where they do not go together."""
    letters = {each.letters for each in said if each is not None and each.letters}
    words = {each.says for each in said if each is not None and each.says}
    states = (words | answers) & STATES
    plain = (words | answers) & SAYINGS | ({"no-call"} if "Indeterminate" in answers else set())
    if "no-call" in plain and not states and not letters:
        return Saying("no-call")
    if None in said or len(states) > 1 or len(letters) > 1 or len(plain) > 1:
        return None
    if "absent" in plain and states:
        return None
    if letters:
        return next(each for each in said if each is not None and each.letters)
    return Saying(next(iter(states or plain), ""))


def _fact(
    group: Described, names: Iterable[str], said: Saying | None, gene: str, tables: ReportTables
) -> Fact | None:
    """The fact of one variant; None where nothing is said that could be of a gene of ours."""
    listed = list(names)
    places = _places(group, listed, gene, tables.loci)
    sites = {(place.site.gene, place.site.position): place.site for place in places.placed}
    says = said.says if said else ""
    if not sites:
        return _unplaced(group, listed, says, gene, places)
    site = next(iter(sites.values()))
    fact = Fact(site.gene, site, says)
    other = gene != site.gene and gene in tables.loci.genes
    if len(sites) > 1 or places.strange or other:
        return replace(fact, unreadable=TWO_VARIANTS)
    if group.copies and group.copies not in {"2", "2.0"}:
        return replace(fact, unreadable=COPIED)
    if says == "no-call":
        return fact
    if said is None or said == Saying():
        return replace(fact, unreadable=UNPLAIN)
    return _lettered(fact, group, places, said)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the names of one variant lie; *strange* says that one lies surely elsewhere."""

    placed: tuple[Locus, ...]
    strange: bool
    told: bool


def _places(group: Described, names: list[str], gene: str, loci: Loci) -> Places:
    found: list[Found] = [loci.named(name, gene) for name in names]
    found.append(_coordinate(group, gene, loci))
    strange = any(isinstance(each, Elsewhere) for each in found)
    unknown = any(RSID.match(name) for name in names)
    placed = tuple(each for each in found if isinstance(each, Locus))
    return Places(placed, strange, strange or unknown)


def _coordinate(group: Described, gene: str, loci: Loci) -> Found:
    """What the coordinates of *group* lead to; None where they do not say on which sequence."""
    place = _place(group, gene, loci)
    if place is None or not group.start:
        return None
    start = group.start + (1 if "0-based" in group.answers else 0)
    if "ref-allele" in group.words and "alt-allele" in group.words:
        out, into = (group.word(holds).upper() for holds in ("ref-allele", "alt-allele"))
        into = out if into == "." else into
        change = start, out.replace("-", ""), into.replace("-", "")
        return loci.changed(place, change, gene)
    spot = loci.spots.get(place, {}).get(start)
    return None if spot is None else Locus(spot.site, UNTOLD, spot.normal)


def _place(group: Described, gene: str, loci: Loci) -> Place | None:
    assemblies = {answer for answer in group.answers if answer.startswith(("GRCh", "NCBI"))}
    if sequence := group.word("reference-sequence"):
        place = loci.sequences.get(sequence)
        fits = place is not None and (not assemblies or place[0] in assemblies)
        return place if fits or (place and place[1] == "chrM") else None
    known = loci.genes.get(gene)
    if known is None or len(assemblies) != 1 or "transcript" in group.words:
        return None
    return assemblies.pop(), next(iter(known.sites.values())).chromosome


def _unplaced(
    group: Described, names: list[str], says: str, gene: str, places: Places
) -> Fact | None:
    """A variant at no position of ours: it changes nothing, unless it may change the function."""
    if not gene:
        return Fact("", says=says) if places.told else None
    if says in {"absent", "no-call"}:
        return None
    if group.copies:
        plain = group.copies in {"2", "2.0"}
        return None if plain else Fact(gene, says=says, unreadable=COPIED)
    if "pathogenic" in group.answers or any(DAMAGING.search(name) for name in names):
        return Fact(gene, says=says, unreadable=DAMAGED)
    return None if places.told else Fact(gene, says=says, unreadable=UNPLACED)


def _lettered(fact: Fact, group: Described, places: Places, said: Saying) -> Fact:
    """*fact* with the letters that its names, its components or its words tell."""
    site = fact.site
    assert site is not None  # noqa: S101  a placed fact
    normal = next((place.normal for place in places.placed if place.letter), site.reference)
    letters = {place.letter for place in places.placed if place.letter}
    letters |= _component_letter(group, site, normal) if not group.start else set()
    if said.letters:
        both = tuple(letter_of(site, letter) for letter in said.letters)
        if not all(both) or UNTOLD in letters:
            return replace(fact, unreadable=UNFITTING)
        if said.says == "absent" and set(both) != {normal}:
            return replace(fact, unreadable=UNPLAIN)
        return replace(fact, says="", letters=both, normal=normal, phased=said.phased)
    if not letters and said.says != "absent":
        letters = set(site.letters[1:]) if len(site.letters) == 2 else {CHANGED}
    if said.says == "absent" and letters <= {UNTOLD}:
        return replace(fact, says="absent", normal=site.reference)
    if len(letters) != 1 or UNTOLD in letters:
        return replace(fact, unreadable=UNFITTING)
    return _named_letter(fact, letters.pop(), normal or site.reference)


def _component_letter(group: Described, site: Site, normal: str) -> set[str]:
    """The letter of reference and alternative components that come without coordinates."""
    if "alt-allele" not in group.words:
        return set()
    out, into = (group.word(holds).upper() for holds in ("ref-allele", "alt-allele"))
    if out and letter_of(site, out) != normal:
        return {UNTOLD}
    return {letter_of(site, out if into == "." else into) or UNTOLD}


def _named_letter(fact: Fact, letter: str, normal: str) -> Fact:
    """A letter that a name stands for; where it is the sequence's own, nothing is changed."""
    if letter != normal:
        return replace(fact, letter=letter, normal=normal)
    if fact.says in {"homozygous", "present", "homoplasmic"}:
        return replace(fact, says="absent", normal=normal)
    return replace(fact, unreadable=UNPLAIN)
