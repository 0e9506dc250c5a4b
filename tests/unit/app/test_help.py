"""What `--help` shows, and what shells complete."""

import argparse
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from app.cli import main, parser
from app.commands.completion import SHELLS

Capture = pytest.CaptureFixture[str]


def leaves(found: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """The parsers of the commands below *found*."""
    below = [a for a in found._actions if isinstance(a, argparse._SubParsersAction)]
    inner = [each for action in below for one in action.choices.values() for each in leaves(one)]
    return inner if below else [found]


COMMANDS = leaves(parser())


def examples(command: argparse.ArgumentParser) -> list[str]:
    """The examples in the help of *command*."""
    return [line.strip() for line in str(command.epilog).splitlines()[1:]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.prog)
def test_every_command_has_examples_that_can_be_typed(command: argparse.ArgumentParser) -> None:
    for example in examples(command):
        assert command.prog in example
        typed = shlex.split(example[example.index("rxhooks ") :].partition(" > ")[0].strip('")'))

        parser().parse_args(typed[1:])

    assert examples(command)


def test_the_help_of_the_whole_has_an_example_of_every_command() -> None:
    whole = str(parser().epilog)

    assert [c.prog for c in COMMANDS if examples(c)[0] not in whole] == []


def test_no_line_of_the_help_is_wider_than_a_terminal() -> None:
    lines = [line for command in COMMANDS for line in str(command.epilog).splitlines()]

    assert max(map(len, [*lines, *str(parser().epilog).splitlines()])) < 100


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_is_given_every_command(shell: str, capsys: Capture) -> None:
    assert main(["completion", shell]) == 0

    script = capsys.readouterr().out
    for command in COMMANDS:
        assert command.prog.split()[-1] in script


def test_another_shell_is_wrong_use() -> None:
    with pytest.raises(SystemExit):
        main(["completion", "cmd"])


def completed(folder: Path, *words: str) -> list[str]:
    """What bash offers for the last of *words*."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash on this machine")
    ask = f"""
        source {folder / "script"}
        COMP_WORDS=(rxhooks {shlex.join(words)})
        COMP_CWORD={len(words)}
        _shtab_rxhooks
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run([bash, "-c", ask], capture_output=True, text=True, check=False)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("do",), ["doctor"]),
        (("kb", "f"), ["fingerprint"]),
        (("try", "--p"), ["--patient"]),
        (("try", "--hook", "patient"), ["patient-view"]),
        (("completion", "f"), ["fish"]),
    ],
)
def test_bash_completes_commands_options_and_choices(
    words: tuple[str, ...], offered: list[str], tmp_path: Path, capsys: Capture
) -> None:
    main(["completion", "bash"])
    (tmp_path / "script").write_text(capsys.readouterr().out)

    assert completed(tmp_path, *words) == offered


def test_bash_completes_the_names_of_files(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["completion", "bash"])
    (tmp_path / "script").write_text(capsys.readouterr().out)
    (tmp_path / "requests.ndjson").touch()
    monkeypatch.chdir(tmp_path)

    assert completed(tmp_path, "explain", "req") == ["requests.ndjson"]
