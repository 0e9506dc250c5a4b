"""A card as text for a terminal."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sandbox
from sandbox.show import FRAMED, WIDEST, printed

CARD: dict[str, Any] = {
    "summary": "Firstin is unlikely to work",
    "indicator": "critical",
    "detail": "**What to do:** Choose \\*another\\* drug.\n\n**Assumed:** \n- One.\n- Another.",
    "source": {"label": "A society", "url": "https://society.example"},
    "suggestions": [
        {
            "label": "Secondin instead",
            "isRecommended": True,
            "actions": [{"type": "create", "description": "Order secondin"}],
        },
        {"label": "A test", "actions": [{"type": "create", "description": "Order the test"}]},
    ],
}


class Terminal(io.StringIO):
    """An output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that is wider than any card, whatever these tests run in."""
    monkeypatch.setenv("COLUMNS", "200")


def lines(**elements: Any) -> list[str]:
    """What is printed, without the frame."""
    return [line[2:-2].rstrip() for line in printed(CARD | elements).split("\n")]


def test_these_tests_are_of_the_package_and_not_of_their_own_folder() -> None:
    assert Path(str(sandbox.__file__)).parent.name == "sandbox"
    assert Path(str(sandbox.__file__)).parents[1] == Path(__file__).parents[3]


def test_a_card_is_printed_in_the_order_in_which_an_ehr_shows_it() -> None:
    text = printed(CARD)

    shown = ("CRITICAL", "What to do", "● Secondin", "○ A test", "Source: A society https://")
    places = [text.index(words) for words in shown]
    assert places == sorted(places)


def test_markdown_is_shown_as_plain_text() -> None:
    shown = lines()

    assert "What to do: Choose *another* drug." in shown
    assert "- One." in shown
    assert "**" not in printed(CARD)


def test_each_suggestion_is_marked_and_tells_what_it_does() -> None:
    shown = lines()

    assert "● Secondin instead" in shown
    assert "○ A test" in shown
    assert "     create: Order secondin" in shown


def test_a_card_without_suggestions_has_no_empty_block() -> None:
    card = {key: value for key, value in CARD.items() if key != "suggestions"}

    assert printed(card).count("├") == 2
    assert printed(CARD).count("├") == 3


def test_a_card_without_detail_and_source_url_is_printed() -> None:
    card = {"summary": "x", "indicator": "info", "source": {"label": "A society"}}

    assert "Source: A society" in printed(card)


@pytest.mark.parametrize("length", [1, 80, 139, 500])
def test_every_line_is_as_wide_as_the_frame(length: int) -> None:
    words = ("word " * length)[:length]

    text = printed(CARD | {"summary": words, "detail": words})

    assert {len(line) for line in text.split("\n")} == {WIDEST}


@pytest.mark.parametrize("columns", [FRAMED, 80, WIDEST])
def test_the_frame_is_as_wide_as_a_narrower_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    text = printed(CARD | {"detail": "word " * 40 + "x" * 300})

    assert {len(line) for line in text.split("\n")} == {columns}


@pytest.mark.parametrize("columns", [12, 40, FRAMED - 1])
def test_a_small_terminal_gets_all_of_it_without_a_frame(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    wide = {sign for sign in printed(CARD) if sign.isalnum()}
    monkeypatch.setenv("COLUMNS", str(columns))

    text = printed(CARD)

    assert max(map(len, text.split("\n"))) <= columns
    assert {sign for sign in text if sign.isalnum()} == wide
    assert not set("│─┌├└") & set(text)


def test_what_goes_to_no_terminal_is_as_wide_as_a_card_gets() -> None:
    environment = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
    code = f"from sandbox.show import printed; print(printed({CARD!r}))"
    shown = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"PYTHONIOENCODING": "utf-8"},
        cwd=Path(str(sandbox.__file__)).parents[1],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert {len(line) for line in shown.stdout.decode().splitlines()} == {WIDEST}


def test_a_word_that_is_wider_than_the_frame_is_broken() -> None:
    assert {len(line) for line in printed(CARD | {"detail": "x" * 300}).split("\n")} == {WIDEST}


def test_continued_lines_of_a_list_are_indented() -> None:
    shown = lines(detail="- " + "word " * 40)

    assert [line[:2] for line in shown if "word" in line] == ["- ", "  ", "  "]


def test_colours_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert "\x1b" not in printed(CARD)

    monkeypatch.setattr(sys, "stdout", Terminal())
    assert "\x1b[41;97m CRITICAL \x1b[0m" in printed(CARD)

    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in printed(CARD)


def test_a_coloured_heading_is_as_wide_as_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    plain = printed(CARD).split("\n")[1]

    monkeypatch.setattr(sys, "stdout", Terminal())
    coloured = printed(CARD).split("\n")[1]

    assert coloured.replace("\x1b[41;97m", "").replace("\x1b[0m", "") == plain
