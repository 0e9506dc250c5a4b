"""The commands as `--help` shows them: each with a sentence and an example of its own."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Subparsers = argparse._SubParsersAction

Run = Callable[[argparse.Namespace], int]
Examples = list[tuple[str, str]]  # what is typed, and what for
COLUMN = 40  # where the words beside an example begin


@dataclass(frozen=True, slots=True)
class Menu:
    """Commands of one parser; *examples*: one of each command, of all parsers together."""

    commands: Subparsers
    examples: Examples

    @classmethod
    def of(cls, parser: argparse.ArgumentParser, examples: Examples) -> "Menu":
        """The commands of *parser*, one of which has to be named."""
        return cls(parser.add_subparsers(required=True, metavar="command"), examples)

    def command(self, name: str, words: str, run: Run, *examples: str) -> argparse.ArgumentParser:
        """A command that *run* carries out; *words* say what for, *examples* how it is typed."""
        self.examples.append((examples[0], words))
        title = "example:" if len(examples) == 1 else "examples:"
        added = self.commands.add_parser(
            name,
            help=words,
            description=f"{words[0].upper()}{words[1:]}.",
            epilog="\n  ".join([title, *examples]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(run=run)
        return added

    def group(self, name: str, words: str) -> "Menu":
        """Commands below *name*."""
        return Menu.of(self.commands.add_parser(name, help=words), self.examples)


def epilog(examples: Examples) -> str:
    """The end of the help of the whole: every command once, as it is typed."""
    lines = ["examples:"]
    for typed, words in examples:
        lines += [f"  {typed:{COLUMN}}{words}"] if len(typed) < COLUMN else [f"  {typed}"]
    return "\n".join(lines)
