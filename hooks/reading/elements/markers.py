"""Tumour and germline markers: whether one is there, by variants, single tests and words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Missing, Why
from hooks.clinical.logic import Truth, any_of
from hooks.clinical.marker_verdicts import latest, positive_wins
from hooks.clinical.markers import Bearing, Marker, Variant, bearing, interpretable
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.elements.marker_her2 import her2_element
from hooks.reading.elements.marker_index import KEY, variants_of
from hooks.reading.elements.marker_tests import test_bearings
from hooks.reading.elements.marker_variants import variants
from hooks.reading.resources import Resource
from hooks.reading.whose import focus_of, not_of_patient, specimen_of

WORDS = {True: "positive", False: "negative"}
PERSONS = ("Patient/", "RelatedPerson/", "Group/", "?")
ANOTHER = "another variant is on file, which says nothing about this one"
UNUSABLE = "a result is on file that cannot be used"


def marker(chart: PatientChart, name: str) -> Known | Missing:
    """Whether the marker *name* is there: YES, NO, or why it is not known."""
    asked = chart.tables.markers.named.get(name)
    if asked is None:
        return Missing(name, Why.UNREADABLE, "no table has this name")
    return METHODS[asked.method](chart, asked)


def _by_results(chart: PatientChart, asked: Marker) -> Known | Missing:
    gap = chart.gap(KEY, asked.name)
    found = list(_bearings(chart, asked))
    told = positive_wins(asked, found, gap)
    if not found and isinstance(told, Missing) and told.why is Why.NOT_RECORDED:
        others = next(_variants_for(chart, asked), None)
        return replace(told, detail=ANOTHER) if others is not None else told
    return told


def _by_latest(chart: PatientChart, asked: Marker) -> Known | Missing:
    return latest(asked, list(_bearings(chart, asked)), chart.gap(KEY, asked.name))


def _either(chart: PatientChart, asked: Marker) -> Known | Missing:
    """Whether one of the parts of *asked* is there."""
    told = {part: marker(chart, part) for part in asked.parts}
    parts = {part: each for part, each in told.items() if isinstance(each, Known)}
    truths = {part: each.value for part, each in parts.items()}
    gaps = [each for each in told.values() if isinstance(each, Missing)]
    plain = [each for each in truths.values() if isinstance(each, Truth)]
    truth = any_of([*plain, *(Truth.UNKNOWN for _ in gaps)])
    if truth is Truth.UNKNOWN:
        return replace(gaps[0], what=asked.name)
    shown = ", ".join(f"{part} {WORDS[each is Truth.YES]}" for part, each in truths.items())
    used = tuple(dict.fromkeys(where for each in parts.values() for where in each.evidence))
    return Known(truth, shown, used)


METHODS: Mapping[str, Callable[[PatientChart, Marker], Known | Missing]] = {
    "positive-wins": _by_results,
    "latest": _by_latest,
    "either": _either,
    "her2-positive": her2_element,
    "her2-low": her2_element,
    "her2-negative": her2_element,
}


def known_result(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether there is any result that can be read of the markers that *term* is read from."""
    named = chart.tables.markers.named
    wanted = [named[name] for name in chart.tables.elements[term.name].reads if name in named]
    found = [each for one in wanted for each in _variants_for(chart, one)]
    usable = [each for each in found if any(interpretable(one, each) for one in wanted)]
    if usable:
        told = "; ".join(dict.fromkeys(each.told for each in usable[:3]))
        return Known(Truth.YES, told, tuple(dict.fromkeys(each.evidence for each in usable)))
    gap = chart.gap(KEY, term.name)
    if gap is not None:
        return gap
    return Known(Truth.NO, note=UNUSABLE if found else "")


def _bearings(chart: PatientChart, asked: Marker) -> Iterator[Bearing]:
    """What every result says of *asked*, as far as it says anything."""
    for variant in _variants_for(chart, asked):
        if (found := bearing(asked, variant)) is not None:
            yield found
    yield from test_bearings(chart, asked)


def _variants_for(chart: PatientChart, asked: Marker) -> Iterator[Variant]:
    """The variants of the genes of *asked*, each result once."""
    listed = {id(each): each for gene in asked.genes for each in variants_of(chart, gene)}
    tables, source = chart.tables.markers.tables, chart.source(KEY)
    for observation in listed.values():
        if _is_own(observation, chart.patient_id):
            yield from variants(observation, tables, source, chart.now)


def _is_own(observation: Resource, patient_id: str) -> bool:
    """Whether a result is of the patient; a focus may be a specimen or a tumour of the patient."""
    focus = tuple(each for each in focus_of(observation) if each.startswith(PERSONS))
    return not not_of_patient(focus, specimen_of(observation), patient_id)


READERS: dict[str, Reader] = dict.fromkeys(("known_brca", "known_mmr", "known_pizz"), known_result)
