"""What a laboratory concluded, in its words, to CPIC's terms."""

import re
from collections.abc import Iterable, Mapping

from hooks.clinical.facts import ReportedPhenotype
from hooks.clinical.genes import INDETERMINATE, Gene
from hooks.clinical.scores import Score
from hooks.reading.alleles import segment
from hooks.reading.drug_names import words_of

SCORE = re.compile(
    r"activity\s+score\s*(?:of|is|[:=])?\s*(?P<sign>≥|>=)?\s*(?P<value>\d+(?:[.,]\d+)?|n/a)", re.I
)
NEGATIONS = frozenset({"not", "no", "unlikely", "exclude", "excluded", "excludes"})
LONGEST_TERM = 4  # words


def vocabulary(gene: Gene) -> frozenset[str]:
    """The phenotypes that *gene* can have."""
    return frozenset({*gene.phenotypes.values(), *gene.ranges, INDETERMINATE})


def phenotype(
    gene: Gene, text: str, terms: Mapping[str, str], symbols: Iterable[str]
) -> ReportedPhenotype | None:
    """The one phenotype that *text* states for *gene*, with its score; None if it is not plain."""
    own = segment(text, gene.symbol, symbols)
    words = list(words_of(SCORE.sub(" ", own)))
    if not words or NEGATIONS & set(words):
        return None
    found, rest = _terms(words, terms)
    stated = set(found) & vocabulary(gene)
    if len(stated) != 1 or rest & {term.split()[0] for term in terms}:
        return None
    return ReportedPhenotype(gene.symbol, stated.pop(), score(own))


def score(text: str) -> str:
    """The activity score that *text* gives, as CPIC writes it; empty if it gives none."""
    match = SCORE.search(text)
    if match is None:
        return ""
    return score_text(("≥" if match["sign"] else "") + match["value"])


def score_text(text: str) -> str:
    """*text*, a bare score, as CPIC writes it; empty if it is none."""
    try:
        return str(Score.parse(text.strip().replace(",", ".").lower()))
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
