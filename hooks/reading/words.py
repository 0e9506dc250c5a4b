"""Words that turn a statement round or leave it open; a text that holds one is not read."""

import re

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
    "duplication", "duplicated", "dup", "multiplication", "amplification",
})
# fmt: on
STATED = re.compile(
    r"\b(?:(?:likely|possible|predicted)\s+)?"
    r"(?:poor|intermediate|normal|extensive|rapid|ultra-?\s?rapid|decreased|increased|low)"
    r"\s+(?:metaboli[sz]ers?|function)\b"
    r"|\bactivity\s+score\b\s*(?:of|is|[:=])?\s*[≥>=]*\s*[\d.,]*|\brs\d+\b",
    re.IGNORECASE,
)
SIGNS = re.compile(r"\?|%|[<>≤]\s*\d")


def unmistakable(text: str) -> bool:
    """Whether *text*, which stands beside alleles, holds only words that cannot change them."""
    rest = STATED.sub(" ", text)
    words = {word.casefold() for word in re.findall(r"[^\W\d_][\w'-]*", rest)}
    return plainly(words) and SIGNS.search(rest) is None


def doubtful(text: str) -> bool:
    """Whether *text* denies, doubts, compares or speaks of somebody else."""
    return len(text) > LONGEST_TEXT or DOUBT.search(text) is not None


def plainly(words: set[str]) -> bool:
    """Whether *words* (in lower case) say nothing that could change what stands beside them."""
    return all(word in NEUTRAL or word.isdigit() for word in words)
