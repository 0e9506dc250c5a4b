"""`rxhooks doctor`: each thing that can be wrong is said, with how to mend it."""

from collections.abc import Iterable

from app.doctor.checks import Check


def states(checks: Iterable[Check]) -> list[str]:
    """The states of *checks*, in order."""
    return [check.state for check in checks]


def said(checks: Iterable[Check], state: str) -> str:
    """The one line of this *state*."""
    [found] = [str(check) for check in checks if check.state == state]
    return found
