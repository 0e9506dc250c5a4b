"""A running service seen from outside: its processes, their memory and their open files."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.conftest import ROOT, free_port, until_up

PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Sample:
    """What all workers hold at one moment."""

    second: float
    memory: int
    files: int
    threads: int


@dataclass(frozen=True, slots=True)
class Running:
    """The service's origin, and its master process."""

    origin: str
    master: int

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text("ascii")
        return [int(each) for each in children.split()]

    def sample(self, second: float) -> Sample:
        found = [Path(f"/proc/{worker}") for worker in self.workers()]
        return Sample(
            second,
            sum(int((each / "statm").read_text("ascii").split()[1]) * PAGE for each in found),
            sum(len(list((each / "fd").iterdir())) for each in found),
            sum(len(list((each / "task").iterdir())) for each in found),
        )


@contextmanager
def running(fhir: str, folder: Path, deadline_ms: int) -> Iterator[Running]:
    """The service under gunicorn, allowed to ask *fhir*."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    settings = {
        "RXHOOKS_OPEN": "1",
        "RXHOOKS_WORKERS": "2",
        "RXHOOKS_FHIR_SERVERS": fhir,
        "RXHOOKS_DEADLINE_MS": str(deadline_ms),
        "RXHOOKS_DATABASE_URL": f"sqlite:///{folder}/soak.db",
    }
    command = [sys.executable, "-m", "app.cli", "serve", "--bind", f"127.0.0.1:{port}"]
    with (folder / "service.log").open("wb") as log:
        master = subprocess.Popen(command, env=os.environ | settings, cwd=ROOT, stderr=log)
        try:
            until_up(f"{origin}/health/live", master)
            yield Running(origin, master.pid)
        finally:
            master.terminate()
            assert master.wait(timeout=30) == 0
