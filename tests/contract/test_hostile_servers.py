"""A server that means ill, or is ill: each thing it does ends in words, and the token stays.

Checklist: F3, F4, F5, F6, F10, F13, F15.
"""

import logging
import traceback
from dataclasses import replace

import pytest
import requests

from app.fhir.rest import RESTS
from app.fhir.server import FhirServer, FhirUnavailable, Limits
from hooks.clinical.facts import Missing, Why
from hooks.reading.resources import Fetched
from tests.contract.asking import QUERY, Ask, fetched, fhir, outcome_of
from tests.contract.loopback import Call, Serve, always, bundle, http, ids, observation

TOKEN = "canary-token"  # noqa: S105
ELSEWHERE = "the next page is on another server"


def holding(session: requests.Session, base: str) -> FhirServer:
    return replace(fhir(session, base), token=TOKEN)


def follows(caught: BaseException) -> list[BaseException]:
    """*caught*, and every exception that can be reached from it."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [caught]
    while waiting:
        error = waiting.pop()
        if error is not None and error not in found:
            found.append(error)
            waiting += [error.__cause__, error.__context__]
    return found


# Redirects


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"])
@pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://x/", "OTHER", "/fhir/Patient"])
def test_no_redirect_is_followed(
    serve: Serve, session: requests.Session, status: str, to: str
) -> None:
    other = serve(always(bundle(observation("stolen"))))
    place = to.replace("OTHER", f"{other.base}/{QUERY}")
    server = serve(lambda call: call.send(http(b"", status, f"Location: {place}\r\n")))

    assert outcome_of(holding(session, server.base)) == "redirected to another place"
    assert (len(server.calls), other.calls) == (1, [])


def test_a_page_that_redirects_leaves_those_before_it(
    serve: Serve, session: requests.Session
) -> None:
    other = serve(always(bundle(observation("stolen"))))

    def answer(call: Call) -> None:
        if "page=2" in call.target:
            call.send(http(b"", "302 Found", f"Location: {other.base}\r\n"))
        call.send(http(bundle(observation("o1"), next_url="?page=2")))

    found = outcome_of(holding(session, serve(answer).base))

    assert isinstance(found, Fetched)
    assert ids(found.resource) == ["o1"]
    assert found.remark == Missing("Observation", Why.NOT_FETCHED, "redirected to another place")
    assert other.calls == []


# Next links


@pytest.mark.parametrize(
    "link",
    [
        "OTHER/fhir?page=2",
        "//OTHERHOST/fhir?page=2",
        "http://127.0.0.1@OTHERHOST/fhir?page=2",
        "https://SAMEHOST/fhir?page=2",
        "http://localhost:SAMEPORT/fhir?page=2",
        "http://127.0.0.1/fhir?page=2",
        "/other?page=2",
        "/fhir2?page=2",
        "/fhir/../admin",
        "/fhir/%2e%2e/admin",
        "/fhir\\..\\admin",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://[",
        "http://127.0.0.1:port/fhir",
    ],
)
def test_a_next_link_that_leads_elsewhere_is_not_followed(
    serve: Serve, session: requests.Session, link: str
) -> None:
    other = serve(always(bundle(observation("stolen"))))

    def answer(call: Call) -> None:
        here, there = call.header("Host"), other.base.split("/")[2]
        to = link.replace("OTHERHOST", there).replace("OTHER", f"http://{there}")
        to = to.replace("SAMEHOST", here).replace("SAMEPORT", here.partition(":")[2])
        call.send(http(bundle(observation("o1"), next_url=to)))

    server = serve(answer)

    found = outcome_of(holding(session, server.base))

    assert isinstance(found, Fetched)
    assert ids(found.resource) == ["o1"]
    assert found.remark == Missing("Observation", Why.NOT_FETCHED, ELSEWHERE)
    assert (len(server.calls), other.calls) == (1, [])


def test_pages_that_lead_in_a_circle_come_to_an_end(
    serve: Serve, session: requests.Session
) -> None:
    def answer(call: Call) -> None:
        to = "?page=1" if "page=2" in call.target else "?page=2"
        call.send(http(bundle(observation("o1"), next_url=to)))

    server = serve(answer)

    found = outcome_of(holding(session, server.base))

    assert isinstance(found, Fetched)
    assert found.remark is not None
    assert "circle" in found.remark.detail
    assert len(server.calls) == 3


def test_the_same_page_again_and_again_comes_to_an_end(
    serve: Serve, session: requests.Session
) -> None:
    server = serve(
        lambda call: call.send(
            http(bundle(observation("o1"), next_url=f"?page={len(server.calls)}"))
        )
    )

    found = outcome_of(replace(holding(session, server.base), limits=Limits(max_pages=5)))

    assert isinstance(found, Fetched)
    assert found.remark == Missing("Observation", Why.NOT_FETCHED, "more than 5 pages")
    assert len(server.calls) == 5


def test_all_pages_share_the_room_for_one_answer(serve: Serve, session: requests.Session) -> None:
    padding = {"resourceType": "Observation", "id": "o", "note": [{"text": "x" * 300_000}]}
    server = serve(
        lambda call: call.send(http(bundle(padding, next_url=f"?page={len(server.calls)}")))
    )
    asked = replace(holding(session, server.base), limits=Limits(max_bytes=1_000_000))

    found = outcome_of(asked)

    assert isinstance(found, Fetched)
    assert found.remark == Missing("Observation", Why.NOT_FETCHED, "more than 1 MB")
    assert len(server.calls) == 4


# Refusals


REFUSALS = {
    "401 Unauthorized": "HTTP 401: the access token is missing or was not accepted",
    "403 Forbidden": "HTTP 403: the access token does not allow this",
    "404 Not Found": "HTTP 404",
    "500 Internal Server Error": "HTTP 500",
}
BUSY = {"429 Too Many Requests": "HTTP 429", "503 Service Unavailable": "HTTP 503"}
TIMES = ("0", "1", "3600", "Wed, 21 Oct 2099 07:28:00 GMT")
NO_TIMES = ("-1", "x")


@pytest.mark.parametrize(
    ("status", "reason", "after"),
    [
        *((*refusal, after) for refusal in REFUSALS.items() for after in (*TIMES, *NO_TIMES)),
        *((*refusal, after) for refusal in BUSY.items() for after in NO_TIMES),
        *((status, f"{told}: {RESTS}", TIMES[-1]) for status, told in BUSY.items()),
    ],
)
def test_a_refusal_is_told_and_not_waited_for(
    serve: Serve, ask: Ask, status: str, reason: str, after: str
) -> None:
    """For what a server may ask for with 429 and 503, see test_retry_after.py."""
    retry = f'Retry-After: {after}\r\nWWW-Authenticate: Bearer error="invalid_token"\r\n'
    server = serve(lambda call: call.send(http(b"{}", status, retry)))

    answers = ask(server.base)

    assert answers["labs"] == Missing("labs", Why.NOT_FETCHED, reason)
    assert len(server.calls) == 1


def test_one_query_of_many_that_the_token_does_not_allow_is_told(serve: Serve, ask: Ask) -> None:
    def answer(call: Call) -> None:
        status = "403 Forbidden" if "Condition" in call.target else "200 OK"
        call.send(http(bundle(observation("o1")), status))

    queries = {"labs": QUERY, "conditions": "Condition?patient=p1"}

    answers = ask(serve(answer).base, queries=queries)

    assert ids(fetched(answers["labs"]).resource) == ["o1"]
    assert isinstance(answers["conditions"], Missing)


# The token


def hang_up(call: Call) -> None:
    call.hang_up()


@pytest.mark.parametrize(
    "behaviour",
    [
        hang_up,
        lambda call: call.send(b"HTTP/1.1 nonsense\r\n\r\n"),
        lambda call: call.send(http(call.head.encode())),
        lambda call: call.send(http(call.head.encode(), "401 " + TOKEN)),
        lambda call: call.send(http(b"{}", "302 Found", f"Location: /{TOKEN}\r\n")),
        lambda call: call.send(http(b"{}", headers=f"Content-Encoding: {TOKEN}\r\n")),
        lambda call: call.send(http(b"{}", headers=f"Content-Type: {TOKEN}\r\n")),
        lambda call: call.send(http({"resourceType": TOKEN})),
        lambda call: call.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}"),
    ],
)
def test_no_exception_and_no_log_line_holds_the_token(
    serve: Serve,
    session: requests.Session,
    caplog: pytest.LogCaptureFixture,
    behaviour: object,
) -> None:
    def once(call: Call) -> None:
        behaviour(call)  # type: ignore[operator]
        call.hang_up()

    server = holding(session, serve(once).base)

    with caplog.at_level(logging.DEBUG), pytest.raises(FhirUnavailable) as caught:
        server.search(QUERY)

    assert TOKEN not in caplog.text
    assert TOKEN not in repr(server)
    for error in follows(caught.value):
        assert TOKEN not in "".join(traceback.format_exception(error))
        assert not hasattr(error, "request")
        assert TOKEN not in repr(vars(error))


def test_the_token_is_in_no_address_and_no_body(serve: Serve, session: requests.Session) -> None:
    server = serve(always(bundle()))

    outcome_of(holding(session, server.base))

    [call] = server.calls
    assert [line for line in call.head.splitlines() if TOKEN in line] == [
        f"Authorization: Bearer {TOKEN}"
    ]


def test_the_session_keeps_nothing_of_a_token(serve: Serve, session: requests.Session) -> None:
    server = serve(always(bundle()))

    outcome_of(holding(session, server.base))

    assert TOKEN not in repr([session.headers, session.cookies, session.auth, session.params])
