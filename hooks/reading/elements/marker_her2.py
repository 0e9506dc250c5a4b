"""HER2 as tests tell it: the score of a stain, and in situ hybridisation."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hooks.clinical.elements import Known
from hooks.clinical.facts import Evidence, Missing, Why
from hooks.clinical.her2 import Her2, Stain, her2, one_grade
from hooks.clinical.logic import Truth
from hooks.clinical.markers import Marker
from hooks.reading.charts import PatientChart
from hooks.reading.elements.marker_index import KEY
from hooks.reading.elements.marker_tests import NOT_FINAL, coded_answer, results
from hooks.reading.elements.marker_variants import Scope, answers, scope, values
from hooks.reading.resources import Resource, as_dict
from hooks.reading.said import agreed, in_order, said

SCORE = re.compile(
    r"(?<![\d.])([0-3])\s?\+|\b(?:score|grade|ihc)\W{0,3}([0-3])(?![\d.,%+])|\A\W*([0-3])\W*\Z"
    r"|\A\W*(?:negative\W+([0-3])|([0-3])\W+negative)\W*\Z",
    re.IGNORECASE,
)
GRADES = {Truth.YES: "positive", Truth.NO: "negative", Truth.UNKNOWN: "equivocal"}
CONTRARY = {"3+": Truth.NO, "1+": Truth.YES, "0": Truth.YES}
ASKED = {
    "her2-positive": lambda status: status.positive,
    "her2-low": lambda status: status.low,
    "her2-negative": lambda status: ~status.positive,
}


@dataclass(frozen=True, slots=True)
class Graded:
    """A result of one method, and the grade that it gives."""

    where: Scope
    grade: str


def her2_element(chart: PatientChart, marker: Marker) -> Known | Missing:
    """Whether HER2 is positive, low or not positive, as *marker* asks: by the latest results."""
    gap = chart.gap(KEY, marker.name)
    if gap is not None:
        return gap
    graded = {part: list(_graded(chart, part)) for part in marker.parts}
    newest = {part: _newest(found) for part, found in graded.items()}
    if not any(newest.values()):
        waiting = any(graded.values())
        why = Why.UNREADABLE if waiting else Why.NOT_RECORDED
        return Missing(marker.name, why, NOT_FINAL if waiting else "")
    stains = {part: _stain(found) for part, found in newest.items()}
    told = ", ".join(
        f"{part.rpartition('_')[2]} {stain.grade}" for part, stain in stains.items() if stain
    )
    used = tuple(dict.fromkeys(each.where.evidence for found in newest.values() for each in found))
    return _answer(marker, her2(*stains.values()), told, used)


def _answer(marker: Marker, status: Her2, told: str, used: tuple[Evidence, ...]) -> Known | Missing:
    truth = ASKED[marker.method](status)
    if truth is Truth.UNKNOWN:
        return Missing(marker.name, Why.UNREADABLE, f"{told}: {status.why}")
    return Known(truth, told, used)


def _stain(found: Sequence[Graded]) -> Stain | None:
    if not found:
        return None
    return Stain(one_grade(each.grade for each in found), found[0].where.evidence.on)


def _newest(found: Sequence[Graded]) -> list[Graded]:
    """The newest final results; all of them where one has no date."""
    final = [each for each in found if each.where.final]
    times = [each.where.at for each in final if each.where.at is not None]
    if len(times) < len(final) or not times:
        return final
    return [each for each in final if each.where.at == max(times)]


def _graded(chart: PatientChart, part: str) -> Iterator[Graded]:
    for filed in results(chart, part):
        where = scope(filed.observation, chart.source(KEY), chart.now)
        if where is not None:
            yield Graded(where, _grade(chart, filed.part))


def _grade(chart: PatientChart, part: Resource) -> str:
    """The score, else what codes and words say; `unclear` where they do not go together."""
    tables = chart.tables.markers.tables
    if "dataAbsentReason" in part:
        return "unclear"
    told = (*values(part, tables), *_number(part))
    coded = coded_answer(part, answers(part, tables))
    scores = {score for text in told for score in _scores(text)}
    if len(scores) == 1:
        score = scores.pop()
        return "unclear" if coded is not None and CONTRARY.get(score) is coded else score
    truth = in_order(coded, agreed(said(text) for text in told))
    return "unclear" if scores or truth is None else GRADES[truth]


def _scores(text: str) -> Iterator[str]:
    for match in SCORE.finditer(text[:200]):
        digit = next(filter(None, match.groups()))
        yield digit if digit == "0" else f"{digit}+"


def _number(part: Resource) -> tuple[str, ...]:
    """A score that is a number: 0 to 3, and nothing else."""
    number = part.get("valueInteger", as_dict(part, "valueQuantity").get("value"))
    if isinstance(number, bool) or not isinstance(number, int | float) or number not in range(4):
        return ()
    return (str(int(number)),)
