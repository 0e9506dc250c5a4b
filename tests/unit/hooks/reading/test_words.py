"""Words that turn a statement round or leave it open."""

import pytest

from hooks.reading.words import LONGEST_TEXT, doubtful, plainly


@pytest.mark.parametrize(
    "text",
    [
        "not *1/*1",
        "cannot be told",
        "NEGATIVE for",
        "rules out",
        "no call",
        "*1/*1?",
        "10% of normal",
        "< 2",
        "possibly",
        "the mother's",
        "previously reported",
        "control sample",
        "a" * (LONGEST_TEXT + 1),
    ],
)
def test_what_denies_doubts_compares_or_speaks_of_others_is_doubtful(text: str) -> None:
    assert doubtful(text)


@pytest.mark.parametrize(
    "text",
    ["", "*1/*2", "CYP2C19 *1/*2, intermediate metabolizer", "c.1905+1G>A (*2A)", "≥3", "notable"],
)
def test_a_plain_statement_is_not_doubtful(text: str) -> None:
    assert not doubtful(text)


@pytest.mark.parametrize("words", [set(), {"the", "patient", "is"}, {"hla", "allele", "2"}])
def test_neutral_words_and_numbers_say_nothing_more(words: set[str]) -> None:
    assert plainly(words)


@pytest.mark.parametrize("words", [{"the", "mother"}, {"insufficient"}, {"x"}])
def test_any_other_word_says_more(words: set[str]) -> None:
    assert not plainly(words)
