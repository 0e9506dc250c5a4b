"""What is known of one patient, and what is missing and why."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")


class Why(Enum):
    """The five reasons for which something is missing."""

    NOT_RECORDED = "not recorded"  # we asked; the record holds none
    NOT_FETCHED = "not fetched"  # we could not ask, or got no answer
    UNREADABLE = "unreadable"  # it is there; we do not understand it
    OUTDATED = "outdated"  # it is there, and too old to rely on
    CONFLICTING = "conflicting"  # what is there contradicts itself


@dataclass(frozen=True, slots=True)
class Missing:
    """Something we wanted and do not have. *detail* never holds an identifier of the patient."""

    what: str
    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The resource a fact was read from: `Type/id`, clinical date, performer, server."""

    reference: str
    on: date | None = None
    performer: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Diplotype:
    """The alleles of one gene: two, or one (hemizygous, or only one could be told).

    For a gene that is scored over all its variants (DPYD) there may be more than two.
    """

    gene: str
    alleles: tuple[str, ...]

    @classmethod
    def of(cls, gene: str, *alleles: str) -> "Diplotype":
        """The diplotype of *alleles*; their order does not matter."""
        return cls(gene, tuple(sorted(alleles, key=_natural)))

    def __str__(self) -> str:
        return "/".join(self.alleles)


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts `*5` before `*15`."""
    parts = re.split(r"(\d{1,9})", name)
    return [(int(part) if part.isdecimal() else -1, part) for part in parts]


@dataclass(frozen=True, slots=True)
class ReportedPhenotype:
    """What the laboratory itself concluded: a CPIC term, and the activity score if it gave one."""

    gene: str
    phenotype: str
    activity_score: str = ""

    def __str__(self) -> str:
        return self.phenotype


@dataclass(frozen=True, slots=True)
class AlleleStatus:
    """A test for one allele: `HLA-B*57:01` present or absent."""

    gene: str
    allele: str
    present: bool

    def __str__(self) -> str:
        return f"{self.allele} {'positive' if self.present else 'negative'}"


Call = Diplotype | ReportedPhenotype | AlleleStatus


@dataclass(frozen=True, slots=True)
class GeneResult:
    """What the reports on one gene leave possible.

    Each *candidate* is one possible reading, usually there is one; several when a report is
    unphased or ambiguous, or when laboratories differ. *reported* are the laboratories' own
    phenotypes and *statuses* single-allele tests: both hold together with any candidate.
    *remarks* are results of the same gene that could not be used; *doubted* says that one of them
    may be newer than all that could.
    """

    gene: str
    candidates: frozenset[Diplotype] = frozenset()
    reported: frozenset[ReportedPhenotype] = frozenset()
    statuses: frozenset[AlleleStatus] = frozenset()
    evidence: tuple[Evidence, ...] = ()
    remarks: tuple[Missing, ...] = ()
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class LabResult:
    """A measured value in the unit it was reported in (UCUM)."""

    analyte: str
    value: Decimal
    unit: str
    evidence: Evidence
    comparator: str = ""


SHOWN = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Dose:
    """An amount of one ingredient a day."""

    value: Decimal
    unit: str

    def __str__(self) -> str:
        return f"{self.value.quantize(SHOWN).normalize():f} {self.unit}/day"


@dataclass(frozen=True, slots=True)
class Order:
    """A draft order, or an active one; *drugs* are the ingredients we know.

    *dose* is the daily dose of each ingredient, or why it cannot be told; *indication* are the
    names of conditions.csv that its reason stands for; *applied* are the pieces of our own
    advice (`rule/branch`) that it already carries out; *route* is the way of administration in
    words; *dosage* are the instructions as they were written; *single* are the mg of each
    ingredient in one dose, and *times* how many doses a day there are.
    """

    reference: str
    drugs: tuple[str, ...]
    dose: Mapping[str, Dose | Missing] = field(default_factory=dict)
    indication: frozenset[str] = frozenset()
    started: date | None = None
    text: str = ""
    applied: frozenset[str] = frozenset()
    route: str = ""
    dosage: tuple[object, ...] = field(default=(), repr=False, compare=False)
    single: Mapping[str, Decimal | Missing] = field(default_factory=dict)
    times: Decimal | Missing = field(default_factory=lambda: Missing("dose", Why.NOT_RECORDED))

    def daily_dose(self, drug: str) -> Dose | Missing:
        """The dose of *drug* a day, or why it is missing."""
        return self.dose.get(drug, Missing(f"daily dose of {drug}", Why.NOT_RECORDED))


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """Results by name. What is not in it is missing, and *otherwise* says why.

    A record that could not be fetched is not an empty record. *remarks* are on what was read and
    belongs to no name.
    """

    found: Mapping[str, T | Missing] = field(default_factory=dict)
    otherwise: Why = Why.NOT_RECORDED
    detail: str = ""
    remarks: tuple[Missing, ...] = ()

    def get(self, name: str) -> T | Missing:
        """The result called *name*, or why there is none."""
        return self.found.get(name, Missing(name, self.otherwise, self.detail))


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """Everything the rules may ask of one patient, on the day of judgement.

    *drafts* are all draft orders of the call, judged or not, and *undrafted* is that the medication
    of one could not be had; *allergies* are the known drugs that
    an allergy is recorded for; *remarks* tell what was read
    and could not be used, and belongs to no single fact.
    """

    as_of: date
    genes: Record[GeneResult] = field(default_factory=Record)
    labs: Record[LabResult] = field(default_factory=Record)
    conditions: Record[Evidence] = field(default_factory=Record)
    medications: tuple[Order, ...] | Missing = ()
    drafts: tuple[Order, ...] = ()
    sex: str | Missing = field(default_factory=lambda: Missing("sex", Why.NOT_RECORDED))
    birth_date: date | Missing = field(
        default_factory=lambda: Missing("birth date", Why.NOT_RECORDED)
    )
    allergies: frozenset[str] | Missing = frozenset()
    remarks: tuple[Missing, ...] = ()
    undrafted: Missing | None = None

    @property
    def age(self) -> Decimal | Missing:
        """Full years on the day of judgement, or why they cannot be told."""
        born = self.birth_date
        if isinstance(born, Missing):
            return born
        had_birthday = (self.as_of.month, self.as_of.day) >= (born.month, born.day)
        return Decimal(self.as_of.year - born.year - (not had_birthday))

    @property
    def recorded_conditions(self) -> frozenset[str]:
        """The names of the conditions that are on file and confirmed."""
        found = self.conditions.found.items()
        return frozenset(name for name, told in found if isinstance(told, Evidence))
