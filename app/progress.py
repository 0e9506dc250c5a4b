"""A bar on a terminal for what takes a while; nothing at all elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

WIDTH = 24


@dataclass(slots=True)
class Progress:
    """One line on *out*, written over and over; without *out* nothing is written."""

    out: TextIO | None
    longest: int = 0

    def show(self, what: str, done: int, whole: int) -> None:
        """Tell how far *what* has come; no more is written than can be seen."""
        if self.out is None:
            return
        part = min(done / whole, 1.0) if whole else 0.0
        bar = "#" * round(part * WIDTH)
        line = f"{bar:.<{WIDTH}} {part:4.0%}  {what}"
        self.longest = max(self.longest, len(line))
        self.out.write(f"\r{line:<{self.longest}}")
        self.out.flush()

    def clear(self) -> None:
        """Leave the line as it was found."""
        if self.out is not None and self.longest:
            self.out.write("\r" + " " * self.longest + "\r")
            self.out.flush()


@contextmanager
def progress(out: TextIO) -> Iterator[Progress]:
    """A bar on *out* if it is a terminal."""
    bar = Progress(out if out.isatty() else None)
    try:
        yield bar
    finally:
        bar.clear()
