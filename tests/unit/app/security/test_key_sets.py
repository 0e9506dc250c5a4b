"""Keys that change while the service runs: when they are read again, and how often at most."""

import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Lock, Thread
from time import monotonic, sleep

import pytest
import requests
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.fhir.session import new_session
from app.security.key_sets import (
    BURST,
    EVERY_S,
    FRESH_S,
    LOST_S,
    MAX_BYTES,
    OLD_S,
    Board,
    Bucket,
    FileKeys,
    KeysUnavailable,
    UrlKeys,
    fetched,
)
from app.security.keys import NotAKeySet
from tests.contract.loopback import Call, Loopback, http, loopback
from tests.unit.app.security import EC_KEY, OTHER_EC_KEY, jwk, key_set

ES = "ES384"


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is set."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class KeyServer:
    """A server of keys, by kid; or of nothing, while it is down. It may be *held* for a while."""

    kids: tuple[str, ...] = ("old",)
    down: bool = False
    key: object = EC_KEY
    held: Lock = field(default_factory=Lock)

    def __call__(self, call: Call) -> None:
        with self.held:
            self._answer(call)

    def _answer(self, call: Call) -> None:
        keys = [jwk(self.key, kid) for kid in self.kids]  # type: ignore[arg-type]
        call.send(http({"keys": keys}, "503 Down" if self.down else "200 OK"))


@dataclass(slots=True)
class World:
    """Workers that share a board, and the server that they ask."""

    server: KeyServer
    running: Loopback
    session: requests.Session
    clock: Clock = field(default_factory=Clock)
    board: Board = field(default_factory=lambda: Board(1))

    def worker(self) -> UrlKeys:
        bucket = Bucket(self.clock)
        return UrlKeys(self.running.base, self.session, self.board, 0, self.clock, bucket)

    @property
    def reads(self) -> int:
        return len(self.running.calls)


@pytest.fixture
def world() -> Iterator[World]:
    server = KeyServer()
    with loopback(server) as running, new_session() as session:
        yield World(server, running, session)


def until(condition: Callable[[], bool]) -> None:
    """Wait for what a thread does behind the call."""
    end = monotonic() + 10
    while not condition():
        assert monotonic() < end, "it did not happen"
        sleep(0.002)


# Files


def test_a_file_is_read_once_and_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(key_set(jwk(EC_KEY, "old")))
    keys = FileKeys(file)
    first = keys.find("old", ES)

    assert first is not None
    assert keys.find("old", ES) is first
    assert keys.find("new", ES) is None

    file.write_text(key_set(jwk(OTHER_EC_KEY, "new")))

    assert keys.find("new", ES) is not None
    assert keys.find("old", ES) is None


@pytest.mark.parametrize("harm", [Path.unlink, lambda file: file.write_text("{")])
def test_keys_of_a_file_that_is_gone_or_broken_serve_for_an_hour(
    tmp_path: Path, harm: Callable[[Path], object]
) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(key_set(jwk(EC_KEY, "old")))
    clock = Clock()
    keys = FileKeys(file, clock)
    assert keys.find("old", ES)

    harm(file)

    clock.now += LOST_S
    assert keys.find("old", ES)
    clock.now += 1
    with pytest.raises(KeysUnavailable):
        keys.find("old", ES)
    file.write_text(key_set(jwk(EC_KEY, "new")))
    assert keys.find("new", ES)


def test_keys_of_a_file_that_was_never_there_are_unavailable(tmp_path: Path) -> None:
    with pytest.raises(KeysUnavailable):
        FileKeys(tmp_path / "nowhere.json").find("old", ES)


# Addresses


def test_nothing_is_fetched_before_the_first_call_and_then_once(world: World) -> None:
    worker = world.worker()
    assert world.reads == 0

    first = worker.find("old", ES)

    assert first is not None
    assert worker.find("old", ES) is first
    assert world.reads == 1
    assert world.running.calls[0].header("Authorization") == ""


def test_the_first_call_asks_once_also_for_an_unknown_kid(world: World) -> None:
    assert world.worker().find("unknown", ES) is None
    assert world.reads == 1


def test_an_unknown_kid_has_the_keys_read_again(world: World) -> None:
    worker = world.worker()
    worker.find("old", ES)
    world.server.kids = ("old", "new")
    world.clock.now += 1

    assert worker.find("new", ES)
    assert world.reads == 2


def test_unknown_kids_have_the_keys_read_a_few_times_only(world: World) -> None:
    worker = world.worker()
    for number in range(50):
        world.clock.now += 0.01
        assert worker.find(f"unknown-{number}", ES) is None
    assert world.reads == BURST
    assert worker.find("old", ES)

    world.clock.now += EVERY_S
    worker.find("unknown", ES)
    assert world.reads == BURST + 1


def test_keys_that_are_not_fresh_are_read_again_behind_the_call(world: World) -> None:
    worker = world.worker()
    worker.find("old", ES)
    world.server.kids = ("new",)
    world.clock.now += FRESH_S + 1

    with world.server.held:
        assert worker.find("old", ES)

    until(lambda: world.reads == 2)
    until(lambda: worker._running is None)
    assert worker.find("old", ES) is None


def test_a_new_key_is_waited_for_where_keys_are_being_read_behind_the_call(world: World) -> None:
    worker = world.worker()
    worker.find("old", ES)
    world.server.kids = ("new",)
    world.clock.now += FRESH_S + 1

    assert worker.find("new", ES)
    assert world.reads == 2


def test_old_keys_do_not_serve_where_others_can_be_had(world: World) -> None:
    worker = world.worker()
    worker.find("old", ES)
    world.server.kids = ("new",)
    world.clock.now += OLD_S + 1

    assert worker.find("old", ES) is None


def test_the_last_keys_serve_for_an_hour_where_no_others_can_be_had(world: World) -> None:
    worker = world.worker()
    worker.find("old", ES)
    world.server.down = True

    world.clock.now += LOST_S
    assert worker.find("old", ES)
    world.clock.now += 1
    with pytest.raises(KeysUnavailable):
        worker.find("old", ES)
    until(lambda: worker._running is None)
    world.server.down = False
    world.clock.now += EVERY_S
    worker.find("unknown", ES)
    assert worker.find("old", ES)


def test_keys_that_never_came_are_unavailable(world: World) -> None:
    world.server.down = True

    with pytest.raises(KeysUnavailable):
        world.worker().find("old", ES)
    assert world.reads == 1


def test_whether_keys_are_at_hand_can_be_asked(world: World, tmp_path: Path) -> None:
    (tmp_path / "jwks.json").write_text(key_set())
    worker = world.worker()

    assert FileKeys(tmp_path / "jwks.json").available()
    assert not FileKeys(tmp_path / "nowhere.json").available()
    assert worker.available()
    world.server.down = True
    world.clock.now += LOST_S + 1
    assert not worker.available()


def test_a_worker_that_finds_other_keys_has_the_others_read_them(world: World) -> None:
    one, other = world.worker(), world.worker()
    assert one.find("old", ES)
    assert other.find("old", ES)
    world.server.kids = ("new",)
    world.clock.now += 1

    assert one.find("new", ES)

    assert other.find("old", ES) is None
    assert other.find("new", ES)
    assert world.reads == 4


def test_another_key_under_the_same_kid_is_another_key(world: World) -> None:
    one, other = world.worker(), world.worker()
    first = other.find("old", ES)
    one.find("old", ES)
    world.server.key = OTHER_EC_KEY
    world.clock.now += OLD_S + 1

    assert one.find("old", ES)

    assert other.find("old", ES) is not first


def test_workers_do_not_have_each_other_read_for_ever(world: World) -> None:
    workers = [world.worker() for _ in range(4)]
    for worker in workers:
        worker.find("old", ES)
    world.server.kids = ("new",)
    world.clock.now += 1
    workers[0].find("new", ES)
    for worker in workers * 5:
        assert worker.find("new", ES)

    assert world.reads == 8


def test_calls_that_come_together_share_one_read(world: World) -> None:
    worker = world.worker()
    found: list[object] = []
    threads = [Thread(target=lambda: found.append(worker.find("old", ES))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert None not in found
    assert world.reads <= BURST


def test_children_see_what_another_process_wrote_on_the_board() -> None:
    board = Board(2)
    child = os.fork()
    if not child:
        board.write(1)
        os._exit(0)
    os.waitpid(child, 0)

    assert board.read(0) == 0
    assert board.read(1) != 0


# Fetching


def test_an_answer_that_is_too_large_is_given_up(world: World) -> None:
    with (
        loopback(lambda call: call.send(http(b" " * (MAX_BYTES + 1)))) as server,
        pytest.raises(NotAKeySet, match="too large"),
    ):
        fetched(server.base, world.session)


def test_a_redirect_is_not_followed(world: World) -> None:
    location = f"Location: {world.running.base}\r\n"
    with (
        loopback(lambda call: call.send(http(b"", "302 Found", location))) as server,
        pytest.raises(NotAKeySet, match="not there"),
    ):
        fetched(server.base, world.session)
    assert world.reads == 0


def test_a_server_without_a_trusted_certificate_is_not_asked(world: World, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    heard = []

    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
            heard.append(secured.recv(100))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=answer, args=(listener,))
        thread.start()
        with pytest.raises(requests.exceptions.SSLError):
            fetched(f"https://127.0.0.1:{listener.getsockname()[1]}/jwks.json", world.session)
        thread.join()
    assert heard == []


def self_signed(folder: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that nobody vouches for."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, EC_KEY.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(EC_KEY, SHA256())
    )
    key = EC_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(key + certificate.public_bytes(Encoding.PEM))
    return file


def test_a_server_that_drips_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.security.key_sets.READ_S", 0.2)
    answer, began = http(key_set().encode()), monotonic()
    with (
        loopback(lambda call: call.drip(answer)) as server,
        pytest.raises((requests.RequestException, urllib3.exceptions.HTTPError)),
    ):
        fetched(server.base, world.session)
    assert monotonic() - began < 2  # the whole would take far longer


def test_what_is_compressed_is_not_unpacked(world: World) -> None:
    answer = http(b"\x1f\x8b" + b"x" * 100, headers="Content-Encoding: gzip\r\n")
    with loopback(lambda call: call.send(answer)) as server:
        assert fetched(server.base, world.session).startswith(b"\x1f\x8b")
