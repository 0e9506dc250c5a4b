"""What all results of a marker say together: a positive wins, or the latest one does."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from hooks.clinical.elements import Known
from hooks.clinical.facts import Evidence, Missing, Why
from hooks.clinical.logic import Truth
from hooks.clinical.markers import LONGEST, UNRANKED, Bearing, Marker

POSITION = re.compile(r"\b([cpg])\.[^\d\s]{0,5}(\d{1,9})")
MOST = 3  # results that a card tells of one marker
BOTH_COPIES = "two different changes of one report are taken to lie on both copies of the gene"


def positive_wins(
    marker: Marker, found: Sequence[Bearing], gap: Missing | None = None
) -> Known | Missing:
    """What *found* says of *marker* where any positive wins over negatives.

    *gap* says that there may be more results than *found*: then a positive holds, nothing else. A
    result that leaves it open counts if it is not older than every negative.
    """
    positive = [each for each in found if each.truth is Truth.YES] or _two_copies(found)
    if positive:
        note = "" if positive[0].truth is Truth.YES else BOTH_COPIES
        return known(Truth.YES, positive, note)
    if gap is not None:
        return gap
    negative = [each for each in found if each.truth is Truth.NO]
    doubts = [each for each in found if each.truth is Truth.UNKNOWN and each.counts]
    newer = [doubt for doubt in doubts if not _older(doubt, negative)]
    if newer:
        return unreadable(marker, newer)
    missing = _not_ruled_out(marker, negative)
    if negative and not missing:
        return known(Truth.NO, negative)
    if unclear := [each for each in found if each.truth is Truth.UNKNOWN]:
        return unreadable(marker, unclear)
    tested = f"no result of {', '.join(missing)}" if negative else ""
    return Missing(marker.name, Why.NOT_RECORDED, tested)


def latest(marker: Marker, found: Sequence[Bearing], gap: Missing | None = None) -> Known | Missing:
    """What the latest of *found* says of *marker*; with a *gap* nobody knows which that is."""
    if gap is not None:
        return gap
    newest = newest_of(marker, found)
    if isinstance(newest, Missing):
        return newest
    if len({each.truth for each in newest}) > 1:
        return Missing(marker.name, Why.CONFLICTING, "results of one moment differ")
    if newest[0].truth is Truth.UNKNOWN:
        return unreadable(marker, newest)
    return known(newest[0].truth, newest)


def newest_of(marker: Marker, found: Sequence[Bearing]) -> list[Bearing] | Missing:
    """The newest of *found* that count; several where they are of one moment and rank."""
    counted = [each for each in found if each.counts]
    if not counted:
        return unreadable(marker, found) if found else Missing(marker.name, Why.NOT_RECORDED)
    if any(each.at is None for each in counted):
        if len({(each.truth, each.told) for each in counted}) > 1:
            return Missing(marker.name, Why.CONFLICTING, "results differ, and one has no date")
        return counted
    last = max(_moment(each) for each in counted)
    return [each for each in counted if _moment(each) == last]


def known(truth: Truth, found: Iterable[Bearing], note: str = "") -> Known:
    """*truth*, as the results *found* tell it, the newest first."""
    listed = sorted(found, key=lambda each: each.evidence.on or date.min, reverse=True)
    told = list(dict.fromkeys(each.told for each in listed))
    more = f"; {len(told) - MOST} more" if len(told) > MOST else ""
    notes = dict.fromkeys(filter(None, (note, *(each.note for each in listed))))
    return Known(truth, "; ".join(told[:MOST]) + more, _evidence(listed), "; ".join(notes))


def unreadable(marker: Marker, found: Sequence[Bearing]) -> Missing:
    """That *marker* is not known, and what the first of *found* lacks."""
    return Missing(marker.name, Why.UNREADABLE, f"{found[0].told}: {found[0].why}")


def _moment(each: Bearing) -> tuple[datetime, tuple[int, int, datetime]]:
    return each.at or UNRANKED[-1], each.rank


def _evidence(found: Iterable[Bearing]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(each.evidence for each in found))


def _older(doubt: Bearing, negative: Iterable[Bearing]) -> bool:
    """Whether a later negative result settles *doubt*."""
    at = doubt.at
    return at is not None and any(each.at is not None and each.at > at for each in negative)


def _not_ruled_out(marker: Marker, negative: Iterable[Bearing]) -> tuple[str, ...]:
    """The genes that are left to be tested before *marker* is known to be absent."""
    listed = list(negative)
    if any(not each.genes for each in listed):
        return ()
    without = {gene for each in listed for gene in each.genes}
    if marker.negative_in == "one" and without:
        return ()
    return tuple(gene for gene in marker.genes if gene not in without)


def _two_copies(found: Iterable[Bearing]) -> list[Bearing]:
    """Those that tell of two different changed copies, in one report; else none.

    Changes are told apart by their position. Reports of different days may number the same change
    by different transcripts.
    """
    reports: dict[tuple[date | None, str], list[Bearing]] = {}
    for each in found:
        if each.copy:
            reports.setdefault((each.evidence.on, each.evidence.performer), []).append(each)
    for (day, _), listed in reports.items():
        first = listed[0]
        others = [each for each in listed if _apart(first.copy, each.copy)]
        if day is not None and others:
            return [first, *others]
    return []


def _apart(first: str, second: str) -> bool:
    """Whether two changes, told in the same way, lie at different positions."""
    one, two = (dict(POSITION.findall(change[:LONGEST])) for change in (first, second))
    shared = one.keys() & two.keys()
    return any(one[kind] != two[kind] for kind in shared)
