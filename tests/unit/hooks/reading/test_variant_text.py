"""Variants in words: names, and what is said of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.clinical.haplotypes import Site
from hooks.reading.variant_text import Saying, letter_of, saying, told

SYMBOLS = ("CYP2C19", "DPYD")
SNV = Site("DPYD", "chr1", 100, ("C", "T"))
GONE = Site("DPYD", "chr1", 200, ("TG", "T"), shifts=(("T", 1),))
ADDED = Site("DPYD", "chr1", 300, ("C", "CTA"), shifts=(("CTA", 1),))
BOTH = Site("DPYD", "chr1", 400, ("CAT", "C", "CATAT"))
SWAPPED = Site("DPYD", "chr1", 500, ("TC", "CT"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rs4244285 G/A", Saying(letters=("G", "A"))),
        ("rs4244285: GA", Saying(letters=("G", "A"))),
        ("rs4244285 (A;G)", Saying(letters=("A", "G"))),
        ("rs4244285 G|A", Saying(letters=("G", "A"), phased=True)),
        ("CYP2C19 rs4244285 genotype A/A (homozygous)", Saying("homozygous", ("A", "A"))),
        ("heterozygous for rs4244285 (G/A)", Saying("heterozygous", ("G", "A"))),
        ("rs4244285 (*2) heterozygous", Saying("heterozygous")),
        ("rs4244285 detected, heterozygous", Saying("heterozygous")),
        ("rs4244285 hom", Saying("homozygous")),
        ("rs4244285 hemizygous", Saying("hemizygous")),
        ("rs4244285: not detected", Saying("absent")),
        ("rs4244285 wild-type", Saying("absent")),
        ("rs4244285 homozygous reference", Saying("absent")),
        ("rs4244285 G/G wild type", Saying("absent", ("G", "G"))),
        ("rs4244285 present", Saying("present")),
        ("rs4244285 no call", Saying("no-call")),
        ("rs72549303 delG/G", Saying(letters=("delG", "G"))),
        ("rs72549303 -/G", Saying(letters=("-", "G"))),
        ("m.1555A>G heteroplasmic (20 %)", Saying("heteroplasmic")),
        ("m.1555A>G homoplasmic", Saying("homoplasmic")),
        ("NC_000010.11:g.94781859G>A heterozygous", Saying("heterozygous")),
        ("NC_000010.11:94781858:G:A heterozygous", Saying("heterozygous")),
        ("NM_000769.4:c.681G>A heterozygous", Saying("heterozygous")),
        ("c.1129-5923C>G heterozygous", Saying("heterozygous")),
        ("p.(Ile331Val) homozygous", Saying("homozygous")),
        ("rs4244285", Saying()),
    ],
)
def test_what_is_said_of_one_variant_is_read(text: str, expected: Saying) -> None:
    assert [each.saying for each in told(text, SYMBOLS)] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "G/A",
        "rs4244285 probably G/A",
        "rs4244285 G/A?",
        "rs4244285 normal metabolizer, low confidence",
        "rs4244285 G/A homozygous",
        "rs4244285 G/G heterozygous",
        "rs4244285 heterozygous or homozygous",
        "rs4244285 not detected, heterozygous",
        "rs4244285 G/A hemizygous",
        "rs4244285 G/A/A",
        "rs4244285 G/A>T",
        "mother: rs4244285 G/A; rs4986893 G/G",
        "G/A rs4244285; rs4986893 G/G",
        "rs4244285 G/A; rs4986893 maybe",
        "rs4244285 " + "is " * 300,
        "rs4244285 G/A " * 1000,
    ],
)
def test_what_may_mean_something_else_is_not(text: str) -> None:
    assert told(text, SYMBOLS) == ()


def test_a_text_may_name_several_variants() -> None:
    found = told("CYP2C19: rs4244285 G/A; rs4986893 G/G, DPYD c.85T>C heterozygous", SYMBOLS)
    assert [(each.name, each.saying.says, each.saying.letters) for each in found] == [
        ("rs4244285", "", ("G", "A")),
        ("rs4986893", "", ("G", "G")),
        ("c.85T>C", "heterozygous", ()),
    ]


@pytest.mark.parametrize(
    ("site", "text", "letter"),
    [
        (SNV, "T", "T"),
        (SNV, "A", ""),
        (SNV, "-", ""),
        (GONE, "T", "T"),
        (GONE, "TG", "TG"),
        (GONE, "G", "TG"),
        (GONE, "-", "T"),
        (GONE, "del", "T"),
        (GONE, "delG", "T"),
        (GONE, "delT", ""),
        (ADDED, "-", "C"),
        (ADDED, "ins", "CTA"),
        (ADDED, "insTA", "CTA"),
        (ADDED, "insAT", "CTA"),
        (ADDED, "TA", ""),
        (BOTH, "del", "C"),
        (BOTH, "ins", "CATAT"),
        (BOTH, "AT", ""),
        (SWAPPED, "CT", "CT"),
        (SWAPPED, "del", ""),
    ],
)
def test_a_letter_may_be_written_by_what_is_gone_or_added(
    site: Site, text: str, letter: str
) -> None:
    assert letter_of(site, text) == letter


@given(st.text(max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    told(f"rs1 {text}", SYMBOLS)
    saying(text, SYMBOLS)
    letter_of(GONE, text)
