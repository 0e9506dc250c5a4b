"""What a record tells of the inputs of an equation: values, how a card shows them, and gaps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hooks.clinical.elements import Chart, Interval, Known, Term
from hooks.clinical.facts import Evidence, Missing, Why
from hooks.clinical.logic import Truth
from hooks.clinical.models.model import Model

FEMALE = Term("female")

# Input of the equation -> what tells it; of several terms that are true or not, one is enough.
Asked = Mapping[str, tuple[Term, ...]]


@dataclass(slots=True)
class Collected:
    """What the record tells of the inputs: values, how a card shows them, where they were read."""

    values: dict[str, Interval | Truth] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    gaps: list[Missing] = field(default_factory=list)

    def note(self, *remarks: str) -> str:
        """One sentence of the inputs with their dates, of what is not known, and *remarks*."""
        gaps = [f"not known: {', '.join(gap.what for gap in self.gaps)}"] if self.gaps else []
        return "; ".join([f"from {', '.join(self.shown)}", *gaps, *remarks])

    def known(self, value: Interval, shown: str, note: str) -> Known:
        """*value* with everything that it was read from."""
        return Known(value, shown, tuple(dict.fromkeys(self.evidence)), note)

    def missing(self, what: str) -> Missing:
        """That *what* cannot be had for want of its inputs; one that was not fetched decides."""
        why = next((g.why for g in self.gaps if g.why is Why.NOT_FETCHED), self.gaps[0].why)
        told = ", ".join(f"{gap.what} ({gap.detail or gap.why.value})" for gap in self.gaps)
        return Missing(what, why, f"without {told}")


def collected(chart: Chart, asked: Asked, model: Model) -> Collected:
    """What *chart* tells of the inputs that are *asked*, by the names of *model*."""
    found = Collected()
    for name, terms in asked.items():
        told, label = any_of(chart, terms), model.input(name).label
        if isinstance(told, Missing):
            found.gaps.append(Missing(label, told.why, told.detail))
            continue
        found.values[name] = told.value
        found.evidence += told.evidence
        found.shown.append(_as_shown(label, terms, told))
    return found


def any_of(chart: Chart, terms: Iterable[Term]) -> Known | Missing:
    """The first that holds; else why none can be told to hold, or the last that does not."""
    told = [chart.look(term) for term in terms]
    for each in told:
        if isinstance(each, Known) and each.value is Truth.YES:
            return each
    for each in told:
        if isinstance(each, Missing):
            return each
        if each.value is Truth.UNKNOWN:
            return Missing("", Why.UNREADABLE, each.note or "cannot be told")
    return told[-1]


def _as_shown(label: str, terms: tuple[Term, ...], told: Known) -> str:
    """`HDL cholesterol 45 mg/dL of 2026-03-01`, `diabetes yes`; sex stands for itself."""
    dates = [evidence.on for evidence in told.evidence if evidence.on is not None]
    on = f" of {max(dates).isoformat()}" if dates else ""
    if terms == (FEMALE,):
        return "female" if told.value is Truth.YES else "male"
    if isinstance(told.value, Truth):
        return f"{label} {'yes' if told.value is Truth.YES else 'no'}{on}"
    return f"{label} {told.shown}{on}"


def words(found: Collected, model: Model) -> dict[str, str]:
    """The inputs in the equation's words; what is no plain number joins the gaps."""
    told: dict[str, str] = {}
    for name, value in found.values.items():
        wanted = model.input(name)
        if isinstance(value, Truth):
            is_so = value is Truth.YES
            choice = wanted.kind == "choice"
            told[name] = ("female" if is_so else "male") if choice else ("1" if is_so else "0")
        elif value.value is not None:
            told[name] = str(value.value)
        else:
            found.gaps.append(Missing(wanted.label, Why.UNREADABLE, "not one plain value"))
    return told
