"""Whether another drug changes the phenotype that a laboratory reported for an enzyme.

The activity score is read from the words of the newest result, times the factor of the strongest
inhibitor among what is taken or drafted; then the two phenotypes are compared.
"""

from collections.abc import Iterable
from decimal import Decimal

from hooks.clinical.elements import Known, Term
from hooks.clinical.facts import Evidence, Missing, Why
from hooks.clinical.genes import Gene, scored
from hooks.clinical.logic import Truth
from hooks.clinical.phenoconversion import Modifier
from hooks.clinical.scores import NOT_AVAILABLE, Score
from hooks.reading.charts import OrderChart, OrderReader, PatientChart
from hooks.reading.elements.medicines import drafted
from hooks.reading.phenotypes import score
from hooks.reading.resources import Resource, as_dict, as_list, as_text, dated, evidence, texts
from hooks.reading.taken import Taken, active

FINAL = frozenset({"final", "amended", "corrected"})
SUFFIX = "_phenotype"  # a finding `<gene>_phenotype` is what a laboratory reports on that gene
BLOCKED = Decimal(0)
Acting = tuple[tuple[Modifier, Decimal, Taken], ...]


def changed(chart: OrderChart, term: Term) -> Known | Missing:
    """Whether an inhibitor beside the ordered drug moves the enzyme to another phenotype."""
    tables = chart.patient.tables
    element = tables.elements.get(term.name)
    finding = next(iter(element.reads), "") if element is not None else ""
    gene = tables.genes.get(finding.removesuffix(SUFFIX).upper())
    if gene is None:
        return Missing(term.name, Why.UNREADABLE, "the gene is not in our tables")
    medicines = active(chart.patient)
    acting = _inhibitors(gene, (*medicines.read, *drafted(chart.patient, chart.order)), chart)
    if not acting and medicines.gap is None:
        return Known(Truth.NO, note=medicines.note)
    told = _reported(chart.patient, finding)
    if isinstance(told, Missing):
        return told
    points, where = told
    factor = min((each for _, each, _ in acting), default=None)
    truth = Truth.NO if factor is None else _moves(gene, points, factor)
    if medicines.gap is not None and truth | _moves(gene, points, BLOCKED) is not truth:
        return Missing(term.name, medicines.gap.why, medicines.gap.detail)
    if truth is Truth.UNKNOWN:
        detail = "the activity score does not tell one phenotype"
        return Missing(term.name, Why.CONFLICTING, detail)
    found = (where, *(taken.evidence for _, _, taken in acting))
    shown = _shown(points, factor, acting)
    return Known(truth, shown, tuple(dict.fromkeys(found)), medicines.note)


def _inhibitors(gene: Gene, taken: Iterable[Taken], chart: OrderChart) -> Acting:
    """What lowers the score of *gene*, by how much; the ordered drug is no inhibitor of its own."""
    return tuple(
        (each, each.factor, medicine)
        for medicine in taken
        for drug in sorted(medicine.drugs - {chart.drug})
        for each in chart.patient.tables.modifiers.get(drug, ())
        if each.gene == gene.symbol and each.factor is not None
    )


def _moves(gene: Gene, points: Score, factor: Decimal) -> Truth:
    """Whether *points* times *factor* stands for another phenotype than *points*."""
    before, after = _phenotypes(gene, points), _phenotypes(gene, points.by(factor))
    if len(before) == 1 and before == after:
        return Truth.NO
    apart = before and after and before.isdisjoint(after)
    return Truth.YES if apart else Truth.UNKNOWN


def _phenotypes(gene: Gene, points: Score) -> frozenset[str]:
    return frozenset(call.phenotype for call in scored(gene, "", {points}))


def _shown(points: Score, factor: Decimal | None, acting: Acting) -> str:
    if factor is None:
        return f"activity score {points}"
    by = ", ".join(dict.fromkeys(str(modifier) for modifier, _, _ in acting))
    return f"activity score {points}, {points.by(factor)} with {by}"


def _reported(chart: PatientChart, finding: str) -> tuple[Score, Evidence] | Missing:
    """The activity score in the newest result, or why there is none that can be relied on."""
    gap = chart.gap("results", finding)
    if gap is not None:
        return gap
    codes = [code for code, name in chart.tables.findings.codes.items() if name == finding]
    filed = (each for code in codes for each in chart.observations("results", code))
    results = [each for each in filed if as_text(each, "status") in FINAL]
    days = [day for each in results if (day := dated(each)) and day <= chart.now.date()]
    if not days:
        return Missing(finding, Why.NOT_RECORDED)
    newest = [each for each in results if dated(each) == max(days)]
    scores = {points for each in newest for points in _scores(each)}
    if len(scores) != 1 or NOT_AVAILABLE in scores:
        why = Why.CONFLICTING if len(scores) > 1 else Why.UNREADABLE
        return Missing(finding, why, "the newest result does not tell one activity score")
    return scores.pop(), evidence(newest[0], chart.source("results"))


def _scores(observation: Resource) -> list[Score]:
    """The activity scores that an Observation tells in its value or its notes."""
    notes = [as_text(note, "text") for note in as_list(observation, "note")]
    told = texts(as_dict(observation, "valueCodeableConcept"))
    found = [score(text) for text in (as_text(observation, "valueString"), *told, *notes)]
    return [Score.parse(text) for text in found if text]


ORDER_READERS: dict[str, OrderReader] = {"pheno_2d6_changed": changed}
