"""Charts with marker results in them, made by hand: a word for what takes FHIR a page."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Missing, PatientFacts, Why
from hooks.clinical.logic import Truth
from hooks.evaluate import chart_tables
from hooks.knowledge import Knowledge, load
from hooks.reading.charts import PatientChart
from hooks.reading.elements import ORDER_READERS, READERS
from hooks.reading.resources import Answer, Fetched

Json = dict[str, Any]
LOINC = "http://loinc.org"
HGNC = "http://www.genenames.org/geneId"
SNOMED = "http://snomed.info/sct"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PRESENT, ABSENT, UNCLEAR, NO_CALL = "LA9633-4", "LA9634-2", "LA11884-6", "LA18198-4"
GERMLINE, SOMATIC, FETAL = "LA6683-2", "LA6684-0", "LA10429-1"
PATHOGENIC, LIKELY, UNCERTAIN, BENIGN = "LA6668-3", "LA26332-9", "LA26333-7", "LA6675-8"
HOMOZYGOUS, HETEROZYGOUS, COMPOUND = "LA6705-3", "LA6706-1", "LA26217-2"


@lru_cache(maxsize=1)
def shipped() -> Knowledge:
    """The knowledge as it is shipped, read once."""
    return load()


def coded(code: str, system: str = LOINC, display: str = "") -> Json:
    """A CodeableConcept of one coding."""
    coding = {"system": system, "code": code}
    return {"coding": [{**coding, "display": display} if display else coding]}


def component(code: str, value: Json | str) -> Json:
    """A component with a coded value, or with a string."""
    key = "valueString" if isinstance(value, str) else "valueCodeableConcept"
    return {"code": coded(code), key: value}


def observation(code: Json, on: str = "2026-01-10", **more: Any) -> Json:
    """A final Observation of the patient; an element set to None is left out."""
    whole = {
        "resourceType": "Observation",
        "id": "1",
        "status": "final",
        "code": code,
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": on,
        **more,
    }
    return {name: value for name, value in whole.items() if value is not None}


def variant(
    gene: str = "",
    *changes: str,
    value: str | None = PRESENT,
    source_class: str = "",
    significance: str = "",
    state: str = "",
    **more: Any,
) -> Json:
    """A variant of *gene* (a symbol of ours, told by its HGNC id) with changes in HGVS."""
    parts = [component("48018-6", coded(hgnc(each), HGNC)) for each in gene.split()]
    parts += [component("48005-3", {"text": change}) for change in changes]
    told = (("48002-0", source_class), ("53037-8", significance), ("53034-5", state))
    parts += [component(code, coded(answer)) for code, answer in told if answer]
    found = {"valueCodeableConcept": coded(value)} if value else {}
    return observation(coded("69548-6"), component=parts, **{**found, **more})


def hgnc(symbol: str) -> str:
    """The HGNC id of *symbol*; one that is not ours is its own id."""
    genes = shipped().markers.tables.gene_codes.items()
    return next((name.upper() for name, own in genes if own == symbol and ":" in name), symbol)


def named(text: str, value: Json | str, **more: Any) -> Json:
    """A result of a test that is told by its name alone."""
    key = "valueString" if isinstance(value, str) else "valueCodeableConcept"
    return observation({"text": text}, **{key: value, **more})


def result(code: str, value: Json | str | None = None, **more: Any) -> Json:
    """A result of a test with a LOINC code."""
    key = "valueString" if isinstance(value, str) else "valueCodeableConcept"
    return observation(coded(code), **{key: value, **more})


def chart(*observations: Json, remark: Missing | None = None) -> PatientChart:
    """A chart whose markers are *observations*; *remark* says that some may be missing."""
    entries = [
        {"resource": {**each, "id": each["id"] if each["id"] != "1" else str(number)}}
        for number, each in enumerate(observations, 1)
    ]
    bundle: Json = {"resourceType": "Bundle", "entry": entries}
    return charted({"markers": Fetched(bundle, "prefetch", remark)})


def charted(answers: dict[str, Answer]) -> PatientChart:
    """A chart with these answers."""
    facts = PatientFacts(as_of=date(2026, 11, 22))
    tables = chart_tables(shipped())
    return PatientChart(answers, "p1", tables, NOW, facts, READERS, ORDER_READERS)


def pos(name: str, *observations: Json, remark: Missing | None = None) -> Known | Missing:
    """What the chart with *observations* says to `pos(name)`."""
    return chart(*observations, remark=remark).look(Term("pos", (name,)))


def neg(name: str, *observations: Json) -> Known | Missing:
    """What the chart with *observations* says to `neg(name)`."""
    return chart(*observations).look(Term("neg", (name,)))


def truth(found: Known | Missing) -> Truth | Why:
    """The truth that is known, or why none is."""
    if isinstance(found, Missing):
        return found.why
    assert isinstance(found.value, Truth)
    return found.value
