"""CDS Hooks cards, and how findings become them: merged, ranked, with suggestions."""

from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any

from hooks.card_text import LONGEST_SUMMARY, detail, labelled, summary, unfetched
from hooks.clinical.biomarkers import BiomarkerRule, is_failed
from hooks.clinical.codes import Coding
from hooks.clinical.facts import Missing, Why
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import INDICATORS
from hooks.extension import finding_json
from hooks.knowledge import Knowledge
from hooks.markdown import escaped
from hooks.suggestions import Situation, Suggestion, but_doses, fresh_uuid, suggestions
from hooks.together import cannot_tell, changes_dose, rank, stops, subject, together, uses


@dataclass(frozen=True, slots=True)
class Link:
    """Where to read on; always an absolute https URL."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """One card: what a prescriber sees, and the findings behind it as its extension.

    *about*: the same findings as values.
    """

    summary: str
    indicator: str
    detail: str
    source: Link
    suggestions: tuple[Suggestion, ...] = ()
    links: tuple[Link, ...] = ()
    override_reasons: tuple[Coding, ...] = ()
    findings: tuple[dict[str, Any], ...] = ()
    uuid: str = field(default_factory=fresh_uuid)
    about: tuple[Finding, ...] = field(default=(), repr=False, compare=False)


def cards_for(
    findings: Iterable[Finding], situations: Mapping[str, Situation], knowledge: Knowledge
) -> list[Card]:
    """The cards of *findings*, the most severe first; silent findings make none.

    *situations* are by order reference. What is beyond the most cards of a call is one line each.
    """
    groups = together(finding for finding in findings if finding.indicator)
    place = room(groups, knowledge)
    shown, rest = groups[:place], groups[place:]
    cards = [card_for(group, situations[group[0].order.reference], knowledge) for group in shown]
    beyond = [(summary(group[0], knowledge), group) for group in rest]
    return [*cards, rest_card(beyond, knowledge)] if rest else cards


def room(wanted: Sized, knowledge: Knowledge) -> int:
    """How many of the cards *wanted* a call shows whole; what is beyond shares one more."""
    most = knowledge.most_cards or len(wanted)
    return most - 1 if len(wanted) > most else len(wanted)


def rest_card(rest: Sequence[tuple[str, Iterable[Finding]]], knowledge: Knowledge) -> Card:
    """The one card for what is beyond a call's most cards: how many more, and a line for each.

    *rest* are the summaries of the cards that are not shown, and the findings behind each.
    """
    findings = [finding for _, about in rest for finding in about]
    drugs = ", ".join(dict.fromkeys(finding.drug for finding in findings if finding.drug))
    said = f"{len(rest)} more alerts on this call" + (f": {drugs}" if drugs else "")
    lines = (f"- {escaped(text)}" for text, _ in rest)
    return Card(
        summary=said if len(said) <= LONGEST_SUMMARY else said.partition(":")[0],
        indicator=_gravest(findings),
        detail="**Also found**, the most severe first:\n\n" + "\n".join(lines),
        source=Link("RxHooks", ""),
        override_reasons=knowledge.override_reasons,
        findings=tuple(finding_json(finding, knowledge) for finding in findings),
        about=tuple(findings),
    )


def card_for(findings: list[Finding], situation: Situation, knowledge: Knowledge) -> Card:
    """The card of *findings* on one order that belong together; the first one leads."""
    if is_failed(findings[0]):
        return failed_card(findings, knowledge)
    first = findings[0]
    offered = but_doses if weighed_together(findings) else suggestions
    source = knowledge.sources[first.rule.source]
    label = f"{source.label} (PMID {source.pmid})" if source.pmid else source.label
    label = first.rule.cites if isinstance(first.rule, BiomarkerRule) else label
    return Card(
        summary=summary(first, knowledge),
        indicator=_gravest(findings),
        detail=_details(findings, situation, knowledge),
        source=Link(label, source.url),
        suggestions=offered(first, situation, knowledge),
        links=_links(first, knowledge),
        override_reasons=knowledge.override_reasons,
        findings=tuple(finding_json(finding, knowledge) for finding in findings),
        about=tuple(findings),
    )


def failed_card(
    findings: list[Finding], knowledge: Knowledge, lost: Iterable[Missing] = ()
) -> Card:
    """One card on what could not be fetched for the rules on a drug of an order, or on a chart;
    *lost* was to be judged by them."""
    told = [gap for finding in findings for gap in labelled(finding, knowledge)]
    gaps = [*lost, *told]
    one = len({finding.drug for finding in findings}) == 1 and len(gaps) == len(told)
    lines = _by_reason(gap for gap in gaps if gap.why is Why.NOT_FETCHED)
    return Card(
        summary=summary(findings[0], knowledge) if one else unfetched(""),
        indicator=_gravest(findings),
        detail=f"**What to do:** check by hand, or try again.\n\n**Could not be had:**\n{lines}",
        source=Link("RxHooks", ""),
        override_reasons=knowledge.override_reasons,
        findings=tuple(finding_json(finding, knowledge) for finding in findings),
        about=tuple(findings),
    )


def _gravest(findings: Iterable[Finding]) -> str:
    """The most severe indicator of *findings*; the mildest there is if there are none."""
    return max((f.indicator for f in findings), key=INDICATORS.index, default=INDICATORS[0])


def _by_reason(gaps: Iterable[Missing]) -> str:
    """What is missing, a line for each reason."""
    found: dict[str, dict[str, None]] = {}
    for gap in gaps:
        found.setdefault(gap.detail or gap.why.value, {})[gap.what] = None
    return "\n".join(
        f"- {escaped(', '.join(names))}: {escaped(why)}" for why, names in found.items()
    )


def weighed_together(findings: list[Finding]) -> bool:
    """Whether *findings* change the dose for several reasons: what to order is not ours to say."""
    rules = {finding.rule.id for finding in findings if changes_dose(finding)}
    return changes_dose(findings[0]) and len(rules) > 1 and not _one_family(findings)


def _one_family(findings: list[Finding]) -> bool:
    return len({subject(finding) for finding in findings}) == 1


def _details(findings: list[Finding], situation: Situation, knowledge: Knowledge) -> str:
    """Each finding's detail under the first one's; what the first rules out is said to be so."""
    first, *others = findings
    parts = [detail(first, situation, knowledge)]
    if weighed_together(findings):
        parts.insert(0, "**Several reasons to change the dose:** weigh them together.")
    for other in others:
        told = detail(other, situation, knowledge)
        if stops(first) and (uses(other) or cannot_tell(other)):
            told = f"**Only if {escaped(other.drug)} is given all the same:**\n\n{told}"
        parts.append(told)
    return "\n\n---\n\n".join(parts)


def _links(finding: Finding, knowledge: Knowledge) -> tuple[Link, ...]:
    """The guideline, and the equation that it doses by."""
    names = ("Read the guideline", "Read about the equation")
    sources = knowledge.sources_of(finding.rule)
    return tuple(
        Link(name, source.url) for name, source in zip(names, sources, strict=False) if source.url
    )


def unchecked_card(remarks: Iterable[Missing]) -> Card:
    """The card where nothing could be judged: said plainly, so that no card is not "all clear"."""
    lines = _by_reason(remarks)
    return Card(
        summary="Genes and biomarkers were not checked: the patient's data could not be had",
        indicator="info",
        detail=f"**What to do:** check by hand, or try again.\n\n**Not checked:**\n{lines}",
        source=Link("RxHooks", ""),
    )


def ranked(findings: list[Finding]) -> list[Finding]:
    """*findings*, the most severe first."""
    return sorted(findings, key=rank)
