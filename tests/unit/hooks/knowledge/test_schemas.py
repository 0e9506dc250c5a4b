"""The shape of the knowledge files: what they must have, and what is refused."""

import tomllib
from typing import Any

import pytest
from marshmallow import ValidationError

from hooks.knowledge.schemas import GeneFile, GuidelineFile, SourceTable, lines
from tests.unit.hooks.knowledge.files import GENE, RULE, SOURCES


def told(schema: GeneFile | GuidelineFile | SourceTable, table: dict[str, Any]) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        schema.load(table)
    return lines(caught.value.messages)


def rule(**changes: Any) -> dict[str, Any]:
    """The small rule, its recommendation changed."""
    table = tomllib.loads(RULE)
    table["recommendation"][0] |= changes
    return table


def action(**changes: Any) -> dict[str, Any]:
    """The small rule, its recommendation's action changed."""
    return rule(action={"do": "reduce-dose", **changes})


def test_a_rule_without_limits_is_refused() -> None:
    table = {**tomllib.loads(RULE), "known_limits": ""}

    assert told(GuidelineFile(), table) == ["known_limits: Shorter than minimum length 1."]


@pytest.mark.parametrize(
    "name", ["source", "id", "status", "genes", "drugs", "when_unknown", "question", "known_limits"]
)
def test_a_rule_needs_its_provenance_and_manner(name: str) -> None:
    table = {key: value for key, value in tomllib.loads(RULE).items() if key != name}

    assert told(GuidelineFile(), table) == [f"{name}: Missing data for required field."]


def test_nobody_has_reviewed_a_rule_that_does_not_say_so() -> None:
    assert GuidelineFile().load(tomllib.loads(RULE))["reviewed_by"] == []


@pytest.mark.parametrize("name", ["indicator", "summary", "advice", "rationale"])
def test_a_card_is_whole(name: str) -> None:
    table = rule()
    del table["recommendation"][0][name]

    [problem] = told(GuidelineFile(), table)

    assert problem in {
        "recommendation.0._schema: indicator, summary, advice and rationale go together",
        f"recommendation.0.{name}: Missing data for required field.",
    }


def test_a_branch_that_needs_no_action_shows_nothing() -> None:
    table = tomllib.loads(RULE)
    table["no_action"][0]["indicator"] = "info"

    assert told(GuidelineFile(), table) == ["no_action.0.indicator: Must be equal to ."]


def test_a_summary_has_under_140_characters() -> None:
    assert told(GuidelineFile(), rule(summary="x" * 140)) == [
        "recommendation.0.summary: Longer than maximum length 139."
    ]


def test_a_strength_is_a_word_of_the_guideline_or_empty_where_it_has_none() -> None:
    table = rule()
    del table["recommendation"][0]["strength"]

    assert GuidelineFile().load(rule(strength=""))["recommendation"][0]["strength"] == ""
    assert told(GuidelineFile(), table) == [
        "recommendation.0.strength: Missing data for required field."
    ]
    assert len(told(GuidelineFile(), rule(strength="very strong"))) == 1


@pytest.mark.parametrize("reads", ["sha256:0", "0" * 64, "sha256:" + "g" * 64])
def test_a_fingerprint_is_a_sha_256(reads: str) -> None:
    assert told(GuidelineFile(), rule(reads=reads)) == [
        "recommendation.0.reads: String does not match expected pattern."
    ]


@pytest.mark.parametrize(
    "factors",
    [{"factor_min": "0.5"}, {"factor_max": "0.5"}, {"factor_min": "0.8", "factor_max": "0.5"}],
    ids=["no upper end", "no lower end", "turned"],
)
def test_both_ends_of_a_factor_are_given_in_order(factors: dict[str, str]) -> None:
    assert told(GuidelineFile(), action(**factors)) == [
        "recommendation.0.action._schema: factor_min and factor_max go together, the smaller first"
    ]


@pytest.mark.parametrize(
    ("do", "factor"), [("reduce-dose", "5"), ("increase-dose", "0.5"), ("avoid", "0")]
)
def test_a_factor_does_what_the_action_says(do: str, factor: str) -> None:
    assert told(GuidelineFile(), action(do=do, factor_min=factor, factor_max=factor)) == [
        f"recommendation.0.action._schema: a factor of {factor} to {factor} does not {do}"
    ]


def test_one_factor_is_a_factor_of_two_equal_ends() -> None:
    loaded = GuidelineFile().load(action(factor_min="0.5", factor_max="0.5"))

    assert str(loaded["recommendation"][0]["action"]["factor_max"]) == "0.5"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"cap": {"value": "twenty", "unit": "mg"}}, "cap.value: Not a valid number."),
        ({"cap": {"value": "20"}}, "cap.unit: Missing data for required field."),
        (
            {"replace_with": [{"product": "1"}]},
            "replace_with.0.drug: Missing data for required field.",
        ),
        ({"dose": "half"}, "dose: Unknown field."),
    ],
)
def test_a_broken_action_is_told_by_its_field(changes: dict[str, Any], problem: str) -> None:
    assert told(GuidelineFile(), action(**changes)) == [f"recommendation.0.action.{problem}"]


@pytest.mark.parametrize(
    ("method", "alleles", "reported"),
    [
        ("function-pair", {}, []),
        ("function-pair", {"*1": "normal"}, ["Poor"]),
        ("reported", {}, []),
        ("reported", {"*1": "normal"}, ["Poor"]),
    ],
)
def test_a_gene_has_alleles_or_is_only_reported(
    method: str, alleles: dict[str, str], reported: list[str]
) -> None:
    changes = {"method": method, "alleles": alleles, "reported": reported}

    assert 'alleles: with method "reported" the phenotypes are listed, else the alleles' in told(
        GeneFile(), {**tomllib.loads(GENE), **changes}
    )


def test_a_gene_that_is_only_reported_may_go_without_hgnc_id() -> None:
    changes = {"hgnc": "", "method": "reported", "alleles": {}, "reported": ["Poor"]}

    assert GeneFile().load({**tomllib.loads(GENE), **changes})["hgnc"] == ""


def test_an_unknown_function_is_refused() -> None:
    table = tomllib.loads(GENE)
    table["alleles"] |= {"*3": "broken", "*4": "absent"}

    assert told(GeneFile(), table) == ["alleles: unknown function or value absent, broken"]


@pytest.mark.parametrize(
    ("method", "values"),
    [
        ("activity-score", ["1.0", "≥3.0", "n/a", "unassigned"]),
        ("lowest-two", ["0.5"]),
        ("hla", ["risk"]),
        ("carrier", ["malignant hyperthermia", "responsive", "non-responsive", "unassigned"]),
        ("mitochondrial", ["increased risk", "uncertain risk", "normal risk"]),
        ("diplotype", ["unassigned", "favorable response"]),
    ],
)
def test_the_values_of_alleles_are_those_of_the_method(method: str, values: list[str]) -> None:
    alleles = {f"*{number}": value for number, value in enumerate(values)}
    table = {**tomllib.loads(GENE), "method": method, "alleles": alleles}

    assert GeneFile().load(table)["alleles"] == alleles


@pytest.mark.parametrize(
    ("method", "value"),
    [
        ("activity-score", "normal"),
        ("activity-score", "1.0 "),
        ("lowest-two", "unassigned"),
        ("hla", "none"),
        ("function-pair", "1.0"),
        ("hemizygous", "risk factor"),
        ("carrier", "1.0"),
        ("mitochondrial", "increased risks"),
        ("diplotype", ""),
    ],
)
def test_a_value_of_another_method_is_refused(method: str, value: str) -> None:
    table = {**tomllib.loads(GENE), "method": method, "alleles": {"*1": value}}

    assert told(GeneFile(), table) == [f"alleles: unknown function or value {value}"]


@pytest.mark.parametrize("code", ["1-8", "loinc:", "LOINC:1-8", "loinc:1 8"])
def test_a_code_has_the_short_name_of_its_system(code: str) -> None:
    table = tomllib.loads(GENE)
    table["test"]["code"] = code

    assert told(GeneFile(), table) == ["test.code: String does not match expected pattern."]


@pytest.mark.parametrize("method", ["guess", "", "HLA"])
def test_an_unknown_method_is_refused(method: str) -> None:
    [problem] = told(GeneFile(), {**tomllib.loads(GENE), "method": method})

    assert problem.startswith("method: Must be one of: function-pair, ")


def test_a_source_tells_its_licence() -> None:
    table = tomllib.loads(SOURCES)["society"]
    del table["licence"]

    assert told(SourceTable(), table) == ["licence: Missing data for required field."]


def test_nested_messages_are_told_by_their_path() -> None:
    messages = {"a": ["x", "y"], "b": {0: {"c": ["z"]}}}

    assert lines(messages) == ["a: x", "a: y", "b.0.c: z"]


@pytest.mark.parametrize(
    "limits", [{}, {"from": "18", "over": "18"}, {"from": "1", "up_to": "2", "below": "2"}]
)
def test_a_span_has_one_lower_or_upper_end_of_each(limits: dict[str, str]) -> None:
    population = {"id": "some", "text": "some", "source_name": "some", "age": limits}

    assert told(GuidelineFile(), {**tomllib.loads(RULE), "population": [population]}) == [
        "population.0.age._schema: one of from and over, one of up_to and below, or both"
    ]
