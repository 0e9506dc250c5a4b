"""Checks of the rules on data elements: names exist, texts fit, families are whole."""

from collections import Counter
from collections.abc import Iterator, Mapping

from hooks.clinical.analytes import Analyte
from hooks.clinical.biomarkers import DOSES, BiomarkerRule
from hooks.clinical.guidelines import Branch
from hooks.knowledge import Knowledge
from hooks.knowledge.expressions import meant
from hooks.knowledge.lint_worlds import can_do_without, limits_of, lint_condition, lint_family

LONGEST_SUMMARY = 139
FILLED = 12  # characters that a value takes where the text leaves room for it
OF_AN_ORDER = DOSES | {"new_start", "iwpc_dev"}  # elements that only an order tells


def lint_biomarkers(knowledge: Knowledge) -> Iterator[str]:
    """Every problem of the rules on data elements, one a line."""
    ours = Counter(rule.catalogue for rule in knowledge.biomarkers if not rule.beside)
    others = {rule.catalogue for rule in knowledge.guidelines}
    for name, count in ours.items():
        if name and count + (name in others) > 1:
            yield f"{name}: {count + (name in others)} rules stand for it; keep one"
    yield from _classes(knowledge)
    for rule in knowledge.biomarkers:
        written = f"{rule.file}: " if rule.file else ""
        yield from (f"{written}{problem}" for problem in _rule(rule, knowledge))
    families: dict[tuple[str, str], list[BiomarkerRule]] = {}
    for rule in knowledge.biomarkers:
        for drug in (rule.drugs or ("",)) if rule.family else ():
            families.setdefault((rule.family, drug), []).append(rule)
    for rules in {tuple(rule.id for rule in each): each for each in families.values()}.values():
        if len(rules) > 1:
            yield from lint_family(rules)


def _rule(rule: BiomarkerRule, knowledge: Knowledge) -> Iterator[str]:
    """Every problem of one rule, by itself."""
    yield from _names(rule, knowledge)
    yield from _place(rule)
    yield from _actions(rule)
    yield from _limits(rule, knowledge.analytes.analytes)
    yield from lint_condition(rule)
    yield from _texts(rule)


def _classes(knowledge: Knowledge) -> Iterator[str]:
    """A class of drugs has words for a card, and drugs that there are."""
    named = knowledge.words.names.get("drug", {})
    for name, drugs in knowledge.drug_classes.items():
        if name not in named:
            yield f"drug_classes.csv: {name} has no label in drug_class_names.csv"
        for drug in sorted(drugs - knowledge.drugs.keys()):
            yield f"drug_classes.csv: {name}: drug {drug!r} is not in drugs.csv"


def _names(rule: BiomarkerRule, knowledge: Knowledge) -> Iterator[str]:
    others = [other.drug for branch in rule.branches for other in branch.action.replace_with]
    for drug in sorted({*rule.drugs, *others} - knowledge.drugs.keys()):
        near = meant(drug, [*knowledge.drugs, *knowledge.drug_classes])
        yield f"{rule.id}: drug {drug!r} is not in drugs.csv{near}"
    for name in sorted(set(rule.tests) - knowledge.orderables.keys()):
        near = meant(name, knowledge.orderables)
        yield f"{rule.id}: test {name!r} is not in orderables.csv{near}"
    elements = knowledge.words.elements
    asked = (elements[term.name] for term in rule.terms if term.name in elements)
    read = {name for element in asked for name in element.reads}
    for name in sorted(rule.ages.keys() - (read & knowledge.analytes.analytes.keys())):
        yield f"{rule.id}: max_age_days.{name}: the rule reads no analyte of this name"
    if rule.source not in knowledge.sources:
        yield f"{rule.id}: source {rule.source!r} is not in sources.toml"
    if bool(rule.drugs) == (rule.at != "order"):
        yield f"{rule.id}: a rule for orders names drugs, one for opened charts none"


def _place(rule: BiomarkerRule) -> Iterator[str]:
    """A rule for opened charts asks nothing of an order."""
    for name in sorted({term.name for term in rule.terms} & OF_AN_ORDER):
        if rule.at != "order":
            yield f"{rule.id}: {name} is of an order, and an opened chart has none"


def _actions(rule: BiomarkerRule) -> Iterator[str]:
    """A cap is of a dose that the rule compares; no drug is replaced by itself."""
    for branch in rule.branches:
        if branch.action.cap is not None and not rule.measures:
            yield f"{rule.id}/{branch.id}: a cap, and no condition compares the ordered dose"
        for drug in sorted({other.drug for other in branch.action.replace_with} & {*rule.drugs}):
            yield f"{rule.id}/{branch.id}: {drug} is replaced by itself"


def _limits(rule: BiomarkerRule, analytes: Mapping[str, Analyte]) -> Iterator[str]:
    """A number is compared with what a living person may have."""
    for term, limits in limits_of([rule]).items():
        if term.name in analytes:
            units = analytes[term.name].units.values()
            for limit in limits:
                if not any(unit.plausible(limit) for unit in units):
                    yield f"{rule.id}: {term} {limit} is beyond the plausible values of units.csv"


def _texts(rule: BiomarkerRule) -> Iterator[str]:
    """Summaries fit, with the longest drug and with values; texts fill in what is known."""
    numbers = {term.name for term in limits_of([rule])}
    for branch in rule.branches:
        longest = max((len(drug) for drug in rule.drugs), default=0)
        summary = branch.summary
        for name in ("{drug}", "{Drug}"):
            summary = summary.replace(name, "x" * longest)
        for name in numbers:
            summary = summary.replace(f"{{{name}}}", "x" * FILLED)
        if len(summary) > LONGEST_SUMMARY:
            yield f"{rule.id}/{branch.id}: the summary may have {len(summary)} characters"
        yield from _filled(rule, branch, numbers)


def _filled(rule: BiomarkerRule, branch: Branch, numbers: set[str]) -> Iterator[str]:
    """Every place in the texts of *branch* is filled, whenever it is shown."""
    parts = f"{branch.summary} {branch.advice} {branch.rationale}".split("{")[1:]
    for name in dict.fromkeys(part.partition("}")[0] for part in parts):
        if name in {"drug", "Drug"} and rule.drugs:
            continue
        if name not in numbers:
            yield f"{rule.id}/{branch.id}: nothing fills in {{{name}}}"
        elif can_do_without(rule, name, branch.applies):
            yield f"{rule.id}/{branch.id}: {{{name}}} is not always known there"
