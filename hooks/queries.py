"""Which FHIR queries a service may need, and which an order needs: both from the knowledge."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

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


def templates(knowledge: Knowledge) -> dict[str, str]:
    """Every prefetch template, by key: R4 reads and searches of the patient in context."""
    rules = [rule for rules in knowledge.rules_by_drug.values() for rule in rules]
    found = {key: _template(key, knowledge) for key in _keys(rules, knowledge)}
    return found | (consents_query(knowledge) if knowledge.restrictions.prefetch else {})


def needed(drugs: Iterable[str], knowledge: Knowledge) -> dict[str, str]:
    """The templates that the rules of *drugs* need; none for drugs without rules."""
    return dict(_needed(tuple(dict.fromkeys(drugs)), knowledge))


@lru_cache(maxsize=256)
def _needed(drugs: tuple[str, ...], knowledge: Knowledge) -> Mapping[str, str]:
    rules = {rule.id: rule for drug in drugs for rule in knowledge.rules_for(drug)}
    return {key: _template(key, knowledge) for key in _keys(rules.values(), knowledge)}


def medications_query(knowledge: Knowledge) -> dict[str, str]:
    """The template for the active medications, whatever rules there are."""
    return {"medications": _template("medications", knowledge)}


def consents_query(knowledge: Knowledge) -> dict[str, str]:
    """The template for the patient's consents."""
    return {KEY: _template(KEY, knowledge)}


def medication_reads(requests: Iterable[Resource], known: Mapping[str, Resource]) -> dict[str, str]:
    """A read for each Medication that *requests* only refer to."""
    return {url: url for url in unresolved(requests, known)}


def filled(queries: Mapping[str, str], patient_id: str) -> dict[str, str]:
    """*queries* with the patient's id in place of the token."""
    return {key: query.replace(PATIENT, patient_id) for key, query in queries.items()}


def _keys(rules: Iterable[Guideline], knowledge: Knowledge) -> list[str]:
    """The queries that *rules* need, in one order always."""
    wanted: set[str] = set()
    for rule in rules:
        wanted |= {"genotypes", "conditions"}  # a transplant may make genes another's
        others = [other for branch in rule.branches for other in branch.action.replace_with]
        sexed = any(knowledge.genes[symbol].method == "hemizygous" for symbol in rule.genes)
        if sexed or "age" in rule.measures:
            wanted.add("patient")
        if rule.measures & knowledge.analytes.analytes.keys():
            wanted.add("results")
        modified = not knowledge.modified_genes.isdisjoint(rule.genes)
        if rule.reads_medications or others or modified:
            wanted.add("medications")
        if others:
            wanted.add("allergies")
    order = ("patient", "genotypes", "results", "conditions", "medications", "allergies")
    return [key for key in order if key in wanted]


def _template(key: str, knowledge: Knowledge) -> str:
    if key == "patient":
        return f"Patient/{PATIENT}"
    searches = {
        "genotypes": f"Observation?patient={PATIENT}&code={_tokens(knowledge)}",
        "results": f"Observation?patient={PATIENT}&code={_analytes(knowledge)}",
        "conditions": f"Condition?patient={PATIENT}",
        "medications": f"MedicationRequest?patient={PATIENT}&status=active",
        "allergies": f"AllergyIntolerance?patient={PATIENT}",
        KEY: f"Consent?patient={PATIENT}&status=active",
    }
    return f"{searches[key]}&_count={COUNT}"


@lru_cache(maxsize=8)
def _tokens(knowledge: Knowledge) -> str:
    codes = sorted(
        code for code, result in knowledge.result_codes.items() if result.holds in FILED_UNDER
    )
    return ",".join(f"{URIS[system]}|{code}" for system, code in codes)


@lru_cache(maxsize=8)
def _analytes(knowledge: Knowledge) -> str:
    codes = sorted(knowledge.analytes.codes)
    return ",".join(f"{URIS[system]}|{code}" for system, code in codes)
