"""The bar: on a terminal only, and gone afterwards."""

import io

from app.progress import Progress, progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_written_on_a_terminal() -> None:
    out = Terminal()

    with progress(out) as bar:
        bar.show("allele", 1, 2)

    assert "\r############............  50%  allele" in out.getvalue()


def test_elsewhere_nothing_is_written() -> None:
    out = io.StringIO()

    with progress(out) as bar:
        bar.show("allele", 1, 2)

    assert out.getvalue() == ""


def test_the_line_is_left_empty() -> None:
    out = Terminal()

    with progress(out) as bar:
        bar.show("a longer name", 1, 2)
        bar.show("short", 2, 2)

    *_, blank, end = out.getvalue().split("\r")
    assert (blank.strip(), end) == ("", "")
    assert len(blank) == len("a longer name") + 31


def test_a_bar_that_was_never_shown_leaves_nothing() -> None:
    out = Terminal()

    with progress(out):
        pass

    assert out.getvalue() == ""


def test_of_nothing_nothing_is_done_and_no_more_than_all_of_something() -> None:
    out = io.StringIO()
    bar = Progress(out)

    bar.show("a", 0, 0)
    bar.show("a", 3, 2)

    assert "  0%" in out.getvalue()
    assert "100%" in out.getvalue()
