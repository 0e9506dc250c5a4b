"""CDS Hooks cards, and how findings become them: merged, ranked, with suggestions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hooks.card_text import detail, summary
from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.codes import Coding
from hooks.clinical.facts import Missing
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import INDICATORS
from hooks.extension import finding_json
from hooks.knowledge import Knowledge
from hooks.markdown import escaped
from hooks.suggestions import Situation, Suggestion, fresh_uuid, suggestions


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

    One order and one set of genes is one card. *situations* are by order reference.
    """
    shown = [finding for finding in findings if finding.indicator]
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in shown:
        about = finding.drug if finding.taken else ""
        key = (id(finding.order), subject(finding), about)  # a reference is not unique
        groups.setdefault(key, []).append(finding)
    ordered = sorted((ranked(group) for group in groups.values()), key=lambda g: _rank(g[0]))
    return [card_for(group, situations[group[0].order.reference], knowledge) for group in ordered]


def subject(finding: Finding) -> object:
    """What findings of one order have in common if they share a card: genes, or a family."""
    if isinstance(finding.rule, BiomarkerRule):
        return finding.rule.family or finding.rule.id
    return frozenset(finding.rule.genes)


def card_for(findings: list[Finding], situation: Situation, knowledge: Knowledge) -> Card:
    """The card of *findings* on one order and the same genes; the first one leads."""
    first = findings[0]
    source = knowledge.sources[first.rule.source]
    label = f"{source.label} (PMID {source.pmid})" if source.pmid else source.label
    label = first.rule.cites if isinstance(first.rule, BiomarkerRule) else label
    return Card(
        summary=summary(first, knowledge),
        indicator=first.indicator,
        detail="\n\n---\n\n".join(detail(finding, situation, knowledge) for finding in findings),
        source=Link(label, source.url),
        suggestions=suggestions(first, situation, knowledge),
        links=_links(first, knowledge),
        override_reasons=knowledge.override_reasons,
        findings=tuple(finding_json(finding, knowledge) for finding in findings),
        about=tuple(findings),
    )


def _links(finding: Finding, knowledge: Knowledge) -> tuple[Link, ...]:
    """The guideline, and the equation that it doses by."""
    names = ("Read the guideline", "Read about the equation")
    sources = knowledge.sources_of(finding.rule)
    return tuple(
        Link(name, source.url) for name, source in zip(names, sources, strict=False) if source.url
    )


def unchecked_card(remarks: Iterable[Missing]) -> Card:
    """The card where nothing could be judged: said plainly, so that no card is not "all clear"."""
    told = dict.fromkeys(f"{gap.what}: {gap.detail or gap.why.value}" for gap in remarks)
    lines = "\n".join(f"- {escaped(line)}" for line in told)
    return Card(
        summary="Genes and biomarkers were not checked: the patient's data could not be had",
        indicator="info",
        detail=f"**What to do:** check by hand, or try again.\n\n**Not checked:**\n{lines}",
        source=Link("RxHooks", ""),
    )


def ranked(findings: list[Finding]) -> list[Finding]:
    """*findings*, the most severe first."""
    return sorted(findings, key=_rank)


def _rank(finding: Finding) -> int:
    """The most severe indicator first; findings of the same keep their order."""
    return -INDICATORS.index(finding.indicator)
