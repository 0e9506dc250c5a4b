"""Rules on data elements in queries, judging, alternatives and the words of cards."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from hooks.card_text import detail, summary
from hooks.clinical.analytes import AnalyteTables
from hooks.clinical.biomarkers import judge_biomarker
from hooks.clinical.codes import Findings
from hooks.clinical.elements import Interval, Known, Vocabulary
from hooks.clinical.facts import Evidence, Missing, Order, Why
from hooks.clinical.genes import GeneTest
from hooks.clinical.guidelines import Action, Alternative
from hooks.clinical.logic import Truth
from hooks.evaluate import evaluate, evaluate_chart
from hooks.extension import finding_json
from hooks.knowledge import Knowledge
from hooks.knowledge.expressions import parse
from hooks.queries import chart_needs, needed, templates
from hooks.suggestions import Situation, suggestions
from hooks.suggestions import tests as proposed
from tests.unit.hooks.bedside import (
    ADVISE,
    KIDNEY,
    NUMBER,
    UNKNOWN,
    USUAL,
    WORDS,
    Told,
    chart,
    rule,
)
from tests.unit.hooks.small import DRUG, RULE, TODAY, knowledge, patient, replacing, result

ORDER = Order("MedicationRequest/1", (DRUG,))
SITUATION = Situation("p1", TODAY)
CODES = AnalyteTables({}, {("loinc", "98979-8"): "egfr", ("loinc", "2823-3"): "potassium"})
FOUND = Findings({}, {("loinc", "13952-7"): "antibody"})


def known(*rules: object, guidelines: tuple[object, ...] = ()) -> Knowledge:
    base = knowledge(*guidelines)  # type: ignore[arg-type]
    return replace(base, biomarkers=rules, words=WORDS, analytes=CODES, findings=FOUND)  # type: ignore[arg-type]


# Queries


def test_a_rule_asks_for_the_codes_of_what_it_reads_and_no_more() -> None:
    asked = needed([DRUG], known(KIDNEY))

    query = "Observation?patient={{context.patientId}}&code=http://loinc.org|98979-8&_count=500"
    assert asked == {"results": query}


def test_a_finding_is_asked_for_by_its_name() -> None:
    asked = needed([DRUG], known(rule('pos("antibody") and not cond("stroke")')))

    assert set(asked) == {"results", "conditions"}
    assert "13952-7" in asked["results"]


def test_an_observation_without_a_code_is_not_asked_for() -> None:
    nothing = replace(known(KIDNEY), analytes=AnalyteTables({}, {}))

    assert needed([DRUG], nothing) == {}


def test_every_template_is_of_some_active_rule() -> None:
    draft = rule("age > 3", id="draft", status="draft")
    opened = rule('cond("stroke")', id="opened", at="patient-view", drugs=())

    assert set(templates(known(KIDNEY, draft, opened))) == {"results", "conditions"}
    assert set(chart_needs(known(KIDNEY, opened))) == {"conditions"}


def test_what_may_rule_out_an_alternative_is_asked_for_with_the_order() -> None:
    against = rule("age > 3", id="against", drugs=("secondin",))
    mild = replace(
        rule('cond("stroke")', id="mild", drugs=("secondin",)),
        branches=(replace(ADVISE, action=Action("monitor")), USUAL, UNKNOWN),
    )
    other = replacing(Alternative("secondin"))

    assert "patient" in needed([DRUG], known(against, mild, guidelines=(other,)))
    assert needed(["secondin"], known(against)).keys() == {"patient"}


# Judging


def test_rules_are_judged_only_with_a_chart() -> None:
    knows = known(KIDNEY)

    assert evaluate([ORDER], patient(), knows) == []
    assert [f.rule.id for f in evaluate([ORDER], patient(), knows, chart(egfr=20))] == [KIDNEY.id]


@pytest.mark.parametrize(
    ("route", "judged"), [("", 1), ("Oral route", 1), ("Topical route", 0), ("per ORAL", 1)]
)
def test_a_rule_for_some_routes_is_not_for_others(route: str, judged: int) -> None:
    knows = known(rule(routes=("oral", "intraven")))

    assert len(evaluate([replace(ORDER, route=route)], patient(), knows, chart())) == judged


def test_the_rules_of_an_opened_chart_are_on_no_order() -> None:
    opened = rule(at="patient-view", drugs=())
    [finding] = evaluate_chart(chart(egfr=20), known(opened))

    assert (finding.order.reference, finding.drug) == ("", "")
    assert finding.outcome.applies is Truth.YES


# Alternatives


def alternatives(told: Told) -> tuple[list[str], tuple[tuple[str, str], ...]]:
    against = rule(id="against", drugs=("secondin",), title="Secondin and kidneys")
    knows = known(against, guidelines=(replacing(Alternative("secondin"), Alternative("thirdin")),))
    poor = patient(result("PAIR", "*2/*2"))
    [finding] = [f for f in evaluate([ORDER], poor, knows, told) if f.rule.id == RULE.id]
    return [each.drug for each in finding.alternatives], finding.left_out


def test_an_alternative_that_a_rule_says_not_to_use_is_not_offered() -> None:
    assert alternatives(chart(egfr=20)) == (["thirdin"], (("secondin", "secondin and kidneys"),))


def test_an_alternative_that_no_rule_speaks_against_is_offered() -> None:
    assert alternatives(chart(egfr=50)) == (["secondin", "thirdin"], ())


# Words


def told(asked: object = KIDNEY, **given: Known | Missing | Truth | int) -> str:
    finding = judge_biomarker(asked, ORDER, DRUG, chart(**given))  # type: ignore[arg-type]
    return detail(finding, SITUATION, known(KIDNEY))


def test_the_summary_fills_in_drug_and_value() -> None:
    finding = judge_biomarker(KIDNEY, ORDER, DRUG, chart(egfr=NUMBER))

    assert summary(finding, known(KIDNEY)) == "Avoid firstin: eGFR 25 mL/min"


@pytest.mark.parametrize("given", [{}, {"egfr": Missing("egfr", Why.OUTDATED)}])
def test_a_value_that_is_missing_is_said_to_be(given: dict[str, Missing]) -> None:
    either = rule('egfr < 30 or cond("stroke")')
    finding = judge_biomarker(
        either, ORDER, DRUG, Told({'cond("stroke")': Known(Truth.YES), **given})
    )

    assert summary(finding, known(either)) == "Avoid firstin: eGFR not known"


def test_the_detail_tells_each_element_with_value_and_where_it_was_read() -> None:
    where = Evidence("Observation/1", date(2026, 1, 2), "Laboratory", "prefetch")
    value = Known(
        Interval.exactly(Decimal(25)), "25 mL/min", (where,), "calculated from creatinine"
    )

    text = told(egfr=value)

    assert (
        "**Found:** eGFR 25 mL/min (Observation/1 of 2026-01-02, Laboratory, read from the EHR's "
        "prefetch)" in text
    )
    assert "- Calculated from creatinine." in text
    assert "**Source:** A label (statement verified). Rule firstin-kidney" in text


def test_what_is_not_on_file_is_said_to_be_taken_as_not_so() -> None:
    asked = rule('egfr < 30 and not cond("stroke")')
    given = Told({"egfr": NUMBER, 'cond("stroke")': Known(Truth.NO)})
    finding = judge_biomarker(asked, ORDER, DRUG, given)

    text = detail(finding, SITUATION, known(asked))

    assert "- No record of stroke: taken as not so." in text
    assert "stroke" not in text.partition("**Assumed")[0]


def test_what_two_elements_note_alike_is_said_once() -> None:
    asked = rule('cond("stroke") or pos("antibody")')
    noted = Known(Truth.NO, "no", note="one medicine was not weighed")
    given = Told({'cond("stroke")': noted, 'pos("antibody")': noted})
    finding = judge_biomarker(asked, ORDER, DRUG, given)

    assert detail(finding, SITUATION, known(asked)).count("One medicine was not weighed") == 1


def test_a_summary_names_what_each_of_several_terms_found() -> None:
    words = replace(WORDS, names={"finding": {"one": "", "two": "", "three": ""}})
    when = parse('pos("one") or pos("two") or pos("three")', words)
    branches = (replace(ADVISE, summary="Found: {pos}"), USUAL, UNKNOWN)
    asked = replace(rule(), when=when, branches=branches)
    found = {"two": "B", "three": "C", "one": ""}
    given = {f'pos("{name}")': Known(Truth.YES, shown) for name, shown in found.items()}
    finding = judge_biomarker(asked, ORDER, DRUG, Told(given))

    assert summary(finding, known(asked)) == "Found: B, C"


def test_a_number_without_a_resource_is_told_all_the_same() -> None:
    assert "**Found:** age 70\n" in told(rule("age > 65"), age=70)


def test_a_condition_on_file_is_told_with_its_resource() -> None:
    asked = rule('cond("stroke")')
    given = Told({'cond("stroke")': Known(Truth.YES, "", (Evidence("Condition/1"),))})
    finding = judge_biomarker(asked, ORDER, DRUG, given)

    assert "**Found:** stroke (Condition/1 of no date" in detail(finding, SITUATION, known(asked))


def test_what_is_missing_is_called_by_its_name() -> None:
    assert "- eGFR: result is too old (of 2020)." in told(
        egfr=Missing("egfr", Why.OUTDATED, "of 2020")
    )


def test_a_rule_proposes_its_own_tests() -> None:
    creatinine = knowledge().genes["PAIR"].test
    finding = judge_biomarker(KIDNEY, ORDER, DRUG, chart())

    knows = replace(known(KIDNEY), orderables={"creatinine": creatinine})  # type: ignore[dict-item]
    assert proposed(finding, knows) == [creatinine]


@pytest.mark.parametrize(
    ("do", "missing", "offered"),
    [
        ("avoid", "silent", True),
        ("reduce-dose", "silent", True),
        ("monitor", "order", True),
        ("order-test", "order", True),
        ("avoid", "order", False),
        ("avoid", "info", False),
        ("avoid", "block", False),
    ],
)
def test_the_tests_of_a_rule_belong_to_its_advice_or_to_what_is_missing(
    do: str, missing: str, offered: bool
) -> None:
    test = GeneTest("loinc", "2160-0", "Creatinine")
    asked = rule(missing=missing, branches=(replace(ADVISE, action=Action(do)), USUAL, UNKNOWN))
    held = replace(known(asked), orderables={"creatinine": test})

    advised = judge_biomarker(asked, ORDER, DRUG, chart(egfr=20))
    unknown = judge_biomarker(asked, ORDER, DRUG, chart())

    assert bool(suggestions(advised, SITUATION, held)) == offered
    assert len(suggestions(unknown, SITUATION, held)) == 1


def test_a_finding_cites_the_rule_s_own_source_and_catalogue_id() -> None:
    found = finding_json(judge_biomarker(KIDNEY, ORDER, DRUG, chart(egfr=20)), known(KIDNEY))

    assert found["sources"] == [{"label": "A label"}]
    assert found["catalogue"] == "LAB-900"


def test_words_without_names_still_have_labels() -> None:
    assert Vocabulary().elements == {}
