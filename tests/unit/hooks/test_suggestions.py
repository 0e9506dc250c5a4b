"""What a card offers to do."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fhirclient.models.medicationrequest import MedicationRequest
from fhirclient.models.servicerequest import ServiceRequest
from hypothesis import given

from hooks.clinical.facts import Evidence, GeneResult, Missing, Order, PatientFacts, Record, Why
from hooks.clinical.facts import ReportedPhenotype as Reported
from hooks.clinical.findings import Finding, Outcome, judge
from hooks.clinical.genes import GeneTest
from hooks.clinical.guidelines import Action, Alternative, Branch, Cap, Guideline
from hooks.clinical.logic import Truth
from hooks.reading.orders import order
from hooks.suggestions import MOST, Situation, Suggestion, suggestions
from hooks.suggestions import tests as offered_tests
from tests.unit.hooks.reading import DRUGS, KNOWLEDGE, Json, coded, json_of, request

TODAY = date(2026, 11, 21)
DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
HALF = Action("reduce-dose", factor_min=Decimal("0.5"), factor_max=Decimal("0.5"))
AT_MOST_20 = Action("reduce-dose", cap=Cap(Decimal(20), "mg"))
PRASUGREL = Alternative("prasugrel", "855812")
TICAGRELOR = Alternative("ticagrelor", "1116635")
MORPHINE = Alternative("morphine")


def draft(product: str = "200345", amount: object = 1, unit: str = "{pill}", **more: Any) -> Json:
    """An order of a product of drug_products.csv; simvastatin 80 mg if not told otherwise."""
    rate = {"doseQuantity": {"value": amount, "code": unit}}
    elements = {"dosageInstruction": [{"timing": DAILY, "doseAndRate": [rate]}]} | more
    return request(
        **{"medicationCodeableConcept": coded("rxnorm", product, "a product")} | elements
    )


def finding(
    of: Json,
    action: Action,
    *alternatives: Alternative,
    genes: tuple[str, ...] = ("CYP2C19",),
    missing: tuple[Missing, ...] = (),
) -> Finding:
    """That a rule advises *action* on the first drug of the draft *of*."""
    read = order(of, {}, DRUGS)
    assert isinstance(read, Order)
    branch = Branch("branch", Truth.YES, {}, action, "strong", indicator="warning")
    rule = Guideline("rule", "A rule", "source", read.drugs, genes, (branch,), "warn", "-", "?")
    outcome = Outcome(Truth.YES, branch)
    drug = read.drugs[0] if read.drugs else "simvastatin"
    return Finding(rule, read, drug, outcome, missing=missing, alternatives=alternatives)


def offered(
    of: Json, action: Action, *alternatives: Alternative, **more: Any
) -> tuple[Suggestion, ...]:
    situation = Situation("p1", TODAY, of)
    return suggestions(finding(of, action, *alternatives, **more), situation, KNOWLEDGE)


def only(found: tuple[Suggestion, ...]) -> Json:
    """The one updated resource that is offered."""
    (suggestion,) = found
    (action,) = suggestion.actions
    assert action.type == "update"
    assert action.resource is not None
    return action.resource


def assert_valid(found: tuple[Suggestion, ...]) -> None:
    kinds = {"MedicationRequest": MedicationRequest, "ServiceRequest": ServiceRequest}
    for suggestion in found:
        for action in suggestion.actions:
            assert action.description
            if action.resource is not None:
                resource = action.resource
                kind = kinds[resource["resourceType"]]
                assert kind(resource, strict=True).as_json() == resource


def test_another_drug_is_created_before_the_draft_is_deleted() -> None:
    (found,) = offered(draft("309362"), Action("avoid"), PRASUGREL)
    create, delete = found.actions
    assert (create.type, delete.type) == ("create", "delete")
    assert delete.resource_id == "MedicationRequest/request-123"
    assert delete.resource is None
    assert_valid((found,))


def test_the_label_says_the_product_or_the_ingredient() -> None:
    found = offered(draft("309362"), Action("avoid"), PRASUGREL, MORPHINE)
    assert found[0].label == f"{KNOWLEDGE.products['855812'].display} instead".replace(
        "prasugrel", "Prasugrel", 1
    )
    assert found[1].label == "Morphine instead"


def test_the_first_alternative_is_the_recommended_one() -> None:
    found = offered(draft("309362"), Action("avoid"), PRASUGREL, TICAGRELOR)
    assert [suggestion.recommended for suggestion in found] == [True, False]


def test_at_most_three_suggestions_are_offered() -> None:
    others = (PRASUGREL, TICAGRELOR, MORPHINE, Alternative("codeine"), Alternative("tramadol"))
    found = offered(draft("309362"), Action("avoid"), *others)
    assert len(found) == MOST == 3


def test_every_suggestion_has_an_id_of_its_own() -> None:
    found = offered(draft("309362"), Action("avoid"), PRASUGREL, TICAGRELOR)
    assert len({suggestion.uuid for suggestion in found}) == 2


def test_an_alternative_for_a_draft_that_cannot_be_copied_is_left_out() -> None:
    assert offered(draft("309362", requester="Dr A"), Action("avoid"), PRASUGREL) == ()


@pytest.mark.parametrize(
    "of",
    [
        draft() | {"resourceType": "MedicationOrder"},
        draft(status="active"),
        draft(status="entered-in-error"),
    ],
)
def test_dstu2_and_active_orders_get_no_suggestion(of: Json) -> None:
    assert offered(of, AT_MOST_20, PRASUGREL) == ()


def test_where_orders_are_dstu2_not_even_a_test_is_offered() -> None:
    assert offered(draft() | {"resourceType": "MedicationOrder"}, Action("order-test")) == ()
    assert offered(draft(), Action("order-test"))


def test_without_a_draft_there_is_nothing_to_change() -> None:
    about = finding(draft(), AT_MOST_20, PRASUGREL)
    assert suggestions(about, Situation("p1", TODAY), KNOWLEDGE) == ()


def test_a_draft_without_a_status_is_a_draft() -> None:
    of = draft(amount=2)
    del of["status"]
    assert only(offered(of, HALF))["status"] == "draft"


def test_a_factor_scales_a_dose_in_milligrams() -> None:
    found = offered(draft("200328", 1500, "mg"), HALF)
    quantity = only(found)["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]
    assert quantity == {"value": 750, "code": "mg"}
    assert found[0].label == "Capecitabine 750 mg/day instead of 1500 mg/day (50 %)"
    assert_valid(found)


def test_a_factor_scales_whole_pieces() -> None:
    found = offered(draft(amount=2), HALF)
    quantity = only(found)["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]
    assert quantity == {"value": 1, "code": "{pill}"}


def test_half_a_piece_is_not_offered() -> None:
    assert offered(draft(amount=1), HALF) == ()


def test_a_scaled_dose_without_a_daily_dose_is_labelled_by_its_part() -> None:
    rate = [{"doseQuantity": {"value": 50, "unit": "mg"}}]
    found = offered(draft(dosageInstruction=[{"doseAndRate": rate}]), HALF)
    assert found[0].label == "Simvastatin at 50 % of the ordered dose"


@pytest.mark.parametrize(
    "action",
    [
        Action("reduce-dose", factor_min=Decimal("0.3"), factor_max=Decimal("0.8")),
        Action("reduce-dose", HALF.factor_min, HALF.factor_max, schedule="three days a week"),
        Action("avoid"),
    ],
)
def test_a_range_a_new_schedule_or_no_factor_makes_no_dose(action: Action) -> None:
    assert offered(draft(amount=2), action) == ()


def test_a_finding_without_a_branch_or_an_action_offers_no_dose() -> None:
    about = finding(draft(amount=2), HALF)
    blank = Finding(about.rule, about.order, about.drug, Outcome(Truth.UNKNOWN))
    assert suggestions(blank, Situation("p1", TODAY, draft(amount=2)), KNOWLEDGE) == ()


@pytest.mark.parametrize(
    ("cap", "amount", "code"),
    [
        (Cap(Decimal(20), "mg"), 1, "312961"),
        (Cap(Decimal(20), "mg", below=True), 1, "314231"),
        (Cap(Decimal(20), "mg"), 2, "314231"),
        (Cap(Decimal(40), "mg"), 1, "198211"),
    ],
)
def test_a_cap_picks_the_greatest_product_that_fits(cap: Cap, amount: int, code: str) -> None:
    found = offered(draft(amount=amount), Action("reduce-dose", cap=cap))
    resource = only(found)
    (coding,) = resource["medicationCodeableConcept"]["coding"]
    assert coding["code"] == code
    assert resource["id"] == "request-123"
    assert resource["dosageInstruction"] == draft(amount=amount)["dosageInstruction"]
    assert found[0].label == f"{KNOWLEDGE.products[code].display} instead"
    assert_valid(found)


@pytest.mark.parametrize(
    ("of", "cap"),
    [
        (draft(), Cap(Decimal(1), "mg")),
        (draft(), Cap(Decimal(20), "mL")),
        (draft(amount=40, unit="mg"), Cap(Decimal(20), "mg")),
        (draft("476351"), Cap(Decimal(20), "mg")),
        (draft(medicationCodeableConcept=coded("rxnorm", "36567")), Cap(Decimal(20), "mg")),
        (draft(medicationCodeableConcept={"text": "simvastatin"}), Cap(Decimal(20), "mg")),
        (draft(dosageInstruction=[]), Cap(Decimal(20), "mg")),
        (draft() | {"subject": "Patient/p1"}, Cap(Decimal(20), "mg")),
    ],
)
def test_a_cap_that_no_product_can_keep_plainly_offers_nothing(of: Json, cap: Cap) -> None:
    assert offered(of, Action("reduce-dose", cap=cap)) == ()


def test_a_factor_comes_before_the_cap_beside_it() -> None:
    (found,) = offered(draft(amount=40, unit="mg"), replace(HALF, cap=Cap(Decimal(20), "mg")))
    assert found.label == "Simvastatin 20 mg/day instead of 40 mg/day (50 %)"
    assert_valid((found,))


def untimed(of: Json) -> Json:
    """The order *of* without how often, so that no daily dose can be worked out."""
    of["dosageInstruction"][0].pop("timing")
    return of


@pytest.mark.parametrize(
    "of", [draft(amount=60, unit="mg"), untimed(draft(amount=2))], ids=["above", "not known"]
)
def test_a_part_of_the_dose_that_may_be_above_the_cap_is_not_offered(of: Json) -> None:
    assert offered(of, replace(HALF, cap=Cap(Decimal(20), "mg"))) == ()


def test_a_dose_by_weight_is_not_lowered_by_another_product() -> None:
    assert offered(draft(amount=0.08, unit="g"), AT_MOST_20) == ()


def test_a_draft_without_an_id_is_neither_deleted_nor_updated() -> None:
    of = draft(amount=2)
    del of["id"]
    actions = [action for found in offered(of, HALF, PRASUGREL) for action in found.actions]
    assert not [action for action in actions if action.type in {"delete", "update"}]


def test_signing_what_was_offered_is_silent() -> None:
    rule = next(rule for rule in KNOWLEDGE.guidelines if rule.id == "slco1b1-simvastatin")
    reported = frozenset({Reported("SLCO1B1", "Decreased Function")})
    gene = GeneResult("SLCO1B1", reported=reported, evidence=(Evidence("Observation/o1"),))
    facts = PatientFacts(TODAY, Record({"SLCO1B1": gene}))

    def judged(of: Json) -> Finding:
        read = order(of, {}, DRUGS)
        assert isinstance(read, Order)
        return judge(rule, read, "simvastatin", facts, KNOWLEDGE.genes)

    before = judged(draft())
    assert before.indicator == "warning"
    resource = only(suggestions(before, Situation("p1", TODAY, draft()), KNOWLEDGE))
    assert judged(resource).indicator == ""
    assert judged(resource).followed


def test_a_marked_order_is_read_as_following_the_advice() -> None:
    read = order(only(offered(draft(amount=2), HALF)), {}, DRUGS)
    assert isinstance(read, Order)
    assert read.applied == {"rule/branch"}


def test_a_dose_that_was_changed_by_advice_is_not_scaled_by_other_advice() -> None:
    url = "urn:rxhooks:applied-advice"
    marked = draft(amount=2, extension=[{"url": url, "valueString": "rule-of-another-gene/poor"}])
    assert offered(draft(amount=2), HALF)
    assert offered(marked, HALF) == ()


def test_a_public_sandbox_draft_gets_valid_suggestions() -> None:
    of = draft("309362", 2, category={"text": "Outpatient"}, reasonCode={"text": "Infarction"})
    del of["intent"]
    found = offered(of, HALF, PRASUGREL, TICAGRELOR)
    assert [[action.type for action in each.actions] for each in found] == [
        ["create", "delete"],
        ["create", "delete"],
        ["update"],
    ]
    assert_valid(found)


def test_tests_are_offered_for_what_is_missing() -> None:
    gap = (Missing("NUDT15", Why.NOT_RECORDED),)
    genes = ("CYP2C19", "NUDT15")
    found = offered(draft(), Action("order-test"), genes=genes, missing=gap)
    assert [each.label for each in found] == [
        "Order test: TPMT gene & NUDT15 gene targeted mutation analysis"
    ]
    (action,) = found[0].actions
    assert action.type == "create"
    assert_valid(found)


def test_all_tests_of_the_rule_are_offered_where_no_gene_is_named_as_missing() -> None:
    about = finding(draft(), Action("order-test"), genes=("CYP2C19", "HLA-B"))
    assert [test.code for test in offered_tests(about, KNOWLEDGE)] == [
        test.code
        for symbol in ("CYP2C19", "HLA-B")
        if (test := KNOWLEDGE.test_for(symbol)) is not None
    ]


def test_a_guideline_that_asks_for_a_test_asks_for_the_enzyme_activity() -> None:
    activity = GeneTest("loinc", "32546-4", "Enzymatic activity")
    gene = replace(KNOWLEDGE.genes["G6PD"], activity_test=activity)
    about = finding(draft(), Action("order-test"), genes=("G6PD",))
    assert offered_tests(about, replace(KNOWLEDGE, genes={"G6PD": gene})) == [activity]


def test_a_gene_that_was_never_tested_asks_for_its_genotype() -> None:
    gap = (Missing("G6PD", Why.NOT_RECORDED),)
    about = finding(draft(), Action("monitor"), genes=("G6PD",), missing=gap)
    unknown = replace(about, outcome=Outcome(Truth.UNKNOWN))
    (found,) = suggestions(unknown, Situation("p1", TODAY), KNOWLEDGE)
    test = KNOWLEDGE.test_for("G6PD")
    assert test is not None
    assert found.label == f"Order test: {test.display}"


def test_one_test_for_two_genes_is_offered_once() -> None:
    found = offered(draft(), Action("order-test"), genes=("TPMT", "NUDT15"))
    assert len(found) == 1


def test_a_test_may_be_ordered_without_a_draft() -> None:
    about = finding(draft(), Action("order-test"))
    assert len(suggestions(about, Situation("p1", TODAY), KNOWLEDGE)) == 1


def test_no_test_is_offered_where_the_advice_is_another() -> None:
    gap = (Missing("CYP2C19", Why.NOT_RECORDED),)
    assert offered(draft(), Action("monitor"), missing=gap) == ()


@given(
    json_of("coding", "code", "200345", "system", "doseAndRate", "doseQuantity", "value", "timing",
            "reference", "Patient/p1", "text", "url")
)  # fmt: skip
def test_no_broken_draft_raises_and_every_suggestion_is_valid(broken: object) -> None:
    elements = ("dosageInstruction", "reasonCode", "requester", "category", "subject", "note")
    for of in (draft(amount=2) | {name: broken} for name in elements):
        for action in (HALF, AT_MOST_20):
            assert_valid(offered(of, action, PRASUGREL))
