"""The `rxhooks` command."""

import argparse
import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import orjson

from app import terminology
from app.cds.schemas import dump_service
from app.explain import explain
from app.kb.compare import compare, read_rows
from app.security.client_knowledge import knowledge_by_client
from app.settings import UnsafeSettings, from_environment, knowledge_folder, policy_file
from hooks import SERVICES
from hooks.knowledge import Knowledge, KnowledgeError, load
from hooks.knowledge.lint import lint, lint_cases, load_checked
from hooks.knowledge.policy import Policy, effective, read_policy

DEFAULT_CASES = Path("tests/cases")
EXAMPLES = """examples:
  rxhooks serve --bind 127.0.0.1:8080     start the service (gunicorn)
  rxhooks lint                            check the knowledge files
  rxhooks explain requests.ndjson         what is found for recorded requests, and why
  rxhooks discovery                       print the discovery document
  rxhooks policy                          what this site shows, and where each setting comes from
  rxhooks kb compare tables/              hold the knowledge against CPIC's tables
"""


class UnreadableFile(Exception):
    """A file of the user's is not what the command reads; *problems* says which, and why."""

    def __init__(self, file: Path, fault: Exception) -> None:
        told = f"no column {fault}" if isinstance(fault, KeyError) else str(fault)
        self.problems = [f"{file}: {told}"]
        super().__init__(*self.problems)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 if all is well, 1 if it found problems, 2 if it could not begin."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (KnowledgeError, UnsafeSettings, UnreadableFile) as error:
        print(*error.problems, sep="\n", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename or 'output'}: {error.strerror}", file=sys.stderr)
    return 2


def serve(options: argparse.Namespace) -> int:
    """Become gunicorn; settings are checked first, so that faults are told in words."""
    settings = from_environment(os.environ)
    knowledge_by_client(settings, _knowledge())
    config = str(Path(__file__).with_name("gunicorn.conf.py"))
    command = [sys.executable, "-m", "gunicorn", "--config", config, "app.wsgi:app"]
    if options.bind:
        command[-1:-1] = ["--bind", options.bind]
        os.environ["RXHOOKS_BIND"] = options.bind
    os.execv(sys.executable, command)  # noqa: S606  replaces this process; nothing of a shell


def check(options: argparse.Namespace) -> int:
    """Print every problem of the knowledge files, and of the cases if they are at hand."""
    knowledge = load(site=_site())
    problems = lint(knowledge)
    if options.cases is not None or DEFAULT_CASES.is_dir():
        problems += lint_cases(knowledge, _expectations(options.cases or DEFAULT_CASES))
    print(*(problems or [f"knowledge {knowledge.version}: no problems"]), sep="\n")
    return 1 if problems else 0


def explain_requests(options: argparse.Namespace) -> int:
    """One JSON line for each request line."""
    knowledge = _knowledge(drafts=options.drafts)
    with options.requests.open("rb") as lines:
        for answer in explain(lines, knowledge, options.as_of):
            sys.stdout.write(orjson.dumps(answer).decode() + "\n")
    return 0


def discovery(options: argparse.Namespace) -> int:
    """The discovery document."""
    knowledge = _knowledge(drafts=options.drafts)
    services = [dump_service(service, knowledge) for service in SERVICES.values()]
    print(orjson.dumps({"services": services}, option=orjson.OPT_INDENT_2).decode())
    return 0


def policy(_options: argparse.Namespace) -> int:
    """Every effective setting of the site's policy, and where it comes from."""
    file = _policy()
    settings = effective(load_checked(_site()), read_policy(file) if file else Policy())
    for name, value, origin in settings:
        print(f"{name} = {value}  ({origin})")
    return 0


def kb_compare(options: argparse.Namespace) -> int:
    """Every row that differs from the branch it lands in."""
    with _reading(options.folder / "recommendations.csv"):
        rows = read_rows(options.folder)
    found = list(compare(rows, _knowledge()))
    print(*(found or [f"{len(rows)} rows read; none differs"]), sep="\n")
    return 1 if found else 0


def terminology_names(options: argparse.Namespace) -> int:
    """drug_products.csv for a list of RxNorm product names, to standard output."""
    with _reading(options.names):
        names = terminology.read_names(options.names)
    words = terminology.ingredient_words(_knowledge())
    terminology.write_products(terminology.product_rows(names, words), sys.stdout)
    return 0


def day(text: str) -> date:
    """The day of a date or an RFC 3339 time."""
    try:
        return datetime.fromisoformat(text.upper()).date()
    except ValueError as error:
        raise argparse.ArgumentTypeError("must be a date or an RFC 3339 time") from error


def _knowledge(*, drafts: bool = False) -> Knowledge:
    """The knowledge that the service would load, a site's own included."""
    knowledge = load_checked(_site(), _policy())
    return knowledge.with_drafts() if drafts else knowledge


def _site() -> Path | None:
    return _named(knowledge_folder)


def _policy() -> Path | None:
    return _named(policy_file)


def _named(setting: Callable[[Mapping[str, str], list[str]], Path | None]) -> Path | None:
    """What *setting* finds in the environment; its faults stop the command."""
    problems: list[str] = []
    path = setting(os.environ, problems)
    if problems:
        raise UnsafeSettings(problems)
    return path


def _expectations(folder: Path) -> dict[str, list[str]]:
    """What the cases of each rule expect."""
    found = {}
    for file in sorted(folder.iterdir()):
        if file.suffix == ".toml":
            with _reading(file):
                table = tomllib.loads(file.read_text("utf-8"))
                found[table["rule"]] = [case["expect"] for case in table["case"]]
    return found


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Faults of a file's content, in words."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableFile(file, error) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "rxhooks",
        description="CDS Hooks service for prescribing alerts from genes and biomarkers.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    command = commands.add_parser("serve", help="start the service")
    command.add_argument("--bind", metavar="HOST:PORT", help="where to listen")
    command.set_defaults(run=serve)
    command = commands.add_parser("lint", help="check the knowledge files")
    command.add_argument("--cases", type=Path, help=f"folder of cases (if there: {DEFAULT_CASES})")
    command.set_defaults(run=check)
    command = commands.add_parser("explain", help="explain recorded requests, one a line")
    command.add_argument("requests", type=Path, metavar="REQUESTS.ndjson")
    today = datetime.now(UTC).date()
    command.add_argument("--as-of", type=day, default=today, help="the day of judgement")
    command.add_argument("--drafts", action="store_true", help="judge draft rules as well")
    command.set_defaults(run=explain_requests)
    command = commands.add_parser("discovery", help="print the discovery document")
    command.add_argument("--drafts", action="store_true", help="for draft rules as well")
    command.set_defaults(run=discovery)
    command = commands.add_parser("policy", help="the effective policy of this site")
    command.set_defaults(run=policy)
    _knowledge_commands(commands)
    return parser


def _knowledge_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    kb = commands.add_parser("kb", help="the knowledge and CPIC's tables")
    kb_commands = kb.add_subparsers(required=True, metavar="command")
    command = kb_commands.add_parser("compare", help="hold the knowledge against CPIC tables")
    command.add_argument("folder", type=Path, metavar="DIR", help="holds recommendations.csv")
    command.set_defaults(run=kb_compare)
    terms = commands.add_parser("terminology", help="drug products")
    terms_commands = terms.add_subparsers(required=True, metavar="command")
    command = terms_commands.add_parser("names", help="drug_products.csv from product names")
    command.add_argument("names", type=Path, metavar="NAMES.csv", help="columns rxcui and name")
    command.set_defaults(run=terminology_names)


if __name__ == "__main__":
    sys.exit(main())
