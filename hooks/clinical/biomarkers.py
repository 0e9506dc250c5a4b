"""Rules on everything but star alleles: conditions over data elements, three-valued throughout."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from hooks.clinical.elements import Chart, Known, Term
from hooks.clinical.facts import Evidence, Missing, Order, Why
from hooks.clinical.findings import Finding, Outcome, as_followed
from hooks.clinical.guidelines import INDICATORS, STOPS, Action, Branch, Guideline
from hooks.clinical.logic import Truth

MISSING = ("silent", "info", "order", "block")  # what to do where the data do not tell
PLACES = ("order", "patient-view")
FAILED = "not-fetched"  # the branch of a rule whose data could not be fetched
DOSES = frozenset({"dose_day", "dose_single", "freq_day", "dose_mgkg"})


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as it was written, the terms that it asks, and how to tell whether it holds.

    *limits* are the numbers that its terms are compared with.
    """

    text: str
    terms: tuple[Term, ...]
    holds: Callable[[Chart], Truth] = field(compare=False, repr=False)
    limits: tuple[tuple[Term, Decimal], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BiomarkerRule(Guideline):
    """A rule of the catalogue: it advises where *gate* and *when* hold.

    *missing* is what happens where they cannot be told (MISSING). *at*: judged for an order of one
    of the drugs, or when a chart is opened. *routes* are routes of administration in words, if the
    rule is for some only. *family*: rules that share one card; *beside*: why this one overlaps with
    others of it, or leaves a gap to them. *tests*: names of orderables.csv.
    *cites*: the statement's source in words; *source_check*: how far it was checked. *hushed* are
    terms that are not told to be missing where they were merely never recorded. *ages*: analytes
    of which a result counts up to another age here, in days. *file*: where the rule is written.
    """

    when: Condition
    gate: Condition | None = None
    missing: str = "silent"
    at: str = "order"
    routes: tuple[str, ...] = ()
    family: str = ""
    beside: str = ""
    tests: tuple[str, ...] = ()
    cites: str = ""
    source_check: str = ""
    off_reason: str = ""
    harm: str = ""
    hushed: frozenset[Term] = frozenset()
    ages: Mapping[str, int] = field(default_factory=dict)
    file: str = ""

    @property
    def terms(self) -> tuple[Term, ...]:
        """Everything that gate and condition ask, each once."""
        gate = self.gate.terms if self.gate is not None else ()
        return tuple(dict.fromkeys((*gate, *self.when.terms)))

    @property
    def group(self) -> str:
        """The catalogue's group, `LAB`; empty for a rule of a site's own."""
        return self.catalogue.partition("-")[0]

    @property
    def measures(self) -> frozenset[str]:
        """`dose`, if the ordered dose decides anything here."""
        doses = {term.name for term in self.terms} & DOSES
        return frozenset({"dose"} if doses else ())

    def branch(self, truth: Truth) -> Branch:
        """What the rule says where it advises, needs no action, or cannot tell."""
        return next(branch for branch in self.branches if branch.applies is truth)


def speaks_against(rule: BiomarkerRule) -> bool:
    """Whether *rule*, where it holds, says not to use its drug, or to choose another one."""
    advises = rule.branch(Truth.YES)
    another = advises.action.do == "alternative" and advises.indicator != INDICATORS[0]
    return another or advises.action.do in STOPS


def judge_biomarker(rule: BiomarkerRule, order: Order, drug: str, chart: Chart) -> Finding:
    """What *rule* says of *drug* in *order*, by what *chart* tells.

    Where the gate cannot be told, only a rule that blocks says so; others need the gate to hold.
    What could not be fetched is said whatever the rule: it may be on file.
    """
    gate = rule.gate.holds(chart) if rule.gate is not None else Truth.YES
    truth = gate & rule.when.holds(chart)
    finding = Finding(rule, order, drug, Outcome(truth, rule.branch(truth)))
    if gate is Truth.NO:
        return finding
    told = {term: chart.look(term) for term in rule.terms}
    known = {term: each for term, each in told.items() if isinstance(each, Known)}
    gaps = {term: each for term, each in told.items() if isinstance(each, Missing)}
    finding = replace(
        finding,
        because=_evidence(known.values()),
        missing=tuple(replace(gap, what=term.about) for term, gap in gaps.items()),
        told=tuple(known.items()),
    )
    if truth is not Truth.UNKNOWN:
        return as_followed(finding) if _is_followed(finding) else finding
    if any(gap.why is Why.NOT_FETCHED for gap in gaps.values()):
        return replace(finding, outcome=Outcome(truth, _failed(rule)))
    asks = rule.missing != "silent" and not _hushed(rule, gaps)
    said = rule.missing == "block" or (asks and gate is Truth.YES)
    return finding if said else replace(finding, quiet=True)


def _is_followed(finding: Finding) -> bool:
    """Whether the dose of the order was changed by the factor that *finding* advises.

    What compares the dose itself needs no mark: it no longer holds.
    """
    action = finding.action
    scaled = action is not None and action.factor_max is not None
    return scaled and finding.mark in finding.order.applied


def is_failed(finding: Finding) -> bool:
    """Whether *finding* says no more than that data for a rule could not be fetched."""
    branch = finding.outcome.branch
    return branch is not None and branch.id == FAILED


def _failed(rule: BiomarkerRule) -> Branch:
    """As urgent as the rule is about what is missing, and no word of what is or is not on file."""
    shown = rule.branch(Truth.UNKNOWN).indicator or INDICATORS[0]
    return Branch(FAILED, Truth.UNKNOWN, {}, Action("no-recommendation"), "", indicator=shown)


def _hushed(rule: BiomarkerRule, gaps: Mapping[Term, Missing]) -> bool:
    """Whether all that is missing is what *rule* need not tell, and was never recorded."""
    unrecorded = {term for term, gap in gaps.items() if gap.why is Why.NOT_RECORDED}
    return bool(gaps) and rule.hushed >= unrecorded == gaps.keys()


def _evidence(known: Iterable[Known]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(evidence for each in known for evidence in each.evidence))
