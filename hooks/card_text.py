"""The words of a card: a summary of one line, and a detail whose first two lines are enough.

What comes from data or a request is escaped; the sentences come from the knowledge files.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from hooks.clinical.biomarkers import BiomarkerRule, is_failed
from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Dose, Evidence, Missing, Why
from hooks.clinical.findings import Finding
from hooks.clinical.genes import NO_RESULT, GeneCall
from hooks.clinical.logic import Truth
from hooks.estimate_text import estimate_text
from hooks.extension import diplotypes, phenotypes, scores
from hooks.knowledge import Knowledge, Source
from hooks.markdown import escaped, unmarked
from hooks.suggestions import Situation, tests

LONGEST_SUMMARY = 139  # CDS Hooks: fewer than 140 characters
FEW = 6  # diplotypes or results that a card lists; the finding has all
REASONS = {
    Why.NOT_RECORDED: "not tested",
    Why.NOT_FETCHED: "result could not be fetched",
    Why.UNREADABLE: "result could not be read",
    Why.OUTDATED: "result is too old",
    Why.CONFLICTING: "results conflict",
}
WORDS = {
    "indication": "The indication is not on file",
    "medications": "Current medications could not be read",
    "allergies": "Allergies could not be read",
    "sex": "The patient's sex is not known",
    "birth date": "The patient's age is not known",
    "age": "The age cannot be used",
    "weight": "No body weight that can be used",
    "height": "No body height that can be used",
    "dose": "The ordered daily dose could not be worked out",
}


def summary(finding: Finding, knowledge: Knowledge) -> str:
    """Consequence first, then why, as plain text under 140 characters; never a patient's name."""
    branch = finding.outcome.branch
    if is_failed(finding):
        text = unfetched(finding.drug)
    else:
        text = _fill(branch.summary, finding) if branch and branch.summary else _unknown(finding)
    if finding.taken is not None:
        text = f"With {', '.join(finding.order.drugs)}: {text}"
    return text if len(text) <= LONGEST_SUMMARY else text[: LONGEST_SUMMARY - 1] + "…"


def unfetched(drug: str) -> str:
    """The summary where data on *drug*, or without one on the chart, could not be fetched."""
    name = drug[:1].upper() + drug[1:] if drug else "This chart"
    return f"{name} was not fully checked: data could not be fetched"


def detail(finding: Finding, situation: Situation, knowledge: Knowledge) -> str:
    """What to do, why, what was found, what was assumed or not checked, and the source."""
    parts = [
        ("What to do", _what_to_do(finding, knowledge)),
        ("Why", _why(finding)),
        ("Found", _found(finding, knowledge)),
        ("Calculated", estimate_text(finding.estimate, knowledge.equation_of(finding.rule))),
        ("Assumed and not checked", _open(finding, situation, knowledge)),
        ("Source", _source(finding, knowledge.sources[finding.rule.source], knowledge)),
    ]
    return "\n\n".join(f"**{title}:** {text}" for title, text in parts if text)


def briefly(finding: Finding, knowledge: Knowledge) -> str:
    """What to do, alone."""
    return _what_to_do(finding, knowledge)


def _unknown(finding: Finding) -> str:
    """The summary where the rule cannot tell: the question, and which gene leaves it open."""
    gaps = [missing for missing in finding.missing if missing.what in finding.rule.genes]
    reasons = [f"{missing.what} {REASONS[missing.why]}" for missing in _once(gaps)]
    uncertain = finding.outcome.branch is not None
    if uncertain:
        reasons = [
            f"{symbol} of uncertain function" for symbol in dict.fromkeys(m.what for m in gaps)
        ]
    if not gaps and any(gap.what == "medications" for gap in finding.missing):
        reasons = ["the other medications are not known"]
    why = ", ".join(reasons) or "; ".join(finding.rule.genes)
    return f"Cannot tell {_fill(finding.rule.question, finding)}: {why}"


def _once(gaps: Iterable[Missing]) -> list[Missing]:
    """One gap a gene: what contradicts itself before what is merely missing."""
    ranked = sorted(gaps, key=lambda gap: gap.why is not Why.CONFLICTING)
    return list({gap.what: gap for gap in reversed(ranked)}.values())


def _what_to_do(finding: Finding, knowledge: Knowledge) -> str:
    branch = finding.outcome.branch
    if finding.taken is not None:
        return _about_taken(finding)
    if branch is not None and branch.advice:
        advice = unmarked(_fill(branch.advice, finding))
        return " ".join(f"{advice} {_computed_dose(finding)} {_not_offered(finding)}".split())
    if finding.outcome.possible:
        told = dict.fromkeys(option.advice or "usual dosing" for option in finding.outcome.possible)
        options = unmarked("; or: ".join(_fill(text, finding).rstrip(".") for text in told))
        return f"Settle which result holds before relying on it. Depending on it: {options}."
    if finding.action is not None and finding.action.do == "order-test":
        named = ", ".join(escaped(test.display) for test in tests(finding, knowledge))
        look = "Look at the result on file by hand. " if _on_file(finding) else ""
        tested = f": {named}" if named else ""
        return f"{look}Consider testing before relying on {finding.drug}{tested}."
    if branch is not None:
        return "There is no recommendation for this result; decide without it."
    return "Look the result up yourself; this service could not."


def _not_offered(finding: Finding) -> str:
    """The alternatives that something speaks against, and what."""
    told = ", ".join(f"{drug} ({why})" for drug, why in finding.left_out)
    return f"Not for this patient: {unmarked(told)}." if told else ""


def _about_taken(finding: Finding) -> str:
    """What to do about an inhibitor ordered beside a drug that is taken or drafted already."""
    branch = finding.outcome.branch
    ordered = ", ".join(finding.order.drugs)
    advice = f" Otherwise, for {finding.drug}: {_fill(branch.advice, finding)}" if branch else ""
    return unmarked(
        f"Choose another drug than {ordered}, which changes how {finding.drug} (ordered already) "
        f"is metabolized.{advice}"
    )


def _on_file(finding: Finding) -> bool:
    """Whether a result is there that this service could not use."""
    return any(missing.why is Why.UNREADABLE for missing in finding.missing)


def _computed_dose(finding: Finding) -> str:
    """What the factors make of the ordered dose, where both are known."""
    action, dose = finding.action, finding.order.daily_dose(finding.drug)
    if action is None or action.factor_min is None or action.factor_max is None:
        return ""
    if not isinstance(dose, Dose) or action.schedule:
        return ""
    low, high = Dose(dose.value * action.factor_min, dose.unit), dose.value * action.factor_max
    if not action.allows(Dose(high, dose.unit)):
        return ""
    amount = (
        str(low) if low.value == high else f"{low.value.normalize():f} to {Dose(high, dose.unit)}"
    )
    return f"Of the {dose} ordered, that is {amount}, if this is the usual dose."


def _why(finding: Finding) -> str:
    branch = finding.outcome.branch
    return unmarked(_fill(branch.rationale, finding)) if branch is not None else ""


def _elements(told: Iterable[tuple[Term, Known]], knowledge: Knowledge) -> str:
    """Each data element with its value and where it was read; what merely is not there, is not."""
    lines = []
    for term, known in told:
        if known.evidence or isinstance(known.value, Interval):
            where = _few([_where(evidence) for evidence in known.evidence], "; ")
            said = f"{_called(term, knowledge)} {known.shown}".strip()
            lines.append(f"{escaped(said)} ({where})" if where else escaped(said))
    return "; ".join(lines)


def _called(term: Term, knowledge: Knowledge) -> str:
    """What stands before a term's value: its label, with a colon before the words of a report."""
    kind = knowledge.words.elements[term.name].argument
    if kind == "drug":
        return "taken or ordered:"
    return knowledge.words.label(term) + (":" if kind == "finding" else "")


def _found(finding: Finding, knowledge: Knowledge) -> str:
    """Result, date, laboratory and where it was read, a line a gene."""
    if isinstance(finding.rule, BiomarkerRule):
        return _elements(finding.told, knowledge)
    lines = []
    for symbol, calls in (finding.calls or {}).items():
        told = [call for call in calls if call.phenotype != NO_RESULT]
        if told:
            alleles, points = _few(diplotypes(told).split(" or "), " or "), scores(told)
            extra = f" (activity score {escaped(points)})" if points else ""
            line = f"{symbol} {escaped(alleles)} {escaped(phenotypes(told))}{extra}"
            lines.append(" ".join((line + _converted(symbol, told, finding)).split()))
    where = [_where(evidence) for evidence in finding.because]
    return "; ".join((*lines, _few(where, "; "))) if where else "; ".join(lines)


def _few(texts: list[str], joined_by: str) -> str:
    """The first of *texts*, and how many more there are: the finding has them all."""
    rest = len(texts) - FEW
    if rest < 2:
        return joined_by.join(texts)
    return f"{joined_by.join(texts[:FEW])}{joined_by}{rest} more"


def _converted(symbol: str, calls: list[GeneCall], finding: Finding) -> str:
    """What inhibitors made of the genotype: what it was before, and by which drug."""
    told = [call.before for call in calls if call.before is not None]
    by = ", ".join(str(each) for each in finding.modifiers if each.gene == symbol)
    if not told:
        return f", by {by}, whatever the genotype" if _is_blocked(calls, by) else ""
    points = f" (activity score {escaped(scores(told))})" if scores(told) else ""
    return f", by {escaped(by)}; {escaped(phenotypes(told))}{points} without it"


def _is_blocked(calls: list[GeneCall], by: str) -> bool:
    return bool(by) and not any(call.diplotype or call.reported for call in calls)


def _where(evidence: Evidence) -> str:
    on = evidence.on.isoformat() if evidence.on else "no date"
    by = f", {escaped(evidence.performer)}" if evidence.performer else ""
    read = "the EHR's prefetch" if evidence.source == "prefetch" else escaped(evidence.source)
    return f"{escaped(evidence.reference)} of {on}{by}, read from {read}"


def _open(finding: Finding, situation: Situation, knowledge: Knowledge) -> str:
    """What was taken for granted, and what could not be checked, as one list."""
    told = dict.fromkeys((*finding.assumed, *_absent(finding, knowledge)))
    assumed = (unmarked(line) for line in _capital(told))
    lines = [*assumed, *dict.fromkeys(_gap(gap) for gap in labelled(finding, knowledge))]
    lines += _unweighed(finding)
    lines += _unsure_dose(finding)
    if finding.alternatives:
        lines.append("Alternatives: dose, age, kidney, liver and interactions are not checked")
    return "\n" + "\n".join(f"- {line}." for line in lines) if lines else ""


def _absent(finding: Finding, knowledge: Knowledge) -> Iterator[str]:
    """What is taken as not being so because nothing on file says that it is."""
    for term, known in finding.told:
        if known.value is Truth.NO and not known.evidence and not known.shown:
            yield f"no record of {knowledge.words.label(term)}: taken as not so"
        if known.note:
            yield known.note


def labelled(finding: Finding, knowledge: Knowledge) -> Iterator[Missing]:
    """What is missing, by the names that a card gives it."""
    if not isinstance(finding.rule, BiomarkerRule):
        yield from finding.missing
        return
    labels = {term.about: knowledge.words.label(term) for term in finding.rule.terms}
    for gap in finding.missing:
        yield replace(gap, what=labels.get(gap.what, gap.what))


def _unweighed(finding: Finding) -> Iterator[str]:
    """The inhibitors and inducers beside the order that the advice does not weigh."""
    weighed = {gene for each in finding.rule.inhibited for gene, _ in each.by}
    for each in finding.modifiers:
        adjusted = each.gene in finding.rule.adjusts and each.factor is not None
        if not adjusted and each.gene not in weighed:
            change = "lower" if each.role == "inhibitor" else "higher"
            doubt = "" if each.checked else "; its class was not verified"
            yield escaped(
                f"{each} is taken as well: activity may be {change} than the genotype says, which "
                f"the advice does not weigh{doubt}"
            )


def _unsure_dose(finding: Finding) -> Iterator[str]:
    action = finding.action
    if action is None or (action.cap is None and action.factor_max is None):
        return
    if not isinstance(finding.order.daily_dose(finding.drug), Dose):
        yield "The ordered daily dose could not be worked out"
    elif action.cap is None:
        yield "Whether the ordered dose is already reduced is not known"


def _gap(gap: Missing) -> str:
    said = WORDS.get(gap.what) or f"{gap.what}: {REASONS[gap.why]}"
    return escaped(said) + (f" ({escaped(gap.detail)})" if gap.detail else "")


def _source(finding: Finding, source: Source, knowledge: Knowledge) -> str:
    branch = finding.outcome.branch
    year = f", {source.year}" if source.year else ""
    pmid = f", PMID {source.pmid}" if source.pmid else ""
    told = branch is not None and branch.advice and branch.strength
    strength = f"; strength: {branch.strength}" if branch is not None and told else ""
    reviewed = ", ".join(finding.rule.reviewed_by)
    review = f"reviewed by {escaped(reviewed)}" if reviewed else "not yet reviewed by a clinician"
    rule = f"Rule {finding.rule.id}, knowledge {knowledge.version}, {review}."
    if isinstance(finding.rule, BiomarkerRule):
        return f"{escaped(finding.rule.cites)} (statement {finding.rule.source_check}). {rule}"
    return f"{source.title}{year}{pmid}{strength}. {rule}"


def _fill(text: str, finding: Finding) -> str:
    """*text* with the drug's name and the patient's values in their places."""
    name = finding.drug
    others = dict.fromkeys(each.drug for each in finding.modifiers if each.role == "inhibitor")
    filled = text.replace("{Drug}", name[:1].upper() + name[1:]).replace("{drug}", name)
    for name, value in _values(finding).items():
        filled = filled.replace(f"{{{name}}}", value)
    return filled.replace("{inhibitor}", ", ".join(others))


def _values(finding: Finding) -> dict[str, str]:
    """What is known of each element that the rule asks; never nothing."""
    asked = finding.rule.terms if isinstance(finding.rule, BiomarkerRule) else ()
    found: dict[str, dict[str, None]] = {term.name: {} for term in asked}
    for term, known in finding.told:
        found.setdefault(term.name, {}).update({known.shown: None} if known.shown else {})
    return {name: ", ".join(shown) or "not known" for name, shown in found.items()}


def _capital(sentences: Iterable[str]) -> list[str]:
    return [text[:1].upper() + text[1:] for text in sentences]
