"""The words of a card: the consequence first, every gap named, nothing shown as markup."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hooks.card_text import detail, summary
from hooks.clinical.facts import Dose, Evidence, Missing, Why
from hooks.clinical.findings import Finding, Outcome
from hooks.clinical.genes import GeneCall
from hooks.clinical.guidelines import Action, Alternative, Cap
from hooks.clinical.logic import Truth
from hooks.clinical.scores import Score
from tests.unit.hooks.small import (
    DRUG,
    EVIDENCE,
    PAIR,
    REDUCE,
    RULE,
    STANDARD,
    TODAY,
    TWO_GENES,
    UNCLEAR,
    judged,
    order,
    result,
)
from tests.unit.hooks.told import HALF, KNOWN, SITUATION, SPOKEN, advising, gap, parts

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def tags(text: str) -> set[str]:
    """Every tag and raw HTML that *text* is rendered with."""
    tokens = MARKDOWN.parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    both = (*tokens, *inner)
    return {token.tag for token in both if token.tag} | {
        token.type for token in both if token.type.startswith("html")
    }


# Summary


def test_the_summary_is_the_branch_s_own_with_the_drug_s_name() -> None:
    assert summary(advising(), KNOWN) == "Firstin is unlikely to work: PAIR poor metabolizer"


@pytest.mark.parametrize(
    ("why", "text"),
    [
        (Why.NOT_RECORDED, "not tested"),
        (Why.NOT_FETCHED, "result could not be fetched"),
        (Why.UNREADABLE, "result could not be read"),
        (Why.OUTDATED, "result is too old"),
        (Why.CONFLICTING, "results conflict"),
    ],
)
def test_the_summary_says_what_it_cannot_tell_and_why(why: Why, text: str) -> None:
    assert summary(gap(why), KNOWN) == f"Cannot tell whether firstin will work: PAIR {text}"


def test_the_summary_says_that_a_function_is_uncertain() -> None:
    finding = judged(RULE, result("PAIR", "*1/*12"))

    assert summary(finding, KNOWN).endswith(": PAIR of uncertain function")


def test_the_summary_names_each_gene_once_and_a_conflict_before_a_gap() -> None:
    finding = replace(
        gap(Why.NOT_RECORDED),
        rule=TWO_GENES,
        missing=(
            Missing("PAIR", Why.NOT_RECORDED),
            Missing("PAIR", Why.CONFLICTING),
            Missing("OTHER", Why.NOT_FETCHED),
            Missing("indication", Why.NOT_RECORDED),
        ),
    )

    text = summary(finding, KNOWN)

    assert text.count("PAIR") == text.count("OTHER") == 1
    assert "PAIR results conflict" in text
    assert "indication" not in text


@pytest.mark.parametrize("length", [138, 139, 140, 141, 1000])
def test_a_summary_is_under_140_characters(length: int) -> None:
    text = summary(advising(replace(SPOKEN, summary="x" * length)), KNOWN)

    assert len(text) == min(length, 139)
    assert text.endswith("…") == (length > 139)


# Detail


def test_the_detail_has_its_parts_in_the_order_in_which_they_are_read() -> None:
    finding = advising(
        because=(EVIDENCE,),
        calls={"PAIR": (GeneCall("PAIR", "Poor", "*2/*2"),)},
        assumed=("taken to be an adult, the safer reading",),
    )

    assert list(parts(finding)) == [
        "What to do",
        "Why",
        "Found",
        "Assumed and not checked",
        "Source",
    ]


def test_a_part_without_words_is_left_out() -> None:
    assert list(parts(gap(Why.NOT_FETCHED))) == ["What to do", "Assumed and not checked", "Source"]


def test_what_to_do_and_why_are_the_branch_s_own_words() -> None:
    told = parts(advising())

    assert told["What to do"] == "Choose another drug than firstin."
    assert told["Why"] == "This patient cannot activate firstin. It stays without effect."


def test_what_was_found_is_told_with_its_date_laboratory_and_place() -> None:
    call = GeneCall("PAIR", "Poor", "*2/*2", Score(Decimal("0.5")))
    finding = advising(because=(EVIDENCE,), calls={"PAIR": (call,)})

    assert MARKDOWN.render(parts(finding)["Found"]) == (
        "<p>PAIR *2/*2 Poor (activity score 0.5); Observation/g of 2025-01-02, Laboratory, "
        "read from the EHR's prefetch</p>\n"
    )


def test_evidence_without_date_and_laboratory_says_so() -> None:
    finding = advising(because=(Evidence("Observation/g", source="https://ehr.example/fhir"),))

    found = parts(finding)["Found"]

    assert found.startswith("Observation/g of no date, read from https")
    assert MARKDOWN.render(found) == (
        "<p>Observation/g of no date, read from https://ehr.example/fhir</p>\n"
    )


def test_of_very_many_results_some_are_told_by_name_and_the_others_counted() -> None:
    many = tuple(Evidence(f"Observation/{number}") for number in range(40))

    told = parts(advising(because=many))["Found"]

    assert told.count("Observation/") == 12
    assert told.endswith("; and 28 more")


def test_every_gap_is_told_once_with_its_detail() -> None:
    missing = (
        Missing("PAIR", Why.UNREADABLE, "allele *99 is not in our table"),
        Missing("indication", Why.NOT_RECORDED),
        Missing("PAIR", Why.UNREADABLE, "allele *99 is not in our table"),
    )

    told = parts(advising(missing=missing))["Assumed and not checked"]

    assert told.splitlines() == [
        "- PAIR: result could not be read (allele \\*99 is not in our table).",
        "- The indication is not on file.",
    ]


@pytest.mark.parametrize("what", ["sex", "birth date"])
def test_what_the_patient_s_record_lacks_is_said_in_plain_words(what: str) -> None:
    told = parts(advising(missing=(Missing(what, Why.NOT_RECORDED),)))["Assumed and not checked"]

    assert told == f"- The patient's {'age' if what == 'birth date' else what} is not known."


def test_what_was_assumed_is_told_as_a_sentence() -> None:
    told = parts(advising(assumed=("taken to be an adult",)))["Assumed and not checked"]

    assert told == "- Taken to be an adult."


def test_alternatives_come_with_what_was_not_checked_of_them() -> None:
    told = parts(advising(alternatives=(Alternative("secondin"),)))["Assumed and not checked"]

    assert "kidney, liver and interactions are not checked" in told


def test_the_source_names_guideline_strength_rule_and_review() -> None:
    told = parts(advising())["Source"]

    assert told.startswith("Guideline of a society, PMID 1234567")
    for words in ("Rule pair-firstin", "knowledge 0123456789ab", "not yet reviewed"):
        assert words in told


def test_the_strength_is_told_beside_advice_only() -> None:
    assert "; strength: strong." in parts(advising())["Source"]
    assert "strength" not in parts(advising(replace(SPOKEN, advice="")))["Source"]


def test_who_signed_a_rule_is_named() -> None:
    finding = advising()
    signed = replace(finding, rule=replace(RULE, reviewed_by=("A. Person", "B. Person")))

    assert "reviewed by A. Person, B. Person" in parts(signed)["Source"]


# What to do where the rule cannot tell


def test_a_gene_that_was_not_tested_is_worth_a_test() -> None:
    assert parts(gap(Why.NOT_RECORDED))["What to do"] == (
        "Consider testing before relying on firstin: PAIR gene test."
    )


def test_a_gene_whose_test_has_no_code_is_worth_a_test_all_the_same() -> None:
    uncoded = replace(KNOWN, genes={**KNOWN.genes, "PAIR": replace(PAIR, test=None)})

    assert "**What to do:** Consider testing before relying on firstin.\n" in detail(
        gap(Why.NOT_RECORDED), SITUATION, uncoded
    )


def test_a_result_that_could_not_be_read_is_looked_at_first() -> None:
    assert parts(gap(Why.UNREADABLE))["What to do"].startswith("Look at the result on file")


def test_a_result_that_could_not_be_fetched_is_looked_up_and_not_repeated() -> None:
    told = parts(gap(Why.NOT_FETCHED))["What to do"]

    assert told == "Look the result up yourself; this service could not."


def test_results_that_lead_to_different_advice_are_told_with_all_of_it() -> None:
    finding = replace(
        gap(Why.CONFLICTING), outcome=Outcome(Truth.UNKNOWN, possible=(SPOKEN, STANDARD))
    )

    told = parts(finding)["What to do"]

    assert "Choose another drug than firstin; or: usual dosing." in told


def test_a_guideline_that_says_nothing_is_told_as_such() -> None:
    finding = Finding(RULE, order(), DRUG, Outcome(Truth.UNKNOWN, UNCLEAR))

    assert "The guideline gives no recommendation" in parts(finding)["What to do"]


# Doses


def ordered(value: str, unit: str = "mg") -> Any:
    return order(dose={DRUG: Dose(Decimal(value), unit)})


def reducing(action: Action, of: Any) -> dict[str, str]:
    return parts(advising(replace(REDUCE, action=action, advice="Halve it."), order=of))


def test_the_reduced_dose_is_worked_out_where_the_ordered_one_is_known() -> None:
    assert reducing(HALF, ordered("100"))["What to do"] == (
        "Halve it. Of the 100 mg/day ordered, that is 50 mg/day, if this is the usual dose."
    )


def test_a_range_of_factors_gives_a_range_of_doses() -> None:
    action = replace(HALF, factor_min=Decimal("0.3"), factor_max=Decimal("0.8"))

    told = reducing(action, ordered("100"))["What to do"]

    assert "that is 30 to 80 mg/day" in told


def test_a_dose_that_is_not_known_is_not_worked_out_and_said() -> None:
    told = reducing(HALF, order())

    assert told["What to do"] == "Halve it."
    assert "daily dose could not be worked out" in told["Assumed and not checked"]


def test_that_a_dose_may_be_reduced_already_is_said() -> None:
    told = reducing(HALF, ordered("100"))["Assumed and not checked"]

    assert "already reduced" in told


def test_a_cap_needs_no_usual_dose() -> None:
    told = reducing(Action("reduce-dose", cap=Cap(Decimal(20), "mg")), ordered("40"))

    assert told["What to do"] == "Halve it."
    assert "Assumed and not checked" not in told


def test_a_part_of_the_dose_is_worked_out_only_up_to_the_cap() -> None:
    action = replace(HALF, cap=Cap(Decimal(20), "mg"))

    assert "that is 20 mg/day" in reducing(action, ordered("40"))["What to do"]
    assert reducing(action, ordered("60"))["What to do"] == "Halve it."


def test_a_changed_schedule_is_not_turned_into_a_daily_dose() -> None:
    told = reducing(replace(HALF, schedule="three times a week"), ordered("100"))

    assert told["What to do"] == "Halve it."


# Hostile text


HOSTILE = [
    '<img src=x onerror="alert(1)">',
    "[click](javascript:alert(1)) ![x](https://evil.example/p.png)",
    "</p><script>alert(1)</script>",
    "\n\n# heading\n\n- item\n\n---\n\n```\ncode",
    "| a |\n|---|\n| b |",
    "**bold** _it_ ~~gone~~ `code` &lt;b&gt;",
]


def hostile(text: str) -> Finding:
    """A finding that repeats *text* wherever data can get into it."""
    evidence = Evidence(text, TODAY, text, text)
    calls = (GeneCall("PAIR", text, text), GeneCall("PAIR", "Poor", "*2/*2"))
    return advising(
        because=(evidence,),
        calls={"PAIR": calls},
        missing=(Missing(text, Why.UNREADABLE, text), Missing("PAIR", Why.UNREADABLE, text)),
        order=order(text=text),
    )


@settings(max_examples=150)
@given(st.text(max_size=60))
@example(HOSTILE[0])
@example(HOSTILE[1])
@example(HOSTILE[2])
@example(HOSTILE[3])
@example(HOSTILE[4])
@example(HOSTILE[5])
def test_text_from_data_never_becomes_markup(text: str) -> None:
    told = detail(hostile(text), SITUATION, KNOWN)

    assert tags(told) <= {"p", "strong", "ul", "li"}
    assert MARKDOWN.render(told).count("<strong>") == 5


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_data_never_reaches_the_summary(text: str) -> None:
    assert text not in summary(hostile(text), KNOWN)


def test_text_of_the_order_is_not_repeated_at_all() -> None:
    assert "Erika" not in detail(advising(order=order(text="Erika's pills")), SITUATION, KNOWN)


def test_star_alleles_keep_their_stars() -> None:
    finding = advising(calls={"PAIR": (GeneCall("PAIR", "Poor", "*4/*10"),)})

    assert "PAIR *4/*10 Poor" in MARKDOWN.render(detail(finding, SITUATION, KNOWN))
