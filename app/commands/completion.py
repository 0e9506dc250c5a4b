"""`rxhooks completion`: a script that completes the commands and options in a shell."""

import argparse
from pathlib import Path

import shtab

from app.commands.menu import Menu

SHELLS = ("bash", "zsh", "fish")
EXAMPLES = (
    'eval "$(rxhooks completion bash)"',
    "rxhooks completion zsh > ~/.zfunc/_rxhooks",
    "rxhooks completion fish > ~/.config/fish/completions/rxhooks.fish",
)


def add(menu: Menu) -> None:
    """Add the command of this module."""
    words = "a script that completes commands in your shell"
    command = menu.command("completion", words, completion, *EXAMPLES)
    command.add_argument("shell", choices=SHELLS, help="your shell")


def completion(options: argparse.Namespace) -> int:
    """Print the script; where a path is wanted, files are offered."""
    from app.cli import parser

    whole = parser()
    _offer_files(whole)
    print(shtab.complete(whole, options.shell))
    return 0


def _offer_files(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                _offer_files(below)
        elif action.type is Path:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
