"""The `rxhooks` command."""

import argparse
import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from app import equations, terminology
from app.cds.schemas import dump_service
from app.explain import explain
from app.fhir.session import new_session
from app.files import replaced
from app.kb.api import DEFAULT_URL, Api
from app.kb.compare import compare, read_rows
from app.kb.fingerprint import pin
from app.kb.update import UpdateRefused, update
from app.progress import progress
from app.rules import STATES, RuleFilter, listing
from app.rxnorm import counted, load_products
from app.security.client_knowledge import knowledge_by_client
from app.security.urls import LOOPBACK
from app.settings import UnsafeSettings, from_environment, knowledge_folder, policy_file
from hooks import SERVICES
from hooks.clinical.biomarkers import PLACES
from hooks.knowledge import Knowledge, KnowledgeError, load
from hooks.knowledge.lint import lint, lint_cases, load_checked
from hooks.knowledge.policy import Policy, effective, read_policy

DEFAULT_CASES = Path("tests/cases")
DEFAULT_GUIDELINES = Path("hooks/knowledge/guidelines")
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
    except (KnowledgeError, UnsafeSettings, UnreadableFile, equations.WrongInputs) as error:
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


def rules(options: argparse.Namespace) -> int:
    """The rules, one a line, by drug, group of the catalogue or state."""
    asked = RuleFilter(options.drug, options.group.upper(), options.state, options.at)
    lines = listing(asked, _knowledge())
    print(*(lines or ["no such rule"]), sep="\n")
    return 0 if lines else 1


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


def model(options: argparse.Namespace) -> int:
    """What a published equation gives, as one JSON line; why it gives nothing on standard error."""
    if options.list:
        print(*equations.listed(_knowledge()), sep="\n")
        return 0
    told, why = equations.answer(options.name, options.inputs, _knowledge())
    print(orjson.dumps(told).decode())
    if why:
        print(why, file=sys.stderr)
    return 0


def policy(_options: argparse.Namespace) -> int:
    """Every effective setting of the site's policy, and where it comes from."""
    file = _policy()
    settings = effective(load_checked(_site()), read_policy(file) if file else Policy())
    for name, value, origin in settings:
        print(f"{name} = {value}  ({origin})")
    return 0


def kb_compare(options: argparse.Namespace) -> int:
    """Every row that differs from the branch it lands in, or that no rule reads."""
    with _reading(options.folder / "recommendations.csv"):
        rows = read_rows(options.folder)
    found = compare(rows, _knowledge())
    print(*found.differences, *found.gaps, found.summary, sep="\n")
    return 0 if found.explained else 1


def kb_fingerprint(options: argparse.Namespace) -> int:
    """Write the fingerprints of the rows behind each branch into the guideline files."""
    with _reading(options.folder / "recommendations.csv"):
        rows = read_rows(options.folder)
    with _reading(options.guidelines):
        done = pin(options.guidelines, rows)
    print(*(done.written or ["nothing to write"]), *done.unreached, sep="\n")
    return 1 if done.unreached else 0


def kb_update(options: argparse.Namespace) -> int:
    """CPIC's tables from its API into a folder; what changed, and what to read again."""
    earlier = options.earlier or options.to
    today = datetime.now(UTC).date()
    with new_session() as session, progress(sys.stderr) as bar, _reading(earlier):
        session.trust_env = True  # proxies: this goes to the Internet, for nobody's patient
        api = Api.open(options.url, session, bar.show)
        try:
            done = update(api, options.to, earlier, _knowledge(), today)
        except UpdateRefused as refused:
            bar.clear()
            print(*refused.problems, "Refused: nothing was written.", sep="\n", file=sys.stderr)
            return 1
    print(*done.changes, *(f"To read again: {branch}" for branch in done.branches), sep="\n")
    print(f"{done.rows} rows into {options.to}; CPIC's newest change is of {done.newest_change}.")
    return 0


def terminology_names(options: argparse.Namespace) -> int:
    """drug_products.csv for a list of RxNorm product names, to standard output."""
    with _reading(options.names):
        names = terminology.read_names(options.names)
    known = terminology.ingredient_names(_knowledge())
    terminology.write_products(terminology.product_rows(names, known), sys.stdout)
    for name in terminology.left_out(names, known):
        print(f"not taken for the drug that it names: {name}", file=sys.stderr)
    return 0


def terminology_load(options: argparse.Namespace) -> int:
    """drug_products.csv from a site's own RxNorm release."""
    files = (options.concepts, options.relations, options.archive)
    with progress(sys.stderr) as bar, _reading(options.concepts.parent):
        done = load_products(*files, _knowledge(), bar.show)
    with replaced(options.to) as out:
        terminology.write_products(done.rows, out)
    print(*done.remarks, sep="\n", end="\n" if done.remarks else "", file=sys.stderr)
    print(
        f"{len(done.rows)} products of {counted(done.rows)} drugs into {options.to} "
        f"({done.by_name} by their name alone, {done.retired} retired)"
    )
    return 0


def api_url(text: str) -> str:
    """An https URL, or plain http on loopback."""
    parts = urlsplit(text)
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or plain):
        raise argparse.ArgumentTypeError("must be an https URL (plain http only on loopback)")
    return text


def day(text: str) -> date:
    """A day, or the instant of an RFC 3339 time; one without an offset is in UTC."""
    try:
        at = datetime.fromisoformat(text.upper())
        return at if "T" in text.upper() else at.date()
    except ValueError as error:
        raise argparse.ArgumentTypeError("must be a date or an RFC 3339 time") from error


def _knowledge(*, drafts: bool = False) -> Knowledge:
    """The knowledge that the service would load, a site's own included."""
    knowledge = load_checked(_site(), _policy())
    return knowledge.with_all() if drafts else knowledge


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
    """What the cases of each rule expect; a file is about one rule, or its cases name theirs."""
    found: dict[str, list[str]] = {}
    folders = [folder, *sorted(each for each in folder.iterdir() if each.is_dir())]
    for file in (file for each in folders for file in sorted(each.glob("*.toml"))):
        with _reading(file):
            table = tomllib.loads(file.read_text("utf-8"))
            for case in table["case"]:
                rule = case["rule"] if "rule" in case else table["rule"]
                found.setdefault(rule, []).append(case["expect"])
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
    command = commands.add_parser("model", help="calculate a published equation")
    command.add_argument("--list", action="store_true", help="name the equations and their inputs")
    command.add_argument("name", metavar="NAME", nargs="?", default="", help="such as iwpc")
    command.add_argument("inputs", nargs="*", metavar="key=value", help="its inputs")
    command.set_defaults(run=model)
    command = commands.add_parser("rules", help="list the rules")
    command.add_argument("--drug", default="", help="of this drug")
    command.add_argument("--group", default="", help="of this group of the catalogue, such as LAB")
    command.add_argument("--state", default="", choices=STATES, help="in this state")
    command.add_argument("--at", default="", choices=PLACES, help="judged there")
    command.set_defaults(run=rules)
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
    command = kb_commands.add_parser("update", help="fetch CPIC's tables and tell what changed")
    command.add_argument("--to", type=Path, metavar="DIR", required=True, help="folder of tables")
    command.add_argument(
        "--from", type=Path, metavar="DIR", dest="earlier", help="earlier tables (default: --to)"
    )
    command.add_argument("--url", type=api_url, default=DEFAULT_URL, help=f"default: {DEFAULT_URL}")
    command.set_defaults(run=kb_update)
    command = kb_commands.add_parser(
        "fingerprint", help="pin the rows that branches were read from"
    )
    command.add_argument("folder", type=Path, metavar="DIR", help="holds recommendations.csv")
    command.add_argument(
        "--guidelines",
        type=Path,
        metavar="FOLDER",
        default=DEFAULT_GUIDELINES,
        help=f"guideline files to write (default: {DEFAULT_GUIDELINES})",
    )
    command.set_defaults(run=kb_fingerprint)
    terms = commands.add_parser("terminology", help="drug products")
    terms_commands = terms.add_subparsers(required=True, metavar="command")
    command = terms_commands.add_parser("names", help="drug_products.csv from product names")
    command.add_argument("names", type=Path, metavar="NAMES.csv", help="columns rxcui and name")
    command.set_defaults(run=terminology_names)
    command = terms_commands.add_parser("load", help="drug_products.csv from an RxNorm release")
    command.add_argument("concepts", type=Path, metavar="RXNCONSO.RRF")
    command.add_argument("relations", type=Path, metavar="RXNREL.RRF")
    command.add_argument(
        "archive", type=Path, nargs="?", metavar="RXNATOMARCHIVE.RRF", help="for retired codes"
    )
    command.add_argument("--to", type=Path, metavar="FILE", required=True, help="file to write")
    command.set_defaults(run=terminology_load)


if __name__ == "__main__":
    sys.exit(main())
