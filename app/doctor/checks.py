"""What a check found: a state, a sentence, and how to mend it. Never a secret, never a token."""

from dataclasses import dataclass

OK, WARNING, WRONG = "ok", "warning", "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """One line: *about* what it is, what was *told*, and how to *mend* it where it is not well."""

    state: str
    about: str
    told: str
    mend: str = ""

    def __str__(self) -> str:
        mend = f" To mend it: {self.mend}" if self.mend else ""
        return f"{self.state:8} {self.about}: {self.told}{mend}"


def ok(about: str, told: str) -> Check:
    """All is well."""
    return Check(OK, about, told)


def warning(about: str, told: str, mend: str = "") -> Check:
    """The service works, and perhaps not as was meant."""
    return Check(WARNING, about, told, mend)


def wrong(about: str, told: str, mend: str = "") -> Check:
    """The service does not start, or does not work."""
    return Check(WRONG, about, told, mend)


def listed(names: list[str], most: int = 5) -> str:
    """The first of *names*, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
