"""Activity scores and ranges of them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.scores import NOT_AVAILABLE, Score, ScoreRange

VALUES = st.decimals(0, 100, places=2)
SCORES = st.builds(Score, VALUES, st.booleans()) | st.just(NOT_AVAILABLE)
RANGES = st.builds(ScoreRange, VALUES, VALUES | st.none(), above=st.booleans(), below=st.booleans())


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("0.25", Score(Decimal("0.25"))),
        ("0", Score(Decimal(0))),
        ("≥3.0", Score(Decimal("3.0"), at_least=True)),
        (">=3", Score(Decimal(3), at_least=True)),
        ("n/a", NOT_AVAILABLE),
    ],
)
def test_a_score_is_read_as_cpic_writes_it(text: str, score: Score) -> None:
    assert Score.parse(text) == score


@pytest.mark.parametrize(
    "text", ["", "fast", "N/A", "-1", "NaN", "sNaN", "Infinity", "≥", "1,5", "1.0 ", " 1.0", "1e3"]
)
def test_what_is_no_score_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an activity score"):
        Score.parse(text)


@pytest.mark.parametrize(
    ("first", "second", "total"),
    [
        ("0.25", "1.0", "1.25"),
        ("0.1", "0.2", "0.3"),
        ("≥3.0", "1.0", "≥4.0"),
        ("0.0", "≥3.0", "≥3.0"),
        ("≥2.0", "≥3.0", "≥5.0"),
        ("n/a", "1.0", "n/a"),
        ("≥3.0", "n/a", "n/a"),
    ],
)
def test_scores_add_exactly_and_keep_at_least(first: str, second: str, total: str) -> None:
    assert str(Score.parse(first) + Score.parse(second)) == total


@given(SCORES, SCORES)
def test_the_order_of_adding_does_not_matter(first: Score, second: Score) -> None:
    assert first + second == second + first


@given(SCORES, SCORES, SCORES)
def test_the_grouping_of_adding_does_not_matter(first: Score, second: Score, third: Score) -> None:
    assert (first + second) + third == first + (second + third)


@pytest.mark.parametrize(
    ("score", "copies", "total"),
    [("0.25", 3, "0.75"), ("≥1.0", 2, "≥2.0"), ("0.0", 4, "0.0"), ("n/a", 2, "n/a")],
)
def test_copies_multiply_a_score(score: str, copies: int, total: str) -> None:
    assert str(Score.parse(score).times(copies)) == total


def test_copies_of_nothing_are_nothing_for_certain() -> None:
    assert Score(Decimal(0), at_least=True).times(2) == Score(Decimal(0))


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (Score(Decimal(2)), "2.0"),
        (Score(Decimal("2.00")), "2.0"),
        (Score(Decimal("1.250")), "1.25"),
        (Score(Decimal(100)), "100.0"),
        (Score(Decimal(3), at_least=True), "≥3.0"),
        (NOT_AVAILABLE, "n/a"),
    ],
)
def test_a_score_shows_with_a_decimal_place(score: Score, text: str) -> None:
    assert str(score) == text


@given(SCORES)
def test_a_score_that_shows_reads_as_itself(score: Score) -> None:
    assert Score.parse(str(score)) == score


ONE, TWO = Decimal(1), Decimal(2)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("score 1", ScoreRange(ONE, ONE)),
        ("score 1 to 2", ScoreRange(ONE, TWO)),
        ("score > 1 and < 2", ScoreRange(ONE, TWO, above=True, below=True)),
        ("score >= 1 and < 2", ScoreRange(ONE, TWO, below=True)),
        ("score > 1", ScoreRange(ONE, None, above=True)),
        ("score >= 1", ScoreRange(ONE, None)),
        ("score >1", ScoreRange(ONE, None, above=True)),
    ],
)
def test_a_range_is_read(text: str, span: ScoreRange) -> None:
    assert ScoreRange.parse(text) == span


@pytest.mark.parametrize(
    "text",
    ["", "1 to 2", "score", "score < 1", "score 1 or 2", "score 1 to", "score 1 to 2 ", "score -1"],
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a range of activity scores"):
        ScoreRange.parse(text)


@pytest.mark.parametrize(
    ("span", "score", "holds", "touches"),
    [
        ("score 1 to 2", "1.0", True, True),
        ("score 1 to 2", "2.0", True, True),
        ("score 1 to 2", "2.25", False, False),
        ("score 1 to 2", "0.75", False, False),
        ("score > 1 and < 2", "1.0", False, False),
        ("score > 1 and < 2", "1.25", True, True),
        ("score > 1 and < 2", "2.0", False, False),
        ("score 1", "1.0", True, True),
        ("score > 2", "2.0", False, False),
        ("score > 2", "100.0", True, True),
        ("score >= 2", "2.0", True, True),
        ("score >= 2", "1.75", False, False),
    ],
)
def test_a_plain_score_touches_what_holds_it(
    span: str, score: str, holds: bool, touches: bool
) -> None:
    assert ScoreRange.parse(span).holds(Score.parse(score)) is holds
    assert ScoreRange.parse(span).touches(Score.parse(score)) is touches


@pytest.mark.parametrize(
    ("span", "score", "holds", "touches"),
    [
        ("score > 2", "≥3.0", True, True),
        ("score > 2", "≥2.0", False, True),
        ("score > 2", "≥0.5", False, True),
        ("score >= 2", "≥2.0", True, True),
        ("score 1 to 2", "≥1.0", False, True),
        ("score 1 to 2", "≥2.0", False, True),
        ("score 1 to 2", "≥2.25", False, False),
        ("score > 1 and < 2", "≥2.0", False, False),
        ("score > 1 and < 2", "≥1.75", False, True),
    ],
)
def test_an_open_score_may_touch_what_does_not_hold_it(
    span: str, score: str, holds: bool, touches: bool
) -> None:
    assert ScoreRange.parse(span).holds(Score.parse(score)) is holds
    assert ScoreRange.parse(span).touches(Score.parse(score)) is touches


@given(RANGES)
def test_no_range_holds_or_touches_a_score_that_is_not_available(span: ScoreRange) -> None:
    assert not span.holds(NOT_AVAILABLE)
    assert not span.touches(NOT_AVAILABLE)


@given(RANGES, SCORES)
def test_what_holds_a_score_touches_it(span: ScoreRange, score: Score) -> None:
    assert span.touches(score) or not span.holds(score)
