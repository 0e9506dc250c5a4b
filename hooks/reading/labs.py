"""Observations to measured values: for each analyte the newest result, or why there is none.

A result that cannot be used and may be newer than the best usable one makes the analyte unknown:
never fall back to an older value silently.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hooks.clinical.analytes import Analyte, AnalyteTables, Conversion
from hooks.clinical.facts import Evidence, LabResult, Missing, Record, Why
from hooks.reading.resources import (
    Answer,
    Resource,
    as_dict,
    as_list,
    as_text,
    codings,
    entries,
    evidence,
    is_of_patient,
    to_date,
)

RANK = {"final": 0, "amended": 1, "corrected": 2}  # the statuses that count, the best last
WITHDRAWN = {"cancelled", "entered-in-error"}  # as if it were not there
COMPARATORS = {"": "", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "≤": "<=", "≥": ">="}
NUMBER = re.compile(
    r"\s*(?P<sign><=|>=|[<>≤≥])?\s*(?P<number>-?\d{1,12}(?:[.,]\d{1,12})?)\s*(?P<unit>\S.*?)?\s*\Z"
)
UCUM = "http://unitsofmeasure.org"
DAY = timedelta(days=1)
MOST = 10**12  # no result is larger
LONGEST = 100  # characters of a result in words
NO_VALUE = "no value that can be read"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a result was true: a day, and the first and last instant that it may mean."""

    day: date
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """One result of an analyte, or why it cannot be used; *rank* orders results of one moment."""

    at: Moment
    rank: tuple[int, str]
    result: LabResult | Missing


@dataclass(frozen=True, slots=True)
class Amount:
    """What a value says: a number, its comparator, and the unit as the result names it."""

    value: Decimal
    comparator: str
    unit: str
    other_unit: str = ""


def lab_record(
    answer: Answer, patient_id: str, tables: AnalyteTables, as_of: date
) -> Record[LabResult]:
    """The newest usable result of each analyte of *tables*, in the analyte's own unit.

    Only final, amended and corrected results count. Where the answer is not complete the newest
    result may be missing from it, and nothing is known.
    """
    if isinstance(answer, Missing):
        return Record(otherwise=Why.NOT_FETCHED, detail=answer.detail)
    if answer.remark is not None:
        return Record(otherwise=Why.NOT_FETCHED, detail=answer.remark.detail)
    found: dict[str, list[Reading | Missing]] = {}
    for observation in entries(answer.resource, "Observation"):
        status = as_text(observation, "status")
        if status in WITHDRAWN or not is_of_patient(observation, patient_id, answer.source):
            continue
        where = evidence(observation, answer.source)
        for name, part in _parts(observation, tables):
            reading = _reading(tables.analytes[name], observation, part, where, as_of)
            found.setdefault(name, []).append(reading)
    return Record({name: _newest(tables.analytes[name], found[name], as_of) for name in found})


def newest_result(
    name: str, observations: Iterable[Resource], source: str, tables: AnalyteTables, as_of: date
) -> LabResult | Missing:
    """The newest usable result of the analyte *name* among *observations* of the patient."""
    analyte, found = tables.analytes[name], []
    for observation in observations:
        if as_text(observation, "status") not in WITHDRAWN:
            where = evidence(observation, source)
            parts = (part for each, part in _parts(observation, tables) if each == name)
            found += [_reading(analyte, observation, part, where, as_of) for part in parts]
    return _newest(analyte, found, as_of) if found else Missing(name, Why.NOT_RECORDED)


def _parts(observation: Resource, tables: AnalyteTables) -> Iterator[tuple[str, Resource]]:
    """The Observation itself and its components, each with the analyte that it is a result of."""
    for part in (observation, *as_list(observation, "component")):
        if isinstance(part, dict) and "dataAbsentReason" not in part:
            named = {tables.codes.get(code, "") for code in codings(as_dict(part, "code"))}
            yield from ((name, part) for name in sorted(named - {""}))


def _reading(
    analyte: Analyte, observation: Resource, part: Resource, where: Evidence, as_of: date
) -> Reading | Missing:
    """The result that *part* holds; Missing if it does not count, or nobody knows when it was."""
    status, at = as_text(observation, "status"), _moment(observation)
    if status not in RANK:
        return Missing(analyte.name, Why.UNREADABLE, "no result on file is final")
    if at is None or at.day > as_of:
        return Missing(analyte.name, Why.UNREADABLE, "the result has no date, or one to come")
    result = _result(analyte, part, replace(where, on=at.day))
    return Reading(at, (RANK[status], as_text(observation, "issued")), result)


def _newest(analyte: Analyte, found: list[Reading | Missing], as_of: date) -> LabResult | Missing:
    readings = [reading for reading in found if isinstance(reading, Reading)]
    usable = [reading for reading in readings if isinstance(reading.result, LabResult)]
    best = max(usable, key=_order, default=None)
    for reading in sorted(readings, key=_order, reverse=True):
        if isinstance(reading.result, Missing) and (best is None or _may_be_newer(reading, best)):
            return reading.result
    if best is None:
        return next(gap for gap in found if isinstance(gap, Missing))
    return _only(analyte, [each for each in usable if _order(each) == _order(best)], as_of)


def _may_be_newer(reading: Reading, best: Reading) -> bool:
    return reading.at.last > best.at.first


def _order(reading: Reading) -> tuple[datetime, tuple[int, str]]:
    return reading.at.first, reading.rank


def _only(analyte: Analyte, tied: list[Reading], as_of: date) -> LabResult | Missing:
    """The one result that *tied* readings agree on, if it is not too old."""
    results = [reading.result for reading in tied if isinstance(reading.result, LabResult)]
    if len({(result.value, result.comparator) for result in results}) > 1:
        return Missing(analyte.name, Why.CONFLICTING, "results of one moment differ")
    day = tied[0].at.day
    if (as_of - day).days > analyte.max_age_days:
        return Missing(analyte.name, Why.OUTDATED, f"the newest is of {day.isoformat()}")
    return results[0]


def _moment(observation: Resource) -> Moment | None:
    """The clinical time: the first that is given decides, and has to be a full date."""
    period = as_dict(observation, "effectivePeriod")
    told = (
        as_text(observation, "effectiveDateTime"),
        as_text(period, "end"),
        as_text(observation, "effectiveInstant"),
        as_text(observation, "issued"),
    )
    text = next((text for text in told if text), "")
    day = to_date(text)
    if day is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        if "T" not in text:
            return Moment(day, at.replace(tzinfo=UTC), at.replace(tzinfo=UTC) + DAY)
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Moment(min(day, at.date()), at, at)


def _result(analyte: Analyte, part: Resource, where: Evidence) -> LabResult | Missing:
    amount = _amount(part)
    if amount is None:
        return Missing(analyte.name, Why.UNREADABLE, NO_VALUE)
    conversion = _conversion(analyte, amount)
    if conversion is None:
        return Missing(analyte.name, Why.UNREADABLE, "the unit is not one that we know for it")
    value = conversion.of(amount.value)
    if not conversion.plausible(value):
        return Missing(analyte.name, Why.UNREADABLE, "the value is not plausible")
    return LabResult(analyte.name, value, analyte.unit, where, amount.comparator)


def _conversion(analyte: Analyte, amount: Amount) -> Conversion | None:
    """How to convert; None for an unknown unit, and for two names that mean different units."""
    conversion = analyte.units.get(amount.unit)
    other = analyte.units.get(amount.other_unit) if amount.other_unit else conversion
    return conversion if other is None or other == conversion else None


def _amount(part: Resource) -> Amount | None:
    if "valueQuantity" in part:
        return _of_quantity(as_dict(part, "valueQuantity"))
    if "valueInteger" in part:
        return _of_quantity({"value": part["valueInteger"]})
    return _of_text(
        as_text(part, "valueString") or as_text(as_dict(part, "valueCodeableConcept"), "text")
    )


def _of_quantity(quantity: Resource) -> Amount | None:
    value, comparator = quantity.get("value"), as_text(quantity, "comparator")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if comparator not in COMPARATORS or not -MOST < value < MOST:
        return None
    words = as_text(quantity, "unit").strip()
    code = as_text(quantity, "code") if as_text(quantity, "system") in {"", UCUM} else ""
    return Amount(Decimal(str(value)), COMPARATORS[comparator], code or words, words)


def _of_text(text: str) -> Amount | None:
    match = NUMBER.match(text) if len(text) <= LONGEST else None
    if match is None:
        return None
    number = Decimal(match["number"].replace(",", "."))
    return Amount(number, COMPARATORS[match["sign"] or ""], match["unit"] or "")
