"""What the commands have in common: the site's knowledge, and faults of files in words."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.settings import UnsafeSettings, knowledge_folder, policy_file
from hooks.knowledge import Knowledge
from hooks.knowledge.lint import load_checked


class WrongUse(Exception):
    """The command cannot do what it was asked for; *problems* says why, one a line."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(*problems)


class UnreadableFile(WrongUse):
    """A file of the user's is not what the command reads; *problems* says which, and why."""

    def __init__(self, file: Path, fault: Exception) -> None:
        told = f"no column {fault}" if isinstance(fault, KeyError) else str(fault)
        super().__init__([f"{file}: {told}"])


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Faults of a file's content, in words."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableFile(file, error) from error


def site_knowledge() -> Knowledge:
    """The knowledge that the service would load, a site's own included."""
    return load_checked(site_folder(), site_policy())


def site_folder() -> Path | None:
    """The folder of the site's own rules, if it has any."""
    return _named(knowledge_folder)


def site_policy() -> Path | None:
    """The file of the site's policy, if it has one."""
    return _named(policy_file)


def _named(setting: Callable[[Mapping[str, str], list[str]], Path | None]) -> Path | None:
    """What *setting* finds in the environment; its faults stop the command."""
    problems: list[str] = []
    path = setting(os.environ, problems)
    if problems:
        raise UnsafeSettings(problems)
    return path
