"""`rxhooks lint`, `rules`, `explain` and `model`: what the rules are, and what they find."""

import argparse
import sys
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import orjson

from app import equations
from app.commands.menu import Menu
from app.commands.shared import reading, site_folder, site_knowledge
from app.explain import FAULT, explain
from app.rules import STATES, RuleFilter, listing
from hooks.clinical.biomarkers import PLACES
from hooks.knowledge import load
from hooks.knowledge.lint import lint, lint_cases

DEFAULT_CASES = Path("tests/cases")


def add(menu: Menu) -> None:
    """Add the commands of this module."""
    command = menu.command("lint", "check the knowledge files", check, "rxhooks lint")
    command.add_argument("--cases", type=Path, help=f"folder of cases (if there: {DEFAULT_CASES})")
    _add_explain(menu)
    _add_model(menu)
    _add_rules(menu)


def _add_model(menu: Menu) -> None:
    examples = (
        "rxhooks model cockcroft_gault age=60 weight_kg_actual=72 creatinine_mg_dL=1 sex=female",
        "rxhooks model --list",
    )
    command = menu.command("model", "calculate a published equation", model, *examples)
    command.add_argument("--list", action="store_true", help="name the equations and their inputs")
    command.add_argument("name", metavar="NAME", nargs="?", default="", help="such as iwpc")
    command.add_argument("inputs", nargs="*", metavar="key=value", help="its inputs")


def _add_rules(menu: Menu) -> None:
    examples = ("rxhooks rules --drug metformin", "rxhooks rules --group LAB --state draft")
    words = "list the rules of a drug, a group or a state"
    command = menu.command("rules", words, rules, *examples)
    command.add_argument("--drug", default="", help="of this drug")
    command.add_argument("--group", default="", help="of this group of the catalogue, such as LAB")
    command.add_argument("--state", default="", choices=STATES, help="in this state")
    command.add_argument("--at", default="", choices=PLACES, help="judged there")


def _add_explain(menu: Menu) -> None:
    examples = (
        "rxhooks explain requests.ndjson",
        "rxhooks explain --as-of 2026-11-20 docs/examples/metformin-egfr-38.ndjson",
    )
    words = "what is found for recorded requests, one a line, and why"
    command = menu.command("explain", words, explain_requests, *examples)
    command.add_argument("requests", type=Path, metavar="REQUESTS.ndjson")
    today = datetime.now(UTC).date()
    command.add_argument("--as-of", type=day, default=today, help="the day of judgement")
    command.add_argument("--drafts", action="store_true", help="judge draft rules as well")


def check(options: argparse.Namespace) -> int:
    """Print every problem of the knowledge files, and of the cases if they are at hand."""
    knowledge = load(site=site_folder())
    problems = lint(knowledge)
    if options.cases is not None or DEFAULT_CASES.is_dir():
        problems += lint_cases(knowledge, _expectations(options.cases or DEFAULT_CASES))
    print(*(problems or [f"knowledge {knowledge.version}: no problems"]), sep="\n")
    return 1 if problems else 0


def rules(options: argparse.Namespace) -> int:
    """The rules, one a line, by drug, group of the catalogue or state."""
    asked = RuleFilter(options.drug, options.group.upper(), options.state, options.at)
    lines = listing(asked, site_knowledge())
    print(*(lines or ["no such rule"]), sep="\n")
    return 0 if lines else 1


def explain_requests(options: argparse.Namespace) -> int:
    """One JSON line for each request line; 1 if one of them met a fault of ours."""
    faults = 0
    knowledge = site_knowledge()
    knowledge = knowledge.with_all() if options.drafts else knowledge
    with options.requests.open("rb") as lines:
        for answer in explain(lines, knowledge, options.as_of):
            sys.stdout.write(orjson.dumps(answer).decode() + "\n")
            faults += answer.get("error") == FAULT
    return 1 if faults else 0


def model(options: argparse.Namespace) -> int:
    """What a published equation gives, as one JSON line; why it gives nothing on standard error."""
    if options.list:
        print(*equations.listed(site_knowledge()), sep="\n")
        return 0
    told, why = equations.answer(options.name, options.inputs, site_knowledge())
    print(orjson.dumps(told).decode())
    if why:
        print(why, file=sys.stderr)
    return 0


def day(text: str) -> date:
    """A day, or the instant of an RFC 3339 time; one without an offset is in UTC."""
    try:
        at = datetime.fromisoformat(text.upper())
        return at if "T" in text.upper() else at.date()
    except ValueError as error:
        raise argparse.ArgumentTypeError("must be a date or an RFC 3339 time") from error


def _expectations(folder: Path) -> dict[str, list[str]]:
    """What the cases of each rule expect; a file is about one rule, or its cases name theirs."""
    found: dict[str, list[str]] = {}
    folders = [folder, *sorted(each for each in folder.iterdir() if each.is_dir())]
    for file in (file for each in folders for file in sorted(each.glob("*.toml"))):
        with reading(file):
            table = tomllib.loads(file.read_text("utf-8"))
            for case in table["case"]:
                rule = case["rule"] if "rule" in case else table["rule"]
                found.setdefault(rule, []).append(case["expect"])
    return found
