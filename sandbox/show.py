"""A card as text for a terminal, in the order in which an EHR shows it."""

import os
import re
import shutil
import sys
import textwrap
from typing import Any

WIDEST = 92
FRAMED = 60  # columns below which a frame only takes room
COLOURS = {"critical": "41;97", "warning": "43;30", "info": "44;97"}
ESCAPE = re.compile(r"\\([^\w\s])")


def printed(card: dict[str, Any]) -> str:
    """Summary, indicator, text, suggestions and source of *card*, as wide as the terminal."""
    parts = [[_heading(card)], _paragraphs(card.get("detail", ""))]
    parts += [_suggestions(card)] if card.get("suggestions") else []
    parts += [[_source(card["source"])]]
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 0)).columns)
    lines = _framed(parts, width) if width >= FRAMED else _bare(parts, width)
    return "\n".join(lines)


def _suggestions(card: dict[str, Any]) -> list[str]:
    lines = []
    for suggestion in card["suggestions"]:
        mark = "●" if suggestion.get("isRecommended") else "○"
        lines.append(f"{mark} {suggestion['label']}")
        lines += [f"     {act['type']}: {act['description']}" for act in suggestion["actions"]]
    return lines


def _framed(parts: list[list[str]], width: int) -> list[str]:
    lines = []
    for place, part in enumerate(parts):
        lines.append(_rule("├", "┤", width) if place else _rule("┌", "┐", width))
        wrapped = (line for text in part for line in _wrapped(text, width - 4))
        lines += [f"│ {line}{' ' * (width - 4 - _width(line))} │" for line in wrapped]
    return [*lines, _rule("└", "┘", width)]


def _bare(parts: list[list[str]], width: int) -> list[str]:
    """Without a frame; an empty line stands after each part."""
    return [line for part in parts for text in [*part, ""] for line in _wrapped(text, width)]


def _heading(card: dict[str, Any]) -> str:
    indicator = card["indicator"]
    label = f" {indicator.upper()} "
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        label = f"\x1b[{COLOURS.get(indicator, '7')}m{label}\x1b[0m"
    return f"{label} {card['summary']}"


def _source(source: dict[str, str]) -> str:
    return "Source: " + " ".join(filter(None, (source["label"], source.get("url"))))


def _paragraphs(markdown: str) -> list[str]:
    """The lines of *markdown* as plain text: no stars around words, no backslashes."""
    bare = ESCAPE.sub(r"\1", markdown.replace("**", ""))
    return [line for line in bare.split("\n") if line.strip()]


def _wrapped(text: str, width: int) -> list[str]:
    indent = "     " if text.startswith("     ") else "  " if text.startswith("- ") else ""
    return textwrap.wrap(text, width, subsequent_indent=indent, drop_whitespace=True) or [""]


def _width(line: str) -> int:
    return len(re.sub(r"\x1b\[[\d;]*m", "", line))


def _rule(left: str, right: str, width: int) -> str:
    return left + "─" * (width - 2) + right
