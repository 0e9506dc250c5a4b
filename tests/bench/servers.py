"""The processes that are measured: how they start, how soon they answer, how much they hold."""

import http.client
import math
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "app" / "gunicorn.conf.py"
CACHE = ROOT / ".bench" / "healthchain"
HEALTHCHAIN = ("healthchain==0.16.1", "uvloop==0.23.0", "httptools==0.9.0")
INSTALL_S = 240
WAIT_S = 30.0
POLL_S = 0.005
CALL = "cds-services/rxhooks-order-select"


class Unmeasurable(Exception):
    """Something that is needed is not there, or does not answer; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: the URL to post to, the process that answers there, how soon it did."""

    name: str
    url: str
    worker: int
    started_s: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process holds, in megabytes: all of it, and its share where pages are shared."""

    rss: float
    pss: float


def say(text: str) -> None:
    """Tell what is going on, beside the table."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def rxhooks(folder: Path, body: bytes, fhir: str = "") -> Iterator[Server]:
    """The service as `rxhooks serve` runs it, with one worker; it has answered *body*."""
    port = free_port()
    command = [sys.executable, "-m", "app.cli", "serve", "--bind", f"127.0.0.1:{port}"]
    environment = {
        "RXHOOKS_OPEN": "1",
        "RXHOOKS_WORKERS": "1",
        "RXHOOKS_DATABASE_URL": f"sqlite:///{folder}/feedback-{port}.db",
        "RXHOOKS_FHIR_SERVERS": fhir,
    }
    with _running("rxhooks", command, environment, (port, f"/{CALL}", body), folder) as server:
        yield server


@contextmanager
def bare(folder: Path, body: bytes) -> Iterator[Server]:
    """The bare handler, on the service's own gunicorn configuration."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", str(CONFIG), "tests.bench.bare:app"]
    environment = {"RXHOOKS_WORKERS": "1", "RXHOOKS_BIND": f"127.0.0.1:{port}"}
    with _running("bare", command, environment, (port, "/", body), folder) as server:
        yield server


@contextmanager
def healthchain(folder: Path, body: bytes, python: Path) -> Iterator[Server]:
    """The smallest HealthChain service, under uvicorn with uvloop."""
    port = free_port()
    script = Path(__file__).with_name("healthchain_service.py")
    address = (port, "/cds/cds-services/bench", body)
    with _running("HealthChain", [str(python), str(script), str(port)], {}, address, folder) as one:
        yield one


@contextmanager
def slow_fhir(delay_ms: int, folder: Path) -> Iterator[str]:
    """The base URL of a FHIR server whose answers come *delay_ms* late."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.slow_fhir", str(port), str(delay_ms)]
    with _process("the slow FHIR server", command, {}, folder) as running:
        _until(running, lambda: _connects(port))
        yield f"http://127.0.0.1:{port}/fhir"


def healthchain_python() -> Path:
    """The interpreter of HealthChain's own environment, made if need be; raises Unmeasurable."""
    python = CACHE / "bin" / "python"
    done = CACHE / "installed.txt"
    wanted = "\n".join(HEALTHCHAIN)
    if done.is_file() and done.read_text("utf-8") == wanted and python.exists():
        return python
    say("installing HealthChain into .bench/ (once) ...")
    shutil.rmtree(CACHE, ignore_errors=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        _quietly([sys.executable, "-m", "venv", str(CACHE)])
        _quietly([*pip, *HEALTHCHAIN])
    except (subprocess.SubprocessError, OSError) as error:
        raise Unmeasurable(
            f"HealthChain could not be installed ({type(error).__name__}); its ratios are left out."
        ) from error
    done.write_text(wanted, "utf-8")
    return python


def answer(url: str, body: bytes) -> Any:
    """What a server answers to *body*; raises Unmeasurable if that is not 200."""
    match = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/.*)", url)
    if match is None:
        raise Unmeasurable(f"{url} is not on loopback")
    status, content = _post(int(match[1]), match[2], body)
    if status != 200:
        raise Unmeasurable(f"{url} answered {status} instead of 200")
    return orjson.loads(content)


def worker_of(master: int) -> int:
    """The one worker of gunicorn's *master*, or *master* if it has none."""
    try:
        children = Path(f"/proc/{master}/task/{master}/children").read_text("utf-8").split()
    except OSError:
        return master
    return int(children[0]) if children else master


def processor_s(pid: int) -> float:
    """The processor time that a process has used; not a number where /proc does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return math.nan
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> Memory | None:
    """What process *pid* holds; None where /proc does not tell."""
    try:
        smaps = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8")
    except OSError:
        return None
    found = dict(re.findall(r"^(Rss|Pss):\s+(\d+) kB", smaps, re.MULTILINE))
    return Memory(int(found["Rss"]) / 1024, int(found["Pss"]) / 1024)


@contextmanager
def _running(
    name: str,
    command: list[str],
    environment: Mapping[str, str],
    call: tuple[int, str, bytes],
    folder: Path,
) -> Iterator[Server]:
    """*command*; it has answered *call* (port, path, body) with 200 before the block begins."""
    began = time.perf_counter()
    with _process(name, command, environment, folder) as running:
        _until(running, lambda: _answers(*call))
        seconds = time.perf_counter() - began
        url = f"http://127.0.0.1:{call[0]}{call[1]}"
        yield Server(name, url, worker_of(running.pid), seconds)


@contextmanager
def _process(
    name: str, command: list[str], environment: Mapping[str, str], folder: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """*command* until the block ends, its output in a file of *folder*."""
    log = folder / f"{name.replace(' ', '-')}.log"
    with log.open("ab") as output:
        running = subprocess.Popen(
            command,
            env=os.environ | environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield running
    except _Silent:
        said = log.read_text("utf-8", "replace").splitlines()[-3:]
        raise Unmeasurable("\n".join((f"{name} did not come up.", *said))) from None
    finally:
        running.terminate()
        running.wait(timeout=20)


class _Silent(Exception):
    """A process ended, or did not answer in time."""


def _until(running: "subprocess.Popen[bytes]", up: Any) -> None:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if up():
            return
        if running.poll() is not None:
            break
        time.sleep(POLL_S)
    raise _Silent


def _answers(port: int, path: str, body: bytes) -> bool:
    try:
        return _post(port, path, body)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def _post(port: int, path: str, body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _quietly(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_S)
