"""What a CDS service is: the queries it may need, those an order needs, and what it decides."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from hooks.cards import Card, cards_for
from hooks.clinical.biomarkers import BiomarkerRule, is_failed
from hooks.clinical.elements import Charts
from hooks.clinical.facts import Missing, Order, PatientFacts, Why
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import INDICATORS
from hooks.clinical.logic import Truth
from hooks.clinical.restrictions import is_restricted
from hooks.evaluate import evaluate
from hooks.knowledge import Knowledge
from hooks.reading.resources import Answer
from hooks.suggestions import Situation

Context = Mapping[str, Any]
Answers = Mapping[str, Answer]
CardMaker = Callable[[Iterable[Finding], Mapping[str, Situation], Knowledge], list[Card]]


def _no_cards(_findings: Iterable[Finding]) -> list[Card]:
    return []


@dataclass(frozen=True, slots=True)
class Decision:
    """What a service answers: cards, every finding behind them, and what could not be judged.

    *draw* makes the cards of findings.
    """

    cards: tuple[Card, ...] = ()
    findings: tuple[Finding, ...] = ()
    remarks: tuple[Missing, ...] = ()
    draw: Callable[[Iterable[Finding]], list[Card]] = field(
        default=_no_cards, repr=False, compare=False
    )

    def without(self, places: Container[int]) -> "Decision":
        """The same decision with the findings at *places* silent, and so on no card."""
        kept = tuple(
            replace(finding, quiet=True) if place in places else finding
            for place, finding in enumerate(self.findings)
        )
        return replace(self, cards=tuple(self.draw(kept)), findings=kept)

    @property
    def blind(self) -> bool:
        """Whether no drug could be judged because nothing could be fetched.

        What a chart itself tells is an answer only if it shows: where the medications failed, its
        silence says nothing about them.
        """
        judged = [finding for finding in self.findings if finding.drug]
        if judged:
            return all(_not_fetched(finding) for finding in judged)
        failed = any(remark.why is Why.NOT_FETCHED for remark in self.remarks)
        shown = (finding for card in self.cards for finding in card.about)
        return failed and all(map(is_failed, shown))


@dataclass(frozen=True, slots=True)
class HookService:
    """One CDS service. All three functions are pure; the server fetches in between.

    *queries*: every prefetch template. *needs*: the queries that this call still needs, given
    the answers so far; asked again until it names no new one. *decide*: the answer, as of a day or
    of an instant.
    """

    id: str
    hook: str
    title: str
    description: str
    queries: Callable[[Knowledge], Mapping[str, str]]
    needs: Callable[[Context, Answers, Knowledge], Mapping[str, str]]
    decide: Callable[[Context, Answers, Knowledge, date], Decision]


def decision(
    orders: Iterable[Order | Missing],
    situations: Mapping[str, Situation],
    facts: PatientFacts,
    knowledge: Knowledge,
    hook: str,
    cards: CardMaker = cards_for,
    adjust: Callable[[Finding], Finding] = lambda finding: finding,
    charts: Charts | None = None,
    also: Iterable[Finding] = (),
) -> Decision:
    """Judge *orders* by *facts* and *charts*; shared by all hooks. *adjust* is a hook's own last
    word, *also* are findings on no order.

    What is milder than the site's policy shows at *hook* draws no card.
    """
    listed = list(orders)
    known = [order for order in listed if isinstance(order, Order)]
    least = INDICATORS.index(knowledge.least.get(hook, INDICATORS[0]))
    found = (*evaluate(known, facts, knowledge, charts), *also)
    judged = (adjust(each) for each in found)
    findings = [_or_quiet(finding, least, knowledge) for finding in judged]
    remarks = (*(order for order in listed if isinstance(order, Missing)), *facts.remarks)

    def draw(judged: Iterable[Finding]) -> list[Card]:
        return cards(judged, situations, knowledge)

    return Decision(tuple(draw(findings)), tuple(findings), remarks, draw)


def _or_quiet(finding: Finding, least: int, knowledge: Knowledge) -> Finding:
    shown = finding.indicator
    hushed = not knowledge.restrictions.say and _only_restricted(finding)
    if shown and (hushed or INDICATORS.index(shown) < least):
        return replace(finding, quiet=True)
    return finding


def _only_restricted(finding: Finding) -> bool:
    """Whether a card would say no more than that a result on file may not be used."""
    outcome = finding.outcome
    told = outcome.branch is not None or outcome.possible
    restricted = any(
        gap.what in finding.rule.genes and is_restricted(gap) for gap in finding.missing
    )
    return outcome.applies is Truth.UNKNOWN and not told and restricted


def _not_fetched(finding: Finding) -> bool:
    ours = isinstance(finding.rule, BiomarkerRule)
    gaps = [gap for gap in finding.missing if ours or gap.what in finding.rule.genes]
    unknown = finding.outcome.applies is Truth.UNKNOWN and bool(gaps)
    return unknown and all(gap.why is Why.NOT_FETCHED for gap in gaps)
