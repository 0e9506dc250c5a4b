"""Where a FHIR server may be: the address that was judged is the one that is connected to.

Checklist: F3, F8, F9, F14.
"""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests

from app.fhir import addresses
from app.fhir.addresses import INTERNAL, PUBLIC, ForbiddenAddress, Place, Reach, connected
from app.fhir.session import internal_session
from hooks.reading.resources import Fetched
from tests.contract.asking import WITHIN_S, fhir, outcome_of
from tests.contract.loopback import Loopback, Serve, always, bundle, observation
from tests.contract.tls import TlsServer, serving_tls

NOT_ALLOWED = "the server's name leads to an address that is not allowed"
ANSWER = bundle(observation("o1"))
NAME = "ehr.example"
ANY_HOST = "0.0.0.0"  # noqa: S104


class Names:
    """A name server: each name has a list of answers, the last of which is given for ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        monkeypatch.setattr(addresses.socket, "getaddrinfo", self.getaddrinfo)

    def getaddrinfo(
        self, host: str, port: int, **_: object
    ) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        self.asked.append(host)
        told = self.answers.get(host, [[host]])
        found = told.pop(0) if len(told) > 1 else told[0]
        return [
            (
                socket.AF_INET6 if ":" in one else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (one, port),
            )
            for one in found
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


@pytest.fixture
def internal() -> Iterator[requests.Session]:
    with internal_session() as session:
        yield session


def named(server: Loopback, name: str = NAME) -> str:
    return server.base.replace("127.0.0.1", name)


# Which addresses


INSIDE = [
    "127.0.0.1", "127.255.0.9", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "fe80::1", "fd00::1", "fec0::1", "100.64.0.1", ANY_HOST, "::", "0.1.2.3", "224.0.0.1",
    "ff02::1", "ff0e::1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "2002:7f00:1::", "2001:0:1::1", "100::1", "5f00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_but_a_public_one_is_public(address: str) -> None:
    assert not PUBLIC.allows(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"])
def test_a_public_address_is_public(address: str) -> None:
    assert PUBLIC.allows(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        ANY_HOST,
        "::",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        "::ffff:0.0.0.0",
        "::ffff:224.0.0.1",
    ],
)
def test_what_is_no_one_host_is_not_contacted_even_inside(address: str) -> None:
    assert not INTERNAL.allows(ip_address(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "fd00::1", "169.254.1.1", "8.8.8.8"])
def test_inside_every_address_of_one_host_may_be(address: str) -> None:
    assert INTERNAL.allows(ip_address(address))


# Names


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "::1"])
def test_a_name_that_leads_inside_is_not_contacted(
    serve: Serve, session: requests.Session, names: Names, address: str
) -> None:
    server = serve(always(ANSWER))
    names.answers[NAME] = [[address]]

    assert outcome_of(fhir(session, named(server))) == NOT_ALLOWED
    assert server.calls == []


def test_a_name_of_which_one_address_leads_inside_is_not_contacted(
    serve: Serve, session: requests.Session, names: Names
) -> None:
    server = serve(always(ANSWER))
    names.answers[NAME] = [["8.8.8.8", "127.0.0.1"]]

    assert outcome_of(fhir(session, named(server))) == NOT_ALLOWED
    assert server.calls == []


def test_a_name_that_leads_inside_is_contacted_where_its_client_is_internal(
    serve: Serve, internal: requests.Session, names: Names
) -> None:
    server = serve(always(ANSWER))
    names.answers[NAME] = [["127.0.0.1"]]

    assert isinstance(outcome_of(fhir(internal, named(server))), Fetched)
    assert server.calls[0].header("Host").startswith(f"{NAME}:")


def test_what_is_checked_is_what_is_connected_to(
    serve: Serve, session: requests.Session, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is asked for once; a second answer, as in DNS rebinding, is never heard."""
    server = serve(always(ANSWER))
    names.answers[NAME] = [["8.8.8.8"], ["127.0.0.1"]]
    went: list[object] = []

    def opened(place: Place, _seconds: float, _options: object) -> socket.socket:
        went.append(place[1][0])
        raise ConnectionRefusedError

    monkeypatch.setattr(addresses, "_opened", opened)

    assert outcome_of(fhir(session, named(server))) == "no connection"
    assert (names.asked, went) == ([NAME], ["8.8.8.8"])
    assert server.calls == []


def test_a_name_that_changes_to_an_address_inside_is_refused_at_the_next_connection(
    serve: Serve, session: requests.Session, names: Names
) -> None:
    server = serve(always(ANSWER))
    names.answers[NAME] = [["127.0.0.1"]]
    with internal_session() as before:
        outcome_of(fhir(before, named(server)))

    assert outcome_of(fhir(session, named(server))) == NOT_ALLOWED
    assert len(server.calls) == 1


def test_a_connection_of_an_internal_client_serves_no_other(
    serve: Serve, session: requests.Session, internal: requests.Session, names: Names
) -> None:
    server = serve(always(ANSWER))
    names.answers[NAME] = [["127.0.0.1"]]

    for _ in range(2):
        assert isinstance(outcome_of(fhir(internal, named(server))), Fetched)
        assert outcome_of(fhir(session, named(server))) == NOT_ALLOWED


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_an_address_that_the_operator_wrote_down_is_contacted(
    serve: Serve, session: requests.Session, names: Names, host: str
) -> None:
    server = serve(always(ANSWER))
    names.answers = {"localhost": [["127.0.0.1"]]}

    assert isinstance(outcome_of(fhir(session, named(server, host))), Fetched)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "localhost.", "a.localhost"])
def test_another_spelling_of_loopback_is_a_name(
    serve: Serve, session: requests.Session, names: Names, host: str
) -> None:
    server = serve(always(ANSWER))
    names.answers = {host: [["127.0.0.1"]], host.rstrip("."): [["127.0.0.1"]]}

    assert outcome_of(fhir(session, named(server, host))) == NOT_ALLOWED
    assert server.calls == []


@pytest.mark.parametrize("host", [ANY_HOST, "[::]"])
def test_no_host_at_all_is_not_contacted_even_if_written_down(
    serve: Serve, internal: requests.Session, host: str
) -> None:
    server = serve(always(ANSWER))

    assert outcome_of(fhir(internal, named(server, host))) == NOT_ALLOWED
    assert server.calls == []


def test_a_name_that_cannot_be_resolved_is_no_connection(
    session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("p1 is not known")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", unknown)

    assert outcome_of(fhir(session, "https://nowhere.example/fhir")) == "no connection"


def test_a_name_without_an_address_is_no_connection() -> None:
    nobody = Reach(PUBLIC.allows, lambda _host, _port: [])

    with pytest.raises(OSError, match="no address"):
        connected(NAME, 443, 1, None, nobody)


def test_the_second_address_is_tried_where_the_first_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        places = [(socket.AF_INET, one.getsockname()) for one in (closed, listener)]
        both = Reach(INTERNAL.allows, lambda _host, _port: places)

        with closing(connected(NAME, 0, 1, None, both)) as connection:
            assert connection.getpeername() == listener.getsockname()


def test_no_time_left_is_a_timeout() -> None:
    one = Reach(INTERNAL.allows, lambda _host, _port: [(socket.AF_INET, ("127.0.0.1", 9))])

    with pytest.raises(TimeoutError):
        connected(NAME, 9, 1e-9, None, one)


def test_a_forbidden_address_is_refused_before_any_socket_is_made() -> None:
    inside = Reach(PUBLIC.allows, lambda _host, _port: [(socket.AF_INET, ("10.0.0.1", 9))])

    with pytest.raises(ForbiddenAddress):
        connected(NAME, 9, 1, None, inside)


# TLS


@contextmanager
def tls_server(folder: Path, name: str) -> Iterator[TlsServer]:
    with ThreadPoolExecutor(1) as pool, serving_tls(folder, name, pool) as server:
        yield server


def test_the_certificate_is_that_of_the_name_and_so_is_sni(
    tmp_path: Path, internal: requests.Session, names: Names
) -> None:
    names.answers[NAME] = [["127.0.0.1"]]
    with tls_server(tmp_path, NAME) as tls:
        internal.verify = str(tls.certificate)
        base = tls.base.replace("127.0.0.1", NAME)

        assert isinstance(outcome_of(fhir(internal, base)), Fetched)
        assert f"Host: {NAME}:".encode() in tls.asked.result(WITHIN_S)
        assert tls.sni == [NAME]


def test_a_certificate_of_another_name_is_not_trusted(
    tmp_path: Path, internal: requests.Session, names: Names
) -> None:
    names.answers["other.example"] = [["127.0.0.1"]]
    with tls_server(tmp_path, NAME) as tls:
        internal.verify = str(tls.certificate)
        server = fhir(internal, tls.base.replace("127.0.0.1", "other.example"))

        assert outcome_of(server) == "no trusted TLS connection"
        assert tls.asked.result(WITHIN_S) == b""
