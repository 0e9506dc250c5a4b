"""Texts that must not be read: whoever adds a word to what we read runs them all."""

import pytest

from tests.unit.hooks.reading import Json, gene, observation, read

PAIRS = {
    "CYP2C19": "*1/*1",
    "CYP2D6": "*2x2/*4",
    "DPYD": "Reference/c.2846A>T",
    "G6PD": "B/B",
    "RYR1": "Reference/Reference",
    "CFTR": "G551D/F508del",
    "MT-RNR1": "Reference",
    "VKORC1": "rs9923231 C/T",
    "UGT1A1": "(TA)6/(TA)6",
}
DENIED = [
    "not {}",
    "{} not detected",
    "{} was excluded",
    "no {}",
    "{} absent",
    "negative for {}",
    "{} ruled out",
    "other than {}",
    "neither {}",
]
DOUBTED = [
    "{}?",
    "possibly {}",
    "likely {}",
    "probable {}",
    "presumed {}",
    "suspected {}",
    "consistent with {}",
    "suggestive of {}",
    "at least one of {}",
    "{} or unknown",
    "{} (to be confirmed)",
    "{} pending confirmation",
    "{} - low confidence",
    "{}, call rate 80%",
    "{} (imputed)",
    "{} by proxy",
    "{} unless a duplication is present",
    "{} assuming phase",
    "~{}",
    "{} +/-",
    "{} >",
    "{} \u2020",
]
BEFORE_OR_ELSEWHERE = [
    "previously {}",
    "formerly {}",
    "{} in 2012, now revised",
    "{} superseded",
    "corrected from {}",
    "{} withdrawn",
    "expected {}",
    "reference range: {}",
    "{} is the most common genotype",
    "control: {}",
    "example: {}",
    "tumor {}",
    "somatic {}",
]
OTHERS = [
    "mother {}",
    "the patient's brother is {}",
    "daughter: {}",
    "donor {}",
    "recipient {}",
    "husband {}",
    "fetus {}",
    "family member {}",
    "wrong patient {}",
    "CYP1A2 {}",
    "ABCB1: {}",
]
FAILED = [
    "{} failed",
    "test not performed {}",
    "insufficient sample; {}",
    "{} no call",
    "{} (default)",
    "QNS {}",
    "error {}",
    "{} contaminated",
    "cannot report {}",
]


@pytest.mark.parametrize("phrase", DENIED + DOUBTED + BEFORE_OR_ELSEWHERE + OTHERS + FAILED)
@pytest.mark.parametrize("symbol", PAIRS)
def test_alleles_beside_such_words_state_nothing(symbol: str, phrase: str) -> None:
    assert not stated(symbol, phrase.format(PAIRS[symbol]))


@pytest.mark.parametrize("symbol", PAIRS)
def test_the_same_alleles_alone_are_read(symbol: str) -> None:
    assert stated(symbol, PAIRS[symbol])


@pytest.mark.parametrize("phrase", DENIED + DOUBTED + BEFORE_OR_ELSEWHERE + OTHERS + FAILED)
def test_a_phenotype_beside_such_words_is_none(phrase: str) -> None:
    text = phrase.format("normal metabolizer")
    found = read(observation("79715-9", text)).found.get("CYP2D6")
    told = {str(each) for each in getattr(found, "reported", ())}
    assert told <= ({"Likely Normal Metabolizer"} if phrase == "likely {}" else set())


@pytest.mark.parametrize(
    "phrase",
    [
        "{} positive control",
        "{}: negative control",
        "{} not tested",
        "{} may be present",
        "{} positive or negative",
        "{} positive in the mother",
        "{} equivocal",
        "{} not conclusively negative",
        "previously {} positive",
        "{} carrier status",
        "{} carrier test ordered",
        "{} present/absent",
        "{} (+)",
    ],
)
def test_a_typing_beside_such_words_is_no_answer(phrase: str) -> None:
    text = phrase.format("HLA-B*57:01")
    found = read(observation("57291-7", text)).found.get("HLA-B")
    assert not getattr(found, "statuses", ())
    assert not getattr(found, "candidates", ())


def stated(symbol: str, text: str) -> bool:
    """Whether *text*, filed as a genotype of the gene, gives any alleles."""
    filed: Json = observation("84413-4", text, component=[gene(symbol)])
    return bool(getattr(read(filed).found.get(symbol), "candidates", ()))
