"""One wrk run after another, in rounds, so that a noisy machine is noisy for everybody."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import orjson

from tests.bench.servers import Unmeasurable, processor_s, say

SCRIPT = Path(__file__).with_name("wrk.lua")
WARM_UP_S = 2  # wrk knows whole seconds only
MARK = "BENCH "


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk is to do: one body, again and again, to one address; *worker* answers there."""

    name: str
    url: str
    body: Path
    worker: int
    connections: int = 8


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run measured; times in milliseconds. *processor*: of the worker, for each call."""

    rate: float
    p50: float
    p99: float
    processor: float


class Results:
    """All samples, by the name of their load; the n-th samples of all loads belong together."""

    def __init__(self) -> None:
        self._samples: dict[str, list[Sample]] = {}

    def add(self, name: str, sample: Sample) -> None:
        self._samples.setdefault(name, []).append(sample)

    def __contains__(self, name: str) -> bool:
        return name in self._samples

    def names(self) -> list[str]:
        return list(self._samples)

    def median(self, name: str) -> Sample:
        """The median of each figure by itself."""
        samples = self._samples[name]
        return Sample(
            median(sample.rate for sample in samples),
            median(sample.p50 for sample in samples),
            median(sample.p99 for sample in samples),
            median(sample.processor for sample in samples),
        )

    def rates(self, name: str) -> list[float]:
        return [sample.rate for sample in self._samples[name]]

    def ratio(self, name: str, other: str) -> float:
        """How many times as many calls *name* answered: the median over the rounds."""
        pairs = zip(self.rates(name), self.rates(other), strict=True)
        return median(one / two for one, two in pairs)

    def tail(self, name: str) -> float:
        """p99 over p50: the median over the rounds."""
        return median(sample.p99 / sample.p50 for sample in self._samples[name])


def find_wrk() -> str:
    """Where wrk is; raises Unmeasurable."""
    found = shutil.which("wrk")
    if found is None:
        raise Unmeasurable(
            "make bench needs wrk, which is not installed here (on Debian: apt-get install wrk)."
        )
    return found


def measured(loads: Sequence[Load], rounds: int, seconds: int, into: Results) -> None:
    """Run all *loads* in turn, *rounds* times, every other round backwards; warm each up first."""
    for load in loads:
        run(load, WARM_UP_S)
    for number in range(rounds):
        say(f"  round {number + 1} of {rounds}: {len(loads)} loads of {seconds} s")
        for load in loads if number % 2 == 0 else reversed(loads):
            into.add(load.name, run(load, seconds))


def run(load: Load, seconds: int) -> Sample:
    """One wrk run; raises Unmeasurable if a call failed."""
    command = [find_wrk(), "-t1", f"-c{load.connections}", f"-d{seconds}s"]
    command += ["--timeout", "10s", "-s", str(SCRIPT), load.url]
    before = processor_s(load.worker)
    done = subprocess.run(
        command,
        env=os.environ | {"BENCH_BODY": str(load.body)},
        capture_output=True,
        text=True,
        check=False,
    )
    line = next((line for line in done.stdout.splitlines() if line.startswith(MARK)), "")
    if not line:
        raise Unmeasurable(f"wrk failed on {load.name}: {done.stderr.strip()}")
    told = orjson.loads(line.removeprefix(MARK))
    if told["failed"] or not told["requests"]:
        raise Unmeasurable(f"{told['failed']} calls of {load.name} failed")
    spent = (processor_s(load.worker) - before) / told["requests"]
    rate = told["requests"] / told["duration"] * 1e6
    return Sample(rate, told["p50"] / 1000, told["p99"] / 1000, spent * 1000)
