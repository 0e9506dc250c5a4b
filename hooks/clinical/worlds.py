"""From results to the calls that they leave possible, source by source.

A source is a set of possible readings that hold together: our table's reading of the alleles, a
laboratory's own phenotype.
"""

from collections.abc import Iterable

from hooks.clinical.facts import AlleleStatus, GeneResult, Missing, PatientFacts, Why
from hooks.clinical.genes import INDETERMINATE, NO_RESULT, Calls, Gene, GeneCall
from hooks.clinical.guidelines import Guideline

Sources = tuple[tuple[GeneCall, ...], ...]  # each source's possible calls


def read(
    guideline: Guideline, gene: Gene, result: GeneResult | Missing, facts: PatientFacts
) -> Sources | Missing:
    """The possible calls of *gene*, one tuple a source of knowledge."""
    if isinstance(result, Missing):
        return result
    if gene.method == "hla":
        return _statuses(gene.symbol, guideline.alleles[gene.symbol], result, gene)
    told = _called(gene, result, facts)
    own = frozenset[GeneCall]() if isinstance(told, Missing) else told
    tested = frozenset().union(*(gene.decided(status) for status in result.statuses))
    stated = (own, tested, *_reported(gene, result, own | tested))
    sources = tuple(in_order(calls) for calls in stated if calls)
    if isinstance(told, Missing) and result.candidates:
        return (*sources, (GeneCall(gene.symbol, INDETERMINATE),)) if sources else told
    return sources or Missing(gene.symbol, Why.UNREADABLE, "no alleles and no phenotype")


def _reported(
    gene: Gene, result: GeneResult, own: frozenset[GeneCall]
) -> tuple[frozenset[GeneCall], frozenset[GeneCall]]:
    """What the laboratories concluded otherwise than our table: by score, and by phenotype."""
    told = {call.score for call in own}
    by_score = frozenset(
        call
        for reported in result.reported
        for call in gene.reported_score(reported)
        if call.score not in told
    )
    known = {call.phenotype for call in own | by_score}
    by_phenotype = frozenset(
        call
        for reported in result.reported
        if reported.phenotype not in known
        for call in gene.reported_phenotype(reported)
    )
    return by_score, by_phenotype


def _called(gene: Gene, result: GeneResult, facts: PatientFacts) -> Calls:
    """The calls of all candidates; one that cannot be read makes the whole unreadable."""
    read = [gene.calls(candidate, facts.sex) for candidate in sorted(result.candidates, key=str)]
    gap = next((told for told in read if isinstance(told, Missing)), None)
    if gap is not None or not read:
        return gap or Missing(gene.symbol, Why.NOT_RECORDED, "no alleles are reported")
    return frozenset().union(*(told for told in read if not isinstance(told, Missing)))


def _statuses(symbol: str, allele: str, result: GeneResult, gene: Gene) -> Sources | Missing:
    """Whether *allele* is carried: tests for it, and every typing that is fine enough."""
    tested = [
        GeneCall(symbol, str(status)) for status in result.statuses if status.allele == allele
    ]
    typed = {candidate: gene.status(candidate, allele) for candidate in result.candidates}
    told = [
        GeneCall(symbol, str(status), str(candidate))
        for candidate, status in typed.items()
        if isinstance(status, AlleleStatus)
    ]
    unclear = [status for status in typed.values() if isinstance(status, Missing)]
    if unclear and not tested:
        return Missing(symbol, Why.UNREADABLE, unclear[0].detail)
    if not tested and not told:
        return Missing(symbol, Why.NOT_RECORDED, f"no test tells {symbol}{allele}")
    return (in_order({*tested, *told}),)


def with_gap(
    gene: Gene, reading: Sources | Missing, result: GeneResult | Missing, facts: PatientFacts
) -> Sources:
    """A gene without a reading stands as CPIC's `No Result` beside the others.

    Where some of its candidates can be read, each of them stays possible as well.
    """
    if not isinstance(reading, Missing):
        return reading
    calls = {GeneCall(gene.symbol, NO_RESULT)}
    if isinstance(result, GeneResult) and gene.method != "hla":
        for candidate in result.candidates:
            told = gene.calls(candidate, facts.sex)
            calls |= frozenset() if isinstance(told, Missing) else told
    return (in_order(calls),)


def flat(source: Sources) -> tuple[GeneCall, ...]:
    """All calls of *source*."""
    return tuple(call for calls in source for call in calls)


def in_order(calls: Iterable[GeneCall]) -> tuple[GeneCall, ...]:
    """*calls* in one order always."""
    return tuple(sorted(calls, key=lambda call: (call.diplotype, call.phenotype, str(call.score))))
