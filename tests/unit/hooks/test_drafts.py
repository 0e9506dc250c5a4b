"""The draft orders of a call: whose they are, what is in them, what judging them takes."""

from dataclasses import replace
from decimal import Decimal

import pytest

from hooks.clinical.elements import Element
from hooks.clinical.facts import Missing, Order, Why
from hooks.clinical.guidelines import Alternative
from hooks.clinical.logic import Truth
from hooks.clinical.phenoconversion import Modifier
from hooks.drafts import (
    decide_drafts,
    draft_needs,
    own_drafts,
    read_orders,
    referred_medications,
    rule_needs,
)
from hooks.knowledge.expressions import parse
from hooks.reading.resources import Answer, Fetched
from tests.unit.hooks.bedside import WORDS, rule
from tests.unit.hooks.reading import Json, bundle, fetched, observation, request
from tests.unit.hooks.small import RULE, SCORED_RULE, TODAY, knowledge, replacing

ON = Element("on", "truth", "", "", "drug", ("medications", "statements"))
TAKEN = replace(
    WORDS,
    elements={**WORDS.elements, "on": ON},
    names={"drug": {"firstin": "firstin", "secondin": "secondin"}},
)
SECONDIN = {"medicationCodeableConcept": {"text": "secondin"}}
KNOWN = knowledge(replacing(Alternative("secondin", not_if=("stroke",))))
FIRSTIN = {"text": "firstin"}
MEDICATION = {"resourceType": "Medication", "id": "m", "code": FIRSTIN}


def draft(identifier: str = "1", **elements: object) -> Json:
    """A draft order of firstin."""
    return request(**{"id": identifier, "medicationCodeableConcept": FIRSTIN} | elements)


def referring(url: str = "Medication/m", identifier: str = "1", **elements: object) -> Json:
    """An order whose medication is a resource of its own."""
    order = draft(identifier, medicationReference={"reference": url}, **elements)
    del order["medicationCodeableConcept"]
    return order


def context(*resources: Json) -> Json:
    return {"patientId": "p1", "draftOrders": bundle(*resources)}


def drugs(*orders: Order | Missing) -> list[tuple[str, ...]]:
    return [order.drugs for order in orders if isinstance(order, Order)]


# Whose they are


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p1"},
        {"reference": "Patient/p1/_history/3"},
        {"reference": "https://ehr.example/fhir/Patient/p1"},
    ],
)
def test_a_draft_about_the_patient_in_context_is_our_own(subject: Json) -> None:
    assert own_drafts(context(draft(subject=subject)))


def test_a_draft_without_a_subject_is_taken_to_be_about_the_patient_in_context() -> None:
    order = draft()
    del order["subject"]

    assert own_drafts(context(order)) == [order]


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p2"},
        {"reference": "Patient/p11"},
        {"reference": "Patient/P1"},
        {"reference": "Group/p1"},
        {"reference": "p1"},
        {"reference": "#p1"},
        {"reference": "urn:uuid:d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"},
        {"display": "Somebody"},
        {},
        None,
        "Patient/p1",
    ],
)
def test_a_draft_about_anyone_else_is_not(subject: object) -> None:
    assert own_drafts(context(draft(subject=subject))) == []


def test_the_draft_of_another_patient_is_left_out_and_said_once() -> None:
    others = [draft(str(place), subject={"reference": "Patient/p2"}) for place in (2, 3)]
    of = context(draft(), *others)

    decision = decide_drafts(own_drafts(of), of, {}, KNOWN, TODAY, "order-sign")

    assert [finding.order.reference for finding in decision.findings] == ["MedicationRequest/1"]
    assert [remark.what for remark in decision.remarks] == ["draft order"]


# What is in them


def test_an_order_of_dstu2_is_an_order() -> None:
    order = draft(resourceType="MedicationOrder", patient={"reference": "Patient/p1"})
    del order["subject"]

    [found] = read_orders(own_drafts(context(order)), context(order), {}, KNOWN)

    assert drugs(found) == [("firstin",)]


@pytest.mark.parametrize("url", ["Medication/m", "https://ehr.example/fhir/Medication/m"])
def test_a_medication_in_the_same_bundle_is_read(url: str) -> None:
    of = context(MEDICATION, referring(url))

    assert drugs(*read_orders(own_drafts(of), of, {}, KNOWN)) == [("firstin",)]
    assert "Medication/m" not in draft_needs(own_drafts(of), of, {}, KNOWN)


def test_a_contained_medication_is_read() -> None:
    of = context(referring("#m", contained=[MEDICATION]))

    assert drugs(*read_orders(own_drafts(of), of, {}, KNOWN)) == [("firstin",)]


def test_a_medication_that_is_elsewhere_is_needed_and_then_read() -> None:
    of = context(referring())
    assert draft_needs(own_drafts(of), of, {}, KNOWN) == {"Medication/m": "Medication/m"}

    answers: dict[str, Answer] = {"Medication/m": Fetched(MEDICATION)}

    assert drugs(*read_orders(own_drafts(of), of, answers, KNOWN)) == [("firstin",)]
    assert "genotypes" in draft_needs(own_drafts(of), of, answers, KNOWN)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"Medication/m": Missing("Medication/m", Why.NOT_FETCHED)},
        {"Medication/m": Fetched(None)},
    ],
    ids=["not asked", "not fetched", "not there"],
)
def test_a_medication_that_cannot_be_had_is_a_remark_and_makes_blind(
    answer: dict[str, Answer],
) -> None:
    of = context(referring())

    decision = decide_drafts(own_drafts(of), of, answer, KNOWN, TODAY, "order-sign")

    assert decision.blind
    [remark] = decision.remarks
    assert (remark.what, remark.why) == (
        "medication of MedicationRequest/1",
        Why.NOT_FETCHED,
    )


# What judging them takes


def test_rules_need_what_they_read_and_what_their_alternatives_are_checked_against() -> None:
    needed = rule_needs(["firstin"], context(), {}, KNOWN)

    assert list(needed) == ["genotypes", "conditions", "medications", "allergies"]
    assert all("p1" in query and "{{" not in query for query in needed.values())


def test_a_rule_without_alternatives_needs_genotypes_and_whether_they_are_the_patient_s() -> None:
    needed = rule_needs(["firstin"], context(), {}, knowledge(RULE))

    assert list(needed) == ["genotypes", "conditions"]


@pytest.mark.parametrize("names", [[], ["secondin"], ["something else"]])
def test_drugs_without_rules_need_nothing(names: list[str]) -> None:
    assert rule_needs(names, context(), {}, KNOWN) == {}


def test_draft_rules_need_nothing() -> None:
    known = knowledge(replace(RULE, status="draft"))

    assert draft_needs([draft()], context(draft()), {}, known) == {}


def test_the_medications_that_active_orders_refer_to_are_needed_in_turn() -> None:
    active = referring(status="active")
    answers: dict[str, Answer] = {"medications": fetched(active)}

    assert referred_medications(context(), answers) == {"Medication/m": "Medication/m"}
    assert "Medication/m" in rule_needs(["firstin"], context(), answers, KNOWN)


@pytest.mark.parametrize(
    "answer",
    [
        Missing("medications", Why.NOT_FETCHED),
        Fetched(None),
        fetched(),
        fetched(referring(status="stopped")),
        fetched(referring(status="active", subject={"reference": "Patient/p2"})),
        fetched(referring(status="active"), MEDICATION),
        fetched(draft(status="active")),
    ],
)
def test_nothing_is_read_that_is_not_referred_to(answer: Answer) -> None:
    assert referred_medications(context(), {"medications": answer}) == {}


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        ("statements", {"resourceType": "MedicationStatement", "status": "active"}),
        ("statements", {"resourceType": "MedicationStatement", "status": "stopped"}),
        ("past-medications", {"status": "stopped"}),
        ("past-medications", {"status": "completed"}),
    ],
)
def test_the_medications_of_statements_and_past_orders_are_read_as_well(
    key: str, resource: Json
) -> None:
    answer = fetched(referring(**resource))
    others = fetched(referring(**resource | {"subject": {"reference": "Patient/p2"}}))

    assert referred_medications(context(), {key: answer}) == {"Medication/m": "Medication/m"}
    assert referred_medications(context(), {key: others}) == {}


def test_the_medications_of_drafts_beside_the_judged_one_are_read_where_they_may_interact() -> None:
    of = context(draft(), referring(identifier="2"))
    judged = own_drafts(of)[:1]

    assert "Medication/m" in draft_needs(judged, of, {}, KNOWN)
    assert "Medication/m" not in draft_needs(judged, of, {}, knowledge(RULE))


# Drafts that interact

BESIDE_SECONDIN = parse('on("secondin")', TAKEN)
BESIDE_FIRSTIN = parse('on("firstin")', TAKEN)
INTERACTING = replace(
    knowledge(),
    words=TAKEN,
    biomarkers=(
        replace(rule(id="one", tests=()), when=BESIDE_SECONDIN),
        replace(rule(id="other"), when=BESIDE_FIRSTIN, drugs=("secondin",)),
    ),
)
NOTHING_TAKEN: dict[str, Answer] = {"medications": fetched(), "statements": fetched()}


def outcomes(of: Json, judged: int | None = None) -> list[tuple[str, str, Truth]]:
    requests = own_drafts(of)[:judged]
    decision = decide_drafts(requests, of, NOTHING_TAKEN, INTERACTING, TODAY, "order-sign")
    return [(f.order.reference[-1], f.rule.id, f.outcome.applies) for f in decision.findings]


def test_two_drafts_that_interact_are_each_told() -> None:
    of = context(draft(), draft("2", **SECONDIN))

    assert outcomes(of) == [("1", "one", Truth.YES), ("2", "other", Truth.YES)]
    assert outcomes(of, 1) == [("1", "one", Truth.YES)]


def test_a_draft_alone_interacts_with_nothing_and_twice_with_the_other_only() -> None:
    twice = context(draft(), draft("2"), draft("3", **SECONDIN))

    assert outcomes(context(draft())) == [("1", "one", Truth.NO)]
    assert outcomes(twice) == [
        ("1", "one", Truth.YES),
        ("2", "one", Truth.YES),
        ("3", "other", Truth.YES),
    ]


def test_a_draft_of_an_unknown_medication_may_be_what_interacts() -> None:
    of = context(draft(), referring(identifier="2"))

    assert outcomes(of, 1) == [("1", "one", Truth.UNKNOWN)]


# Inhibitors

BLOCKER = Modifier("secondin", "SCORED", "inhibitor", "strong", Decimal(0))
ADJUSTING = replace(SCORED_RULE, adjusts=("SCORED",))
INHIBITING = replace(knowledge(ADJUSTING), modifiers={"secondin": (BLOCKER,)})


def test_an_order_of_an_inhibitor_needs_the_medications_first() -> None:
    of = context(draft(**SECONDIN))

    assert list(draft_needs(own_drafts(of), of, {}, INHIBITING)) == ["medications"]


def test_then_it_needs_what_the_rules_of_the_drugs_taken_need() -> None:
    of = context(draft(**SECONDIN))
    answers: dict[str, Answer] = {"medications": fetched(draft("0", status="active"))}

    assert list(draft_needs(own_drafts(of), of, answers, INHIBITING)) == [
        "medications",
        "genotypes",
        "conditions",
    ]


def test_an_opened_chart_has_no_drafts_and_an_active_inhibitor_needs_what_it_changes() -> None:
    active = fetched(draft("0", status="active", **SECONDIN), draft("1", status="active"))
    answers: dict[str, Answer] = {"medications": active}

    assert list(rule_needs(["secondin"], {"patientId": "p1"}, answers, INHIBITING)) == [
        "medications",
        "genotypes",
        "conditions",
    ]


def test_a_drug_that_inhibits_nothing_of_ours_needs_nothing() -> None:
    of = context(draft(**SECONDIN))
    unweighed = replace(INHIBITING, guidelines=(SCORED_RULE,))

    assert draft_needs(own_drafts(of), of, {}, unweighed) == {}


def test_an_inhibitor_is_judged_with_the_genes_of_what_it_changes() -> None:
    of = context(draft(**SECONDIN))
    answers: dict[str, Answer] = {
        "medications": fetched(draft("0", status="active")),
        "genotypes": fetched(observation("84413-4", "SCORED *1/*1")),
    }

    [found] = decide_drafts(own_drafts(of), of, answers, INHIBITING, TODAY, "order-sign").findings

    assert found.taken is not None
    assert found.taken.reference == "MedicationRequest/0"
    assert found.outcome.branch is ADJUSTING.branches[0]


def test_a_draft_that_is_not_judged_inhibits_as_well() -> None:
    of = context(draft(), draft("2", **SECONDIN))
    answers: dict[str, Answer] = {
        "medications": fetched(),
        "genotypes": fetched(observation("84413-4", "SCORED *1/*1")),
    }

    [found] = decide_drafts(
        own_drafts(of)[:1], of, answers, INHIBITING, TODAY, "order-sign"
    ).findings

    assert found.outcome.branch is ADJUSTING.branches[0]


def test_an_inhibitor_that_is_there_already_changes_nothing_by_being_ordered_again() -> None:
    of = context(draft("2", **SECONDIN))
    taken = fetched(draft("0", status="active"), draft("3", status="active", **SECONDIN))
    answers: dict[str, Answer] = {
        "medications": taken,
        "genotypes": fetched(observation("84413-4", "SCORED *1/*1")),
    }

    found = decide_drafts(own_drafts(of), of, answers, INHIBITING, TODAY, "order-sign").findings

    assert found == ()


def test_of_two_orders_of_an_inhibitor_neither_changes_what_the_other_has_changed() -> None:
    of = context(draft("2", **SECONDIN), draft("3", **SECONDIN))
    answers: dict[str, Answer] = {"medications": fetched(draft("0", status="active"))}

    found = decide_drafts(own_drafts(of), of, answers, INHIBITING, TODAY, "order-sign").findings

    assert found == ()


def test_a_drug_whose_rules_heed_no_inhibitor_is_not_judged_for_one() -> None:
    of = context(draft("2", **SECONDIN))
    unweighed = replace(INHIBITING, guidelines=(SCORED_RULE,))
    answers: dict[str, Answer] = {"medications": fetched(draft("0", status="active"))}

    assert decide_drafts(own_drafts(of), of, answers, unweighed, TODAY, "order-sign").findings == ()


def test_a_call_without_drafts_may_hold_an_inhibitor() -> None:
    of = {"patientId": "p1"}
    answers: dict[str, Answer] = {"medications": fetched(draft("0", status="active", **SECONDIN))}

    assert "genotypes" not in rule_needs(["secondin"], of, answers, INHIBITING)
    assert own_drafts(of) == []


# Suggestions from their own draft


POOR: dict[str, Answer] = {
    "genotypes": fetched(observation("1-8", "*2/*2")),
    "conditions": fetched(),
    "medications": fetched(),
    "allergies": fetched(),
}


def created(of: Json) -> dict[str, list[object]]:
    """The reasons of the orders that are suggested, by the order that they replace."""
    decision = decide_drafts(own_drafts(of), of, POOR, KNOWN, TODAY, "order-sign")
    return {
        str(card.findings[0]["order"]): [
            (action.resource or {}).get("reasonCode")
            for suggestion in card.suggestions
            for action in suggestion.actions
            if action.type == "create"
        ]
        for card in decision.cards
    }


def test_each_suggestion_is_built_from_its_own_draft() -> None:
    reasons = [[{"text": text}] for text in ("one", "two")]
    drafts = [draft(str(place), reasonCode=reason) for place, reason in enumerate(reasons)]

    assert created(context(*drafts)) == {
        "MedicationRequest/0": [reasons[0]],
        "MedicationRequest/1": [reasons[1]],
    }


@pytest.mark.parametrize("identifier", ["1", "tmp_1", ""])
def test_drafts_with_the_same_id_are_two_orders_and_nothing_is_offered_to_change_them(
    identifier: str,
) -> None:
    drafts = [draft(identifier, reasonCode=[{"text": text}]) for text in ("one", "two")]
    of = context(*drafts)

    cards = decide_drafts(own_drafts(of), of, POOR, KNOWN, TODAY, "order-sign").cards

    assert [card.suggestions for card in cards] == [(), ()]


def test_a_draft_without_a_usable_id_is_judged_and_not_offered_to_be_changed() -> None:
    of = context(draft("tmp_1"))

    [card] = decide_drafts(own_drafts(of), of, POOR, KNOWN, TODAY, "order-sign").cards

    assert (card.indicator, card.suggestions) == ("critical", ())
