"""Text from data into Markdown: whatever it holds, it shows as plain text."""

import re

LONGEST = 160
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!@&$^])")
LINKS = re.compile(r"(?i)(:)(?=//)|(?<=www)(\.)|(?<=\bmailto)(:)")
CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+"
)
LINE_START = re.compile(r"\A(\s*\d*)(?=[-+=]|(?<=\d)[.)])")


def plain(text: str) -> str:
    """*text* on one line, without control or direction marks, at most 160 characters long."""
    one_line = " ".join(CONTROL.sub(" ", text).split())
    return one_line if len(one_line) <= LONGEST else one_line[: LONGEST - 1] + "…"


def escaped(text: str) -> str:
    """*text* as it shows in GitHub Flavored Markdown with raw HTML: no markup, link or mention."""
    return unmarked(plain(text))


def unmarked(text: str) -> str:
    """*text* of ours, whole, with every sign escaped that Markdown would take for markup."""
    marked = LINKS.sub(lambda sign: "\\" + sign.group(), SPECIAL.sub(r"\\\1", text))
    return LINE_START.sub(r"\1\\", marked)
