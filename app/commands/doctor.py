"""`rxhooks doctor`: what is wrong with this site's set-up."""

import argparse
import os
from collections import Counter

from app.commands.menu import Menu
from app.doctor import examine
from app.doctor.checks import OK, WARNING, WRONG


def add(menu: Menu) -> None:
    """Add the command of this module."""
    words = "say what is wrong with the set-up, and how to mend it"
    menu.command("doctor", words, doctor, "rxhooks doctor")


def doctor(_options: argparse.Namespace) -> int:
    """One line for each check, then how many there are of each state; 1 if something is wrong."""
    found = Counter[str]()
    for check in examine(os.environ):
        print(check, flush=True)
        found[check.state] += 1
    print(f"{found[OK]} ok, {found[WARNING]} to look at, {found[WRONG]} wrong")
    return 1 if found[WRONG] else 0
