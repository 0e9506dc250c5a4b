"""Star alleles in text: pairs, tandems, copy numbers, choices, and alleles counted in words."""

import re

from hooks.clinical.facts import Diplotype
from hooks.clinical.genes import Gene
from hooks.reading.words import bare, unmistakable, zygosities

STAR = r"\*\s?\d{1,4}[A-WYZa-wyz]?[A-WYZ]?(?:\.\d{3})?(?:\s?x\s?(?:N|≥\s?\d{1,2}|\d{1,2}))?"
TANDEM = rf"{STAR}(?:\s*\+\s*{STAR}){{0,3}}"
AFTER = r"(?![\w*/+:]|\.\d)"
PAIR = re.compile(rf"(?<![\w/+])(?P<first>{TANDEM})\s*/\s*(?P<second>{TANDEM}){AFTER}")
COPIED_PAIR = re.compile(
    rf"[(\[]\s*(?P<first>{TANDEM})\s*/\s*(?P<second>{TANDEM})\s*[)\]]\s*x\s*(?P<copies>N|≥?\s?\d{{1,2}})"
)
ALONE = re.compile(rf"(?<![\w/+])(?P<allele>{TANDEM}){AFTER}")
COUNTED = re.compile(
    r"\b(?P<count>one|two|a\s+single|single|1|2)\s+(?:gene\s+)?cop(?:y|ies)\s+of\s+(?:the\s+)?"
    rf"(?:allele\s+)?(?P<allele>{TANDEM}){AFTER}"
    rf"|\b(?P<one>one|1)\s+(?P<named>{TANDEM})\s+(?:allele|copy)\b",
    re.IGNORECASE,
)
GROUP = re.compile(rf"[(\[](?P<choice>\s*{TANDEM}(?:\s*(?:\||\bor\b)\s*{TANDEM})+\s*)[)\]]")
CHOICE = re.compile(r"[\s(]+or\s+|\|", re.IGNORECASE)
COPY_SIGN = re.compile(r"(?<=[\dA-Za-z)\]])\s*[\u00d7xX]\s*(?=N\b|≥|\d)")
COPIED_FIRST = re.compile(rf"(?P<allele>{STAR})\s?-?dup(?:lication)?(?=\s*/)", re.IGNORECASE)
ATTACHED = re.compile(r"(?<=[\dA-Z])-?dup(?=\b|lic)", re.IGNORECASE)
NOT_COPIED = re.compile(
    r"\b(?:no|without|not)\s+(?:\w+\s+){0,2}?(?:dup\w*|multipl\w*|amplif\w*)(?:\s+detected)?"
    r"|\bdup\w*\s+(?:is\s+|was\s+)?(?:not\s+detected|absent|negative)",
    re.IGNORECASE,
)
COPIED = re.compile(r"\b(?:dup\w*|multiplication\w*|amplif\w*)\b", re.IGNORECASE)
COPY_NUMBER = re.compile(
    r"[(\[]?\s*\b(?:(?:gene\s+)?copy[\s-]numbers?|CNV?|copies)\s*(?:of|is|[=:])?\s*"
    r"(?P<number>≥?\s?\d{1,2}|N)\b\s*[)\]]?"
    r"|[(\[]?\s*\b(?P<copies>\d{1,2})\s+(?:gene\s+)?copies\b\s*[)\]]?",
    re.IGNORECASE,
)
COMPOUND = re.compile(r"\bcompound(?=\s+heterozyg)", re.IGNORECASE)
COPIES = re.compile(r"\bcop(?:y|ies)\b|\bCNV?\b|\bgain\b|\bdeletion\b", re.IGNORECASE)
MOST_CHOICES = 12


def diplotypes(gene: Gene, own: str) -> tuple[frozenset[Diplotype], str]:
    """The diplotypes that *own* leaves possible, and the words beside them.

    Every choice has to state a pair, and no allele may be left over.
    """
    found: set[Diplotype] = set()
    beside: list[str] = []
    for choice in _choices(_signs(own)):
        stated, rest = _stated(gene, choice)
        if not stated:
            return frozenset(), own
        found |= stated
        beside.append(rest)
    return frozenset(found), " ".join(dict.fromkeys(beside))


def haplotypes(gene: Gene, own: str) -> frozenset[str]:
    """The single alleles that *own* names, if nothing but words that change nothing is beside."""
    signed = _signs(own)
    found = frozenset(_tidy(match["allele"]) for match in ALONE.finditer(signed))
    return found if unmistakable(bare(ALONE.sub(" ", signed), gene)) else frozenset()


def _choices(text: str) -> list[str]:
    """The alternatives of *text*: what stands beside `or` and `|`, and inside brackets.

    A lone allele behind a pair takes the place of its second one: `*1/*2 or *3`.
    """
    if group := GROUP.search(text):
        before, after = text[: group.start()], text[group.end() :]
        options = [option.strip() for option in CHOICE.split(group["choice"])]
        whole = [each for option in options for each in _choices(f"{before} {option} {after}")]
        return whole[:MOST_CHOICES] if len(whole) <= MOST_CHOICES else [text]
    found: list[str] = []
    first = ""
    for choice in CHOICE.split(text):
        pair, alone = PAIR.search(choice), ALONE.search(choice)
        if pair is None and first and alone is not None:
            choice = f"{choice[: alone.start()]}{first}/{choice[alone.start() :]}"
        first = pair["first"] if pair else first
        found.append(choice)
    return found


def _stated(gene: Gene, choice: str) -> tuple[set[Diplotype], str]:
    """The diplotypes of one alternative, and the words beside them; none if these leave doubt."""
    rest = NOT_COPIED.sub(" ", choice)
    copied, rest = list(COPIED_PAIR.finditer(rest)), COPIED_PAIR.sub(" ", rest)
    pairs, rest = list(PAIR.finditer(rest)), PAIR.sub(" ", rest)
    numbers, rest = _copy_numbers(rest)
    counted, rest = _counted(gene, rest) if not (copied or pairs) else ([], rest)
    named, rest = ([], rest) if copied or pairs or counted else _zygous(gene, rest)
    doubled = COPIED.search(rest) is not None
    words = bare(COMPOUND.sub(" ", COPIED.sub(" ", rest)), gene)
    if "*" in words or "/" in words or COPIES.search(words) or not unmistakable(words):
        return set(), choice
    found = {each for match in copied for each in _either(gene, match, _tidy(match["copies"]))}
    plain = [(_tidy(match["first"]), _tidy(match["second"])) for match in pairs]
    for two in (*plain, *counted, *named):
        found |= _numbered(gene, two, numbers, doubled)
    agree = all(_agrees(each, rest) for each in found) and (not copied or not numbers)
    return (found, rest) if agree else (set(), choice)


def _copy_numbers(text: str) -> tuple[set[str], str]:
    """The copy numbers of the whole gene that *text* tells, and the rest of it."""
    told = {
        (match["number"] or match["copies"]).replace(" ", "").upper()
        for match in COPY_NUMBER.finditer(text)
    }
    return told, COPY_NUMBER.sub(" ", text)


def _counted(gene: Gene, text: str) -> tuple[list[tuple[str, str]], str]:
    """`one copy of *1 and one copy of *4`: the pair, if two copies are counted."""
    alleles: list[str] = []
    for match in COUNTED.finditer(text):
        copies = 2 if (match["count"] or "").casefold() in {"two", "2"} else 1
        alleles += [_tidy(match["allele"] or match["named"])] * copies
    rest = COUNTED.sub(" ", text)
    return ([(alleles[0], alleles[1])], rest) if len(alleles) == 2 else ([], text)


def _zygous(gene: Gene, text: str) -> tuple[list[tuple[str, str]], str]:
    """`homozygous for *2`, `compound heterozygous for *2 and *3`; never half a pair."""
    alleles = [_tidy(match["allele"]) for match in ALONE.finditer(text)]
    rest = ALONE.sub(" ", text)
    if len(alleles) == 1 and zygosities(rest) == {"homo"}:
        return [(alleles[0], alleles[0])], rest
    if len(alleles) == 2 and COMPOUND.search(rest):
        return [(alleles[0], alleles[1])], rest
    return [], text


def _numbered(gene: Gene, two: tuple[str, str], numbers: set[str], doubled: bool) -> set[Diplotype]:
    """The diplotypes of a pair with what is told of its copies; none if that contradicts it."""
    plain = {Diplotype.of(gene.symbol, *two)}
    copied = any("x" in allele for allele in two)
    if not numbers:
        return _copied(gene, two, "N") if doubled and not copied else plain
    if len(numbers) > 1:
        return set()
    number = next(iter(numbers))
    if number in {"N", "≥3"}:
        return set() if copied else _copied(gene, two, "N")
    if not number.isdecimal():
        return set()
    total, counts = int(number), [_count(allele) for allele in two]
    if 0 in counts:
        return plain if copied else set()
    if total == sum(counts):
        return plain
    if copied or any("+" in allele for allele in two):
        return set()
    return {
        Diplotype.of(gene.symbol, _times(two[0], first), _times(two[1], total - first))
        for first in range(1, total)
    }


def _count(allele: str) -> int:
    """The gene copies that *allele* writes; 0 where the number is open."""
    total = 0
    for part in allele.split(" + "):
        copies = part.partition("x")[2]
        if copies and not copies.isdecimal():
            return 0
        total += int(copies or 1)
    return total


def _times(allele: str, copies: int) -> str:
    return allele if copies == 1 else f"{allele}x{copies}"


def _either(gene: Gene, match: "re.Match[str]", copies: str) -> set[Diplotype]:
    """The copies of a pair in brackets: of one of its alleles, or of the gene as a whole."""
    two = _tidy(match["first"]), _tidy(match["second"])
    if copies == "≥3":
        return _copied(gene, two, "N")
    found = _copied(gene, two, copies)
    plain = not any("x" in allele or "+" in allele for allele in two)
    if copies.isdecimal() and int(copies) > 2 and plain:
        found |= _numbered(gene, two, {copies}, doubled=True)
    return found


def _copied(gene: Gene, two: tuple[str, str], copies: str) -> set[Diplotype]:
    """A copy number without its allele: of the first, or of the second."""
    first, second = two
    return {
        Diplotype.of(gene.symbol, f"{first}x{copies}", second),
        Diplotype.of(gene.symbol, first, f"{second}x{copies}"),
    }


def _agrees(diplotype: Diplotype, beside: str) -> bool:
    """Whether what stands beside it of its zygosity is true of *diplotype*."""
    same = len({allele.partition("x")[0] for allele in diplotype.alleles}) == 1
    return zygosities(beside) <= {"hemi", "homo" if same else "hetero"}


def _signs(text: str) -> str:
    """*text* with `x` for every sign of a copy number, and `≥` for `>=`."""
    signed = COPY_SIGN.sub("x", text.replace(">=", "≥"))
    signed = COPIED_FIRST.sub(lambda match: f"{match['allele']}xN", signed)
    return ATTACHED.sub(" dup", signed)


def _tidy(name: str) -> str:
    tight = re.sub(r"\s*([x*≥])\s*", r"\1", re.sub(r"\s*\+\s*", "+", name)).strip()
    letters = re.sub(r"[a-wyz]", lambda match: match[0].upper(), tight)
    return letters.replace("+", " + ")
