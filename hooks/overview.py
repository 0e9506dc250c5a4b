"""The one card of an opened chart: a line for each medication that a result speaks against."""

from collections.abc import Iterable, Mapping

from hooks.card_text import LONGEST_SUMMARY, briefly, summary
from hooks.cards import Card, Link, card_for, ranked
from hooks.clinical.findings import Finding
from hooks.extension import finding_json
from hooks.knowledge import Knowledge, Source
from hooks.markdown import escaped
from hooks.suggestions import Situation


def overview(
    findings: Iterable[Finding], situations: Mapping[str, Situation], knowledge: Knowledge
) -> list[Card]:
    """One card over all *findings* that show anything, the most severe first; none if none does.

    A single finding gets its own card, which says more.
    """
    shown = ranked([finding for finding in findings if finding.indicator])
    if not shown:
        return []
    if len(shown) == 1:
        return [card_for(shown, situations[shown[0].order.reference], knowledge)]
    return [_summed_up(shown, knowledge)]


def _summed_up(shown: list[Finding], knowledge: Knowledge) -> Card:
    drugs = list(dict.fromkeys(finding.drug for finding in shown))
    sources = {f.rule.source: knowledge.sources[f.rule.source] for f in shown}
    return Card(
        summary=_headline(drugs),
        indicator=shown[0].indicator,
        detail="\n".join(_line(finding, knowledge) for finding in shown),
        source=Link(_label(sources.values()), ""),
        links=tuple(
            Link(f"Read: {source.title}", source.url) for source in sources.values() if source.url
        ),
        override_reasons=knowledge.override_reasons,
        findings=tuple(finding_json(finding, knowledge) for finding in shown),
        about=tuple(shown),
    )


def _headline(drugs: list[str]) -> str:
    """How many medications, and which, as far as there is room."""
    count = f"{len(drugs)} active medications" if len(drugs) > 1 else "1 active medication"
    said = f"Genetic results matter for {count}: {', '.join(drugs)}"
    return said if len(said) <= LONGEST_SUMMARY else said.partition(":")[0]


def _line(finding: Finding, knowledge: Knowledge) -> str:
    """What a prescriber should know of one order: the drug, its order, why, what to do, source."""
    started = f", since {finding.order.started.isoformat()}" if finding.order.started else ""
    order = f"{escaped(finding.order.reference)}{started}"
    source = knowledge.sources[finding.rule.source]
    pmid = f", PMID {source.pmid}" if source.pmid else ""
    return (
        f"- **{escaped(finding.drug)}** ({order}): {escaped(summary(finding, knowledge))}. "
        f"{briefly(finding, knowledge)} *{source.label}{pmid}*"
    )


def _label(sources: Iterable[Source]) -> str:
    return "; ".join(dict.fromkeys(source.label for source in sources))
