"""The pages below /sandbox/: who gets them, with which headers, and what they say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import orjson
import pytest
import responses
from flask.testing import FlaskClient
from responses import matchers

from tests.unit.app.cds import serving
from tests.unit.hooks.reading import bundle, coded, observation

FHIR = "https://ehr.example/fhir"
HERE = "http://127.0.0.1:8081/fhir"
SWITCH = "http://127.0.0.1:8081/behaviour"
HOSTILE = """<script>alert(1)</script>"'{{ 7*7 }}"""
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"text": HOSTILE}], "gender": "female"}
EMPTY = bundle()
KINDS = ("Condition", "MedicationRequest", "Observation")
PAGES = ["/sandbox/", "/sandbox/chart", "/sandbox/drugs", "/sandbox/static/chart.js"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    with serving(tmp_path_factory.mktemp("open"), fhir_servers=(FHIR, HERE)) as app:
        yield app.test_client()


@pytest.fixture
def fhir() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as found:
        yield found


def answering(fhir: responses.RequestsMock, **resources: Any) -> None:
    """The FHIR server answers by type; nothing is on file but the patient and *resources*."""
    fhir.get(f"{FHIR}/Patient/p1", json=resources.get("Patient", PATIENT))
    for kind in KINDS:
        fhir.get(f"{FHIR}/{kind}", json=resources.get(kind, EMPTY))


def chart(client: FlaskClient, server: str = FHIR, patient: str = "p1", **headers: str) -> Any:
    query = urlencode({"server": server, "patient": patient})
    return client.get(f"/sandbox/chart?{query}", headers=headers)


def behave(client: FlaskClient, name: str, server: str = HERE, **headers: str) -> Any:
    form = {"server": server, "behaviour": name}
    return client.post("/sandbox/behaviour", data=form, headers=headers)


@pytest.mark.parametrize("path", PAGES)
def test_without_open_mode_there_are_no_pages(tmp_path: Path, path: str) -> None:
    with serving(tmp_path, open=False, replay_file=tmp_path / "jti.db") as app:
        assert app.test_client().get(path).status_code == 404


@pytest.mark.parametrize("path", ["/sandbox/chart", "/sandbox/drugs", "/sandbox/nothing"])
def test_every_answer_has_the_policy_and_its_neighbours(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_the_policy_is_only_that_of_the_pages(client: FlaskClient) -> None:
    assert "Content-Security-Policy" not in client.get("/cds-services").headers


def test_no_other_origin_may_read_a_page(client: FlaskClient) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.get("/sandbox/drugs?q=clop", headers=headers)
        assert answer.status_code == 403
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_other_origins_may_link_to_a_page(client: FlaskClient) -> None:
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/sandbox/drugs", headers=followed).status_code == 200


def test_other_origins_may_not_turn_the_switch(client: FlaskClient) -> None:
    sent = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert behave(client, "slow-3000", **sent).status_code == 403
    assert behave(client, "slow-3000", Origin="https://evil.example").status_code == 403


@pytest.mark.parametrize(
    "server",
    ["", "https://other.example/fhir", f"{FHIR}/..", f"{FHIR}@other.example", "file:///etc", "x"],
)
def test_a_server_that_is_not_on_the_allow_list_is_not_asked(
    client: FlaskClient, fhir: responses.RequestsMock, server: str
) -> None:
    answer = chart(client, server)
    assert answer.status_code == 403
    assert "not on the allow-list" in answer.text
    assert len(fhir.calls) == 0


@pytest.mark.parametrize("patient", ["", "../Patient/p2", "a b", "p1?x=y", "x" * 65, "p1,p2", "ü"])
def test_what_is_no_fhir_id_is_not_asked_for(
    client: FlaskClient, fhir: responses.RequestsMock, patient: str
) -> None:
    answer = chart(client, patient=patient)
    assert answer.status_code == 400
    assert "not a FHIR id" in answer.text
    assert len(fhir.calls) == 0


def test_without_an_allow_list_the_page_says_what_to_set(tmp_path: Path) -> None:
    with serving(tmp_path) as app:
        answer = app.test_client().get("/sandbox/")
    assert answer.status_code == 200
    assert "RXHOOKS_FHIR_SERVERS" in answer.text


def test_the_patients_of_a_server_are_listed_by_name(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    other = {"resourceType": "Patient", "id": "p2", "name": [{"given": ["Ada"], "family": "Ames"}]}
    fhir.get(f"{FHIR}/Patient", json=bundle(PATIENT, other, {"resourceType": "Patient"}))
    page = client.get("/sandbox/").text
    assert page.index("&lt;script&gt;") < page.index("Ada Ames")
    assert "patient=p2" in page
    assert "<script>alert" not in page


def test_of_a_long_list_the_first_page_is_shown_and_said_to_be_one(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    more = {"link": [{"relation": "next", "url": f"{FHIR}/Patient?page=2"}]}
    fhir.get(f"{FHIR}/Patient", json={**bundle(PATIENT), **more})
    page = client.get("/sandbox/").text
    assert "Not complete: more than 1 pages." in page
    assert "patient=p1" in page
    assert len([call for call in fhir.calls if "Patient" in str(call.request.url)]) == 1


def test_a_list_that_cannot_be_had_is_said(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    fhir.get(f"{FHIR}/Patient", status=503)
    page = client.get("/sandbox/").text
    assert "Could not be read: HTTP 503." in page
    assert "lists no patients" not in page


def test_what_is_hostile_in_a_chart_is_escaped(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    condition = {"resourceType": "Condition", "id": "c1", "code": {"text": HOSTILE}}
    answering(
        fhir,
        Condition=bundle(condition),
        Observation=bundle(observation({"text": HOSTILE}, HOSTILE)),
    )
    page = chart(client).text
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 3
    assert "\\u003cscript" in page[page.index("data-concept=") :]


def test_a_chart_that_is_read_and_empty_says_that_nothing_is_on_file(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    answering(fhir)
    page = chart(client).text
    assert page.count("Nothing on file.") == 4
    assert "could not be read" not in page.casefold()


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ({"status": 500}, "HTTP 500"),
        ({"status": 401}, "HTTP 401: the access token is missing or was not accepted"),
        ({"body": "<h1>Sign in</h1>", "content_type": "text/html"}, "the answer is not JSON"),
        ({"json": {"resourceType": "OperationOutcome"}}, "the answer is not a Bundle"),
        ({"body": ConnectionError()}, "the request could not be made"),
    ],
)
def test_a_part_that_cannot_be_had_says_why_and_never_that_it_is_empty(
    client: FlaskClient, fhir: responses.RequestsMock, failure: dict[str, Any], words: str
) -> None:
    fhir.get(f"{FHIR}/Patient/p1", json=PATIENT)
    for kind in KINDS:
        fhir.get(f"{FHIR}/{kind}", **failure)
    page = chart(client).text
    assert page.count(f"Could not be read: {words}.") == 4
    assert "Nothing on file" not in page


def test_a_patient_that_is_not_there_is_said(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    for kind in KINDS:
        fhir.get(f"{FHIR}/{kind}", json=EMPTY)
    fhir.get(f"{FHIR}/Patient/p1", status=404)
    assert "There is no such patient." in chart(client).text


def test_the_medication_that_an_order_refers_to_is_read(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    request = {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "medicationReference": {"reference": "Medication/x"},
    }
    answering(fhir, MedicationRequest=bundle(request))
    code = coded("rxnorm", "309362", "clopidogrel 75 MG Oral Tablet")
    medication = {"resourceType": "Medication", "id": "x", "code": code}
    fhir.get(f"{FHIR}/Medication/x", json=medication)
    assert "clopidogrel 75 MG Oral Tablet" in chart(client).text


def test_drugs_are_found_as_they_are_typed(client: FlaskClient) -> None:
    answer = client.get("/sandbox/drugs?q=clop 75")
    assert answer.mimetype == "application/json"
    assert answer.json is not None
    assert answer.json["drugs"][0]["display"] == "clopidogrel 75 MG Oral Tablet"


def test_the_switch_shows_what_the_sandbox_does_now(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    fhir.get(f"{HERE}/Patient", json=EMPTY)
    fhir.get(SWITCH, json={"behaviour": "slow-3000"})
    page = client.get(f"/sandbox/?{urlencode({'server': HERE})}").text
    assert '<option value="slow-3000" selected>' in page


def test_a_behaviour_that_the_page_does_not_offer_is_shown_as_it_is(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    fhir.get(f"{HERE}/Patient", json=EMPTY)
    fhir.get(SWITCH, json={"behaviour": "slow-<b>"})
    page = client.get(f"/sandbox/?{urlencode({'server': HERE})}").text
    assert "selected disabled>slow-&lt;b&gt;</option>" in page


@pytest.mark.parametrize("answer", [{"status": 404}, {"json": []}, {"json": {"behaviour": 1}}])
def test_a_server_without_a_switch_shows_none(
    client: FlaskClient, fhir: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    fhir.get(f"{HERE}/Patient", json=EMPTY)
    fhir.get(SWITCH, **answer)
    assert 'id="switch"' not in client.get(f"/sandbox/?{urlencode({'server': HERE})}").text


def test_a_server_elsewhere_is_never_asked_for_a_switch(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    fhir.get(f"{FHIR}/Patient", json=EMPTY)
    assert 'id="switch"' not in client.get("/sandbox/").text
    assert behave(client, "slow-3000", FHIR).status_code == 502
    assert all("Patient" in str(call.request.url) for call in fhir.calls)


def test_turning_the_switch_leads_back_to_the_page(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    wanted = matchers.json_params_matcher({"behaviour": "slow-3000"})
    fhir.put(SWITCH, json={"behaviour": "slow-3000"}, match=[wanted])
    answer = behave(client, "slow-3000")
    assert answer.status_code == 303
    assert unquote(answer.location) == f"/sandbox/?server={HERE}"


def test_turning_the_switch_from_a_script_is_answered_in_json(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    fhir.put(SWITCH, json={"behaviour": "normal"})
    answer = behave(client, "normal", Accept="application/json")
    assert orjson.loads(answer.data) == {"behaviour": "normal"}


@pytest.mark.parametrize("name", ["", "huge", "slow-60000", "normal\r\nx"])
def test_a_behaviour_that_the_page_does_not_offer_is_refused(
    client: FlaskClient, fhir: responses.RequestsMock, name: str
) -> None:
    assert behave(client, name).status_code == 400
    assert len(fhir.calls) == 0


def test_a_switch_that_cannot_be_turned_is_said(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    fhir.put(SWITCH, status=500)
    answer = behave(client, "normal")
    assert answer.status_code == 502
    assert "could not be changed" in answer.text


def test_the_switch_of_a_server_that_is_not_listed_is_not_turned(
    client: FlaskClient, fhir: responses.RequestsMock
) -> None:
    assert behave(client, "normal", "http://127.0.0.1:9/fhir").status_code == 403
    assert len(fhir.calls) == 0
