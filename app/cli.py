"""The `rxhooks` command."""

import argparse
import os
import sys
from collections.abc import Sequence

from app import equations
from app.commands import completion, doctor, kb, rules, service, trying
from app.commands.menu import Menu, epilog
from app.commands.rules import day
from app.commands.shared import WrongUse
from app.settings import UnsafeSettings
from hooks.knowledge import KnowledgeError

__all__ = ["day", "main", "parser"]

CUT_OFF = 141  # as a shell has it for a program that SIGPIPE ended
SUBJECTS = (trying, service, doctor, rules, kb, completion)  # as --help lists them


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 if all is well, 1 if it found problems, 2 if it could not begin.

    Where nobody reads on, as with `| head`, it ends without a word.
    """
    options = parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
    except (KnowledgeError, UnsafeSettings, WrongUse, equations.WrongInputs) as error:
        print(*error.problems, sep="\n", file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at the end
        return CUT_OFF
    except OSError as error:
        print(f"{error.filename or 'output'}: {error.strerror}", file=sys.stderr)
    else:
        return code
    return 2


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    found = argparse.ArgumentParser(
        "rxhooks",
        description="CDS Hooks service for prescribing alerts from genes and biomarkers.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    menu = Menu.of(found, [])
    for subject in SUBJECTS:
        subject.add(menu)
    found.epilog = epilog(menu.examples)
    return found


if __name__ == "__main__":
    sys.exit(main())
