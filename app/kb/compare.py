"""`rxhooks kb compare DIR`: every CPIC row through the engine, beside the branch it lands in."""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hooks.clinical.facts import Missing
from hooks.clinical.genes import INDETERMINATE, NO_RESULT, GeneCall, scored
from hooks.clinical.guidelines import Branch, Guideline
from hooks.clinical.scores import Score
from hooks.knowledge import Knowledge


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
        key = ", ".join(f"{gene} {value}" for gene, value in sorted(self.key.items()))
        return f"{self.drug}, {self.population}, {key}"


def read_rows(folder: Path) -> list[Row]:
    """The rows of recommendations.csv in *folder*."""
    with (folder / "recommendations.csv").open(encoding="utf-8", newline="") as text:
        return [
            Row(
                row["drug"],
                row["population"].strip(),
                dict(json.loads(row["lookup_key"]).items()),
                row["classification"].lower(),
                row["recommendation_text"],
                row["comments"],
            )
            for row in csv.DictReader(text)
        ]


def compare(rows: Iterable[Row], knowledge: Knowledge) -> Iterator[str]:
    """Every row whose strength, or whose branch's fingerprint, differs; a sentence each."""
    landed: dict[tuple[str, str], list[Row]] = {}
    branches: dict[tuple[str, str], Branch] = {}
    for row in rows:
        for rule in _rules(row, knowledge):
            branch = branch_of(row, rule, knowledge)
            if isinstance(branch, Missing):
                yield f"{row.name}: {branch.detail}"
                continue
            landed.setdefault((rule.id, branch.id), []).append(row)
            branches[rule.id, branch.id] = branch
            if branch.strength != row.strength:
                yield f"{row.name}: {row.strength}, but {rule.id}/{branch.id} is {branch.strength}"
    for key, found in landed.items():
        if branches[key].reads != fingerprint(found):
            yield f"{'/'.join(key)}: the {len(found)} rows behind it changed, or were never read"
    yield from _unread(landed, knowledge)


def branch_of(row: Row, rule: Guideline, knowledge: Knowledge) -> Branch | Missing:
    """The branch that *row*'s lookup key leads to."""
    calls = {gene: _call(gene, value, knowledge) for gene, value in row.key.items()}
    names = {population.source_name: population.id for population in rule.populations}
    return rule.branch_for(calls, names.get(row.population, ""))


def fingerprint(rows: Iterable[Row]) -> str:
    """SHA-256 over who, how strong and the words of *rows*, whatever their order."""
    lines = sorted(
        json.dumps(
            [row.drug, row.population, sorted(row.key.items()), row.strength, row.text, row.note]
        )
        for row in rows
    )
    return "sha256:" + hashlib.sha256("\n".join(lines).encode()).hexdigest()


def fingerprints(rows: Iterable[Row], knowledge: Knowledge) -> dict[tuple[str, str], str]:
    """The fingerprint of the rows behind each branch, by rule and branch id."""
    landed: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        for rule in _rules(row, knowledge):
            branch = branch_of(row, rule, knowledge)
            if isinstance(branch, Branch):
                landed.setdefault((rule.id, branch.id), []).append(row)
    return {key: fingerprint(found) for key, found in landed.items()}


def _rules(row: Row, knowledge: Knowledge) -> list[Guideline]:
    rules = [rule for rule in knowledge.guidelines if row.drug in rule.drugs]
    return [rule for rule in rules if set(row.key) == set(rule.genes)]


def _call(symbol: str, value: str, knowledge: Knowledge) -> GeneCall:
    """The call that a value of a lookup key stands for: phenotype, status, score or no result."""
    gene = knowledge.genes[symbol]
    if not gene.ranges or value == NO_RESULT:
        return GeneCall(symbol, value)
    score = Score.parse(value)
    if score.value is None:
        return GeneCall(symbol, INDETERMINATE, score=score)
    return next(iter(scored(gene, "", {score})))


def _unread(landed: Mapping[tuple[str, str], list[Row]], knowledge: Knowledge) -> Iterator[str]:
    for rule in knowledge.guidelines:
        for branch in rule.branches:
            if branch.reads and (rule.id, branch.id) not in landed:
                yield f"{rule.id}/{branch.id}: no row leads here any more"
