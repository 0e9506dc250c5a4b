"""`rxhooks rules`: which rules there are, on which drugs, in which state, and why one is off."""

from collections.abc import Iterator
from dataclasses import dataclass

from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.guidelines import Guideline
from hooks.knowledge import Knowledge

GENES = "PGX"  # the group of the gene-drug guidelines
STATES = ("active", "draft", "off", "retired")
FEW = 4  # drugs that a line names


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """Which rules are asked for; what is empty matches all."""

    drug: str = ""
    group: str = ""
    state: str = ""
    at: str = ""

    def matches(self, rule: Guideline) -> bool:
        """Whether *rule* is asked for."""
        wanted = (
            (self.group, _group(rule)),
            (self.state, rule.status),
            (self.at, rule.at if isinstance(rule, BiomarkerRule) else "order"),
        )
        named = not self.drug or self.drug.casefold() in {drug.casefold() for drug in rule.drugs}
        return named and all(not asked or asked == told for asked, told in wanted)


def listing(asked: RuleFilter, knowledge: Knowledge) -> list[str]:
    """A line for each rule that is asked for: id, catalogue id, state, what it is about, drugs."""
    found = [rule for rule in knowledge.rules if asked.matches(rule)]
    width = max((len(rule.id) for rule in found), default=0)
    return [" ".join(_columns(rule, width)).rstrip() for rule in found]


def _columns(rule: Guideline, width: int) -> Iterator[str]:
    yield f"{rule.id:{width}}"
    yield f"{rule.catalogue or _group(rule):7}"
    yield f"{rule.status:7}"
    yield rule.title + (f" [{_drugs(rule)}]" if rule.drugs else " [chart opening]")
    if isinstance(rule, BiomarkerRule) and rule.off_reason:
        yield f"(off: {rule.off_reason})"


def _group(rule: Guideline) -> str:
    return (rule.group if isinstance(rule, BiomarkerRule) else GENES) or "site"


def _drugs(rule: Guideline) -> str:
    rest = len(rule.drugs) - FEW
    more = [f"{rest} more"] if rest > 0 else []
    return ", ".join([*rule.drugs[:FEW], *more])
