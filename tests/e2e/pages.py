"""The pages of docs/, as steps that can be run.

```console              each line that begins with `$ ` is a command; the lines after it are what it
                        prints, where a line `...` stands for any lines and `...` in a line for
                        anything. It has to end with 0.
```console exit 1       the same, and it ends with 1
```console background   it is started, and has to listen on the port of its `--bind`
```console not run: …   it is not run, for that reason

A block of another language whose line before it is a path in back quotes and a colon is the
content of that file.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ("ehr-developers", "pharmacists", "operators")
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`(?P<file>[\w./-]+)`:\s*\Z")


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a page, at *line*; *how* is empty, `exit N`, `background` or `not run: …`."""

    line: int
    text: str
    printed: str
    how: str

    @property
    def status(self) -> int:
        """The exit status that the page promises."""
        return int(self.how.removeprefix("exit ")) if self.how.startswith("exit ") else 0

    def matches(self, told: str) -> bool:
        """Whether *told* is what the page promises; its last line need not end."""
        lines = [self._line(line) for line in self.printed.splitlines()]
        whole = told if told.endswith("\n") or not told else f"{told}\n"
        return re.fullmatch("".join(lines), whole) is not None

    def _line(self, line: str) -> str:
        if line == "...":
            return r"(?:[^\n]*\n)*?"
        return ".*".join(map(re.escape, line.split("..."))) + r"\n"


@dataclass(frozen=True, slots=True)
class File:
    """A file that the page has its reader write."""

    path: str
    content: str


def text_of(page: str) -> str:
    return (ROOT / "docs" / f"{page}.md").read_text("utf-8")


def steps(page: str) -> list[Command | File]:
    """What a reader of *page* does, in order."""
    text, found = text_of(page), list[Command | File]()
    for fence in FENCE.finditer(text):
        language, _, how = fence["info"].partition(" ")
        named = NAMED.search(text[: fence.start()])
        if language == "console":
            found += commands(fence["body"], how, text.count("\n", 0, fence.start("body")) + 1)
        elif named:
            found.append(File(named["file"], fence["body"]))
    return found


def commands(body: str, how: str, line: int) -> list[Command]:
    """The commands of one block that begins at *line*; a backslash carries one on."""
    found = []
    for part in re.split(r"^(?=\$ )", body, flags=re.MULTILINE):
        if part:
            assert part.startswith("$ "), f"line {line}: a console block begins with a command"
            typed = re.match(r"\$ (?:[^\n]*\\\n)*[^\n]*\n", part)
            assert typed is not None
            found.append(Command(line, typed[0][2:].strip(), part[typed.end() :], how))
            line += part.count("\n")
    return found


def languages(page: str) -> set[str]:
    """The languages of the page's blocks."""
    return {fence["info"].partition(" ")[0] for fence in FENCE.finditer(text_of(page))}
