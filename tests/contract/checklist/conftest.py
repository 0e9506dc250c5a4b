"""The service under gunicorn in open mode, and the FHIR servers that it may ask."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.contract.checklist import Service
from tests.contract.loopback import Behaviour, Call, Loopback, always, bundle, loopback
from tests.e2e.conftest import fhir as fhir
from tests.e2e.conftest import service

DEADLINE_MS = 1_500
BEHAVIOURS = ("fhir", "slow-5000/fhir", "failing-500/fhir", "failing-403/fhir", "endless/fhir")
MORE = ("foreign/fhir", "html/fhir", "broken/fhir", "redirect/fhir", "outcome/fhir", "huge/fhir")


@dataclass(slots=True)
class Ehr:
    """A FHIR server whose behaviour a test sets, and that remembers what it was asked."""

    loopback: Loopback
    behave: Behaviour = field(default=always(bundle()))

    def answer(self, call: Call) -> None:
        self.behave(call)

    @property
    def base(self) -> str:
        return self.loopback.base

    @property
    def calls(self) -> list[Call]:
        return self.loopback.calls


@pytest.fixture(scope="session")
def ehr_server() -> Iterator[Ehr]:
    box: list[Ehr] = []
    with loopback(lambda call: box[0].answer(call)) as server:
        box.append(Ehr(server))
        yield box[0]


@pytest.fixture
def ehr(ehr_server: Ehr) -> Ehr:
    """The server, honest and asked nothing so far."""
    ehr_server.behave = always(bundle())
    ehr_server.calls.clear()
    return ehr_server


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the service's log goes."""
    return tmp_path_factory.mktemp("log") / "service.log"


@pytest.fixture(scope="session")
def rx(fhir: str, ehr_server: Ehr, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service as it is deployed."""
    servers = [*(f"{fhir}/{path}" for path in (*BEHAVIOURS, *MORE)), ehr_server.base]
    folder = tmp_path_factory.mktemp("service")
    with service(servers, folder, RXHOOKS_DEADLINE_MS=str(DEADLINE_MS)) as url:
        yield Service(url.removesuffix("/cds-services"))
