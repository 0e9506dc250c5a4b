"""Numbers over time as a line: the first at the left, the highest at the top."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.pages.trends import HEIGHT, WIDTH, Point, trend

POINTS = st.lists(
    st.builds(
        Point,
        st.dates(date(1990, 1, 1), date(2030, 1, 1)),
        st.decimals(-1000, 1000, places=3),
    ),
    min_size=2,
    max_size=30,
).map(lambda points: sorted(points, key=lambda point: point.on))


def point(on: str, value: str) -> Point:
    return Point(date.fromisoformat(on), Decimal(value))


def test_fewer_than_two_points_make_no_line() -> None:
    assert trend([]) is None
    assert trend([point("2026-01-01", "1")]) is None


def test_a_rise_goes_up_and_to_the_right() -> None:
    line = trend([point("2026-01-01", "1"), point("2026-01-11", "2"), point("2026-01-21", "3")])
    assert line is not None
    assert line.points == "3.0,21.0 48.0,12.0 93.0,3.0"
    assert (line.x, line.y) == ("93.0", "3.0")


def test_what_stays_the_same_is_a_line_in_the_middle() -> None:
    line = trend([point("2026-01-01", "4"), point("2026-02-01", "4")])
    assert line is not None
    assert line.points == "3.0,12.0 93.0,12.0"
    assert line.words == "2 results since 2026-01-01, from 4 to 4"


def test_two_of_one_day_stand_above_each_other() -> None:
    line = trend([point("2026-01-01", "4"), point("2026-01-01", "5")])
    assert line is not None
    assert line.points == "48.0,21.0 48.0,3.0"


@given(POINTS)
def test_every_point_is_in_the_picture(points: list[Point]) -> None:
    line = trend(points)
    assert line is not None
    for place in line.points.split():
        x, y = map(float, place.split(","))
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT
