"""Observations to rows of numbers with a trend, the newest first. Pure.

What is shown is what was reported: nothing is converted, and a line joins one unit only.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.pages.trends import Point, Trend, trend
from hooks.clinical.codes import Code
from hooks.reading.newest import WITHDRAWN
from hooks.reading.resources import (
    Resource,
    as_dict,
    as_list,
    as_text,
    dated,
    filed_under,
    texts,
)

NO_BREAK = "\u00a0"
UNNAMED = "without a name"
FINAL = frozenset({"final", "amended", "corrected", ""})
WORDS = {
    **{"H": "high", "HH": "critically high", "L": "low", "LL": "critically low"},
    **{"A": "abnormal", "AA": "critical"},
}


@dataclass(frozen=True, slots=True)
class ResultRow:
    """The newest result under one code: value in words, date, what the laboratory remarks."""

    name: str
    value: str
    on: str
    remark: str
    trend: Trend | None


@dataclass(frozen=True, slots=True)
class _Reading:
    key: tuple[str, ...]
    name: str
    value: str
    unit: str
    number: Decimal | None
    on: date | None
    remark: str


def result_rows(
    observations: Iterable[Resource], genetic: Container[Code]
) -> tuple[ResultRow, ...]:
    """A row for each code but the *genetic* ones, by name."""
    groups: dict[tuple[str, ...], list[_Reading]] = {}
    for observation in observations:
        if as_text(observation, "status") in WITHDRAWN:
            continue
        for reading in _readings(observation, genetic):
            groups.setdefault(reading.key, []).append(reading)
    rows = (_row(group) for group in groups.values())
    return tuple(sorted(rows, key=lambda row: row.name.casefold()))


def concept_name(concept: Resource) -> str:
    """What clinicians call a concept: its text, else a display, else a code."""
    return as_text(concept, "text") or next(iter(texts(concept)), UNNAMED)


def value_of(part: Resource) -> str:
    """The value of an Observation or component in words; empty if it has none."""
    quantity = as_dict(part, "valueQuantity")
    if isinstance(quantity.get("value"), int | float):
        unit = as_text(quantity, "unit") or as_text(quantity, "code")
        number = f"{as_text(quantity, 'comparator')}{quantity['value']}"
        return f"{number}{NO_BREAK}{unit}" if unit else number
    concept = as_dict(part, "valueCodeableConcept")
    if concept:
        return concept_name(concept)
    plain = [part.get(name) for name in ("valueString", "valueInteger", "valueDateTime")]
    said = next((str(each) for each in plain if isinstance(each, str | int)), "")
    answer = part.get("valueBoolean")
    return said or ({True: "yes", False: "no"}[answer] if isinstance(answer, bool) else "")


def _readings(observation: Resource, genetic: Container[Code]) -> Iterator[_Reading]:
    """The values of an Observation: its own, and those of its components."""
    if any(code in genetic for code in filed_under(observation)):
        return
    for part in (observation, *as_list(observation, "component")):
        if isinstance(part, dict) and (value := value_of(part)):
            quantity = as_dict(part, "valueQuantity")
            yield _Reading(
                _key(part),
                concept_name(as_dict(part, "code")),
                value,
                as_text(quantity, "code") or as_text(quantity, "unit"),
                _number(quantity),
                dated(observation),
                _remark(observation, part),
            )


def _key(part: Resource) -> tuple[str, ...]:
    return next(filed_under(part), ("", concept_name(as_dict(part, "code")).casefold()))


def _number(quantity: Resource) -> Decimal | None:
    """A plain number; one with a comparator is no point of a line."""
    value = quantity.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or quantity.get("comparator"):
        return None
    return Decimal(str(value))


def _remark(observation: Resource, part: Resource) -> str:
    """What speaks beside the value: high or low, and a status that is not final."""
    flag = as_dict(part, "interpretation")
    codes = [as_text(coding, "code") for coding in as_list(flag, "coding")]
    status = as_text(observation, "status")
    said = [*(WORDS[code] for code in codes if code in WORDS), "" if status in FINAL else status]
    return ", ".join(filter(None, said))


def _row(group: list[_Reading]) -> ResultRow:
    ordered = sorted(group, key=lambda reading: reading.on or date.min)
    last = ordered[-1]
    points = [
        Point(each.on, each.number)
        for each in ordered
        if each.on is not None and each.number is not None and each.unit == last.unit
    ]
    on = last.on.isoformat() if last.on else "no date"
    line = trend(points) if last.number is not None else None
    return ResultRow(last.name, last.value, on, last.remark, line)
