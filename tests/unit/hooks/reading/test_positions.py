"""Facts to calls: what goes together at one position, and between positions."""

import pytest

from hooks.clinical.facts import Missing, Why
from hooks.clinical.haplotypes import Called, Definitions, Site, defined
from hooks.reading.positions import AGAINST, called
from hooks.reading.variants import UNFITTING, Fact, Phase

ONE = Site("PAIR", "chr1", 1, ("A", "G"))
TWO = Site("PAIR", "chr1", 2, ("C", "T"))
THREE = Site("PAIR", "chr1", 3, ("G", "A", "T"))
SITES = (ONE, TWO, THREE)
PAIR = defined("PAIR", SITES, [("*1", {})])
LINKED = defined("PAIR", SITES, [("B", {})], copies="one-in-men")
ROUND = defined("PAIR", SITES, [("Reference", {})], copies="one")
UNKNOWN = Missing("sex", Why.NOT_RECORDED)


def fact(site: Site, says: str, letter: str = "", name: str = "", **more: object) -> Fact:
    """A fact on *site*; the letter is the first that is not the reference."""
    return Fact(
        "PAIR",
        site,
        says,
        letter=letter or site.letters[1],
        normal=site.reference,
        sources=frozenset({name} if name else ()),
        **more,  # type: ignore[arg-type]
    )


def letters(site: Site, *told: str, name: str = "", phased: bool = False) -> Fact:
    sources = frozenset({name} if name else ())
    return Fact("PAIR", site, "", told, normal=site.reference, phased=phased, sources=sources)


def at(site: Site, *facts: Fact, gene: Definitions = PAIR, sex: str | Missing = UNKNOWN) -> object:
    """The letters called at *site*, or why there are none."""
    found = called(gene, facts, (), sex)
    if isinstance(found, str):
        return found
    return next((call.letters for call in found if call.position == site.position), None)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([fact(ONE, "heterozygous")], ("A", "G")),
        ([fact(ONE, "homozygous")], ("G", "G")),
        ([fact(ONE, "present")], ("G", "?")),
        ([fact(ONE, "hemizygous")], ("G",)),
        ([fact(ONE, "hemizygous"), fact(ONE, "homozygous")], ("G",)),
        ([fact(ONE, "heterozygous"), fact(ONE, "present")], ("A", "G")),
        ([letters(ONE, "G", "A")], ("A", "G")),
        ([letters(ONE, "G", "A"), fact(ONE, "heterozygous")], ("A", "G")),
        ([fact(ONE, "absent")], ("A", "A")),
        ([Fact("PAIR", ONE, "absent", normal="A")], ("A", "A")),
        ([fact(ONE, "absent"), letters(ONE, "A", "A")], ("A", "A")),
        ([fact(ONE, "no-call")], None),
        ([Fact("PAIR")], None),
    ],
)
def test_what_is_said_of_a_position_makes_its_letters(
    facts: list[Fact], expected: tuple[str, ...]
) -> None:
    assert at(ONE, *facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([fact(THREE, "heterozygous"), fact(THREE, "heterozygous", "T")], ("A", "T")),
        ([fact(THREE, "heterozygous"), fact(THREE, "absent", "T")], ("A", "G")),
        ([fact(THREE, "present"), fact(THREE, "present", "T")], ("A", "T")),
        ([fact(THREE, "absent"), fact(THREE, "absent", "T")], ("G", "G")),
    ],
)
def test_two_letters_may_share_a_position(facts: list[Fact], expected: tuple[str, ...]) -> None:
    assert at(THREE, *facts) == expected


@pytest.mark.parametrize(
    "facts",
    [
        [fact(ONE, "heterozygous"), fact(ONE, "homozygous")],
        [fact(ONE, "heterozygous"), fact(ONE, "absent")],
        [fact(ONE, "heterozygous"), Fact("PAIR", ONE, "absent", normal="A")],
        [fact(ONE, "heterozygous"), letters(ONE, "A", "A")],
        [letters(ONE, "A", "A"), fact(ONE, "present")],
        [fact(THREE, s, letter) for s, letter in [("homozygous", "A"), ("heterozygous", "T")]],
        [fact(THREE, "hemizygous", "A"), fact(THREE, "hemizygous", "T"), fact(THREE, "present")],
        [fact(THREE, "heterozygous", letter) for letter in ("A", "T", "*")],
    ],
)
def test_results_of_one_position_that_differ_contradict_each_other(facts: list[Fact]) -> None:
    site = facts[0].site
    assert site is not None
    assert at(site, *facts) == AGAINST


def test_one_fact_that_cannot_be_used_makes_all_unreadable() -> None:
    strange = fact(TWO, "present", unreadable=UNFITTING)
    assert called(PAIR, [fact(ONE, "heterozygous"), strange], (), UNKNOWN) == UNFITTING


@pytest.mark.parametrize(
    ("says", "sex", "expected"),
    [
        ("homozygous", "male", ("G",)),
        ("present", "male", ("G",)),
        ("absent", "male", ("A",)),
        ("heterozygous", "male", ("A", "G")),
        ("homozygous", "female", ("G", "G")),
        ("homozygous", UNKNOWN, ("G", "G")),
    ],
)
def test_a_man_has_one_x(says: str, sex: str | Missing, expected: tuple[str, ...]) -> None:
    assert at(ONE, fact(ONE, says), gene=LINKED, sex=sex) == expected


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ("heteroplasmic", ("G",)),
        ("homoplasmic", ("G",)),
        ("heterozygous", ("G",)),
        ("present", ("G",)),
        ("absent", ("A",)),
    ],
)
def test_any_share_of_mitochondria_counts_as_carried(says: str, expected: tuple[str, ...]) -> None:
    assert at(ONE, fact(ONE, says), gene=ROUND) == expected


def phased(*phases: Phase, facts: list[Fact] | None = None) -> object:
    """The calls with phase, as `position: letters` of those that are bound to each other."""
    told = facts or [
        fact(ONE, "heterozygous", name="a"),
        fact(TWO, "heterozygous", name="b"),
        fact(THREE, "heterozygous", "T", name="c"),
    ]
    found = called(PAIR, told, phases, UNKNOWN)
    if isinstance(found, str):
        return found
    groups: dict[str, set[str]] = {}
    for call in found:
        groups.setdefault(call.phase, set()).add(f"{call.position}:{'|'.join(call.letters)}")
    return groups


def test_two_results_in_cis_lie_on_one_chromosome() -> None:
    assert phased(Phase("a", "b", cis=True)) == {"1": {"1:A|G", "2:C|T"}, "": {"3:G|T"}}


def test_two_results_in_trans_lie_on_two() -> None:
    assert phased(Phase("a", "b", cis=False)) == {"1": {"1:A|G", "2:T|C"}, "": {"3:G|T"}}


def test_phase_is_carried_on_from_result_to_result() -> None:
    told = phased(Phase("a", "b", cis=False), Phase("b", "c", cis=False), Phase("c", "a", cis=True))
    assert told == {"1": {"1:A|G", "2:T|C", "3:G|T"}}


def test_two_groups_of_phase_are_joined_by_a_later_one() -> None:
    fourth = Site("PAIR", "chr1", 4, ("C", "G"))
    gene = defined("PAIR", (*SITES, fourth), [("*1", {})])
    told = [fact(s, "heterozygous", name=n) for s, n in zip((*SITES, fourth), "abcd", strict=True)]
    phases = [Phase("a", "b", cis=True), Phase("c", "d", cis=False), Phase("d", "b", cis=True)]
    found = called(gene, told, phases, UNKNOWN)
    assert set(found) == {
        Called(1, ("A", "G"), "3"),
        Called(2, ("C", "T"), "3"),
        Called(3, ("A", "G"), "3"),
        Called(4, ("C", "G"), "3"),
    }


def test_phases_that_contradict_each_other_make_all_unreadable() -> None:
    assert phased(Phase("a", "b", cis=True), Phase("b", "a", cis=False)) == AGAINST


@pytest.mark.parametrize(
    "phase", [Phase("a", "strange", cis=True), Phase("strange", "a", cis=True)]
)
def test_a_phase_to_a_result_that_is_not_there_says_nothing(phase: Phase) -> None:
    assert set(phased(phase)) == {""}  # type: ignore[call-overload]


def test_a_phase_with_a_homozygous_result_says_nothing() -> None:
    told = [fact(ONE, "homozygous", name="a"), fact(TWO, "heterozygous", name="b")]
    assert phased(Phase("a", "b", cis=True), facts=told) == {"": {"1:G|G", "2:C|T"}}


def test_two_letters_of_one_position_have_no_phase_to_each_other() -> None:
    told = [fact(THREE, "heterozygous", letter, name=letter) for letter in "AT"]
    assert phased(Phase("A", "T", cis=False), facts=told) == {"": {"3:A|T"}}


def test_a_phase_holds_for_letters_as_well() -> None:
    told = [letters(ONE, "A", "G", name="a"), letters(TWO, "T", "C", name="b")]
    assert phased(Phase("a", "b", cis=False), facts=told) == {"1": {"1:A|G", "2:T|C"}}


def test_letters_that_are_both_changed_have_no_phase() -> None:
    told = [letters(THREE, "A", "T", name="a"), fact(TWO, "heterozygous", name="b")]
    assert phased(Phase("a", "b", cis=True), facts=told) == {"": {"3:A|T", "2:C|T"}}


def test_letters_of_one_text_are_in_the_order_of_the_chromosomes() -> None:
    told = [
        letters(ONE, "G", "A", name="a", phased=True),
        letters(TWO, "C", "T", name="a", phased=True),
        letters(THREE, "G", "G", name="a", phased=True),
    ]
    assert phased(facts=told) == {"1": {"1:A|G", "2:T|C"}, "": {"3:G|G"}}


def test_letters_of_two_texts_are_not() -> None:
    told = [
        letters(ONE, "G", "A", name="a", phased=True),
        letters(TWO, "C", "T", name="b", phased=True),
    ]
    assert phased(facts=told) == {"": {"1:A|G", "2:C|T"}}
