"""`rxhooks kb` and `terminology`: what the knowledge is made from, and held against."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from app import terminology
from app.commands.menu import Menu
from app.commands.shared import reading, site_knowledge
from app.fhir.session import new_session
from app.files import replaced
from app.kb.api import DEFAULT_URL, Api
from app.kb.compare import compare, read_rows
from app.kb.fingerprint import pin
from app.kb.update import UpdateRefused, update
from app.progress import progress
from app.rxnorm import counted, load_products
from app.security.urls import LOOPBACK

DEFAULT_GUIDELINES = Path("hooks/knowledge/guidelines")


def add(menu: Menu) -> None:
    """Add the commands of this module."""
    _add_tables(menu.group("kb", "the knowledge and CPIC's tables"))
    _add_products(menu.group("terminology", "drug products"))


def _add_tables(menu: Menu) -> None:
    words = "hold the knowledge against CPIC's tables"
    command = menu.command("compare", words, kb_compare, "rxhooks kb compare tables/")
    command.add_argument("folder", type=Path, metavar="DIR", help="holds recommendations.csv")
    words = "fetch CPIC's tables; what changed, what to read again"
    command = menu.command("update", words, kb_update, "rxhooks kb update --to tables/")
    command.add_argument("--to", type=Path, metavar="DIR", required=True, help="folder of tables")
    command.add_argument(
        "--from", type=Path, metavar="DIR", dest="earlier", help="earlier tables (default: --to)"
    )
    command.add_argument("--url", type=api_url, default=DEFAULT_URL, help=f"default: {DEFAULT_URL}")
    words = "pin the rows that the branches of rules were read from"
    example = "rxhooks kb fingerprint tables/"
    command = menu.command("fingerprint", words, kb_fingerprint, example)
    command.add_argument("folder", type=Path, metavar="DIR", help="holds recommendations.csv")
    command.add_argument(
        "--guidelines",
        type=Path,
        metavar="FOLDER",
        default=DEFAULT_GUIDELINES,
        help=f"guideline files to write (default: {DEFAULT_GUIDELINES})",
    )


def _add_products(menu: Menu) -> None:
    words = "drug_products.csv from product names"
    example = "rxhooks terminology names names.csv"
    command = menu.command("names", words, terminology_names, example)
    command.add_argument("names", type=Path, metavar="NAMES.csv", help="columns rxcui and name")
    words = "drug_products.csv from an RxNorm release"
    example = "rxhooks terminology load RXNCONSO.RRF RXNREL.RRF --to site/drug_products.csv"
    command = menu.command("load", words, terminology_load, example)
    command.add_argument("concepts", type=Path, metavar="RXNCONSO.RRF")
    command.add_argument("relations", type=Path, metavar="RXNREL.RRF")
    command.add_argument(
        "archive", type=Path, nargs="?", metavar="RXNATOMARCHIVE.RRF", help="for retired codes"
    )
    command.add_argument("--to", type=Path, metavar="FILE", required=True, help="file to write")


def kb_compare(options: argparse.Namespace) -> int:
    """Every row that differs from the branch it lands in, or that no rule reads."""
    with reading(options.folder / "recommendations.csv"):
        rows = read_rows(options.folder)
    found = compare(rows, site_knowledge())
    print(*found.differences, *found.gaps, found.summary, sep="\n")
    return 0 if found.explained else 1


def kb_fingerprint(options: argparse.Namespace) -> int:
    """Write the fingerprints of the rows behind each branch into the guideline files."""
    with reading(options.folder / "recommendations.csv"):
        rows = read_rows(options.folder)
    with reading(options.guidelines):
        done = pin(options.guidelines, rows)
    print(*(done.written or ["nothing to write"]), *done.unreached, sep="\n")
    return 1 if done.unreached else 0


def kb_update(options: argparse.Namespace) -> int:
    """CPIC's tables from its API into a folder; what changed, and what to read again."""
    earlier = options.earlier or options.to
    today = datetime.now(UTC).date()
    with new_session() as session, progress(sys.stderr) as bar, reading(earlier):
        session.trust_env = True  # proxies: this goes to the Internet, for nobody's patient
        api = Api.open(options.url, session, bar.show)
        try:
            done = update(api, options.to, earlier, site_knowledge(), today)
        except UpdateRefused as refused:
            bar.clear()
            print(*refused.problems, "Refused: nothing was written.", sep="\n", file=sys.stderr)
            return 1
    print(*done.changes, *(f"To read again: {branch}" for branch in done.branches), sep="\n")
    print(f"{done.rows} rows into {options.to}; CPIC's newest change is of {done.newest_change}.")
    return 0


def terminology_names(options: argparse.Namespace) -> int:
    """drug_products.csv for a list of RxNorm product names, to standard output."""
    with reading(options.names):
        names = terminology.read_names(options.names)
    known = terminology.ingredient_names(site_knowledge())
    terminology.write_products(terminology.product_rows(names, known), sys.stdout)
    for name in terminology.left_out(names, known):
        print(f"not taken for the drug that it names: {name}", file=sys.stderr)
    return 0


def terminology_load(options: argparse.Namespace) -> int:
    """drug_products.csv from a site's own RxNorm release."""
    files = (options.concepts, options.relations, options.archive)
    with progress(sys.stderr) as bar, reading(options.concepts.parent):
        done = load_products(*files, site_knowledge(), bar.show)
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
