"""The document at /openapi.json, held against the running service."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import load_all_checks
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app.openapi import document
from tests.contract.checklist import WITHIN_S, Service

load_all_checks()
PLACES = [
    (path, method)
    for path, methods in document("http://127.0.0.1", is_open=True)["paths"].items()
    for method in methods
]
THOROUGHLY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def api(rx: Service) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{rx.origin}/openapi.json")


@pytest.mark.proves("B19", "C10", "H8", "H9", "L1")
@pytest.mark.parametrize("mode", list(GenerationMode), ids=["allowed", "forbidden"])
@pytest.mark.parametrize(("path", "method"), PLACES)
def test_every_answer_is_as_the_document_tells(
    rx: Service, api: schemathesis.BaseSchema, path: str, method: str, mode: GenerationMode
) -> None:
    """Statuses, media types, shapes; what a schema forbids is refused, what it allows is not."""
    if method == "get" and mode.is_negative:
        return

    @THOROUGHLY
    @given(case=api[path][method].as_strategy(generation_mode=mode))
    def holds(case: schemathesis.Case) -> None:
        answer = case.call(base_url=rx.origin, timeout=WITHIN_S)
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])
        if mode.is_positive:
            assert answer.status_code in {200, 404, 412}, answer.text

    holds()


@pytest.mark.proves("A2", "B17", "I11", "J1")
def test_a_service_with_clients_tells_that_it_wants_tokens() -> None:
    closed = document("https://cds.example", is_open=False)

    for path, methods in closed["paths"].items():
        for operation in methods.values():
            wanted = path.startswith("/cds-services")
            assert (operation.get("security") == [{"client": []}]) == wanted
            assert ("401" in operation["responses"]) == wanted
    assert closed["servers"] == [{"url": "https://cds.example"}]
