"""Tumour and germline markers: what they are, and what one result says of one.

A result has a bearing on a marker: it shows it, rules it out, leaves it open, or has none at all.
"""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hooks.clinical.codes import Code, ReportTables
from hooks.clinical.facts import Evidence
from hooks.clinical.logic import Truth

METHODS = ("positive-wins", "latest", "either", "her2-positive", "her2-low", "her2-negative")
SOURCE_CLASSES = ("", "germline", "inherited")
ZYGOSITIES = ("", "homozygous", "biallelic", "not-carrier")
LONGEST = 200  # characters of a change that a pattern is tried on
UNRANKED = (0, 0, datetime.min.replace(tzinfo=UTC))
GERMLINE, SOMATIC, FETAL = "germline", "somatic", "fetal"
PATHOGENIC = "pathogenic"
HARMLESS = {  # significance -> how a card calls it; none of them is enough for a rule
    "uncertain": "of uncertain significance",
    "benign": "benign",
    "conflicting": "of conflicting significance",
}
COUNTED = "uncertain, benign and conflicting variants count as negative"


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker, and how its results are recognised.

    *method* is one of METHODS; *parts* are the tests or markers that it is told by, where it is
    not told by results of its own. A variant of one of *genes* shows it if *pattern* is found in
    its change (any change does without a pattern); *ruled_out* is found in a change whose absence
    rules the whole marker out. *negative_in*: whether `all` genes must be without it, or `one`.
    *source_class*: `germline`, where the report has to say so, or `inherited`, where it must not
    say anything else. *zygosity*: how many copies have to be changed (ZYGOSITIES); a change in
    which *both_copies* is found names them both. *code_text* is found in the name of a test that
    has no code of ours; *positive* and *negative* in what a test says.
    """

    name: str
    label: str
    method: str = METHODS[0]
    parts: tuple[str, ...] = ()
    genes: tuple[str, ...] = ()
    negative_in: str = "all"
    pattern: re.Pattern[str] | None = None
    ruled_out: re.Pattern[str] | None = None
    source_class: str = ""
    pathogenic: bool = False
    zygosity: str = ""
    both_copies: re.Pattern[str] | None = None
    code_text: re.Pattern[str] | None = None
    positive: re.Pattern[str] | None = None
    negative: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class MarkerTest:
    """A test for one marker; *part* says that its negative result leaves the marker open."""

    marker: str
    code: Code
    display: str
    part: bool = False


@dataclass(frozen=True, slots=True)
class Markers:
    """The markers by name, their tests, and the tables that reading a variant takes."""

    named: Mapping[str, Marker] = field(default_factory=dict)
    tests: tuple[MarkerTest, ...] = ()
    tables: ReportTables = field(default_factory=lambda: ReportTables({}, {}, {}, {}, {}))

    @property
    def variant_codes(self) -> frozenset[Code]:
        """The codes that variants are filed under, whatever the gene."""
        filed = self.tables.codes.items()
        return frozenset(code for code, held in filed if held.holds == "variant" and not held.gene)

    def tests_of(self, name: str) -> tuple[MarkerTest, ...]:
        """The tests that tell the marker *name* itself."""
        return tuple(test for test in self.tests if test.marker == name)

    def codes_of(self, names: Container[str]) -> set[Code]:
        """The codes under which results of the markers *names* are asked for.

        Any of them may be told in the words of a variant, so all ask for variants.
        """
        wanted = [marker for name, marker in self.named.items() if name in names]
        told_by = {name for marker in wanted for name in (marker.name, *marker.parts)}
        codes = {test.code for test in self.tests if test.marker in told_by}
        return codes | self.variant_codes if wanted else set()


@dataclass(frozen=True, slots=True)
class Variant:
    """What one result says of a variant: of which genes, which changes, found or not.

    *source_class* is GERMLINE, SOMATIC or FETAL, empty if it is not told, anything else if it is
    not plain; so with *significance* and PATHOGENIC or a key of HARMLESS. *zygosity* holds
    `homozygous`, `heterozygous`, `compound`, `hemizygous` as far as they are told.
    """

    genes: frozenset[str]
    changes: tuple[str, ...]
    found: Truth
    evidence: Evidence
    at: datetime | None = None
    source_class: str = ""
    significance: str = ""
    zygosity: frozenset[str] = frozenset()
    final: bool = True

    @property
    def told(self) -> str:
        """Gene, change and what was found, as a card tells it: `KRAS p.Gly12Cys, present`."""
        named = " ".join((", ".join(sorted(self.genes)), next(iter(self.changes), "")[:80]))
        said = {Truth.YES: "present", Truth.NO: "absent"}.get(self.found, "not clear")
        significance = HARMLESS.get(self.significance, self.significance)
        state = " ".join(sorted(self.zygosity))
        return ", ".join(filter(None, (named.strip(), said, state, significance)))


@dataclass(frozen=True, slots=True)
class Bearing:
    """What one result says of a marker.

    A NO is of *genes* only, if there are any. An UNKNOWN that does not *count* leaves the marker
    open only where nothing else tells it. *why* says what is wrong with an UNKNOWN; *copy* is the
    one changed copy of a gene that takes two; *rank* orders results of one moment.
    """

    truth: Truth
    told: str
    evidence: Evidence
    at: datetime | None = None
    genes: frozenset[str] = frozenset()
    counts: bool = True
    why: str = ""
    note: str = ""
    copy: str = ""
    rank: tuple[int, int, datetime] = UNRANKED


def bearing(marker: Marker, variant: Variant) -> Bearing | None:
    """What *variant* says of *marker*; None if it says nothing."""
    concerned = variant.genes & set(marker.genes)
    if not concerned or not _of_class(marker, variant.source_class):
        return None
    if not _speaks_of(marker, variant):
        return _another_type(marker, variant)
    if not variant.final:
        return _open(variant, "no result on file is final", counts=False)
    if marker.source_class == GERMLINE and variant.source_class != GERMLINE:
        return _open(variant, "does not say that it is of the germline")
    if variant.found is Truth.UNKNOWN:
        return _open(variant, "does not say plainly what was found")
    if variant.found is Truth.NO:
        return Bearing(Truth.NO, variant.told, variant.evidence, variant.at, frozenset(concerned))
    if marker.pattern is not None and not variant.changes:
        return _open(variant, "does not say which change was found")
    return _present(marker, variant)


def _of_class(marker: Marker, source_class: str) -> bool:
    """Whether a result of *source_class* can speak of *marker* at all."""
    barred = {SOMATIC, FETAL} if marker.source_class else {FETAL}
    return source_class not in barred


def _speaks_of(marker: Marker, variant: Variant) -> bool:
    """Whether *variant* is the change that is asked for, or rules it out.

    Another change that is present says nothing, nor does the absence of one that is not all of it.
    """
    if not variant.changes:
        return True
    if variant.found is Truth.NO:
        return marker.ruled_out is not None and _any(marker.ruled_out, variant.changes)
    return marker.pattern is None or _any(marker.pattern, variant.changes)


def _another_type(marker: Marker, variant: Variant) -> Bearing | None:
    """A NO where the result names a whole genotype that is not the one asked for."""
    named = marker.negative is not None and _any(marker.negative, variant.changes)
    if not named or not variant.final or variant.found is not Truth.YES:
        return None
    return Bearing(Truth.NO, variant.told, variant.evidence, variant.at)


def _any(pattern: re.Pattern[str], changes: Iterable[str]) -> bool:
    return any(pattern.search(change[:LONGEST]) for change in changes)


def _present(marker: Marker, variant: Variant) -> Bearing:
    if marker.pathogenic and variant.significance in HARMLESS:
        told = f"{variant.told}: counts as negative"
        return Bearing(Truth.NO, told, variant.evidence, variant.at, note=COUNTED)
    if marker.pathogenic and variant.significance != PATHOGENIC:
        return _open(variant, "does not say whether the variant is pathogenic")
    named = marker.both_copies is not None and _any(marker.both_copies, variant.changes)
    truth = Truth.YES if named else _by_zygosity(marker, variant.zygosity)
    if truth is Truth.UNKNOWN:
        return _open(variant, "does not say how many copies of the gene are changed")
    one = marker.zygosity == "biallelic" and truth is Truth.NO
    copy = " ".join(variant.changes)[:LONGEST] if one else ""
    return Bearing(truth, variant.told, variant.evidence, variant.at, copy=copy)


def _by_zygosity(marker: Marker, told: frozenset[str]) -> Truth:
    """Whether the copies that are changed are as many as *marker* takes."""
    if marker.zygosity == "not-carrier":
        return Truth.NO if told == {"heterozygous"} else Truth.YES
    if not marker.zygosity:
        return Truth.YES
    if told == {"homozygous"}:
        return Truth.YES
    if "compound" in told:
        return Truth.YES if marker.zygosity == "biallelic" else Truth.NO
    return Truth.NO if told == {"heterozygous"} else Truth.UNKNOWN


def _open(variant: Variant, why: str, counts: bool = True) -> Bearing:
    return Bearing(
        Truth.UNKNOWN, variant.told, variant.evidence, variant.at, counts=counts, why=why
    )


def interpretable(marker: Marker, variant: Variant) -> bool:
    """Whether *variant* is a result on the genes of *marker* that can be relied on at all."""
    if not variant.genes & set(marker.genes) or not _of_class(marker, variant.source_class):
        return False
    unclassed = marker.source_class == GERMLINE and variant.source_class != GERMLINE
    if unclassed or not variant.final or variant.found is Truth.UNKNOWN:
        return False
    told = variant.significance in {PATHOGENIC, *HARMLESS}
    return told or not marker.pathogenic or variant.found is Truth.NO
