"""L: many orders, rich charts, odd clients; the service stays the same for everybody else."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from statistics import median
from time import monotonic
from urllib.parse import urlsplit

import pytest

from tests.contract.checklist import Json, Service, without_uuids
from tests.unit.app.cds import (
    POOR,
    complete,
    draft,
    order_select,
    order_sign,
    patient_view,
)
from tests.unit.hooks.reading import bundle, observation

SECONDS = 15  # on a machine that runs other tests as well; minutes where work grew faster
DRUGS = ("clopidogrel", "codeine", "paroxetine", "simvastatin", "fluoxetine", "abacavir")


@contextmanager
def in_seconds() -> Iterator[None]:
    started = monotonic()
    yield
    assert monotonic() - started < SECONDS


def orders(count: int) -> list[Json]:
    return [
        draft(id=f"d{number}", medicationCodeableConcept={"text": DRUGS[number % len(DRUGS)]})
        for number in range(count)
    ]


def told(cards: list[Json]) -> int:
    """How many alerts *cards* tell: the last one sums up what is beyond a call's most cards."""
    assert len(cards) == 5
    return len(cards) - 1 + int(cards[-1]["summary"].split()[0])


@pytest.mark.proves("L3")
def test_500_orders_take_seconds(rx: Service) -> None:
    body = order_sign(*orders(500))
    with in_seconds():
        assert told(rx.cards(body, "order-sign")) > 80

    with in_seconds():
        assert told(rx.cards(order_select(*orders(500)))) > 80


@pytest.mark.proves("L3")
def test_500_unselected_orders_take_seconds(rx: Service) -> None:
    body = order_select(*orders(500))
    body["context"]["selections"] = ["MedicationRequest/d2"]

    with in_seconds():
        rx.cards(body)


@pytest.mark.proves("L3", "L4", "L9")
@pytest.mark.parametrize("performers", [1, 1_000_000])
def test_10_000_results_of_a_gene_take_seconds_and_make_one_card(
    rx: Service, performers: int
) -> None:
    results = [
        observation(
            "84413-4", "CYP2C19 *2/*2", performer=[{"display": f"Lab {number % performers}"}]
        )
        | {"id": f"o{number}"}
        for number in range(10_000)
    ]

    with in_seconds():
        [card] = rx.cards(order_select(prefetch=complete(*results)))

    assert len(card["detail"]) < 5_000


@pytest.mark.proves("L3")
def test_10_000_other_results_and_a_rich_chart_take_seconds(rx: Service) -> None:
    others = [observation("8480-6", "1") | {"id": f"o{number}"} for number in range(10_000)]
    taken = [order | {"status": "active"} for order in orders(2_000)]
    prefetch = complete(POOR, *others) | {"medications": bundle(*taken)}

    with in_seconds():
        assert rx.cards(patient_view(prefetch=prefetch), "patient-view")
    with in_seconds():
        assert rx.cards(order_select(prefetch=prefetch))


@pytest.mark.proves("L2", "G25")
def test_calls_at_the_same_time_get_their_own_answers(rx: Service) -> None:
    bodies = [
        order_select(
            draft(id=f"d{number}"),
            prefetch=complete(observation("84413-4", f"CYP2C19 *{1 + number % 2}/*2")),
        )
        for number in range(40)
    ]
    alone = [without_uuids(rx.cards(body)) for body in bodies]

    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda body: without_uuids(rx.cards(body)), bodies))

    assert together == alone


@pytest.mark.proves("L7")
def test_a_call_with_prefetch_takes_well_under_half_a_second(rx: Service) -> None:
    seconds = [rx.call(order_select()).elapsed.total_seconds() for _ in range(30)]

    assert median(seconds) < 0.5


@pytest.mark.proves("L9", "G2")
def test_a_result_that_is_repeated_makes_no_second_card(rx: Service) -> None:
    repeated = [POOR | {"id": f"o{number}"} for number in range(5)]

    assert len(rx.cards(order_select(prefetch=complete(*repeated)))) == 1


@pytest.mark.proves("L1", "H8")
@pytest.mark.parametrize(
    "start",
    [
        b"POST /cds-services/rxhooks-order-select HTTP/1.1\r\nHost: x\r\nX-",
        b"POST /cds-services/rxhooks-order-select HTTP/1.1\r\nHost: x\r\n"
        b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
        b"POST /cds-services/rxhooks-order-select HTTP/1.1\r\nHost: x\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    ],
    ids=["in the head", "in the body", "in the chunks"],
)
def test_clients_that_fall_silent_do_not_keep_the_service(rx: Service, start: bytes) -> None:
    at = urlsplit(rx.origin)
    with ExitStack() as silent:
        for _ in range(60):  # twice the threads that there are
            where = (at.hostname or "", at.port or 0)
            connection = silent.enter_context(socket.create_connection(where, 20))
            connection.sendall(start)
        with in_seconds():
            assert rx.cards(order_select())
