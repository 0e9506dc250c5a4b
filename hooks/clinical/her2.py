"""HER2 by immunohistochemistry and in situ hybridisation: positive, low, or neither.

The rule catalogue's words: 3+ or a positive hybridisation is positive; 2+ needs hybridisation; 2+
without amplification, or 1+, is low; 0 is zero; a negative without a score is not positive, and
whether it is low is not known. The latest result of each counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from hooks.clinical.logic import Truth

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
GRADES = ("3+", "2+", "1+", "0", "positive", "negative", "equivocal", "unclear")
ALONE = {  # immunohistochemistry without hybridisation: positive?, low?
    "3+": (YES, NO),
    "positive": (YES, NO),
    "2+": (UNKNOWN, UNKNOWN),
    "equivocal": (UNKNOWN, UNKNOWN),
    "unclear": (UNKNOWN, UNKNOWN),
    "1+": (NO, YES),
    "0": (NO, NO),
    "negative": (NO, UNKNOWN),
}
NOT_AMPLIFIED = ALONE | {"2+": (NO, YES), "equivocal": (NO, UNKNOWN)}
SAME = {  # grades that say the same, told more or less exactly
    frozenset({"positive", "3+"}): "3+",
    frozenset({"equivocal", "2+"}): "2+",
    frozenset({"negative", "1+"}): "1+",
    frozenset({"negative", "0"}): "0",
    frozenset({"negative", "2+"}): "2+",
    frozenset({"positive", "2+"}): "2+",
}


@dataclass(frozen=True, slots=True)
class Stain:
    """The latest result of one method: a grade of GRADES, and its day."""

    grade: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Her2:
    """Whether HER2 is positive, and whether it is low; *why* says what leaves it open."""

    positive: Truth
    low: Truth
    why: str = ""


def one_grade(grades: Iterable[str]) -> str:
    """The grade that results of one moment agree on; `unclear` if they do not."""
    told = frozenset(grades)
    return next(iter(told)) if len(told) == 1 else SAME.get(told, "unclear")


def her2(ihc: Stain | None, ish: Stain | None) -> Her2:
    """HER2 by the latest *ihc* and *ish*, one of which may not be on file."""
    if ihc is not None and ish is not None and _before(ish, ihc):
        ish = None  # of an older specimen: it does not settle a newer stain
    if ish is None:
        return _by(ALONE, ihc.grade) if ihc is not None else Her2(UNKNOWN, UNKNOWN)
    if ish.grade == "positive":
        return Her2(YES, NO)
    if ihc is None:
        return _by(ALONE, ish.grade)
    if ish.grade != "negative":
        settled = ihc.grade in {"3+", "positive"}
        return Her2(YES, NO) if settled else Her2(UNKNOWN, UNKNOWN, "hybridisation is not clear")
    if ihc.grade in {"3+", "positive"} and _before(ihc, ish):
        return Her2(UNKNOWN, UNKNOWN, "a later hybridisation contradicts the stain")
    return _by(NOT_AMPLIFIED, ihc.grade)


def _by(table: dict[str, tuple[Truth, Truth]], grade: str) -> Her2:
    positive, low = table[grade]
    whys = {
        "2+": "needs in situ hybridisation",
        "equivocal": "needs in situ hybridisation",
        "negative": "is negative without a score",
    }
    return Her2(positive, low, whys.get(grade, "cannot be read as a score"))


def _before(one: Stain, other: Stain) -> bool:
    return one.on is not None and other.on is not None and one.on < other.on
