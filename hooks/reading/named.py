"""Alleles with names of many forms (DPYD, G6PD, CFTR): whatever splits into known ones.

Names hold commas, slashes, spaces and brackets; nothing is split that is a name as a whole.
"""

import re

from hooks.clinical.facts import Diplotype
from hooks.clinical.genes import Gene
from hooks.reading.words import STRANGE, WORD, bare, plainly, zygosities

CHOICE = re.compile(r"\s+or\s+|\|", re.IGNORECASE)
ZYGOSITY = re.compile(
    r"\s*[(:,-]?\s*\b(?:(?P<zygosity>hetero|homo|hemi)zyg\w*|(?P<short>het|hom))\)?\s*\Z",
    re.IGNORECASE,
)
ZYGOUS = re.compile(
    r"\A\s*(?:(?P<zygosity>hetero|homo|hemi)zyg\w*|(?P<short>het|hom))\b"
    r"(?:\s+for)?(?:\s+the)?\s*",
    re.IGNORECASE,
)
CARRIED = r"(?!0+(?:[.,]0+)?\s*%)\d{1,3}(?:[.,]\d+)?\s*%"  # any share above none
HETEROPLASMY = re.compile(
    r"[,;:]?\s*\(?\s*\b(?:hetero|homo)plasm(?:y|ic)(?:\s+level)?\s*(?:at|of|[:=,])?\s*"
    rf"(?:\(?{CARRIED}\)?)?\s*\)?(?=\s*(?:[;,]|\Z))"
    rf"|[,;:]?\s*\(?\b{CARRIED}\s*(?:hetero|homo)plasm(?:y|ic)\)?(?=\s*(?:[;,]|\Z))",
    re.IGNORECASE,
)
VARIANT = re.compile(
    r"(?:c|m|p|n)\.[\w.>+*=()-]{3,40}|[A-Z]\d{1,4}(?:[A-Z]|del|dup|fs|ins)[\w>()-]{0,20}"
    r"|\d{2,4}[+-]\d+[\w>-]{0,20}"
)
BASE = re.compile(r"[ACGT]")
EMPTY = re.compile(r"[(\[]\s*[:;,.]?\s*[)\]]")
EDGES = re.compile(r"\A[\s:;,.]*(?:[-\u2013\u2014]\s+)?|(?:\s+[-\u2013\u2014])?[\s:;,.]*\Z")
WRAPPED = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\]")
MOST_WORDS = 6  # that change nothing, on either side of alleles
LABELS = {
    "genotype", "haplotype", "diplotype", "result", "results", "allele", "variant", "gene",
    "detected", "present", "identified", "observed", "found", "hemizygous", "final",
}  # fmt: skip
POINTERS = {"see", "note", "comment"}  # to what we do not see
COMPOUND = re.compile(r"\A\s*compound\s+heterozyg\w*(?:\s+for)?\s+", re.IGNORECASE)
ITEMS = re.compile(r"\s*;\s*|\s+and\s+|,\s+(?=c\.|m\.|het|hom)", re.IGNORECASE)


def diplotypes(gene: Gene, own: str) -> tuple[frozenset[Diplotype], str]:
    """The diplotypes that *own* leaves possible, and the words beside them."""
    found: set[Diplotype] = set()
    beside: list[str] = []
    for choice in CHOICE.split(own):
        alleles, rest = _alleles(gene, choice)
        if not alleles:
            return frozenset(), own
        found.add(Diplotype.of(gene.symbol, *alleles))
        beside.append(rest)
    return frozenset(found), " ".join(dict.fromkeys(beside))


def haplotypes(gene: Gene, own: str) -> frozenset[str]:
    """The single allele that *own* names, as written."""
    return frozenset({own} if _named(gene, own) else ())


def _alleles(gene: Gene, choice: str) -> tuple[tuple[str, ...], str]:
    """The alleles of one alternative, and the words beside them."""
    if found := _exact(gene, choice):
        return found, ""
    core = _unwrapped(bare(choice, gene))
    for start, end in _cores(gene, core):
        own, rest = _unwrapped(core[start:end]), core[:start] + core[end:]
        found = _exact(gene, own)
        if _named(gene, own) and not _is_label(own, rest):
            continue
        if found and zygosities(rest) <= {"homo" if len(set(found)) == 1 else "hetero"}:
            return found, choice.replace(core[start:end], " ")
    return (), ""


def _is_label(name: str, rest: str) -> bool:
    """Whether *rest* only labels the lone *name*: `Nice`, `Split` and `A` are words as well."""
    told = {word.casefold() for word in WORD.findall(rest)}
    return told <= LABELS and len(name) > 1 and not name.islower()


def _unwrapped(text: str) -> str:
    """*text* without empty brackets, and without those and the signs around it as a whole."""
    core = EDGES.sub("", EMPTY.sub(" ", text))
    return core[1:-1].strip() if WRAPPED.fullmatch(core) else core


def _cores(gene: Gene, text: str) -> list[tuple[int, int]]:
    """Where the alleles may stand once words that change nothing are taken off both ends."""
    words = list(re.finditer(r"\S+", text))
    neutral = [_is_neutral(gene, word[0]) for word in words]
    before = _leading(neutral)
    after = _leading(neutral[::-1])
    return [
        (words[start].start(), words[end - 1].end())
        for start in range(before + 1)
        for end in range(len(words), len(words) - after - 1, -1)
        if start < end
    ]


def _leading(neutral: list[bool]) -> int:
    """How many of the first words may be taken off."""
    return next((place for place, told in enumerate(neutral[:MOST_WORDS]) if not told), MOST_WORDS)


def _is_neutral(gene: Gene, word: str) -> bool:
    """Whether *word* may stand beside alleles, and is none."""
    told = {each.casefold() for each in WORD.findall(word)}
    if told & POINTERS:
        return False
    return plainly(told) and not STRANGE.search(word) and not _named(gene, word.strip("()[]"))


def _exact(gene: Gene, text: str) -> tuple[str, ...]:
    """The alleles of *text*, if it is nothing but them."""
    if gene.method == "mitochondrial":
        return _variants(gene, HETEROPLASMY.sub("", text))
    if whole := _named(gene, text):
        return (whole,)
    pairs = [
        (*first, *second)
        for slash in re.finditer("/", text)
        if (first := _haplotype(gene, text[: slash.start()]))
        and (second := _second(gene, text, slash.start()))
    ]
    if len(pairs) == 1:
        return pairs[0]
    return _beside_unknown(gene, text) or _listed(gene, text)


def _variants(gene: Gene, text: str) -> tuple[str, ...]:
    """The variants of one mitochondrial call: one, or several in a list; two are no pair."""
    if whole := _named(gene, text):
        return (whole,)
    parts = [
        _named(gene, HETEROPLASMY.sub("", part)) for part in re.split(r"[;,/]|\s+and\s+", text)
    ]
    return tuple(parts) if all(parts) else ()


def _beside_unknown(gene: Gene, text: str) -> tuple[str, ...]:
    """A known variant and one that we do not have, kept as written: the known one may decide."""
    first, slash, second = (part.strip(" ()[]") for part in text.partition("/"))
    if gene.method != "carrier" or not slash:
        return ()
    for known, other in ((first, second), (second, first)):
        if (name := _named(gene, known)) and VARIANT.fullmatch(other):
            return name, other
    return ()


def _haplotype(gene: Gene, text: str) -> tuple[str, ...]:
    """The one chromosome that *text* writes: one known name, or several joined by ` + `."""
    if known := _named(gene, text):
        return (known,)
    parts = [_named(gene, part) for part in re.split(r"\s+\+\s+", text.strip(" []()"))]
    return (" + ".join(parts),) if len(parts) > 1 and all(parts) else ()


def _second(gene: Gene, text: str, slash: int) -> tuple[str, ...]:
    """The chromosome behind the slash; of a lone base, the position stands before the slash."""
    before, after = text[:slash].strip(), text[slash + 1 :].strip()
    if BASE.fullmatch(after) and BASE.fullmatch(before[-1:]):
        return _haplotype(gene, before[:-1] + after)
    return _haplotype(gene, after)


def _listed(gene: Gene, text: str) -> tuple[str, ...]:
    """Variants with their zygosity, without phase: `c.2846A>T heterozygous; …`.

    What no variant takes up is the reference.
    """
    if COMPOUND.search(text):
        two = [_named(gene, part) for part in re.split(r"\s+and\s+", COMPOUND.sub("", text))]
        return tuple(two) if len(two) == 2 and all(two) else ()
    found = _zygotes(gene, text.strip())
    if not found:
        read = [_zygotes(gene, item) for item in ITEMS.split(text.strip())]
        found = [name for names in read for name in names] if all(read) else []
    told = zygosities(text)
    if told == {"hemi"}:
        return tuple(found[:1]) if len(found) == 1 else ()
    if len(found) == 1 and gene.reference:
        found.append(gene.reference)
    return tuple(found) if found != [gene.reference] * 2 or "homo" in told else ()


def _zygotes(gene: Gene, item: str) -> list[str]:
    """The copies of one variant that *item* writes; none if it is not one with its zygosity."""
    behind, before = ZYGOSITY.search(item), ZYGOUS.search(item)
    match = behind or before
    if match is None or (behind and before):
        return []
    known = _named(gene, item[: behind.start()] if behind else item[match.end() :])
    told = (match["zygosity"] or match["short"]).casefold()
    return [known] * (2 if told.startswith("hom") else 1) if known else []


def _named(gene: Gene, text: str) -> str:
    """The table's name for *text*: one of its own, or several of one allele's beside each other."""
    plain = text.strip(" :;,.")
    known = gene.allele(plain)
    if isinstance(known, str) and not (len(plain) == 1 and plain.islower()):
        return known
    outside, bracket, inside = plain[:-1].rpartition(" (") if plain.endswith(")") else ("", "", "")
    if bracket and inside.startswith("p."):  # what the variant does to the protein
        return _named(gene, outside)
    parts = [outside, inside] if bracket else plain.split(", ")
    names = {gene.allele(part) for part in parts}
    only = names.pop() if len(parts) > 1 and len(names) == 1 else ""
    return only if isinstance(only, str) else ""
