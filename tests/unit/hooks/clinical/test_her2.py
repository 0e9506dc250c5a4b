"""HER2: every grade of the stain with every result of the hybridisation."""

from datetime import date

import pytest

from hooks.clinical.her2 import GRADES, Her2, Stain, her2, one_grade
from hooks.clinical.logic import Truth

YES, NO, OPEN = Truth.YES, Truth.NO, Truth.UNKNOWN
FIRST, LATER = date(2026, 1, 1), date(2026, 2, 1)
# grade of the stain -> (positive, low) alone, with amplification, without it, with an unclear one
TABLE = {
    "3+": ((YES, NO), (YES, NO), (YES, NO), (YES, NO)),
    "positive": ((YES, NO), (YES, NO), (YES, NO), (YES, NO)),
    "2+": ((OPEN, OPEN), (YES, NO), (NO, YES), (OPEN, OPEN)),
    "equivocal": ((OPEN, OPEN), (YES, NO), (NO, OPEN), (OPEN, OPEN)),
    "unclear": ((OPEN, OPEN), (YES, NO), (OPEN, OPEN), (OPEN, OPEN)),
    "1+": ((NO, YES), (YES, NO), (NO, YES), (OPEN, OPEN)),
    "0": ((NO, NO), (YES, NO), (NO, NO), (OPEN, OPEN)),
    "negative": ((NO, OPEN), (YES, NO), (NO, OPEN), (OPEN, OPEN)),
}


def told(status: Her2) -> tuple[Truth, Truth]:
    return status.positive, status.low


def test_every_grade_is_in_the_table() -> None:
    assert TABLE.keys() == set(GRADES)


@pytest.mark.parametrize("grade", GRADES)
def test_stain_and_hybridisation_together(grade: str) -> None:
    alone, amplified, not_amplified, unclear = TABLE[grade]

    assert told(her2(Stain(grade), None)) == alone
    assert told(her2(Stain(grade), Stain("positive"))) == amplified
    assert told(her2(Stain(grade), Stain("negative"))) == not_amplified
    assert told(her2(Stain(grade), Stain("equivocal"))) == unclear


def test_hybridisation_alone() -> None:
    assert told(her2(None, Stain("positive"))) == (YES, NO)
    assert told(her2(None, Stain("negative"))) == (NO, OPEN)
    assert told(her2(None, Stain("equivocal"))) == (OPEN, OPEN)


def test_nothing_tells_nothing() -> None:
    assert her2(None, None) == Her2(OPEN, OPEN)


@pytest.mark.parametrize("ish", ["positive", "negative"])
def test_an_older_hybridisation_does_not_settle_a_newer_stain(ish: str) -> None:
    found = her2(Stain("2+", LATER), Stain(ish, FIRST))

    assert found == Her2(OPEN, OPEN, "needs in situ hybridisation")


def test_the_newest_stain_wins_over_an_older_amplification() -> None:
    assert told(her2(Stain("0", LATER), Stain("positive", FIRST))) == (NO, NO)


def test_a_later_hybridisation_settles_the_stain() -> None:
    assert told(her2(Stain("2+", FIRST), Stain("negative", LATER))) == (NO, YES)


@pytest.mark.parametrize("grade", ["3+", "positive"])
def test_a_strong_stain_without_later_amplification_is_open(grade: str) -> None:
    found = her2(Stain(grade, FIRST), Stain("negative", LATER))

    assert found == Her2(OPEN, OPEN, "a later hybridisation contradicts the stain")


@pytest.mark.parametrize(
    ("grades", "grade"),
    [
        (["1+"], "1+"),
        (["1+", "1+"], "1+"),
        (["negative", "1+"], "1+"),
        (["positive", "3+"], "3+"),
        (["2+", "negative"], "2+"),
        (["1+", "3+"], "unclear"),
        (["positive", "negative"], "unclear"),
        (["0", "negative", "1+"], "unclear"),
    ],
)
def test_results_of_one_moment_may_say_the_same_more_or_less_exactly(
    grades: list[str], grade: str
) -> None:
    assert one_grade(grades) == grade
