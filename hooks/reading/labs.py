"""Observations to measured values: for each analyte the newest result, or why there is none."""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime

from hooks.clinical.analytes import Analyte, AnalyteTables, Conversion
from hooks.clinical.codes import Code
from hooks.clinical.facts import Evidence, LabResult, Missing, Record, Why
from hooks.reading.amounts import Amount, amount
from hooks.reading.charts import instant
from hooks.reading.filed import Filed
from hooks.reading.newest import WITHDRAWN, Choice, Reading, newest, rank, when
from hooks.reading.resources import (
    Answer,
    Resource,
    as_dict,
    as_list,
    as_text,
    filed_under,
    performer,
    reference,
    texts,
)
from hooks.reading.units import amount_shown

NO_VALUE = "no value that can be read"
Found = Reading[LabResult] | Missing


def lab_record(
    answer: Answer, patient_id: str, tables: AnalyteTables, as_of: date, names: Collection[str]
) -> Record[LabResult]:
    """The newest usable result of each analyte of *names*, in the analyte's own unit.

    Only final, amended and corrected results count. Where the answer is not complete the newest
    result may be missing from it, and nothing is known.
    """
    if isinstance(answer, Missing):
        return Record(otherwise=Why.NOT_FETCHED, detail=answer.detail)
    if answer.remark is not None:
        return Record(otherwise=Why.NOT_FETCHED, detail=answer.remark.detail)
    source, now = answer.source, instant(as_of)
    if not names:
        return Record()
    own = Filed.of(answer.resource, patient_id, source)
    found = {
        name: list(readings(name, under(own, tables.filed.get(name, ())), source, tables, now))
        for name in names
    }
    chosen = {name: choose(tables.analytes[name], found[name], now) for name in found}
    return Record({name: chosen[name].result for name in found if found[name]})


def under(own: Filed, codes: Iterable[Code]) -> list[Resource]:
    """The Observations under any of *codes*, each once."""
    found = {id(each): each for code in codes for each in own.under(code)}
    return list(found.values())


def choose(analyte: Analyte, found: Iterable[Found], now: datetime) -> Choice[LabResult]:
    """The result of *analyte* that counts."""
    return newest(analyte.name, found, analyte.max_age_days, now, _value)


def _value(result: LabResult) -> object:
    return result.value, result.comparator


def readings(
    name: str,
    observations: Iterable[Resource],
    source: str,
    tables: AnalyteTables,
    now: datetime,
) -> Iterator[Found]:
    """Every result of the analyte *name* among *observations* of the patient.

    Missing stands for a result that does not count: it is not final, or of no known time.
    """
    analyte, codes = tables.analytes[name], tables.filed.get(name, ())
    for observation in observations:
        if as_text(observation, "status") not in WITHDRAWN:
            for part in results_in(observation, codes):
                yield _reading(analyte, observation, part, source, now)


def results_in(observation: Resource, codes: Collection[Code]) -> Iterator[Resource]:
    """Of the Observation itself and its components, those that are results under *codes*.

    One that says why it has no value is none, nor is the head of a panel.
    """
    for part in (observation, *as_list(observation, "component")):
        filed = any(code in codes for code in filed_under(part))
        if filed and "dataAbsentReason" not in part and not _is_head(part):
            yield part


def _is_head(part: Resource) -> bool:
    members = "component" in part or "hasMember" in part
    return members and not any(name.startswith("value") for name in part)


def _reading(
    analyte: Analyte, observation: Resource, part: Resource, source: str, now: datetime
) -> Found:
    """The result that *part* holds; Missing if it does not count, or nobody knows when it was."""
    at = when(observation, now)
    if isinstance(at, str):
        return Missing(analyte.name, Why.UNREADABLE, at)
    where = Evidence(reference(observation), at.day, performer(observation), source)
    told = amount(part)
    preferred = int(any(code in analyte.preferred for code in filed_under(part)))
    value = _converted(analyte, told)
    if isinstance(value, Amount):
        result: LabResult | Missing = LabResult(
            analyte.name, value.value, analyte.unit, where, value.comparator
        )
        if is_spoiled(observation, part, analyte.spoiled_by):
            result = Missing(analyte.name, Why.UNREADABLE, "the specimen was not fit for it")
    else:
        result = Missing(analyte.name, Why.UNREADABLE, value)
    order = rank(observation, preferred)
    return Reading(at, order, result, where, observation, part, _reported(told))


def _converted(analyte: Analyte, told: Amount | None) -> Amount | str:
    """*told* in the analyte's own unit; in words, why it cannot be."""
    if told is None:
        return NO_VALUE
    conversion = conversion_of(analyte, told)
    if conversion is None:
        return "the unit is not one that we know for it"
    value = conversion.of(told.value)
    if not conversion.plausible(value):
        return "the value is not plausible"
    return Amount(value, told.comparator, analyte.unit)


def conversion_of(analyte: Analyte, told: Amount) -> Conversion | None:
    """How to convert; None for an unknown unit, and for two names that mean different units."""
    conversion = analyte.units.get(told.unit)
    other = analyte.units.get(told.other_unit) if told.other_unit else conversion
    return conversion if other is None or other == conversion else None


def _reported(told: Amount | None) -> str:
    if told is None:
        return ""
    return amount_shown(told.value, told.unit, told.comparator)


def is_spoiled(observation: Resource, part: Resource, by: tuple[str, ...]) -> bool:
    """Whether a comment says that the specimen was spoiled in one of the ways *by* (word stems).

    `not haemolysed` does not.
    """
    if not by:
        return False
    said = [as_text(note, "text") for note in as_list(observation, "note")]
    said.append(as_text(as_dict(observation, "specimen"), "display"))
    for each in (observation, part):
        said += [text for told in as_list(each, "interpretation") for text in texts(told)]
    stems = "|".join(map(re.escape, by))
    ways = re.compile(rf"(?<!\bno )(?<!\bnot )(?<!\bnon-)(?<!\bnon )\b(?:{stems})", re.IGNORECASE)
    return any(ways.search(text) for text in said)
