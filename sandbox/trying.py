"""`rxhooks try`: a sample patient, a drug, and the cards of the service, all in this process.

The service is the real one, asked through its HTTP interface; it fetches from the sandbox's FHIR
server, which listens on a free port of loopback meanwhile. The site's own rules and policy count.
The days of the sample data are moved, so that no result is too old one day.
"""

import argparse
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from threading import Thread
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from app.commands.shared import WrongUse, site_knowledge
from app.runtime import Runtime
from app.settings import Settings
from hooks.knowledge import Knowledge
from sandbox.behaviour import BASE
from sandbox.ordering import DRAFT, Choice, chosen, draft
from sandbox.records import Records, Resource, current
from sandbox.server import create_app as create_sandbox
from sandbox.show import printed

HOST = "127.0.0.1"
TRIES = Path(__file__).with_name("tries.csv")
DEADLINE_MS = 10_000  # nobody waits for this answer at a bedside
CHART = "patient-view"


@dataclass(frozen=True, slots=True)
class Try:
    """Something worth trying: *says* is the indicator of the first card, or that there is none."""

    patient: str
    drug: str
    hook: str
    says: str


class _Quiet(WSGIRequestHandler):
    """Requests are told in one line at the end, not one by one."""

    def log_request(self, *_args: object) -> None:
        """Say nothing."""


def run(options: argparse.Namespace) -> int:
    """Print the cards for what was asked; without a patient and a drug for the first try."""
    records, tries = current(), read_tries()
    patient, drug, hook = asked(options, records, tries)
    knowledge = site_knowledge()
    choice = chosen(drug, knowledge) if drug else None
    status, answer, fetched = answered(request_for(hook, patient, choice), records, knowledge)
    print(_heading(records.read("Patient", patient), hook, choice))
    print(f"Fetched from the sandbox FHIR server: {', '.join(fetched) or 'nothing'}.")
    if status != 200:
        print(f"The service answered with {status}: {_told(answer)}")
        return 1
    print(*(_cards(answer) or ["No card."]), *_unchecked(answer), sep="\n")
    print(_next(tries, options, patient))
    return 0


def read_tries() -> list[Try]:
    """What tries.csv lists."""
    with TRIES.open(encoding="utf-8", newline="") as rows:
        return [Try(**row) for row in csv.DictReader(rows)]


def asked(options: argparse.Namespace, records: Records, tries: list[Try]) -> tuple[str, str, str]:
    """Patient, drug and hook: as they were asked for, the rest from the first try that fits."""
    if options.hook == CHART and options.drug:
        raise WrongUse([f"{CHART} is called when a chart is opened: it takes no --drug"])
    patient = patient_named(options.patient, records) if options.patient else ""
    drug = str(options.drug)
    if not patient:
        fitting = (each for each in tries if _suits(each, drug, options.hook))
        first = next(fitting, tries[0])
        patient, drug = first.patient, drug or ("" if options.hook == CHART else first.drug)
    hook = options.hook or ("order-select" if drug else CHART)
    if hook != CHART and not drug:
        raise WrongUse([f"{hook} is about an order: name a drug with --drug"])
    return patient, drug, hook


def patient_named(typed: str, records: Records) -> str:
    """The one patient whose id or name begins so; WrongUse if there is none, or more."""
    everybody = sorted(str(patient["id"]) for patient in records.of_type("Patient"))
    found = [each for each in everybody if each.startswith("-".join(typed.casefold().split()))]
    if len(found) == 1 or typed in found:
        return typed if typed in found else found[0]
    which = "Several patients begin so" if found else f"No sample patient is called {typed}"
    raise WrongUse([f"{which}; there are: {', '.join(found or everybody)}"])


def request_for(hook: str, patient: str, choice: Choice | None) -> dict[str, Any]:
    """The CDS Hooks request, without prefetch and FHIR server."""
    context: dict[str, Any] = {"userId": "Practitioner/ada-example", "patientId": patient}
    if choice is not None:
        entry = [{"resource": draft(choice, patient)}]
        context["draftOrders"] = {"resourceType": "Bundle", "type": "collection", "entry": entry}
    if hook == "order-select":
        context["selections"] = [f"MedicationRequest/{DRAFT}"]
    return {"hook": hook, "hookInstance": str(uuid4()), "context": context}


def answered(
    request: dict[str, Any], records: Records, knowledge: Knowledge
) -> tuple[int, dict[str, Any], list[str]]:
    """Status and body of the service's answer, and the kinds of resource that it fetched."""
    log = io.StringIO()  # what went wrong is told by the answer
    with redirect_stderr(log), _fhir_server(records) as (base, fetched):
        with _service(base, knowledge) as client:
            url = f"/cds-services/rxhooks-{request['hook']}"
            response = client.post(url, json=request | {"fhirServer": base})
        return response.status_code, response.get_json(), list(dict.fromkeys(fetched))


@contextmanager
def _fhir_server(records: Records) -> Iterator[tuple[str, list[str]]]:
    """The sandbox's FHIR server on a free port: its base URL, and what is asked of it."""
    app, fetched = create_sandbox(records), list[str]()
    answer = app.wsgi_app

    def noted(environ: Any, start: Any) -> Any:
        fetched.append(environ["PATH_INFO"].removeprefix(f"{BASE}/").partition("/")[0])
        return answer(environ, start)

    app.wsgi_app = noted  # type: ignore[method-assign, assignment]
    server = make_server(HOST, 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, name="sandbox", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}{BASE}", fetched
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _service(base: str, knowledge: Knowledge) -> Iterator[FlaskClient]:
    """The service, open, allowed to ask the server at *base*; it keeps nothing on disk."""
    settings = Settings(
        open=True,
        fhir_servers=(base,),
        deadline_ms=DEADLINE_MS,
        unchecked="card",
        database_url="sqlite://",
    )
    app = create_app(settings, knowledge)
    held: Runtime = app.extensions["rxhooks"]
    try:
        yield app.test_client()
    finally:
        held.fhir.close()
        if held.store is not None:
            held.store.close()


def _heading(patient: Resource, hook: str, choice: Choice | None) -> str:
    name = patient["name"][0]
    who = f"{' '.join([*name['given'], name['family']])} ({patient['id']})"
    if choice is None:
        return f"The chart of {who} is opened ({hook})."
    order = ", ".join(filter(None, (choice.display, choice.dosage)))
    done = "Signed" if hook == "order-sign" else "Selected"
    return f"{done} for {who}: {order} ({hook})."


def _cards(answer: dict[str, Any]) -> list[str]:
    return [printed(card) for card in answer["cards"]]


def _unchecked(answer: dict[str, Any]) -> Iterator[str]:
    """What could not be judged, one rule a line."""
    for each in answer.get("extension", {}).get("org.rxhooks.unchecked", []):
        gaps = (f"{gap['what']} ({gap['why']})" for gap in each["missing"])
        yield f"Not judged: {each.get('rule', 'the chart')}: {', '.join(gaps)}"


def _told(answer: dict[str, Any]) -> str:
    return "; ".join(str(issue.get("diagnostics", "")) for issue in answer.get("issue", []))


def _suits(each: Try, drug: str, hook: str) -> bool:
    same = each.drug.split()[:1] == drug.casefold().split()[:1] if drug else True
    return same and (not hook or each.hook == hook)


def _next(tries: list[Try], options: argparse.Namespace, patient: str) -> str:
    """What to try next: with this patient if one was named, else with everybody."""
    shown = [each for each in tries if not options.patient or each.patient == patient]
    lines = [(_command(each), each.says) for each in shown]
    width = max((len(command) for command, _ in lines), default=0)
    return "\n".join(["", "To try:", *(f"  {line:{width}}  {says}" for line, says in lines)])


def _command(each: Try) -> str:
    """The command for *each*, as it is typed."""
    drug = f" --drug {quote(each.drug)}" if each.drug else ""
    hook = f" --hook {each.hook}" if each.drug and each.hook != "order-select" else ""
    return f"rxhooks try --patient {each.patient}{drug}{hook}"
