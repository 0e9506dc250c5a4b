"""What a result says in words or coded answers: found, not found, or not plainly.

Its order: words of doubt, then words of absence, then words of presence, since `not detected`
holds `detected`.
"""

import re
from collections.abc import Iterable

from hooks.clinical.logic import Truth
from hooks.reading.words import LONGEST_TEXT

DOUBT = re.compile(
    r"\?|\b(?:equivocal|indeterminate|inconclusive|borderline|insufficient|qns|fail\w*|pending"
    r"|uncertain|unclear|unknown|invalid|suspicious|possibl[ey]|probabl[ey]|suspected|presumed"
    r"|no[\s-]?call|unable|cannot|limited|not\s+(?:performed|done|tested|evaluable|evaluated"
    r"|assessed|assessable|available|called|determined|interpretable|excluded|ruled\s+out"
    r"|applicable|reported|sufficient|possible|specified))\b",
    re.IGNORECASE,
)
ABSENT = re.compile(
    r"\b(?:(?:not|non|un)[\s-]?(?:detect\w*|present|reactive|found|identified|seen|observed"
    r"|amplified|rearranged|mutated|expressed|positive|deleted|overexpressed)"
    r"|no|none|without|lacks?|negative|neg|absent|absence|wild[\s-]?type|wt|proficient|pmmr|mss"
    r"|stable|normal)\b",
    re.IGNORECASE,
)
PRESENT = re.compile(
    r"\b(?:positive|pos|present|detected|reactive|found|identified|seen|observed|amplified"
    r"|amplification|rearranged|mutated|(?:over)?express(?:ed|ion|ing|es)|deleted)\b",
    re.IGNORECASE,
)
AFFIRMED = re.compile(r"\bpositive\b", re.IGNORECASE)
NEGATED = re.compile(r"\bnot\b", re.IGNORECASE)
SENTENCE = re.compile(r"[;\n]|\.(?=\s|\Z)")
PIECE = re.compile(r",|\bbut\b", re.IGNORECASE)
ANSWERS = {"present": Truth.YES, "absent": Truth.NO, "no-call": Truth.UNKNOWN}
Words = re.Pattern[str] | None


def answered(answers: Iterable[str]) -> Truth | None:
    """What coded *answers* say; UNKNOWN if they contradict each other, None if nothing."""
    return agreed(ANSWERS[answer] for answer in answers if answer in ANSWERS)


def agreed(told: Iterable[Truth | None]) -> Truth | None:
    """What all of *told* that say anything say; UNKNOWN where they differ."""
    found = {each for each in told if each is not None}
    if len(found) > 1:
        return Truth.UNKNOWN
    return next(iter(found), None)


def in_order(by_code: Truth | None, by_words: Truth | None) -> Truth | None:
    """What codes say, else words; UNKNOWN where words plainly contradict the codes."""
    if by_code is None or by_words in {None, Truth.UNKNOWN}:
        return by_words if by_code is None else by_code
    return agreed((by_code, by_words))


def sentences(text: str) -> list[str]:
    """The sentences of *text*, each of which speaks for itself."""
    return [part for part in SENTENCE.split(text) if part.strip()]


def said(text: str, positive: Words = None, negative: Words = None) -> Truth | None:
    """What *text* says; None if nothing. *positive* and *negative* are further words for it."""
    if len(text) > LONGEST_TEXT:
        return Truth.UNKNOWN
    return agreed(_sentence(part, positive, negative) for part in sentences(text))


def _sentence(text: str, positive: Words, negative: Words) -> Truth | None:
    if DOUBT.search(text):
        return Truth.UNKNOWN
    rest = ABSENT.sub(" ", negative.sub(" no ", text) if negative else text)
    if not ABSENT.search(text) and not (negative and negative.search(text)):
        if NEGATED.search(text):
            return Truth.UNKNOWN
        return Truth.YES if _affirms(text, positive) else None
    if AFFIRMED.search(rest):
        return Truth.UNKNOWN
    pieces = [piece for piece in PIECE.split(text) if piece.strip()]
    if len(pieces) > 1 and _affirms(rest, positive):
        return agreed(_sentence(piece, positive, negative) for piece in pieces)
    return Truth.NO


def _affirms(text: str, positive: Words) -> bool:
    return bool(PRESENT.search(text) or (positive is not None and positive.search(text)))
