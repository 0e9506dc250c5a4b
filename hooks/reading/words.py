"""Words that turn a statement round or leave it open; a text that holds one is not read."""

import re
from functools import lru_cache

from hooks.clinical.genes import INDETERMINATE, Gene

LONGEST_TEXT = 500  # characters; a longer text is no statement of one result
DOUBT = re.compile(
    r"\?|%|[<>≤]\s*\d|\b(?:no|not|non|none|never|neither|nor|cannot|can't|couldn't|isn't|wasn't|un\w*able"
    r"|without|exclud\w*|rul\w+ out|ruled|negative|absent|undetected|pending|fail\w*|inconclusive"
    r"|indeterminate|equivocal|borderline|insufficient|QNS|presum\w*|assum\w*|possibl[ey]|probabl[ey]"
    r"|suspect\w*|tentative\w*|unconfirmed|uncertain|unclear|unknown|ambiguous|default|preliminary"
    r"|repeat\w*|redo|previous\w*|former\w*|prior|history|family|mother|father|parent\w*|sibling\w*"
    r"|brother|sister|donor|control\w*|than|below|above|under|range|expected|tested for|call)\b",
    re.IGNORECASE,
)
# fmt: off
NEUTRAL = frozenset({
    "a", "an", "and", "the", "of", "for", "is", "was", "has", "with", "by", "to", "as", "in", "on",
    "at", "it", "this", "patient", "phenotype", "genotype", "diplotype", "haplotype", "allele",
    "alleles", "gene", "result", "results", "status", "predicted", "inferred", "test", "tested",
    "testing", "type", "typing", "activity", "enzyme", "metabolizer", "metaboliser", "metabolism",
    "function", "functional", "carrier", "carriers", "carried", "homozygous", "heterozygous",
    "hemizygous", "copy", "two", "one", "cpic", "interpretation", "final", "report", "risk", "high",
    "increased", "hla", "found", "variant", "qualifier", "value", "finding", "star", "score",
    "no-function", "gene-drug", "pharmacogenomics", "pharmacogenetics", "see", "comment", "note",
    "duplication", "duplicated", "dup", "multiplication", "amplification", "either", "het",
    "hom", "carries", "detected", "present", "identified", "observed", "single",
    "named", "class", "who",
})
# fmt: on
STATED = re.compile(
    r"\b(?:poor\s+metaboli[sz]er\s*\(PM\)|intermediate\s+metaboli[sz]er\s*\(IM\)"
    r"|normal\s+metaboli[sz]er\s*\(NM\)|rapid\s+metaboli[sz]er\s*\(RM\)"
    r"|ultra-?\s?rapid\s+metaboli[sz]er\s*\(UM\))"
    r"|\b(?:(?:likely|possible|predicted)\s+)?"
    r"(?:poor|intermediate|normal|extensive|rapid|ultra-?\s?rapid|decreased|increased|low)"
    r"\s+(?:metaboli[sz]ers?|function)\b"
    r"|\b(?:activity\s+score|(?-i:AS)(?=\W{0,3}\d|\W{0,3}n/a))(?:\s*\((?-i:AS)\))?"
    r"\s*(?:of|is|[:=])?\s*(?:n/a|[≥>=]*\s*[\d.,]*)",
    re.IGNORECASE,
)
RSID = re.compile(r"\brs\d+\b", re.IGNORECASE)
SIGNS = re.compile(r"[^\w\s:;,.()\[\]'\"=&|/*\u2013\u2014-]")  # all but those that say nothing
STRANGE = re.compile(rf"{SIGNS.pattern}|[\d/*]")
ZYGOSITY = re.compile(r"\b(hetero|homo|hemi)zyg\w*|\b(het|hom)\b", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_][\w'-]*")


def unmistakable(text: str) -> bool:
    """Whether *text*, which stands beside alleles, holds only words that cannot change them.

    Neither does a sign that we do not know, or a number: that may be of copies.
    """
    rest = RSID.sub(" ", STATED.sub(" ", text))
    return plainly({word.casefold() for word in WORD.findall(rest)}) and not STRANGE.search(rest)


def bare(text: str, gene: Gene) -> str:
    """*text* without the phenotypes of *gene* and activity scores, which are read by themselves."""
    if not WORD.search(text):
        return text
    names = (*gene.phenotypes.values(), *gene.ranges, INDETERMINATE)
    return _phenotypes(tuple(dict.fromkeys(names))).sub(" ", STATED.sub(" ", text))


def zygosities(text: str) -> set[str]:
    """What *text* says of zygosity: `homo`, `hetero`, `hemi`; empty if nothing."""
    short = {"het": "hetero", "hom": "homo"}
    told = ((match[1] or match[2]).casefold() for match in ZYGOSITY.finditer(text))
    return {short.get(word, word) for word in told}


def doubtful(text: str) -> bool:
    """Whether *text* denies, doubts, compares or speaks of somebody else."""
    return len(text) > LONGEST_TEXT or DOUBT.search(text) is not None


def plainly(words: set[str]) -> bool:
    """Whether *words* (in lower case) say nothing that could change what stands beside them."""
    return all(word in NEUTRAL or word.isdigit() for word in words)


@lru_cache(maxsize=64)
def _phenotypes(names: tuple[str, ...]) -> "re.Pattern[str]":
    """Any of *names* as a whole, in any case, the longest first."""
    longest = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest))})(?![\w-])", re.IGNORECASE)
