"""`rxhooks serve`, `discovery` and `policy`: the service as this site runs it."""

import argparse
import os
import sys
from pathlib import Path

import orjson

from app.cds.schemas import dump_service
from app.commands.menu import Menu
from app.commands.shared import site_folder, site_knowledge, site_policy
from app.security.client_knowledge import knowledge_by_client
from app.settings import from_environment
from hooks import SERVICES
from hooks.knowledge.lint import load_checked
from hooks.knowledge.policy import Policy, effective, read_policy

GUNICORN = Path(__file__).parents[1] / "gunicorn.conf.py"


def add(menu: Menu) -> None:
    """Add the commands of this module."""
    example = "rxhooks serve --bind 127.0.0.1:8080"
    command = menu.command("serve", "start the service (gunicorn)", serve, example)
    command.add_argument("--bind", metavar="HOST:PORT", help="where to listen")
    words = "print the discovery document"
    command = menu.command("discovery", words, discovery, "rxhooks discovery")
    command.add_argument("--drafts", action="store_true", help="for draft rules as well")
    words = "what this site shows, and where each setting comes from"
    menu.command(
        "policy", words, policy, "rxhooks policy", "RXHOOKS_POLICY=policy.toml rxhooks policy"
    )


def serve(options: argparse.Namespace) -> int:
    """Become gunicorn; settings are checked first, so that faults are told in words."""
    settings = from_environment(os.environ)
    knowledge_by_client(settings, site_knowledge())
    command = [sys.executable, "-m", "gunicorn", "--config", str(GUNICORN), "app.wsgi:app"]
    if options.bind:
        command[-1:-1] = ["--bind", options.bind]
        os.environ["RXHOOKS_BIND"] = options.bind
    os.execv(sys.executable, command)  # noqa: S606  replaces this process; nothing of a shell


def discovery(options: argparse.Namespace) -> int:
    """The discovery document."""
    knowledge = site_knowledge()
    knowledge = knowledge.with_all() if options.drafts else knowledge
    services = [dump_service(service, knowledge) for service in SERVICES.values()]
    print(orjson.dumps({"services": services}, option=orjson.OPT_INDENT_2).decode())
    return 0


def policy(_options: argparse.Namespace) -> int:
    """Every effective setting of the site's policy, and where it comes from."""
    file = site_policy()
    settings = effective(load_checked(site_folder()), read_policy(file) if file else Policy())
    for name, value, origin in settings:
        print(f"{name} = {value}  ({origin})")
    return 0
