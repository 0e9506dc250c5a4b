"""Used tokens: each is new once, whoever asks, and forgotten when it has ended."""

import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from app.security.redis_replay import RedisReplay
from app.security.replay import Replay, ReplayUnavailable, SqliteReplay

NOW = 1_800_000_000.0
REDIS = shutil.which("redis-server")
Open = Callable[[], Replay]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real redis-server on loopback."""
    if REDIS is None:
        pytest.skip("there is no redis-server on this machine")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = [
        REDIS,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        until_up(url)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def until_up(url: str) -> None:
    with Redis.from_url(url) as redis:
        for _ in range(500):
            try:
                redis.ping()
            except RedisError:
                time.sleep(0.02)
            else:
                return
    pytest.fail("redis-server did not come up")


@pytest.fixture(params=["sqlite", "redis"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Open the same store again, as another worker does."""
    stores: list[SqliteReplay | RedisReplay] = []
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""

    def another() -> Replay:
        stores.append(RedisReplay.at(url) if url else SqliteReplay(tmp_path / "used.db"))
        return stores[-1]

    yield another
    for store in stores:
        store.close()


def test_a_token_is_new_once(opened: Open) -> None:
    store = opened()

    assert store.first_use("a", "1", NOW + 300, NOW)
    assert not store.first_use("a", "1", NOW + 300, NOW)
    assert not opened().first_use("a", "1", NOW + 300, NOW)


def test_tokens_differ_by_issuer_and_by_id(opened: Open) -> None:
    store = opened()

    uses = [("a", "x"), ("a", "y"), ("b", "x"), ("bx", ""), ("", "bx"), ("\u00e4\n", "\U0001f600")]
    assert all(store.first_use(issuer, jti, NOW + 300, NOW) for issuer, jti in uses)


def test_of_many_that_ask_at_once_one_is_first(opened: Open) -> None:
    stores = [opened() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            asked = [pool.submit(s.first_use, "a", f"n{number}", NOW + 300, NOW) for s in stores]
            assert sum(future.result() for future in asked) == 1


def test_processes_share_the_file(tmp_path: Path) -> None:
    store = SqliteReplay(tmp_path / "used.db")
    store.prepare()
    child = os.fork()
    if not child:
        os._exit(0 if SqliteReplay(store.file).first_use("a", "1", NOW + 300, NOW) else 1)

    assert os.waitpid(child, 0)[1] == 0
    assert not store.first_use("a", "1", NOW + 300, NOW)
    store.close()


def test_used_tokens_outlive_a_restart(tmp_path: Path) -> None:
    store = SqliteReplay(tmp_path / "used.db")
    store.first_use("a", "1", NOW + 300, NOW)
    store.close()

    again = SqliteReplay(tmp_path / "used.db")
    again.prepare()

    assert not again.first_use("a", "1", NOW + 300, NOW)
    again.close()


def test_what_has_ended_is_removed_a_little_at_a_time(tmp_path: Path) -> None:
    store = SqliteReplay(tmp_path / "used.db")
    for number in range(450):
        store.first_use("a", str(number), NOW + 300, NOW)

    kept = []
    for number in range(3):
        store.first_use("a", f"later-{number}", NOW + 900, NOW + 301)
        with sqlite3.connect(store.file) as connection:
            kept.append(connection.execute("SELECT count(*) FROM used").fetchone()[0])
        connection.close()
    store.close()

    assert kept == [251, 52, 3]


def test_an_id_may_come_again_when_its_token_has_ended(tmp_path: Path) -> None:
    store = SqliteReplay(tmp_path / "used.db")
    store.first_use("a", "1", NOW + 300, NOW)

    assert not store.first_use("a", "1", NOW + 400, NOW + 300)
    assert store.first_use("a", "1", NOW + 600, NOW + 301)
    assert not store.first_use("a", "1", NOW + 600, NOW + 302)
    store.close()


def test_no_identifier_is_stored(tmp_path: Path) -> None:
    store = SqliteReplay(tmp_path / "used.db")
    store.first_use("https://ehr.example", "jane-doe-1970", NOW + 300, NOW)
    store.close()

    assert b"jane-doe" not in (tmp_path / "used.db").read_bytes()


def test_redis_forgets_a_token_when_it_has_ended(redis_url: str) -> None:
    store = RedisReplay.at(redis_url)
    store.redis.flushdb()
    store.first_use("a", "1", NOW + 299.5, NOW)

    [key] = store.redis.scan_iter("*")
    assert key.startswith(b"rxhooks:jti:")
    assert 298 <= store.redis.ttl(key) <= 300
    store.close()


def test_a_second_try_of_our_own_is_no_replay(redis_url: str) -> None:
    """The first try may have reached Redis although its answer did not reach us."""

    class Lossy(Redis):
        def set(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            super().set(*args, **kwargs)  # type: ignore[arg-type]
            return super().set(*args, **kwargs)  # type: ignore[arg-type]

    store = RedisReplay(Lossy.from_url(redis_url))

    assert store.first_use("lossy", "1", NOW + 300, NOW)
    assert not store.first_use("lossy", "1", NOW + 300, NOW)
    store.close()


def test_without_redis_nothing_is_waved_through() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        store = RedisReplay.at(f"redis://127.0.0.1:{probe.getsockname()[1]}/0")

        with pytest.raises(ReplayUnavailable):
            store.first_use("a", "1", NOW + 300, NOW)
    store.close()


def test_a_redis_that_says_nothing_is_given_up_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = RedisReplay.at(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()

        with pytest.raises(ReplayUnavailable):
            store.first_use("a", "1", NOW + 300, NOW)
        assert time.monotonic() - began < 3
    store.close()


@pytest.mark.parametrize("name", ["nowhere/used.db", "."])
def test_a_file_that_cannot_be_made_is_unavailable(tmp_path: Path, name: str) -> None:
    store = SqliteReplay(tmp_path / name)

    with pytest.raises(ReplayUnavailable):
        store.prepare()
    with pytest.raises(ReplayUnavailable):
        store.first_use("a", "1", NOW + 300, NOW)


def test_a_file_that_is_locked_for_long_is_unavailable(tmp_path: Path) -> None:
    store = SqliteReplay(tmp_path / "used.db")
    store.prepare()
    blocker = sqlite3.connect(store.file, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")

    with pytest.raises(ReplayUnavailable):
        store.first_use("a", "1", NOW + 300, NOW)

    blocker.execute("ROLLBACK")
    blocker.close()
    assert store.first_use("a", "1", NOW + 300, NOW)
    store.close()
