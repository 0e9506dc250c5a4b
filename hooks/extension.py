"""A finding as JSON: the card's `org.rxhooks.finding`, and a line of `rxhooks explain`."""

from collections.abc import Iterable
from typing import Any

from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.facts import Evidence, Missing
from hooks.clinical.findings import Finding
from hooks.clinical.genes import NO_RESULT, GeneCall
from hooks.clinical.guidelines import Action, Guideline
from hooks.clinical.logic import Truth
from hooks.knowledge import Knowledge, Source

OUTCOMES = {Truth.YES: "advise", Truth.NO: "no-action", Truth.UNKNOWN: "cannot-tell"}
Json = dict[str, Any]


def finding_json(finding: Finding, knowledge: Knowledge) -> Json:
    """*finding* in the shape that design.md keeps stable; keys without a value are left out."""
    branch, action = finding.outcome.branch, finding.action
    return _filled(
        rule=finding.rule.id,
        branch=branch.id if branch else "",
        catalogue=finding.rule.catalogue,
        knowledgeVersion=knowledge.version,
        order=finding.order.reference,
        drug=_drug(finding.drug, knowledge) if finding.drug else {},
        outcome=OUTCOMES[finding.outcome.applies],
        indicator=finding.indicator,
        action=action.do if action else "",
        dose=_dose(action) if action else {},
        alternatives=[_drug(other.drug, knowledge) for other in finding.alternatives],
        strength=branch.strength if branch else "",
        genes=list(_genes(finding)),
        evidence=[_evidence(evidence) for evidence in finding.because],
        missing=missing_json(finding.missing),
        sources=sources_json(finding.rule, knowledge),
    )


def missing_json(missing: Iterable[Missing]) -> list[Json]:
    """What was missing, each once."""
    return [
        _filled(what=gap.what, why=gap.why.name, detail=gap.detail)
        for gap in dict.fromkeys(missing)
    ]


def unchecked_json(findings: Iterable[Finding], remarks: Iterable[Missing]) -> list[Json]:
    """What could not be judged, and why: so that an empty answer can be told from a blind one."""
    blind = [
        _filled(
            order=finding.order.reference,
            rule=finding.rule.id,
            missing=missing_json(finding.missing),
        )
        for finding in findings
        if finding.outcome.applies is Truth.UNKNOWN
    ]
    return blind + [{"missing": missing_json([remark])} for remark in dict.fromkeys(remarks)]


def diplotypes(calls: Iterable[GeneCall]) -> str:
    """The diplotypes of *calls*, each once, joined by ` or `."""
    return " or ".join(dict.fromkeys(call.diplotype for call in calls if call.diplotype))


def phenotypes(calls: Iterable[GeneCall]) -> str:
    """The phenotypes of *calls*, each once, joined by ` or `."""
    return " or ".join(dict.fromkeys(call.phenotype for call in calls if call.phenotype))


def scores(calls: Iterable[GeneCall]) -> str:
    """The activity scores of *calls*, each once, joined by ` or `."""
    return " or ".join(dict.fromkeys(str(call.score) for call in calls if call.score is not None))


def before(calls: Iterable[GeneCall]) -> str:
    """The phenotypes that inhibitors turned into those of *calls*; empty if none did."""
    return phenotypes(call.before for call in calls if call.before is not None)


def _genes(finding: Finding) -> Iterable[Json]:
    for symbol, calls in (finding.calls or {}).items():
        told = [call for call in calls if call.phenotype != NO_RESULT]
        if told:
            yield _filled(
                gene=symbol,
                diplotype=diplotypes(told),
                phenotype=phenotypes(told),
                activityScore=scores(told),
                convertedFrom=before(told),
            )


def _drug(name: str, knowledge: Knowledge) -> Json:
    return _filled(name=name, rxnorm=knowledge.drugs[name].rxnorm)


def _dose(action: Action) -> Json:
    return _filled(
        factorMin=float(action.factor_min) if action.factor_min is not None else None,
        factorMax=float(action.factor_max) if action.factor_max is not None else None,
        basis=", ".join(text for text in (action.basis, action.schedule) if text),
        cap=str(action.cap) if action.cap else "",
    )


def _evidence(evidence: Evidence) -> Json:
    on = evidence.on.isoformat() if evidence.on else ""
    return _filled(reference=evidence.reference, date=on, server=evidence.source)


def sources_json(rule: Guideline, knowledge: Knowledge) -> list[Json]:
    """Where *rule* was read; a rule of the catalogue cites its own source in words."""
    if isinstance(rule, BiomarkerRule):
        return [_filled(label=rule.cites)]
    return [_source(source) for source in knowledge.sources_of(rule)]


def _source(source: Source) -> Json:
    return _filled(label=source.title, url=source.url, pmid=source.pmid)


def _filled(**values: object) -> Json:
    """*values* without those that say nothing."""
    return {key: value for key, value in values.items() if value not in ("", None, [], {})}
