"""E and F: what prefetch means, and how the EHR's FHIR server is asked."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

import pytest

from app.fhir.session import new_session
from app.settings import UnsafeSettings, from_environment
from tests.contract.checklist import Json, Service, outcome
from tests.contract.checklist.conftest import DEADLINE_MS, Ehr
from tests.contract.loopback import Call, always, http
from tests.contract.loopback import bundle as page
from tests.contract.loopback import outcome as operation_outcome
from tests.unit.app.cds import POOR, complete, draft, order_select, patient_view
from tests.unit.hooks.reading import bundle, observation

SECRET = "s3cret-token-of-the-call"  # noqa: S105
TOKEN = {
    "access_token": SECRET,
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.rs",
    "subject": "rxhooks",
}
ABACAVIR = draft(medicationCodeableConcept={"text": "abacavir"})
LORATADINE = draft(medicationCodeableConcept={"text": "loratadine"})
FINDING = "org.rxhooks.finding"


def asking(server: str, prefetch: Json | None = None, **token: object) -> Json:
    """A call whose data stand on *server*."""
    body = order_select(prefetch=prefetch or {}) | {"fhirServer": server}
    return body | {"fhirAuthorization": TOKEN | token}


def poor(_call: Call) -> bytes:
    return http(page(POOR))


# E: prefetch


@pytest.mark.proves("E1", "E3", "E6", "H2", "H9")
@pytest.mark.parametrize("prefetch", [{}, {"patient": None}, {"unknown": bundle(POOR)}])
def test_data_that_nobody_gives_is_412(rx: Service, prefetch: Json) -> None:
    assert "CYP2C19" in outcome(rx.call(order_select(prefetch=prefetch)), 412)


@pytest.mark.proves("E3", "C7", "H2")
def test_a_call_that_needs_no_data_is_200_and_asks_nobody(rx: Service, ehr: Ehr) -> None:
    body = order_select(LORATADINE, prefetch={}) | {"fhirServer": ehr.base}

    assert rx.cards(body) == []
    assert ehr.calls == []


@pytest.mark.proves("E4", "E5")
@pytest.mark.parametrize(
    "nothing", [None, bundle(), {"resourceType": "Bundle"}, {"resourceType": "Bundle", "total": 0}]
)
def test_nothing_found_is_an_answer(rx: Service, nothing: Any) -> None:
    body = order_select(ABACAVIR, prefetch=complete() | {"genotypes": nothing})

    [card] = rx.cards(body)

    assert card["extension"][FINDING]["missing"][0]["why"] == "NOT_RECORDED"


@pytest.mark.proves("E2", "E6", "F1", "F2")
def test_a_missing_key_is_fetched_with_the_token(rx: Service, ehr: Ehr) -> None:
    ehr.behave = lambda call: call.send(poor(call))
    prefetch = {key: value for key, value in complete().items() if key != "genotypes"}

    assert rx.cards(asking(ehr.base, prefetch))[0]["indicator"] == "critical"
    assert [call.header("Authorization") for call in ehr.calls] == [f"Bearer {SECRET}"]
    assert ehr.calls[0].header("Accept") == "application/fhir+json"


@pytest.mark.proves("E7", "F10")
def test_an_outcome_is_unknown_and_not_asked_for_again(rx: Service, ehr: Ehr) -> None:
    failed = complete() | {"genotypes": operation_outcome("error")}

    outcome(rx.call(asking(ehr.base, failed)), 412)
    assert ehr.calls == []


@pytest.mark.proves("E8")
def test_an_outcome_among_entries_makes_a_result_incomplete(rx: Service) -> None:
    mixed = bundle(POOR, operation_outcome("error"))

    [card] = rx.cards(order_select(prefetch=complete() | {"genotypes": mixed}))

    assert card["indicator"] == "critical"
    assert "reported an error" in str(card)


@pytest.mark.proves("E8", "E9")
@pytest.mark.parametrize(
    "rest",
    [{"entry": [{"resource": operation_outcome("error")}]}, {"link": [{"relation": "next"}]}],
    ids=["an error among the entries", "more pages"],
)
def test_a_normal_result_does_not_reassure_where_others_are_missing(
    rx: Service, rest: Json
) -> None:
    normal = bundle(observation("84413-4", "CYP2C19 *1/*1"))
    mixed = normal | rest | {"entry": normal["entry"] + rest.get("entry", [])}

    outcome(rx.call(order_select(prefetch=complete() | {"genotypes": mixed})), 412)


@pytest.mark.proves("E8")
def test_an_error_instead_of_entries_is_never_all_clear(rx: Service) -> None:
    failed = bundle(operation_outcome("error"))

    outcome(rx.call(order_select(prefetch=complete() | {"genotypes": failed})), 412)


@pytest.mark.proves("E9", "F13")
def test_a_next_link_is_followed_on_the_server(rx: Service, ehr: Ehr) -> None:
    ehr.behave = lambda call: call.send(poor(call))
    first = bundle() | {"link": [{"relation": "next", "url": f"{ehr.base}?page=2"}]}

    body = asking(ehr.base, complete() | {"genotypes": first})

    assert rx.cards(body)[0]["indicator"] == "critical"
    assert [call.target for call in ehr.calls] == ["/fhir?page=2"]


@pytest.mark.proves("E9", "F3", "F13")
@pytest.mark.parametrize("where", ["https://evil.example/fhir?page=2", "http://127.0.0.1:9/x", ""])
def test_a_next_link_elsewhere_is_not_followed_and_not_all_clear(
    rx: Service, ehr: Ehr, where: str
) -> None:
    first = bundle() | {"link": [{"relation": "next", "url": where}]}

    outcome(rx.call(asking(ehr.base, complete() | {"genotypes": first})), 412)
    assert ehr.calls == []


@pytest.mark.proves("E10")
def test_keys_that_were_not_asked_for_are_ignored(rx: Service) -> None:
    body = order_select(prefetch=complete(POOR) | {"other": 1, "extension": [], "": None})

    assert rx.cards(body)[0]["indicator"] == "critical"


@pytest.mark.proves("E11")
@pytest.mark.parametrize("value", ["123", 1, True, [], [POOR], {}, POOR, {"resourceType": 1}])
def test_a_value_of_the_wrong_type_is_unknown(rx: Service, value: Any) -> None:
    outcome(rx.call(order_select(prefetch=complete() | {"genotypes": value})), 412)


@pytest.mark.proves("E11", "L1")
@pytest.mark.parametrize("junk", [None, 1, "x", [], {}, {"resource": None}, {"resource": "x"}])
def test_junk_among_entries_hides_no_result(rx: Service, junk: Any) -> None:
    mixed = bundle(POOR)
    mixed["entry"] = [junk, *mixed["entry"], junk]

    body = order_select(prefetch=complete() | {"genotypes": mixed})

    assert rx.cards(body)[0]["indicator"] == "critical"


@pytest.mark.proves("E12")
@pytest.mark.parametrize("kind", ["searchset", "collection", None, "batch-response"])
def test_the_kind_and_order_of_a_bundle_do_not_matter(rx: Service, kind: str | None) -> None:
    included = {"resourceType": "Patient", "id": "p1"}
    mixed = bundle(included, POOR, POOR) | ({"type": kind} if kind else {})
    mixed["entry"][0]["search"] = {"mode": "include"}

    body = order_select(prefetch=complete() | {"genotypes": mixed})

    assert rx.cards(body)[0]["indicator"] == "critical"


@pytest.mark.proves("E13")
def test_what_was_prefetched_is_not_fetched_again(rx: Service, ehr: Ehr) -> None:
    assert rx.cards(asking(ehr.base, complete(POOR)))
    assert ehr.calls == []


@pytest.mark.proves("E14")
@pytest.mark.parametrize(
    "result",
    [
        observation("84413-4", "CYP2C19 *2/*2", status="entered-in-error"),
        observation("84413-4", "CYP2C19 *2/*2", status="cancelled"),
        observation("84413-4", "CYP2C19 *2/*2", subject={"reference": "Patient/p2"}),
    ],
    ids=["entered in error", "cancelled", "of another patient"],
)
def test_only_valid_results_of_this_patient_count(rx: Service, result: Json) -> None:
    assert rx.cards(order_select(prefetch=complete(result))) == []


@pytest.mark.proves("E15", "L8")
def test_nothing_of_one_call_is_known_to_the_next(rx: Service) -> None:
    assert rx.cards(order_select())

    outcome(rx.call(order_select(prefetch={})), 412)


# F: the EHR's server

FAILURES = {
    "401": http(b"", "401 Unauthorized"),
    "404": http(b"", "404 Not Found"),
    "500": http(b"<html>", "500 Oh"),
    "a redirect": http(b"", "302 Found", "Location: /fhir/elsewhere\r\n"),
    "a redirect away": http(b"", "307 Away", "Location: https://evil.example/\r\n"),
    "html": http(b"<html></html>"),
    "half": http(b'{"resourceType": "Bundle", "entry": ['),
    "empty": http(b""),
    "another resource": http(observation("1-8")),
    "an outcome": http(operation_outcome("error")),
    "a list": http(b"[]"),
    "null": http(b"null"),
    "no http": b"SSH-2.0-x\r\n",
}


@pytest.mark.proves("F4", "F10", "H2", "H8")
@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES)
def test_every_failure_of_required_data_is_412(rx: Service, ehr: Ehr, answer: bytes) -> None:
    def fail(call: Call) -> None:
        call.send(answer)
        call.hang_up()

    ehr.behave = fail

    text = outcome(rx.call(asking(ehr.base)), 412)

    assert SECRET not in text
    assert "p1" not in text
    assert not [call for call in ehr.calls if "elsewhere" in call.target]


@pytest.mark.proves("F10", "F11")
def test_a_server_that_says_nothing_holds_the_answer_no_longer_than_the_deadline(
    rx: Service, ehr: Ehr
) -> None:
    ehr.behave = Call.say_nothing
    started = monotonic()

    outcome(rx.call(asking(ehr.base)), 412)

    assert monotonic() - started < DEADLINE_MS / 1000 + 1


@pytest.mark.proves("F11", "F13")
def test_pages_without_end_come_to_an_end(rx: Service, ehr: Ehr) -> None:
    def endless(call: Call) -> None:
        call.send(http(page(POOR, next_url=f"{ehr.base}?page={len(ehr.calls)}")))

    ehr.behave = endless
    started = monotonic()

    answer = rx.call(asking(ehr.base))

    assert answer.status_code == 200
    assert monotonic() - started < DEADLINE_MS / 1000 + 1
    assert len(ehr.calls) < 200


@pytest.mark.proves("F9")
@pytest.mark.parametrize(
    "server",
    [
        "https://evil.example/fhir",
        "http://127.0.0.1:1/fhir",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost/fhir",
        "http://[::1]/fhir",
        "{base}/../other",
        "{base}x",
        "{base}?x=1",
        "{base}#x",
        "http://user@{host}/fhir",
        "http://{host}@evil.example/fhir",
        "https://{host}/fhir",
        "HTTP://{host}/FHIR",
    ],
)
def test_a_server_that_is_not_listed_is_never_contacted(rx: Service, ehr: Ehr, server: str) -> None:
    host = ehr.base.removeprefix("http://").removesuffix("/fhir")
    answer = rx.call(asking(server.format(base=ehr.base, host=host)))

    assert answer.status_code in {400, 403, 412}
    assert ehr.calls == []


@pytest.mark.proves("F12")
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_slash_at_the_end_of_the_base_changes_nothing(rx: Service, ehr: Ehr, slash: str) -> None:
    ehr.behave = lambda call: call.send(poor(call))

    assert rx.cards(asking(ehr.base + slash))
    assert not [call for call in ehr.calls if "//" in call.target.partition("?")[0]]


@pytest.mark.proves("F6")
def test_only_reads_and_searches_of_the_patient_are_sent(rx: Service, ehr: Ehr) -> None:
    rx.call(asking(ehr.base))

    for call in ehr.calls:
        assert call.head.startswith("GET /fhir/")
        assert "patient=p1" in call.target or call.target == "/fhir/Patient/p1"


@pytest.mark.proves("F7")
@pytest.mark.parametrize("seconds", [0, -5])
def test_a_token_that_has_ended_is_not_sent(rx: Service, ehr: Ehr, seconds: int) -> None:
    outcome(rx.call(asking(ehr.base, expires_in=seconds)), 412)
    assert ehr.calls == []


@pytest.mark.proves("F5", "F15", "L2")
def test_calls_at_the_same_time_mix_no_tokens_and_no_results(rx: Service, ehr: Ehr) -> None:
    results = {"poor": "CYP2C19 *2/*2", "normal": "CYP2C19 *1/*1"}

    def answer(call: Call) -> None:
        kind = call.header("Authorization").removeprefix("Bearer ").partition("-")[0]
        found = observation("84413-4", results[kind]) if "code=" in call.target else None
        call.send(http(page(*([found] if found else []))))

    ehr.behave = answer

    def called(number: int) -> tuple[int, int]:
        kind = "poor" if number % 2 else "normal"
        return number % 2, len(rx.cards(asking(ehr.base, access_token=f"{kind}-{number}")))

    with ThreadPoolExecutor(12) as pool:
        assert all(poor == cards for poor, cards in pool.map(called, range(60)))


@pytest.mark.proves("F8", "F14")
def test_certificates_are_verified_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    with new_session() as session:
        assert (session.verify, session.trust_env) == (True, False)
    with pytest.raises(UnsafeSettings):
        from_environment({"RXHOOKS_OPEN": "1", "RXHOOKS_FHIR_SERVERS": "http://ehr.example/fhir"})


@pytest.mark.proves("F1", "E2")
def test_a_chart_is_read_from_the_server(rx: Service, ehr: Ehr) -> None:
    taken = draft(status="active")

    def answer(call: Call) -> None:
        found = taken if "MedicationRequest" in call.target else POOR
        call.send(http(page(found)))

    ehr.behave = answer
    body = patient_view(prefetch={}) | {"fhirServer": ehr.base}

    assert rx.cards(body, "patient-view")


@pytest.mark.proves("E6")
def test_an_honest_empty_server_is_an_answer(rx: Service, ehr: Ehr) -> None:
    ehr.behave = always(page())

    assert rx.cards(asking(ehr.base)) == []
