"""Laws of judging that hold for every patient, not only for those that we thought of."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.facts import Diplotype, GeneResult, Missing, ReportedPhenotype, Why
from hooks.clinical.findings import Finding
from hooks.clinical.guidelines import INDICATORS, Guideline
from hooks.clinical.logic import Truth
from tests.unit.hooks.small import (
    LINKED_RULE,
    RULE,
    SCORED_RULE,
    TWO_GENES,
    TYPED_RULE,
    VARIANTS_RULE,
    judged,
)


@dataclass(frozen=True)
class Case:
    """A rule of one gene, and names of alleles that are known, uncertain, coarse or unknown."""

    rule: Guideline
    alleles: tuple[str, ...]

    @property
    def symbol(self) -> str:
        return self.rule.genes[0]


CASES = (
    Case(RULE, ("*1", "*2", "*12", "*42", "*77")),
    Case(SCORED_RULE, ("*1", "*1x2", "*1xN", "*4", "*4xN", "*10", "*22", "*36 + *10", "*77")),
    Case(VARIANTS_RULE, ("Reference", "c.1A>G", "c.2A>G", "c.1A>G + c.2A>G", "c.9A>G")),
    Case(LINKED_RULE, ("B", "A-", "New", "Atlantis")),
    Case(TYPED_RULE, ("*57:01", "*57:01:01", "*57:03", "*57", "*08:01", "*07:02", "odd")),
)
NO_SEX = Missing("sex", Why.NOT_RECORDED)
SEXES = st.sampled_from(["male", "female", NO_SEX])
PHENOTYPES = st.sampled_from(["Poor", "Intermediate", "Normal", "Indeterminate", "Superb"])
GAPS = st.sampled_from([Why.NOT_FETCHED, Why.UNREADABLE, Why.OUTDATED, Why.CONFLICTING])
URGENCY = ("", *INDICATORS)


@st.composite
def candidates(draw: st.DrawFn) -> tuple[Case, frozenset[Diplotype], frozenset[Diplotype]]:
    """Some candidates of one case, and more of them."""
    case = draw(st.sampled_from(CASES))
    alleles = st.lists(st.sampled_from(case.alleles), min_size=1, max_size=3)
    diplotypes = alleles.map(lambda names: Diplotype.of(case.symbol, *names))
    some = draw(st.frozensets(diplotypes, min_size=1, max_size=3))
    return case, some, some | draw(st.frozensets(diplotypes, max_size=2))


def judged_by(case: Case, told: frozenset[Diplotype], sex: str | Missing) -> Finding:
    return judged(case.rule, GeneResult(case.symbol, told), sex=sex)


@given(candidates(), SEXES)
def test_more_candidates_never_make_it_more_certain(
    drawn: tuple[Case, frozenset[Diplotype], frozenset[Diplotype]], sex: str | Missing
) -> None:
    case, some, more = drawn
    before, after = judged_by(case, some, sex), judged_by(case, more, sex)

    if before.outcome.applies is Truth.UNKNOWN:
        assert after.outcome.applies is Truth.UNKNOWN
    else:
        assert after.outcome.applies in {before.outcome.applies, Truth.UNKNOWN}


@given(candidates(), SEXES)
def test_the_order_of_alleles_never_changes_the_answer(
    drawn: tuple[Case, frozenset[Diplotype], frozenset[Diplotype]], sex: str | Missing
) -> None:
    case, some, _ = drawn
    turned = [
        frozenset(Diplotype(case.symbol, each.alleles[::step]) for each in some) for step in (1, -1)
    ]
    there, back = (judged_by(case, told, sex) for told in turned)

    assert there.outcome == back.outcome
    assert there.indicator == back.indicator


@given(
    st.sampled_from(CASES),
    st.lists(st.lists(st.text(max_size=10) | st.from_regex(r"\*\d+"), max_size=4), max_size=3),
    SEXES,
)
def test_no_text_in_place_of_alleles_raises(
    case: Case, texts: list[list[str]], sex: str | Missing
) -> None:
    told = frozenset(Diplotype.of(case.symbol, *alleles) for alleles in texts)

    assert isinstance(judged_by(case, told, sex), Finding)


@given(candidates(), SEXES, PHENOTYPES, st.sampled_from(["", "0.0", "1.0", "≥3.0", "n/a"]))
def test_no_report_raises_whatever_the_alleles_are(
    drawn: tuple[Case, frozenset[Diplotype], frozenset[Diplotype]],
    sex: str | Missing,
    phenotype: str,
    score: str,
) -> None:
    case, some, _ = drawn
    reported = frozenset({ReportedPhenotype(case.symbol, phenotype, score)})

    found = judged(case.rule, GeneResult(case.symbol, some, reported), sex=sex)

    assert isinstance(found, Finding)


@given(candidates(), SEXES, st.text(max_size=5))
def test_an_allele_that_we_do_not_know_never_reassures(
    drawn: tuple[Case, frozenset[Diplotype], frozenset[Diplotype]],
    sex: str | Missing,
    odd: str,
) -> None:
    case, some, _ = drawn
    strange = Diplotype.of(case.symbol, f"?{odd}?", case.alleles[0])

    if case.rule is not TYPED_RULE:  # one HLA allele is positive whatever the other is
        found = judged_by(case, some | {strange}, sex)
        assert found.outcome.applies is Truth.UNKNOWN


@given(st.sampled_from(["*1/*1", "*1/*2", "*2/*2", "*1/*12"]), GAPS)
def test_a_gene_that_may_be_on_file_never_lets_the_other_reassure(alleles: str, why: Why) -> None:
    told = Diplotype.of("PAIR", *alleles.split("/"))

    found = judged(TWO_GENES, GeneResult("PAIR", frozenset({told})), Missing("OTHER", why))

    assert found.outcome.applies is not Truth.NO


@given(st.permutations(["*1/*1", "*1/*2", "*2/*2"]), PHENOTYPES)
def test_a_report_never_makes_advice_milder(alleles: list[str], phenotype: str) -> None:
    told = frozenset({Diplotype.of("PAIR", *alleles[0].split("/"))})
    alone = judged(RULE, GeneResult("PAIR", told))
    both = judged(RULE, GeneResult("PAIR", told, frozenset({ReportedPhenotype("PAIR", phenotype)})))

    assert URGENCY.index(both.indicator) >= URGENCY.index(alone.indicator)
