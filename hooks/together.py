"""Findings that share a card: one order, one drug, and nothing on two cards that contradicts.

One gene set or one family of rules is one card. Where one finding says that the drug should not be
used, what the others advise on using it, or lack for that, stands inside its card; two that would
change the dose are one card as well, for somebody has to weigh them together.
"""

from collections.abc import Iterable

from hooks.clinical.biomarkers import FAILED, BiomarkerRule, is_failed
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import INDICATORS, STOPS
from hooks.clinical.logic import Truth

DOSES = frozenset({"reduce-dose", "increase-dose"})
USES = DOSES | {"monitor", "standard-dose", "no-recommendation"}
Group = list[Finding]


def together(findings: Iterable[Finding]) -> list[Group]:
    """*findings* in groups of a card each, the leading one first, the most severe group first."""
    groups: dict[tuple[object, ...], Group] = {}
    for finding in findings:
        about = finding.drug if finding.taken else ""
        key = (id(finding.order), subject(finding), about)  # a reference is not unique
        groups.setdefault(key, []).append(finding)
    by_drug: dict[tuple[object, ...], list[Group]] = {}
    for group in groups.values():
        first = group[0]
        by_drug.setdefault((id(first.order), first.drug, first.taken is None), []).append(
            sorted(group, key=rank)
        )
    merged = [group for each in by_drug.values() for group in _without_contradiction(each)]
    return sorted(merged, key=lambda group: min(map(rank, group)))


def rank(finding: Finding) -> int:
    """The most severe indicator first; findings of the same keep their order."""
    return -INDICATORS.index(finding.indicator)


def does(finding: Finding) -> str:
    """What *finding* advises to do; empty where it advises nothing for certain."""
    told = finding.outcome.applies is Truth.YES and finding.action is not None
    return finding.action.do if told and finding.action else ""


def stops(finding: Finding) -> bool:
    """Whether *finding* says not to use the drug."""
    return does(finding) in STOPS


def changes_dose(finding: Finding) -> bool:
    """Whether *finding* advises another dose, be it only for want of another drug."""
    action = finding.action
    if action is None or not does(finding):
        return False
    return action.do in DOSES or action.factor_min is not None or action.cap is not None


def uses(finding: Finding) -> bool:
    """Whether *finding* takes it that the drug is used, so that "do not use it" contradicts it.

    "Choose another" does so only where it names a dose as well, or where it is about another drug
    that is taken beside this one.
    """
    if does(finding) == "alternative":
        beside = any(term.name == "on" for term, _ in finding.told)
        return beside or changes_dose(finding)
    return does(finding) in USES


def cannot_tell(finding: Finding) -> bool:
    """Whether *finding* says no more than that a rule on data elements lacks data."""
    ours = isinstance(finding.rule, BiomarkerRule) and not is_failed(finding)
    return ours and finding.outcome.applies is Truth.UNKNOWN


def subject(finding: Finding) -> object:
    """What findings of one order have in common if they share a card: genes, a family, or that
    their data could not be fetched."""
    if is_failed(finding):
        return FAILED
    if isinstance(finding.rule, BiomarkerRule):
        return finding.rule.family or finding.rule.id
    return frozenset(finding.rule.genes)


def _without_contradiction(groups: list[Group]) -> list[Group]:
    """The groups on one drug of one order; those that would contradict are one."""
    lead = next((g for g in sorted(groups, key=_gravest) if any(map(stops, g))), None)
    if lead is not None:
        joined = [g for g in groups if g is not lead and _belongs(g, lead)]
        return _joined(lead, joined, groups)
    dosed = [group for group in groups if any(map(changes_dose, group))]
    if len(dosed) < 2:
        return groups
    lead = min(dosed, key=_gravest)
    return _joined(lead, [group for group in dosed if group is not lead], groups)


def _belongs(group: Group, lead: Group) -> bool:
    """Whether *group* stands inside the card of *lead*, which says not to use the drug."""
    return any(map(uses, group)) or _waits(group, lead) or bool(_entries(group) & _entries(lead))


def _entries(group: Group) -> set[str]:
    """The catalogue's entries that *group* speaks for; one may be both a guideline and a rule."""
    return {finding.rule.catalogue for finding in group} - {""}


def _waits(group: Group, lead: Group) -> bool:
    """Whether what *group* lacks matters only if the drug that *lead* stops is given all the same.

    What is more urgent than *lead* has a card of its own, with its tests.
    """
    milder = min(map(rank, group)) >= min(map(rank, lead))
    return milder and all(map(cannot_tell, group))


def _gravest(group: Group) -> tuple[bool, int]:
    return not any(map(stops, group)), min(map(rank, group))


def _joined(lead: Group, others: list[Group], groups: list[Group]) -> list[Group]:
    first = sorted(lead, key=lambda finding: (not stops(finding), rank(finding)))
    whole = [*first, *(finding for group in others for finding in group)]
    rest = [g for g in groups if g is not lead and not any(g is other for other in others)]
    return [whole, *rest]
