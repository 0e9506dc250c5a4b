"""The cards of an opened chart: what genes say of the medications, what is due, what is found."""

from collections.abc import Iterable, Iterator, Mapping

from hooks.card_text import LONGEST_SUMMARY, briefly, summary
from hooks.cards import Card, Link, card_for, failed_card, ranked, rest_card, room
from hooks.clinical.biomarkers import BiomarkerRule, is_failed
from hooks.clinical.facts import Missing, Why
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import INDICATORS
from hooks.clinical.logic import Truth
from hooks.extension import finding_json
from hooks.knowledge import Knowledge, Source
from hooks.markdown import escaped
from hooks.suggestions import MOST, ORDER_TEST, Situation, suggestions
from hooks.together import together


def overview(
    findings: Iterable[Finding],
    situations: Mapping[str, Situation],
    knowledge: Knowledge,
    lost: Iterable[Missing] = (),
) -> list[Card]:
    """The cards of all *findings* that show anything, the most severe first; none if none does.

    One card over all that genes say of the medications, one over the monitoring that is due. A
    single finding of these gets its own card, which says more. One card tells what could not be
    fetched, of the chart or, as *lost* says, of the medications. What is beyond the most cards of
    a call is one line each on the last.
    """
    cards = sorted(
        _cards(findings, situations, knowledge, lost),
        key=lambda card: -INDICATORS.index(card.indicator),
    )
    place = room(cards, knowledge)
    beyond = [(card.summary, card.about) for card in cards[place:]]
    return [*cards[:place], rest_card(beyond, knowledge)] if beyond else cards


def _cards(
    findings: Iterable[Finding],
    situations: Mapping[str, Situation],
    knowledge: Knowledge,
    lost: Iterable[Missing],
) -> Iterator[Card]:
    """Every card, those that sum several findings up before what is found on the chart itself."""
    shown = ranked([finding for finding in findings if finding.indicator])
    genes = [finding for finding in shown if not isinstance(finding.rule, BiomarkerRule)]
    ours = [finding for finding in shown if isinstance(finding.rule, BiomarkerRule)]
    failed = [finding for finding in ours if is_failed(finding)]
    due = [finding for finding in ours if finding.drug and not is_failed(finding)]
    found = [finding for finding in ours if not finding.drug and not is_failed(finding)]
    gone = [gap for gap in lost if gap.why is Why.NOT_FETCHED]
    for group, summed_up in ((genes, _summed_up), (due, _due)):
        if len(group) == 1:
            yield card_for(group, situations[group[0].order.reference], knowledge)
        elif group:
            yield summed_up(group, situations, knowledge)
    if failed or gone:
        yield failed_card(failed, knowledge, gone)
    for group in together(found):
        yield card_for(group, situations[group[0].order.reference], knowledge)


def is_due(finding: Finding) -> bool:
    """Whether *finding* says that a result which its drug needs is too old, or was never made."""
    gaps = {gap.why for gap in finding.missing}
    unknown = finding.outcome.applies is Truth.UNKNOWN
    return watches(finding) and unknown and bool(gaps) and gaps <= {Why.NOT_RECORDED, Why.OUTDATED}


def watches(finding: Finding) -> bool:
    """Whether the rule of *finding* asks for the results that it needs."""
    rule = finding.rule
    return isinstance(rule, BiomarkerRule) and rule.missing in {"order", "block"}


def _due(due: list[Finding], situations: Mapping[str, Situation], knowledge: Knowledge) -> Card:
    """One card on the monitoring that is due, with the tests to order."""
    drugs = ", ".join(dict.fromkeys(finding.drug for finding in due))
    said = f"Monitoring is due for: {drugs}"
    each_once = {
        each.label: each
        for finding in due
        for each in suggestions(finding, situations[finding.order.reference], knowledge)
    }
    offered = tuple(each_once.values())
    rest = "; ".join(escaped(each.label.removeprefix(ORDER_TEST)) for each in offered[MOST:])
    lines = "\n".join(_due_line(finding, knowledge) for finding in due)
    cites = dict.fromkeys(f.rule.cites for f in due if isinstance(f.rule, BiomarkerRule))
    return Card(
        summary=said
        if len(said) <= LONGEST_SUMMARY
        else "Monitoring is due for several medications",
        indicator=due[0].indicator,
        detail=f"{lines}\n\n**Also due, to be ordered by hand:** {rest}" if rest else lines,
        source=Link("; ".join(cites), ""),
        suggestions=offered[:MOST],
        override_reasons=knowledge.override_reasons,
        findings=tuple(finding_json(finding, knowledge) for finding in due),
        about=tuple(due),
    )


def _due_line(finding: Finding, knowledge: Knowledge) -> str:
    started = f", since {finding.order.started.isoformat()}" if finding.order.started else ""
    order = f"{escaped(finding.order.reference)}{started}"
    said = f"{escaped(summary(finding, knowledge))}. {briefly(finding, knowledge)}"
    return f"- **{escaped(finding.drug)}** ({order}): {said}"


def _summed_up(
    shown: list[Finding], _situations: Mapping[str, Situation], knowledge: Knowledge
) -> Card:
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
