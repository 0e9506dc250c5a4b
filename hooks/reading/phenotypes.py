"""What a laboratory concluded, in its words, to CPIC's terms."""

import re
from collections.abc import Iterable, Mapping

from hooks.clinical.codes import words_of
from hooks.clinical.facts import ReportedPhenotype
from hooks.clinical.genes import INDETERMINATE, Gene
from hooks.clinical.scores import Score
from hooks.reading.hla import GL_PREFIX
from hooks.reading.segments import segment
from hooks.reading.stars import PAIR
from hooks.reading.words import LONGEST_TEXT, SIGNS, plainly

NUMBER = r"(?:≥|>=)?\s*\d{1,2}(?:[.,]\d{1,3})?(?!\d)"
SCORE = re.compile(
    rf"(?:activity\s+score(?:\s*\(AS\))?|\b(?-i:AS)\b)\s*(?:of|is|[:=])?\s*(?P<value>{NUMBER}|n/a)"
    r"(?P<more>\s*(?:to|-|\u2013)\s*\d)?",
    re.IGNORECASE,
)
LONGEST_TERM = 6  # words


def vocabulary(gene: Gene) -> frozenset[str]:
    """The phenotypes that *gene* can have; HLA has none, only statuses."""
    if gene.method == "hla":
        return frozenset()
    return frozenset({*gene.phenotypes.values(), *gene.ranges, INDETERMINATE})


def phenotype(
    gene: Gene, text: str, terms: Mapping[str, str], symbols: Iterable[str]
) -> ReportedPhenotype | None:
    """The one phenotype that *text* states for *gene*, with its score; None if it is not plain."""
    own = segment(text, gene.symbol, symbols)
    bare = GL_PREFIX.sub(" ", PAIR.sub(" ", SCORE.sub(" ", own)))
    found, rest = _terms(list(words_of(bare)), terms)
    stated = set(found) & vocabulary(gene)
    if len(set(found)) != 1 or len(stated) != 1 or len(text) > LONGEST_TEXT:
        return None
    if not plainly(rest) or SIGNS.search(bare) or rest & {term.split()[0] for term in terms}:
        return None
    return ReportedPhenotype(gene.symbol, stated.pop(), score(own))


def score(text: str) -> str:
    """The activity score that *text* gives, as CPIC writes it; empty if none, or a range."""
    match = SCORE.search(text)
    if match is None or match["more"]:
        return ""
    return score_text(match["value"])


def score_text(text: str) -> str:
    """*text*, a bare score, as CPIC writes it; empty if it is none."""
    plain = text.strip().replace(",", ".").replace(">=", "≥").replace("≥ ", "≥").lower()
    try:
        return str(Score.parse(plain))
    except ValueError:
        return ""


def _terms(words: list[str], terms: Mapping[str, str]) -> tuple[list[str], set[str]]:
    """The terms in *words*, the longest first, each word used once; and the words left over."""
    found: list[str] = []
    rest: set[str] = set()
    start = 0
    while start < len(words):
        for length in range(LONGEST_TERM, 0, -1):
            means = terms.get(" ".join(words[start : start + length]))
            if means is not None:
                found.append(means)
                start += length
                break
        else:
            rest.add(words[start])
            start += 1
    return found, rest
