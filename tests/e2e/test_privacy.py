"""Canaries in every field of every kind of call, and none of them in anything the service wrote.

A real gunicorn with two workers, the real sandbox FHIR server over a patient who is nothing but
canaries, and a broken one; normal calls and every kind of failure. All that the service writes goes
below one folder: standard output and error, the database with its log, counts, temporary files, the
audit. The audit alone may hold the references of patient and user, and is searched without them.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.records import Records
from sandbox.server import create_app
from tests.contract.loopback import Call, http, loopback
from tests.e2e.canaries import canary, files, planted, traces
from tests.e2e.conftest import ROOT, draft, free_port, order_select, until_up
from tests.unit.app.security import (
    EC_KEY,
    OTHER_EC_KEY,
    bearer,
    claims,
    clients_toml,
    forged,
    token,
)
from tests.unit.hooks.reading import observation

PATIENT = canary("PatientId")
USER = f"Practitioner/{canary('User')}"
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
SELECT = "rxhooks-order-select"
CLOPIDOGREL = ("309362", canary("DrugText"))
ABACAVIR = ("190521", canary("DrugText"))
HEADERS = {
    name: canary(name.replace("-", ""))
    for name in ("X-Request-ID", "traceparent", "tracestate", "User-Agent", "Referer", "Cookie")
}
HEADERS |= {"Forwarded": f"for={canary('For')}", "X-Forwarded-For": canary("XFor"), "From": "x"}
FAULTY = """
from dataclasses import replace
from app.cds import routes
from app.wsgi import app

def decide(context, answers, knowledge, today):
    raise ValueError(f"{context} {answers}")

routes.SERVICES = {
    name: replace(service, decide=decide) if "sign" in name else service
    for name, service in routes.SERVICES.items()
}
"""


@dataclass(frozen=True, slots=True)
class Service:
    """The service under test, the folder it writes to, and all that it has answered."""

    base: str
    folder: Path
    process: "subprocess.Popen[bytes]"
    errors: list[bytes] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def signed(self, path: str, key: Any = EC_KEY, **changed: Any) -> dict[str, str]:
        """Headers with a token for *path*, full of canaries; *changed* in its claims."""
        url = f"{self.base}/{path}"
        body = {"aud": url, "sub": canary("Sub"), "jti": f"{canary('Jti')}{len(self.tokens)}"}
        head = {"jwk": {"kid": canary("Jwk")}, "x5u": f"https://{canary('X5u')}.example"}
        return self.bearing(token(claims(**body | changed), key, **head))

    def bearing(self, text: str) -> dict[str, str]:
        self.tokens.append(text)
        return HEADERS | bearer(text)

    def post(self, path: str, body: object = None, **more: Any) -> requests.Response:
        answer = requests.post(
            f"{self.base}/{path}",
            **({"json": body} if body is not None else {}),
            **{"timeout": 20, "headers": HEADERS} | more,
        )
        if answer.status_code >= 400:
            told = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
            self.errors.append(answer.content + told.encode())
        return answer

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(30) == 0


def patient() -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": PATIENT,
        "name": [{"family": canary("Family"), "given": [canary("Given")]}],
        "identifier": [{"system": "urn:mrn", "value": canary("Mrn")}],
        "birthDate": "1970-01-01",
        "gender": "female",
        "address": [{"line": [canary("Street")]}],
    }


def subject() -> dict[str, Any]:
    return {"reference": f"Patient/{PATIENT}", "display": canary("Family")}


def records() -> list[dict[str, Any]]:
    """The patient's chart: a poor metabolizer of canaries."""
    condition = {"resourceType": "Condition", "id": canary("Condition"), "subject": subject()}
    order = draft(PATIENT, "309362", canary("Taken"), id=canary("Active"), status="active")
    allergy = {"resourceType": "AllergyIntolerance", "id": canary("Allergy"), "patient": subject()}
    words = {"text": canary("Text"), "coding": [{"system": "urn:x", "code": canary("Code")}]}
    return planted(
        [
            patient(),
            result("CYP2C19 *2/*2"),
            condition | {"code": words, "recorder": {"display": canary("Recorder")}},
            order | {"subject": subject()},
            allergy | {"code": words},
        ]
    )


def result(genotype: str, **more: Any) -> dict[str, Any]:
    return observation(
        "84413-4",
        {"text": genotype},
        id=canary("Result"),
        subject=subject(),
        performer=[{"display": canary("Laboratory")}],
        note=[{"text": canary("Note")}],
        **more,
    )


def restricted() -> dict[str, Any]:
    labels = [{"code": "R"}, {"code": "GDIS", "display": canary("Label")}]
    return result(f"HLA-B *57:01 positive {canary('Genotype')}") | {"meta": {"security": labels}}


def call(server: str | None, drug: tuple[str, str] = CLOPIDOGREL, **more: Any) -> dict[str, Any]:
    """An order-select call with a canary in every field that a text can stand in."""
    order = draft(
        PATIENT,
        *drug,
        id=canary("Draft"),
        reasonCode=[{"text": canary("Reason"), "coding": [{"code": canary("ReasonCode")}]}],
        dosageInstruction=[{"text": canary("Dosage")}],
        extension=[{"url": canary("Url"), "valueString": canary("Extension")}],
    )
    body = planted(order_select(PATIENT, server or "", order))
    body["context"] |= {"userId": USER, "encounterId": canary("Encounter")}
    body["context"]["selections"].append(f"MedicationRequest/{canary('Selection')}")
    if server is None:
        del body["fhirServer"]
    token = {"token_type": "Bearer", "expires_in": 300, "scope": canary("Scope")}
    token |= {"access_token": canary("Token"), "subject": canary("Subject"), "patient": PATIENT}
    authorization = {} if server is None else {"fhirAuthorization": token}
    return body | authorization | {"extension": {canary("Key"): canary("Value")}} | more


def prefetch(*results: dict[str, Any]) -> dict[str, Any]:
    """Every answer, and some that nobody asked for."""
    bundle = {"resourceType": "Bundle", "entry": [{"resource": each} for each in results]}
    empty = {"resourceType": "Bundle", "entry": [], canary("Key"): canary("Value")}
    keys = ("conditions", "medications", "allergies", canary("PrefetchKey"))
    return {"patient": patient(), "genotypes": bundle, **dict.fromkeys(keys, empty)}


def broken(asked: Call) -> None:
    """A FHIR server whose every failure speaks of the patient."""
    outcome = {"resourceType": "OperationOutcome", "issue": [{"diagnostics": canary("Fault")}]}
    if "Observation" in asked.target:
        asked.send(http(outcome, f"500 {canary('Status')}", f"Location: /{canary('Location')}\r\n"))
    elif "Condition" in asked.target:
        asked.send(http(b'{"resourceType": "' + canary("Half").encode()))
    elif "Medication" in asked.target:
        asked.send(http({}, "302 Found", f"Location: http://{canary('Host')}/\r\n"))
    else:
        asked.send(f"HTTP/1.1 {canary('Line')}\r\n{canary('Header')}\r\n\r\n".encode())
        asked.hang_up()


class _Quiet(WSGIRequestHandler):
    """The sandbox may log what it likes: it is not the service. Here it is silent."""

    def log(self, *_said: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    """The sandbox FHIR server over the chart of canaries."""
    by_type: dict[str, dict[str, Any]] = {}
    for resource in records():
        by_type.setdefault(resource["resourceType"], {})[resource["id"]] = resource
    app = create_app(Records(by_type))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def running(folder: Path, servers: list[str], **more: str) -> Iterator[Service]:
    """gunicorn, so that whatever it writes is below *folder*."""
    for name in ("tmp", "counts", "code"):
        (folder / name).mkdir(parents=True)
    (folder / "code" / "faulty.py").write_text(FAULTY)
    port = free_port()
    settings = {
        "RXHOOKS_OPEN": "1",
        "RXHOOKS_WORKERS": "2",
        "RXHOOKS_BIND": f"127.0.0.1:{port}",
        "RXHOOKS_BASE_URL": f"http://127.0.0.1:{port}",
        "RXHOOKS_FHIR_SERVERS": ",".join(servers),
        "RXHOOKS_DATABASE_URL": f"sqlite:///{folder}/feedback.db",
        "RXHOOKS_DEADLINE_MS": "700",
        "RXHOOKS_MAX_BODY_BYTES": "300000",
        "RXHOOKS_AUDIT_FILE": f"{folder}/audit.ndjson",
        "PROMETHEUS_MULTIPROC_DIR": f"{folder}/counts",
        "PYTHONPATH": f"{folder}/code{os.pathsep}{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": f"{folder}/tmp",  # noqa: S108
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "app/gunicorn.conf.py", "faulty:app"]
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(
            command, env=os.environ | settings | more, cwd=ROOT, stdout=out, stderr=err
        )
        try:
            base = f"http://127.0.0.1:{port}/cds-services"
            until_up(base, process)
            yield Service(base, folder, process)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def normal_calls(service: Service, fhir: str) -> None:
    """Cards, by prefetch and by server; feedback on them; a chart; a restricted result."""
    shown = service.post(SELECT, call(f"{fhir}/fhir"))
    assert shown.json()["cards"][0]["indicator"] == "critical"
    assert service.post(SELECT, call(None, prefetch=prefetch(result("CYP2C19 *2/*2")))).ok
    hidden = call(None, ABACAVIR, prefetch=prefetch(restricted()))
    assert service.post(SELECT, hidden).json()["cards"] == []
    assert service.post(SELECT, hidden).json()["extension"]["org.rxhooks.unchecked"]
    view = {"hook": "patient-view", "context": {"userId": USER, "patientId": PATIENT}}
    assert service.post("rxhooks-patient-view", call(f"{fhir}/fhir") | view).status_code == 200
    entry = {
        "card": shown.json()["cards"][0]["uuid"],
        "outcome": "overridden",
        "outcomeTimestamp": "2026-11-21T10:00:00Z",
        "overrideReason": {
            "reason": {"code": canary("Why"), "system": canary("System"), "display": canary("D")},
            "userComment": canary("Comment"),
        },
        canary("Key"): canary("Value"),
    }
    assert service.post(f"{SELECT}/feedback", {"feedback": [entry]}).status_code == 200


def failures(service: Service, fhir: str, hostile: str) -> Iterator[tuple[int, requests.Response]]:
    """Each call that must fail, with the status that it must have."""
    good = call(f"{fhir}/fhir")
    for name in (
        "failing-500",
        "failing-403",
        "secured",
        "html",
        "redirect",
        "outcome",
        "slow-5000",
    ):
        yield 412, service.post(SELECT, call(f"{fhir}/{name}/fhir"))
    yield 412, service.post(SELECT, call(hostile))
    yield 412, service.post(SELECT, call(f"https://{canary('Host')}.example/{canary('Path')}"))
    for change in (
        {"hookInstance": canary("Instance")},
        {"hookInstance": {canary("Key"): 1}},
        {"hook": canary("Hook")},
        {"context": canary("Context")},
        {"context": good["context"] | {"patientId": f"{PATIENT} {canary('Space')}"}},
        {"context": good["context"] | {"draftOrders": canary("Orders")}},
        {"prefetch": [canary("List")]},
        {"fhirServer": f"file:///{canary('File')}"},
        {"fhirServer": f"https://user:{canary('Password')}@ehr.example/ {canary('Space')}"},
        {"fhirAuthorization": {"access_token": [canary("Token")], canary("Key"): 1}},
    ):
        yield 400, service.post(SELECT, good | change)
    yield 400, service.post(SELECT, data=f'{{"{canary("Half")}'.encode(), headers=JSON)
    yield 404, service.post(canary("Service"), good)
    yield 404, service.post(f"{SELECT}/{canary('Path')}", good)
    yield 415, service.post(SELECT, data=canary("Plain"), headers=HEADERS)
    yield 413, service.post(SELECT, good | {"pad": canary("Pad") * 30_000})
    yield 500, service.post("rxhooks-order-sign", sign(fhir))
    entry = {"card": canary("Card"), "outcome": canary("Outcome")}
    yield 400, service.post(f"{SELECT}/feedback", {"feedback": [entry]})


def closed_failures(service: Service, fhir: str) -> Iterator[tuple[int, requests.Response]]:
    """Each call of a service with clients that must be refused, and one that must not be."""
    good, sign = call(f"{fhir}/fhir"), service.signed
    yield 200, service.post(SELECT, good, headers=sign(SELECT))
    used = sign(SELECT)
    assert service.post(SELECT, good, headers=used).ok
    other = f"https://{canary('Host')}.example/{canary('Path')}"
    yield 403, service.post(SELECT, call(other), headers=sign(SELECT))
    yield 404, service.post(canary("Service"), good, headers=sign(canary("Service")))
    for headers in (
        used,
        HEADERS,
        HEADERS | {"Authorization": canary("Scheme")},
        sign(SELECT, OTHER_EC_KEY),
        sign(SELECT, iss=f"https://{canary('Issuer')}.example"),
        sign(SELECT, aud=canary("Audience")),
        sign(SELECT, exp=1),
        sign(SELECT, iat=canary("Iat")),
        sign(SELECT, tenant={canary("Tenant"): 1}, jti=[canary("Jti")]),
        service.bearing(canary("Token")),
        service.bearing(token(kid=canary("Kid"))),
        service.bearing(token(crit=[canary("Crit")])),
        service.bearing(token(typ=canary("Typ"))),
        service.bearing(forged({"alg": canary("Alg")}, {canary("Claim"): canary("Value")})),
        service.bearing(forged(canary("Head"), canary("Body"))),
    ):
        yield 401, service.post(SELECT, good, headers=headers)
    yield 401, service.post(f"{SELECT}/feedback", good, headers=sign(canary("Elsewhere")))


JSON = HEADERS | {"Content-Type": "application/json"}


def sign(fhir: str) -> dict[str, Any]:
    """A call that breaks inside the service, with an exception that quotes it whole."""
    body = call(f"{fhir}/fhir") | {"hook": "order-sign"}
    del body["context"]["selections"]
    return body


def strange_requests(service: Service) -> None:
    """Canaries where no HTTP client would let us put them."""
    host, port = service.base.split("/")[2].split(":")
    for sent in (
        f"{canary('Method')} /{canary('Url')} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET /metrics?{canary('Query')} HTTP/1.1\r\nHost: {canary('Host')}\r\n\r\n",
        f"GET /{canary('Long') * 400} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"{canary('Nonsense')}\r\n\r\n",
        f"POST /cds-services/{SELECT} HTTP/1.1\r\nHost: x\r\nContent-Length: {canary('N')}\r\n\r\n",
        f"POST /cds-services/{SELECT} HTTP/1.1\r\nHost: x\r\n{canary('Header')}\r\n\r\n",
        f"POST /cds-services/{SELECT} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Content-Length: 999\r\n\r\n{canary('Cut')}",
    ):
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(sent.encode())
            connection.shutdown(socket.SHUT_WR)
            service.errors.append(b"".join(iter(lambda: connection.recv(65_536), b"")))


def without_references(audit: bytes) -> bytes:
    """*audit* without the two references that it is there to keep."""
    return audit.replace(f"Patient/{PATIENT}".encode(), b"").replace(USER.encode(), b"")


@pytest.fixture(scope="module")
def written(sandbox: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """All that the service wrote and answered in failing, by where it stands."""
    folder = tmp_path_factory.mktemp("privacy")
    servers = [f"{sandbox}/{name}/fhir" for name in BEHAVIOURS]
    with (
        loopback(broken) as hostile,
        running(folder, [f"{sandbox}/fhir", *servers, hostile.base]) as service,
    ):
        normal_calls(service, sandbox)
        for status, answer in failures(service, sandbox, hostile.base):
            assert answer.status_code == status, answer.text
        strange_requests(service)
        origin = service.base.removesuffix("/cds-services")
        told = {path: requests.get(origin + path, timeout=20).content for path in OPERATORS}
        live = {f"live {file.name}": file.read_bytes() for file in files(folder)}
        service.stop()
    kept = {str(file.relative_to(folder)): file.read_bytes() for file in files(folder)}
    return told | live | kept | {"error responses": b"\n".join(service.errors)}


@pytest.fixture(scope="module")
def written_closed(
    sandbox: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, bytes], list[str]]:
    """The same of a service with a client; and the parts of all tokens that it was sent."""
    folder, site = tmp_path_factory.mktemp("closed"), tmp_path_factory.mktemp("site")
    settings = {
        "RXHOOKS_OPEN": "0",
        "RXHOOKS_CLIENTS": str(clients_toml(site, f'fhir_servers = ["{sandbox}/fhir"]')),
        "RXHOOKS_REPLAY_FILE": f"{folder}/jti.db",
    }
    with running(folder, [], **settings) as service:
        for status, answer in closed_failures(service, sandbox):
            assert answer.status_code == status, answer.text
        live = {f"live {file.name}": file.read_bytes() for file in files(folder)}
        service.stop()
    kept = {str(file.relative_to(folder)): file.read_bytes() for file in files(folder)}
    parts = [part for text in service.tokens for part in text.split(".") if len(part) > 20]
    return live | kept | {"error responses": b"\n".join(service.errors)}, parts


BEHAVIOURS = ("failing-500", "failing-403", "secured", "html", "redirect", "outcome", "slow-2000")
OPERATORS = ("/metrics", "/health/live", "/health/ready")


def test_nothing_that_was_written_holds_a_canary(written: dict[str, bytes]) -> None:
    found = {
        place: traces(without_references(content) if "audit" in place else content)
        for place, content in written.items()
        if not place.startswith("code/") and place != "live faulty.py"
    }
    assert {place: told for place, told in found.items() if told} == {}


def test_a_service_with_clients_writes_no_canary_and_no_part_of_a_token(
    written_closed: tuple[dict[str, bytes], list[str]],
) -> None:
    written, parts = written_closed
    assert len(parts) > 30
    for place, content in written.items():
        searched = without_references(content) if "audit" in place else content
        assert (place, traces(searched)) == (place, [])
        assert not [part for part in parts if part.encode() in content]


def test_what_a_service_with_clients_wrote_tells_who_was_refused_and_why(
    written_closed: tuple[dict[str, bytes], list[str]],
) -> None:
    written, _ = written_closed
    assert {"stdout", "stderr", "feedback.db", "jti.db", "audit.ndjson"} <= written.keys()
    lines = [json.loads(line) for line in written["stderr"].splitlines()]
    refused = {(line.get("reason"), line.get("client")) for line in lines if "status" in line}
    assert {("replay", "hospital"), ("issuer", ""), ("signature", "hospital")} <= refused
    assert 403 in [line.get("status") for line in lines]
    assert "hospital" in [line.get("client") for line in lines if line["event"] == "answered"]


def test_what_was_searched_is_what_a_service_writes(written: dict[str, bytes]) -> None:
    assert {"stdout", "stderr", "feedback.db", "audit.ndjson", *OPERATORS} <= written.keys()
    assert "live feedback.db-wal" in written
    lines = [json.loads(line) for line in written["stderr"].splitlines()]
    events = [line["event"] for line in lines]
    assert {"answered", "feedback", "failed"} <= set(events)
    assert all("request_id" in line for line in lines if line["event"] == "answered")
    assert b"rxhooks_findings_total" in written["/metrics"]
    assert b"overridden" in written["feedback.db"] + written["live feedback.db-wal"]


def test_the_audit_holds_an_event_of_each_call_and_the_two_references(
    written: dict[str, bytes],
) -> None:
    events = [json.loads(line) for line in written["audit.ndjson"].splitlines()]
    assert {event["outcome"] for event in events} == {"0", "4", "8"}
    assert f"Patient/{PATIENT}".encode() in written["audit.ndjson"]
    assert USER.encode() in written["audit.ndjson"]
    labelled = [e for e in events if any("securityLabel" in part for part in e["entity"])]
    assert labelled


def test_a_search_for_canaries_finds_them(written: dict[str, bytes]) -> None:
    assert traces(json.dumps(call(None)).encode())
    assert traces(written["audit.ndjson"])
    assert not traces(b"nothing")
