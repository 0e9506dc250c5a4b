"""Tests for one marker: stains, in situ hybridisation, single genes, in codes or words.

The rule catalogue's order: coded answers and interpretation, then words.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from hooks.clinical.logic import Truth
from hooks.clinical.markers import LONGEST, Bearing, Marker, MarkerTest
from hooks.reading.charts import PatientChart
from hooks.reading.elements.marker_index import KEY, others_of, results_of
from hooks.reading.elements.marker_variants import answers, scope, values
from hooks.reading.resources import Resource, as_dict, texts
from hooks.reading.said import agreed, answered, in_order, said, sentences

CHANGE = re.compile(r"\b[pc]\.\S|\b[A-Z][a-z]{0,2}\d{2,4}(?:[A-Z*]|\b)")
NOT_PLAIN = "does not say plainly what was found"
NOT_FINAL = "no result on file is final"
PART = "a negative result of this test alone leaves it open"


@dataclass(frozen=True, slots=True)
class Filed:
    """A result of a test: the Observation, the part of it with the value, and the test."""

    observation: Resource
    part: Resource
    test: MarkerTest | None = None


def test_bearings(chart: PatientChart, marker: Marker) -> Iterator[Bearing]:
    """What single tests say of *marker*: those under its codes, and those that are named so."""
    for filed in results(chart, marker.name, marker.code_text):
        if (found := _bearing(chart, marker, filed)) is not None:
            yield found


def results(
    chart: PatientChart, name: str, code_text: re.Pattern[str] | None = None
) -> Iterator[Filed]:
    """The results of the tests of *name*, and those whose name has *code_text* in it."""
    seen: set[int] = set()
    for test in chart.tables.markers.tests_of(name):
        for observation, part in results_of(chart, test.code):
            if id(part) not in seen:
                seen |= {id(part), id(observation)}
                yield Filed(observation, part, test)
    if code_text is not None:
        for observation in others_of(chart):
            words = texts(as_dict(observation, "code"))
            named = any(code_text.search(word[:LONGEST]) for word in words)
            if named and id(observation) not in seen:
                yield Filed(observation, observation)


def _bearing(chart: PatientChart, marker: Marker, filed: Filed) -> Bearing | None:
    """What *filed* says of *marker*; None if it is withdrawn, or tells of another change alone."""
    where = scope(filed.observation, chart.source(KEY), chart.now)
    if where is None:
        return None
    tables = chart.tables.markers.tables
    told = values(filed.part, tables)
    own = list(_own(marker, told))
    coded = coded_answer(filed.part, answers(filed.part, tables))
    if told and not own and coded is None:
        return None
    truth = in_order(coded, _by_words(marker, own))
    if "dataAbsentReason" in filed.part or truth is None:
        truth = Truth.UNKNOWN
    shown = next((word.strip()[:80] for word in told), SHOWN[truth])
    found = Bearing(truth, shown, where.evidence, where.at, why=NOT_PLAIN, rank=where.rank)
    if not where.final:
        return replace(found, truth=Truth.UNKNOWN, counts=False, why=NOT_FINAL)
    if truth is Truth.NO and filed.test is not None and filed.test.part:
        return replace(found, truth=Truth.UNKNOWN, counts=False, why=PART)
    return found


SHOWN = {Truth.YES: "positive", Truth.NO: "negative", Truth.UNKNOWN: "not clear"}


def coded_answer(part: Resource, coded: Iterable[str]) -> Truth | None:
    """What a coded or Boolean value says."""
    value = part.get("valueBoolean")
    if isinstance(value, bool):
        return Truth.YES if value else Truth.NO
    return answered(coded)


def _own(marker: Marker, told: Iterable[str]) -> Iterator[str]:
    """The sentences that tell of *marker*: not of another change, nor the lack of a part of it."""
    for sentence in (part for text in told for part in sentences(text)):
        if marker.pattern is None or not CHANGE.search(sentence):
            yield sentence
        elif said(sentence) is Truth.NO:
            if marker.ruled_out is not None and marker.ruled_out.search(sentence[:LONGEST]):
                yield sentence
        elif marker.pattern.search(sentence[:LONGEST]):
            yield sentence


def _by_words(marker: Marker, own: Iterable[str]) -> Truth | None:
    """What sentences say; one that does no more than name a change says that it was found."""
    found = [_says(marker, sentence) for sentence in own]
    return Truth.YES if Truth.YES in found else agreed(found)


def _says(marker: Marker, sentence: str) -> Truth | None:
    told = said(sentence, marker.positive, marker.negative)
    named = marker.genes and CHANGE.search(sentence)
    return Truth.YES if told is None and named else told
