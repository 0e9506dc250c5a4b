"""`rxhooks kb compare DIR`: every CPIC row through the engine, beside the branch it lands in."""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hooks.clinical.facts import Missing, Why
from hooks.clinical.genes import INDETERMINATE, NO_RESULT, GeneCall, scored
from hooks.clinical.guidelines import Branch, Guideline
from hooks.clinical.scores import Score
from hooks.knowledge import Knowledge

BranchId = tuple[str, str]  # rule, branch


@dataclass(frozen=True, slots=True)
class Row:
    """One recommendation of CPIC: who (drug, population, key), how strong, and its words."""

    drug: str
    population: str
    key: Mapping[str, str]
    strength: str
    text: str
    note: str

    @property
    def name(self) -> str:
        """How a report calls the row."""
        return f"{self.drug}, {self.who}"

    @property
    def who(self) -> str:
        """The population and the lookup key."""
        key = ", ".join(f"{gene} {value}" for gene, value in sorted(self.key.items()))
        return f"{self.population}, {key}"

    @property
    def genes(self) -> str:
        """The genes of the lookup key."""
        return " + ".join(sorted(self.key))


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a row comes out: in a branch of a rule, or nowhere in that rule."""

    row: Row
    rule: Guideline
    branch: Branch | Missing

    @property
    def id(self) -> BranchId:
        """The branch's id within all rules; empty behind the rule if there is none."""
        return self.rule.id, "" if isinstance(self.branch, Missing) else self.branch.id


@dataclass(frozen=True, slots=True)
class Comparison:
    """What holding rows against the knowledge found: sentences, and the rows they are on."""

    rows: int
    mapped: int
    differing: int
    differences: tuple[str, ...]
    without_rule: tuple[Row, ...]

    @property
    def explained(self) -> bool:
        """Whether every row is mapped and nothing differs."""
        return not self.differences and not self.without_rule

    @property
    def summary(self) -> str:
        """The counts, in one line."""
        return (
            f"{self.rows} rows, {self.mapped} mapped, {self.differing} differ, "
            f"{len(self.without_rule)} without a rule"
        )

    @property
    def gaps(self) -> list[str]:
        """The rows without a rule, counted by drug and genes."""
        found = Counter((row.drug, row.genes) for row in self.without_rule)
        return [
            f"{drug}: no rule reads {genes} ({count} rows)"
            for (drug, genes), count in sorted(found.items())
        ]


def read_rows(folder: Path) -> list[Row]:
    """The rows of recommendations.csv in *folder*."""
    with (folder / "recommendations.csv").open(encoding="utf-8", newline="") as text:
        return [row_of(row) for row in csv.DictReader(text)]


def row_of(cells: Mapping[str, str]) -> Row:
    """A line of recommendations.csv."""
    return Row(
        cells["drug"],
        cells["population"].strip(),
        dict(json.loads(cells["lookup_key"]).items()),
        cells["classification"].lower(),
        cells["recommendation_text"],
        cells["comments"],
    )


def compare(rows: Sequence[Row], knowledge: Knowledge) -> Comparison:
    """Hold *rows* against the branches they land in: strength, words, and whether any does."""
    found = landings(rows, knowledge)
    stale = changed_branches(found, knowledge)
    reached = {each.row.name for each in found}
    unanswered = {each.row.name for each in found if isinstance(each.branch, Missing)}
    weighed = {each.row.name for each in found if _misjudged(each)}
    behind = {each.row.name for each in found if each.id in stale}
    return Comparison(
        rows=len(rows),
        mapped=sum(row.name in reached - unanswered for row in rows),
        differing=sum(row.name in weighed | behind for row in rows),
        differences=(*filter(None, map(_misjudged, found)), *stale.values()),
        without_rule=tuple(row for row in rows if row.name not in reached),
    )


def landings(rows: Iterable[Row], knowledge: Knowledge) -> list[Landing]:
    """Where *rows* come out, in each rule of their drug and genes; without a rule, nowhere."""
    return [
        Landing(row, rule, branch_of(row, rule, knowledge))
        for row in rows
        for rule in _rules(row, knowledge)
    ]


def branch_of(row: Row, rule: Guideline, knowledge: Knowledge) -> Branch | Missing:
    """The branch that *row*'s lookup key leads to."""
    try:
        calls = {gene: _call(gene, value, knowledge) for gene, value in row.key.items()}
    except ValueError as error:
        return Missing(rule.genes[0], Why.UNREADABLE, str(error))
    names = {population.source_name: population.id for population in rule.populations}
    return rule.branch_for(calls, names.get(row.population, ""))


def changed_branches(found: Iterable[Landing], knowledge: Knowledge) -> dict[BranchId, str]:
    """The branches whose source rows are no longer those that they were read from, in words."""
    landed = _by_branch(found)
    reads = {
        (rule.id, branch.id): branch.reads
        for rule in _living(knowledge)
        for branch in rule.branches
    }
    changed = {
        id_: f"{'/'.join(id_)}: the {len(rows)} rows behind it changed, or were never read"
        for id_, rows in landed.items()
        if reads[id_] != fingerprint(rows)
    }
    gone = {
        id_: f"{'/'.join(id_)}: no row leads here any more"
        for id_, read in reads.items()
        if read and id_ not in landed
    }
    return changed | gone


def fingerprint(rows: Iterable[Row]) -> str:
    """SHA-256 over who, how strong and the words of *rows*, whatever their order."""
    lines = sorted(
        json.dumps(
            [row.drug, row.population, sorted(row.key.items()), row.strength, row.text, row.note]
        )
        for row in rows
    )
    return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()


def fingerprints(rows: Iterable[Row], knowledge: Knowledge) -> dict[BranchId, str]:
    """The fingerprint of the rows behind each branch, by rule and branch id."""
    landed = _by_branch(landings(rows, knowledge))
    return {id_: fingerprint(found) for id_, found in landed.items()}


def _by_branch(found: Iterable[Landing]) -> dict[BranchId, list[Row]]:
    rows: dict[BranchId, list[Row]] = {}
    for landing in found:
        if isinstance(landing.branch, Branch):
            rows.setdefault(landing.id, []).append(landing.row)
    return rows


def _misjudged(landing: Landing) -> str:
    """What is wrong with the branch for this row; empty if nothing is."""
    row, branch = landing.row, landing.branch
    if isinstance(branch, Missing):
        return f"{row.name}: {branch.detail}"
    if branch.strength != row.strength:
        return f"{row.name}: {row.strength}, but {'/'.join(landing.id)} is {branch.strength}"
    return ""


def _living(knowledge: Knowledge) -> Iterator[Guideline]:
    """The rules that speak or will: a retired one explains no row."""
    return (rule for rule in knowledge.guidelines if rule.status != "retired")


def _rules(row: Row, knowledge: Knowledge) -> list[Guideline]:
    rules = [rule for rule in _living(knowledge) if row.drug in rule.drugs]
    return [rule for rule in rules if set(row.key) == set(rule.genes)]


def _call(symbol: str, value: str, knowledge: Knowledge) -> GeneCall:
    """The call that a value of a lookup key stands for: phenotype, status, score or no result."""
    gene = knowledge.genes[symbol]
    if not gene.ranges or value == NO_RESULT:
        return GeneCall(symbol, value)
    score = Score.parse(value)
    if score.value is None:
        return GeneCall(symbol, INDETERMINATE, score=score)
    calls = scored(gene, "", {score})
    if len(calls) != 1:
        raise ValueError(f"{symbol} {value} is the score of {len(calls)} phenotypes")
    return next(iter(calls))
