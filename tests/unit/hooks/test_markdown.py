"""Text from data into Markdown: whatever it holds, it shows as plain text."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hooks.markdown import LONGEST, escaped, plain, unmarked

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
TAG = re.compile(r"<[^>]*>")
PARAGRAPH = re.compile(r"<p>([^<>]*)</p>\n\Z")


def rendered(text: str) -> str:
    return MARKDOWN.render(text)


def shown(text: str) -> str:
    """What a reader sees of *text*, which must be one paragraph without any other tag."""
    match = PARAGRAPH.match(rendered(text))
    assert match, rendered(text)
    return html.unescape(match[1])


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- remark",
    "</p><h1>x</h1>",
    "&lt;b&gt; &#60;b&#62; &copy;",
    "[click](https://evil.example)",
    "![pixel](https://evil.example/p.png)",
    "[click][1]",
    "[1]: https://evil.example",
    "<https://evil.example>",
    "https://evil.example",
    "www.evil.example",
    "WWW.evil.example",
    "mailto:a@evil.example",
    "@someone #1 a@evil.example",
    "**bold** __bold__ *it* _it_ ~~gone~~",
    "`code` ```code```",
    "# heading",
    "> quote",
    "*",
    "***",
    "___",
    "~~~",
    "| a | b |",
    "$x^2$",
    "back\\slash \\* \\",
    "{{template}} ${x}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_shows_as_it_was_written(text: str) -> None:
    assert shown(f"Found: {escaped(text)}") == f"Found: {text}"
    assert shown(escaped(text)) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_no_markup_becomes_a_tag(text: str) -> None:
    assert set(TAG.findall(rendered(escaped(text)))) == {"<p>", "</p>"}


@pytest.mark.parametrize("text", ["- item", "+ item", "1. item", "1) item", "---", "- - -"])
def test_no_list_and_no_rule_begins_with_data(text: str) -> None:
    assert shown(escaped(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example",
        "http://evil.example",
        "ftp://evil.example",
        "www.evil.example",
        "WwW.evil.example",
        "mailto:a.example",
    ],
)
def test_a_bare_address_is_broken_for_readers_that_make_links_of_it(text: str) -> None:
    assert not re.search(r"(?i)https?://|ftp://|www\.|mailto:", escaped(text))


def test_a_mention_is_broken() -> None:
    assert escaped("@someone") == "\\@someone"


@pytest.mark.parametrize(
    "text",
    [
        "one\ntwo",
        "one\r\n\r\ntwo",
        "one\ttwo",
        "one\x00two",
        "one\x1b[2Jtwo",
        "one\x85two",
        "one\u2028two",
        "one\u202etwo",
        "one\u2066two\u2069",
        "one\u200b\u200ftwo",
    ],
    ids=ascii,
)
def test_control_and_direction_signs_become_a_space(text: str) -> None:
    assert plain(text).replace("[2J", "") == "one two"


@pytest.mark.parametrize("sign", ["\u061c", "\u2060", "\ufeff", "\u00ad"], ids=ascii)
def test_no_sign_that_does_not_show_stays_in(sign: str) -> None:
    assert sign not in plain(f"one{sign}two")


def test_text_is_one_line_without_spare_spaces() -> None:
    assert plain("  one \n\n  two  ") == "one two"


def test_indented_text_is_no_code() -> None:
    assert shown(escaped("        code")) == "code"


def test_long_text_is_cut_and_says_so() -> None:
    assert plain("x" * LONGEST) == "x" * LONGEST
    assert plain("x" * (LONGEST + 1)) == "x" * (LONGEST - 1) + "…"


def test_cutting_does_not_break_an_escape() -> None:
    text = "*" * 500

    assert shown(escaped(text)) == "*" * (LONGEST - 1) + "…"


def test_our_own_text_keeps_its_length_and_lines() -> None:
    assert unmarked("a*b\n" + "x" * 500) == "a\\*b\n" + "x" * 500


@given(st.text(max_size=300))
def test_any_text_shows_as_plain_text(text: str) -> None:
    expected = plain(text)

    assert shown(f"Found: {escaped(text)}.") == f"Found: {expected}."


@given(st.text("<>[]()!*_`~#|&;:/\\@.w-+=$^{}\"' ht", max_size=60))
def test_no_mixture_of_signs_is_markup(text: str) -> None:
    assert shown(f"Found: {escaped(text)}.") == f"Found: {plain(text)}."


@given(st.text())
def test_plain_text_has_one_line_of_limited_length(text: str) -> None:
    told = plain(text)

    assert len(told) <= LONGEST
    assert len(told.splitlines()) <= 1
    assert plain(told) == told
