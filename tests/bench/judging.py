"""`decide` by itself, in this process, beside what parsing costs: medians of timeit."""

import gc
import timeit
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from statistics import median
from typing import Any

import orjson

from app.cds.schemas import load_request
from app.fhir.deadline import Deadline
from app.fhir.gather import gather
from hooks import SERVICES
from hooks.clinical.facts import Missing, Why
from hooks.knowledge import Knowledge, load
from hooks.reading.resources import Answer
from tests.bench.bodies import (
    ABACAVIR,
    CLOPIDOGREL,
    METFORMIN,
    Drug,
    Json,
    laboratory_results,
    labs_among_genotypes,
)

TODAY = date(2026, 11, 21)
REPEATS = 7
SECONDS = 0.15  # of each repeat
SERVICE = SERVICES["rxhooks-order-select"]
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Judging:
    """Microseconds; the growths are ratios of two of them."""

    pair: float
    drug: float
    parse: float
    laboratory: float
    with_results: float
    with_orders: float
    with_rules: float


def judging() -> Judging:
    """Every figure with 500 Observations in the bundle that the rule reads."""
    knowledge = load()
    call, body = _call(ABACAVIR, 500), orjson.dumps(_call(ABACAVIR, 500)["prefetch"]["genotypes"])
    pair = _deciding(call, knowledge)
    orders = [_deciding(_with_orders(_call(ABACAVIR, 20), n), knowledge) for n in (16, 8)]
    return Judging(
        pair=microseconds(pair),
        drug=microseconds(_deciding(_call(CLOPIDOGREL, 500), knowledge)),
        parse=microseconds(lambda: orjson.loads(body)),
        laboratory=microseconds(_deciding(laboratory_results(METFORMIN, 500), knowledge)),
        with_results=growth(_deciding(_call(ABACAVIR, 1000), knowledge), pair),
        with_orders=growth(*orders),
        with_rules=growth(_deciding(call, _twice_the_rules(knowledge)), pair),
    )


def microseconds(work: Work) -> float:
    """The median time of *work*."""
    timer, number = _timer(work)
    return median(timer.repeat(REPEATS, number)) / number * 1e6


def growth(work: Work, other: Work) -> float:
    """How many times as long *work* takes as *other*: the median over turns of both."""
    one, count = _timer(work)
    two, number = _timer(other)
    turns = ((one.timeit(count) / count, two.timeit(number) / number) for _ in range(REPEATS))
    return median(longer / shorter for longer, shorter in turns)


def _timer(work: Work) -> tuple[timeit.Timer, int]:
    """A timer with the collector on, and how often to run it."""
    timer = timeit.Timer(work, setup=gc.enable)
    return timer, max(1, round(SECONDS / max(timer.timeit(3) / 3, 1e-7)))


def _call(drug: Drug, count: int) -> Json:
    return labs_among_genotypes(drug, count)


def _deciding(call: Json, knowledge: Knowledge) -> Work:
    """`decide` on *call*, whose prefetch is read beforehand."""
    hook = load_request(orjson.dumps(call), "order-select")
    context: Any = hook["context"]
    answers = _answers(hook, knowledge)
    return lambda: SERVICE.decide(context, answers, knowledge, TODAY)


def _answers(hook: dict[str, Any], knowledge: Knowledge) -> dict[str, Answer]:
    queries = SERVICE.needs(hook["context"], {}, knowledge)
    nobody = Missing("fhirServer", Why.NOT_FETCHED, "nobody is asked")
    with ThreadPoolExecutor(1) as pool:
        return gather(queries, hook["prefetch"], nobody, pool, Deadline.in_ms(1000))


def _with_orders(call: Json, count: int) -> Json:
    """*call* with *count* drafts of its drug, all selected."""
    [entry] = call["context"]["draftOrders"]["entry"]
    drafts = [{**entry["resource"], "id": f"draft-{number}"} for number in range(count)]
    call["context"]["draftOrders"]["entry"] = [{"resource": draft} for draft in drafts]
    call["context"]["selections"] = [f"MedicationRequest/{draft['id']}" for draft in drafts]
    return call


def _twice_the_rules(knowledge: Knowledge) -> Knowledge:
    """*knowledge* with a twin of each rule that is for other drugs than abacavir."""
    others = [rule for rule in knowledge.guidelines if ABACAVIR.name not in rule.drugs]
    twins = (replace(rule, id=f"{rule.id}-twin") for rule in others)
    return replace(knowledge, guidelines=(*knowledge.guidelines, *twins))
