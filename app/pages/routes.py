"""The places below /sandbox/: choose a patient, see the chart, find a drug, turn the switch."""

import re
from datetime import UTC, datetime

import orjson
from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answered

from app.errors import outcome
from app.pages import asking, chart, drugs, switch
from app.runtime import runtime
from hooks.reading.resources import ID

bp = Blueprint(
    "sandbox",
    __name__,
    url_prefix="/sandbox",
    template_folder="templates",
    static_folder="static",
)
REFUSED = "This FHIR server is not on the allow-list (RXHOOKS_FHIR_SERVERS), so it is not asked."
NO_ID = "This is not a FHIR id: letters, digits, points and hyphens, 64 at most."
NONE = "No FHIR server is on the allow-list: set RXHOOKS_FHIR_SERVERS and start the service again."


class BadQuestion(ValueError):
    """The page's address names no patient that could be asked for; the message says why."""


@bp.get("/")
def choose() -> Response:
    """The patients of one FHIR server, and the other servers."""
    servers = g.client.fhir_servers
    if not servers:
        return _page("refused.html", 200, reason=NONE)
    base = asking.listed_server(request.args.get("server") or servers[0])
    found = chart.listed(asking.patients(base))
    return _page("choose.html", patients=found, server=base, servers=servers, **_switch(base))


@bp.get("/chart")
def show() -> Response:
    """One patient's chart."""
    base = asking.listed_server(request.args.get("server", ""))
    patient = _patient(request.args.get("patient", "").strip())
    today = datetime.now(UTC).date()
    answers = asking.chart_answers(base, patient)
    seen = chart.chart(answers, patient, runtime().knowledge_of(g.client), today)
    return _page("chart.html", chart=seen, server=base, patient=patient, **_switch(base))


@bp.get("/drugs")
def find_drugs() -> Response:
    """What can be ordered and begins with what was typed, as JSON."""
    found = drugs.matching(request.args.get("q", ""), runtime().knowledge_of(g.client))
    return Response(orjson.dumps({"drugs": found}), mimetype="application/json")


@bp.post("/behaviour")
def behave() -> Answered:
    """Make the sandbox FHIR server slow or failing; back to the page, or JSON for a script."""
    base = asking.listed_server(request.form.get("server", ""))
    name = request.form.get("behaviour", "")
    if name not in switch.NAMES:
        return outcome(400, ["No behaviour has this name."])
    now = switch.turn(base, name)
    if request.accept_mimetypes.best == "application/json":
        return Response(orjson.dumps({"behaviour": now}), mimetype="application/json")
    return redirect(url_for("sandbox.choose", server=base), 303)


@bp.errorhandler(asking.NotListed)
def not_listed(_error: asking.NotListed) -> Response:
    """403, in words."""
    return _page("refused.html", 403, reason=REFUSED)


@bp.errorhandler(BadQuestion)
def bad_question(error: BadQuestion) -> Response:
    """400, in words."""
    return _page("refused.html", 400, reason=str(error))


@bp.errorhandler(switch.NoSwitch)
def no_switch(_error: switch.NoSwitch) -> Response:
    """502: the sandbox FHIR server was asked, and did not do it."""
    return _page("refused.html", 502, reason="The FHIR server's behaviour could not be changed.")


def _patient(text: str) -> str:
    if not re.fullmatch(ID, text):
        raise BadQuestion(NO_ID)
    return text


def _switch(base: str) -> dict[str, object]:
    """What the page needs to show the switch; an empty *behaviour* where there is none."""
    try:
        now = switch.behaviour(base)
    except switch.NoSwitch:
        now = ""
    return {"behaviour": now, "behaviours": switch.BEHAVIOURS}


def _page(template: str, status: int = 200, /, **values: object) -> Response:
    return Response(render_template(template, **values), status, mimetype="text/html")
