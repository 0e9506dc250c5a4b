"""The `rxhooks` command."""

import argparse
import sys
from collections.abc import Sequence

from app import equations
from app.commands import doctor, kb, rules, service, trying
from app.commands.rules import day
from app.commands.shared import WrongUse
from app.settings import UnsafeSettings
from hooks.knowledge import KnowledgeError

__all__ = ["day", "main", "parser"]

EXAMPLES = """examples:
  rxhooks serve --bind 127.0.0.1:8080     start the service (gunicorn)
  rxhooks lint                            check the knowledge files
  rxhooks explain requests.ndjson         what is found for recorded requests, and why
  rxhooks rules --drug metformin          the rules of a drug, a group or a state
  rxhooks discovery                       print the discovery document
  rxhooks model iwpc age=65 ...           a published equation on your inputs (--list)
  rxhooks policy                          what this site shows, and where each setting comes from
  rxhooks terminology load RXNCONSO.RRF RXNREL.RRF --to site/drug_products.csv
  rxhooks kb update --to tables/          fetch CPIC's tables; what changed, what to read again
  rxhooks kb compare tables/              hold the knowledge against CPIC's tables
  rxhooks kb fingerprint tables/          pin the rows that the branches of rules were read from
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 if all is well, 1 if it found problems, 2 if it could not begin."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (KnowledgeError, UnsafeSettings, WrongUse, equations.WrongInputs) as error:
        print(*error.problems, sep="\n", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename or 'output'}: {error.strerror}", file=sys.stderr)
    return 2


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    found = argparse.ArgumentParser(
        "rxhooks",
        description="CDS Hooks service for prescribing alerts from genes and biomarkers.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = found.add_subparsers(required=True, metavar="command")
    for subject in (service, doctor, trying, rules, kb):
        subject.add(commands)
    return found


if __name__ == "__main__":
    sys.exit(main())
