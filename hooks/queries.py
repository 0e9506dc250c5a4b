"""Which FHIR queries a service may need, and which an order needs: both from the knowledge."""

from collections.abc import Container, Iterable, Mapping
from functools import lru_cache

from hooks.clinical.biomarkers import BiomarkerRule, speaks_against
from hooks.clinical.codes import Code
from hooks.clinical.elements import Term
from hooks.clinical.guidelines import Guideline
from hooks.knowledge import Knowledge
from hooks.reading.consents import KEY
from hooks.reading.orders import unresolved
from hooks.reading.resources import URIS, Resource

COUNT = 500  # genotype reports can carry hundreds of absent variants
FILED_UNDER = frozenset(
    {"genotype", "haplotype", "typing", "status", "phenotype", "implication", "risk", "variant"}
    | {"panel", "phase"}
)
PATIENT = "{{context.patientId}}"
OBSERVED = frozenset({"genotypes", "results", "vitals", "series", "markers"})
SEARCHES = {
    "conditions": f"Condition?patient={PATIENT}",
    "medications": f"MedicationRequest?patient={PATIENT}&status=active",
    "statements": f"MedicationStatement?patient={PATIENT}",
    "past-medications": f"MedicationRequest?patient={PATIENT}&status=stopped,completed",
    "allergies": f"AllergyIntolerance?patient={PATIENT}",
    "relatives": f"FamilyMemberHistory?patient={PATIENT}",
    "encounters": f"Encounter?patient={PATIENT}&status=in-progress",
    KEY: f"Consent?patient={PATIENT}&status=active",
}
KEYS = ("patient", "genotypes", "results", "vitals", "series", "markers", *SEARCHES)


def templates(knowledge: Knowledge) -> dict[str, str]:
    """Every prefetch template, by key: R4 reads and searches of the patient in context."""
    rules = [rule for rules in knowledge.rules_by_drug.values() for rule in rules]
    ours = [r for rules in knowledge.biomarkers_by_drug.values() for r in rules]
    found = _all_of(rules, [*ours, *knowledge.chart_rules], knowledge)
    return found | (consents_query(knowledge) if knowledge.restrictions.prefetch else {})


def needed(drugs: Iterable[str], knowledge: Knowledge) -> dict[str, str]:
    """The templates that the rules of *drugs* need; none for drugs without rules."""
    return dict(_needed(tuple(dict.fromkeys(drugs)), knowledge))


@lru_cache(maxsize=256)
def _needed(drugs: tuple[str, ...], knowledge: Knowledge) -> Mapping[str, str]:
    others = knowledge.alternatives_to(drugs)
    rules = {rule.id: rule for drug in (*drugs, *others) for rule in knowledge.rules_for(drug)}
    ours = {rule.id: rule for drug in drugs for rule in knowledge.biomarkers_for(drug)}
    ours |= _against(others, knowledge)
    return _all_of(rules.values(), ours.values(), knowledge)


def _against(drugs: Iterable[str], knowledge: Knowledge) -> dict[str, BiomarkerRule]:
    """The rules that may say not to use one of *drugs*."""
    return {
        rule.id: rule
        for drug in drugs
        for rule in knowledge.biomarkers_for(drug)
        if speaks_against(rule)
    }


@lru_cache(maxsize=8)
def chart_needs(knowledge: Knowledge) -> Mapping[str, str]:
    """The templates that the rules of an opened chart need."""
    return _all_of((), knowledge.chart_rules, knowledge)


def _all_of(
    guidelines: Iterable[Guideline], ours: Iterable[BiomarkerRule], knowledge: Knowledge
) -> dict[str, str]:
    """The templates of *guidelines* and of rules on data elements, in one order always.

    Observations are asked for by the codes of what the rules ask, no more.
    """
    listed, data = list(guidelines), list(ours)
    terms = {term for rule in data for term in rule.terms}
    wanted = _keys(listed, knowledge) | _to_choose_another((*listed, *data))
    codes: dict[str, set[Code]] = {key: set() for key in wanted}
    if "results" in codes:
        measures = {name for rule in listed for name in rule.measures}
        codes["results"] |= knowledge.codes_of(measures)
    for term in terms:
        element = knowledge.words.elements[term.name]
        for key in element.asks:
            filed = _filed(key, _read_for(term, knowledge), knowledge)
            if filed or key not in OBSERVED:
                codes.setdefault(key, set()).update(filed)
    if "genotypes" in codes:
        codes["genotypes"] = _genetic(knowledge)
    return {key: _template(key, codes[key]) for key in KEYS if key in codes}


def _filed(key: str, names: Container[str], knowledge: Knowledge) -> set[Code]:
    """The codes that query *key* asks for to tell *names*; none if it asks by no code."""
    if key not in OBSERVED:
        return set()
    return knowledge.marker_codes(names) if key == "markers" else knowledge.codes_of(names)


def _read_for(term: Term, knowledge: Knowledge) -> frozenset[str]:
    """The analytes, findings and markers that *term* is read from."""
    element = knowledge.words.elements[term.name]
    named = {term.about} if element.argument in {"finding", "marker"} else set()
    return frozenset(element.reads) | named


def medications_query(knowledge: Knowledge) -> dict[str, str]:
    """The template for the active medications, whatever rules there are."""
    return {"medications": _template("medications")}


def consents_query(knowledge: Knowledge) -> dict[str, str]:
    """The template for the patient's consents."""
    return {KEY: _template(KEY)}


def medication_reads(requests: Iterable[Resource], known: Mapping[str, Resource]) -> dict[str, str]:
    """A read for each Medication that *requests* only refer to."""
    return {url: url for url in unresolved(requests, known)}


def filled(queries: Mapping[str, str], patient_id: str) -> dict[str, str]:
    """*queries* with the patient's id in place of the token."""
    return {key: query.replace(PATIENT, patient_id) for key, query in queries.items()}


def _to_choose_another(rules: Iterable[Guideline]) -> set[str]:
    """The queries that tell whether an alternative that *rules* name suits the patient."""
    others = [other for rule in rules for other in rule.alternatives]
    wanted = {"allergies", "medications"} if others else set()
    return wanted | {"conditions" for other in others if other.not_if}


def _keys(rules: Iterable[Guideline], knowledge: Knowledge) -> set[str]:
    """The queries that *rules* need to tell what they advise."""
    wanted: set[str] = set()
    for rule in rules:
        wanted |= {"genotypes", "conditions"}  # a transplant may make genes another's
        sexed = any(knowledge.genes[symbol].method == "hemizygous" for symbol in rule.genes)
        if sexed or "age" in rule.measures:
            wanted.add("patient")
        if rule.measures & knowledge.analytes.analytes.keys():
            wanted.add("results")
        modified = not knowledge.modified_genes.isdisjoint(rule.genes)
        if rule.reads_medications or modified:
            wanted.add("medications")
    return wanted


def _template(key: str, codes: Iterable[Code] = ()) -> str:
    if key == "patient":
        return f"Patient/{PATIENT}"
    if key in OBSERVED:
        tokens = ",".join(f"{URIS.get(system, system)}|{code}" for system, code in sorted(codes))
        return f"Observation?patient={PATIENT}&code={tokens}&_count={COUNT}"
    return f"{SEARCHES[key]}&_count={COUNT}"


@lru_cache(maxsize=8)
def _genetic(knowledge: Knowledge) -> set[Code]:
    """The codes that genetic results are filed under."""
    filed = knowledge.result_codes.items()
    return {code for code, result in filed if result.holds in FILED_UNDER}
