"""The ways in which this server can misbehave, each a function around the honest answer."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import orjson
from werkzeug.wrappers import Request, Response

from sandbox.answers import fhir, html, outcome
from sandbox.records import Resource

Ask = Callable[[], Response]  # gives the honest answer
Behaviour = Callable[[Request, Ask], Response]

GREATEST_DELAY_MS = 60_000
DRIP_SECONDS = 0.1
HUGE_BYTES = 200_000_000
ELSEWHERE = "http://127.0.0.2:9/fhir"
TOKEN = "sandbox-token"  # noqa: S105 (it guards made-up patients, and the README tells it)
UNAVAILABLE_TYPES = ("Condition", "MedicationRequest")


class UnknownBehaviour(LookupError):
    """No behaviour has this name."""


def behaviour_named(name: str) -> Behaviour:
    """The behaviour; raises UnknownBehaviour."""
    if name in PLAIN:
        return PLAIN[name]
    delay = re.fullmatch(r"slow-(\d{1,5})", name)
    if delay and int(delay[1]) <= GREATEST_DELAY_MS:
        return slow(int(delay[1]) / 1000)
    status = re.fullmatch(r"failing-([45]\d\d)", name)
    if status:
        return failing(int(status[1]))
    raise UnknownBehaviour("no behaviour has this name; GET / lists them")


def normal(_request: Request, ask: Ask) -> Response:
    """The honest answer."""
    return ask()


def slow(seconds: float) -> Behaviour:
    """Each answer comes *seconds* late."""

    def behave(_request: Request, ask: Ask) -> Response:
        time.sleep(seconds)
        return ask()

    return behave


def failing(status: int) -> Behaviour:
    """Each answer is *status*, with the page of a proxy for 502."""

    def behave(_request: Request, _ask: Ask) -> Response:
        if status == 502:
            return html("502 Bad Gateway", 502)
        return outcome("exception", f"this base path always answers {status}", status)

    return behave


def endless(_request: Request, ask: Ask) -> Response:
    """The last page of a search links to itself, each time under another URL."""
    return _edited(ask(), _link_to_itself)


def foreign(_request: Request, ask: Ask) -> Response:
    """Each page of a search says that the next one is on another server."""
    return _edited(ask(), _link_elsewhere)


def drip(_request: Request, ask: Ask) -> Response:
    """The honest answer, a byte at a time."""
    honest = ask()
    body = honest.get_data()
    honest.response = _drops(body)
    honest.headers["Content-Length"] = str(len(body))
    return honest


def html_page(_request: Request, _ask: Ask) -> Response:
    """A sign-in page with status 200."""
    return html("Please sign in", 200)


def broken(_request: Request, ask: Ask) -> Response:
    """The first half of the honest answer."""
    honest = ask()
    body = honest.get_data()
    honest.set_data(body[: len(body) // 2])
    return honest


def huge(_request: Request, _ask: Ask) -> Response:
    """A Bundle that does not end; after HUGE_BYTES it breaks off."""
    return Response(_flood(), 200, mimetype="application/fhir+json")


def redirect(request: Request, _ask: Ask) -> Response:
    """A redirect to the same place under the plain `/fhir`."""
    query = request.query_string.decode("latin-1")
    location = urlunsplit(("", "", quote(request.path), query, ""))
    return Response(status=302, headers={"Location": location})


def outcome_only(_request: Request, _ask: Ask) -> Response:
    """Status 200, and an OperationOutcome in place of the answer."""
    return outcome("exception", "this base path has no other answer", 200)


def partial(request: Request, ask: Ask) -> Response:
    """Two resource types cannot be had, the others can."""
    resource_type = request.path.removeprefix("/fhir/").partition("/")[0]
    if resource_type in UNAVAILABLE_TYPES:
        return outcome("exception", f"{resource_type} cannot be had here", 500)
    return ask()


def secured(request: Request, ask: Ask) -> Response:
    """Only with the bearer token."""
    if request.headers.get("Authorization") == f"Bearer {TOKEN}":
        return ask()
    refused = outcome("login", "this base path wants the sandbox's bearer token", 401)
    refused.headers["WWW-Authenticate"] = "Bearer"
    return refused


PLAIN: Mapping[str, Behaviour] = {
    "normal": normal,
    "endless": endless,
    "foreign": foreign,
    "drip": drip,
    "html": html_page,
    "broken": broken,
    "huge": huge,
    "redirect": redirect,
    "outcome": outcome_only,
    "partial": partial,
    "secured": secured,
}


def _edited(honest: Response, edit: Callable[[Resource], None]) -> Response:
    """*honest* after *edit*, if it is a page of a search."""
    body = honest.get_data()
    bundle = orjson.loads(body) if body else {}
    if bundle.get("type") != "searchset":
        return honest
    edit(bundle)
    return fhir(bundle)


def _link_to_itself(bundle: Resource) -> None:
    links = {link["relation"]: link["url"] for link in bundle["link"]}
    if "next" in links:
        return
    scheme, host, path, query, _fragment = urlsplit(links["self"])
    asked = dict(parse_qsl(query, keep_blank_values=True))
    asked["_lap"] = str(int(asked.get("_lap", "0")) + 1)
    url = urlunsplit((scheme, host, path, urlencode(asked), ""))
    bundle["link"].append({"relation": "next", "url": url})


def _link_elsewhere(bundle: Resource) -> None:
    bundle["link"] = [link for link in bundle["link"] if link["relation"] != "next"]
    bundle["link"].append({"relation": "next", "url": f"{ELSEWHERE}?_page=2"})


def _drops(body: bytes) -> Iterator[bytes]:
    for byte in body:
        time.sleep(DRIP_SECONDS)
        yield bytes([byte])


def _flood() -> Iterator[bytes]:
    yield b'{"resourceType":"Bundle","type":"searchset","entry":['
    entries = b'{"resource":{"resourceType":"Basic","code":{"text":"one of very many"}}},' * 1000
    for _ in range(HUGE_BYTES // len(entries)):
        yield entries
