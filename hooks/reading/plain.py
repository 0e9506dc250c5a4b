"""Text in plain signs: one slash, one star, one space, whatever keyboard or page it came from."""

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
SPACES = (0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
UNSEEN = (0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)
SLASHES, STARS, HYPHENS = "\u2044\u2215\u29f8", "\u2217\u204e\u2731", "\u2010\u2011\u2012\u2212"
PLAIN = str.maketrans(
    {
        **FULL_WIDTH,
        **dict.fromkeys(SPACES, " "),
        **dict.fromkeys(UNSEEN, None),
        **dict.fromkeys(map(ord, SLASHES), "/"),
        **dict.fromkeys(map(ord, STARS), "*"),
        **dict.fromkeys(map(ord, HYPHENS), "-"),
        "\u2265": "≥",
        "\u2a7e": "≥",
        "\u2192": ">",
    }
)
ESCAPED = (("&gt;", ">"), ("&ge;", "≥"), ("&times;", "\u00d7"), (">=", "≥"))


def plain(text: str) -> str:
    """*text* with every sign that has several forms in one; superscripts and accents stay."""
    if text.isascii() and "&" not in text and ">=" not in text:
        return text
    told = text.translate(PLAIN)
    for written, sign in ESCAPED:
        told = told.replace(written, sign)
    return told
