"""`rxhooks try`: the cards for a sample patient.

The work is the sandbox's, and `app` does not know the sandbox: it is looked up by its name when
the command runs, as a plug-in would be.
"""

import argparse
from importlib import import_module
from importlib.util import find_spec

from app.commands.menu import Menu
from app.commands.shared import WrongUse
from hooks import SERVICES

SANDBOX = "sandbox"
EXAMPLES = (
    "rxhooks try",
    "rxhooks try --patient dora-lind --drug codeine",
    "rxhooks try --patient kofi-mensah --drug capecitabine --hook order-sign",
    "rxhooks try --patient june-adams",
)
HOOKS = tuple(service.hook for service in SERVICES.values())


def add(menu: Menu) -> None:
    """Add the command of this module."""
    command = menu.command("try", "show the cards for a sample patient", attempt, *EXAMPLES)
    command.add_argument("--patient", default="", help="a sample patient, such as carla-sanchez")
    command.add_argument("--drug", default="", help="what is ordered, such as 'simvastatin 40 mg'")
    command.add_argument("--hook", default="", choices=HOOKS, help="when the EHR calls")


def attempt(options: argparse.Namespace) -> int:
    """Have the sandbox try it."""
    if find_spec(SANDBOX) is None:
        raise WrongUse(["`rxhooks try` needs the folder sandbox/, which is not installed here"])
    return int(import_module(f"{SANDBOX}.trying").run(options))
