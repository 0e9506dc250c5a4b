"""Consents: what of the data under a label may be used, and what is said of the rest."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from hooks.clinical.facts import Evidence, GeneResult, Missing, Why
from hooks.clinical.restrictions import CONSENT_UNKNOWN, NO_CONSENT, NOT_TOLD, Restrictions
from hooks.reading.conditions import condition_record
from hooks.reading.consents import (
    DEEPEST,
    Permission,
    any_restricted,
    codes_met,
    permission,
    usable,
    withheld,
)
from hooks.reading.genotypes import NO_GENE, gene_record
from hooks.reading.medications import active_medications
from hooks.reading.patients import allergies, birth_date, patient
from hooks.reading.resources import Fetched
from tests.unit.hooks.reading import (
    DRUGS,
    KNOWLEDGE,
    REPORTS,
    Json,
    bundle,
    coded,
    fetched,
    json_of,
    observation,
    request,
)
from tests.unit.hooks.reading.test_labels import security

TODAY = date(2026, 11, 21)
SAYING = Restrictions(say=True)
TREAT = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "TREAT"}]
RESEARCH = [{"code": "HRESCH"}]
RESULT = observation("84413-4", "CYP2C19 *2/*2") | {"meta": {"security": security("R", "GDIS")}}
PLAIN = observation("84413-4", "CYP2C19 *1/*1")
OURS = {"actor": [{"reference": {"reference": "Organization/1"}}]}


def permit(**elements: object) -> Json:
    return {"type": "permit", "purpose": TREAT} | elements


def deny(**elements: object) -> Json:
    return {"type": "deny"} | elements


def consent(provision: Json | None = None, **elements: object) -> Json:
    """An active privacy consent of patient p1."""
    resource: Json = {
        "resourceType": "Consent",
        "id": "c1",
        "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "patient": {"reference": "Patient/p1"},
    }
    return resource | ({"provision": provision} if provision is not None else {}) | elements


def allowed(*consents: Json, site: Restrictions = SAYING) -> Permission:
    return permission(fetched(*consents), "p1", site, TODAY)


def may_use(*consents: Json, resource: Json = RESULT, site: Restrictions = SAYING) -> bool:
    return allowed(*consents, site=site).allows(resource)


# What counts as a permit


def test_restricted_data_is_not_used_without_a_consent() -> None:
    assert not may_use()
    assert may_use(resource=PLAIN)


def test_a_permit_for_treatment_opens_it() -> None:
    assert may_use(consent(permit()))


@pytest.mark.parametrize(
    "elements",
    [
        {"status": "inactive"},
        {"status": "draft"},
        {"status": "rejected"},
        {"status": "entered-in-error"},
        {"scope": {"coding": [{"code": "research"}]}},
        {"scope": None},
        {"patient": {"reference": "Patient/p2"}},
        {"provision": None},
        {"provision": "permit"},
    ],
)
def test_a_consent_that_is_not_in_force_counts_for_nothing(elements: Json) -> None:
    assert not may_use(consent(permit()) | elements)


@pytest.mark.parametrize(
    "period",
    [
        {"end": "2026-11-20"},
        {"start": "2026-11-22"},
        {"start": "2020", "end": "2025"},
        {"start": "2020-01-01T00:00:00Z", "end": "2026-10"},
        {"start": "soon"},
        {"start": "2020-01-01", "end": "later"},
        {},
        "2026",
    ],
)
def test_a_permit_that_is_over_or_unclear_opens_nothing(period: object) -> None:
    assert not may_use(consent(permit(period=period)))


@pytest.mark.parametrize(
    "period",
    [
        {"start": "2026-11-21"},
        {"end": "2026-11-21T23:59:59+01:00"},
        {"start": "2020", "end": "2026"},
        {"start": "2026-11", "end": "2026-11"},
    ],
)
def test_a_permit_of_today_opens_it(period: Json) -> None:
    assert may_use(consent(permit(period=period)))


@pytest.mark.parametrize(
    "limits",
    [
        {"purpose": RESEARCH},
        {"purpose": []},
        {"class": [{"code": "Condition"}]},
        {"data": [{"meaning": "instance", "reference": {"reference": "Observation/other"}}]},
        {"securityLabel": security("N")},
        {"securityLabel": security("R", "HIV")},
        {"securityLabel": security("X")},
        {"code": [{"coding": [{"code": "84413-4"}]}]},
        {"dataPeriod": {"start": "2020"}},
        {"action": [{"coding": [{"code": "correct"}]}]},
        OURS,
    ],
)
def test_a_permit_of_something_else_opens_nothing(limits: Json) -> None:
    assert not may_use(consent(permit(**limits)))


@pytest.mark.parametrize(
    "limits",
    [
        {"purpose": [*RESEARCH, *TREAT]},
        {"class": [{"code": "Condition"}, {"code": "Observation"}]},
        {"data": [{"meaning": "instance", "reference": {"reference": "Observation/o1"}}]},
        {"securityLabel": security("R")},
        {"securityLabel": security("V", "GDIS", "HIV")},
        {"securityLabel": security("GDIS")},
        {"action": [{"coding": [{"code": "access"}]}]},
    ],
)
def test_a_permit_that_covers_it_opens_it(limits: Json) -> None:
    assert may_use(consent(permit(**limits)))


def test_a_permit_for_named_actors_counts_where_the_site_says_who_it_is() -> None:
    site = Restrictions(organisations=("Organization/1",))
    assert may_use(consent(permit(**OURS)), site=site)


def test_very_restricted_data_takes_a_permit_for_it() -> None:
    very = PLAIN | {"meta": {"security": security("V", "GDIS")}}
    assert not may_use(consent(permit(securityLabel=security("R"))), resource=very)
    assert may_use(consent(permit(securityLabel=security("V"))), resource=very)


def test_sensitive_data_without_a_confidentiality_counts_as_restricted() -> None:
    bare = PLAIN | {"meta": {"security": security("GDIS")}}
    assert not may_use(consent(permit(securityLabel=security("N"))), resource=bare)
    assert may_use(consent(permit(securityLabel=security("R"))), resource=bare)


# Denies


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"purpose": TREAT},
        {"class": [{"code": "Observation"}]},
        {"securityLabel": security("GDIS")},
        {"securityLabel": security("R", "GDIS")},
        {"period": {"start": "soon"}},
        {"code": [{"coding": [{"code": "any"}]}]},
        OURS,
    ],
)
def test_a_deny_wins_over_every_permit(limits: Json) -> None:
    assert not may_use(consent(permit()), consent(deny(**limits)), consent(permit()))


@pytest.mark.parametrize(
    "limits",
    [
        {"purpose": RESEARCH},
        {"class": [{"code": "Condition"}]},
        {"securityLabel": security("V")},
        {"securityLabel": security("HIV")},
        {"securityLabel": security("X")},
        {"period": {"end": "2025"}},
    ],
)
def test_a_deny_of_something_else_does_not(limits: Json) -> None:
    assert may_use(consent(permit()), consent(deny(**limits)))


def test_a_deny_that_is_on_hand_holds_for_data_without_labels() -> None:
    assert not may_use(consent(deny()), resource=PLAIN)
    assert may_use(consent(deny(securityLabel=security("R"))), resource=PLAIN)


def test_a_deny_of_a_label_that_we_do_not_know_holds_for_what_carries_it() -> None:
    other = PLAIN | {"meta": {"security": [{"code": "SICKLE"}]}}
    assert not may_use(consent(deny(securityLabel=[{"code": "SICKLE"}])), resource=other)


# Policy, and provisions inside of provisions


def test_the_policy_of_a_consent_stands_for_the_type_of_its_root() -> None:
    def policy(code: str) -> Json:
        return {"policyRule": {"coding": [{"code": code}]}}

    assert may_use(consent({"purpose": TREAT}, **policy("OPTIN")))
    assert not may_use(consent({"purpose": TREAT}, **policy("OTHER")))
    assert not may_use(consent(permit()), consent(**policy("OPTOUT")))


def test_provisions_inside_are_exceptions() -> None:
    assert may_use(consent(deny(provision=[permit()])))
    assert may_use(consent(deny(provision=[permit()], period={"end": "2025"}))) is False
    assert not may_use(consent(permit(provision=[deny(securityLabel=security("GDIS"))])))
    assert may_use(consent(permit(provision=[deny(securityLabel=security("HIV")), "text"])))
    assert may_use(consent(permit()), consent({"period": {"end": "2025"}, "provision": [deny()]}))


def test_what_is_nested_too_deep_is_a_deny() -> None:
    provision = permit()
    for _ in range(DEEPEST + 1):
        provision = permit(provision=[provision])
    assert not may_use(consent(provision))


# The site's word


def test_a_site_may_use_restricted_data_never_or_always() -> None:
    assert not may_use(consent(permit()), site=Restrictions("never"))
    assert may_use(site=Restrictions("always"))
    assert not may_use(consent(deny()), site=Restrictions("always"))


@pytest.mark.parametrize("use", ["with-consent", "never", "always"])
def test_data_without_a_label_is_used_whatever_the_site_says(use: str) -> None:
    assert may_use(resource=PLAIN, site=Restrictions(use))


def test_consents_that_could_not_be_had_open_nothing_and_that_is_said() -> None:
    failed = permission(Missing("consents", Why.NOT_FETCHED, "HTTP 500"), "p1", SAYING, TODAY)
    partial = permission(
        replace(fetched(consent(permit())), remark=Missing("consents", Why.NOT_FETCHED, "pages")),
        "p1",
        SAYING,
        TODAY,
    )
    for each in (failed, partial):
        assert not each.allows(RESULT)
        assert each.gap.detail == CONSENT_UNKNOWN
    assert allowed().gap == Missing("restricted data", Why.UNREADABLE, NO_CONSENT)
    assert allowed(site=Restrictions()).gap.detail == NOT_TOLD
    assert replace(failed, site=Restrictions("never", say=True)).gap.detail == NO_CONSENT


# What is left


def test_what_may_not_be_used_is_taken_out_and_the_rest_is_not_the_whole() -> None:
    answer = fetched(PLAIN, RESULT, source="https://ehr.example/fhir")
    left = usable(answer, allowed())
    assert isinstance(left, Fetched)
    assert left == replace(answer, resource=bundle(PLAIN), remark=allowed().gap)
    assert usable(answer, allowed(consent(permit()))) is answer


def test_an_earlier_remark_stays() -> None:
    remark = Missing("labs", Why.NOT_FETCHED, "pages")
    left = usable(replace(fetched(RESULT), remark=remark), allowed())
    assert isinstance(left, Fetched)
    assert left.remark == remark


def test_a_single_resource_that_may_not_be_used_is_missing() -> None:
    secret = {"resourceType": "Patient", "id": "p1", "birthDate": "1970-01-01"}
    secret["meta"] = {"security": security("V", "SEX")}  # type: ignore[assignment]
    missing = usable(Fetched(secret), allowed())
    assert missing == allowed().gap
    assert usable(missing, allowed()) is missing
    assert birth_date(patient(missing, "p1")) == Missing("birth date", Why.UNREADABLE, NO_CONSENT)


def test_labels_in_the_answers_are_seen_and_counted() -> None:
    answers = {"genotypes": fetched(PLAIN, RESULT), "consents": fetched(RESULT)}
    assert any_restricted(answers)
    assert not any_restricted({"genotypes": fetched(PLAIN)})
    assert codes_met(answers) == ["GDIS", "R"]
    assert codes_met({}) == []
    assert withheld(answers, allowed()) == 1
    assert withheld(answers, allowed(consent(permit()))) == 0


# In the facts


def genes(*results: Json, site: Restrictions = SAYING) -> Any:
    return gene_record(fetched(*results), "p1", REPORTS, allowed=allowed(site=site)).get("CYP2C19")


def test_a_restricted_result_is_unreadable_and_its_content_and_name_are_not_told() -> None:
    assert genes(RESULT) == Missing("CYP2C19", Why.UNREADABLE, NO_CONSENT)
    assert genes(RESULT, site=Restrictions()) == Missing("CYP2C19", Why.UNREADABLE, NOT_TOLD)


def test_a_restricted_result_that_may_be_newer_puts_a_usable_one_in_doubt() -> None:
    older = PLAIN | {"id": "o0", "effectiveDateTime": "2020-01-01", "performer": [{"display": "B"}]}
    result = genes(older, RESULT)
    assert isinstance(result, GeneResult)
    assert result.doubted
    assert {str(each) for each in result.candidates} == {"*1/*1"}
    assert result.remarks == (Missing("CYP2C19", Why.UNREADABLE, NO_CONSENT),)


def test_a_restricted_result_replaces_the_older_one_of_its_laboratory() -> None:
    older = PLAIN | {"id": "o0", "effectiveDateTime": "2020-01-01"}
    assert genes(older, RESULT) == Missing("CYP2C19", Why.UNREADABLE, NO_CONSENT)


def test_a_restricted_result_that_names_no_gene_may_be_of_any() -> None:
    nameless = RESULT | {"valueString": "*2/*2"}
    assert genes(nameless) == Missing("CYP2C19", Why.UNREADABLE, NO_CONSENT)
    record = gene_record(
        fetched(nameless, observation("84413-4", "*1/*1", id="o2")),
        "p1",
        REPORTS,
        allowed=allowed(),
    )
    assert record.remarks == (NO_GENE, allowed().gap)


def test_restricted_conditions_medications_and_allergies_leave_the_rest_incomplete() -> None:
    label = {"meta": {"security": security("R", "PSY")}}
    shown = {"subject": {"reference": "Patient/p1"}, "resourceType": "Condition"}
    stroke = next(iter(KNOWLEDGE.conditions.names))
    conditions = condition_record(
        usable(fetched({**shown, **label}), allowed()), "p1", KNOWLEDGE.conditions
    )
    assert conditions.get(stroke) == Missing(stroke, Why.UNREADABLE, NO_CONSENT)
    order = request(status="active", medicationCodeableConcept=coded("rxnorm", "32968")) | label
    assert active_medications(usable(fetched(order), allowed()), "p1", {}, DRUGS) == Missing(
        "medications", Why.UNREADABLE, NO_CONSENT
    )
    allergy = {"resourceType": "AllergyIntolerance", "code": coded("rxnorm", "32968"), **label}
    found = allergies(
        usable(fetched(allergy), allowed()), "p1", KNOWLEDGE.drug_codes, KNOWLEDGE.drug_words
    )
    assert found == Missing("allergies", Why.UNREADABLE, NO_CONSENT)


def test_an_evidence_of_a_permitted_result_is_told() -> None:
    record = gene_record(fetched(RESULT), "p1", REPORTS, None, allowed(consent(permit())))
    result = record.get("CYP2C19")
    assert isinstance(result, GeneResult)
    assert isinstance(result.evidence[0], Evidence)


@given(json_of("provision", "type", "permit", "deny", "purpose", "period", "securityLabel", "code"))
def test_no_provision_makes_it_raise_or_opens_by_accident(provision: Any) -> None:
    assert may_use(consent(provision), consent(deny())) is False
