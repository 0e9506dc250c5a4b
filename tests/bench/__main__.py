"""`python -m tests.bench [--rounds N] [--seconds N]`; prints the table and leaves with 0."""

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import orjson

from tests.bench import servers
from tests.bench.bodies import (
    ABACAVIR,
    CAPECITABINE,
    CLOPIDOGREL,
    LORATADINE,
    Drug,
    Json,
    labs_among_genotypes,
    with_labs,
    without_prefetch,
)
from tests.bench.judging import Judging, judging
from tests.bench.servers import Memory, Server, Unmeasurable, answer, memory_of, say
from tests.bench.table import Line, aligned, at_least, at_most, goals, left_out
from tests.bench.wrk import Load, Results, find_wrk, measured

DELAY_MS = 50
STARTS = 3
BARE, HEALTHCHAIN, GENES, DOSE = "bare", "HealthChain", "genes only", "genes only, new dose"
AMONG, NO_RULES, FOUR = "results among genotypes", "no rules", "four keys"
ALONE, TOGETHER = "four missing queries, 1 connection", "four missing queries, 32 connections"
SIZES = (20, 500)
BARE_THEN = 2_236  # calls a second at N=20, when the goals were set


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds to the first answer, and what a worker holds then and under load."""

    rxhooks_s: float
    bare_s: float
    fresh: Memory | None
    loaded: Memory | None
    others: dict[str, Memory | None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure, where to keep files, and HealthChain's interpreter if it has one."""

    rounds: int
    seconds: int
    folder: Path
    python: Path | None


def main() -> int:
    """0 if it could measure, whatever it found; 1 if it could not, with a sentence."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each load in each round")
    options = parser.parse_args()
    try:
        find_wrk()
        with tempfile.TemporaryDirectory(prefix="rxhooks-bench-") as folder:
            python, remark = _healthchain()
            plan = Plan(options.rounds, options.seconds, Path(folder), python)
            sys.stdout.write(_report(plan, remark))
    except Unmeasurable as error:
        say(str(error))
        return 1
    return 0


def _healthchain() -> tuple[Path | None, str]:
    try:
        return servers.healthchain_python(), ""
    except Unmeasurable as error:
        return None, str(error)


def _report(plan: Plan, remark: str) -> str:
    began, before = time.monotonic(), os.getloadavg()[0]
    results = Results()
    say("starting and stopping ...")
    fresh, starts = _starts(plan)
    say("8 connections, prefetch:")
    memory = _under_load(plan, results)
    say(f"four missing queries at {DELAY_MS} ms each:")
    _missing(plan, results)
    say("judging alone ...")
    alone = judging()
    start = Start(starts["rxhooks"], starts["bare"], fresh, memory.pop("rxhooks"), memory)
    took = f"{time.monotonic() - began:.0f} s; load before it {before:.1f}"
    parts = [
        goals(_goals(results, start, alone)),
        *([remark] if remark else []),
        _remarks(results.median(_named(BARE, SIZES[0])).rate),
        f"Raw numbers ({plan.rounds} rounds of {plan.seconds} s, medians; lowest and highest rate)",
        _raw(results),
        _raw_rest(start, alone),
        f"{sys.version.split()[0]}, {os.cpu_count()} cores, {took}",
    ]
    return "\n\n".join(parts) + "\n"


def _starts(plan: Plan) -> tuple[Memory | None, dict[str, float]]:
    """The medians of several starts, each until the first order-select is answered."""
    body = orjson.dumps(with_labs(ABACAVIR, 20))
    seconds: dict[str, list[float]] = {"rxhooks": [], "bare": []}
    for _ in range(STARTS):
        with servers.rxhooks(plan.folder, body) as server:
            seconds["rxhooks"].append(server.started_s)
            fresh = memory_of(server.worker)
        with servers.bare(plan.folder, body) as server:
            seconds["bare"].append(server.started_s)
    return fresh, {name: median(found) for name, found in seconds.items()}


def _under_load(plan: Plan, results: Results) -> dict[str, Memory | None]:
    """Measure every contender with prefetch, side by side; what their workers hold afterwards."""
    body = orjson.dumps(with_labs(ABACAVIR, 20))
    with ExitStack() as stack:
        ours = stack.enter_context(servers.rxhooks(plan.folder, body))
        bare = stack.enter_context(servers.bare(plan.folder, body))
        running = [ours, bare]
        other = None
        if plan.python is not None:
            other = stack.enter_context(servers.healthchain(plan.folder, body, plan.python))
            running.append(other)
        for count in SIZES:
            loads = _loads(count, ours, bare, other, plan.folder)
            measured(loads, plan.rounds, plan.seconds, results)
        return {server.name: memory_of(server.worker) for server in running}


def _loads(
    count: int, ours: Server, bare: Server, other: Server | None, folder: Path
) -> list[Load]:
    """Everything to be measured with *count* Observations."""
    plain = with_labs(ABACAVIR, count)
    calls: list[tuple[str, Server, Drug, Json]] = [
        (BARE, bare, LORATADINE, plain),
        (GENES, ours, ABACAVIR, plain),
        (AMONG, ours, ABACAVIR, labs_among_genotypes(ABACAVIR, count)),
        (NO_RULES, ours, LORATADINE, with_labs(LORATADINE, count)),
    ]
    if count == SIZES[0]:
        calls += [
            (DOSE, ours, CAPECITABINE, with_labs(CAPECITABINE, count)),
            (FOUR, ours, CLOPIDOGREL, with_labs(CLOPIDOGREL, count)),
        ]
    if other is not None:
        calls.append((HEALTHCHAIN, other, ABACAVIR, plain))
    return [
        _checked(_named(name, count), server, drug, call, folder)
        for name, server, drug, call in calls
    ]


def _missing(plan: Plan, results: Results) -> None:
    body = orjson.dumps(with_labs(ABACAVIR, 20))
    with (
        servers.slow_fhir(DELAY_MS, plan.folder) as fhir,
        servers.rxhooks(plan.folder, body, fhir) as ours,
    ):
        call = without_prefetch(CLOPIDOGREL, fhir)
        load = _checked(ALONE, ours, CLOPIDOGREL, call, plan.folder)
        loads = [replace(load, connections=1), replace(load, name=TOGETHER, connections=32)]
        measured(loads, plan.rounds, plan.seconds, results)


def _checked(name: str, server: Server, drug: Drug, call: Json, folder: Path) -> Load:
    """The load that *call* makes, once it is known to bring what it should."""
    body = folder / f"{name.replace(' ', '-').replace(',', '')}.json"
    body.write_bytes(orjson.dumps(call))
    cards = answer(server.url, body.read_bytes())["cards"]
    if len(cards) != drug.cards:
        raise Unmeasurable(f"{name}: {drug.name} brought {len(cards)} cards, not {drug.cards}")
    return Load(name, server.url, body, server.worker)


def _named(name: str, count: int) -> str:
    return f"{name}, N={count}"


def _goals(results: Results, start: Start, alone: Judging) -> list[Line]:
    few, many = SIZES
    missing = results.median(ALONE)
    return [
        _beside(results, GENES, BARE, few, 0.70),
        _beside(results, DOSE, BARE, few, 0.70),
        _beside(results, GENES, HEALTHCHAIN, few, 2),
        _beside(results, GENES, BARE, many, 1.5),
        _beside(results, GENES, HEALTHCHAIN, many, 5),
        _beside(results, AMONG, BARE, few, 0.55),
        _beside(results, AMONG, BARE, many, 0.80),
        _beside(results, NO_RULES, BARE, few, 0.85),
        _beside(results, NO_RULES, BARE, many, 2),
        *_tails(results, _named(GENES, few)),
        at_most("decide, one gene-drug pair, N=500", alone.pair / 1000, 0.5, "ms"),
        at_most("decide, every rule of the drug, N=500", alone.drug / 1000, 2, "ms"),
        at_most("decide, rules on 500 results, N=500", alone.laboratory / 1000, 2, "ms"),
        at_most("decide, N=1000 beside N=500", alone.with_results, 2.2, "x"),
        at_most("decide, 16 orders beside 8", alone.with_orders, 2.2, "x"),
        at_most("decide, twice the rules for other drugs", alone.with_rules, 1.1, "x"),
        at_most("four missing queries, p50", missing.p50, 80, "ms"),
        _calls(results.median(TOGETHER).rate),
        at_most("start to the first answer", start.rxhooks_s, 2, "s"),
        _held("memory of a worker after the load (RSS)", start.loaded),
    ]


def _beside(results: Results, name: str, other: str, count: int, goal: float) -> Line:
    ours, theirs = _named(name, count), _named(other, count)
    if theirs not in results:
        return left_out(ours, f"≥ {goal:g} x {other}")
    return at_least(ours, results.ratio(ours, theirs), goal, other)


def _tails(results: Results, name: str) -> list[Line]:
    return [
        at_most(f"{name}: p99", results.median(name).p99, 25, "ms"),
        at_most(f"{name}: p99 beside p50", results.tail(name), 6, "x"),
    ]


def _calls(rate: float) -> Line:
    return Line(TOGETHER, f"{rate:.0f} calls/s", "≥ 150 calls/s", rate >= 150)


def _held(what: str, memory: Memory | None) -> Line:
    return at_most(what, memory.rss, 150, "MB") if memory else left_out(what, "≤ 150 MB")


def _remarks(bare: float) -> str:
    return (
        f"Goals in ms, s and calls/s were set where bare answered {BARE_THEN:,} calls/s at N=20; "
        f"here it\nanswered {bare:,.0f}. No rule reads laboratory results yet: the rows with "
        "results among genotypes\nstand for one that does. The Node sample is not part of this run."
    )


def _raw(results: Results) -> str:
    rows = [("", "calls/s", "lowest", "highest", "p50 ms", "p99 ms", "processor ms")]
    for name in results.names():
        typical, rates = results.median(name), results.rates(name)
        figures = (typical.rate, min(rates), max(rates))
        times = (typical.p50, typical.p99, typical.processor)
        rows.append((name, *(f"{f:.0f}" for f in figures), *(f"{t:.2f}" for t in times)))
    return aligned(rows)


def _raw_rest(start: Start, alone: Judging) -> str:
    rows = [
        (
            "start to the first answer: rxhooks, bare",
            f"{start.rxhooks_s:.2f}, {start.bare_s:.2f} s",
        ),
        ("decide, N=500: abacavir, clopidogrel", f"{alone.pair:.0f}, {alone.drug:.0f} µs"),
        ("orjson.loads of the same bundle", f"{alone.parse:.0f} µs"),
        ("rxhooks' worker after one call: RSS, PSS", _megabytes(start.fresh)),
        ("rxhooks' worker after the load: RSS, PSS", _megabytes(start.loaded)),
    ]
    for name, memory in start.others.items():
        rows.append((f"{name}'s process after the load: RSS, PSS", _megabytes(memory)))
    return aligned(rows)


def _megabytes(memory: Memory | None) -> str:
    return f"{memory.rss:.0f}, {memory.pss:.0f} MB" if memory else "not measured"


if __name__ == "__main__":
    sys.exit(main())
