"""From alleles to phenotypes, as CPIC's tables and conventions have it: one function a method."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations_with_replacement

from hooks.clinical.facts import AlleleStatus, Diplotype, Missing, ReportedPhenotype, Why
from hooks.clinical.scores import Score, ScoreRange

INDETERMINATE = "Indeterminate"
NO_RESULT = "No Result"
UNASSIGNED = "unassigned"  # an allele that CPIC names without giving it a function
COPIES = re.compile(r"(?P<base>.+?)x(?P<copies>N|≥?[1-9]\d?)\Z")
SUB_ALLELE = re.compile(r"(\*\d+[A-Z]*)\.\d+(?=\Z|x| \+ )")
OLD_NAME = re.compile(r"\d{4}(?:\d{2}){0,2}[A-Z]?\Z")
TWO_FIELDS = re.compile(r"\*?(\d{2,4}):(\d{2,4})(?::|[A-Z]|\Z)")


@dataclass(frozen=True, slots=True)
class GeneCall:
    """One possible reading of a gene: what a guideline is looked up by.

    *phenotype* is CPIC's term without the gene, an allele status (`*57:01 positive`) or
    `No Result`, and empty for a diplotype that is only shown; *reported* says that the laboratory,
    not our table, drew the conclusion. *before* is the call that an inhibitor turned into this one.
    """

    gene: str
    phenotype: str
    diplotype: str = ""
    score: Score | None = None
    reported: bool = False
    before: "GeneCall | None" = None


Calls = frozenset[GeneCall] | Missing


@dataclass(frozen=True, slots=True)
class GeneTest:
    """The laboratory test that would tell this gene: a code with its display."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Gene:
    """A gene and the rules from its alleles to its phenotypes.

    *alleles*: name -> clinical function, or activity value. *aliases*: other names, in lower
    case -> name. *phenotypes*: a sorted pair of functions, or a single one (hemizygous, carrier,
    mitochondrial) -> phenotype; for a gene that is only reported, each phenotype by itself.
    *hgnc* may be empty for such a gene. *precedence*: for carrier and mitochondrial, the functions
    in the order in which they win. *ranges*: phenotype -> activity scores. *acts_in*: the tissues
    whose genes matter, none if we have no source for it. *test* tells the genotype,
    *activity_test* what the genotype leaves open.
    """

    symbol: str
    hgnc: str
    method: str
    alleles: Mapping[str, str]
    aliases: Mapping[str, str] = field(default_factory=dict)
    phenotypes: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    ranges: Mapping[str, ScoreRange] = field(default_factory=dict)
    precedence: tuple[str, ...] = ()
    reference: str = ""
    acts_in: tuple[str, ...] = ()
    test: GeneTest | None = None
    activity_test: GeneTest | None = None
    source: str = ""

    def calls(self, diplotype: Diplotype, sex: str | Missing) -> Calls:
        """Every phenotype that *diplotype* may stand for, or why there is none.

        Not for HLA, which is asked allele by allele: `status`.
        """
        return METHODS[self.method](self, diplotype, sex)

    def allele(self, name: str) -> str | Missing:
        """The table's own name for *name*, or that we do not have it."""
        if name in self.alleles:
            return name
        folded = fold(name)
        if folded in self.aliases:
            return self.aliases[folded]
        core = SUB_ALLELE.sub(r"\1", name)  # *4.013 is a sub-allele of *4
        if core != name:
            return self.allele(core)
        return Missing(self.symbol, Why.UNREADABLE, f"allele {name} is not in our table")

    def status(self, diplotype: Diplotype, allele: str) -> AlleleStatus | Missing:
        """Whether *diplotype* carries *allele*, compared by its first two fields (HLA)."""
        return hla_status(self.symbol, diplotype, allele)

    def decided(self, status: AlleleStatus) -> frozenset[GeneCall]:
        """The call of an allele that decides alone; none if it is absent or decides nothing."""
        known = self.allele(status.allele)
        if not status.present or isinstance(known, Missing):
            return frozenset()
        if self.alleles[known] not in self.precedence[:1]:
            return frozenset()
        phenotype = self.phenotypes[(self.alleles[known],)]
        return frozenset({GeneCall(self.symbol, phenotype, str(status))})

    def reported_phenotype(self, reported: ReportedPhenotype) -> frozenset[GeneCall]:
        """The calls that a laboratory's phenotype may stand for: each score that it covers."""
        call = GeneCall(self.symbol, reported.phenotype, reported=True)
        fitting = self.ranges.get(reported.phenotype)
        if fitting is None:
            return frozenset({call})
        scores = (score for score in possible_scores(self) if fitting.holds(score))
        return frozenset(replace(call, score=score) for score in scores)

    def reported_score(self, reported: ReportedPhenotype) -> frozenset[GeneCall]:
        """The calls of a laboratory's activity score by today's ranges; none if it gave none."""
        if not reported.activity_score or not self.ranges:
            return frozenset()
        calls = scored(self, "", {Score.parse(reported.activity_score)})
        return frozenset(replace(call, reported=True) for call in calls)


def fold(name: str) -> str:
    """*name* as aliases are looked up: lower case, no spaces at `+` and `,`, single ones else."""
    return " ".join(re.sub(r"\s*([+,])\s*", r"\1", name.casefold()).split())


def pair(first: str, second: str) -> tuple[str, str]:
    """The key of two functions; their order does not matter."""
    return (first, second) if first <= second else (second, first)


def function_pair(gene: Gene, diplotype: Diplotype, _sex: str | Missing) -> Calls:
    """The phenotype of the functions of two alleles."""
    functions = _functions(gene, diplotype)
    if isinstance(functions, Missing):
        return functions
    if len(functions) != 2:
        return _not_two(gene)
    phenotype = gene.phenotypes[pair(*functions)]
    return frozenset({GeneCall(gene.symbol, phenotype, str(diplotype))})


def hemizygous(gene: Gene, diplotype: Diplotype, sex: str | Missing) -> Calls:
    """Like a function pair, but a man has one allele (X chromosome); needs the patient's sex."""
    functions = _functions(gene, diplotype)
    if isinstance(functions, Missing):
        return functions
    if isinstance(sex, Missing):
        return Missing(gene.symbol, Why.UNREADABLE, "the number of alleles depends on the sex")
    if sex == "male":
        if len(set(diplotype.alleles)) != 1:
            return Missing(gene.symbol, Why.UNREADABLE, "two different alleles in a man")
        return frozenset({GeneCall(gene.symbol, gene.phenotypes[functions[:1]], str(diplotype))})
    return function_pair(gene, diplotype, sex)


def activity_score(gene: Gene, diplotype: Diplotype, _sex: str | Missing) -> Calls:
    """The sum of the activity values of both alleles, copy numbers included.

    An open copy number (`*1xN`) leaves several scores; `*4xN` is 0 whatever N.
    """
    if len(diplotype.alleles) != 2:
        return _not_two(gene)
    values = []
    for allele in diplotype.alleles:
        possible = allele_scores(gene, allele)
        if isinstance(possible, Missing):
            return possible
        values.append(possible)
    totals = {first + second for first in values[0] for second in values[1]}
    return scored(gene, str(diplotype), totals)


def lowest_two(gene: Gene, diplotype: Diplotype, _sex: str | Missing) -> Calls:
    """The sum of the two lowest values over all variants carried (DPYD).

    Variants known to be on one chromosome (`a + b`) count once, by the lower of them; variants
    without phase count as on two.
    """
    values = []
    for haplotype in diplotype.alleles:
        known = [gene.allele(name) for name in _variants(gene, haplotype)]
        if missing := next((name for name in known if isinstance(name, Missing)), None):
            return missing
        values.append(min(_value(gene, name) for name in known if isinstance(name, str)))
    if len(values) < 2:
        return _not_two(gene)
    first, second = sorted(values)[:2]
    return scored(gene, str(diplotype), {Score(first + second)})


def carrier(gene: Gene, diplotype: Diplotype, _sex: str | Missing) -> Calls:
    """The phenotype of the strongest function among all variants carried (RYR1).

    One copy of the first function of the precedence decides, whatever stands beside it; any other
    answer takes two chromosomes on which everything is known.
    """
    strongest = _strongest(gene, diplotype)
    if isinstance(strongest, Missing):
        return strongest
    if strongest != gene.precedence[0] and len(diplotype.alleles) < 2:
        return _not_two(gene)
    return frozenset({GeneCall(gene.symbol, gene.phenotypes[(strongest,)], str(diplotype))})


def mitochondrial(gene: Gene, diplotype: Diplotype, _sex: str | Missing) -> Calls:
    """The phenotype of the strongest function among the variants of one mitochondrial call.

    There is no second chromosome: a name that is said twice is one variant.
    """
    strongest = _strongest(gene, diplotype)
    if isinstance(strongest, Missing):
        return strongest
    names = Diplotype.of(gene.symbol, *set(diplotype.alleles))
    return frozenset({GeneCall(gene.symbol, gene.phenotypes[(strongest,)], str(names))})


def diplotype_itself(gene: Gene, diplotype: Diplotype, _sex: str | Missing) -> Calls:
    """The diplotype in the table's own names, for a gene that CPIC gives no phenotypes."""
    known = [gene.allele(name) for name in diplotype.alleles]
    if missing := next((name for name in known if isinstance(name, Missing)), None):
        return missing
    if len(known) != 2:
        return _not_two(gene)
    named = str(Diplotype.of(gene.symbol, *(name for name in known if isinstance(name, str))))
    return frozenset({GeneCall(gene.symbol, named, named)})


def reported_only(gene: Gene, _diplotype: Diplotype, _sex: str | Missing) -> Calls:
    """No call: what the alleles of this gene mean is not known here, only reported phenotypes."""
    return Missing(gene.symbol, Why.UNREADABLE, "its alleles are not read, only a phenotype is")


METHODS: dict[str, Callable[[Gene, Diplotype, str | Missing], Calls]] = {
    "function-pair": function_pair,
    "hemizygous": hemizygous,
    "activity-score": activity_score,
    "lowest-two": lowest_two,
    "carrier": carrier,
    "mitochondrial": mitochondrial,
    "diplotype": diplotype_itself,
    "reported": reported_only,
}


def hla_status(symbol: str, diplotype: Diplotype, allele: str) -> AlleleStatus | Missing:
    """One copy is positive; negative needs two typings of two fields that both differ.

    `57:01:01` is `*57:01`, `57:03` is not, `*57` alone cannot be decided. Nor can a null allele
    (`N`): it is not expressed, and the guidelines do not speak of it.
    """
    wanted = _fields(allele)
    typed = [_fields(name) for name in diplotype.alleles]
    expressed = [_fields(name) for name in diplotype.alleles if not name.endswith("N")]
    if wanted in expressed:
        return AlleleStatus(symbol, allele, present=True)
    if wanted in typed:
        detail = f"the typing has a null allele of {symbol}{allele}"
        return Missing(f"{symbol}{allele}", Why.UNREADABLE, detail)
    undecided = [name for name in typed if len(name) < 2 and name[:1] in ((), wanted[:1])]
    if undecided or len(typed) != 2:
        detail = f"the typing does not tell {symbol}{allele}"
        return Missing(f"{symbol}{allele}", Why.UNREADABLE, detail)
    return AlleleStatus(symbol, allele, present=False)


def allele_scores(gene: Gene, name: str) -> frozenset[Score] | Missing:
    """The activity values that an allele name leaves possible; several for an open copy number.

    A tandem that the table does not have counts as the sum of its parts.
    """
    known = gene.allele(name)
    if isinstance(known, str):
        return _assigned(gene, known)
    name = SUB_ALLELE.sub(r"\1", name)
    if " + " in name:
        return _sum_of([allele_scores(gene, part) for part in name.split(" + ")])
    match = COPIES.match(name)
    base = gene.allele(match["base"]) if match else known
    if match is None or isinstance(base, Missing):
        return known
    if gene.alleles[base] == UNASSIGNED:
        return _no_function(gene, base)
    copies = match["copies"]
    if copies == "N":
        return _copied(gene, base, 2) | _copied(gene, base, 3, "≥")
    number = int(copies.removeprefix("≥"))
    return _copied(gene, base, number, "≥" if copies.startswith("≥") else "")


def _sum_of(parts: list[frozenset[Score] | Missing]) -> frozenset[Score] | Missing:
    """Every sum of one score of each part, or the first part that has none."""
    totals = frozenset({Score(Decimal(0))})
    for part in parts:
        if isinstance(part, Missing):
            return part
        totals = frozenset(total + score for total in totals for score in part)
    return totals


def scored(gene: Gene, diplotype: str, totals: Iterable[Score]) -> frozenset[GeneCall]:
    """A call for each score and each phenotype that the score may have."""
    calls = set()
    for score in totals:
        if score.value is None:
            calls.add(GeneCall(gene.symbol, INDETERMINATE, diplotype, score))
        for phenotype, fitting in gene.ranges.items():
            if fitting.touches(score):
                calls.add(GeneCall(gene.symbol, phenotype, diplotype, score))
    return frozenset(calls)


def possible_scores(gene: Gene) -> frozenset[Score]:
    """Every score that two alleles of the table can make, and a closed one for each open one."""
    values = {Score.parse(value) for value in gene.alleles.values() if value != UNASSIGNED}
    pairs = {first + second for first, second in combinations_with_replacement(values, 2)}
    return frozenset(score for score in pairs if score.value is not None)


def _functions(gene: Gene, diplotype: Diplotype) -> tuple[str, ...] | Missing:
    functions = []
    for name in diplotype.alleles:
        function = _function(gene, name)
        if isinstance(function, Missing):
            return function
        functions.append(function)
    return tuple(functions)


def _function(gene: Gene, name: str) -> str | Missing:
    known = gene.allele(name)
    if isinstance(known, Missing):
        return known
    if gene.alleles[known] == UNASSIGNED:
        return _no_function(gene, known)
    return gene.alleles[known]


def _strongest(gene: Gene, diplotype: Diplotype) -> str | Missing:
    """The function that wins; only the first of the precedence does so beside an unknown one."""
    names = [name for allele in diplotype.alleles for name in _variants(gene, allele)]
    read = [_function(gene, name) for name in names]
    gap = next((each for each in read if isinstance(each, Missing)), None)
    functions = [each for each in read if isinstance(each, str)]
    if gap is not None and gene.precedence[0] not in functions:
        return gap
    if not functions:
        return Missing(gene.symbol, Why.UNREADABLE, "no allele is named")
    return min(functions, key=gene.precedence.index)


def _variants(gene: Gene, haplotype: str) -> list[str]:
    """The variants that stand on one chromosome together: `a + b`; a row of the table is one."""
    return [haplotype] if haplotype in gene.alleles else haplotype.split(" + ")


def _assigned(gene: Gene, known: str) -> frozenset[Score] | Missing:
    if gene.alleles[known] == UNASSIGNED:
        return _no_function(gene, known)
    return frozenset({Score.parse(gene.alleles[known])})


def _copied(gene: Gene, base: str, copies: int, sign: str = "") -> frozenset[Score]:
    """The value of *copies* of *base*: the table's row if it has one, else value times copies."""
    for name in (f"{base}x{sign}{copies}", f"{base}x≥3" if copies >= 3 else ""):
        if name in gene.alleles:
            return frozenset({Score.parse(gene.alleles[name])})
    value = Score.parse(gene.alleles[base]).times(copies)
    return frozenset({Score(value.value, bool(sign) and bool(value.value))})


def _value(gene: Gene, name: str) -> Decimal:
    value = Score.parse(gene.alleles[name]).value
    assert value is not None  # noqa: S101  lint proves that every variant has a value
    return value


def _fields(allele: str) -> tuple[str, ...]:
    """The first two fields of an HLA allele name; one if it has only one."""
    name = allele.rpartition("*")[2]
    if OLD_NAME.match(name):  # before 2010 names had no colons: 5701, 150201
        return name[:2], name[2:4]
    if match := TWO_FIELDS.match(name):
        return match.groups()
    first = re.match(r"\d+", name)
    return (first.group(),) if first else ()


def _not_two(gene: Gene) -> Missing:
    return Missing(gene.symbol, Why.UNREADABLE, "two alleles are needed")


def _no_function(gene: Gene, name: str) -> Missing:
    return Missing(gene.symbol, Why.UNREADABLE, f"allele {name} has no assigned function yet")
