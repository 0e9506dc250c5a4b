"""A card as text for a terminal, in the order in which an EHR shows it."""

import os
import re
import sys
import textwrap
from typing import Any

WIDTH = 92
COLOURS = {"critical": "41;97", "warning": "43;30", "info": "44;97"}
ESCAPE = re.compile(r"\\([^\w\s])")


def printed(card: dict[str, Any]) -> str:
    """Summary, indicator, text, suggestions and source of *card*."""
    lines = [_rule("┌", "┐"), *_block(_heading(card)), _rule("├", "┤")]
    lines += [line for part in _paragraphs(card.get("detail", "")) for line in _block(part)]
    lines += [_rule("├", "┤")] if card.get("suggestions") else []
    for suggestion in card.get("suggestions", []):
        mark = "●" if suggestion.get("isRecommended") else "○"
        lines += _block(f"{mark} {suggestion['label']}")
        lines += [
            line
            for action in suggestion["actions"]
            for line in _block(f"     {action['type']}: {action['description']}")
        ]
    lines += [_rule("├", "┤"), *_block(_source(card["source"])), _rule("└", "┘")]
    return "\n".join(lines)


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


def _block(text: str) -> list[str]:
    indent = "     " if text.startswith("     ") else "  " if text.startswith("- ") else ""
    wrapped = textwrap.wrap(text, WIDTH - 4, subsequent_indent=indent, drop_whitespace=True) or [""]
    return [f"│ {line}{' ' * (WIDTH - 4 - _width(line))} │" for line in wrapped]


def _width(line: str) -> int:
    return len(re.sub(r"\x1b\[[\d;]*m", "", line))


def _rule(left: str, right: str) -> str:
    return left + "─" * (WIDTH - 2) + right
