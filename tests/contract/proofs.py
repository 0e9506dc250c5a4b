"""Which items of the checklist have a test: `python -m tests.contract.proofs`.

Reads `@pytest.mark.proves("A3", ...)` and names such as `test_j1_b17_...` in tests/ against
checklist.csv, without running anything.
Ends with 1 if a test names an item that is not on the list, or if a MUST or PROJ item has no test.
"""

import ast
import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
LIST = Path(__file__).with_name("checklist.csv")
DEMANDED = {"MUST", "PROJ"}
NAMED = re.compile(r"test_((?:[a-m][1-9]\d?_)+)")


def items(file: Path = LIST) -> dict[str, dict[str, str]]:
    """The items of the checklist, by id."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["id"]: row for row in csv.DictReader(lines)}


def proofs(folder: Path = TESTS) -> dict[str, list[str]]:
    """The tests that prove each id, as `file:line`."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("*.py")):
        for line, name in _marks(ast.parse(file.read_text("utf-8"))):
            found.setdefault(name, []).append(f"{file.relative_to(folder)}:{line}")
    return found


def report(listed: dict[str, dict[str, str]], proved: dict[str, list[str]]) -> tuple[str, int]:
    """What to print, and the exit status."""
    open_items = [row for name, row in listed.items() if name not in proved]
    strange = sorted(proved.keys() - listed.keys())
    lines = [f"checklist: {len(listed)} items, {len(listed) - len(open_items)} with a test"]
    lines += [f"  no test: {row['id']:4} {row['level']:6} {row['title']}" for row in open_items]
    lines += [f"  not on the list: {name} ({', '.join(proved[name])})" for name in strange]
    owed = any(row["level"] in DEMANDED for row in open_items)
    return "\n".join(lines), 1 if strange or owed else 0


def _marks(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and id of each mark."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.proves":
            for argument in node.args:
                yield node.lineno, str(ast.literal_eval(argument))
        elif isinstance(node, ast.FunctionDef) and (named := NAMED.match(node.name)):
            for name in named[1].rstrip("_").upper().split("_"):
                yield node.lineno, name


if __name__ == "__main__":
    text, status = report(items(), proofs())
    print(text)  # noqa: T201  its one purpose
    sys.exit(status)
