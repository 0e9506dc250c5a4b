"""Tests of hooks.reading, and how they write FHIR in few words."""

from typing import Any

from hypothesis import strategies as st

from hooks.clinical.facts import GeneResult, Missing, Record
from hooks.knowledge import load
from hooks.reading.genotypes import gene_record
from hooks.reading.resources import URIS, Fetched

Json = dict[str, Any]

KNOWLEDGE = load()
REPORTS = KNOWLEDGE.report_tables
DRUGS = KNOWLEDGE.drug_tables
ABSENT: Any = object()  # an element that the example leaves out

SCALARS = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=12)
NUMBERS = st.floats(-(10**6), 10**6)
ANY_JSON = st.recursive(
    SCALARS | NUMBERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def json_of(*names: str) -> st.SearchStrategy[Any]:
    """Any JSON whose objects often use *names*, so that it gets past the first look."""
    return st.recursive(
        SCALARS | NUMBERS | st.sampled_from(names),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=5)
        ),
        max_leaves=15,
    )


def coding(system: str, code: str, display: str = "") -> Json:
    """A coding in one of the systems that we know by a short name."""
    found = {"system": URIS.get(system, system), "code": code}
    return found | ({"display": display} if display else {})


def coded(system: str, code: str, display: str = "") -> Json:
    """A CodeableConcept of one coding."""
    return {"coding": [coding(system, code, display)]}


def loinc(code: str, display: str = "") -> Json:
    """A CodeableConcept of a LOINC code."""
    return coded("loinc", code, display)


def value(of: object) -> Json:
    """A value: a string, or a CodeableConcept."""
    return {"valueString" if isinstance(of, str) else "valueCodeableConcept": of}


def component(code: str, of: object) -> Json:
    """A component of an Observation, under a LOINC code."""
    return {"code": loinc(code)} | value(of)


def gene(symbol: str) -> Json:
    """The component that names the gene."""
    return component("48018-6", coded("hgnc", KNOWLEDGE.genes[symbol].hgnc, symbol))


def observation(code: str | Json, of: object = ABSENT, **elements: object) -> Json:
    """A final result of patient p1; an element that is ABSENT is left out."""
    resource: Json = {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": loinc(code) if isinstance(code, str) else code,
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2024-05-01",
        "performer": [{"display": "Harbour Laboratory"}],
    }
    resource |= ({} if of is ABSENT else value(of)) | elements
    return {name: element for name, element in resource.items() if element is not ABSENT}


def request(**elements: object) -> Json:
    """A draft order of patient p1."""
    resource: Json = {
        "resourceType": "MedicationRequest",
        "id": "request-123",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
    }
    resource |= elements
    return {name: element for name, element in resource.items() if element is not ABSENT}


def bundle(*resources: object) -> Json:
    """A searchset of *resources*."""
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}


def fetched(*resources: object, source: str = "prefetch") -> Fetched:
    """The answer to a query that brought *resources*."""
    return Fetched(bundle(*resources), source)


def read(*observations: object, source: str = "prefetch") -> Record[GeneResult]:
    """The genes that *observations* tell of, for patient p1."""
    return gene_record(fetched(*observations, source=source), "p1", REPORTS)


def result(symbol: str, *observations: object) -> GeneResult:
    """The result of one gene in *observations*, which has to be there."""
    found = read(*observations).get(symbol)
    assert isinstance(found, GeneResult), found
    return found


def missing(symbol: str, *observations: object) -> Missing:
    """Why there is no result of one gene in *observations*."""
    found = read(*observations).get(symbol)
    assert isinstance(found, Missing), found
    return found


def alleles(symbol: str, *observations: object) -> set[str]:
    """The diplotypes that *observations* leave possible, as text."""
    return {str(candidate) for candidate in result(symbol, *observations).candidates}


def phenotypes(symbol: str, *observations: object) -> set[str]:
    """The phenotypes that *observations* report."""
    return {str(reported) for reported in result(symbol, *observations).reported}


def statuses(symbol: str, *observations: object) -> set[str]:
    """The single-allele answers of *observations*."""
    return {str(status) for status in result(symbol, *observations).statuses}
