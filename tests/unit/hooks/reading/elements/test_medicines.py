"""What is taken, was stopped and is newly started, by drug and class."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Evidence, Missing, Order, Why
from hooks.clinical.logic import Truth
from hooks.reading.charts import OrderChart
from hooks.reading.resources import Answer, Fetched
from tests.unit.hooks.reading import Json, bundle, coded, fetched, json_of
from tests.unit.hooks.reading.elements.medicines import (
    CODED,
    TABLES,
    TODAY,
    chart,
    draft,
    known,
    look,
    missing,
    stating,
    taking,
)
from tests.unit.hooks.small import patient

REMARK = Missing("medications", Why.NOT_FETCHED, "a page is missing")
FAILED = Missing("statements", Why.NOT_FETCHED, "timeout")
REFERRED = {"medicationReference": {"reference": "Medication/m"}}
SECONDIN = {"resourceType": "Medication", "id": "m", "code": {"text": "secondin"}}


def partly(*resources: Json) -> Fetched:
    return Fetched(bundle(*resources), remark=REMARK)


def truth(*args: object, **more: object) -> Truth:
    value = known(*args, **more).value
    assert isinstance(value, Truth)
    return value


class TestOn:
    @pytest.mark.parametrize("resource", [taking(), stating(), taking(CODED), stating(CODED)])
    def test_an_active_order_or_statement_counts(self, resource: Json) -> None:
        found = known(chart(resource), "on", "secondin")

        assert (found.value, found.shown, found.note) == (Truth.YES, "secondin", "")
        assert [each.reference for each in found.evidence] == [
            f"{resource['resourceType']}/{resource['id']}"
        ]

    def test_a_class_stands_for_its_drugs(self) -> None:
        both = chart(taking("thirdin"), stating("secondin"), stating("firstin"))
        found = known(both, "on", "CLASS")

        assert found.shown == "secondin, thirdin"
        assert len(found.evidence) == 2

    def test_without_any_record_it_is_not_so(self) -> None:
        assert known(chart(taking("firstin")), "on", "CLASS") == Known(Truth.NO)

    @pytest.mark.parametrize(
        "resource",
        [
            taking(status="stopped"),
            taking(status="draft"),
            taking(status=None),
            taking(doNotPerform=True),
            taking(subject={"reference": "Patient/p2"}),
            stating(status="completed"),
            stating(status="intended"),
            stating(subject={"reference": "Patient/p2"}),
        ],
    )
    def test_what_is_not_active_or_not_the_patients_does_not_count(self, resource: Json) -> None:
        assert truth(chart(resource), "on", "CLASS") is Truth.NO

    @pytest.mark.parametrize(
        "answers",
        [
            {"medications": REMARK},
            {"statements": FAILED},
            {"statements": partly()},
            {"medications": partly(taking("firstin"))},
        ],
    )
    def test_absence_takes_both_answers_whole(self, answers: dict[str, Answer]) -> None:
        found = missing(chart(**answers), "on", "CLASS")

        assert (found.what, found.why) == ("CLASS", Why.NOT_FETCHED)

    @pytest.mark.parametrize(
        "answers",
        [
            {"statements": FAILED, "medications": fetched(taking())},
            {"medications": partly(taking())},
        ],
    )
    def test_what_is_found_in_half_an_answer_counts(self, answers: dict[str, Answer]) -> None:
        assert truth(chart(**answers), "on", "CLASS") is Truth.YES

    def test_a_medication_that_is_referred_to_is_read_from_those_at_hand(self) -> None:
        refers = taking(medicationCodeableConcept=None, **REFERRED)
        with_it = chart(medications=fetched(refers, SECONDIN))
        alone = chart(refers)
        alone.answers = {**alone.answers, "Medication/m": Fetched(SECONDIN)}

        assert truth(with_it, "on", "CLASS") is Truth.YES
        assert truth(alone, "on", "CLASS") is Truth.YES

    def test_a_medication_that_could_not_be_had_may_be_any_drug(self) -> None:
        found = missing(chart(stating(medicationCodeableConcept=None, **REFERRED)), "on", "CLASS")

        assert (found.why, found.detail) == (Why.NOT_FETCHED, "a medication is not at hand")

    @pytest.mark.parametrize(
        "concept",
        [
            {"text": "blue pills"},
            {},
            coded("http://local.example", "2", "secondish"),
            coded("rxnorm", "999"),
        ],
    )
    def test_a_medicine_that_nothing_tells_is_counted_and_not_guessed(self, concept: Json) -> None:
        found = known(chart(taking(concept)), "on", "CLASS")

        assert found.value is Truth.NO
        assert found.note == "1 medicine on file is not coded and was not weighed"

    def test_a_medication_resource_without_content_is_counted(self) -> None:
        empty = {"resourceType": "Medication", "id": "m"}
        refers = taking(medicationCodeableConcept=None, **REFERRED)
        found = known(
            chart(stating("blue pills"), medications=fetched(refers, empty)), "on", "CLASS"
        )

        assert found.note == "2 medicines on file are not coded and were not weighed"

    @pytest.mark.parametrize(
        "concept",
        [coded("rxnorm", "28889", "loratadine"), coded("atc", "R06AX13") | {"text": "loratadine"}],
    )
    def test_a_coded_and_named_medicine_of_no_drug_of_ours_is_weighed(self, concept: Json) -> None:
        assert known(chart(taking(concept)), "on", "CLASS").note == ""

    def test_an_opened_chart_can_be_asked_as_well(self) -> None:
        found = chart(taking()).look(Term("on", ("CLASS",)))

        assert isinstance(found, Known)
        assert found.value is Truth.YES


class TestDrafts:
    def test_two_drafts_see_one_another(self) -> None:
        first, second = draft("firstin", "d1"), draft("secondin", "d2")
        both = chart(drafts=(first, second))

        found = known(both, "on", "secondin", at=first)
        assert (found.value, found.shown) == (Truth.YES, "secondin")
        assert found.evidence == (Evidence("MedicationRequest/d2", None, "", "the draft orders"),)
        assert truth(both, "on", "firstin", at=second) is Truth.YES

    def test_a_draft_does_not_see_itself(self) -> None:
        only = draft("secondin")

        assert truth(chart(drafts=(only,)), "on", "secondin", at=only) is Truth.NO

    def test_a_drug_that_is_drafted_twice_is_beside_itself_and_told_once(self) -> None:
        one, other = draft("secondin", "d1"), draft("secondin", "d2")
        third = draft("secondin", "d3")
        found = known(chart(drafts=(one, other, third)), "on", "secondin", at=one)

        assert (found.shown, len(found.evidence)) == ("secondin", 2)

    def test_what_is_in_the_same_product_is_taken_with_it(self) -> None:
        both = draft("secondin with firstin")
        around = chart(drafts=(both,), medications=FAILED)

        found = known(around, "on", "CLASS", at=both, drug="firstin")
        assert (found.value, found.shown) == (Truth.YES, "secondin")
        assert missing(around, "on", "CLASS", at=both, drug="secondin").detail == "timeout"

    def test_an_alternative_on_trial_does_not_see_the_draft_that_it_would_replace(self) -> None:
        replaced, other = draft("secondin", "d1"), draft("thirdin", "d2")
        trial = Order("MedicationRequest/d1", ("firstin",))
        both = chart(drafts=(replaced, other))

        assert truth(both, "on", "secondin", at=trial) is Truth.NO
        assert truth(both, "on", "thirdin", at=trial) is Truth.YES

    def test_an_opened_chart_sees_every_draft(self) -> None:
        found = chart(drafts=(draft("secondin"),)).look(Term("on", ("CLASS",)))

        assert isinstance(found, Known)
        assert found.value is Truth.YES

    def test_a_draft_whose_medication_could_not_be_had_may_be_any_drug(self) -> None:
        lost = Missing("draft orders", Why.NOT_FETCHED, "the medication of a draft is not at hand")
        facts = replace(patient(), undrafted=lost)

        assert missing(chart(facts=facts), "on", "CLASS").detail == lost.detail
        assert truth(chart(taking(), facts=facts), "on", "CLASS") is Truth.YES
        assert missing(chart(facts=facts, statements=FAILED), "on", "CLASS").detail == "timeout"


class TestNewStart:
    def test_a_drug_that_is_not_taken_is_a_new_start(self) -> None:
        assert known(chart(taking("secondin")), "new_start") == Known(Truth.YES)

    @pytest.mark.parametrize("resource", [taking("firstin"), stating("firstin")])
    def test_a_drug_that_is_taken_is_not(self, resource: Json) -> None:
        found = known(chart(resource), "new_start")

        assert (found.value, found.shown) == (Truth.NO, "no, it is taken already")
        assert len(found.evidence) == 1

    def test_drafts_of_the_drug_leave_it_new(self) -> None:
        one, other = draft("firstin", "d1"), draft("firstin", "d2")

        assert truth(chart(drafts=(one, other)), "new_start", at=one) is Truth.YES

    def test_it_is_unknown_where_the_medicines_are(self) -> None:
        found = missing(chart(medications=partly()), "new_start")

        assert (found.what, found.why) == ("new_start", Why.NOT_FETCHED)

    def test_a_medicine_that_nothing_tells_is_said(self) -> None:
        assert "not coded" in known(chart(taking("blue pills")), "new_start").note

    def test_without_an_order_nothing_starts(self) -> None:
        found = OrderChart(chart(), Order("", ()), "").look(Term("new_start"))

        assert isinstance(found, Missing)
        assert found.why is Why.NOT_RECORDED


class TestBloodPressure:
    def test_a_drug_of_the_class_is_treatment(self) -> None:
        found = known(chart(stating("thirdin")), "bp_tx")

        assert (found.value, found.shown) == (Truth.YES, "thirdin")

    def test_a_draft_treats_nobody_yet(self) -> None:
        assert truth(chart(taking(), drafts=(draft("thirdin"),)), "bp_tx") is Truth.NO

    def test_it_is_unknown_where_the_medicines_are(self) -> None:
        assert missing(chart(statements=FAILED), "bp_tx").what == "bp_tx"


def days_ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def bounded(end: str) -> list[Json]:
    return [{"timing": {"repeat": {"boundsPeriod": {"end": end}}}}]


class TestStopped:
    def ended(self, *resources: Json, days: int = 14) -> Truth:
        return truth(chart(*resources), "stopped", "CLASS", days)

    @pytest.mark.parametrize(("days", "expected"), [(14, Truth.YES), (15, Truth.NO)])
    def test_the_end_decides_and_the_last_day_counts(self, days: int, expected: Truth) -> None:
        end = days_ago(days)
        for resource in (
            stating(status="stopped", effectivePeriod={"end": end}),
            stating(status="completed", dosage=bounded(f"{end}T10:00:00Z")),
            taking(status="stopped", dispenseRequest={"validityPeriod": {"end": end}}),
            taking(status="completed", dosageInstruction=bounded(end)),
        ):
            assert self.ended(resource) is expected

    def test_the_drug_and_where_it_was_read_are_told(self) -> None:
        found = known(
            chart(stating("thirdin", status="stopped", effectivePeriod={"end": days_ago(3)})),
            "stopped",
            "CLASS",
            14,
        )

        assert found.shown == "thirdin"
        assert found.evidence[0].reference == "MedicationStatement/s1"

    @pytest.mark.parametrize(
        "resource",
        [
            taking(effectivePeriod={"end": days_ago(3)}),
            stating("firstin", status="stopped", effectivePeriod={"end": days_ago(3)}),
            stating(status="not-taken", effectivePeriod={"end": days_ago(3)}),
            taking(status="stopped", subject={"reference": "Patient/p2"}, authoredOn=days_ago(3)),
        ],
    )
    def test_what_was_not_stopped_or_is_another_drug_does_not_count(self, resource: Json) -> None:
        assert self.ended(resource) is Truth.NO

    @pytest.mark.parametrize(
        "element", [{"authoredOn": days_ago(5)}, {"effectivePeriod": {"start": days_ago(5)}}]
    )
    def test_what_was_begun_within_the_days_was_stopped_within_them(self, element: Json) -> None:
        assert self.ended(taking(status="stopped", **element)) is Truth.YES

    @pytest.mark.parametrize(
        "element",
        [{"dateAsserted": days_ago(20)}, {"meta": {"lastUpdated": f"{days_ago(20)}T08:00:00Z"}}],
    )
    def test_what_was_said_to_be_over_before_the_days_was_over(self, element: Json) -> None:
        assert self.ended(stating(status="stopped", **element)) is Truth.NO

    @pytest.mark.parametrize(
        "element",
        [
            {},
            {"authoredOn": days_ago(400)},
            {"dateAsserted": days_ago(2)},
            {"effectivePeriod": {"end": days_ago(-30)}},
            {"effectivePeriod": {"end": "2026"}},
        ],
    )
    def test_when_it_ended_may_not_be_on_file(self, element: Json) -> None:
        found = missing(chart(stating(status="stopped", **element)), "stopped", "CLASS", 14)

        assert (found.what, found.why) == ("CLASS", Why.UNREADABLE)

    def test_one_that_ended_in_time_is_enough(self) -> None:
        lately = stating(status="stopped", effectivePeriod={"end": days_ago(1)})
        some = chart(stating(status="stopped", identifier="s2"), statements=partly(lately))

        assert truth(some, "stopped", "CLASS", 14) is Truth.YES

    def test_absence_takes_both_answers_whole(self) -> None:
        found = missing(chart(past_medications=FAILED), "stopped", "CLASS", 14)

        assert found.why is Why.NOT_FETCHED

    def test_without_days_only_today_counts(self) -> None:
        today = stating(status="stopped", effectivePeriod={"end": days_ago(0)})

        assert truth(chart(today), "stopped", "CLASS") is Truth.YES
        assert truth(chart(today), "stopped", "firstin") is Truth.NO


MEDICINES = json_of(
    "resourceType", "MedicationStatement", "status", "active", "stopped", "dosage", "timing",
    "repeat", "boundsPeriod", "effectivePeriod", "end", "start", "medicationCodeableConcept",
    "text", "secondin", "medicationReference", "meta", "lastUpdated", "dispenseRequest",
)  # fmt: skip


@given(MEDICINES, MEDICINES)
def test_no_medicine_raises(broken: object, other: object) -> None:
    whole = {"resourceType": "MedicationStatement", "status": "stopped"}
    resources = [broken, {**whole, "dosage": other, "medicationCodeableConcept": {"text": "odd"}}]
    resources += [{**whole, "status": "active", "effectivePeriod": other, "meta": other}]
    around = chart(statements=Fetched({"entry": [{"resource": each} for each in resources]}))
    for name, args in (("on", ("CLASS",)), ("new_start", ()), ("stopped", ("odd", 14))):
        look(around, name, *args)


def test_the_medicines_are_read_once() -> None:
    around = chart(taking())
    first = known(around, "on", "secondin")
    around.answers = {}

    assert known(around, "on", "CLASS").evidence == first.evidence
    assert TABLES.drug_classes["CLASS"] == {"secondin", "thirdin"}
