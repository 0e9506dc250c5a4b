"""From checked tables to the values of the clinical core."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hooks.clinical.genes import METHODS, Gene, GeneTest, fold, pair
from hooks.clinical.guidelines import (
    Action,
    Alternative,
    Branch,
    Cap,
    Guideline,
    Inhibited,
    Wanted,
)
from hooks.clinical.logic import Truth
from hooks.clinical.populations import UNITS, Population, Span
from hooks.clinical.scores import ScoreRange
from hooks.knowledge.equations import dosing

__all__ = ["METHODS", "gene", "guideline"]

HGVS = re.compile(r"\A[cm]\.(?=\d)")  # a gene's own table leaves no doubt about the sequence


def gene(table: Mapping[str, Any]) -> Gene:
    """The gene of a loaded GeneFile; ValueError where a score or a pair cannot be read."""
    test, activity = table.get("test"), table.get("activity_test")
    return Gene(
        symbol=table["symbol"],
        hgnc=table["hgnc"],
        method=table["method"],
        alleles=table["alleles"],
        aliases={**_spellings(table["alleles"]), **_folded(table["aliases"])},
        phenotypes={
            **{_functions(key): value for key, value in table["phenotypes"].items()},
            **{(phenotype,): phenotype for phenotype in table["reported"]},
        },
        ranges={name: ScoreRange.parse(text) for name, text in table["scores"].items()},
        precedence=tuple(table["precedence"]),
        reference=table["reference"],
        acts_in=tuple(table["acts_in"]),
        test=_test(test) if test else None,
        activity_test=_test(activity) if activity else None,
        source=table["source"],
    )


def guideline(table: Mapping[str, Any]) -> Guideline:
    """The guideline of a loaded GuidelineFile; ValueError where a score range cannot be read."""
    kinds = (
        (Truth.YES, table["recommendation"]),
        (Truth.NO, table["no_action"]),
        (Truth.UNKNOWN, table["cannot_tell"]),
    )
    branches = tuple(_branch(truth, branch) for truth, tables in kinds for branch in tables)
    return Guideline(
        id=table["id"],
        title=table["title"],
        source=table["source"],
        drugs=tuple(table["drugs"]),
        genes=tuple(table["genes"]),
        branches=branches,
        when_unknown=table["when_unknown"],
        known_limits=table["known_limits"].strip(),
        question=table["question"],
        status=table["status"],
        populations=tuple(_population(population) for population in table["population"]),
        catalogue=table["catalogue"],
        adjusts=tuple(table["adjusts"]),
        inhibited=tuple(_inhibited(each) for each in table["inhibited"]),
        test_first=tuple(table["test_first"]),
        reviewed_by=tuple(table["reviewed_by"]),
        alleles=_asked_alleles(branches),
        dosing=dosing(table["dosing"]),
    )


def _test(table: Mapping[str, Any]) -> GeneTest:
    system, _, code = table["code"].partition(":")
    return GeneTest(system, code, table["display"])


def _spellings(alleles: Mapping[str, str]) -> dict[str, str]:
    """The ways to write a table's own names; one that two alleles share belongs to neither."""
    spelled: dict[str, set[str]] = {}
    for name in alleles:
        for spelling in filter(None, _written(name)):
            spelled.setdefault(fold(spelling), set()).add(name)
    return {spelling: names.pop() for spelling, names in spelled.items() if len(names) == 1}


def _written(name: str) -> list[str]:
    """*name* itself, one name of several, what stands in brackets, and without `c.` and `->`.

    A base alone, as in `rs1 variant (T)`, names no allele.
    """
    outside, _, inside = name.rstrip(")").partition(" (")
    parts = outside.split(", ") if "," in outside else []
    turned = " + ".join(reversed(name.split(" + ")))
    whole = [name, outside, turned, *parts, inside if len(inside) > 1 else ""]
    return whole + [HGVS.sub("", each).replace("->", ">") for each in whole]


def _folded(aliases: Mapping[str, str]) -> dict[str, str]:
    return {fold(alias): name for alias, name in aliases.items()}


def _functions(key: str) -> tuple[str, ...]:
    first, plus, second = (part.strip() for part in key.partition("+"))
    return pair(first, second) if plus else (first,)


def _branch(truth: Truth, table: Mapping[str, Any]) -> Branch:
    return Branch(
        id=table["id"],
        applies=truth,
        when={symbol: _wanted(terms) for symbol, terms in table["when"].items()},
        action=action(table["action"]),
        strength=table["strength"],
        populations=frozenset(table["populations"]),
        indicator=table["indicator"],
        summary=table["summary"].strip(),
        advice=table["advice"].strip(),
        rationale=table["rationale"].strip(),
        reads=table["reads"],
    )


def _inhibited(table: Mapping[str, Any]) -> Inhibited:
    by = frozenset((table["gene"], strength) for strength in table["strengths"])
    return Inhibited(by, _branch(Truth.YES, table))


def _wanted(terms: list[str]) -> Wanted:
    scores = tuple(ScoreRange.parse(term) for term in terms if term.startswith("score "))
    return Wanted(frozenset(t for t in terms if not t.startswith("score ")), scores)


def action(table: Mapping[str, Any]) -> Action:
    cap = table["cap"]
    return Action(
        do=table["do"],
        factor_min=table["factor_min"],
        factor_max=table["factor_max"],
        basis=table["basis"],
        schedule=table["schedule"],
        cap=Cap(cap["value"], cap["unit"], cap["below"]) if cap else None,
        replace_with=tuple(
            Alternative(other["drug"], other["product"], tuple(other["not_if"]))
            for other in table["replace_with"]
        ),
    )


def _population(table: Mapping[str, Any]) -> Population:
    plain = {key: value for key, value in table.items() if key not in UNITS}
    measures = {name: _span(table[name]) for name in UNITS if name in table}
    return Population(**{**plain, "conditions": tuple(table["conditions"])}, measures=measures)


def _span(table: Mapping[str, Decimal]) -> Span:
    low, high = table.get("over", table.get("from_")), table.get("below", table.get("up_to"))
    return Span(low, high, "over" in table, "below" in table)


def _asked_alleles(branches: tuple[Branch, ...]) -> dict[str, str]:
    """The HLA allele that the branches' statuses speak of, by gene."""
    return {
        symbol: term.partition(" ")[0]
        for branch in branches
        for symbol, wanted in branch.when.items()
        for term in wanted.phenotypes
        if term.endswith((" positive", " negative"))
    }
