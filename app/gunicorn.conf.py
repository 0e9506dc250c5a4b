"""How gunicorn runs the service; `rxhooks serve` uses it.

    gunicorn app.wsgi:app        in the project's folder, where a link to this file stands

RXHOOKS_BIND, RXHOOKS_WORKERS and RXHOOKS_THREADS change it. gunicorn reads every name here that is
one of its settings; it runs this file again on SIGHUP, when workers are already serving.
"""

import atexit
import gc
import json
import os
import re
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from gunicorn import util

MEMORY = Path("/dev/shm")  # noqa: S108  for what must never wait for a disk
SHARED = "PROMETHEUS_MULTIPROC_DIR"
METRIC_FILES = ("counter_*.db", "gauge_*.db", "histogram_*.db", "summary_*.db")
NOT_OURS = ("GUNICORN_PID", "LISTEN_FDS")  # the sockets come from an older master, or systemd


def write_error(connection: socket.socket, status: int, reason: str, _message: str) -> None:
    """Answer what is no HTTP as the service answers all errors: in JSON, without its words.

    501, for an unknown transfer coding, is told as 400: a 5xx would be a fault of ours.
    """
    status = 400 if status == 501 else status
    issue = {"severity": "error", "code": "invalid", "diagnostics": reason}
    body = json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(connection, head.encode("latin1") + body)


util.write_error = write_error  # gunicorn's own is HTML and repeats the request


def whole_number(name: str, default: int) -> int:
    """The environment's *name*; ends the process with one sentence if it cannot be used."""
    text = os.environ.get(name, str(default))
    if not re.fullmatch("[1-9][0-9]{0,2}", text):
        sys.exit(f"rxhooks: {name} must be a whole number from 1 to 999")
    return int(text)


def deadline_s() -> int:
    """How long a call may take, in full seconds; what is no number is told by app/settings.py."""
    text = os.environ.get("RXHOOKS_DEADLINE_MS", "")
    return int(text) // 1_000 + 1 if re.fullmatch("[1-9][0-9]{0,8}", text) else 2


bind = os.environ.get("RXHOOKS_BIND", "127.0.0.1:8080")
workers = whole_number("RXHOOKS_WORKERS", min(os.cpu_count() or 1, 4))
threads = whole_number("RXHOOKS_THREADS", 16)
worker_class = "app.worker.GracefulWorker"
preload_app = True
if os.access(MEMORY, os.W_OK):
    worker_tmp_dir = str(MEMORY)

timeout = 30
graceful_timeout = 6 + deadline_s()  # calls end by their deadline, idle connections before
keepalive = 75
limit_request_line = 2_048
forwarder_headers = ""  # else a client's SCRIPT_NAME shifts the path, past a proxy that looks at it

accesslog = None  # the service logs each call itself, without its URL
errorlog = None  # app/logs.py takes what gunicorn has to say
loglevel = "warning"
control_socket_disable = True


def share_metrics() -> None:
    """Give the workers a folder for their counts, without those of an earlier run.

    Does nothing on SIGHUP: workers are then writing to it.
    """
    if "prometheus_client" in sys.modules or "GUNICORN_PID" in os.environ:
        return
    if SHARED in os.environ:
        for pattern in METRIC_FILES:
            for file in Path(os.environ[SHARED]).glob(pattern):
                file.unlink(missing_ok=True)
        return
    parent = MEMORY if os.access(MEMORY, os.W_OK) else None
    os.environ[SHARED] = tempfile.mkdtemp(prefix="rxhooks-metrics-", dir=parent)
    atexit.register(remove, os.environ[SHARED], os.getpid())


def remove(folder: str, owner: int) -> None:
    """Remove *folder* when process *owner* ends; its workers inherit this call."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


share_metrics()


def on_starting(server: Any) -> None:
    """Log as the service does; end with one sentence if an address is taken."""
    from app import receiving
    from app.logs import init_logging

    init_logging()
    receiving.install()
    if server.cfg.reuse_port or any(name in os.environ for name in NOT_OURS):
        return
    for address in server.cfg.address:
        if isinstance(address, tuple):
            must_be_free(*address[:2])


def must_be_free(host: str, port: int) -> None:
    """End the process if nothing can listen there; gunicorn itself would try for five seconds."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(f"rxhooks: cannot listen on {host}:{port}: {error.strerror}")


def when_ready(server: Any) -> None:
    """Set aside what was loaded, so that no collection walks it and workers share its memory."""
    from app.logs import log
    from app.security import gate

    listening = [str(each) for each in server.LISTENERS]
    log.info(f"listening on {', '.join(listening)}")
    if os.environ.get("RXHOOKS_OPEN") == "1":
        gate.warn_of_reach(listening)
    gc.collect()
    gc.freeze()


def post_fork(_server: Any, _worker: Any) -> None:
    """Collect rarely: on large bodies the cyclic collector costs more than all else."""
    gc.set_threshold(50_000, 20, 100)


def child_exit(_server: Any, worker: Any) -> None:
    """Drop the gauges of a worker that has ended; its counts stay."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
