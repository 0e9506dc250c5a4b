"""Which FHIR queries a service may need, and which an order needs: both from the knowledge."""

from dataclasses import replace
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.codes import Findings, ReportTables, ResultCode
from hooks.clinical.elements import Element, Term, Vocabulary
from hooks.clinical.guidelines import Action, Alternative
from hooks.clinical.logic import Truth
from hooks.clinical.markers import Marker, Markers, MarkerTest
from hooks.clinical.populations import Population, Span
from hooks.evaluate import genes_for
from hooks.knowledge.expressions import parse
from hooks.queries import COUNT, filled, medication_reads, needed, templates
from tests.unit.hooks.bedside import KIDNEY, WORDS
from tests.unit.hooks.small import LINKED_RULE, RULE, knowledge, order, replacing

HEART = Population("heart", "a heart attack", "MI", conditions=("infarction",))
LONG = Population("long", "three months of it", "over 3 months", taken_for_days=90)
NAIVE = Population("naive", "nobody who took it", "naive", otherwise=True)
GROWN = Population("grown", "adults", "adults", measures={"age": Span(Decimal(18))})


@pytest.mark.parametrize(
    ("rule", "keys"),
    [
        (RULE, ["genotypes", "conditions"]),
        (LINKED_RULE, ["patient", "genotypes", "conditions"]),
        (replace(RULE, populations=(GROWN,)), ["patient", "genotypes", "conditions"]),
        (replace(RULE, populations=(HEART,)), ["genotypes", "conditions"]),
        (replace(RULE, populations=(NAIVE, LONG)), ["genotypes", "conditions", "medications"]),
        (
            replacing(Alternative("secondin")),
            ["genotypes", "conditions", "medications", "allergies"],
        ),
        (
            replacing(Alternative("secondin", not_if=("stroke",))),
            ["genotypes", "conditions", "medications", "allergies"],
        ),
    ],
    ids=[
        "gene",
        "sex",
        "age",
        "condition",
        "duration",
        "alternative",
        "alternative with a condition",
    ],
)
def test_a_rule_needs_what_decides_it(rule: object, keys: list[str]) -> None:
    assert list(needed(["firstin"], knowledge(rule))) == keys  # type: ignore[arg-type]


KIDNEY_WITH_OTHERS = replace(
    KIDNEY,
    branches=(
        replace(
            KIDNEY.branch(Truth.YES),
            action=Action("avoid", replace_with=(Alternative("secondin"),)),
        ),
        *KIDNEY.branches[1:],
    ),
)


def test_a_rule_on_data_elements_needs_what_tells_whether_its_alternatives_suit() -> None:
    plain = replace(knowledge(), words=WORDS, biomarkers=(KIDNEY,))
    known = replace(plain, biomarkers=(KIDNEY_WITH_OTHERS,))
    asked = needed(["firstin"], plain).keys()

    assert not {"medications", "allergies"} & asked
    assert needed(["firstin"], known).keys() == {*asked, "medications", "allergies"}
    assert templates(known) == needed(["firstin"], known)


def test_the_genes_of_an_alternative_are_asked_for_and_read() -> None:
    genetic = replace(RULE, drugs=("secondin",))
    known = replace(knowledge(genetic), words=WORDS, biomarkers=(KIDNEY_WITH_OTHERS,))

    assert needed(["firstin"], known).keys() >= {"genotypes", "conditions"}
    assert genes_for([order("firstin")], known) == {"PAIR"}


@pytest.mark.parametrize("drugs", [[], ["secondin"], ["unheard"]])
def test_a_drug_without_rules_needs_nothing(drugs: list[str]) -> None:
    assert needed(drugs, knowledge(RULE)) == {}


def test_a_draft_rule_needs_nothing_until_drafts_are_judged() -> None:
    drafts = knowledge(replace(RULE, status="draft"))

    assert needed(["firstin"], drafts) == templates(drafts) == {}
    assert list(needed(["firstin"], drafts.with_drafts())) == ["genotypes", "conditions"]


def test_a_service_may_need_what_any_of_its_rules_does() -> None:
    rules = (replacing(Alternative("secondin")), replace(LINKED_RULE, drugs=("thirdin",)))

    told = templates(knowledge(*rules))

    assert list(told) == ["patient", "genotypes", "conditions", "medications", "allergies"]


def test_what_an_order_needs_is_one_of_the_templates() -> None:
    known = knowledge(RULE, replace(LINKED_RULE, drugs=("thirdin",)))

    assert needed(["firstin"], known).items() <= templates(known).items()
    assert needed(["thirdin", "firstin"], known) == templates(known)


def test_genotypes_are_searched_by_every_code_that_a_result_is_filed_under() -> None:
    query = urlsplit(templates(knowledge(RULE))["genotypes"])

    assert query.path == "Observation"
    assert parse_qs(query.query) == {
        "patient": ["{{context.patientId}}"],
        "code": [
            "http://loinc.org|1-8,http://loinc.org|50956-2,http://loinc.org|84413-4",
        ],
        "_count": [str(COUNT)],
    }


def test_a_search_asks_for_at_least_500() -> None:
    told = templates(knowledge(replacing(Alternative("secondin", not_if=("stroke",)))))

    assert all("&_count=500" in query for query in told.values())


def test_the_patient_is_read_not_searched() -> None:
    assert templates(knowledge(LINKED_RULE))["patient"] == "Patient/{{context.patientId}}"


def test_only_active_medications_are_searched() -> None:
    told = templates(knowledge(replacing(Alternative("secondin"))))

    assert told["medications"].startswith(
        "MedicationRequest?patient={{context.patientId}}&status=active"
    )


def test_the_patient_s_id_takes_the_place_of_the_token() -> None:
    told = filled(templates(knowledge(LINKED_RULE)), "p1")

    assert told["patient"] == "Patient/p1"
    assert told["genotypes"].startswith("Observation?patient=p1&code=")
    assert not any("{{" in query for query in told.values())


def test_the_same_knowledge_gives_the_same_templates() -> None:
    assert templates(knowledge(RULE)) == templates(knowledge(RULE))


def test_a_medication_that_is_only_referred_to_is_read_once() -> None:
    request = {"medicationReference": {"reference": "Medication/m1"}}

    assert medication_reads([request, request], {}) == {"Medication/m1": "Medication/m1"}


def test_a_medication_that_is_at_hand_is_not_read() -> None:
    request = {"medicationReference": {"reference": "Medication/m1"}}

    assert medication_reads([request], {"Medication/m1": {"resourceType": "Medication"}}) == {}


def test_a_marker_is_asked_for_by_its_codes_and_nothing_else() -> None:
    marker, finding = Term("pos", ("MARK",)), Term("pos", ("antibody",))
    asks = Element("pos", "truth", "", "", "finding", ("results", "markers"))
    words = Vocabulary({"pos": asks}, {"finding": {"MARK": "", "antibody": ""}})
    reports = ReportTables({("loinc", "69548-6"): ResultCode("variant", "")}, {}, {}, {}, {})
    known = replace(
        knowledge(),
        words=words,
        markers=Markers(
            {"MARK": Marker("MARK", "")}, (MarkerTest("MARK", ("loinc", "1-8"), ""),), reports
        ),
        findings=Findings({}, {("loinc", "2-6"): "antibody"}),
    )

    def asked(*terms: Term) -> dict[str, str]:
        rules = tuple(rule(f'pos("{term.about}")', words) for term in terms)
        return needed(["firstin"], replace(known, biomarkers=rules))

    assert codes(asked(marker)["markers"]) == ["1-8", "69548-6"]
    assert list(asked(marker)) == ["markers"]
    assert list(asked(finding)) == ["results"]
    assert codes(asked(finding)["results"]) == ["2-6"]


def rule(when: str, words: Vocabulary) -> BiomarkerRule:
    return replace(KIDNEY, when=parse(when, words))


def codes(query: str) -> list[str]:
    [tokens] = parse_qs(urlsplit(query).query)["code"]
    return [token.rpartition("|")[2] for token in tokens.split(",")]
