"""Marker results sorted once: variants by gene, other results by the words of their codes.

One glance an Observation, however many there are; who it is about, and what it says, is looked at
only for what is asked after.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hooks.clinical.codes import Code, ReportTables
from hooks.clinical.facts import Missing
from hooks.reading.charts import PatientChart
from hooks.reading.elements.marker_variants import CHANGES, symbols
from hooks.reading.plain import plain
from hooks.reading.resources import (
    Resource,
    as_dict,
    as_list,
    as_text,
    entries,
    filed_under,
    is_of_patient,
    texts,
)
from hooks.reading.variants import words_in

KEY = "markers"
LOOKED_AT = frozenset({"gene", *CHANGES})
JOINED = re.compile(r"[-:]{1,2}\s?[A-Z]|usion|USION|earr|EARR|ransloc|RANSLOC")


@dataclass(frozen=True, slots=True)
class MarkerIndex:
    """The Observations of an answer, whoever they are about.

    *genes*: our gene -> the variants that may be of it; *words*: the bare code of a test -> its
    results; *others*: all that are no variants.
    """

    genes: dict[str, list[Resource]] = field(default_factory=dict)
    words: dict[str, list[Resource]] = field(default_factory=dict)
    others: list[Resource] = field(default_factory=list)


def variants_of(chart: PatientChart, gene: str) -> Iterator[Resource]:
    """The patient's variant results that may be of *gene*."""
    return _own(chart, _index(chart).genes.get(gene, []))


def results_of(chart: PatientChart, code: Code) -> Iterator[tuple[Resource, Resource]]:
    """The patient's results filed under *code*: the Observation, and the part of it that is."""
    for observation in _own(chart, _index(chart).words.get(code[1], [])):
        for part in (observation, *as_list(observation, "component")):
            if code in filed_under(part):
                yield observation, part


def others_of(chart: PatientChart) -> Iterator[Resource]:
    """The patient's results that are no variants."""
    return _own(chart, _index(chart).others)


def _own(chart: PatientChart, listed: list[Resource]) -> Iterator[Resource]:
    source = chart.source(KEY)
    return (each for each in listed if is_of_patient(each, chart.patient_id, source))


def _index(chart: PatientChart) -> MarkerIndex:
    return chart.once(MarkerIndex, lambda: _sorted(chart))


def _sorted(chart: PatientChart) -> MarkerIndex:
    answer, found, markers = chart.answer(KEY), MarkerIndex(), chart.tables.markers
    if isinstance(answer, Missing):
        return found
    variants = {word for _, word in markers.variant_codes}
    told = {
        word: code.holds
        for (_, word), code in markers.tables.codes.items()
        if code.holds in LOOKED_AT
    }
    for observation in entries(answer.resource, "Observation"):
        words = _words(observation)
        if variants.isdisjoint(words):
            _file(observation, words, found)
            continue
        for gene in _genes(observation, told, markers.tables):
            found.genes.setdefault(gene, []).append(observation)
    return found


def _file(observation: Resource, words: Iterable[str], found: MarkerIndex) -> None:
    found.others.append(observation)
    parts = as_list(observation, "component")
    for word in dict.fromkeys((*words, *(word for part in parts for word in _words(part)))):
        found.words.setdefault(word, []).append(observation)


def _words(part: object) -> list[str]:
    """The bare codes of *part*, without a look at their systems."""
    codings = as_list(as_dict(part, "code"), "coding")
    return [as_text(coding, "code").strip() for coding in codings]


def _genes(observation: Resource, told: Mapping[str, str], tables: ReportTables) -> set[str]:
    """Our genes that a glance finds; `genes_of` looks closer."""
    genes: set[str] = set()
    changes = words_in(observation)
    named = False
    for part in as_list(observation, "component"):
        holds = _holds(part, told)
        if holds == "gene":
            named = True
            genes.update(tables.gene_codes.get(w.casefold(), "") for w in words_in(part))
        elif holds:
            changes += words_in(part)
    if named:
        changes = tuple(word for word in changes if JOINED.search(word))
    else:
        changes += tuple(texts(as_dict(observation, "code")))
    return genes.union(*(symbols(plain(word), tables) for word in changes)) - {""}


def _holds(part: object, told: Mapping[str, str]) -> str:
    """What *part* holds by its first code that we look at: a plain shape is read the short way."""
    concept = part.get("code") if type(part) is dict else None
    codings = concept.get("coding") if type(concept) is dict else None
    if type(codings) is list and len(codings) == 1 and type(codings[0]) is dict:
        word = codings[0].get("code")
        return told.get(word, "") if type(word) is str else ""
    return next((told[word] for word in _words(part) if word in told), "")
