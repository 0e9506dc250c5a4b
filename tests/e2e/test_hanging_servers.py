"""The service as it is deployed beside a FHIR server that hangs: nobody else has to wait for it.

Checklist: F11, L2, L3.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import Any

import pytest
import requests

from tests.e2e.conftest import draft, order_select, service

ORDER = draft("carla-sanchez", "309362", "clopidogrel 75 MG Oral Tablet")
DEADLINE_S = 6.0


@pytest.fixture(scope="module")
def narrow(fhir: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One worker with four threads, and patience for six seconds."""
    servers = [f"{fhir}/fhir", f"{fhir}/slow-5000/fhir"]
    more = {"RXHOOKS_WORKERS": "1", "RXHOOKS_THREADS": "4", "RXHOOKS_DEADLINE_MS": "6000"}
    with service(servers, tmp_path_factory.mktemp("narrow"), **more) as url:
        yield url


def call(base: str, body: dict[str, Any]) -> requests.Response:
    return requests.post(f"{base}/rxhooks-order-select", json=body, timeout=30)


def test_many_calls_at_a_hanging_server_leave_a_thread_for_the_others(
    narrow: str, fhir: str
) -> None:
    slow = order_select("carla-sanchez", f"{fhir}/slow-5000/fhir", ORDER)
    healthy = order_select("carla-sanchez", f"{fhir}/fhir", ORDER)
    with ThreadPoolExecutor(20) as pool:
        hanging = [pool.submit(call, narrow, slow) for _ in range(20)]
        sleep(0.2)  # they are all there
        started = monotonic()
        discovery = requests.get(narrow, timeout=30)
        answer = call(narrow, healthy)
        waited = monotonic() - started
        told = [future.result() for future in hanging]

    assert discovery.status_code == 200
    assert answer.json()["cards"][0]["indicator"] == "critical"
    assert waited < 3  # the slow server holds its three places for five seconds
    assert {each.status_code for each in told} <= {200, 412}
    assert sum(each.status_code == 412 for each in told) >= 17
